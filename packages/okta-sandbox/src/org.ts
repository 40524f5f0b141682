/**
 * The organisation: everything this Okta knows, in memory, as plain rows. Rows are never changed in
 * place; a `Write` replaces one. The journal keeps the writes, so the seed plus the writes is the state.
 */
import type { JWK } from 'jose'
import { hash32 } from './ids.ts'

export type Status =
  | 'STAGED'
  | 'PROVISIONED'
  | 'ACTIVE'
  | 'RECOVERY'
  | 'PASSWORD_EXPIRED'
  | 'LOCKED_OUT'
  | 'SUSPENDED'
  | 'DEPROVISIONED'

export type FactorKind = 'push' | 'totp' | 'sms' | 'question'
export type ProviderType = 'OKTA' | 'ACTIVE_DIRECTORY' | 'LDAP' | 'FEDERATION' | 'SOCIAL' | 'IMPORT'
export type Profile = Record<string, unknown>

export type User = {
  id: string
  ordinal: number
  status: Status
  created: string
  activated: string | null
  statusChanged: string | null
  lastLogin: string | null
  lastUpdated: string
  passwordChanged: string | null
  provider: ProviderType
  hasPassword: boolean
  recoveryQuestion: boolean
  /** Blocked on unknown devices: ACTIVE, and still `unlock` is allowed. */
  blocked: boolean
  profile: Profile
  factors: readonly FactorKind[]
  roles: readonly string[]
}

export type Group = {
  id: string
  ordinal: number
  type: 'OKTA_GROUP' | 'APP_GROUP' | 'BUILT_IN'
  created: string
  lastUpdated: string
  lastMembershipUpdated: string
  name: string
  description: string | null
  /** The app an APP_GROUP came from. */
  source: string | null
}

export type App = {
  id: string
  ordinal: number
  name: string
  label: string
  status: 'ACTIVE' | 'INACTIVE'
  signOnMode: string
  created: string
  lastUpdated: string
  features: readonly string[]
  implicitAssignment: boolean
  url: string
}

export type DirectAssignment = { created: string; lastUpdated: string; userName: string; profile: Profile }
export type GroupAssignment = { lastUpdated: string; priority: number; profile: Profile }

/** `user.{attribute} == "{value}"` puts people into one group, except those somebody took out by hand. */
export type Rule = {
  id: string
  ordinal: number
  name: string
  status: 'ACTIVE' | 'INACTIVE'
  attribute: string
  value: string
  groupId: string
  exclude: readonly string[]
  created: string
  lastUpdated: string
}

export type Hook = {
  id: string
  ordinal: number
  name: string
  status: 'ACTIVE' | 'INACTIVE'
  verificationStatus: 'UNVERIFIED' | 'VERIFIED'
  events: readonly string[]
  channel: {
    uri: string
    authKey: string | null
    authValue: string | null
    headers: { key: string; value: string }[]
  }
  created: string
  lastUpdated: string
}

export type ServiceApp = {
  clientId: string
  label: string
  jwks: readonly JWK[]
  scopes: readonly string[]
  role: string | null
  dpopRequired: boolean
  created: string
}

/** One line of the ledger: an effect that was really carried out. */
export type LedgerEntry = {
  seq: number
  at: string
  actor: string
  kind: string
  target: string
  detail: Record<string, unknown>
  requestId: string
}

export type LogTarget = { id: string; type: string; alternateId: string; displayName: string }
export type LogRow = {
  uuid: string
  published: string
  eventType: string
  displayMessage: string
  actor: LogTarget
  target: LogTarget[]
  requestId: string
}

export type Write =
  | { t: 'user'; id: string; row: User | null }
  | { t: 'group'; id: string; row: Group | null }
  | { t: 'member'; group: string; user: string; on: boolean; at: string }
  | { t: 'app'; id: string; row: App | null }
  | { t: 'appUser'; app: string; user: string; row: DirectAssignment | null }
  | { t: 'appGroup'; app: string; group: string; row: GroupAssignment | null }
  | { t: 'rule'; id: string; row: Rule | null }
  | { t: 'hook'; id: string; row: Hook | null }
  | { t: 'serviceApp'; id: string; row: ServiceApp | null }
  | { t: 'provisioning'; key: string; row: unknown }

type Row = { id: string; ordinal: number }
/** Rows by id and in the order they were made, which is the order Okta lists them in. */
export type Table<T extends Row> = { byId: Map<string, T>; order: (T | undefined)[] }

export type Org = {
  seed: string
  domain: string
  id: string
  version: number
  users: Table<User>
  logins: Map<string, string>
  groups: Table<Group>
  everyone: string
  members: Map<string, Set<string>>
  apps: Table<App>
  keydeskApp: string
  appUsers: Map<string, Map<string, DirectAssignment>>
  appGroups: Map<string, Map<string, GroupAssignment>>
  rules: Table<Rule>
  hooks: Table<Hook>
  serviceApps: Map<string, ServiceApp>
  provisioning: Map<string, unknown>
  ledger: LedgerEntry[]
  log: LogRow[]
  /** The row before its last change, for the `stale` fault. */
  previous: Map<string, User>
  /** Users Okta still says it is working on, and for how many more reads it says so. */
  transitions: Map<string, { from: Status; to: Status; reads: number }>
}

