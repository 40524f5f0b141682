import { Button, Group, Text } from '@mantine/core'
import { IconHourglass } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { AppLink } from '../ui/index.ts'

const waiting = api.approvals.listMyApprovals.queryOptions({ input: { state: 'waiting' } })

/** One line on the portal's first page when somebody waits for this person's decision; otherwise nothing. */
export function WaitingForMe() {
  const { items } = useSuspenseQuery(waiting).data
  const [first] = items
  if (!first) return null

  return (
    <Group
      component="section"
      aria-label="Waiting for me"
      gap="sm"
      px="md"
      py="sm"
      bg="var(--kd-waiting-soft)"
      style={{ borderRadius: 'var(--mantine-radius-md)' }}
    >
      <Group gap="sm" wrap="nowrap" align="flex-start" flex="1 1 260px" c="var(--kd-waiting)">
        <IconHourglass size={18} stroke={1.5} aria-hidden style={{ flex: 'none', marginTop: 2 }} />
        <div>
          <Text fw={600}>
            {items.length === 1 ? 'A decision waits for you' : `${items.length} decisions wait for you`}
          </Text>
          <Text size="sm" c="var(--mantine-color-text)">
            {first.question}
          </Text>
        </div>
      </Group>
      <Button component={AppLink} to={paths.inbox()} variant="default">
        {items.length === 1 ? 'Look and decide' : 'Look at all of them'}
      </Button>
    </Group>
  )
}
