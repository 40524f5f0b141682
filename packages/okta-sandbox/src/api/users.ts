/** Users: list, read, create, update, and what hangs on one of them. */
import { randomUUID } from 'node:crypto'
import { invalid, notFound, OktaError } from '../errors.ts'
import { type Filter, FilterError, matches, parseFilter } from '../filter.ts'
import { oktaId } from '../ids.ts'
import {
  findUser,
  groupsOf,
  isMember,
  normalLogin,
  type Profile,
  rows,
  type User,
  type Write,
} from '../org.ts'
import { page } from '../paging.ts'
import { aboutUser, type Call, carryOut, now, ok, type Route } from '../world.ts'
import { viewAppLinks } from './app-view.ts'
import { viewGroup } from './group-view.ts'
import { listedUser, readUser, wholeUser } from './user-view.ts'

const READ = 'okta.users.read'
const MANAGE = 'okta.users.manage'

export const userRoutes: Route[] = [
  { method: 'GET', path: '/api/v1/users', scope: READ, handler: listUsers },
  { method: 'POST', path: '/api/v1/users', scope: MANAGE, handler: createUser },
  { method: 'GET', path: '/api/v1/users/:user', scope: READ, handler: readOne },
  { method: 'POST', path: '/api/v1/users/:user', scope: MANAGE, handler: updateUser },
  { method: 'PUT', path: '/api/v1/users/:user', scope: MANAGE, handler: updateUser },
  { method: 'GET', path: '/api/v1/users/:user/groups', scope: READ, handler: listGroups },
  {
    method: 'GET',
    path: '/api/v1/users/:user/appLinks',
    scope: READ,
    handler: (call) => ok(viewAppLinks(call, getUser(call))),
  },
  { method: 'GET', path: '/api/v1/users/:user/roles', scope: 'okta.roles.read', handler: listRoles },
  { method: 'GET', path: '/api/v1/users/:user/blocks', scope: READ, handler: listBlocks },
  { method: 'GET', path: '/api/v1/users/:user/linkedObjects/:relation', scope: READ, handler: linkedObjects },
]

/** The user in the path, by id, login or short login. */
export function getUser(call: Call): User {
  const key = call.params['user'] ?? ''
  const found = key === 'me' ? me(call) : findUser(call.org, key)
  if (!found) throw notFound(key, 'User')
  return found
}

// A service app is nobody: there is no user behind its token.
function me(call: Call): User | undefined {
  if (call.actor.kind !== 'User') throw new OktaError('E0000005')
  return call.org.users.byId.get(call.actor.id)
}

const LIST_LIMIT = { normal: 200, most: 200 }
const FILTERABLE = /^(id|status|lastUpdated|profile\.(login|email|firstName|lastName))$/
const SEARCHABLE = /^(id|status|created|activated|statusChanged|lastUpdated|type\.id|profile\.\w+)$/

function listUsers(call: Call) {
  const [q, filter, search] = ['q', 'filter', 'search'].map((name) => call.query.get(name) ?? '')
  if (filter && search) throw new OktaError('E0000033')
  if (q) return quickSearch(call, q.toLowerCase())
  const condition = readCondition(search || filter || '', search ? SEARCHABLE : FILTERABLE)
  const sortBy = search ? call.query.get('sortBy') : null
  if (sortBy !== null && !SEARCHABLE.test(sortBy)) throw new OktaError('E0000031')
  const descending = call.query.get('sortOrder')?.toLowerCase() === 'desc'
  const key = (user: User) => (sortBy === null ? '' : sortKey(readUser(call.org, user)(sortBy)))
  return page(call, {
    limit: LIST_LIMIT,
    rows: () => {
      const found = rows(call.org.users).filter((user) =>
        condition ? matches(condition, readUser(call.org, user)) : user.status !== 'DEPROVISIONED',
      )
      return sortBy === null ? found : sorted(found, key, descending)
    },
    ordinal: (user) => user.ordinal,
    key,
    descending,
    view: (user) => listedUser(call, user),
  })
}

function readCondition(text: string, known: RegExp): Filter | undefined {
  if (text === '') return undefined
  try {
    return parseFilter(text, (path) => known.test(path))
  } catch (error) {
    if (error instanceof FilterError) throw new OktaError('E0000031', { causes: [error.message] })
    throw error
  }
}

function sortKey(value: unknown): string {
  return value == null ? '' : String(value).toLowerCase()
}

function sorted(users: User[], key: (user: User) => string, descending: boolean): User[] {
  const sign = descending ? -1 : 1
  const keyed = users.map((user) => ({ user, key: key(user) }))
  keyed.sort((a, b) => (a.key === b.key ? a.user.ordinal - b.user.ordinal : a.key < b.key ? -sign : sign))
  return keyed.map(({ user }) => user)
}

/** `q` starts a name or an address, gives ten unless told, and has no pages. */
function quickSearch(call: Call, q: string) {
  const limit = Math.min(Number(call.query.get('limit') ?? 10) || 10, 200)
  const found = rows(call.org.users).filter(
    (user) =>
      user.status !== 'DEPROVISIONED' &&
      ['firstName', 'lastName', 'email', 'login'].some((name) =>
        String(user.profile[name] ?? '')
          .toLowerCase()
          .startsWith(q),
      ),
  )
  return ok(found.slice(0, limit).map((user) => listedUser(call, user)))
}

function readOne(call: Call) {
  const user = getUser(call)
  return ok(wholeUser(call, call.fault?.kind === 'stale' ? (call.org.previous.get(user.id) ?? user) : user))
}

