import type { RequestSummary } from '@keydesk/server/contract/desk'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import * as z from 'zod'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import {
  Ago,
  type Column,
  DataTable,
  EmptyState,
  Page,
  ProblemAlert,
  SearchField,
  Toolbar,
  useDebounced,
  usePageSearch,
  ViewTabs,
} from '../ui/index.ts'
import { RequestBadge } from './RequestBadge.tsx'

const VIEWS = [
  { key: 'open', label: 'All open', url: {}, input: { status: 'unresolved' } },
  { key: 'mine', label: 'Mine', url: { assignee: 'me' }, input: { status: 'unresolved', assignee: 'me' } },
  {
    key: 'unassigned',
    label: 'Unassigned',
    url: { assignee: 'nobody' },
    input: { status: 'unresolved', assignee: 'nobody' },
  },
  { key: 'closed', label: 'Closed', url: { status: 'closed' }, input: { status: 'closed' } },
] as const
type View = (typeof VIEWS)[number]

const Search = z.object({
  assignee: z.enum(['me', 'nobody']),
  status: z.literal('closed'),
  search: z.coerce.string().max(200),
})

function requestsOf(view: View, search: string) {
  return api.desk.listRequests.infiniteOptions({
    input: (cursor: string | undefined) => ({
      ...view.input,
      ...(search ? { search } : {}),
      ...(cursor ? { cursor } : {}),
    }),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
  })
}

const columns: Column<RequestSummary>[] = [
  {
    key: 'title',
    title: 'Request',
    cell: (r) => (
      <>
        <span className="kd-dim">#{r.number}</span> {r.title}
      </>
    ),
  },
  { key: 'requester', title: 'Requester', width: 170, cell: (r) => r.requester.displayName, hideBelow: 'sm' },
  { key: 'service', title: 'Service', width: 180, cell: (r) => r.serviceName, hideBelow: 'md' },
  {
    key: 'assignee',
    title: 'Assignee',
    width: 160,
    cell: (r) => r.assignee?.displayName ?? <span className="kd-dim">Nobody</span>,
    hideBelow: 'md',
  },
  { key: 'status', title: 'Status', width: 112, cell: (r) => <RequestBadge status={r.status} /> },
  { key: 'updated', title: 'Updated', width: 130, cell: (r) => <Ago at={r.updatedAt} />, hideBelow: 'sm' },
]

const empties: Record<View['key'], { title: string; body: string }> = {
  open: { title: 'No open request', body: 'What people ask for in the portal appears here at once.' },
  mine: { title: 'No open request is yours', body: 'Open one from Unassigned and assign it to yourself.' },
  unassigned: {
    title: 'Every open request has somebody',
    body: 'New ones appear here until somebody takes them.',
  },
  closed: {
    title: 'No request is closed yet',
    body: 'Closed requests stay here with everything that was done.',
  },
}

export function RequestsPage() {
  const [url, setUrl] = usePageSearch(Search)
  const view = viewOf(url)
  const typed = url.search ?? ''
  const requests = useInfiniteQuery(requestsOf(view, useDebounced(typed)))
  const rows = requests.data?.pages.flatMap(({ items }) => items) ?? []
  const total = requests.data?.pages[0]?.total

  return (
    <Page title="Requests" count={total} tabs={<Tabs active={view.key} search={typed} />}>
      <Toolbar>
        <SearchField
          label="Search requests"
          placeholder="Number, title or requester"
          value={typed}
          onChange={(search) => setUrl({ search }, { replace: true })}
        />
      </Toolbar>
      {requests.error && (
        <ProblemAlert
          error={requests.error}
          title="The requests could not be loaded"
          onRetry={() => void requests.refetch()}
        />
      )}
      {!requests.error && (
        <DataTable
          label="Requests"
          rows={rows}
          columns={columns}
          rowKey={(r) => r.id}
          rowTo={(r) => paths.request(r.number)}
          loading={requests.isFetching}
          total={total}
          onEnd={() => {
            if (requests.hasNextPage && !requests.isFetchingNextPage) void requests.fetchNextPage()
          }}
          empty={
            typed ? (
              <EmptyState title={`No request matches “${typed}”`} body="The search looks at this tab only." />
            ) : (
              <EmptyState {...empties[view.key]} />
            )
          }
        />
      )}
    </Page>
  )
}

function Tabs({ active, search }: { active: string; search: string }) {
  return (
    <ViewTabs
      label="Views of requests"
      active={active}
      views={VIEWS.map(({ key, label, url }) => ({ key, label, to: paths.requests({ ...url, search }) }))}
    />
  )
}

function viewOf({ assignee, status }: { assignee?: string | undefined; status?: string | undefined }): View {
  if (status === 'closed') return VIEWS[3]
  return VIEWS.find(({ url }) => assignee && 'assignee' in url && url.assignee === assignee) ?? VIEWS[0]
}
