import { Alert, Anchor, Group, Text } from '@mantine/core'
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
    <Alert
      color="yellow"
      variant="light"
      icon={<IconHourglass size={16} stroke={1.5} />}
      title={items.length === 1 ? 'A decision waits for you' : `${items.length} decisions wait for you`}
    >
      <Group justify="space-between" gap="xs">
        <Text size="sm">{first.question}</Text>
        <Anchor component={AppLink} to={paths.inbox()} size="sm" fw={600}>
          Open what waits for me
        </Anchor>
      </Group>
    </Alert>
  )
}
