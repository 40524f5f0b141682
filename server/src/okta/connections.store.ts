import type { JWK } from 'jose'
import { sql } from 'kysely'
import type { Tx } from '#platform'
import type { Check } from './contract.ts'

export interface ConnectionRow {
  id: string
  domain: string
  origin: string
  orgId: string | null
  method: 'service_app' | 'api_token'
  state: 'draft' | 'connected' | 'broken'
  publicJwk: JWK | null
  privateKeySealed: Buffer | null
  clientId: string | null
  tokenSealed: Buffer | null
  tokenHint: string | null
  checks: Check[]
  checkedAt: Date | null
}

const columns = [
  'id',
  'domain',
  'origin',
  'orgId',
  'method',
  'state',
  'publicJwk',
  'privateKeySealed',
  'clientId',
  'tokenSealed',
  'tokenHint',
  'checks',
  'checkedAt',
] as const

export async function listConnections(tx: Tx): Promise<ConnectionRow[]> {
  const rows = await tx.db
    .selectFrom('oktaConnections')
    .select(columns)
    .where('removedAt', 'is', null)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows as unknown as ConnectionRow[]
}

export async function findConnection(tx: Tx, id: string, lock = false): Promise<ConnectionRow | undefined> {
  const select = tx.db
    .selectFrom('oktaConnections')
    .select(columns)
    .where('id', '=', id)
    .where('removedAt', 'is', null)
  const row = await (lock ? select.forUpdate() : select).executeTakeFirst()
  return row as unknown as ConnectionRow | undefined
}

/** The connection of an origin that stands, or else the one that was removed last. */
export async function findByOrigin(
  tx: Tx,
  origin: string,
): Promise<(ConnectionRow & { removedAt: Date | null }) | undefined> {
  const row = await tx.db
    .selectFrom('oktaConnections')
    .select([...columns, 'removedAt'])
    .where('origin', '=', origin)
    .orderBy(sql`removed_at desc nulls first`)
    .limit(1)
    .executeTakeFirst()
  return row as unknown as (ConnectionRow & { removedAt: Date | null }) | undefined
}

type Fields = Partial<Omit<ConnectionRow, 'id'>> & { removedAt?: Date | null }

/** Writes a connection; null when another one stands for the same origin already. */
export async function insertConnection(
  tx: Tx,
  row: Fields & Pick<ConnectionRow, 'id' | 'domain' | 'origin' | 'method'>,
): Promise<boolean> {
  const { publicJwk, checks: _, ...rest } = row
  const made = await tx.db
    .insertInto('oktaConnections')
    .values({ tenantId: tx.tenantId, ...rest, publicJwk: publicJwk ? JSON.stringify(publicJwk) : null })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return made !== undefined
}

export async function setConnection(tx: Tx, id: string, fields: Fields): Promise<void> {
  const { publicJwk, checks, ...rest } = fields
  await tx.db
    .updateTable('oktaConnections')
    .set({
      ...rest,
      ...(publicJwk !== undefined && { publicJwk: publicJwk && JSON.stringify(publicJwk) }),
      ...(checks !== undefined && { checks: JSON.stringify(checks) }),
    })
    .where('id', '=', id)
    .execute()
}
