import type { RequestSummary } from '@keydesk/server/contract/desk'
import { Group, Paper, Stack, Text } from '@mantine/core'
import { Ago, AppLink } from '../ui/index.ts'
import { RequestBadge } from './RequestBadge.tsx'

type Props = { requests: readonly RequestSummary[]; to: (number: number) => string }

/** Requests as a short list that reads well on a phone, where a table would not. */
export function RequestRows({ requests, to }: Props) {
  return (
    <Paper withBorder component="ul" p={0} m={0} style={{ listStyle: 'none', overflow: 'hidden' }}>
      {requests.map((request, row) => (
        <li key={request.id} style={row > 0 ? { borderTop: '1px solid var(--kd-line)' } : {}}>
          <RequestRow request={request} to={to(request.number)} />
        </li>
      ))}
    </Paper>
  )
}

function RequestRow({ request, to }: { request: RequestSummary; to: string }) {
  return (
    <Group
      wrap="nowrap"
      justify="space-between"
      gap="sm"
      px="md"
      py="sm"
      c="inherit"
      td="none"
      renderRoot={(props) => <AppLink {...props} to={to} />}
    >
      <Stack gap={0} miw={0}>
        <Text truncate fw={500}>
          {request.title}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          #{request.number} · {request.serviceName} · <Ago at={request.updatedAt} />
        </Text>
      </Stack>
      <RequestBadge status={request.status} />
    </Group>
  )
}
