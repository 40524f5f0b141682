import './people.css'
import type { Person } from '@keydesk/server/contract/directory'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { ActionsPanel } from '../desk/ActionsPanel.tsx'
import { paths } from '../paths.ts'
import { Ago, CopyText, Initials, Page, ProblemAlert, RecordPage, Skeletons } from '../ui/index.ts'
import { PersonAccess } from './PersonAccess.tsx'
import { PersonAttributes } from './PersonAttributes.tsx'
import { PersonFacts } from './PersonFacts.tsx'
import { PersonHistory } from './PersonHistory.tsx'
import { PersonReports } from './PersonReports.tsx'
import { PersonStatus } from './PersonStatus.tsx'

const crumbs = [{ label: 'People', to: paths.people() }]

/** One person: who they are, what they may, what was done, and what can be done now. */
export function PersonPage() {
  const { personId = '' } = useParams({ strict: false })
  const person = useQuery(api.directory.getPerson.queryOptions({ input: { personId } }))

  if (!person.data)
    return (
      <Page title="Person" crumbs={crumbs}>
        {person.error ? (
          <ProblemAlert
            error={person.error}
            title="This person could not be loaded"
            onRetry={() => void person.refetch()}
          />
        ) : (
          <Skeletons label="Loading the person" rows={8} />
        )}
      </Page>
    )
  return <PersonRecord key={personId} person={person.data} />
}

function PersonRecord({ person }: { person: Person }) {
  return (
    <RecordPage
      crumbs={crumbs}
      mark={<Initials name={person.displayName} size={44} />}
      title={person.displayName}
      badge={<PersonStatus status={person.status} />}
      meta={
        <>
          {person.title && <span>{person.title}</span>}
          {person.department && <span>{person.department}</span>}
          {person.email && <CopyText value={person.email} />}
          <span>
            Read from Okta <Ago at={person.syncedAt} />
          </span>
        </>
      }
      main={
        <>
          <PersonAccess person={person} />
          <PersonHistory person={person} />
          <PersonReports reports={person.reports} />
          <PersonAttributes attributes={person.attributes} />
        </>
      }
      side={
        <>
          <ActionsPanel personId={person.id} />
          <PersonFacts person={person} />
        </>
      }
      sideLabel="Okta now and acts"
    />
  )
}
