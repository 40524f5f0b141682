/**
 * Shadow mode: a connection reads and writes a copy of the workspace that nobody else sees, until somebody
 * has looked at what it would have changed and lets it go live, with that or without it.
 *
 * What the connection did is told from what others did in the workspace meanwhile: each row of the copy
 * remembers what it was before the connection touched it, and going live changes what the connection changed.
 */
import { AppError, type Context, newShadowId, notFound, type Tx, transact } from '#platform'
import { change } from './change.ts'
import type { ShadowDiff } from './contract.ts'
import { codeOf } from './errors.ts'
import { shadowEnded, shadowStarted } from './events.ts'
import { goLive } from './go-live.ts'
import * as store from './shadow.store.ts'
import { type MemberChange, memberChanges } from './shadow-changes.ts'

/** At most so many lines are shown; the rest is counted. */
const LINES = 500
/** Of one role, at most so many people are named who would gain or lose it. */
const NAMED = 100

/**
 * Makes the copy, with the same ids, and puts the connection on it. It is for a new connection: a call that
 * is under way at this moment may still reach the workspace.
 * @throws AppError `not_found`, `conflict` when it is in shadow mode already
 */
export async function startShadow(ctx: Context, connectionId: string): Promise<void> {
  try {
    await start(ctx, connectionId)
  } catch (error) {
    // Something was given to somebody while it was copied, and its other half was copied before.
    if (codeOf(error) !== '23503') throw error
    await start(ctx, connectionId)
  }
}

function start(ctx: Context, connectionId: string): Promise<void> {
  return transact(ctx, async (tx) => {
    const connection = await store.findConnection(tx, connectionId, true)
    if (!connection) throw notFound('SCIM connection')
    if (connection.shadowTenantId)
      throw new AppError('conflict', `${connection.name} is in shadow mode already.`)
    const shadow = newShadowId()
    await store.makeShadow(tx, shadow)
    await store.copyIntoShadow(tx, shadow)
    await store.setShadow(tx, connectionId, shadow)
    shadowStarted(tx, [connectionId], { name: connection.name })
  })
}

/**
 * Ends shadow mode. With `keep`, what the connection did is done in the workspace first, all of it or
 * nothing; the brake does not apply, because it was shown to whoever decides this.
 * @throws AppError `not_found`; `conflict` when it is not in shadow mode, or with the names that were taken
 *   in the workspace meanwhile
 */
export function endShadow(ctx: Context, connectionId: string, keep: boolean): Promise<void> {
  return change(ctx, async (tx) => {
    const connection = await shadowed(tx, connectionId, true)
    const shadow = connection.shadowTenantId
    await store.closeShadow(tx, shadow)
    const counts = keep ? await goLive(tx, connection, shadow) : null
    await store.setShadow(tx, connectionId, null)
    await store.dropShadow(tx, shadow)
    shadowEnded(tx, [connectionId], { name: connection.name, kept: keep, counts })
  })
}

async function shadowed(
  tx: Tx,
  connectionId: string,
  lock = false,
): Promise<store.ConnectionRow & { shadowTenantId: string; shadowSince: Date }> {
  const connection = await store.findConnection(tx, connectionId, lock)
  if (!connection) throw notFound('SCIM connection')
  const { shadowTenantId, shadowSince } = connection
  if (!shadowTenantId || !shadowSince)
    throw new AppError('conflict', `${connection.name} is not in shadow mode.`)
  return { ...connection, shadowTenantId, shadowSince }
}

type MemberLine = ShadowDiff['members'][number]
type RoleLine = ShadowDiff['roles'][number]

/**
 * What going live would change, what takes something from people first.
 * @throws AppError `not_found`, `conflict` when the connection is not in shadow mode
 */
export function getShadow(ctx: Context, connectionId: string): Promise<ShadowDiff> {
  return transact(ctx, async (tx) => {
    const { shadowTenantId: shadow, shadowSince } = await shadowed(tx, connectionId)
    await store.holdShadow(tx, shadow)
    const members = {
      delete: lines(),
      deactivate: lines(),
      activate: lines(),
      create: lines(),
      update: lines(),
    }
    for await (const page of memberChanges(tx, shadow))
      for (const one of page) {
        const line = memberLine(one)
        if (line) members[line.change].add(line)
      }
    const roles = await roleLines(tx, shadow)

    const { delete: deleted, deactivate, activate, create, update } = members
    const ordered: { total: number; of: (MemberLine | RoleLine)[] }[] = [
      deleted,
      deactivate,
      { total: roles.length, of: roles },
      ...[activate, create, update],
    ]
    const shown = new Set(ordered.flatMap(({ of }) => of).slice(0, LINES))
    const total = ordered.reduce((sum, part) => sum + part.total, 0)
    return {
      since: shadowSince.toISOString(),
      members: [deleted, deactivate, activate, create, update]
        .flatMap(({ of }) => of)
        .filter((line) => shown.has(line)),
      roles: roles.filter((line) => shown.has(line)),
      more: total - shown.size,
    }
  })
}

