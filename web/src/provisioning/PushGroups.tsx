import { List } from '@mantine/core'
import { Clicks } from '../settings/Clicks.tsx'
import { Part } from './Part.tsx'

/** Who comes in, and with which roles: the same in every Okta app. */
export function PushGroups({ withDefaultRole = false }: { withDefaultRole?: boolean }) {
  return (
    <Part title="Tabs Assignments and Push Groups">
      <Clicks>
        <List.Item>
          <b>Assign → Assign to People</b> or <b>Assign to Groups</b>: the admins and agents of the desk.
          Employees stay out; they need no account to ask for something.
        </List.Item>
        {withDefaultRole && (
          <List.Item>
            The form of each assignment has the field <b>Default Role</b>: a role’s name as it stands under
            Settings › Roles. Empty takes the connection’s default role; a name that does not exist takes the
            most restrictive role, and the log says so.
          </List.Item>
        )}
        <List.Item>
          <b>Push Groups → Refresh App Groups</b>, then <b>Push Groups → Find groups by name</b>. Link a group
          to one of Keydesk’s roles, or let Okta create a role with the group’s name.
        </List.Item>
      </Clicks>
    </Part>
  )
}
