import type { Permission } from '@keydesk/server/contract/accounts'
import { Group, Paper, Stack, Text } from '@mantine/core'
import {
  IconApiApp,
  IconChevronRight,
  IconCloudLock,
  IconHistory,
  IconListDetails,
  IconShieldCheck,
  IconTransferIn,
  IconUserCircle,
  IconUsers,
} from '@tabler/icons-react'
import { paths } from '../paths.ts'
import { useSession } from '../session/index.ts'
import { AppLink, SettingsPage } from '../ui/index.ts'

type Place = {
  title: string
  hint: string
  to: string
  Icon: typeof IconUsers
  /** Any of these opens it; none means everybody. */
  needs: readonly Permission[]
}

const PLACES: Place[] = [
  {
    title: 'Okta',
    hint: 'Connect Okta, see whether it answers, and import people, groups and apps',
    to: paths.okta(),
    Icon: IconCloudLock,
    needs: ['integrations.manage'],
  },
  {
    title: 'Provisioning',
    hint: 'Let Okta create, change and lock out the desk’s members over SCIM',
    to: paths.provisioning(),
    Icon: IconTransferIn,
    needs: ['tokens.manage'],
  },
  {
    title: 'Members',
    hint: 'Admins and agents of the desk, their roles, and where each role comes from',
    to: paths.members(),
    Icon: IconUsers,
    needs: ['members.manage', 'requests.read'],
  },
  {
    title: 'Roles',
    hint: 'What a member may do, permission by permission',
    to: paths.roles(),
    Icon: IconShieldCheck,
    needs: ['roles.manage', 'members.manage'],
  },
  {
    title: 'Services and approvals',
    hint: 'What people can ask for, and which actions wait for a manager',
    to: paths.services(),
    Icon: IconListDetails,
    needs: ['settings.manage'],
  },
  {
    title: 'API tokens',
    hint: 'Programs that may call Keydesk, and the tokens they use',
    to: paths.tokens(),
    Icon: IconApiApp,
    needs: ['tokens.manage'],
  },
  {
    title: 'Audit log',
    hint: 'Everything that happened, by whom, and proof that no line was changed',
    to: paths.audit(),
    Icon: IconHistory,
    needs: ['audit.read'],
  },
  {
    title: 'Profile',
    hint: 'Your name, roles, password and how Keydesk looks',
    to: paths.profile(),
    Icon: IconUserCircle,
    needs: [],
  },
]

export function SettingsHomePage() {
  const { permissions } = useSession()
  const open = PLACES.filter(
    ({ needs }) => needs.length === 0 || needs.some((permission) => permissions.includes(permission)),
  )
  return (
    <SettingsPage title="Settings">
      <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: 'none' }}>
        {open.map((place) => (
          <li key={place.to}>
            <PlaceLink place={place} />
          </li>
        ))}
      </Stack>
    </SettingsPage>
  )
}

function PlaceLink({ place: { title, hint, to, Icon } }: { place: Place }) {
  return (
    <Paper
      withBorder
      px="md"
      py="sm"
      c="inherit"
      td="none"
      renderRoot={(props) => <AppLink {...props} to={to} />}
    >
      <Group wrap="nowrap" gap="md">
        <Icon size={20} stroke={1.5} aria-hidden style={{ flex: 'none' }} />
        <Stack gap={0} flex={1} miw={0}>
          <Text fw={600}>{title}</Text>
          <Text size="sm" c="dimmed">
            {hint}
          </Text>
        </Stack>
        <IconChevronRight size={16} stroke={1.5} aria-hidden style={{ flex: 'none' }} />
      </Group>
    </Paper>
  )
}