function lines() {
  const list = {
    total: 0,
    of: [] as MemberLine[],
    add(line: MemberLine) {
      list.total++
      if (list.of.length < LINES) list.of.push(line)
    },
  }
  return list
}

function memberLine(one: MemberChange): MemberLine | undefined {
  if (one.kind === 'deleted')
    return { memberId: one.real.id, name: one.real.displayName, change: 'delete', details: [] }
  if (one.kind === 'created') {
    const details = detailsOf(undefined, one.row)
    return { memberId: one.row.id, name: one.row.displayName, change: 'create', details }
  }
  const { row, real, target } = one
  const details = detailsOf(real, target)
  if (details.length === 0) return undefined
  const wasActive = real?.active ?? row.was?.active
  const change =
    wasActive === target.active ? 'update' : target.active ? ('activate' as const) : ('deactivate' as const)
  return { memberId: row.id, name: real?.displayName ?? row.displayName, change, details }
}

const NAMES = {
  userName: 'user name',
  email: 'e-mail',
  displayName: 'name',
  title: 'job title',
  externalId: 'external id',
} as const

/** What has a line of its own, or says nothing to people. */
const TOLD_OTHERWISE = new Set(['schemas', 'userName', 'displayName', 'title', 'externalId', 'active'])

function detailsOf(from: store.Content | undefined, to: store.Content): MemberLine['details'] {
  const details = (Object.keys(NAMES) as (keyof typeof NAMES)[]).map((key) => ({
    field: NAMES[key] as string,
    from: from?.[key] ?? null,
    to: to[key],
  }))
  details.push({ field: 'state', from: from ? stateOf(from) : null, to: stateOf(to) })
  const before = attributesOf(from?.scim)
  const after = attributesOf(to.scim)
  for (const field of new Set([...before.keys(), ...after.keys()]))
    details.push({ field, from: before.get(field) ?? null, to: after.get(field) ?? null })
  return details.filter(({ from: a, to: b }) => a !== b)
}

function stateOf({ active }: store.Content): string {
  return active ? 'active' : 'deactivated'
}

/** Attributes by name, as people read them: `name.givenName` → `Ada`. */
function attributesOf(scim: unknown): Map<string, string> {
  const found = new Map<string, string>()
  if (scim === null || typeof scim !== 'object') return found
  for (const [name, value] of Object.entries(scim)) {
    if (TOLD_OTHERWISE.has(name)) continue
    // An extension is known by its URN; its attributes speak for themselves.
    const prefix = name.startsWith('urn:') ? '' : `${name}.`
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      for (const [part, inner] of Object.entries(value)) found.set(`${prefix}${part}`, textOf(inner))
    else found.set(name, textOf(value))
  }
  return found
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(itemText).join(', ')
  return JSON.stringify(value)
}

function itemText(item: unknown): string {
  if (item === null || typeof item !== 'object') return String(item)
  const { value, type } = item as { value?: unknown; type?: unknown }
  if (typeof value !== 'string') return JSON.stringify(item)
  return typeof type === 'string' ? `${value} (${type})` : value
}

async function roleLines(tx: Tx, shadow: string): Promise<RoleLine[]> {
  const { touchedRoles, gone, access, names } = await store.within(tx, shadow, async (there) => {
    const access = await store.listAccessChanges(there)
    return {
      touchedRoles: await store.listTouchedRoles(there),
      gone: await store.listGone(there, 'role'),
      access,
      names: await store.roleNames(there, [...new Set(access.map(({ roleId }) => roleId))]),
    }
  })
  const gains = Map.groupBy(access, ({ roleId }) => roleId)
  const line = (roleId: string, name: string, change: RoleLine['change']): RoleLine => {
    const some = gains.get(roleId) ?? []
    gains.delete(roleId)
    const named = (which: 'added' | 'removed') => shorten(some.filter((one) => one.change === which))
    return { roleId, name, change, added: named('added'), removed: named('removed') }
  }
  const goneNames = await store.roleNames(tx, gone)
  const list = [...goneNames].map(([id, name]) => line(id, name, 'delete'))
  for (const { id, name, was } of touchedRoles)
    if (!was) list.push(line(id, name, 'create'))
    else if (was.name !== name) list.push(line(id, `${name} (was ${was.name})`, 'update'))
  for (const roleId of [...gains.keys()]) list.push(line(roleId, names.get(roleId) ?? roleId, 'members'))
  return list
}

function shorten(changes: readonly store.GrantChange[]): string[] {
  const names = changes.map(({ member, memberId }) => member ?? memberId)
  return names.length > NAMED ? [...names.slice(0, NAMED), `and ${names.length - NAMED} more`] : names
}
