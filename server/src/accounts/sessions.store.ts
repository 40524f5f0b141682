import { sql } from 'kysely'
import { newId, type Tx } from '#platform'

export interface SessionRow {
  id: string
  mac: Buffer
  email: string
  displayName: string
  memberId: string | null
  personId: string | null
  expiresAt: Date
  seenAt: Date
}

/** A session that may still be used: not expired, not idle, its member active, its person not locked out. */
export function findLiveSession(tx: Tx, id: string): Promise<SessionRow | undefined> {
  return tx.db
    .selectFrom('sessions')
    .leftJoin('members', 'members.id', 'sessions.memberId')
    .leftJoin('people', 'people.id', 'sessions.personId')
    .select([
      'sessions.id',
      'sessions.mac',
      'sessions.email',
      'sessions.displayName',
      'sessions.memberId',
      'sessions.personId',
      'sessions.expiresAt',
      'sessions.seenAt',
    ])
    .where('sessions.id', '=', id)
    .where('sessions.expiresAt', '>', sql<Date>`now()`)
    .where('sessions.seenAt', '>', sql<Date>`now() - interval '12 hours'`)
    .where((eb) => eb.or([eb('sessions.memberId', 'is', null), eb('members.active', '=', true)]))
    .where((eb) =>
      eb.or([
        eb('sessions.personId', 'is', null),
        eb('sessions.memberId', 'is not', null),
        eb.and([
          eb('people.goneAt', 'is', null),
          eb('people.status', 'not in', ['SUSPENDED', 'DEPROVISIONED', 'STAGED']),
        ]),
      ]),
    )
    .executeTakeFirst()
}

export async function insertSession(
  tx: Tx,
  session: {
    id: string
    mac: Buffer
    email: string
    displayName: string
    memberId: string | null
    personId: string | null
    expiresAt: Date
  },
): Promise<void> {
  await tx.db
    .insertInto('sessions')
    .values({ tenantId: tx.tenantId, ...session })
    .execute()
}

export async function touchSession(tx: Tx, id: string, memberId: string | null): Promise<void> {
  await tx.db.updateTable('sessions').set({ seenAt: sql`now()` }).where('id', '=', id).execute()
  if (memberId)
    await tx.db.updateTable('members').set({ lastSeenAt: sql`now()` }).where('id', '=', memberId).execute()
}

/** Ends every session of these members, and their sign-in links that were not used yet. @returns how many of each */
export async function endSessionsAndLinks(
  tx: Tx,
  memberIds: readonly string[],
): Promise<{ sessions: Map<string, number>; links: Map<string, number> }> {
  const ids = sql`any(${[...memberIds]}::text[])`
  const { rows } = await sql<{ memberId: string; sessions: number; links: number }>`
    with s as (delete from sessions where member_id = ${ids} returning member_id),
      l as (delete from sign_in_links where member_id = ${ids} and used_at is null returning member_id)
    select member_id, count(*) filter (where is_session) as sessions, count(*) filter (where not is_session) as links
    from (select member_id, true as is_session from s union all select member_id, false from l) gone
    group by member_id`.execute(tx.db)
  return {
    sessions: new Map(rows.map((row) => [row.memberId, row.sessions])),
    links: new Map(rows.map((row) => [row.memberId, row.links])),
  }
}

/** Ends sign-in links of these members that were not used yet. */
export async function endLinks(tx: Tx, memberIds: readonly string[]): Promise<void> {
  await sql`delete from sign_in_links where member_id = any(${[...memberIds]}::text[]) and used_at is null`.execute(
    tx.db,
  )
}

/** Ends sessions of a member or a person, but one if named. @returns how many ended */
export async function endSessionsOf(
  tx: Tx,
  whose: { memberId?: string; personId?: string; except?: string | null },
): Promise<number> {
  let end = tx.db.deleteFrom('sessions')
  if (whose.memberId) end = end.where('memberId', '=', whose.memberId)
  if (whose.personId) end = end.where('personId', '=', whose.personId)
  if (whose.except) end = end.where('id', '!=', whose.except)
  return (await end.returning('id').execute()).length
}

export async function endSession(tx: Tx, id: string): Promise<void> {
  await tx.db.deleteFrom('sessions').where('id', '=', id).execute()
}

export async function insertLink(
  tx: Tx,
  link: {
    id: string
    mac: Buffer
    email: string
    memberId: string | null
    personId: string | null
    expiresAt: Date
  },
): Promise<void> {
  await tx.db
    .insertInto('signInLinks')
    .values({ tenantId: tx.tenantId, ...link })
    .execute()
}

/** The link, locked, if it can still be used. */
export function findUsableLink(
  tx: Tx,
  id: string,
): Promise<{ mac: Buffer; email: string; memberId: string | null; personId: string | null } | undefined> {
  return tx.db
    .selectFrom('signInLinks')
    .select(['mac', 'email', 'memberId', 'personId'])
    .where('id', '=', id)
    .where('usedAt', 'is', null)
    .where('expiresAt', '>', sql<Date>`now()`)
    .forUpdate()
    .executeTakeFirst()
}

export async function markLinkUsed(tx: Tx, id: string): Promise<void> {
  await tx.db.updateTable('signInLinks').set({ usedAt: sql`now()` }).where('id', '=', id).execute()
}

/** How many links were sent to an address within the last minutes. */
export async function countRecentLinks(tx: Tx, email: string): Promise<number> {
  const { n } = await tx.db
    .selectFrom('signInLinks')
    .where(sql<string>`lower(email)`, '=', email.toLowerCase())
    .where('createdAt', '>', sql<Date>`now() - interval '15 minutes'`)
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return n
}

/** Notes a try to sign in with a password. @returns how many there were in a quarter of an hour, this one included */
export async function notePasswordTry(tx: Tx, emailKey: string): Promise<number> {
  // Guesses that come at once must count each other.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${tx.tenantId} ${emailKey}`}, 0))`.execute(tx.db)
  await tx.db.deleteFrom('passwordTries').where('at', '<', sql<Date>`now() - interval '15 minutes'`).execute()
  await tx.db
    .insertInto('passwordTries')
    .values({ tenantId: tx.tenantId, id: newId('try'), emailKey })
    .execute()
  const { n } = await tx.db
    .selectFrom('passwordTries')
    .where('emailKey', '=', emailKey)
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return n
}

export async function forgetPasswordTries(tx: Tx, emailKey: string): Promise<void> {
  await tx.db.deleteFrom('passwordTries').where('emailKey', '=', emailKey).execute()
}
