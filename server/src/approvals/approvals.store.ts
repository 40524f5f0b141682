import { sql } from 'kysely'
import { type Actor, newId, type Tx } from '#platform'

/** Everything an approver is shown. The digest of the approval covers exactly this. */
export interface Shown {
  action: string
  target: string
  summary: string
  effects: string[]
  reason: string | null
  requestNumber: number | null
}

export interface ApprovalRow {
  id: string
  state: 'waiting' | 'approved' | 'declined' | 'void'
  question: string
  shown: Shown
  digest: string
  approverId: string | null
  barredPersonIds: string[]
  barredMemberIds: string[]
  requestId: string | null
  askedBy: Actor
  decidedBy: Actor | null
  comment: string | null
  createdAt: Date
  decidedAt: Date | null
}

const columns = [
  'id',
  'state',
  'question',
  'shown',
  'digest',
  'approverId',
  'barredPersonIds',
  'barredMemberIds',
  'requestId',
  'askedBy',
  'decidedBy',
  'comment',
  'createdAt',
  'decidedAt',
] as const

export async function insertApproval(
  tx: Tx,
  approval: Pick<
    ApprovalRow,
    | 'question'
    | 'shown'
    | 'digest'
    | 'approverId'
    | 'barredPersonIds'
    | 'barredMemberIds'
    | 'requestId'
    | 'askedBy'
  >,
): Promise<ApprovalRow> {
  const { shown, askedBy, ...rest } = approval
  const row = await tx.db
    .insertInto('approvals')
    .values({
      tenantId: tx.tenantId,
      id: newId('apr'),
      ...rest,
      shown: JSON.stringify(shown),
      askedBy: JSON.stringify(askedBy),
    })
    .returning(columns)
    .executeTakeFirstOrThrow()
  return row as unknown as ApprovalRow
}

export async function findApproval(tx: Tx, id: string, lock = false): Promise<ApprovalRow | undefined> {
  const select = tx.db.selectFrom('approvals').select(columns).where('id', '=', id)
  return (await (lock ? select.forUpdate() : select).executeTakeFirst()) as unknown as ApprovalRow | undefined
}

/** Waiting approvals that a person is asked, and those that anyone is asked when `anyones` is wanted. */
export async function listWaiting(tx: Tx, personId: string | null, anyones: boolean): Promise<ApprovalRow[]> {
  return (await tx.db
    .selectFrom('approvals')
    .select(columns)
    .where('state', '=', 'waiting')
    .where((eb) =>
      eb.or([
        ...(personId ? [eb('approverId', '=', personId)] : []),
        ...(anyones ? [eb('approverId', 'is', null)] : []),
        eb.val(false),
      ]),
    )
    .orderBy('createdAt')
    .limit(200)
    .execute()) as unknown as ApprovalRow[]
}

export async function listDecidedBy(tx: Tx, actorIds: readonly string[]): Promise<ApprovalRow[]> {
  return (await tx.db
    .selectFrom('approvals')
    .select(columns)
    .where('state', 'in', ['approved', 'declined'])
    .where(sql<string>`decided_by->>'id'`, 'in', [...actorIds, ''])
    .orderBy('decidedAt', 'desc')
    .limit(100)
    .execute()) as unknown as ApprovalRow[]
}

export async function listForRequest(tx: Tx, requestId: string): Promise<ApprovalRow[]> {
  return (await tx.db
    .selectFrom('approvals')
    .select(columns)
    .where('requestId', '=', requestId)
    .orderBy('createdAt')
    .execute()) as unknown as ApprovalRow[]
}

export async function saveDecision(
  tx: Tx,
  id: string,
  decision: { state: 'approved' | 'declined'; decidedBy: Actor; comment: string | null },
): Promise<void> {
  await tx.db
    .updateTable('approvals')
    .set({
      state: decision.state,
      decidedBy: JSON.stringify(decision.decidedBy),
      comment: decision.comment,
      decidedAt: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .execute()
}

export async function markVoid(tx: Tx, id: string): Promise<boolean> {
  const row = await tx.db
    .updateTable('approvals')
    .set({ state: 'void' })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .returning('id')
    .executeTakeFirst()
  return !!row
}

export interface EndedApproval {
  id: string
  memberId: string
  member: string
  how: 'voided' | 'handed_on'
  /** Who was asked, as a person of the directory. */
  personId: string | null
  requestId: string | null
  question: string
  requestNumber: number | null
}

/**
 * Takes waiting approvals from members: those that they asked for are void, and those that wait for them
 * alone go to anyone who may decide. A member is the person of the directory with the same address.
 */
export async function endApprovals(tx: Tx, memberIds: readonly string[]): Promise<EndedApproval[]> {
  const { rows } = await sql<EndedApproval>`
    with leaving as (
      select m.id as member_id, m.display_name, p.id as person_id
      from members m left join people p on p.email_key = m.email_key
      where m.id = any (${[...memberIds]}::text[])
    ),
    waiting as (
      select distinct on (a.id) a.id, l.member_id, l.display_name,
        a.approver_id, a.asked_by->>'id' in (l.member_id, l.person_id) is true as is_own
      from approvals a join leaving l
        on a.approver_id = l.person_id or a.asked_by->>'id' in (l.member_id, l.person_id)
      where a.state = 'waiting'
      order by a.id, is_own desc
    )
    update approvals a set
      state = case when w.is_own then 'void' else a.state end,
      approver_id = case when w.is_own then a.approver_id end
    from waiting w where a.id = w.id and a.state = 'waiting'
    returning a.id, w.member_id as "memberId", w.display_name as member,
      case when w.is_own then 'voided' else 'handed_on' end as how, w.approver_id as "personId",
      a.request_id as "requestId", a.question, (a.shown->>'requestNumber')::int as "requestNumber"
  `.execute(tx.db)
  return rows
}
