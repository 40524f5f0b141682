import './people.css'
import type { App } from '@keydesk/server/contract/directory'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { paths } from '../paths.ts'
import { type Column, DataTable, Page, ProblemAlert, SearchField, Toolbar } from '../ui/index.ts'
import { AppMark } from './AppMark.tsx'
import { AppStatus } from './AppStatus.tsx'
import { DirectoryEmpty } from './DirectoryEmpty.tsx'
import { NothingFits } from './NothingFits.tsx'
import { signOnName } from './sign-on.ts'
import { useDirectorySearch } from './use-directory-search.ts'

function appPages(search: string | undefined) {
  return api.directory.listApps.infiniteOptions({
    input: (cursor: string | undefined) => ({ search, cursor, limit: 100 }),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  })
}

const columns: Column<App>[] = [
  {
    key: 'name',
    title: 'Name',
    cell: (app) => (
      <span className="kd-with-mark">
        <AppMark name={app.name} />
        <span title={app.name}>{app.name}</span>
      </span>
    ),
  },
  { key: 'status', title: 'Status', width: 116, cell: (app) => <AppStatus status={app.status} /> },
  { key: 'sign-on', title: 'Sign-on', hideBelow: 'sm', cell: (app) => signOnName(app.signOn) },
  {
    key: 'assigned',
    title: 'Assigned',
    width: 96,
    align: 'right',
    cell: (app) => app.assignedCount.toLocaleString(),
  },
]

/** The apps of the directory. */
export function AppsPage() {
  const { filters, setFilters, setTyped } = useDirectorySearch()
  const apps = useInfiniteQuery(appPages(filters.search))
  const total = apps.data?.pages[0]?.total
  const rows = apps.data?.pages.flatMap(({ items }) => items) ?? []

  if (total === 0 && !filters.search)
    return (
      <Page title="Apps">
        <DirectoryEmpty what="apps" />
      </Page>
    )
  return (
    <Page title="Apps" count={total}>
      <Toolbar>
        <SearchField label="Search apps" value={filters.search ?? ''} onChange={setTyped} />
      </Toolbar>
      {apps.error && rows.length === 0 ? (
        <ProblemAlert
          error={apps.error}
          title="The apps could not be loaded"
          onRetry={() => void apps.refetch()}
        />
      ) : (
        <DataTable
          label="Apps"
          rows={rows}
          columns={columns}
          rowKey={({ id }) => id}
          rowTo={({ id }) => paths.app(id)}
          total={total}
          loading={apps.isFetching}
          onEnd={() => apps.hasNextPage && void apps.fetchNextPage()}
          empty={<NothingFits what="apps" onClear={() => setFilters({ search: undefined })} />}
        />
      )}
    </Page>
  )
}
