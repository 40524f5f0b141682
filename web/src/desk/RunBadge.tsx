import type { ActionRun, RunState } from '@keydesk/server/contract/actions'
import type { Approval } from '@keydesk/server/contract/approvals'
import { StateBadge, type StateTone } from '../ui/index.ts'

const RUNS: Record<RunState, { tone: StateTone; label: string }> = {
  waiting: { tone: 'waiting', label: 'Waiting for approval' },
  approved: { tone: 'progress', label: 'About to be sent' },
  sending: { tone: 'progress', label: 'Sending to Okta' },
  acked: { tone: 'done', label: 'Done' },
  already: { tone: 'off', label: 'Nothing to do' },
  failed: { tone: 'failed', label: 'Failed' },
  declined: { tone: 'failed', label: 'Declined' },
  unknown: { tone: 'waiting', label: 'No answer from Okta' },
  undone: { tone: 'off', label: 'Undone' },
}

const APPROVALS: Record<Approval['state'], { tone: StateTone; label: string }> = {
  waiting: { tone: 'waiting', label: 'Waiting for a decision' },
  approved: { tone: 'done', label: 'Approved' },
  declined: { tone: 'failed', label: 'Declined' },
  void: { tone: 'off', label: 'No longer asked' },
}

/** A run that waits says for whom, because "waiting" alone leaves the reader to go and look. */
export function RunBadge({ run, waitsFor }: { run: ActionRun; waitsFor?: string | undefined }) {
  const { tone, label } = RUNS[run.state]
  const named = run.state === 'waiting' && waitsFor ? `Waiting for ${waitsFor}` : label
  return <StateBadge tone={tone}>{named}</StateBadge>
}

export function ApprovalBadge({ approval }: { approval: Approval }) {
  const { tone, label } = APPROVALS[approval.state]
  const named =
    approval.state === 'waiting' && approval.approver ? `Waiting for ${approval.approver.displayName}` : label
  return <StateBadge tone={tone}>{named}</StateBadge>
}
