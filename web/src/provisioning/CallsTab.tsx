import type { ScimCall, ScimConnection } from '@keydesk/server/contract/scim'
import { IconListSearch } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import * as z from 'zod'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import {
  Ago,
  type Column,
  DataTable,
  EmptyState,
  FilterChips,
  ProblemAlert,
  SearchField,
  Toolbar,
  useDebounced,
  usePageSearch,
} from '../ui/index.ts'
import { CallDrawer } from './CallDrawer.tsx'
import { OUTCOME } from './connections.ts'
import { StateOf } from './StateOf.tsx'
import { readablePath, tookOf } from './wording.ts'

const OUTCOMES = ['done', 'refused', 'held', 'failed'] as const
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

const Search = z.object({
  outcome: z.enum(OUTCOMES),
  method: z.enum(METHODS),
  member: z.string().max(60),
  search: z.string().max(200),
  call: z.string().max(60),
})
type Filters = { [K in keyof z.infer<typeof Search>]?: z.infer<typeof Search>[K] | undefined }

function callsOf(connectionId: string, { outcome, method, member, search }: Filters) {
  return api.scim.listCalls.infiniteOptions({
    input: (cursor: string | undefined) => ({
      connectionId,
      limit: 100,
      ...(outcome ? { outcome } : {}),
      ...(method ? { method } : {}),
      ...(member ? { memberId: member } : {}),
      ...(search ? { search } : {}),
      ...(cursor ? { cursor } : {}),
    }),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
  })
}

const columns: Column<ScimCall>[] = [
  {
    key: 'explanation',
    title: 'What it did',
    cell: ({ explanation, times }) => (
      <span title={explanation}>
        {explanation}
        {times > 1 && <span className="kd-dim"> ×{times.toLocaleString()}</span>}
      </span>
    ),
  },
  {
    key: 'outcome',
    title: 'Outcome',
    width: 106,
    cell: ({ outcome, status }) => (
      <StateOf of={OUTCOME[outcome]} hint={`${OUTCOME[outcome].hint} (status ${status})`} />
    ),
  },
  {
    key: 'call',
    title: 'Call',
    width: '30%',
    hideBelow: 'sm',
    cell: (call) => (
      <span className="kd-call">
        <span className="kd-method">{call.method}</span>
        <span className="kd-mono" title={call.path}>
          {readablePath(call.path)}
        </span>
      </span>
    ),
  },
  {
    key: 'subject',
    title: 'About',
    width: '13%',
    hideBelow: 'md',
    cell: ({ subject }) => subject && <span title={subject}>{subject}</span>,
  },
  {
    key: 'took',
    title: 'Took',
    width: 76,
    align: 'right',
    hideBelow: 'md',
    cell: ({ milliseconds }) => tookOf(milliseconds),
  },
  { key: 'at', title: 'When', width: 120, hideBelow: 'sm', cell: ({ at }) => <Ago at={at} /> },
]

/** Every call, newest first, and one of them beside the list. */
export function CallsTab({ connection }: { connection: ScimConnection }) {
  const [url, setUrl] = usePageSearch(Search)
  const { call, ...filters } = url
  const search = useDebounced(filters.search)
  const calls = useInfiniteQuery(callsOf(connection.id, { ...filters, search }))
  const rows = calls.data?.pages.flatMap(({ items }) => items) ?? []
  const isFiltered = Object.values(filters).some((value) => value !== undefined)

  return (
    <>
      <Toolbar>
        <SearchField
          label="Search calls"
          placeholder="Path or name"
          value={filters.search ?? ''}
          onChange={(typed) => setUrl({ search: typed }, { replace: true })}
        />
        <FilterChips
          filters={[
            {
              key: 'outcome',
              label: 'Outcome',
              value: filters.outcome,
              options: OUTCOMES.map((value) => ({ value, label: OUTCOME[value].word })),
            },
            {
              key: 'method',
              label: 'Method',
              value: filters.method,
              options: METHODS.map((value) => ({ value, label: value })),
            },
            { key: 'member', label: 'Person', value: filters.member, options: peopleIn(rows) },
          ]}
          onChange={(key, value) => setUrl({ [key]: value })}
        />
      </Toolbar>
      {calls.error ? (
        <ProblemAlert
          error={calls.error}
          title="The log of calls could not be read"
          onRetry={() => void calls.refetch()}
        />
      ) : (
        <DataTable
          label="Calls"
          rows={rows}
          columns={columns}
          rowKey={({ id }) => id}
          rowTo={({ id }) => paths.connection(connection.id, { tab: 'calls', ...filters, call: id })}
          total={calls.data?.pages[0]?.total}
          loading={calls.isFetching}
          onEnd={() => {
            if (calls.hasNextPage && !calls.isFetchingNextPage) void calls.fetchNextPage()
          }}
          empty={
            <EmptyState
              icon={<IconListSearch size={32} stroke={1.25} />}
              title={isFiltered ? 'No call matches' : 'No call yet'}
              body={
                isFiltered
                  ? 'Take a filter away to see more.'
                  : 'Every call of the provider will be here: what it asked, what Keydesk did, and what to do when it was refused.'
              }
            />
          }
        />
      )}
      <CallDrawer
        callId={call}
        onClose={() => setUrl({ call: undefined })}
        onPerson={(member) => setUrl({ call: undefined, member })}
      />
    </>
  )
}

/** The people of the lines in sight, to filter by. */
function peopleIn(rows: readonly ScimCall[]) {
  const names = new Map<string, string>()
  for (const { memberId, subject } of rows) if (memberId) names.set(memberId, subject ?? memberId)
  return [...names].map(([value, label]) => ({ value, label }))
}
