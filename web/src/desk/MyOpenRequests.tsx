import { useSuspenseQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { EmptyState } from '../ui/index.ts'
import { RequestRows } from './RequestRows.tsx'

const mine = api.desk.listRequests.queryOptions({ input: { mine: 'true', status: 'unresolved', limit: 20 } })

/** The requester's own requests that are not closed, for the portal's first page. */
export function MyOpenRequests() {
  const { items } = useSuspenseQuery(mine).data
  if (items.length === 0)
    return (
      <EmptyState
        title="You have no open request"
        body="What you ask for appears here until it is settled."
      />
    )
  return <RequestRows requests={items} to={paths.myRequest} />
}
