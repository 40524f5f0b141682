import type { Check, OktaConnection } from '@keydesk/server/contract/okta'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { Ago, ProblemAlert, StateBadge } from '../ui/index.ts'

const BADGES = {
  ok: <StateBadge tone="done">Works</StateBadge>,
  warning: <StateBadge tone="waiting">Look at this</StateBadge>,
  missing: <StateBadge tone="failed">Missing</StateBadge>,
}

/** Each thing Keydesk needs of Okta, whether it is there, and what to click when it is not. */
export function OktaChecks({ connection }: { connection: OktaConnection }) {
  const queryClient = useQueryClient()
  const check = useMutation(
    api.okta.checkOktaConnection.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: api.okta.key() }),
    }),
  )

  return (
    <Stack gap="sm">
      <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: 'none' }} aria-live="polite">
        {connection.checks.map((found) => (
          <CheckLine key={found.id} check={found} />
        ))}
      </Stack>
      {check.error && <ProblemAlert error={check.error} title="The check did not run" />}
      <Group gap="sm">
        <Button
          variant="default"
          loading={check.isPending}
          onClick={() => check.mutate({ connectionId: connection.id })}
        >
          Check again
        </Button>
        {connection.checkedAt && (
          <Text size="sm" c="dimmed">
            Checked <Ago at={connection.checkedAt} />
          </Text>
        )}
      </Group>
    </Stack>
  )
}

function CheckLine({ check }: { check: Check }) {
  return (
    <Stack component="li" gap={2} py="xs" style={{ borderBottom: '1px solid var(--kd-line)' }}>
      <Group justify="space-between" gap="xs" align="flex-start">
        <Text fw={500} size="sm" flex="1 1 200px">
          {check.label}
        </Text>
        {BADGES[check.state]}
      </Group>
      <Text size="sm" c="dimmed">
        {check.detail}
      </Text>
      {check.remedy && (
        <Text size="sm">
          <b>To mend it:</b> {check.remedy}
        </Text>
      )}
    </Stack>
  )
}
