import { Stack } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { ApprovalCard } from '../desk/ApprovalCard.tsx'
import { EmptyState } from '../ui/index.ts'

const decided = api.approvals.listMyApprovals.queryOptions({ input: { state: 'decided' } })

const empty = (
  <EmptyState
    title="You have not decided anything yet"
    body="What you approve or decline stays here, with what you were shown when you decided."
  />
)

export function Decided() {
  const { items } = useSuspenseQuery(decided).data
  if (items.length === 0) return empty
  return (
    <Stack gap="md">
      {items.map((approval) => (
        <ApprovalCard key={approval.id} approval={approval} />
      ))}
    </Stack>
  )
}
