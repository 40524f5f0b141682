/**
 * Live pages. Each process listens to PostgreSQL's notifications and wakes its open streams; what
 * changed is read from the event log, so a stream that was away resumes at the line it saw last.
 * Notifications carry ids only.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import type { Context, Tx } from './context.ts'
import { listEvents } from './event-log.ts'
import type { Log } from './log.ts'
import { isShadow } from './shadows.ts'

const CHANNEL = 'keydesk_live'

/** Something changed that has no line in the log, such as the progress of an import. */
export interface Hint {
  seq?: number
  type: string
  subjects: string[]
}

interface Notification {
  tenant: string
  seq?: number
  hint?: Hint
}

export interface Live {
  /** Calls back for each notification of a tenant until the returned function is called. */
  watch(tenantId: string, wake: (notification: Notification) => void): () => void
  close(): Promise<void>
}

/** Begins to listen; after a lost connection it listens again and wakes everybody. */
export async function openLive(url: string, log: Log): Promise<Live> {
  const watchers = new Set<{ tenantId: string; wake: (notification: Notification) => void }>()
  let closed = false
  let client: pg.Client | undefined

  const dispatch = (text: string | undefined) => {
    const notification = JSON.parse(text ?? '{}') as Notification
    for (const watcher of watchers) if (watcher.tenantId === notification.tenant) watcher.wake(notification)
  }

  const connect = async () => {
    const next = new pg.Client({ connectionString: url, application_name: 'keydesk-live', keepAlive: true })
    next.on('notification', (message) => dispatch(message.payload))
    next.on('error', () => {})
    next.on('end', () => {
      if (!closed) reconnect().catch((error) => log.error('live.stopped', { error }))
    })
    await next.connect()
    await next.query(`listen ${CHANNEL}`)
    client = next
  }

  const reconnect = async () => {
    for (let waitMs = 200; !closed; waitMs = Math.min(waitMs * 2, 5000)) {
      await delay(waitMs)
      const error = await connect().then(
        () => undefined,
        (reason: unknown) => reason ?? new Error('connect failed'),
      )
      if (!error) break
      log.warn('live.reconnect_failed', { errorMessage: String(error) })
    }
    for (const watcher of watchers) watcher.wake({ tenant: watcher.tenantId })
  }

  await connect()
  return {
    watch(tenantId, wake) {
      const watcher = { tenantId, wake }
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    async close() {
      closed = true
      await client?.end()
    },
  }
}

/** Tells open pages that something changed, when the transaction commits. Nothing is kept of it. */
export async function hint(tx: Tx, type: string, subjects: string[]): Promise<void> {
  if (isShadow(tx.tenantId)) return
  const notification: Notification = { tenant: tx.tenantId, hint: { type, subjects } }
  await sql`select pg_notify(${CHANNEL}, ${JSON.stringify(notification)})`.execute(tx.db)
}

/** How long a stream is silent before it says that it is still there: proxies cut silent ones. */
const HEARTBEAT_MS = 15_000

/**
 * What changes, from line `after` on, until the signal ends it. Each item is one change; `undefined`
 * is a sign of life. `sees` decides which lines the reader may know of, and whether it still may read.
 */
export async function* follow(
  ctx: Context,
  after: number,
  sees: (hint: Hint) => boolean,
  stillMay: () => Promise<boolean>,
  signal: AbortSignal,
): AsyncGenerator<Hint | undefined> {
  const hints: Hint[] = []
  // A notification that comes while events are being read must not be lost: it is remembered.
  let stirred = false
  let wakeUp = () => {}
  const stir = () => {
    stirred = true
    wakeUp()
  }
  const stop = ctx.platform.live.watch(ctx.tenantId, (notification) => {
    if (notification.hint) hints.push(notification.hint)
    stir()
  })
  signal.addEventListener('abort', stir)
  try {
    let seen = after
    while (!signal.aborted) {
      stirred = false
      if (!(await stillMay())) return
      const events = await listEvents(ctx, { after: seen, limit: 200 })
      for (const { seq, type, subjects } of events) {
        seen = seq
        if (sees({ type, subjects })) yield { seq, type, subjects }
      }
      for (const item of hints.splice(0)) if (sees(item)) yield item
      if (events.length > 0 || stirred) continue
      const quiet = await Promise.race([
        new Promise<false>((resolve) => {
          wakeUp = () => resolve(false)
        }),
        delay(HEARTBEAT_MS, true, { ref: false }),
      ])
      if (quiet && !stirred) yield undefined
    }
  } finally {
    stop()
    signal.removeEventListener('abort', stir)
  }
}
