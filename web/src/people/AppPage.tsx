import './people.css'
import type { App } from '@keydesk/server/contract/directory'
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
import { AppMark } from './AppMark.tsx'
import { AppStatus } from './AppStatus.tsx'
import { NothingFits } from './NothingFits.tsx'
import { PeopleTable } from './PeopleTable.tsx'
import { signOnName } from './sign-on.ts'
import { useDirectorySearch } from './use-directory-search.ts'

const crumbs = [{ label: 'Apps', to: paths.apps() }]

/** One app and who has it. */
export function AppPage() {
  const { appId = '' } = useParams({ strict: false })
  const app = useQuery(api.directory.getApp.queryOptions({ input: { appId } }))

  if (!app.data)
    return (
      <Page title="App" crumbs={crumbs}>
        {app.error ? (
          <ProblemAlert
            error={app.error}
            title="This app could not be loaded"
            onRetry={() => void app.refetch()}
          />
        ) : (
          <Skeletons label="Loading the app" rows={8} />
        )}
      </Page>
    )
  return <AppRecord key={appId} app={app.data} />
}

function AppRecord({ app }: { app: App }) {
  return (
    <RecordPage
      crumbs={crumbs}
      mark={<AppMark name={app.name} size={44} />}
      title={app.name}
      badge={<AppStatus status={app.status} />}
      meta={signOnName(app.signOn)}
      main={<Assigned app={app} />}
      mainLabel="People"
      side={
        <Section title="In the directory">
          <Facts
            items={[
              { label: 'Sign-on', value: signOnName(app.signOn) },
              { label: 'Assigned', value: app.assignedCount.toLocaleString() },
              { label: 'Okta id', value: <CopyText mono value={app.oktaAppId} /> },
            ]}
          />
        </Section>
      }
      sideLabel="Facts"
    />
  )
}

function Assigned({ app }: { app: App }) {
  const { filters, setFilters, setTyped } = useDirectorySearch()
  return (
    <>
      <Toolbar>
        <SearchField label="Search those who have it" value={filters.search ?? ''} onChange={setTyped} />
      </Toolbar>
      <PeopleTable
        brief
        label={`People who have ${app.name}`}
        filters={{ appId: app.id, search: filters.search }}
        empty={
          filters.search ? (
            <NothingFits what="people" onClear={() => setFilters({ search: undefined })} />
          ) : (
            <EmptyState
              title="Nobody has this app"
              body="Those who get it, directly or by a group, appear here after the next import."
            />
          )
        }
      />
    </>
  )
}
