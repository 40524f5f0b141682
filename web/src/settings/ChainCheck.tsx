import { Button, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { CopyText, ProblemAlert, StateBadge } from '../ui/index.ts'

/** Recomputes the hash chain of the log, on demand: it reads every line. */
export function ChainCheck() {
  const chain = useQuery({
    ...api.accounts.checkEventLog.queryOptions(),
    enabled: false,
    gcTime: 0,
    retry: false,
  })
  const found = chain.isFetching ? undefined : chain.data

  return (
    <>
      <Group gap="sm">
        <Button variant="default" loading={chain.isFetching} onClick={() => chain.refetch()}>
          Check the chain
        </Button>
        <Group gap="xs" role="status">
          {found?.intact && (
            <>
              <StateBadge tone="done">Intact</StateBadge>
              <Text size="sm">
                All {found.events.toLocaleString()} events recomputed; none was changed or removed.
              </Text>
              <CopyText value={found.head} label={`Head ${found.head.slice(0, 12)}…`} mono />
            </>
          )}
          {found && !found.intact && (
            <>
              <StateBadge tone="failed">Broken</StateBadge>
              <Text size="sm">
                The chain does not hold from event {found.firstBroken ?? 'unknown'} on: that line, or one
                before it, was changed or removed in the database. Compare with a backup.
              </Text>
            </>
          )}
        </Group>
      </Group>
      {chain.error && !chain.isFetching && (
        <ProblemAlert error={chain.error} title="The chain could not be checked" />
      )}
    </>
  )
}
