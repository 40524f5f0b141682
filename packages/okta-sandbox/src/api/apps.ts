/** Apps and who holds them: directly, or through a group. */
import { invalid, notFound, OktaError } from '../errors.ts'
import { type Filter, FilterError, parseFilter } from '../filter.ts'
import {
  type App,
  appUsersOf,
  type DirectAssignment,
  findAppUser,
  findUser,
  type Group,
  grantingGroup,
  rows,
  type User,
} from '../org.ts'
import { page } from '../paging.ts'
import { aboutUser, type Call, carryOut, noContent, now, ok, type Route } from '../world.ts'
import { viewApp, viewAppGroup, viewAppUser } from './app-view.ts'
import { viewGroup } from './group-view.ts'
import { listedUser } from './user-view.ts'

const READ = 'okta.apps.read'
const MANAGE = 'okta.apps.manage'

export const appRoutes: Route[] = [
  { method: 'GET', path: '/api/v1/apps', scope: READ, handler: listApps },
  {
    method: 'GET',
    path: '/api/v1/apps/:app',
    scope: READ,
    handler: (call) => ok(viewApp(call, getApp(call))),
  },
  { method: 'GET', path: '/api/v1/apps/:app/users', scope: READ, handler: listAppUsers },
  { method: 'POST', path: '/api/v1/apps/:app/users', scope: MANAGE, handler: assignUser },
  { method: 'GET', path: '/api/v1/apps/:app/users/:user', scope: READ, handler: readAppUser },
  { method: 'DELETE', path: '/api/v1/apps/:app/users/:user', scope: MANAGE, handler: unassignUser },
  { method: 'GET', path: '/api/v1/apps/:app/groups', scope: READ, handler: listAppGroups },
  { method: 'GET', path: '/api/v1/apps/:app/groups/:group', scope: READ, handler: readAppGroup },
  { method: 'PUT', path: '/api/v1/apps/:app/groups/:group', scope: MANAGE, handler: assignGroup },
  { method: 'DELETE', path: '/api/v1/apps/:app/groups/:group', scope: MANAGE, handler: unassignGroup },
]

function getApp(call: Call): App {
  return appById(call, call.params['app'] ?? '')
}

function appById(call: Call, id: string): App {
  const app = call.org.apps.byId.get(id)
  if (!app) throw notFound(id, 'AppInstance')
  return app
}

const aboutApp = (app: App) => ({
  id: app.id,
  type: 'AppInstance',
  alternateId: app.label,
  displayName: app.label,
})

function listApps(call: Call) {
  const keep = appCondition(call, call.query.get('filter') ?? '')
  const q = call.query.get('q')?.toLowerCase() ?? ''
  const expanded = call.query.get('expand')?.match(/^user\/(.+)$/)?.[1]
  const person = expanded === undefined ? undefined : findUser(call.org, expanded)
  return page(call, {
    limit: { normal: 20, most: 200 },
    rows: () =>
      rows(call.org.apps).filter(
        (app) => keep(app) && (app.name.startsWith(q) || app.label.toLowerCase().startsWith(q)),
      ),
    ordinal: (app) => app.ordinal,
    view: (app) => {
      const held = person && findAppUser(call.org, app.id, person)
      return { ...viewApp(call, app), ...(held && { _embedded: { user: viewAppUser(call, app, held) } }) }
    },
  })
}

/** One expression only, and only `eq` (legacy api_apps.md). */
function appCondition(call: Call, text: string): (app: App) => boolean {
  if (text === '') return () => true
  const filter = readFilter(text)
  if (filter.kind !== 'compare' || filter.op !== 'eq') throw new OktaError('E0000031')
  const value = String(filter.value)
  switch (filter.path) {
    case 'user.id': {
      const user = call.org.users.byId.get(value)
      return (app) => user !== undefined && findAppUser(call.org, app.id, user) !== undefined
    }
    case 'group.id':
      return (app) => call.org.appGroups.get(app.id)?.has(value) ?? false
    default: {
      const key = filter.path as 'id' | 'name' | 'status'
      return (app) => app[key] === value
    }
  }
}

function readFilter(text: string): Filter {
  try {
    return parseFilter(text, (path) => /^(id|name|status|user\.id|group\.id)$/.test(path))
  } catch (error) {
    if (error instanceof FilterError) throw new OktaError('E0000031', { causes: [error.message] })
    throw error
  }
}

function listAppUsers(call: Call) {
  const app = getApp(call)
  const q = call.query.get('q')?.toLowerCase() ?? ''
  const embeds = call.query.get('expand') === 'user'
  const named = (user: User) =>
    ['login', 'firstName', 'lastName', 'email'].some((key) =>
      String(user.profile[key]).toLowerCase().startsWith(q),
    )
  return page(call, {
    limit: { normal: 50, most: 500 },
    rows: () => appUsersOf(call.org, app.id).filter(({ user }) => q === '' || named(user)),
    ordinal: ({ user }) => user.ordinal,
    view: (held) => ({
      ...viewAppUser(call, app, held),
      ...(embeds && { _embedded: { user: listedUser(call, held.user) } }),
    }),
  })
}

function readAppUser(call: Call) {
  const { app, user } = appAndUser(call)
  const held = findAppUser(call.org, app.id, user)
  if (!held) throw notFound(user.id, 'AppUser')
  return ok(viewAppUser(call, app, held))
}

