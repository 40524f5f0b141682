import { type MantineColorScheme, Menu, Tooltip, useMantineColorScheme } from '@mantine/core'
import {
  IconDeviceDesktop,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSelector,
  IconSun,
  IconSwitchHorizontal,
  IconUserCircle,
} from '@tabler/icons-react'
import { useRouter } from '@tanstack/react-router'
import { paths } from '../paths.ts'
import { useSession } from '../session/index.ts'
import { useSignOut } from '../session/use-sign-out.ts'
import { type Density, Initials, setDensity, useDensity } from '../ui/index.ts'
import { openShortcutHelp } from './shortcut-help.ts'
import { useSwitchView } from './use-switch-view.ts'
import { viewOf } from './view.ts'

const schemes = [
  { value: 'auto', label: 'Like the system', icon: IconDeviceDesktop },
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
] as const

/** Who is signed in, and what they set for themselves. */
export function MeMenu({ bare = false }: { bare?: boolean }) {
  const session = useSession()

  return (
    <Menu
      position="top-start"
      width={240}
      withinPortal={false}
      floatingStrategy="fixed"
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <Tooltip label={session.displayName} position="right" disabled={!bare}>
          <button type="button" className="kd-me" aria-label={`${session.displayName}: my menu`}>
            <Initials name={session.displayName} size={24} />
            {!bare && (
              <>
                <span>{session.displayName}</span>
                <IconSelector size={16} stroke={1.5} aria-hidden />
              </>
            )}
          </button>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <MeMenuItems />
      </Menu.Dropdown>
    </Menu>
  )
}

function MeMenuItems() {
  const session = useSession()
  const router = useRouter()
  const switchView = useSwitchView()
  const signOut = useSignOut()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const density = useDensity()
  const inPortal = viewOf(session) === 'portal'

  return (
    <>
      <Menu.Label>{session.email}</Menu.Label>
      {session.member && session.person && (
        <Menu.Item leftSection={<IconSwitchHorizontal size={16} stroke={1.5} />} onClick={switchView}>
          {inPortal ? 'Go to the console' : 'Go to my portal'}
        </Menu.Item>
      )}
      <Menu.Item
        leftSection={<IconUserCircle size={16} stroke={1.5} />}
        onClick={() => router.history.push(paths.profile())}
      >
        My profile and password
      </Menu.Item>
      <Menu.Item leftSection={<IconKeyboard size={16} stroke={1.5} />} onClick={openShortcutHelp}>
        Keyboard shortcuts
      </Menu.Item>
      <Menu.Divider />
      <Menu.Label>Theme</Menu.Label>
      <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)}>
        {schemes.map(({ value, label, icon: Icon }) => (
          <Menu.RadioItem key={value} value={value} closeMenuOnClick={false}>
            <span className="kd-with-mark">
              <Icon size={16} stroke={1.5} aria-hidden />
              <span>{label}</span>
            </span>
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Label>Table rows</Menu.Label>
      <Menu.RadioGroup value={density} onChange={(value) => setDensity(value as Density)}>
        <Menu.RadioItem value="compact" closeMenuOnClick={false}>
          Compact
        </Menu.RadioItem>
        <Menu.RadioItem value="comfortable" closeMenuOnClick={false}>
          Comfortable
        </Menu.RadioItem>
      </Menu.RadioGroup>
      <Menu.Divider />
      <Menu.Item leftSection={<IconLogout size={16} stroke={1.5} />} onClick={signOut}>
        Sign out
      </Menu.Item>
    </>
  )
}
