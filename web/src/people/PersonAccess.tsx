import type { Person } from '@keydesk/server/contract/directory'
import { paths } from '../paths.ts'
import { AppLink, Section } from '../ui/index.ts'
import { AppMark } from './AppMark.tsx'
import { GroupMark } from './GroupMark.tsx'
import { groupKind } from './group-kind.ts'
import { RowList } from './RowList.tsx'

/** What a person may, and why: their groups, and the apps with where each comes from. */
export function PersonAccess({ person }: { person: Person }) {
  return (
    <>
      <Section title={`Groups (${person.groups.length})`}>
        <RowList
          label="Groups"
          items={person.groups}
          itemKey={({ id }) => id}
          none={`${person.displayName} is in no group.`}
        >
          {(group) => (
            <>
              <span className="kd-with-mark">
                <GroupMark />
                <AppLink className="kd-plain-link" to={paths.group(group.id)}>
                  {group.name}
                </AppLink>
              </span>
              <span className="kd-dim" title={groupKind(group.type).hint}>
                {groupKind(group.type).label}
              </span>
            </>
          )}
        </RowList>
      </Section>
      <Section title={`Apps (${person.apps.length})`}>
        <RowList
          label="Apps"
          items={person.apps}
          itemKey={({ id }) => id}
          none={`${person.displayName} has no app.`}
        >
          {(app) => (
            <>
              <span className="kd-with-mark">
                <AppMark name={app.name} />
                <AppLink className="kd-plain-link" to={paths.app(app.id)}>
                  {app.name}
                </AppLink>
              </span>
              <span className="kd-dim">
                {app.scope === 'GROUP' ? 'Given by a group' : 'Assigned directly'}
              </span>
            </>
          )}
        </RowList>
      </Section>
    </>
  )
}
