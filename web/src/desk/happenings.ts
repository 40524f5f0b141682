/** Puts messages, events, runs and approvals of a request into one line of time. */
import type { ActionRun } from '@keydesk/server/contract/actions'
import type { Approval } from '@keydesk/server/contract/approvals'
import type { Request, TimelineEntry } from '@keydesk/server/contract/desk'

export type Happening =
  | TimelineEntry
  | { kind: 'run'; id: string; at: string; run: ActionRun }
  | { kind: 'approval'; id: string; at: string; approval: Approval }

/** What a message, or the card of a run, says already and better. */
const TOLD_ELSEWHERE = new Set([
  'request.replied',
  'request.noted',
  'request.waiting',
  'request.resumed',
  'action.planned',
  'action.sent',
  'approval.asked',
])

export function happeningsOf(request: Request): Happening[] {
  const runs = request.runs.map((run) => ({ kind: 'run', id: run.id, at: run.createdAt, run }) as const)
  const asked = new Set(request.runs.map(({ approvalId }) => approvalId))
  const approvals = request.approvals
    // The approval of a run is told inside the run's card.
    .filter(({ id }) => !asked.has(id))
    .map((approval) => ({ kind: 'approval', id: approval.id, at: approval.createdAt, approval }) as const)

  const told = request.timeline.filter(
    (entry) => entry.kind !== 'event' || !TOLD_ELSEWHERE.has(entry.event.type),
  )

  return [...told, ...runs, ...approvals].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
}
