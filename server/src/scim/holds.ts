/**
 * What the safety brake held back: calls as they came, kept until an owner releases or drops them. A
 * released call goes through the same handlers as it would have, so whatever it finds then is what counts.
 */
import { isRecord, type Json } from '@keydesk/scim'
import type { Provisioner } from '#accounts'
import { sendMail } from '#messages'
import {
  AppError,
  type Context,
  messageOf,
  notFound,
  type Platform,
  systemContext,
  type Tx,
  transact,
} from '#platform'
import { decideAt, type HeldBack } from './brake.ts'
import type { Hold } from './contract.ts'
import { changeHeld, holdsDecided, holdsExpired } from './events.ts'
import * as store from './holds.store.ts'

/** How long a hold waits for a decision. */
const DAYS_HELD = 14
/** A release that did not come to its end by then was cut off, and is held again. */
const RELEASE_MINUTES = 10

export interface HeldCall {
  method: string
  /** Below the workspace, with its query. */
  path: string
  body: Json | undefined
}

/** Does a call that was released, through the real handlers and with the brake off. */
export type Replay = (call: HeldCall) => Promise<{ status: number; detail: string | null }>

/**
 * Keeps a call that was held back, and tells the owners, once for all that comes in a wave. In its own
 * transaction, because that of the call is rolled back. The same call again is kept once.
 */
export function holdCall(ctx: Context, by: Provisioner, call: HeldCall, held: HeldBack): Promise<void> {
  return transact(ctx, async (tx) => {
    const { serviceUserId, settings } = by
    await store.lockHolds(tx, serviceUserId)
    const ownersKnow = await store.isWave(tx, serviceUserId, settings.brake.minutes)
    const body = call.body === undefined ? null : JSON.stringify(withoutPasswords(call.body))
    await store.keepHold(tx, { serviceUserId, method: call.method, path: call.path, body, cuts: held.cuts })
    if (ownersKnow) return
    const members = [...new Set(held.cuts.map(({ memberId }) => memberId))]
    changeHeld(tx, [serviceUserId, ...members.slice(0, 500)], {
      name: by.name,
      wish: held.wish,
      reason: held.reason,
      people: members.length,
    })
    for (const owner of await store.listOwners(tx)) await askOwner(tx, by, owner, held)
  })
}

/** SCIM takes passwords in, and we never keep one: neither as an attribute nor as the value of a patch. */
function withoutPasswords(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => !isPasswordPatch(item)).map(withoutPasswords)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !isPassword(name))
      .map(([name, item]) => [name, withoutPasswords(item)]),
  )
}

function isPasswordPatch(item: Json): boolean {
  return (
    isRecord(item) &&
    Object.entries(item).some(
      ([name, path]) => name.toLowerCase() === 'path' && typeof path === 'string' && isPassword(path),
    )
  )
}

function isPassword(path: string): boolean {
  return /(?:^|:)password$/i.test(path.trim())
}

async function askOwner(
  tx: Tx,
  by: Provisioner,
  owner: { email: string; displayName: string },
  held: HeldBack,
): Promise<void> {
  const lines = [
    `Hello ${owner.displayName},`,
    '',
    `Keydesk holds back what ${by.name} sent over SCIM. It would ${held.wish}.`,
    '',
    held.reason,
    'Nothing of it was done. More of the same is held back too, without another mail.',
    '',
    'See all of it, and release or drop it:',
    decideAt(tx, by.serviceUserId),
    '',
    `What nobody decides within ${DAYS_HELD} days is dropped.`,
  ]
  await sendMail(tx, {
    to: owner.email,
    subject: `Held back: ${by.name} would cut ${held.cuts.length === 1 ? 'somebody' : 'people'} off`,
    text: lines.join('\n'),
  })
}

/**
 * A write on resources that was accepted makes void what is held for them from before.
 * Without holds it costs one look into an index.
 */
export function supersede(
  tx: Tx,
  serviceUserId: string,
  resources: { kind: 'Users' | 'Groups'; id: string } | readonly { kind: 'Users' | 'Groups'; id: string }[],
): void {
  const paths = [resources].flat().map(({ kind, id }) => `/${kind}/${id}`)
  if (paths.length > 0) store.supersede(tx, serviceUserId, paths)
}

