import './people.css'
import type { PersonSummary } from '@keydesk/server/contract/directory'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../api/client.ts'
import { paths } from '../paths.ts'
import { type Column, DataTable, Initials, ProblemAlert } from '../ui/index.ts'
import { PersonStatus } from './PersonStatus.tsx'

export interface PeopleFilters {
  search?: string | undefined
  status?: string | undefined
  department?: string | undefined
  groupId?: string | undefined
  appId?: string | undefined
}

/** Pages of a hundred; `total` counts all that fit. */
export function peoplePages(filters: PeopleFilters) {
  return api.directory.listPeople.infiniteOptions({
    input: (cursor: string | undefined) => ({ ...filters, cursor, limit: 100 }),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  })
}

const columns: Column<PersonSummary>[] = [
  {
    key: 'name',
    title: 'Name',
    width: '24%',
    cell: (person) => (
      <span className="kd-with-mark">
        <Initials name={person.displayName} />
        <span title={person.displayName}>{person.displayName}</span>
      </span>
    ),
  },
  { key: 'status', title: 'Status', width: 156, cell: (person) => <PersonStatus status={person.status} /> },
  { key: 'title', title: 'Title', hideBelow: 'md', cell: (person) => person.title },
  { key: 'department', title: 'Department', hideBelow: 'sm', cell: (person) => person.department },
  { key: 'manager', title: 'Manager', hideBelow: 'md', cell: (person) => person.managerName },
  { key: 'email', title: 'E-mail', hideBelow: 'sm', cell: (person) => person.email },
]

export interface PeopleTableProps {
  label: string
  filters: PeopleFilters
  /** Beside a panel of facts there is room for fewer columns. */
  brief?: boolean
  empty: ReactNode
}

const briefColumns = columns
  .filter(({ key }) => key !== 'manager' && key !== 'email')
  .map((column) => (column.key === 'name' ? { ...column, width: '34%' } : column))

/** People by name, filtered; more come as the end nears. */
export function PeopleTable({ label, filters, brief = false, empty }: PeopleTableProps) {
  const people = useInfiniteQuery(peoplePages(filters))
  const rows = people.data?.pages.flatMap(({ items }) => items) ?? []

  if (people.error && rows.length === 0)
    return (
      <ProblemAlert
        error={people.error}
        title="The people could not be loaded"
        onRetry={() => void people.refetch()}
      />
    )
  return (
    <DataTable
      label={label}
      rows={rows}
      columns={brief ? briefColumns : columns}
      rowKey={({ id }) => id}
      rowTo={({ id }) => paths.person(id)}
      total={people.data?.pages[0]?.total}
      loading={people.isFetching}
      onEnd={() => people.hasNextPage && void people.fetchNextPage()}
      empty={empty}
    />
  )
}
