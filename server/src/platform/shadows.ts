/**
 * Shadow workspaces: copies on which a SCIM connection is tried out. Nothing leaves them, no mail, no job
 * and no hint; and they are known by their id, so that nobody has to ask the database.
 */
import { sql, type Transaction } from 'kysely'
import type { DB } from './database.ts'
import { AppError } from './errors.ts'
import { newId } from './ids.ts'

const PREFIX = 'wsp_shadow_'

export function newShadowId(): string {
  return `${PREFIX}${newId('wsp').slice('wsp_'.length)}`
}

export function isShadow(tenantId: string): boolean {
  return tenantId.startsWith(PREFIX)
}

/**
 * Begins a transaction in a shadow: while it lasts the shadow is not taken away, and one that was taken away
 * since is told apart from one that is empty.
 * @throws AppError `not_ready`: the caller comes again, and finds what it looks for in the workspace itself
 */
export async function enterShadow(db: Transaction<DB>, tenantId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(hashtextextended(${tenantId}, 0))`.execute(db)
  const shadow = await db.selectFrom('tenants').select('id').where('id', '=', tenantId).executeTakeFirst()
  if (!shadow) throw new AppError('not_ready', 'This connection has just left shadow mode. Try again.')
}