async function createUser(call: Call) {
  const body = (call.body ?? {}) as {
    profile?: Profile
    credentials?: Record<string, unknown>
    groupIds?: string[]
  }
  const profile: Profile = { secondEmail: null, mobilePhone: null, ...body.profile }
  checkProfile(call, profile)
  const ordinal = call.org.users.order.length
  const at = now()
  const hasPassword = body.credentials?.['password'] !== undefined
  const activated = call.query.get('activate') !== 'false'
  const row: User = {
    id: oktaId('00u', call.org.seed, ordinal),
    ordinal,
    status: activated ? (hasPassword ? 'ACTIVE' : 'PROVISIONED') : 'STAGED',
    created: at,
    activated: activated ? at : null,
    statusChanged: activated ? at : null,
    lastLogin: null,
    lastUpdated: at,
    passwordChanged: hasPassword ? at : null,
    provider: 'OKTA',
    hasPassword,
    recoveryQuestion: body.credentials?.['recovery_question'] !== undefined,
    blocked: false,
    profile,
    factors: [],
    roles: [],
  }
  const join = (group: string): Write => ({ t: 'member', group, user: row.id, on: true, at })
  await carryOut(call, {
    kind: 'user.create',
    target: row.id,
    detail: { status: row.status, login: profile['login'] },
    writes: [{ t: 'user', id: row.id, row }, ...(body.groupIds ?? []).map(join), ...ruleWrites(call, row)],
    events: [{ type: 'user.lifecycle.create', message: 'Create Okta user', about: [aboutUser(row)] }],
  })
  return ok(wholeUser(call, row))
}

async function updateUser(call: Call) {
  const user = getUser(call)
  const given = (call.body as { profile?: Profile } | undefined)?.profile ?? {}
  // POST changes what it names; PUT says all there is.
  const profile = call.method === 'PUT' ? given : { ...user.profile, ...given }
  checkProfile(call, profile, user)
  const changed = Object.keys({ ...user.profile, ...profile }).filter(
    (key) => user.profile[key] !== profile[key],
  )
  const row = { ...user, profile, lastUpdated: now() }
  const moves = ruleWrites(call, row)
  await carryOut(call, {
    kind: 'user.update',
    target: user.id,
    detail: { changed, ...(moves.length > 0 && { movedByRules: moves.length }) },
    writes: [{ t: 'user', id: user.id, row }, ...moves],
    events: [
      {
        type: 'user.account.update_profile',
        message: 'Update user profile for Okta',
        about: [aboutUser(row)],
      },
    ],
  })
  return ok(wholeUser(call, row))
}

function checkProfile(call: Call, profile: Profile, self?: User): void {
  const causes: string[] = []
  for (const name of ['login', 'email', 'firstName', 'lastName'])
    if (!profile[name] && name in { login: 1, email: 1 })
      causes.push(`${name}: The field cannot be left blank`)
  const login = String(profile['login'] ?? '')
  const holder = call.org.logins.get(normalLogin(login))
  if (holder !== undefined && holder !== self?.id)
    causes.push('login: An object with this field already exists in the current organization')
  if (login.length > 100 || (login.length > 0 && login.length < 5))
    causes.push('login: Username must be between 5 and 100 characters')
  if (causes.length > 0) throw invalid(causes[0]?.split(':')[0] ?? 'login', ...causes)
}

/** Group rules follow the profile, save for those who were taken out by hand. */
function ruleWrites(call: Call, user: User): Write[] {
  const writes: Write[] = []
  for (const rule of rows(call.org.rules)) {
    const group = call.org.groups.byId.get(rule.groupId)
    if (!group || rule.status !== 'ACTIVE' || rule.exclude.includes(user.id)) continue
    const on = user.profile[rule.attribute] === rule.value
    const before = call.org.users.byId.get(user.id)?.profile[rule.attribute] === rule.value
    if (on === before || on === isMember(call.org, group, user.id)) continue
    writes.push({ t: 'member', group: group.id, user: user.id, on, at: now() })
  }
  return writes
}

function listGroups(call: Call) {
  const user = getUser(call)
  return ok(groupsOf(call.org, user.id).map((group) => viewGroup(call, group)))
}

function listRoles(call: Call) {
  const user = getUser(call)
  return ok(
    user.roles.map((type) => ({
      id: `ra1${user.id.slice(3)}`,
      label: 'Super Administrator',
      type,
      status: 'ACTIVE',
      created: user.created,
      lastUpdated: user.created,
      assignmentType: 'USER',
      _links: { assignee: { href: `${call.base}/api/v1/users/${user.id}` } },
    })),
  )
}

function listBlocks(call: Call) {
  return ok(getUser(call).blocked ? [{ type: 'DEVICE_BASED', appliesTo: 'UNKNOWN_DEVICES' }] : [])
}

function linkedObjects(call: Call) {
  const user = getUser(call)
  const relation = call.params['relation'] ?? ''
  if (relation !== 'manager') throw notFound(relation, 'LinkedObjectDefinition')
  const managerId = user.profile['managerId']
  const manager = typeof managerId === 'string' ? findUser(call.org, managerId) : undefined
  return ok(manager ? [{ _links: { self: { href: `${call.base}/api/v1/users/${manager.id}` } } }] : [])
}

/** The opaque part of the links Okta mails. */
export const linkToken = () => randomUUID().replaceAll('-', '').slice(0, 20)
