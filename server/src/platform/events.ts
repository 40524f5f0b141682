/**
 * The event log. An event is declared once, with the sentence that people read; recording it puts a
 * line into the tenant's hash chain with the transaction of the act itself. Timelines, the audit log,
 * the live feed and subscribers all read these lines, so none can know what another does not.
 */
import pg from 'pg'
import type { Tx } from './context.ts'
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

/** Called by `transact` before it commits. @returns the statement that is to come last, as it holds the log's lock */
export async function appendEvents(tx: Tx): Promise<string | undefined> {
  if (tx.events.length === 0) return undefined
  for (const event of tx.events)
    for (const job of tx.platform.subscriptions.get(event.type) ?? [])
      await enqueue(tx, job, {
        eventId: event.id,
        type: event.type,
        subjects: event.subjects,
        facts: event.facts,
      })
  return `select append_events(${pg.escapeLiteral(JSON.stringify(tx.events))}::jsonb)`
}
