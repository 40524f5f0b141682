import {
  IconCircleDashed,
  IconClockPause,
  IconKey,
  IconLock,
  IconPlayerPause,
  IconUserOff,
} from '@tabler/icons-react'
import { StateBadge } from '../ui/index.ts'
import { personState } from './person-status.ts'

const icons: Record<string, typeof IconLock> = {
  PROVISIONED: IconClockPause,
  STAGED: IconCircleDashed,
  PASSWORD_EXPIRED: IconKey,
  RECOVERY: IconKey,
  LOCKED_OUT: IconLock,
  SUSPENDED: IconPlayerPause,
  DEPROVISIONED: IconUserOff,
}

/** A person's state in Okta: icon, word, colour, and on hover what it means. */
export function PersonStatus({ status }: { status: string }) {
  const { label, tone, hint } = personState(status)
  const Icon = icons[status]
  return (
    <StateBadge
      tone={tone}
      hint={hint}
      {...(Icon ? { icon: <Icon size={14} stroke={1.75} aria-hidden /> } : {})}
    >
      {label}
    </StateBadge>
  )
}
