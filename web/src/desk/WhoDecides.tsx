import { Text } from '@mantine/core'

/** Below the form: who will see the request, and who has to approve what it leads to. */
export function WhoDecides({ asks }: { asks: string | null }) {
  return (
    <Text size="sm" c="dimmed">
      The desk sees your request at once.{' '}
      {asks ? `Before anything changes, ${asks} has to approve.` : 'Nobody else has to approve it.'}
    </Text>
  )
}
