/** How identity providers ask for a change: each in its own words, as their traffic shows them. */
import type { Body, Dice } from './scim-fleet.ts'
import {
  applyTo,
  type Change,
  copyOf,
  ENTERPRISE,
  GROUP,
  listOf,
  type Person,
  resourceOf,
  type Team,
  type TextChange,
  USER,
} from './scim-model.ts'

/** A request below a user or a group. */
export interface Asked {
  method: 'PUT' | 'PATCH'
  body: Body
}

/** What shall become of a group. */
export interface TeamChange {
  rename?: string
  add?: Person[]
  remove?: Person[]
  setTo?: Person[]
}

export interface Dialect {
  name: string
  userAgent: string
  /** Whether a new work address is called the primary one. */
  marksPrimary: boolean
  createUser(person: Person, dice: Dice): Body
  /** @param seen the user as the server answers it: some clients send all of it back */
  changeUser(person: Person, changes: readonly Change[], seen: Body, dice: Dice): Asked
  createGroup(team: Team): Body
  /** @param seen the group as the server answers it */
  changeGroup(team: Team, change: TeamChange, seen: Body, dice: Dice): Asked
}

export function patchOf(Operations: Body[]): Body {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }
}

const PHONES = 'phoneNumbers'
const listName = (of: 'emails' | 'phones') => (of === 'emails' ? 'emails' : PHONES)
const empty = (dice: Dice) => dice.pick([null, ''])

function memberOf(person: Person): Body {
  return { value: person.id, display: person.userName }
}

/** Okta's custom app: reads the whole and sends the whole back, whatever changed. */
const oktaCustom: Dialect = {
  name: 'Okta AIW',
  userAgent: 'Okta SCIM Client 1.0.0',
  marksPrimary: true,
  createUser: (person) => ({
    ...resourceOf(person),
    groups: [],
    password: '8xQ-placeholder-canary',
  }),
  changeUser: (person, changes, seen, dice) => {
    const body = structuredClone(seen)
    const after = changed(person, changes, true)
    for (const change of changes) editEcho(body, change, after, dice)
    if (dice.chance(0.5)) body.groups = []
    if (dice.chance(0.3)) body.password = 'another-canary'
    return { method: 'PUT', body }
  },
  createGroup: (team) => ({
    schemas: [GROUP],
    displayName: team.displayName,
    members: [...team.members].map(memberOf),
  }),
  changeGroup: (team, change, seen, dice) => {
    const members = membersAfter(team, change).map(memberOf)
    const whole = { schemas: [GROUP], displayName: change.rename ?? team.displayName, members }
    const echoed = { ...seen, displayName: whole.displayName, members }
    const body = dice.chance(0.5)
      ? echoed
      : { ...whole, ...(seen.externalId ? { externalId: seen.externalId } : {}) }
    return { method: 'PUT', body }
  },
}

function editEcho(body: Body, change: Change, after: Person, dice: Dice): void {
  const put = (holder: Body, name: string, value: string | null) => {
    if (value !== null) holder[name] = value
    else if (dice.chance(0.5)) delete holder[name]
    else holder[name] = empty(dice)
  }
  switch (change.of) {
    case 'active':
      body.active = change.value
      break
    case 'userName':
      body.userName = change.value
      break
    case 'emails':
    case 'phones':
      body[listName(change.of)] = listOf(after[change.of])
      break
    case 'plain':
      put(body, change.name, change.value)
      break
    case 'name':
      body.name ??= {}
      put(body.name, change.name, change.value)
      break
    case 'work':
      body[ENTERPRISE] ??= {}
      if (!body.schemas.includes(ENTERPRISE)) body.schemas.push(ENTERPRISE)
      if (change.name === 'manager' && change.value !== null)
        body[ENTERPRISE].manager = { value: change.value }
      else put(body[ENTERPRISE], change.name, change.value)
  }
}

