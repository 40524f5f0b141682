/** What a handler is given, and the one way in which anything changes: `carryOut`. */
import { randomUUID } from 'node:crypto'
import type { Secrets } from './auth/secrets.ts'
import type { Fault, Faults } from './faults.ts'
import type { Journal } from './journal.ts'
import type { Limits } from './limits.ts'
import {
  applyWrite,
  type LedgerEntry,
  type LogRow,
  type LogTarget,
  type Org,
  type User,
  type Write,
} from './org.ts'
import type { Provisioner } from './provisioner/provisioner.ts'

export type World = {
  org: Org
  journal: Journal
  secrets: Secrets
  limits: Limits
  faults: Faults
  provisioner: Provisioner
  listings: { version: number; kept: Map<string, readonly unknown[]> }
  /** Assertions and proofs already used, with the second they may be forgotten. */
  seen: Map<string, number>
  /** How often each route was asked, by "GET /api/v1/users". */
  requests: Map<string, number>
  /** Told of every effect after it is on the disk: event hooks and the provisioner. */
  listeners: ((entry: LedgerEntry, events: LogRow[]) => void)[]
}

/** Who calls: an admin's API token, or a service app with what it was granted. */
export type Actor = {
  id: string
  kind: 'User' | 'PublicClientApp'
  name: string
  login: string
  scopes: readonly string[] | 'all'
  role: string | null
}

export const SYSTEM: Actor = {
  id: 'sandbox',
  kind: 'PublicClientApp',
  name: 'Okta sandbox',
  login: 'sandbox',
  scopes: 'all',
  role: 'SUPER_ADMIN',
}

export type Call = {
  world: World
  org: Org
  method: string
  path: string
  /** Scheme and host as the caller wrote them, so links lead back the same way. */
  base: string
  params: Record<string, string>
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
  body: unknown
  actor: Actor
  requestId: string
  fault: Fault | undefined
}

export type Answer = { status?: number; body?: unknown; headers?: Record<string, string | string[]> }
type Handler = (call: Call) => Answer | Promise<Answer>
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
/** `scope` null: any caller who is authenticated. `open`: nobody asks who it is. */
export type Route = { method: Method; path: string; scope: string | null | 'open'; handler: Handler }

export const ok = (body: unknown): Answer => ({ body })
export const noContent: Answer = { status: 204 }

export type Effect = {
  kind: string
  target: string
  detail?: Record<string, unknown>
  writes?: Write[]
  /** System Log event types this effect writes, with what they are about. */
  events?: { type: string; message: string; about: LogTarget[] }[]
}

type Doer = { world: World; actor: Actor; requestId: string }

/**
 * Changes the organisation, keeps the ledger entry and the log events, and resolves when all of it is
 * on the disk. Handlers await it before they answer.
 */
export async function carryOut({ world, actor, requestId }: Doer, effect: Effect): Promise<LedgerEntry> {
  const { org } = world
  const at = new Date().toISOString()
  const { kind, target, detail = {}, writes = [] } = effect
  const entry = { seq: org.ledger.length + 1, at, actor: actor.id, kind, target, detail, requestId }
  const events = (effect.events ?? []).map((event) => ({
    uuid: randomUUID(),
    published: at,
    eventType: event.type,
    displayMessage: event.message,
    actor: { id: actor.id, type: actor.kind, alternateId: actor.login, displayName: actor.name },
    target: event.about,
    requestId,
  }))
  for (const write of writes) applyWrite(org, write)
  org.ledger.push(entry)
  org.log.push(...events)
  await world.journal.append({ entry, writes, events })
  for (const listener of world.listeners) listener(entry, events)
  return entry
}

/** Okta prints whole seconds, so two changes in one second look alike. */
export function now(): string {
  return `${new Date().toISOString().slice(0, 19)}.000Z`
}

export function aboutUser(user: User): LogTarget {
  const { login, displayName, firstName, lastName } = user.profile
  const name = String(displayName ?? `${firstName} ${lastName}`)
  return { id: user.id, type: 'User', alternateId: String(login), displayName: name }
}
