import type { Person } from '@keydesk/server/contract/directory'
import { paths } from '../paths.ts'
import { Ago, AppLink, CopyText, Facts, Section } from '../ui/index.ts'
import { personState } from './person-status.ts'

/** Who a person is, as the last import has them. */
export function PersonFacts({ person }: { person: Person }) {
  return (
    <Section title="In the directory">
      <Facts
        items={[
          {
            label: 'Manager',
            value: <Manager person={person} />,
            hint: 'Who is asked when an act needs approval',
          },
          { label: 'Title', value: person.title },
          { label: 'Department', value: person.department },
          { label: 'Location', value: person.location },
          { label: 'Employee no.', value: person.employeeNumber },
          { label: 'Login', value: <CopyText value={person.login} /> },
          { label: 'Status', value: personState(person.status).hint },
          { label: 'Status since', value: person.statusChangedAt && <Ago at={person.statusChangedAt} /> },
          { label: 'Last sign-in', value: <Ago at={person.lastLoginAt} /> },
          { label: 'Okta id', value: <CopyText mono value={person.oktaUserId} /> },
        ]}
      />
    </Section>
  )
}

function Manager({ person }: { person: Person }) {
  if (person.manager)
    return (
      <AppLink className="kd-plain-link" to={paths.person(person.manager.id)}>
        {person.manager.displayName}
      </AppLink>
    )
  if (person.managerText)
    return (
      <span
        className="kd-dim"
        title="Okta names a manager whom the directory does not know, or knows more than once."
      >
        “{person.managerText}”, whom nobody here matches
      </span>
    )
  return <span className="kd-dim">Nobody</span>
}
