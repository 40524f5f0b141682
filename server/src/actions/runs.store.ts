import { sql } from 'kysely'
import { type Actor, newId, type Tx } from '#platform'
import type { Failure, Plan } from './catalogue.ts'
import type { RunState } from './contract.ts'

export interface RunRow {
  id: string
  actionId: string
  label: string
  input: object
  plan: Plan
  digest: string
  state: RunState
  personId: string | null
  requestId: string | null
  approvalId: string | null
  startedBy: Actor
  fence: number
  receipt: object | null
  failure: Failure | null
  evidence: string | null
  undoOf: string | null
  createdAt: Date
  sentAt: Date | null
  endedAt: Date | null
}

const columns = [
  'id',
  'actionId',
  'label',
  'input',
  'plan',
  'digest',
  'state',
  'personId',
  'requestId',
  'approvalId',
  'startedBy',
  'fence',
  'receipt',
  'failure',
  'evidence',
  'undoOf',
  'createdAt',
  'sentAt',
  'endedAt',
] as const

/** How long a call may be under way before its silence counts as no answer. Longer than any timeout of a client. */
const ANSWER_WITHIN = sql<Date>`now() + interval '30 seconds'`

export async function insertRun(
  tx: Tx,
  run: Pick<
    RunRow,
    | 'actionId'
    | 'label'
    | 'input'
    | 'plan'
    | 'digest'
    | 'state'
    | 'personId'
    | 'requestId'
    | 'approvalId'
    | 'undoOf'
  >,
): Promise<RunRow> {
  const { input, plan, ...rest } = run
  const row = await tx.db
    .insertInto('actionRuns')
    .values({
      tenantId: tx.tenantId,
      id: newId('run'),
      ...rest,
      input: JSON.stringify(input),
      plan: JSON.stringify(plan),
      startedBy: JSON.stringify(tx.actor),
      endedAt: run.state === 'already' ? sql<Date>`now()` : null,
    })
    .returning(columns)
    .executeTakeFirstOrThrow()
  return row as unknown as RunRow
}

export async function findRun(tx: Tx, id: string, lock = false): Promise<RunRow | undefined> {
  const select = tx.db.selectFrom('actionRuns').select(columns).where('id', '=', id)
  return (await (lock ? select.forUpdate() : select).executeTakeFirst()) as unknown as RunRow | undefined
}

export async function findRunOfApproval(tx: Tx, approvalId: string): Promise<RunRow | undefined> {
  const row = await tx.db
    .selectFrom('actionRuns')
    .select(columns)
    .where('approvalId', '=', approvalId)
    .forUpdate()
    .executeTakeFirst()
  return row as unknown as RunRow | undefined
}

export async function listRuns(
  tx: Tx,
  of: { requestId?: string | undefined; personId?: string | undefined },
): Promise<RunRow[]> {
  let select = tx.db.selectFrom('actionRuns').select(columns).orderBy('createdAt', 'desc').limit(100)
  if (of.requestId) select = select.where('requestId', '=', of.requestId)
  if (of.personId) select = select.where('personId', '=', of.personId)
  return (await select.execute()) as unknown as RunRow[]
}

/** Moves a run from one state to another; undefined when it was not in that state any more. */
export async function moveRun(
  tx: Tx,
  id: string,
  from: readonly RunState[],
  to: RunState,
  facts: { receipt?: object | null; failure?: Failure | null; evidence?: string | null } = {},
): Promise<RunRow | undefined> {
  const ended = !['waiting', 'approved', 'sending', 'unknown'].includes(to)
  const row = await tx.db
    .updateTable('actionRuns')
    .set({
      state: to,
      ...(facts.receipt === undefined ? {} : { receipt: JSON.stringify(facts.receipt) }),
      ...(facts.failure === undefined ? {} : { failure: facts.failure && JSON.stringify(facts.failure) }),
      ...(facts.evidence === undefined ? {} : { evidence: facts.evidence }),
      ...(ended ? { endedAt: sql<Date>`now()` } : {}),
    })
    .where('id', '=', id)
    .where('state', 'in', [...from])
    .returning(columns)
    .executeTakeFirst()
  return row as unknown as RunRow | undefined
}

