import { ThemeIcon } from '@mantine/core'
import {
  IconApps,
  IconDeviceLaptop,
  IconDeviceMobile,
  IconDeviceMobileOff,
  IconHelp,
  IconKey,
  IconLock,
  IconMessage,
  IconShieldLock,
  IconUserPlus,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'

/** The names a service may give as its icon. Another name gets the question mark. */
const ICONS = {
  apps: IconApps,
  app: IconApps,
  'device-laptop': IconDeviceLaptop,
  laptop: IconDeviceLaptop,
  'device-mobile': IconDeviceMobile,
  'device-mobile-off': IconDeviceMobileOff,
  device: IconDeviceMobileOff,
  key: IconKey,
  password: IconKey,
  lock: IconLock,
  message: IconMessage,
  'message-circle': IconMessage,
  help: IconHelp,
  mfa: IconShieldLock,
  shield: IconShieldLock,
  'shield-lock': IconShieldLock,
  user: IconUserPlus,
  'user-plus': IconUserPlus,
  users: IconUsers,
  group: IconUsersGroup,
  'users-group': IconUsersGroup,
} as const

export function ServiceIcon({ icon, size = 36 }: { icon: string; size?: number }) {
  const Icon = Object.hasOwn(ICONS, icon) ? ICONS[icon as keyof typeof ICONS] : IconHelp
  return (
    <ThemeIcon variant="light" size={size} radius="md" aria-hidden>
      <Icon size={Math.round(size / 2)} stroke={1.5} />
    </ThemeIcon>
  )
}