/** Okta's catalogue app: PATCH without a path, and members by filter. */
const oktaCatalogue: Dialect = {
  ...oktaCustom,
  name: 'Okta OIN',
  changeUser: (person, changes, _seen, dice) => {
    const after = changed(person, changes, true)
    const isOneBag = dice.chance(0.5)
    const bags = changes.map((change) => bagOf(change, after, dice))
    const merged = bags.reduce(mergeBags, {})
    const values = isOneBag ? [merged] : bags
    return { method: 'PATCH', body: patchOf(values.map((value) => ({ op: 'replace', value }))) }
  },
  changeGroup: (team, { rename, add, remove, setTo }) => {
    const ops: Body[] = []
    for (const person of remove ?? []) ops.push({ op: 'remove', path: `members[value eq "${person.id}"]` })
    if (add) ops.push({ op: 'add', path: 'members', value: add.map(memberOf) })
    if (setTo) ops.push({ op: 'replace', path: 'members', value: setTo.map(memberOf) })
    if (rename !== undefined) ops.push({ op: 'replace', value: { id: team.id, displayName: rename } })
    return { method: 'PATCH', body: patchOf(ops) }
  },
}

function bagOf(change: Change, after: Person, dice: Dice): Body {
  switch (change.of) {
    case 'active':
      return { active: change.value }
    case 'userName':
      return { userName: change.value }
    case 'emails':
    case 'phones':
      return { [listName(change.of)]: listOf(after[change.of]) }
    case 'plain':
      return { [change.name]: change.value ?? empty(dice) }
    case 'name':
      return { name: { [change.name]: change.value ?? empty(dice) } }
    case 'work':
      return { [ENTERPRISE]: { [change.name]: workValue(change.name, change.value, dice) } }
  }
}

function workValue(name: string, value: string | null, dice: Dice): Body {
  if (value === null) return empty(dice)
  return name === 'manager' ? { value } : value
}

function mergeBags(all: Body, bag: Body): Body {
  for (const [name, value] of Object.entries<Body>(bag)) {
    const isNested = name === 'name' || name === ENTERPRISE
    all[name] = isNested ? { ...all[name], ...value } : value
  }
  return all
}

/** Entra's first dialect: capital operations, text for booleans, members to remove in the value. */
const entra: Dialect = {
  name: 'Entra',
  userAgent: 'Microsoft Azure AD SCIM provisioning 1.0.0',
  marksPrimary: false,
  createUser: (person) => ({
    addresses: null,
    roles: [],
    nickName: null,
    ...resourceOf(person),
    meta: { resourceType: 'User' },
  }),
  changeUser: (person, changes, _seen, dice) => ({
    method: 'PATCH',
    body: patchOf(changes.map((change) => entraOp(change, person, dice))),
  }),
  createGroup: ({ displayName, externalId }) => ({
    schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
    displayName,
    ...(externalId === null ? {} : { externalId }),
    meta: { resourceType: 'Group' },
  }),
  changeGroup: (_team, { rename, add, remove, setTo }) => {
    const values = (people: Person[]) => people.map(({ id }) => ({ $ref: null, value: id }))
    const ops: Body[] = []
    if (remove && remove.length > 0) ops.push({ op: 'Remove', path: 'members', value: values(remove) })
    if (setTo) ops.push({ op: 'Remove', path: 'members' })
    const added = [...(add ?? []), ...(setTo ?? [])]
    if (added.length > 0) ops.push({ op: 'Add', path: 'members', value: values(added) })
    if (rename !== undefined) ops.push({ op: 'Replace', path: 'displayName', value: rename })
    return { method: 'PATCH', body: patchOf(ops) }
  },
}

function entraOp(change: Change, person: Person, dice: Dice): Body {
  const set = dice.pick(['Add', 'Replace'])
  switch (change.of) {
    case 'active':
      return { op: 'Replace', path: 'active', value: change.value ? 'True' : 'False' }
    case 'userName':
      return { op: 'Replace', path: 'userName', value: change.value }
    case 'emails':
    case 'phones': {
      const path = `${listName(change.of)}[type eq "${change.type}"]`
      if (change.value === null) return { op: 'Remove', path }
      return {
        op: person[change.of].has(change.type) ? 'Replace' : set,
        path: `${path}.value`,
        value: change.value,
      }
    }
    default: {
      const path = pathOf(change)
      if (change.value === null)
        return dice.chance(0.5) ? { op: 'Remove', path } : { op: 'Replace', path, value: '' }
      const isList = change.name === 'manager' && dice.chance(0.5)
      return {
        op: set,
        path,
        value: isList ? [{ $ref: `../Users/${change.value}`, value: change.value }] : change.value,
      }
    }
  }
}

function pathOf({ of, name }: TextChange): string {
  return { plain: name, name: `name.${name}`, work: `${ENTERPRISE}:${name}` }[of]
}

