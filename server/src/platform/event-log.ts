/** Reading the event log: timelines, the audit log, what a stream missed, and the proof that nothing was altered. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { type Context, transact } from './context.ts'
import type { LoggedEvent } from './events.ts'

interface EventQuery {
  subject?: string | undefined
  type?: string | undefined
  /** Only lines below this number. */
  before?: number | undefined
  /** Only lines above this number, oldest first. */
  after?: number | undefined
  limit: number
}

/** Lines of the log, newest first; with `after`, oldest first. */
export async function listEvents(ctx: Context, query: EventQuery): Promise<LoggedEvent[]> {
  const rows = await transact(ctx, (tx) => {
    let select = tx.db.selectFrom('events').select('body').limit(query.limit)
    if (query.subject) select = select.where(sql<boolean>`subjects @> array[${query.subject}]::text[]`)
    if (query.type) select = select.where('type', '=', query.type)
    if (query.before !== undefined) select = select.where('seq', '<', query.before)
    if (query.after !== undefined)
      return select.where('seq', '>', query.after).orderBy('seq', 'asc').execute()
    return select.orderBy('seq', 'desc').execute()
  })
  return rows.map((row) => JSON.parse(row.body) as LoggedEvent)
}

/** The number of the newest line; 0 when there is none. */
export async function lastSeq(ctx: Context): Promise<number> {
  const head = await transact(ctx, (tx) => tx.db.selectFrom('eventHeads').select('seq').executeTakeFirst())
  return Number(head?.seq ?? 0)
}

export interface Integrity {
  intact: boolean
  events: number
  /** The chain's last hash in hexadecimal. Kept elsewhere, it proves later that nothing was cut off. */
  head: string
  firstBroken: number | null
}

/** Recomputes the chain from its first line, and compares the columns that queries use with the hashed text. */
export async function checkIntegrity(ctx: Context): Promise<Integrity> {
  let [hash, seq] = [Buffer.alloc(0) as Buffer, 0]
  for (;;) {
    const rows = await transact(ctx, (tx) =>
      tx.db.selectFrom('events').selectAll().where('seq', '>', seq).orderBy('seq').limit(1000).execute(),
    )
    for (const row of rows) {
      hash = createHash('sha256').update(hash).update(row.body, 'utf8').digest()
      const line = JSON.parse(row.body) as LoggedEvent
      const same =
        Number(row.seq) === seq + 1 &&
        line.seq === seq + 1 &&
        line.type === row.type &&
        line.id === row.id &&
        line.subjects.join() === row.subjects.join() &&
        row.hash.equals(hash)
      if (!same) return { intact: false, events: seq, head: hash.toString('hex'), firstBroken: seq + 1 }
      seq += 1
    }
    if (rows.length === 0) break
  }
  const head = await transact(ctx, (tx) => tx.db.selectFrom('eventHeads').selectAll().executeTakeFirst())
  const whole = Number(head?.seq ?? 0) === seq && (seq === 0 || head?.hash.equals(hash) === true)
  return { intact: whole, events: seq, head: hash.toString('hex'), firstBroken: whole ? null : seq + 1 }
}
