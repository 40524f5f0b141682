/**
 * What users and groups should be, kept in memory by the simplest rules of RFC 7643 and 7644 and by nothing
 * of the server or its kernel. A drill changes the model and asks the server for the same change.
 */
import type { Body } from './scim-fleet.ts'

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/** One e-mail address or phone number, by its type. */
export interface Typed {
  value: string
  primary: boolean
}

export interface Person {
  id: string
  userName: string
  active: boolean
  /** Attributes with one text. */
  plain: Map<string, string>
  name: Map<string, string>
  emails: Map<string, Typed>
  phones: Map<string, Typed>
  /** The enterprise extension; the manager by id. */
  work: Map<string, string>
  teams: Set<Team>
}

export interface Team {
  id: string
  displayName: string
  externalId: string | null
  members: Set<Person>
}

export interface TextChange {
  of: 'plain' | 'name' | 'work'
  name: string
  value: string | null
}

/** One thing that an admin changes of a person; null clears it. */
export type Change =
  | TextChange
  | { of: 'emails' | 'phones'; type: string; value: string | null }
  | { of: 'active'; value: boolean }
  | { of: 'userName'; value: string }

export function newPerson(userName: string): Person {
  return {
    id: '',
    userName,
    active: true,
    plain: new Map(),
    name: new Map(),
    emails: new Map(),
    phones: new Map(),
    work: new Map(),
    teams: new Set(),
  }
}

/** @param marksPrimary whether the client says of a new work address that it is the primary one */
export function applyTo(person: Person, change: Change, marksPrimary: boolean): void {
  if (change.of === 'active') person.active = change.value
  else if (change.of === 'userName') person.userName = change.value
  else if ('type' in change) {
    const { of, type, value } = change
    const before = person[of].get(type)
    if (value === null) person[of].delete(type)
    else if (before) before.value = value
    else person[of].set(type, { value, primary: of === 'emails' && type === 'work' && marksPrimary })
  } else if (change.value === null) person[change.of].delete(change.name)
  else person[change.of].set(change.name, change.value)
}

/** A copy to try changes on; it is in the same teams. */
export function copyOf(person: Person): Person {
  const typed = (of: Map<string, Typed>) => new Map([...of].map(([type, one]) => [type, { ...one }]))
  return {
    ...person,
    plain: new Map(person.plain),
    name: new Map(person.name),
    emails: typed(person.emails),
    phones: typed(person.phones),
    work: new Map(person.work),
  }
}

/** Makes a person the same as another, but for teams and id. */
export function become(person: Person, other: Person): void {
  const { id: _, teams: __, ...rest } = copyOf(other)
  Object.assign(person, rest)
}

/** What a provider says of a person, as it is sent and as it is kept. */
export function resourceOf({ userName, active, plain, name, emails, phones, work }: Person): Body {
  const { manager, ...texts } = Object.fromEntries(work)
  return {
    schemas: work.size > 0 ? [USER, ENTERPRISE] : [USER],
    userName,
    active,
    ...Object.fromEntries(plain),
    ...(name.size > 0 ? { name: Object.fromEntries(name) } : {}),
    ...(emails.size > 0 ? { emails: listOf(emails) } : {}),
    ...(phones.size > 0 ? { phoneNumbers: listOf(phones) } : {}),
    ...(work.size > 0
      ? { [ENTERPRISE]: { ...texts, ...(manager ? { manager: { value: manager } } : {}) } }
      : {}),
  }
}

export function listOf(values: Map<string, Typed>): Body[] {
  return [...values].map(([type, { value, primary }]) => ({ value, type, ...(primary ? { primary } : {}) }))
}

/** How a person should be answered, in the form of `userSeen`. */
export function userExpected(person: Person): Body {
  const groups = [...person.teams].map(({ id, displayName }) => ({ value: id, display: displayName }))
  return userSeen({ ...resourceOf(person), id: person.id, ...(groups.length > 0 ? { groups } : {}) })
}

/** What matters of an answered user, with lists in an order of ours. */
export function userSeen(body: Body): Body {
  if (!body || typeof body !== 'object') return body
  const { meta: _, emails, phoneNumbers, groups, schemas, [ENTERPRISE]: work, ...rest } = body
  const typed = (list: Body[]) =>
    list
      .map(({ value, type, primary, ...more }) => ({ value, type, primary: primary === true, ...more }))
      .sort(by('type', 'value'))
  return {
    ...rest,
    schemas: [...(schemas ?? [])].sort(),
    ...(emails ? { emails: typed(emails) } : {}),
    ...(phoneNumbers ? { phoneNumbers: typed(phoneNumbers) } : {}),
    ...(groups
      ? { groups: groups.map(({ value, display }: Body) => ({ value, display })).sort(by('value')) }
      : {}),
    ...(work
      ? { [ENTERPRISE]: { ...work, ...(work.manager ? { manager: { value: work.manager.value } } : {}) } }
      : {}),
  }
}

export function groupExpected({ id, displayName, externalId, members }: Team): Body {
  return groupSeen({
    schemas: [GROUP],
    id,
    displayName,
    ...(externalId === null ? {} : { externalId }),
    members: [...members].map((person) => ({ value: person.id, display: person.userName })),
  })
}

export function groupSeen(body: Body): Body {
  if (!body || typeof body !== 'object') return body
  const { meta: _, members, ...rest } = body
  return {
    ...rest,
    members: (members ?? []).map(({ value, display }: Body) => ({ value, display })).sort(by('value')),
  }
}

function by(...names: string[]) {
  const key = (one: Body) => names.map((name) => one[name]).join('\u0000')
  return (a: Body, b: Body) => (key(a) < key(b) ? -1 : 1)
}

/** The columns that the desk itself reads of a member. */
export function columnsExpected(person: Person): Body {
  const { userName, active, plain, name, emails } = person
  const both = [name.get('givenName'), name.get('familyName')].filter(Boolean).join(' ')
  const mails = [...emails.values()]
  return {
    userName,
    active,
    externalId: plain.get('externalId') ?? null,
    title: plain.get('title') ?? null,
    displayName: plain.get('displayName') ?? (both || userName),
    email: (mails.find(({ primary }) => primary) ?? mails[0])?.value ?? userName,
    roles:
      person.teams.size > 0
        ? [...person.teams].map(({ displayName }) => `${displayName} (scim_group)`).sort()
        : ['Auditor (scim_default)'],
  }
}
