import './people.css'
import type { Group } from '@keydesk/server/contract/directory'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { paths } from '../paths.ts'
import { type Column, DataTable, Page, ProblemAlert, SearchField, Toolbar, ViewTabs } from '../ui/index.ts'
import { DirectoryEmpty } from './DirectoryEmpty.tsx'
import { GroupMark } from './GroupMark.tsx'
import { groupKind } from './group-kind.ts'
import { NothingFits } from './NothingFits.tsx'
import { useDirectorySearch } from './use-directory-search.ts'

function groupPages(filters: { search: string | undefined; type: string | undefined }) {
  return api.directory.listGroups.infiniteOptions({
    input: (cursor: string | undefined) => ({ ...filters, cursor, limit: 100 }),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  })
}

const columns: Column<Group>[] = [
  {
    key: 'name',
    title: 'Name',
    cell: (group) => (
      <span className="kd-with-mark">
        <GroupMark />
        <span title={group.name}>{group.name}</span>
      </span>
    ),
  },
  { key: 'description', title: 'Description', hideBelow: 'sm', cell: (group) => group.description },
  {
    key: 'type',
    title: 'Kind',
    width: 120,
    hideBelow: 'sm',
    cell: (group) => <span title={groupKind(group.type).hint}>{groupKind(group.type).label}</span>,
  },
  {
    key: 'members',
    title: 'Members',
    width: 96,
    align: 'right',
    cell: (group) => group.memberCount.toLocaleString(),
  },
]

const types = ['OKTA_GROUP', 'APP_GROUP', 'BUILT_IN']

/** The groups of the directory. */
export function GroupsPage() {
  const { filters, setFilters, setTyped } = useDirectorySearch()
  const { search, type } = filters
  const groups = useInfiniteQuery(groupPages({ search, type }))
  const total = groups.data?.pages[0]?.total
  const rows = groups.data?.pages.flatMap(({ items }) => items) ?? []
  const kept = search ? { search } : {}

  if (total === 0 && !search && !type)
    return (
      <Page title="Groups">
        <DirectoryEmpty what="groups" />
      </Page>
    )
  return (
    <Page
      title="Groups"
      count={total}
      tabs={
        <ViewTabs
          label="Groups by kind"
          active={type ?? ''}
          views={[
            { key: '', label: 'All groups', to: paths.groups(kept) },
            ...types.map((key) => ({
              key,
              label: groupKind(key).label,
              to: paths.groups({ ...kept, type: key }),
            })),
          ]}
        />
      }
    >
      <Toolbar>
        <SearchField label="Search groups" value={search ?? ''} onChange={setTyped} />
      </Toolbar>
      {groups.error && rows.length === 0 ? (
        <ProblemAlert
          error={groups.error}
          title="The groups could not be loaded"
          onRetry={() => void groups.refetch()}
        />
      ) : (
        <DataTable
          label="Groups"
          rows={rows}
          columns={columns}
          rowKey={({ id }) => id}
          rowTo={({ id }) => paths.group(id)}
          total={total}
          loading={groups.isFetching}
          onEnd={() => groups.hasNextPage && void groups.fetchNextPage()}
          empty={
            <NothingFits what="groups" onClear={() => setFilters({ search: undefined, type: undefined })} />
          }
        />
      )}
    </Page>
  )
}
