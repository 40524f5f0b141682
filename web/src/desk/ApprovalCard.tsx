import type { Approval } from '@keydesk/server/contract/approvals'
import { Anchor, Paper, Stack, Text, Title } from '@mantine/core'
import { paths } from '../paths.ts'
import { useCan } from '../session/index.ts'
import { Ago, AppLink, Facts } from '../ui/index.ts'
import { ApprovalVerdict } from './ApprovalVerdict.tsx'
import { DecideApproval } from './DecideApproval.tsx'
import { Effects } from './Effects.tsx'

/** One question with everything its answer is about, and the two answers. */
export function ApprovalCard({ approval }: { approval: Approval }) {
  const { shown, askedBy } = approval
  return (
    <Paper component="article" withBorder p="md" aria-label={approval.question}>
      <Stack gap="sm">
        <Title order={2} size="h3" style={{ overflowWrap: 'anywhere' }}>
          {approval.question}
        </Title>
        <Text>{shown.summary}</Text>
        <Effects effects={shown.effects} />
        <Facts
          items={[
            { label: 'Action', value: shown.action },
            { label: 'Done to', value: shown.target },
            ...(shown.reason
              ? [{ label: 'Reason', value: <span style={{ whiteSpace: 'pre-line' }}>{shown.reason}</span> }]
              : []),
            {
              label: 'Asked by',
              value: (
                <>
                  {askedBy.name} · <Ago at={approval.createdAt} />
                </>
              ),
            },
            ...(shown.requestNumber
              ? [{ label: 'Request', value: <RequestLink number={shown.requestNumber} /> }]
              : []),
          ]}
        />
        {approval.state === 'waiting' ? (
          <DecideApproval approval={approval} />
        ) : (
          <ApprovalVerdict approval={approval} />
        )}
      </Stack>
    </Paper>
  )
}

/** An approver outside the desk decides by what is shown here, and may not open the request. */
function RequestLink({ number }: { number: number }) {
  const mayRead = useCan('requests.read')
  if (!mayRead) return `#${number}`
  return (
    <Anchor component={AppLink} to={paths.request(number)} size="sm">
      #{number}
    </Anchor>
  )
}