/** Entra's dialect after the standard: real booleans, dotted and URN-prefixed keys. */
const entraCompliant: Dialect = {
  ...entra,
  name: 'Entra, standard dialect',
  changeUser: (person, changes, _seen, dice) => {
    const bag: Body = {}
    const ops: Body[] = []
    for (const change of changes) {
      if (change.of === 'active' || change.of === 'userName') bag[change.of] = change.value
      else if ('type' in change) {
        const { op, ...rest } = entraOp(change, person, dice)
        ops.push({ op: op.toLowerCase(), ...rest })
      } else bag[pathOf(change)] = change.value ?? ''
    }
    if (Object.keys(bag).length > 0) ops.push({ op: 'replace', value: bag })
    return { method: 'PATCH', body: patchOf(ops) }
  },
  changeGroup: (team, change, seen, dice) => {
    const { remove, ...rest } = change
    const asked = entra.changeGroup(team, rest, seen, dice)
    const removes = (remove ?? []).map(({ id }) => ({ op: 'remove', path: `members[value eq "${id}"]` }))
    const others = asked.body.Operations.map(({ op, ...more }: Body) => ({ op: op.toLowerCase(), ...more }))
    return { method: 'PATCH', body: patchOf([...removes, ...others]) }
  },
}

/** OneLogin: a template that an admin wrote, so all values are text. */
const oneLogin: Dialect = {
  name: 'OneLogin',
  userAgent: 'OneLogin SCIM',
  marksPrimary: true,
  createUser: (person) => template(person),
  changeUser: (person, changes, seen, dice) => {
    const after = changed(person, changes, true)
    if (dice.chance(0.6)) return { method: 'PUT', body: template(after) }
    const asked = oktaCatalogue.changeUser(person, changes, seen, dice)
    for (const { value } of asked.body.Operations)
      if (typeof value.active === 'boolean') value.active = String(value.active)
    return asked
  },
  createGroup: ({ displayName, members }) => ({
    schemas: ['urn:scim:schemas:core:1.0', GROUP],
    id: null,
    displayName,
    members: [...members].map(({ id }) => ({ value: id })),
  }),
  changeGroup: (_team, change, seen, dice) => {
    const { rename, add, remove, setTo } = change
    // A PUT that does not speak of members leaves them.
    if (rename !== undefined && !add && !remove && !setTo && dice.chance(0.5)) {
      const { externalId } = seen
      const body = { schemas: [GROUP], displayName: rename, ...(externalId ? { externalId } : {}) }
      return { method: 'PUT', body }
    }
    const ops: Body[] = []
    for (const { id } of remove ?? []) ops.push({ op: 'remove', path: `members[value eq "${id}"]` })
    if (add && add.length > 0)
      ops.push({ op: 'add', value: { members: add.map(({ id }) => ({ value: id })) } })
    if (setTo) ops.push({ op: 'replace', value: { members: setTo.map(({ id }) => ({ value: id })) } })
    if (rename !== undefined) ops.push({ op: 'replace', value: { displayName: rename } })
    return { method: 'PATCH', body: patchOf(ops) }
  },
}

function template(person: Person): Body {
  const { emails, active, ...rest } = resourceOf(person)
  return {
    ...rest,
    schemas: [USER, 'urn:scim:schemas:core:1.0', ...rest.schemas.slice(1)],
    id: null,
    meta: { version: null, location: '' },
    active: String(active),
    ...(emails
      ? {
          emails: emails.map(({ primary, ...mail }: Body) => ({
            ...mail,
            ...(primary ? { primary: 'true' } : {}),
          })),
        }
      : {}),
  }
}

export const dialects: readonly Dialect[] = [oktaCustom, oktaCatalogue, entra, entraCompliant, oneLogin]

export function changed(person: Person, changes: readonly Change[], marksPrimary: boolean): Person {
  const after = copyOf(person)
  for (const change of changes) applyTo(after, change, marksPrimary)
  return after
}

/** Who is in a group after a change: removed first, then added, unless all are named. */
export function membersAfter(team: Team, { add, remove, setTo }: TeamChange): Person[] {
  if (setTo) return setTo
  const members = new Set(team.members)
  for (const person of remove ?? []) members.delete(person)
  for (const person of add ?? []) members.add(person)
  return [...members]
}
