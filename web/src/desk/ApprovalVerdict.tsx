import type { Approval } from '@keydesk/server/contract/approvals'
import { Group, Text } from '@mantine/core'
import { Ago } from '../ui/index.ts'
import { ApprovalBadge } from './RunBadge.tsx'

/** Under a run: who was asked to approve it, and what came of it. */
export function ApprovalVerdict({ approval }: { approval: Approval }) {
  return (
    <Group gap="xs">
      {approval.state !== 'waiting' && <ApprovalBadge approval={approval} />}
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {verdictOf(approval)}
        {approval.decidedAt && (
          <>
            {' '}
            <Ago at={approval.decidedAt} />
          </>
        )}
        {approval.comment && `: “${approval.comment}”`}
      </Text>
    </Group>
  )
}

function verdictOf({ state, decidedBy, askedBy, approver }: Approval) {
  if (state === 'waiting')
    return `${askedBy.name} asked ${approver?.displayName ?? 'whoever may approve at the desk'}`
  if (state === 'void') return 'The question was taken back, because the plan no longer held'
  return `by ${decidedBy?.name ?? 'Keydesk'}`
}