function appAndUser(call: Call, key = call.params['user'] ?? ''): { app: App; user: User } {
  const app = getApp(call)
  const user = findUser(call.org, key)
  if (!user) throw notFound(key, 'User')
  return { app, user }
}

type AssignBody = { id?: string; credentials?: { userName?: string }; profile?: Record<string, unknown> }

async function assignUser(call: Call) {
  const body = (call.body ?? {}) as AssignBody
  if (!body.id) throw invalid('id', 'id: The field cannot be left blank')
  const { app, user } = appAndUser(call, body.id)
  if (body.credentials && app.signOnMode === 'BOOKMARK') throw new OktaError('E0000041')
  return ok(await assign(call, app.id, user, body))
}

/** Gives a person the app directly; whoever had it through a group has it both ways. */
export async function assign(call: Call, appId: string, user: User, body: AssignBody = {}) {
  const app = appById(call, appId)
  if (user.status === 'DEPROVISIONED') throw invalid('appUser', 'Deactivated users cannot be assigned.')
  const at = now()
  const before = call.org.appUsers.get(app.id)?.get(user.id)
  const userName = body.credentials?.userName ?? String(user.profile['login'])
  const row = { created: before?.created ?? at, lastUpdated: at, userName, profile: body.profile ?? {} }
  await saveAppUser(call, app, user, row)
  return viewAppUser(call, app, { user, scope: 'USER', created: row.created, direct: row })
}

async function unassignUser(call: Call) {
  const { app, user } = appAndUser(call)
  await unassign(call, app.id, user)
  return noContent
}

/** Takes the app away, unless a group still gives it (teleport #53947). */
export async function unassign(call: Call, appId: string, user: User): Promise<void> {
  const app = appById(call, appId)
  if (!findAppUser(call.org, app.id, user)) throw notFound(user.id, 'AppUser')
  if (grantingGroup(call.org, app.id, user.id))
    throw new OktaError('E0000046', {
      causes: [
        'The application cannot be unassigned from the user while their group memberships grant them access',
      ],
    })
  await saveAppUser(call, app, user, null)
}

async function saveAppUser(call: Call, app: App, user: User, row: DirectAssignment | null): Promise<void> {
  const verb = row ? 'add' : 'remove'
  const message = row ? 'Add user to application membership' : 'Remove user from application membership'
  await carryOut(call, {
    kind: row ? 'app.assign_user' : 'app.unassign_user',
    target: app.id,
    detail: { user: user.id },
    writes: [{ t: 'appUser', app: app.id, user: user.id, row }],
    events: [
      { type: `application.user_membership.${verb}`, message, about: [aboutUser(user), aboutApp(app)] },
    ],
  })
}

function listAppGroups(call: Call) {
  const app = getApp(call)
  const embeds = call.query.get('expand') === 'group'
  return page(call, {
    limit: { normal: 20, most: 200, least: 20 },
    rows: () =>
      [...(call.org.appGroups.get(app.id) ?? [])].flatMap(([id, held]) => withGroup(call, id, held)),
    ordinal: ({ group }) => group.ordinal,
    view: ({ group, held }) => ({
      ...viewAppGroup(call, app.id, group.id, held),
      ...(embeds && { _embedded: { group: viewGroup(call, group) } }),
    }),
  })
}

function withGroup<T>(call: Call, id: string, held: T): { group: Group; held: T }[] {
  const group = call.org.groups.byId.get(id)
  return group ? [{ group, held }] : []
}

function appAndGroup(call: Call): { app: App; group: Group } {
  const app = getApp(call)
  const id = call.params['group'] ?? ''
  const group = call.org.groups.byId.get(id)
  if (!group) throw notFound(id, 'UserGroup')
  return { app, group }
}

function readAppGroup(call: Call) {
  const { app, group } = appAndGroup(call)
  const held = call.org.appGroups.get(app.id)?.get(group.id)
  if (!held) throw notFound(group.id, 'ApplicationGroupAssignment')
  return ok(viewAppGroup(call, app.id, group.id, held))
}

async function assignGroup(call: Call) {
  const { app, group } = appAndGroup(call)
  const body = (call.body ?? {}) as { priority?: number; profile?: Record<string, unknown> }
  const row = { lastUpdated: now(), priority: body.priority ?? 0, profile: body.profile ?? {} }
  await saveAppGroup(call, app, group, row)
  return ok(viewAppGroup(call, app.id, group.id, row))
}

async function unassignGroup(call: Call) {
  const { app, group } = appAndGroup(call)
  if (!call.org.appGroups.get(app.id)?.has(group.id)) throw notFound(group.id, 'ApplicationGroupAssignment')
  await saveAppGroup(call, app, group, null)
  return noContent
}

async function saveAppGroup(
  call: Call,
  app: App,
  group: Group,
  row: { lastUpdated: string; priority: number; profile: Record<string, unknown> } | null,
): Promise<void> {
  const about = [
    { id: group.id, type: 'UserGroup', alternateId: 'unknown', displayName: group.name },
    aboutApp(app),
  ]
  await carryOut(call, {
    kind: row ? 'app.assign_group' : 'app.unassign_group',
    target: app.id,
    detail: { group: group.id },
    writes: [{ t: 'appGroup', app: app.id, group: group.id, row }],
    events: [
      {
        type: `group.application_assignment.${row ? 'add' : 'remove'}`,
        message: `${row ? 'Assign' : 'Unassign'} group`,
        about,
      },
    ],
  })
}
