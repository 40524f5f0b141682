import { PERMISSIONS, type Role } from '@keydesk/server/contract/accounts'
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { useCan } from '../session/index.ts'
import { SettingsPage, StateBadge } from '../ui/index.ts'
import { inSettings } from './crumbs.ts'
import { DeleteRole } from './DeleteRole.tsx'
import { RoleDrawer } from './RoleDrawer.tsx'

const roles = api.accounts.listRoles.queryOptions()

/** A role that is edited, or the one that is about to be made. */
type Editing = { role: Role | undefined } | undefined

export function RolesPage() {
  const { items } = useSuspenseQuery(roles).data
  const [editing, setEditing] = useState<Editing>()
  const mayManage = useCan('roles.manage')

  return (
    <SettingsPage
      title="Roles"
      crumbs={inSettings}
      lead="A role is a set of permissions. Members get roles by hand, or from groups that Okta pushes."
      acts={mayManage && <Button onClick={() => setEditing({ role: undefined })}>Create role</Button>}
    >
      <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: 'none' }}>
        {items.map((role) => (
          <li key={role.id}>
            <RoleCard role={role} {...(mayManage ? { onEdit: () => setEditing({ role }) } : {})} />
          </li>
        ))}
      </Stack>
      <RoleDrawer
        key={editing?.role?.id ?? 'new'}
        opened={editing !== undefined}
        role={editing?.role}
        onClose={() => setEditing(undefined)}
      />
    </SettingsPage>
  )
}

function RoleCard({ role, onEdit }: { role: Role; onEdit?: () => void }) {
  return (
    <Paper component="article" withBorder p="md" aria-label={role.name}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs" align="flex-start">
          <Group gap="xs">
            <Title order={2} size="h3">
              {role.name}
            </Title>
            <Text size="sm" c="dimmed">
              {role.memberCount === 1 ? '1 member' : `${role.memberCount} members`}
            </Text>
          </Group>
          {role.system ? (
            <StateBadge
              tone="off"
              icon={<IconLock size={14} stroke={1.75} aria-hidden />}
              hint="Comes with Keydesk"
            >
              Built in
            </StateBadge>
          ) : (
            onEdit && (
              <Group gap="xs">
                <Button size="xs" variant="default" onClick={onEdit} aria-label={`Edit role ${role.name}`}>
                  Edit role
                </Button>
                <DeleteRole role={role} />
              </Group>
            )
          )}
        </Group>
        {role.description && <Text size="sm">{role.description}</Text>}
        <Text size="sm" c="dimmed">
          {allows(role)}
        </Text>
      </Stack>
    </Paper>
  )
}

function allows({ permissions }: Role) {
  if (permissions.length === 0) return 'Allows nothing yet.'
  if (permissions.length === Object.keys(PERMISSIONS).length) return 'Allows everything.'
  return `May: ${permissions.map((permission) => lowerFirst(PERMISSIONS[permission])).join('; ')}.`
}

function lowerFirst(text: string) {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
