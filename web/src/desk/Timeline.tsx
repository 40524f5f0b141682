import type { ActionRun } from '@keydesk/server/contract/actions'
import type { Approval } from '@keydesk/server/contract/approvals'
import type { Request } from '@keydesk/server/contract/desk'
import { Box, Stack } from '@mantine/core'
import { ApprovalCard } from './ApprovalCard.tsx'
import { EventLine } from './EventLine.tsx'
import { type Happening, happeningsOf } from './happenings.ts'
import { Message } from './Message.tsx'
import { RunCard } from './RunCard.tsx'

/** The request from its first word to now. Runs and approvals stand where they began, in the state they are in. */
export function Timeline({ request }: { request: Request }) {
  return (
    <Box component="section" aria-label="Timeline">
      <Stack component="ol" gap="sm" p={0} m={0} style={{ listStyle: 'none' }}>
        {happeningsOf(request).map((happening) => (
          <li key={happening.id}>
            <Item happening={happening} request={request} />
          </li>
        ))}
      </Stack>
    </Box>
  )
}

function Item({ happening, request }: { happening: Happening; request: Request }) {
  switch (happening.kind) {
    case 'message':
      return <Message message={happening} fromRequester={happening.author.id === request.requester.id} />
    case 'event':
      return <EventLine event={happening.event} />
    case 'run':
      return <RunCard run={happening.run} approval={approvalOf(happening.run, request.approvals)} />
    case 'approval':
      return <ApprovalCard approval={happening.approval} />
  }
}

function approvalOf(run: ActionRun, approvals: readonly Approval[]) {
  return approvals.find(({ id }) => id === run.approvalId)
}
