import './people.css'
import type { Group } from '@keydesk/server/contract/directory'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { paths } from '../paths.ts'
import {
  CopyText,
  EmptyState,
  Facts,
  Page,
  ProblemAlert,
  RecordPage,
  SearchField,
  Section,
  Skeletons,
  Toolbar,
} from '../ui/index.ts'
import { GroupMark } from './GroupMark.tsx'
import { groupKind } from './group-kind.ts'
import { NothingFits } from './NothingFits.tsx'
import { PeopleTable } from './PeopleTable.tsx'
import { useDirectorySearch } from './use-directory-search.ts'

const crumbs = [{ label: 'Groups', to: paths.groups() }]

/** One group and who is in it. */
export function GroupPage() {
  const { groupId = '' } = useParams({ strict: false })
  const group = useQuery(api.directory.getGroup.queryOptions({ input: { groupId } }))

  if (!group.data)
    return (
      <Page title="Group" crumbs={crumbs}>
        {group.error ? (
          <ProblemAlert
            error={group.error}
            title="This group could not be loaded"
            onRetry={() => void group.refetch()}
          />
        ) : (
          <Skeletons label="Loading the group" rows={8} />
        )}
      </Page>
    )
  return <GroupRecord key={groupId} group={group.data} />
}

function GroupRecord({ group }: { group: Group }) {
  const kind = groupKind(group.type)
  return (
    <RecordPage
      crumbs={crumbs}
      mark={<GroupMark size={44} />}
      title={group.name}
      meta={group.description}
      main={<Members group={group} />}
      mainLabel="Members"
      side={
        <Section title="In the directory">
          <Facts
            items={[
              { label: 'Kind', value: kind.label },
              { label: 'Who changes it', value: kind.hint },
              { label: 'Members', value: group.memberCount.toLocaleString() },
              { label: 'Okta id', value: <CopyText mono value={group.oktaGroupId} /> },
            ]}
          />
        </Section>
      }
      sideLabel="Facts"
    />
  )
}

function Members({ group }: { group: Group }) {
  const { filters, setFilters, setTyped } = useDirectorySearch()
  return (
    <>
      <Toolbar>
        <SearchField label="Search members" value={filters.search ?? ''} onChange={setTyped} />
      </Toolbar>
      <PeopleTable
        brief
        label={`Members of ${group.name}`}
        filters={{ groupId: group.id, search: filters.search }}
        empty={
          filters.search ? (
            <NothingFits what="members" onClear={() => setFilters({ search: undefined })} />
          ) : (
            <EmptyState
              title="Nobody is in this group"
              body="Its members appear here after the next import."
            />
          )
        }
      />
    </>
  )
}
