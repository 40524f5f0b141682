import type { ActionRun } from '@keydesk/server/contract/actions'
import { Button, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { RunCard } from './RunCard.tsx'

const MOVING = new Set<ActionRun['state']>(['approved', 'sending'])

/** The run that was just started, in place of the buttons. The live feed moves it; asking is for when that is late. */
export function StartedRun({ run, onClose }: { run: ActionRun; onClose: () => void }) {
  const { data } = useQuery({
    ...api.actions.getActionRun.queryOptions({ input: { runId: run.id } }),
    initialData: run,
    refetchInterval: ({ state }) => (state.data && MOVING.has(state.data.state) ? 2000 : false),
  })
  const approval = useQuery({
    ...api.approvals.getApproval.queryOptions({ input: { approvalId: data.approvalId ?? '' } }),
    enabled: data.approvalId !== null,
    retry: false,
  })

  return (
    <Stack gap="xs">
      <RunCard run={data} approval={approval.data} />
      <Button variant="default" onClick={onClose} style={{ alignSelf: 'flex-start' }}>
        Do something else
      </Button>
    </Stack>
  )
}
