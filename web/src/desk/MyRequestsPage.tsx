import { Button } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { AppLink, EmptyState, Page } from '../ui/index.ts'
import { RequestRows } from './RequestRows.tsx'

const mine = api.desk.listRequests.queryOptions({ input: { mine: 'true', limit: 200 } })

const ask = (
  <Button component={AppLink} to={paths.home()}>
    Ask for something
  </Button>
)

const empty = (
  <EmptyState
    title="You have not asked for anything yet"
    body="Your requests stay here, with their conversation and what was done."
    act={ask}
  />
)

export function MyRequestsPage() {
  const { items, total } = useSuspenseQuery(mine).data
  return (
    <Page title="My requests" count={total} acts={items.length > 0 && ask}>
      {items.length === 0 ? empty : <RequestRows requests={items} to={paths.myRequest} />}
    </Page>
  )
}
