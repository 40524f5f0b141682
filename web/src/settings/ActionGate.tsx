import type { CatalogueEntry } from '@keydesk/server/contract/actions'
import { Group, Stack, Switch, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { useCan } from '../session/index.ts'
import { notifyDone, ProblemAlert } from '../ui/index.ts'

/** Whether one action of the catalogue waits for a manager. */
export function ActionGate({ entry }: { entry: CatalogueEntry }) {
  const mayChange = useCan('settings.manage')
  const queryClient = useQueryClient()
  const set = useMutation(
    api.actions.setGate.mutationOptions({
      onSuccess: async ({ label, gate }) => {
        await queryClient.invalidateQueries({ queryKey: api.actions.key() })
        notifyDone(gate === 'manager' ? `${label} waits for the manager now` : `${label} is sent at once now`)
      },
    }),
  )

  return (
    <Stack component="li" gap="xs" py="sm" style={{ borderTop: '1px solid var(--kd-line)' }}>
      <Group justify="space-between" wrap="nowrap" gap="md" align="flex-start">
        <div>
          <Text size="sm" fw={500}>
            {entry.label}
          </Text>
          <Text size="sm" c="dimmed">
            {entry.hint}
          </Text>
        </div>
        <Switch
          aria-label={`${entry.label}: the manager approves first`}
          checked={entry.gate === 'manager'}
          disabled={!mayChange || set.isPending}
          onChange={(event) =>
            set.mutate({ actionId: entry.id, gate: event.currentTarget.checked ? 'manager' : 'none' })
          }
          label={entry.gate === 'manager' ? 'Manager' : 'No gate'}
          labelPosition="left"
          styles={{ root: { flex: 'none' } }}
        />
      </Group>
      {set.error && <ProblemAlert error={set.error} title="The gate was not changed" />}
    </Stack>
  )
}