/** What is held, or was, oldest first. @throws AppError `not_found` */
export function listHolds(ctx: Context, connectionId: string, state: 'held' | 'all'): Promise<Hold[]> {
  return transact(ctx, async (tx) => {
    await nameOf(tx, connectionId)
    return (await store.listHolds(tx, connectionId, state)).map(viewOf)
  })
}

/**
 * Releases or drops what is held. What was decided before stays as it was. Released calls are done one after
 * another in the order of their arrival; one that fails keeps its reason, and the others go on.
 * @throws AppError `forbidden` for everyone but owners
 */
export async function decideHolds(
  ctx: Context,
  input: { connectionId: string; holdIds: readonly string[]; decision: 'release' | 'discard' },
  replay: Replay,
): Promise<Hold[]> {
  const { connectionId, holdIds, decision } = input
  const state = decision === 'release' ? 'released' : 'discarded'
  const [name, decided] = await transact(ctx, async (tx) => {
    await refuseAllButOwners(tx)
    const name = await nameOf(tx, connectionId)
    await store.lockHolds(tx, connectionId)
    const decided = await store.decide(tx, connectionId, holdIds, state)
    if (decided.length > 0 && decision === 'discard')
      holdsDecided(tx, [connectionId, ...membersOf(decided)], {
        name,
        decision,
        calls: decided.length,
        failed: 0,
      })
    return [name, decided] as const
  })
  if (decision === 'release' && decided.length > 0) {
    let failed = 0
    for (const hold of decided) if (!(await release(ctx, hold, replay))) failed++
    await transact(ctx, async (tx) =>
      holdsDecided(tx, [connectionId, ...membersOf(decided)], {
        name,
        decision,
        calls: decided.length,
        failed,
      }),
    )
  }
  return transact(ctx, async (tx) => (await store.findHolds(tx, connectionId, holdIds)).map(viewOf))
}

async function release(ctx: Context, hold: store.HoldRow, replay: Replay): Promise<boolean> {
  const { method, path } = hold
  const body = (hold.body as Json | null) ?? undefined
  const answer = await replay({ method, path, body }).catch((error: unknown) => {
    ctx.platform.log.error('scim.failed', { method, path, tenantId: ctx.tenantId, error })
    return { status: 500, detail: messageOf(error) }
  })
  const done = answer.status < 400
  const outcome = done
    ? `Done (${answer.status}).`
    : `Failed (${answer.status}): ${answer.detail ?? 'no reason given.'}`
  await transact(ctx, (tx) => store.saveOutcome(tx, hold.id, outcome.slice(0, 2000)))
  return done
}

function membersOf(holds: readonly store.HoldRow[]): string[] {
  return [...new Set(holds.flatMap(({ cuts }) => cuts.map(({ memberId }) => memberId)))].slice(0, 500)
}

/** Whoever may change roles is not yet an owner; Keydesk itself may. */
async function refuseAllButOwners(tx: Tx): Promise<void> {
  if (!tx.principal) return
  if (!(await store.isOwner(tx, tx.principal.memberId ?? '')))
    throw new AppError(
      'forbidden',
      'Only an owner of this workspace decides what the safety brake holds back.',
    )
}

async function nameOf(tx: Tx, connectionId: string): Promise<string> {
  const name = await store.connectionName(tx, connectionId)
  if (name === undefined) throw notFound('SCIM connection')
  return name
}

function viewOf(row: store.HoldRow): Hold {
  const { id, method, path, cuts, state, outcome, createdAt, decidedAt, decidedBy } = row
  return {
    id,
    method,
    path,
    cuts,
    state,
    outcome,
    createdAt: createdAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
    decidedBy,
  }
}

/** Drops what nobody decided, and forgets what no window counts any more. Run now and then for each workspace. */
export function sweepHolds(platform: Platform, tenantId: string): Promise<void> {
  return transact(systemContext(platform, tenantId), async (tx) => {
    await store.holdAgain(tx, RELEASE_MINUTES)
    for (const [serviceUserId, calls] of await store.expire(tx, DAYS_HELD))
      holdsExpired(tx, [serviceUserId], { name: await nameOf(tx, serviceUserId), calls, days: DAYS_HELD })
    await store.forgetOldCuts(tx)
  })
}
