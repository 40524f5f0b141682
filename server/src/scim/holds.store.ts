import { sql } from 'kysely'
import { BRAKE_OFF, type Provisioner } from '#accounts'
import { type Actor, letGo, newId, type Tx } from '#platform'
import type { CutInput } from './brake.ts'

export interface Verdict {
  passed: boolean
  /** How many people lost access in the window before this call. */
  counted: number
  /** How many may, in a window. */
  allowed: number
}

/** Counts the cuts of each call that may pass, in order, and holds the connection's lock until the end of the transaction. */
export async function takeCuts(
  tx: Tx,
  { serviceUserId, settings: { brake } }: Provisioner,
  calls: readonly (readonly CutInput[])[],
): Promise<Verdict[]> {
  const isOff = brake.people === BRAKE_OFF.people && brake.share === BRAKE_OFF.share
  if (isOff) return calls.map(() => ({ passed: true, counted: 0, allowed: brake.people }))
  const list = calls.map((cuts) => cuts.map(({ memberId, kind }) => ({ memberId, kind })))
  const { rows } = await sql<Verdict>`
    select passed, counted, allowed from take_cuts(
      ${serviceUserId}, ${brake.minutes}, ${brake.people}, ${brake.share}, ${JSON.stringify(list)}::jsonb)
  `.execute(tx.db)
  return rows
}

/** Cuts are counted for a day at most: that is the longest window there is. */
export async function forgetOldCuts(tx: Tx): Promise<void> {
  await tx.db.deleteFrom('scimCuts').where('at', '<', sql<Date>`now() - interval '25 hours'`).execute()
}

export interface HoldRow {
  id: string
  serviceUserId: string
  method: string
  path: string
  body: unknown
  cuts: CutInput[]
  state: 'held' | 'released' | 'discarded' | 'superseded'
  outcome: string | null
  createdAt: Date
  decidedAt: Date | null
  decidedBy: Actor | null
}

const columns = [
  'id',
  'serviceUserId',
  'method',
  'path',
  'body',
  'cuts',
  'state',
  'outcome',
  'createdAt',
  'decidedAt',
  'decidedBy',
] as const

/** Lets the holds of a connection come one after another. */
export async function lockHolds(tx: Tx, serviceUserId: string): Promise<void> {
  const name = `holds ${tx.tenantId} ${serviceUserId}`
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx.db)
}

/** Whether something of the last minutes waits for a decision already, so that its owners have been told. */
export async function isWave(tx: Tx, serviceUserId: string, minutes: number): Promise<boolean> {
  const row = await tx.db
    .selectFrom('scimHolds')
    .select('id')
    .where('serviceUserId', '=', serviceUserId)
    .where('state', '=', 'held')
    .where('createdAt', '>', sql<Date>`now() - make_interval(mins => ${minutes})`)
    .executeTakeFirst()
  return !!row
}

/** Keeps a call; the same call that is held already stays one, with what it would do as of now. */
export async function keepHold(
  tx: Tx,
  hold: {
    serviceUserId: string
    method: string
    path: string
    body: string | null
    cuts: readonly CutInput[]
  },
): Promise<void> {
  const { serviceUserId, method, path, body } = hold
  const cuts = JSON.stringify(hold.cuts)
  const held = await tx.db
    .updateTable('scimHolds')
    .set({ cuts })
    .where('serviceUserId', '=', serviceUserId)
    .where('state', '=', 'held')
    .where('method', '=', method)
    .where('path', '=', path)
    .where(sql<boolean>`body is not distinct from ${body}::jsonb`)
    .returning('id')
    .executeTakeFirst()
  if (held) return
  await tx.db
    .insertInto('scimHolds')
    .values({ tenantId: tx.tenantId, id: newId('hld'), serviceUserId, method, path, body, cuts })
    .execute()
}

/** In the order of their arrival, those that wait first when there are more than a page. */
export async function listHolds(tx: Tx, serviceUserId: string, state: 'held' | 'all'): Promise<HoldRow[]> {
  let select = tx.db.selectFrom('scimHolds').select(columns).where('serviceUserId', '=', serviceUserId)
  if (state === 'held') select = select.where('state', '=', 'held')
  const rows = await select
    .orderBy(sql`state <> 'held'`)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(1000)
    .execute()
  return (rows as unknown as HoldRow[]).sort(byArrival)
}

