/**
 * Who acts, for which tenant, on which database: the first argument of every verb. Only `transact`
 * makes a `Tx`, and it names the tenant to the database, so there is no query without a tenant.
 */
import type { Transaction } from 'kysely'
import type { Actor } from './contract.ts'
import type { DB } from './database.ts'
import { type Database, inTransaction } from './db.ts'
import { appendEvents, type PendingEvent } from './events.ts'
import { claimKey, type IdempotencyKey } from './idempotency.ts'
import type { Platform } from './platform.ts'
import { enterShadow, isShadow } from './shadows.ts'

/** What a signed-in caller is and may do. Absent when Keydesk acts by itself. */
export interface Principal {
  sessionId: string | null
  memberId: string | null
  personId: string | null
  permissions: ReadonlySet<string>
}

export interface Context {
  platform: Platform
  db: Database
  tenantId: string
  actor: Actor
  principal: Principal | null
  idempotency: IdempotencyKey | null
  /** When the call began, in milliseconds since the epoch: receipts tell how long it took to take effect. */
  beganAt?: number
}

export interface Tx extends Context {
  db: Transaction<DB>
  /** Lines for the event log, appended together at the end: the log's lock is then held for a moment only. */
  events: PendingEvent[]
}

/**
 * Runs work in a transaction of the context's tenant. A verb called by a verb joins its transaction.
 * Row level security compares every row with `app.tenant_id`, so a query that forgets its tenant
 * finds nothing rather than too much. Events recorded by the work are committed with it.
 */
export function transact<T>(ctx: Context, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (ctx.db.isTransaction) return work(ctx as Tx)

  return inTransaction(ctx.db, ctx.tenantId, async (db) => {
    if (isShadow(ctx.tenantId)) await enterShadow(db, ctx.tenantId)
    const tx: Tx = { ...ctx, db, events: [] }
    if (ctx.idempotency) await claimKey(tx, ctx.idempotency)
    const result = await work(tx)
    return { result, last: await appendEvents(tx) }
  })
}

/** A context in which Keydesk itself acts: a job, a sweep, the command line. */
export function systemContext(platform: Platform, tenantId: string, name = 'Keydesk'): Context {
  return {
    platform,
    db: platform.db,
    tenantId,
    actor: { kind: 'system', id: 'keydesk', name },
    principal: null,
    idempotency: null,
  }
}

/** Every tenant, for work that goes round all of them. Shadows are none: nothing is to happen in them. */
export async function listTenants(platform: Platform): Promise<{ id: string; slug: string; name: string }[]> {
  return platform.db
    .selectFrom('tenants')
    .select(['id', 'slug', 'name'])
    .where('shadowOf', 'is', null)
    .orderBy('createdAt')
    .execute()
}

export async function findTenant(
  platform: Platform,
  slug: string,
): Promise<{ id: string; slug: string; name: string } | undefined> {
  return platform.db
    .selectFrom('tenants')
    .select(['id', 'slug', 'name'])
    .where('slug', '=', slug)
    .where('shadowOf', 'is', null)
    .executeTakeFirst()
}
