import { useSuspenseQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { RequestRows } from '../desk/RequestRows.tsx'
import { paths } from '../paths.ts'
import { Section } from '../ui/index.ts'

const assigned = api.desk.listRequests.queryOptions({
  input: { assignee: 'me', status: 'unresolved', limit: 50 },
})

/** For agents: the open requests they took on. Nothing when there are none. */
export function AssignedToMe() {
  const { items, total } = useSuspenseQuery(assigned).data
  if (items.length === 0) return null
  return (
    <Section title={`Requests assigned to me (${total})`}>
      <RequestRows requests={items} to={paths.request} />
    </Section>
  )
}