export async function findHolds(tx: Tx, serviceUserId: string, ids: readonly string[]): Promise<HoldRow[]> {
  const rows = await tx.db
    .selectFrom('scimHolds')
    .select(columns)
    .where('serviceUserId', '=', serviceUserId)
    .where('id', 'in', [...ids])
    .execute()
  return (rows as unknown as HoldRow[]).sort(byArrival)
}

function byArrival(a: HoldRow, b: HoldRow): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1)
}

/** Decides those that are still held. @returns them */
export async function decide(
  tx: Tx,
  serviceUserId: string,
  ids: readonly string[],
  state: 'released' | 'discarded',
): Promise<HoldRow[]> {
  const rows = await tx.db
    .updateTable('scimHolds')
    .set({ state, decidedAt: sql<Date>`now()`, decidedBy: JSON.stringify(tx.actor) })
    .where('serviceUserId', '=', serviceUserId)
    .where('state', '=', 'held')
    .where('id', 'in', [...ids])
    .returning(columns)
    .execute()
  return (rows as unknown as HoldRow[]).sort(byArrival)
}

export async function saveOutcome(tx: Tx, id: string, outcome: string): Promise<void> {
  await tx.db.updateTable('scimHolds').set({ outcome }).where('id', '=', id).execute()
}

/** What was held for one of these paths is void. */
export function supersede(tx: Tx, serviceUserId: string, paths: readonly string[]): void {
  const update = tx.db
    .updateTable('scimHolds')
    .set({
      state: 'superseded',
      decidedAt: sql<Date>`now()`,
      outcome: 'The provider wrote this again since, and that was accepted.',
    })
    .where('serviceUserId', '=', serviceUserId)
    .where('state', '=', 'held')
    .where(sql<boolean>`split_part(path, '?', 1) = any (${[...paths]}::text[])`)
  letGo(tx.db, () => update.execute())
}

/** Drops what nobody decided for this long. @returns how many of each connection */
export async function expire(tx: Tx, days: number): Promise<Map<string, number>> {
  const rows = await tx.db
    .updateTable('scimHolds')
    .set({
      state: 'discarded',
      decidedAt: sql<Date>`now()`,
      decidedBy: JSON.stringify(tx.actor),
      outcome: `Nobody decided within ${days} days.`,
    })
    .where('state', '=', 'held')
    .where('createdAt', '<', sql<Date>`now() - make_interval(days => ${days})`)
    .returning('serviceUserId')
    .execute()
  const counts = new Map<string, number>()
  for (const { serviceUserId } of rows) counts.set(serviceUserId, (counts.get(serviceUserId) ?? 0) + 1)
  return counts
}

/** Holds again what was released a while ago and never came to its end: the process died in between. */
export async function holdAgain(tx: Tx, minutes: number): Promise<void> {
  await tx.db
    .updateTable('scimHolds')
    .set({ state: 'held', decidedAt: null, decidedBy: null })
    .where('state', '=', 'released')
    .where('outcome', 'is', null)
    .where('decidedAt', '<', sql<Date>`now() - make_interval(mins => ${minutes})`)
    .execute()
}

/** The owners who may come in. */
export function listOwners(tx: Tx): Promise<{ id: string; email: string; displayName: string }[]> {
  return owners(tx).orderBy('members.displayName').limit(100).execute()
}

export async function isOwner(tx: Tx, memberId: string): Promise<boolean> {
  return !!(await owners(tx).where('members.id', '=', memberId).executeTakeFirst())
}

function owners(tx: Tx) {
  return tx.db
    .selectFrom('members')
    .select(['members.id', 'members.email', 'members.displayName'])
    .where('members.active', '=', true)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('memberRoles')
          .innerJoin('roles', 'roles.id', 'memberRoles.roleId')
          .whereRef('memberRoles.memberId', '=', 'members.id')
          .where('roles.systemKey', '=', 'owner')
          .select('memberRoles.memberId'),
      ),
    )
}

export async function connectionName(tx: Tx, serviceUserId: string): Promise<string | undefined> {
  const row = await tx.db
    .selectFrom('serviceUsers')
    .select('name')
    .where('id', '=', serviceUserId)
    .where('kind', '=', 'scim')
    .executeTakeFirst()
  return row?.name
}
