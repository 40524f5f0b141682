import type { Approval } from '@keydesk/server/contract/approvals'
import { Stack } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { ApprovalCard } from '../desk/ApprovalCard.tsx'
import { EmptyState, Section } from '../ui/index.ts'
import { useCardKeys } from './use-card-keys.ts'

const empty = (
  <EmptyState
    icon={<IconCircleCheck size={32} stroke={1.25} />}
    title="Nothing waits for your decision"
    body="When somebody needs your approval, it appears here with everything you need to decide."
  />
)

const keys = (
  <span className="mantine-visible-from-sm">Asked first stands on top. Keys: j and k move, a approves.</span>
)

/** The questions put to me. `j` and `k` walk them, `a` begins to approve; the confirmation stays a step of its own. */
export function Waiting({ approvals }: { approvals: readonly Approval[] }) {
  const list = useCardKeys()
  if (approvals.length === 0) return empty
  return (
    <Section title="Decisions" hint={keys}>
      <Stack ref={list} gap="md">
        {approvals
          .toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt))
          .map((approval) => (
            <ApprovalCard key={approval.id} approval={approval} />
          ))}
      </Stack>
    </Section>
  )
}
