/** Why somebody has the roles they have, and everything a provider said of them. */
import { isRecord, type Json, type JsonObject } from '@keydesk/scim'
import { getMember } from '#accounts'
import { findRequester } from '#directory'
import { type Context, type LoggedEvent, listEvents, type Tx, transact } from '#platform'
import type { Member } from '../accounts/contract.ts'
import * as store from './access.store.ts'
import { nameOfAttribute } from './attribute-names.ts'

type Grant = Member['roles'][number]

interface MemberAccess {
  roles: (Grant & { sentence: string })[]
  attributes: { path: string; value: string }[]
  person: { id: string; name: string } | null
}

/** @throws AppError `not_found` */
export function getMemberAccess(ctx: Context, memberId: string): Promise<MemberAccess> {
  return transact(ctx, async (tx) => {
    const member = await getMember(tx, memberId)
    const facts = await factsOf(tx, member)
    const person = await findRequester(tx, { email: member.email })
    return {
      roles: member.roles.map((grant) => ({ ...grant, sentence: sentenceFor(grant, facts) })),
      attributes: attributesOf(facts.scim),
      person: person ? { id: person.id, name: person.displayName } : null,
    }
  })
}

/** What the sentences are made of. */
interface Facts {
  member: Member
  scim: unknown
  /** The connection that manages the member; null for one who was invited by hand. */
  connection: {
    name: string
    severalGroups: 'union' | 'highest' | 'first'
    defaultRoleId: string | null
  } | null
  /** The default role that the provider names for this very person. */
  ownDefaultRoleId: string | null
  /** Who gave which role by hand, by the role's name. */
  givers: ReadonlyMap<string, string>
}

async function factsOf(tx: Tx, member: Member): Promise<Facts> {
  const row = await store.findProvenance(tx, member.id)
  const changes = await listEvents(tx, { subject: member.id, type: 'member.roles_changed', limit: 200 })
  return {
    member,
    scim: row?.scim ?? {},
    connection: row?.connection ?? null,
    ownDefaultRoleId: row?.defaultRoleId ?? null,
    givers: giversIn(changes),
  }
}

/**
 * Who gave the roles that somebody has by hand. Each change names all of them, so a role was given by the
 * oldest change from which on all name it.
 * @param changes newest first
 */
export function giversIn(changes: readonly LoggedEvent[]): Map<string, string> {
  const givers = new Map<string, string>()
  let still = rolesIn(changes[0])
  for (const change of changes) {
    const named = rolesIn(change)
    still = still.filter((role) => named.includes(role))
    for (const role of still) givers.set(role, change.actor.name)
  }
  return givers
}

function rolesIn(change: LoggedEvent | undefined): string[] {
  const roles = change?.facts['roles']
  return Array.isArray(roles) ? roles.map(String) : []
}

/** The answer to "why does she have this role?". */
function sentenceFor(grant: Grant, facts: Facts): string {
  const since = `since ${dayOf(grant.since)}`
  const { connection, member, givers } = facts
  const by = connection?.name ?? 'the identity provider'
  const reasons: Record<Grant['source'], () => string> = {
    manual: () => `because ${givers.get(grant.name) ?? 'somebody'} gave it by hand, ${since}`,
    scim_group: () =>
      `because the pushed group ${grant.sourceName ?? grant.name} has ${member.displayName} as a member, ${since} (${by})`,
    scim_role: () => `because ${by} names it among the roles of ${member.displayName}, ${since}`,
    scim_default: () =>
      `by default, ${since}: ${member.displayName} has no other role, and ${defaultOf(grant, facts)}`,
  }
  const reason = reasons[grant.source]()
  const glue = grant.source === 'scim_default' ? ' ' : ', '
  return `${grant.name}${glue}${reason}.${grant.effective ? '' : ` ${whyNot(facts)}`}`
}

function defaultOf({ roleId, name }: Grant, { connection, ownDefaultRoleId }: Facts): string {
  const by = connection?.name ?? 'the connection'
  if (ownDefaultRoleId === roleId) return `${by} names ${name} as the default role of this person`
  if (connection?.defaultRoleId === roleId) return `${by} then gives ${name}`
  return `${by} has no default role, so the most restrictive one is given`
}

function whyNot({ member, connection }: Facts): string {
  const counting = member.roles
    .filter(({ effective, source }) => effective && (source === 'scim_group' || source === 'scim_role'))
    .map(({ name }) => name)
    .join(', ')
  const rule = {
    union: 'another role goes before it',
    highest: 'of several only the highest counts',
    first: 'of several only the first counts',
  }[connection?.severalGroups ?? 'union']
  return `It does not count, because ${rule}${counting ? `: ${counting}` : ''}.`
}

function dayOf(instant: string): string {
  return new Date(instant).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
}

/** What people look for first. */
const FIRST = [
  'displayName',
  'title',
  'emails',
  'phoneNumbers',
  'preferredLanguage',
  'locale',
  'timezone',
  'department',
  'manager',
]

/** Everything the provider sent, one line each, with names that people can read. */
export function attributesOf(scim: unknown): MemberAccess['attributes'] {
  if (!isRecord(scim)) return []
  const flat = Object.entries(scim).flatMap(([name, value]) =>
    name.startsWith('urn:') && isRecord(value) ? Object.entries(value) : [[name, value] as [string, Json]],
  )
  const rank = ([name]: [string, Json]) => (FIRST.indexOf(name) + FIRST.length + 1) % (FIRST.length + 1)
  return flat
    .filter(([name]) => !/^(?:schemas|id|meta|password)$/i.test(name))
    .sort((a, b) => rank(a) - rank(b))
    .flatMap(([name, value]) => linesOf(nameOfAttribute(name), value))
}

function linesOf(path: string, value: Json): MemberAccess['attributes'] {
  if (value === null || value === '') return []
  if (Array.isArray(value))
    return value.flatMap((item) => (isRecord(item) ? valueLines(path, item) : linesOf(path, item)))
  if (isRecord(value)) return isManager(value) ? valueLines(path, value) : partLines(path, value)
  return [{ path, value: typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value) }]
}

/** One of several values: told from the others by its type and by being the preferred one. */
function valueLines(path: string, item: JsonObject): MemberAccess['attributes'] {
  const { value, display, displayName, type, primary, $ref, ...rest } = item
  const notes = [typeof type === 'string' ? type : '', primary === true ? 'preferred' : ''].filter(Boolean)
  const named = notes.length > 0 ? `${path} (${notes.join(', ')})` : path
  const shown = [display, displayName, value].find((text) => typeof text === 'string' && text !== '')
  if (shown !== undefined) return [...linesOf(named, shown), ...partLines(named, rest)]
  return partLines(named, rest)
}

function partLines(path: string, parts: JsonObject): MemberAccess['attributes'] {
  return Object.entries(parts).flatMap(([name, value]) => linesOf(`${path}: ${wordsOf(name)}`, value))
}

function isManager(value: JsonObject): boolean {
  return typeof value['value'] === 'string'
}

/** `givenName` as `given name`. */
function wordsOf(name: string): string {
  return name.replace(
    /([a-z])([A-Z])/g,
    (_, before: string, letter: string) => `${before} ${letter.toLowerCase()}`,
  )
}
