import { PERMISSIONS } from '@keydesk/server/contract/accounts'
import { List } from '@mantine/core'
import { useSession } from '../session/index.ts'
import { CopyText, Facts, Section, SettingsPage } from '../ui/index.ts'
import { inSettings } from './crumbs.ts'
import { LookSettings } from './LookSettings.tsx'
import { PasswordForm } from './PasswordForm.tsx'

export function ProfilePage() {
  const session = useSession()
  return (
    <SettingsPage title="Profile" crumbs={inSettings}>
      <Facts
        items={[
          { label: 'Name', value: session.displayName },
          { label: 'E-mail', value: <CopyText value={session.email} /> },
          { label: 'Workspace', value: session.workspace.name },
          {
            label: 'Roles',
            value: session.member?.roles.join(', ') || 'None: you can ask for things and approve',
          },
        ]}
      />
      <LookSettings />
      {session.member && <PasswordForm hasPassword={session.member.hasPassword} />}
      {session.permissions.length > 0 && (
        <Section title="What you may do" hint="The sum of your roles. An admin changes them under Members.">
          <List size="sm" spacing={2}>
            {session.permissions.map((permission) => (
              <List.Item key={permission}>{PERMISSIONS[permission]}</List.Item>
            ))}
          </List>
        </Section>
      )}
    </SettingsPage>
  )
}
