import { PERSON_STATUSES } from '@keydesk/server/contract/directory'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { paths } from '../paths.ts'
import { FilterChips, Page, SearchField, Toolbar, type View, ViewTabs } from '../ui/index.ts'
import { DirectoryEmpty } from './DirectoryEmpty.tsx'
import { NothingFits } from './NothingFits.tsx'
import { PeopleTable, peoplePages } from './PeopleTable.tsx'
import { personState } from './person-status.ts'
import { useDirectorySearch } from './use-directory-search.ts'

const facets = api.directory.getPeopleFacets.queryOptions()

/** Everybody the directory knows. */
export function PeoplePage() {
  const { filters, setFilters, setTyped } = useDirectorySearch()
  const { search, status, department } = filters
  const counts = useQuery(facets)
  const shown = useInfiniteQuery(peoplePages({ search, status, department }))
  const filtered = Boolean(search || status || department)
  const total = shown.data?.pages[0]?.total
  if (total === 0 && !filtered)
    return (
      <Page title="People">
        <DirectoryEmpty what="people" />
      </Page>
    )

  return (
    <Page
      title="People"
      count={total}
      tabs={
        <ViewTabs
          label="People by status"
          active={status ?? ''}
          views={viewsOf(counts.data, status, { search, department })}
        />
      }
    >
      <Toolbar>
        <SearchField
          label="Search people"
          value={search ?? ''}
          onChange={setTyped}
          placeholder="Name, e-mail or title"
        />
        <FilterChips
          filters={[
            {
              key: 'department',
              label: 'Department',
              value: department,
              options: (counts.data?.byDepartment ?? []).map(({ department: name, count }) => ({
                value: name,
                label: name,
                count,
              })),
            },
          ]}
          onChange={(_key, value) => setFilters({ department: value })}
        />
      </Toolbar>
      <PeopleTable
        label="People"
        filters={{ search, status, department }}
        empty={
          <NothingFits
            what="people"
            onClear={() => setFilters({ search: undefined, status: undefined, department: undefined })}
          />
        }
      />
    </Page>
  )
}

type Facets = { total: number; byStatus: { status: string; count: number }[] }
type Kept = { search: string | undefined; department: string | undefined }

// The three that are asked for every day stand always; the others when somebody is in that state.
const always = ['ACTIVE', 'SUSPENDED', 'DEPROVISIONED']

function viewsOf(counts: Facets | undefined, active: string | undefined, kept: Kept): View[] {
  const byStatus = new Map(counts?.byStatus.map(({ status, count }) => [status, count]))
  const known = [...new Set([...PERSON_STATUSES, ...byStatus.keys()])]
  const statuses = known.filter(
    (status) => always.includes(status) || status === active || (byStatus.get(status) ?? 0) > 0,
  )

  return [
    { key: '', label: 'Everyone', to: paths.people(given(kept)), count: counts?.total },
    ...statuses.map((status) => ({
      key: status,
      label: personState(status).label,
      to: paths.people({ ...given(kept), status }),
      count: counts && (byStatus.get(status) ?? 0),
    })),
  ]
}

function given({ search, department }: Kept) {
  return { ...(search ? { search } : {}), ...(department ? { department } : {}) }
}
