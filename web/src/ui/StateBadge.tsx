import {
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconHourglass,
  IconLoader2,
  IconRobot,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** Green done, blue in progress, amber waits for a person, red failed, violet automated, grey off. */
export type StateTone = 'done' | 'progress' | 'waiting' | 'failed' | 'automated' | 'off'

const icons = {
  done: IconCircleCheck,
  progress: IconLoader2,
  waiting: IconHourglass,
  failed: IconCircleX,
  automated: IconRobot,
  off: IconBan,
} satisfies Record<StateTone, typeof IconBan>

export interface StateBadgeProps {
  tone: StateTone
  /** Another icon than the tone's own. Never none: colour alone says nothing. */
  icon?: ReactNode
  /** One line on what the state means, shown on hover. */
  hint?: string | undefined
  children: ReactNode
}

export function StateBadge({ tone, icon, hint, children }: StateBadgeProps) {
  const Icon = icons[tone]
  return (
    <span className="kd-badge" data-tone={tone} title={hint}>
      {icon ?? <Icon size={14} stroke={1.75} aria-hidden />}
      <span>{children}</span>
    </span>
  )
}
