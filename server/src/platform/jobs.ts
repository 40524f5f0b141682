/**
 * Jobs: work that outlives a call. A job is enqueued in the caller's transaction, so it runs when
 * the act that asked for it is committed, and never otherwise. pg-boss keeps the queue.
 */
import { CompiledQuery } from 'kysely'
import { PgBoss } from 'pg-boss'
import type { Context, Tx } from './context.ts'
import type { Platform } from './platform.ts'
import { isShadow } from './shadows.ts'

export const JOB_SCHEMA = 'pgboss'

/** A kind of job: its name is stored in the database, so it is never renamed. */
export interface Job<Data extends object> {
  name: string
  /** How often it is tried again when `run` throws. */
  retries: number
  /** It takes minutes rather than seconds, so it is taken alone and nothing waits for it. */
  long?: boolean
  run(ctx: Context, data: Data): Promise<void>
}

export function defineJob<Data extends object>(job: Job<Data>): Job<Data> {
  return job
}

interface Envelope {
  tenantId: string
  data: object
}

/**
 * Enqueues a job with the transaction: it is there when the transaction is, and gone when it is rolled back.
 * In a shadow nothing happens later, so there it is dropped.
 */
export async function enqueue<Data extends object>(
  tx: Tx,
  job: Job<Data>,
  data: Data,
  options: { afterSeconds?: number; singletonKey?: string } = {},
): Promise<void> {
  if (isShadow(tx.tenantId)) return
  const envelope: Envelope = { tenantId: tx.tenantId, data }
  await tx.platform.jobs.boss.send(job.name, envelope, {
    retryLimit: job.retries,
    retryDelay: 1,
    retryBackoff: true,
    ...(options.afterSeconds ? { startAfter: options.afterSeconds } : {}),
    ...(options.singletonKey ? { singletonKey: options.singletonKey } : {}),
    db: {
      executeSql: async (text: string, values?: unknown[]) => {
        const { rows } = await tx.db.executeQuery(CompiledQuery.raw(text, values))
        return { rows: rows as never[] }
      },
    },
  })
}

export interface Jobs {
  boss: PgBoss
  stop(): Promise<void>
}

/** Connects to the queue. Work begins with `work`. */
export async function openJobs(url: string, onError: (error: unknown) => void): Promise<Jobs> {
  const boss = new PgBoss({
    connectionString: url,
    schema: JOB_SCHEMA,
    max: 3,
    migrate: false,
    createSchema: false,
    // Workers are woken when a job is committed; polling only catches what a lost notification left.
    useListenNotify: true,
    application_name: 'keydesk-jobs',
  })
  boss.on('error', onError)
  await boss.start()
  return { boss, stop: () => boss.stop({ graceful: true, timeout: 8000 }) }
}

/** How many short jobs of a kind a process does at once. */
const AT_ONCE = 8
/** How many long ones. */
const LONG_AT_ONCE = 3

/** Takes jobs of these kinds from the queue until the platform closes. */
export async function work(
  platform: Platform,
  jobs: readonly Job<never>[],
  contextFor: (tenantId: string) => Context,
): Promise<void> {
  for (const job of jobs) {
    const options = {
      pollingIntervalSeconds: 2,
      notifyPollingIntervalSeconds: 5,
      perJobResults: true as const,
      burstWhenBatchFull: !job.long,
      batchSize: job.long ? 1 : AT_ONCE,
      localConcurrency: job.long ? LONG_AT_ONCE : 1,
    }
    await platform.jobs.boss.work<Envelope>(job.name, options, (taken) =>
      Promise.all(taken.map(({ id, data }) => runOne(platform, job, id, data, contextFor))),
    )
  }
}

async function runOne(
  platform: Platform,
  job: Job<never>,
  id: string,
  { tenantId, data }: Envelope,
  contextFor: (tenantId: string) => Context,
): Promise<{ id: string; status: 'completed' | 'failed' }> {
  try {
    await job.run(contextFor(tenantId), data as never)
    return { id, status: 'completed' }
  } catch (error) {
    platform.log.error('job.failed', { jobName: job.name, jobId: id, tenantId, error })
    return { id, status: 'failed' }
  }
}
