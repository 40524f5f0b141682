import type { RequestSummary } from '@keydesk/server/contract/desk'
import { StateBadge } from '../ui/index.ts'

const BADGES = {
  open: { tone: 'progress', label: 'Open', hint: 'The desk works on it' },
  waiting: { tone: 'waiting', label: 'Waiting', hint: 'An approval is asked and not yet decided' },
  closed: { tone: 'off', label: 'Closed', hint: 'Settled; it can be reopened' },
} as const

export function RequestBadge({ status }: { status: RequestSummary['status'] }) {
  const { tone, label, hint } = BADGES[status]
  return (
    <StateBadge tone={tone} hint={hint}>
      {label}
    </StateBadge>
  )
}
