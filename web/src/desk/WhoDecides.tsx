import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { useCan } from '../session/index.ts'

/** Below the form: who will see the request, and whether somebody has to approve what it leads to. */
export function WhoDecides({ actionId }: { actionId: string | null }) {
  const mayRead = useCan('requests.read')
  const catalogue = useQuery({
    ...api.actions.listActions.queryOptions(),
    enabled: mayRead && actionId !== null,
  })
  const gate = catalogue.data?.items.find(({ id }) => id === actionId)?.gate

  return (
    <Text size="sm" c="dimmed">
      The desk sees your request at once. {SENTENCES[gate ?? 'unknown']}
    </Text>
  )
}

const SENTENCES = {
  none: 'Nobody else has to approve it.',
  manager: 'Your manager will be asked to approve before anything changes.',
  unknown: 'If it needs an approval, your manager is asked, and you see here who that is.',
}
