import { sql } from 'kysely'
import type { Tx } from '#platform'

export interface ClientRow {
  id: string
  serviceUserId: string
  mac: Buffer | null
  hint: string | null
  redirectUris: string[]
  lastUsedAt: Date | null
  createdAt: Date
}

export interface GrantRow {
  id: string
  oauthClientId: string
  memberId: string | null
  codeMac: Buffer
  redirectUri: string
  codeChallenge: string | null
  codeExpiresAt: Date
  codeUsedAt: Date | null
  endedAt: Date | null
}

const clientColumns = [
  'id',
  'serviceUserId',
  'mac',
  'hint',
  'redirectUris',
  'lastUsedAt',
  'createdAt',
] as const

const grantColumns = [
  'id',
  'oauthClientId',
  'memberId',
  'codeMac',
  'redirectUri',
  'codeChallenge',
  'codeExpiresAt',
  'codeUsedAt',
  'endedAt',
] as const

export function insertClient(
  tx: Tx,
  client: {
    id: string
    serviceUserId: string
    mac: Buffer | null
    hint: string | null
    redirectUris: string[]
  },
): Promise<ClientRow> {
  return tx.db
    .insertInto('oauthClients')
    .values({ tenantId: tx.tenantId, ...client })
    .returning(clientColumns)
    .executeTakeFirstOrThrow()
}

export function listClients(tx: Tx): Promise<ClientRow[]> {
  return tx.db.selectFrom('oauthClients').select(clientColumns).orderBy('createdAt', 'desc').execute()
}

export function findClient(tx: Tx, id: string): Promise<ClientRow | undefined> {
  return tx.db.selectFrom('oauthClients').select(clientColumns).where('id', '=', id).executeTakeFirst()
}

/** Its grants and tokens go with it. */
export function deleteClient(tx: Tx, id: string): Promise<{ serviceUserId: string } | undefined> {
  return tx.db.deleteFrom('oauthClients').where('id', '=', id).returning('serviceUserId').executeTakeFirst()
}

/** Notes that a client was given a token, and forgets those of its tokens that ended a day ago. */
export async function tidyClient(tx: Tx, id: string): Promise<void> {
  await tx.db.updateTable('oauthClients').set({ lastUsedAt: sql`now()` }).where('id', '=', id).execute()
  await tx.db
    .deleteFrom('tokens')
    .where('oauthClientId', '=', id)
    .where('expiresAt', '<', sql<Date>`now() - interval '1 day'`)
    .execute()
  // What was asked for and never fetched.
  await tx.db
    .deleteFrom('oauthGrants')
    .where('oauthClientId', '=', id)
    .where('codeUsedAt', 'is', null)
    .where('codeExpiresAt', '<', sql<Date>`now() - interval '1 day'`)
    .execute()
}

/** What became of codes, newest first. */
export function listGrants(tx: Tx): Promise<
  {
    oauthClientId: string
    memberId: string | null
    name: string | null
    endedBecause: string | null
    createdAt: Date
  }[]
> {
  return tx.db
    .selectFrom('oauthGrants')
    .leftJoin('members', 'members.id', 'oauthGrants.memberId')
    .select([
      'oauthGrants.oauthClientId',
      'oauthGrants.memberId',
      'members.displayName as name',
      'oauthGrants.endedBecause',
      'oauthGrants.createdAt',
    ])
    .where('oauthGrants.codeUsedAt', 'is not', null)
    .orderBy('oauthGrants.createdAt', 'desc')
    .limit(200)
    .execute()
}

export async function insertGrant(
  tx: Tx,
  grant: {
    id: string
    oauthClientId: string
    memberId: string | null
    codeMac: Buffer
    redirectUri: string
    codeChallenge: string | null
    codeExpiresAt: Date
  },
): Promise<void> {
  await tx.db
    .insertInto('oauthGrants')
    .values({ tenantId: tx.tenantId, ...grant })
    .execute()
}

/** Locked: a code that comes twice at the same moment is looked at one after the other. */
export function findGrant(tx: Tx, id: string): Promise<GrantRow | undefined> {
  return tx.db
    .selectFrom('oauthGrants')
    .select(grantColumns)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
}

/** @returns whether it was unused */
export async function useCode(tx: Tx, grantId: string): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('oauthGrants')
    .set({ codeUsedAt: sql`now()` })
    .where('id', '=', grantId)
    .where('codeUsedAt', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Ends a grant with every token that came of it. @returns whether it lived */
export async function endGrant(tx: Tx, grantId: string, because: string): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('oauthGrants')
    .set({ endedAt: sql`now()`, endedBecause: because })
    .where('id', '=', grantId)
    .where('endedAt', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await tx.db
    .updateTable('tokens')
    .set({ revokedAt: sql`now()` })
    .where('oauthGrantId', '=', grantId)
    .where('revokedAt', 'is', null)
    .execute()
  return true
}

export async function insertRefreshToken(
  tx: Tx,
  token: { id: string; oauthGrantId: string; mac: Buffer; expiresAt: Date },
): Promise<void> {
  await tx.db
    .insertInto('oauthRefreshTokens')
    .values({ tenantId: tx.tenantId, ...token })
    .execute()
}

/** Locked, so that of two at the same moment one is the second. */
export function findRefreshToken(
  tx: Tx,
  id: string,
): Promise<
  { id: string; oauthGrantId: string; mac: Buffer; expiresAt: Date; usedAt: Date | null } | undefined
> {
  return tx.db
    .selectFrom('oauthRefreshTokens')
    .select(['id', 'oauthGrantId', 'mac', 'expiresAt', 'usedAt'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
}

/** @returns whether it was unused */
export async function useRefreshToken(tx: Tx, id: string): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('oauthRefreshTokens')
    .set({ usedAt: sql`now()` })
    .where('id', '=', id)
    .where('usedAt', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export function findAccessToken(
  tx: Tx,
  id: string,
): Promise<{ mac: Buffer; oauthClientId: string | null } | undefined> {
  return tx.db
    .selectFrom('tokens')
    .select(['mac', 'oauthClientId'])
    .where('id', '=', id)
    .where('use', '=', 'oauth')
    .executeTakeFirst()
}

export async function revokeAccessToken(tx: Tx, id: string): Promise<void> {
  await tx.db
    .updateTable('tokens')
    .set({ revokedAt: sql`coalesce(revoked_at, now())` })
    .where('id', '=', id)
    .execute()
}
