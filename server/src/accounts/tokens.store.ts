import { sql } from 'kysely'
import { newId, type Tx } from '#platform'

export interface ServiceUserRow {
  id: string
  name: string
  kind: string
  permissions: string[]
  defaultRoleId: string | null
  createdAt: Date
}

export interface TokenRow {
  id: string
  serviceUserId: string
  hint: string
  createdAt: Date
  expiresAt: Date | null
  lastUsedAt: Date | null
  revokedAt: Date | null
}

const userColumns = ['id', 'name', 'kind', 'permissions', 'defaultRoleId', 'createdAt'] as const
const tokenColumns = [
  'id',
  'serviceUserId',
  'hint',
  'createdAt',
  'expiresAt',
  'lastUsedAt',
  'revokedAt',
] as const

export function listServiceUsers(tx: Tx): Promise<ServiceUserRow[]> {
  return tx.db.selectFrom('serviceUsers').select(userColumns).orderBy('createdAt').execute()
}

export function findServiceUser(tx: Tx, id: string): Promise<ServiceUserRow | undefined> {
  return tx.db.selectFrom('serviceUsers').select(userColumns).where('id', '=', id).executeTakeFirst()
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

export function listTokens(tx: Tx): Promise<TokenRow[]> {
  return tx.db.selectFrom('tokens').select(tokenColumns).orderBy('createdAt', 'desc').execute()
}

export function insertToken(
  tx: Tx,
  token: { id: string; serviceUserId: string; mac: Buffer; hint: string; expiresAt: Date | null },
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
    .returning(tokenColumns)
    .executeTakeFirst()
}

export interface LiveToken {
  mac: Buffer
  lastUsedAt: Date | null
  serviceUserId: string
  name: string
  kind: string
  permissions: string[]
  defaultRoleId: string | null
}

/** A token that is neither revoked nor expired, with its service user. */
export function findLiveToken(tx: Tx, id: string): Promise<LiveToken | undefined> {
  return tx.db
    .selectFrom('tokens')
    .innerJoin('serviceUsers', 'serviceUsers.id', 'tokens.serviceUserId')
    .select([
      'tokens.mac',
      'tokens.lastUsedAt',
      'serviceUsers.id as serviceUserId',
      'serviceUsers.name',
      'serviceUsers.kind',
      'serviceUsers.permissions',
      'serviceUsers.defaultRoleId',
    ])
    .where('tokens.id', '=', id)
    .where('tokens.revokedAt', 'is', null)
    .where((eb) => eb.or([eb('tokens.expiresAt', 'is', null), eb('tokens.expiresAt', '>', sql<Date>`now()`)]))
    .executeTakeFirst()
}

export async function touchToken(tx: Tx, id: string): Promise<void> {
  await tx.db.updateTable('tokens').set({ lastUsedAt: sql`now()` }).where('id', '=', id).execute()
}