export function emptyOrg(seed: string): Org {
  const table = () => ({ byId: new Map(), order: [] })
  return {
    seed,
    domain: `${seed}.example`,
    id: `00o${hash32(seed).toString(36).padEnd(10, 'k').slice(0, 10)}Sand5d7`,
    version: 0,
    users: table(),
    logins: new Map(),
    groups: table(),
    everyone: '',
    members: new Map(),
    apps: table(),
    keydeskApp: '',
    appUsers: new Map(),
    appGroups: new Map(),
    rules: table(),
    hooks: table(),
    serviceApps: new Map(),
    provisioning: new Map(),
    ledger: [],
    log: [],
    previous: new Map(),
    transitions: new Map(),
  }
}

export function rows<T extends Row>(table: Table<T>): T[] {
  return table.order.filter((row) => row !== undefined)
}

function put<T extends Row>(table: Table<T>, id: string, row: T | null): T | undefined {
  const before = table.byId.get(id)
  if (row) {
    table.byId.set(id, row)
    table.order[row.ordinal] = row
  } else if (before) {
    table.byId.delete(id)
    table.order[before.ordinal] = undefined
  }
  return before
}

/** Logins are unique without regard to case and diacritics (user profile docs). */
export function normalLogin(login: string): string {
  return login.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

/** The one place where the organisation changes: live, and again when the journal is read. */
export function applyWrite(org: Org, write: Write): void {
  org.version += 1
  switch (write.t) {
    case 'user':
      putUser(org, write.id, write.row)
      return
    case 'group':
      put(org.groups, write.id, write.row)
      if (!write.row) org.members.delete(write.id)
      return
    case 'member':
      setMember(org, write)
      return
    case 'app':
      put(org.apps, write.id, write.row)
      return
    case 'appUser':
      setIn(org.appUsers, write.app, write.user, write.row)
      return
    case 'appGroup':
      setIn(org.appGroups, write.app, write.group, write.row)
      return
    case 'rule':
      put(org.rules, write.id, write.row)
      return
    case 'hook':
      put(org.hooks, write.id, write.row)
      return
    case 'serviceApp':
      if (write.row) org.serviceApps.set(write.id, write.row)
      else org.serviceApps.delete(write.id)
      return
    case 'provisioning':
      if (write.row === null) org.provisioning.delete(write.key)
      else org.provisioning.set(write.key, write.row)
      return
  }
}

function putUser(org: Org, id: string, row: User | null): void {
  const before = put(org.users, id, row)
  if (before) {
    org.logins.delete(normalLogin(String(before.profile['login'])))
    org.previous.set(id, before)
  }
  if (row) org.logins.set(normalLogin(String(row.profile['login'])), id)
  if (row) return
  for (const members of org.members.values()) members.delete(id)
  for (const assigned of org.appUsers.values()) assigned.delete(id)
}

function setMember(org: Org, write: Extract<Write, { t: 'member' }>): void {
  const members = org.members.get(write.group) ?? new Set<string>()
  org.members.set(write.group, members)
  if (write.on) members.add(write.user)
  else members.delete(write.user)
  const group = org.groups.byId.get(write.group)
  if (group) put(org.groups, group.id, { ...group, lastMembershipUpdated: write.at })
}

function setIn<V>(map: Map<string, Map<string, V>>, outer: string, inner: string, row: V | null): void {
  const found = map.get(outer) ?? new Map<string, V>()
  map.set(outer, found)
  if (row) found.set(inner, row)
  else found.delete(inner)
}

// ---- looking things up ------------------------------------------------------------------------

/** By id, by login, or by a login without its domain. */
export function findUser(org: Org, key: string): User | undefined {
  const direct = org.users.byId.get(key)
  if (direct) return direct
  const login = normalLogin(key)
  const id = org.logins.get(login) ?? org.logins.get(`${login}@${org.domain}`)
  return id === undefined ? undefined : org.users.byId.get(id)
}

export function isMember(org: Org, group: Group, userId: string): boolean {
  return group.type === 'BUILT_IN' || (org.members.get(group.id)?.has(userId) ?? false)
}

export function groupsOf(org: Org, userId: string): Group[] {
  return rows(org.groups).filter((group) => isMember(org, group, userId))
}

export function membersOf(org: Org, group: Group): User[] {
  if (group.type === 'BUILT_IN') return rows(org.users)
  const users: User[] = []
  for (const id of org.members.get(group.id) ?? []) {
    const user = org.users.byId.get(id)
    if (user) users.push(user)
  }
  return users.sort((a, b) => a.ordinal - b.ordinal)
}

export type AppUser = { user: User; scope: 'USER' | 'GROUP'; created: string; direct?: DirectAssignment }

/** Assignments by group are not stored: they follow from the memberships, so they cannot drift. */
export function findAppUser(org: Org, appId: string, user: User): AppUser | undefined {
  if (user.status === 'DEPROVISIONED') return undefined
  const direct = org.appUsers.get(appId)?.get(user.id)
  if (direct) return { user, scope: 'USER', created: direct.created, direct }
  const granted = grantingGroup(org, appId, user.id)
  return granted && { user, scope: 'GROUP', created: granted.assignment.lastUpdated }
}

export function grantingGroup(org: Org, appId: string, userId: string) {
  for (const [groupId, assignment] of org.appGroups.get(appId) ?? []) {
    const group = org.groups.byId.get(groupId)
    if (group && isMember(org, group, userId)) return { group, assignment }
  }
  return undefined
}

export function appUsersOf(org: Org, appId: string): AppUser[] {
  const found: AppUser[] = []
  for (const user of org.users.order) {
    const appUser = user && findAppUser(org, appId, user)
    if (appUser) found.push(appUser)
  }
  return found
}