/** Takes an approved run for sending. The new fence tells this sender from any other. */
export async function beginSending(tx: Tx, id: string): Promise<RunRow | undefined> {
  const row = await tx.db
    .updateTable('actionRuns')
    .set({ state: 'sending', fence: sql`fence + 1`, sentAt: sql<Date>`now()`, deadlineAt: ANSWER_WITHIN })
    .where('id', '=', id)
    .where('state', '=', 'approved')
    .returning(columns)
    .executeTakeFirst()
  return row as unknown as RunRow | undefined
}

/** Whether this sender may still touch the socket: nobody took over, and the time is not over. */
export async function maySend(tx: Tx, id: string, fence: number): Promise<boolean> {
  const row = await tx.db
    .selectFrom('actionRuns')
    .select('id')
    .where('id', '=', id)
    .where('fence', '=', fence)
    .where('state', '=', 'sending')
    .where('deadlineAt', '>', sql<Date>`now() + interval '20 seconds'`)
    .executeTakeFirst()
  return !!row
}

/** Runs that were sent and whose time for an answer is over. */
export async function listOverdue(tx: Tx): Promise<string[]> {
  const rows = await tx.db
    .selectFrom('actionRuns')
    .select('id')
    .where('state', '=', 'sending')
    .where('deadlineAt', '<', sql<Date>`now()`)
    .execute()
  return rows.map((row) => row.id)
}

/** Runs that were approved a while ago and not taken: the process that had the job died before it sent. */
export async function listForgotten(tx: Tx): Promise<string[]> {
  const rows = await tx.db
    .selectFrom('actionRuns')
    .leftJoin('approvals', 'approvals.id', 'actionRuns.approvalId')
    .select('actionRuns.id')
    .where('actionRuns.state', '=', 'approved')
    .where(
      sql<Date>`coalesce(approvals.decided_at, action_runs.created_at)`,
      '<',
      sql<Date>`now() - interval '15 seconds'`,
    )
    .execute()
  return rows.map((row) => row.id)
}

export async function listGates(tx: Tx): Promise<Map<string, 'none' | 'manager'>> {
  const rows = await tx.db.selectFrom('actionGates').select(['actionId', 'gate']).execute()
  return new Map(rows.map((row) => [row.actionId, row.gate as 'none' | 'manager']))
}

export async function saveGate(tx: Tx, actionId: string, gate: 'none' | 'manager'): Promise<void> {
  await tx.db
    .insertInto('actionGates')
    .values({ tenantId: tx.tenantId, actionId, gate })
    .onConflict((oc) => oc.columns(['tenantId', 'actionId']).doUpdateSet({ gate }))
    .execute()
}

/** A reversal of a run that is under way or done; one that failed may be tried again. */
export async function findUndoOf(tx: Tx, id: string): Promise<RunRow | undefined> {
  const row = await tx.db
    .selectFrom('actionRuns')
    .select(columns)
    .where('undoOf', '=', id)
    .where('state', '!=', 'failed')
    .executeTakeFirst()
  return row as unknown as RunRow | undefined
}

/** Ends the runs that these members started and that were not sent. */
export async function endUnsentOf(tx: Tx, memberIds: readonly string[], failure: Failure): Promise<RunRow[]> {
  const rows = await tx.db
    .updateTable('actionRuns')
    .set({ state: 'failed', failure: JSON.stringify(failure), endedAt: sql<Date>`now()` })
    .where('state', 'in', ['waiting', 'approved'])
    .where(sql<boolean>`started_by->>'id' = any (${[...memberIds]}::text[])`)
    .returning(columns)
    .execute()
  return rows as unknown as RunRow[]
}
