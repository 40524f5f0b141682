/** One person's past: SCIM calls, changes of roles and account, and sessions, as one line of time. */
import type * as z from 'zod'
import { eventView } from '#accounts'
import { type Context, type LoggedEvent, listEvents, notFound, type Tx, transact } from '#platform'
import { findProvenance } from './access.store.ts'
import { type CallRow, listCallsOf } from './calls.store.ts'
import { clientNames } from './connections.ts'
import type { HistoryLine } from './contract.ts'
import { explain } from './explain.ts'

type Line = z.infer<typeof HistoryLine>

/**
 * Newest first. Of somebody who was removed it is kept, for as long as the lines are.
 * @throws AppError `not_found` when there is nobody and nothing
 */
export function getMemberHistory(ctx: Context, memberId: string, limit: number): Promise<Line[]> {
  return transact(ctx, async (tx) => {
    const calls = await listCallsOf(tx, memberId, limit)
    const events = await listEvents(tx, { subject: memberId, limit })
    if (calls.length + events.length === 0 && !(await findProvenance(tx, memberId))) throw notFound('member')
    const lines = [...(await callLines(tx, calls)), ...events.map(eventLine)]
    return lines.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, limit)
  })
}

async function callLines(tx: Tx, calls: readonly CallRow[]): Promise<Line[]> {
  const names = await clientNames(tx)
  return calls.map((call) => {
    const { connection, client } = names(call.serviceUserId)
    return {
      at: call.at.toISOString(),
      kind: 'call',
      sentence: explain(call, client).explanation,
      callId: call.id,
      status: call.status,
      actor: connection,
    }
  })
}

function eventLine(event: LoggedEvent): Line {
  return {
    at: event.at,
    kind: kindOf(event.type),
    sentence: eventView(event).sentence,
    callId: null,
    status: null,
    actor: event.actor.name,
  }
}

function kindOf(type: string): Line['kind'] {
  if (/^(?:session|sign_in_link|password)\./.test(type)) return 'session'
  return /^role\.|roles/.test(type) ? 'role' : 'account'
}
