import { sql } from 'kysely'
import { newId, type Tx } from '#platform'

export interface ServiceUserRow {
  id: string
  name: string
  kind: string
  permissions: string[]
  defaultRoleId: string | null
  scim: unknown
  createdAt: Date
}

export interface TokenRow {
  id: string
  serviceUserId: string
  use: string
  hint: string
  replacesId: string | null
  createdAt: Date
  expiresAt: Date | null
  lastUsedAt: Date | null
  revokedAt: Date | null
}

const userColumns = ['id', 'name', 'kind', 'permissions', 'defaultRoleId', 'scim', 'createdAt'] as const
const tokenColumns = [
  'id',
  'serviceUserId',
  'use',
  'hint',
  'replacesId',
  'createdAt',
  'expiresAt',
  'lastUsedAt',
  'revokedAt',
] as const

/** Service users that were not removed. */
export function listServiceUsers(tx: Tx): Promise<ServiceUserRow[]> {
  return tx.db
    .selectFrom('serviceUsers')
    .select(userColumns)
    .where('removedAt', 'is', null)
    .orderBy('createdAt')
    .execute()
}

/** SCIM connections, or one; also those that were removed, by whose rules their members still hold roles. */
export function listConnections(tx: Tx, id?: string): Promise<ServiceUserRow[]> {
  const select = tx.db.selectFrom('serviceUsers').select(userColumns).where('kind', '=', 'scim')
  return (id ? select.where('id', '=', id) : select).execute()
}

/** @param lock for a change of its credentials, so that they are counted one after the other */
export function findServiceUser(tx: Tx, id: string, lock = false): Promise<ServiceUserRow | undefined> {
  const select = tx.db
    .selectFrom('serviceUsers')
    .select(userColumns)
    .where('id', '=', id)
    .where('removedAt', 'is', null)
  return (lock ? select.forNoKeyUpdate() : select).executeTakeFirst()
}

export function insertServiceUser(
  tx: Tx,
  user: { name: string; kind: string; permissions: string[]; defaultRoleId: string | null },
): Promise<ServiceUserRow> {
  return tx.db
    .insertInto('serviceUsers')
    .values({ tenantId: tx.tenantId, id: newId('svc'), ...user })
    .returning(userColumns)
    .executeTakeFirstOrThrow()
}

/** Tokens and passwords that people hand out; access tokens of OAuth come and go by the hour. */
export function listTokens(tx: Tx): Promise<TokenRow[]> {
  return tx.db
    .selectFrom('tokens')
    .select(tokenColumns)
    .where('use', '!=', 'oauth')
    .orderBy('createdAt', 'desc')
    .execute()
}

/** Those of a service user that still open something, for one use. */
export function listLiveTokens(tx: Tx, serviceUserId: string, use: string): Promise<TokenRow[]> {
  return tx.db
    .selectFrom('tokens')
    .select(tokenColumns)
    .where('serviceUserId', '=', serviceUserId)
    .where('use', '=', use)
    .where('revokedAt', 'is', null)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql<Date>`now()`)]))
    .execute()
}

export function insertToken(
  tx: Tx,
  token: {
    id: string
    serviceUserId: string
    use: string
    mac: Buffer
    hint: string
    expiresAt: Date | null
    replacesId?: string | null
    oauthClientId?: string
    oauthGrantId?: string | null
  },
): Promise<TokenRow> {
  return tx.db
    .insertInto('tokens')
    .values({ tenantId: tx.tenantId, ...token })
    .returning(tokenColumns)
    .executeTakeFirstOrThrow()
}

/** Undefined when there is no such token; a token revoked before keeps its time. */
export function revokeToken(tx: Tx, id: string): Promise<TokenRow | undefined> {
  return tx.db
    .updateTable('tokens')
    .set({ revokedAt: sql`coalesce(revoked_at, now())` })
    .where('id', '=', id)
    .where('use', '!=', 'oauth')
    .returning(tokenColumns)
    .executeTakeFirst()
}

export async function touchToken(tx: Tx, id: string): Promise<void> {
  await tx.db.updateTable('tokens').set({ lastUsedAt: sql`now()` }).where('id', '=', id).execute()
}

/**
 * Notes a token's first use, which ends the token that it takes over from. Calls at the same moment wait
 * for the first of them, so none is answered while the old token still lives.
 * @returns what ended, to the one call that ended it
 */
export async function takeOver(
  tx: Tx,
  id: string,
): Promise<{ hint: string; replacedId: string; replacedHint: string } | undefined> {
  const first = await tx.db
    .updateTable('tokens')
    .set({ lastUsedAt: sql`now()` })
    .where('id', '=', id)
    .where('lastUsedAt', 'is', null)
    .returning(['hint', 'replacesId'])
    .executeTakeFirst()
  if (!first?.replacesId) return undefined
  const old = await tx.db
    .updateTable('tokens')
    .set({ revokedAt: sql`now()` })
    .where('id', '=', first.replacesId)
    .where('revokedAt', 'is', null)
    .returning(['id', 'hint'])
    .executeTakeFirst()
  return old && { hint: first.hint, replacedId: old.id, replacedHint: old.hint }
}

/** Tokens that end within so many days, of which the owners were not told since. */
export function noteExpiring(
  tx: Tx,
  days: number,
): Promise<{ id: string; hint: string; serviceUserId: string; expiresAt: Date | null }[]> {
  return (
    tx.db
      .updateTable('tokens')
      .set({ warnedDays: days })
      .where('use', '!=', 'oauth')
      .where('revokedAt', 'is', null)
      .where('expiresAt', '>', sql<Date>`now()`)
      .where('expiresAt', '<=', sql<Date>`now() + make_interval(days => ${days})`)
      // A token that lives shorter than this is not told of on the day it is made, but on its last.
      .where((eb) =>
        eb.or([
          eb(sql`${days}::int`, '=', 1),
          eb('createdAt', '<', sql<Date>`expires_at - make_interval(days => ${days})`),
        ]),
      )
      .where((eb) => eb.or([eb('warnedDays', 'is', null), eb('warnedDays', '>', days)]))
      .where('serviceUserId', 'in', (eb) =>
        eb.selectFrom('serviceUsers').select('id').where('removedAt', 'is', null),
      )
      .returning(['id', 'hint', 'serviceUserId', 'expiresAt'])
      .execute()
  )
}

/** Owners who can come in, to write to. */
export function listOwners(tx: Tx): Promise<{ id: string; email: string; displayName: string }[]> {
  return tx.db
    .selectFrom('members')
    .innerJoin('memberRoles', 'memberRoles.memberId', 'members.id')
    .innerJoin('roles', 'roles.id', 'memberRoles.roleId')
    .select(['members.id', 'members.email', 'members.displayName'])
    .distinct()
    .where('roles.systemKey', '=', 'owner')
    .where('members.active', '=', true)
    .execute()
}
