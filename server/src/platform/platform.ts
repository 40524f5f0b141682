/** Everything a process shares: settings, keys, log, database, queue, live feed, metrics. Made once in `main.ts`. */
import type pg from 'pg'
import type { Config } from './config.ts'
import { type Context, type Tx, transact } from './context.ts'
import { asRuntimeRole, type Database, openDatabase, openPool, openReadPool } from './db.ts'
import { type Job, type Jobs, openJobs } from './jobs.ts'
import { type Live, openLive } from './live.ts'
import { type Log, openLog } from './log.ts'
import { type Metrics, openMetrics } from './metrics.ts'
import { LIST_CONNECTIONS, LOOKUP_CONNECTIONS } from './reads.ts'
import { type Keys, newDataKey, openText, type Place, readKeys, sealText, unwrapDataKey } from './secrets.ts'

/** What a subscribed job is told of an event. */
export interface EventNotice extends Record<string, unknown> {
  eventId: string
  type: string
  subjects: string[]
  facts: Record<string, unknown>
}

/**
 * Ends what members hold, in the transaction that locks them out.
 * @returns how many ended for each member; one without any may be left out
 */
export type Ending = (tx: Tx, memberIds: readonly string[]) => Promise<ReadonlyMap<string, number>>

export interface Platform {
  config: Config
  keys: Keys
  log: Log
  metrics: Metrics
  db: Database
  /** Connections of `readAs`. */
  lookups: pg.Pool
  lists: pg.Pool
  jobs: Jobs
  live: Live
  /** Jobs to enqueue when an event of a type is recorded: how a folder hears of what stands right of it. */
  subscriptions: Map<string, Job<EventNotice>[]>
  /** What else ends when members are locked out, by its name: folders right of accounts put theirs in. */
  endings: Map<string, Ending>
  /** What is still to happen before this process counts as ready; null when it is. */
  startingUp: string | null
  /** Data keys that were unwrapped before, by tenant. */
  dataKeys: Map<string, Buffer>
  /** What has to be done before the database is let go, by whoever holds something back. */
  closing: (() => Promise<void>)[]
  close(): Promise<void>
}

/** Opens everything against a migrated database. */
export async function openPlatform(config: Config, databaseUrl: string, log?: Log): Promise<Platform> {
  const logger = log ?? openLog(config.logLevel)
  const keys = await readKeys(config.secretKey, config.dataDir)
  const onLost = (error: Error) => logger.error('db.connection_lost', { error })
  const pool: pg.Pool = openPool(databaseUrl, 12, onLost)
  const lookups = openReadPool(databaseUrl, LOOKUP_CONNECTIONS, onLost)
  const lists = openReadPool(databaseUrl, LIST_CONNECTIONS, onLost)
  const { connectionString, options } = asRuntimeRole(databaseUrl)
  const url = new URL(connectionString)
  url.searchParams.set('options', options)
  const live = await openLive(url.href, logger)
  const jobs = await openJobs(url.href, (error) => logger.error('jobs.error', { error }))
  const closing: Platform['closing'] = []
  return {
    config,
    keys,
    log: logger,
    metrics: openMetrics(),
    db: openDatabase(pool),
    lookups,
    lists,
    jobs,
    live,
    subscriptions: new Map(),
    endings: new Map(),
    startingUp: 'starting',
    dataKeys: new Map(),
    closing,
    async close() {
      for (const finish of closing) await finish()
      await jobs.stop()
      await live.close()
      await pool.end()
      await lookups.end()
      await lists.end()
    },
  }
}

/** Makes the data key of a new tenant, in the transaction that makes the tenant. */
export async function createDataKey(tx: Tx): Promise<void> {
  const wrapped = newDataKey(tx.platform.keys, tx.tenantId)
  await tx.db.insertInto('tenantKeys').values({ tenantId: tx.tenantId, wrapped }).execute()
}

/** Seals a secret for one place in the database. */
export async function seal(ctx: Context, place: Place, text: string): Promise<Buffer> {
  return sealText(await dataKeyOf(ctx), ctx.tenantId, place, text)
}

/** Opens a secret that was sealed for this place. */
export async function unseal(ctx: Context, place: Place, sealed: Buffer): Promise<string> {
  return openText(await dataKeyOf(ctx), ctx.tenantId, place, sealed)
}

async function dataKeyOf(ctx: Context): Promise<Buffer> {
  const known = ctx.platform.dataKeys.get(ctx.tenantId)
  if (known) return known
  const { wrapped } = await transact(ctx, (tx) =>
    tx.db.selectFrom('tenantKeys').select('wrapped').executeTakeFirstOrThrow(),
  )
  const key = unwrapDataKey(ctx.platform.keys, ctx.tenantId, wrapped)
  ctx.platform.dataKeys.set(ctx.tenantId, key)
  return key
}
