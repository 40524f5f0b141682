/**
 * The event log. An event is declared once, with the sentence that people read; recording it puts a
 * line into the tenant's hash chain with the transaction of the act itself. Timelines, the audit log,
 * the live feed and subscribers all read these lines, so none can know what another does not.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { type Context, type Tx, transact } from './context.ts'
import type { Actor } from './contract.ts'
import { newId } from './ids.ts'
import { enqueue } from './jobs.ts'

type Facts = Record<string, unknown>

export interface PendingEvent {
  id: string
  type: string
  actor: Actor
  subjects: string[]
  facts: Facts
}

export interface LoggedEvent extends PendingEvent {
  seq: number
  at: string
}

interface EventKind<F extends Facts> {
  type: string
  sentence: (facts: F, actor: string) => string
}

const sentences = new Map<string, EventKind<never>['sentence']>()

/** A function that records events of one kind: `subjects` are the ids of what it happened to. */
export type Recorder<F extends Facts> = (
  tx: Tx,
  subjects: readonly (string | null | undefined)[],
  facts: F,
) => void

/**
 * Declares a kind of event. The type is stored for ever, so it is never renamed; facts hold what the
 * sentence needs and no secret.
 * @param sentence what happened, without the time: "Ada Kingsley closed the request"
 */
export function defineEvent<F extends Facts>(type: string, sentence: EventKind<F>['sentence']): Recorder<F> {
  if (sentences.has(type)) throw new Error(`The event ${type} is declared twice.`)
  sentences.set(type, sentence as never)
  return (tx, subjects, facts) => {
    const named = [...new Set(subjects.filter((id): id is string => !!id))]
    tx.events.push({ id: newId('evt'), type, actor: tx.actor, subjects: named, facts })
  }
}

/** The types of all declared events, in order. */
export function eventTypes(): string[] {
  return [...sentences.keys()].sort()
}

/** What an event says to people. A type that this version does not know is shown by its name. */
export function sentenceOf(event: { type: string; actor: Actor; facts: Facts }): string {
  return (
    sentences.get(event.type)?.(event.facts as never, event.actor.name) ??
    `${event.actor.name}: ${event.type}`
  )
}

/** Called by `transact` before it commits. */
export async function appendEvents(tx: Tx): Promise<void> {
  if (tx.events.length === 0) return
  for (const event of tx.events)
    for (const job of tx.platform.subscriptions.get(event.type) ?? [])
      await enqueue(tx, job, {
        eventId: event.id,
        type: event.type,
        subjects: event.subjects,
        facts: event.facts,
      })
  await sql`select append_events(${JSON.stringify(tx.events)}::jsonb)`.execute(tx.db)
  tx.events.length = 0
}

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
