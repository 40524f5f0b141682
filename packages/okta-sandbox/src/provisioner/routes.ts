/** `/_sandbox/provisioning`: what an Okta admin does on the app's Provisioning and Push Groups tabs. */
import { assign, unassign } from '../api/apps.ts'
import { notFound, RawAnswer } from '../errors.ts'
import { findAppUser, findUser, rows, type User } from '../org.ts'
import { type Answer, type Call, ok, type Route } from '../world.ts'
import { type Config, configOf, linkOf, linksOf, type Push, pushesOf, pushOf } from './links.ts'
import { firstPush, pushNow, remember, syncUser } from './provisioner.ts'
import * as sequences from './sequences.ts'

const AT = '/_sandbox/provisioning'
const route = (method: Route['method'], path: string, handler: Route['handler']): Route => ({
  method,
  path: `${AT}${path}`,
  scope: null,
  handler,
})

export const provisioningRoutes: Route[] = [
  route('GET', '', (call) => ok(viewState(call))),
  route('GET', '/state', (call) => ok(viewState(call))),
  route('PUT', '/config', configure),
  route('POST', '/test', test),
  route('POST', '/import-groups', importGroups),
  route('POST', '/settle', settle),
  route('POST', '/assignments', assignPerson),
  route('DELETE', '/assignments/:user', unassignPerson),
  route('POST', '/group-pushes', createPush),
  route('POST', '/group-pushes/:push/push-now', pushAgain),
  route('DELETE', '/group-pushes/:push', unlink),
]

function viewState(call: Call) {
  const { org, world } = call
  const config = configOf(org)
  const named = (userId: string) => {
    const user = org.users.byId.get(userId)
    return {
      login: user?.profile['login'] ?? null,
      name: user?.profile['displayName'] ?? null,
      assigned: isAssigned(call, user),
    }
  }
  return {
    config: config ? { ...config, token: '••••' } : null,
    links: linksOf(org).map((link) => ({ ...link, ...named(link.userId) })),
    pushes: pushesOf(org),
    importedGroups: org.provisioning.get('imported') ?? [],
    pending: world.provisioner.pending,
    calls: world.provisioner.calls,
  }
}

const isAssigned = (call: Call, user: User | undefined) =>
  user !== undefined && findAppUser(call.org, call.org.keydeskApp, user) !== undefined

async function configure(call: Call) {
  const body = (call.body ?? {}) as Partial<Config>
  const before = configOf(call.org)
  const baseUrl = (body.baseUrl ?? before?.baseUrl ?? '').replace(/\/+$/, '')
  if (!URL.canParse(baseUrl))
    throw new RawAnswer(400, { message: 'baseUrl must be the address of the SCIM server.' })
  const dialect = body.dialect ?? before?.dialect ?? 'aiw'
  if (dialect !== 'aiw' && dialect !== 'oin')
    throw new RawAnswer(400, { message: 'dialect must be aiw or oin.' })
  const config: Config = {
    baseUrl,
    token: body.token ?? before?.token ?? '',
    dialect,
    rawToken: body.rawToken ?? before?.rawToken ?? false,
    defaultRole: body.defaultRole === undefined ? (before?.defaultRole ?? null) : body.defaultRole,
    importGroups: body.importGroups ?? before?.importGroups ?? false,
    waitScale: body.waitScale ?? before?.waitScale ?? 1,
  }
  await remember(call.world, 'provisioning.configure', 'config', config, call.org.keydeskApp)
  return ok(viewState(call))
}

/** Runs one sequence and says how it went, in Okta's words. */
async function tried(call: Call, work: (ready: sequences.Ready) => Promise<void>): Promise<Answer> {
  if (!configOf(call.org)) throw new RawAnswer(409, { message: 'Provisioning is not configured yet.' })
  try {
    await call.world.provisioner.enqueue(work)
    return ok({ ok: true })
  } catch (error) {
    return ok({ ok: false, error: (error as Error).message })
  }
}

function test(call: Call) {
  return tried(call, sequences.testConnection)
}

function importGroups(call: Call) {
  return tried(call, async (ready) => {
    const groups = await sequences.importGroups(ready)
    await remember(call.world, 'provisioning.import_groups', 'imported', groups, call.org.keydeskApp)
  })
}

async function settle(call: Call) {
  await call.world.provisioner.settled()
  return ok(viewState(call))
}

/** `?wait=false` answers before the app was told. */
async function settledUnlessTold(call: Call): Promise<void> {
  if (call.query.get('wait') !== 'false') await call.world.provisioner.settled()
}

function personOf(call: Call, key: string): User {
  const user = findUser(call.org, key)
  if (!user) throw notFound(key, 'User')
  return user
}

async function assignPerson(call: Call) {
  const body = (call.body ?? {}) as { userId?: string; login?: string }
  const user = personOf(call, body.userId ?? body.login ?? '')
  // Again means: try again.
  if (isAssigned(call, user)) await syncUser(call.world, call.world.provisioner, user.id, false)
  else await assign(call, call.org.keydeskApp, user)
  await settledUnlessTold(call)
  return ok({ user: user.id, link: linkOf(call.org, user.id) ?? null })
}

async function unassignPerson(call: Call) {
  const user = personOf(call, call.params['user'] ?? '')
  await unassign(call, call.org.keydeskApp, user)
  await settledUnlessTold(call)
  return ok({ user: user.id, link: linkOf(call.org, user.id) ?? null })
}

async function createPush(call: Call) {
  const body = (call.body ?? {}) as { groupId?: string; name?: string }
  const group =
    call.org.groups.byId.get(body.groupId ?? '') ??
    rows(call.org.groups).find(({ name }) => name === body.name)
  if (!group) throw notFound(body.groupId ?? body.name ?? '', 'UserGroup')
  const id = `gpm${group.id.slice(3)}`
  if (pushOf(call.org, id)) throw new RawAnswer(409, { message: `${group.name} is pushed already.` })
  const push: Push = {
    id,
    groupId: group.id,
    name: group.name,
    externalId: null,
    status: 'ACTIVE',
    error: null,
    members: {},
  }
  await remember(call.world, 'provisioning.group', `push/${id}`, push, group.id)
  await waited(call, firstPush(call.world, call.world.provisioner, id))
  return { status: 201, body: pushOf(call.org, id) }
}

async function waited(call: Call, work: Promise<void>): Promise<void> {
  if (call.query.get('wait') !== 'false') await work
}

function getPush(call: Call): Push {
  const id = call.params['push'] ?? ''
  const push = pushOf(call.org, id) ?? pushesOf(call.org).find(({ groupId }) => groupId === id)
  if (!push) throw notFound(id, 'GroupPushMapping')
  return push
}

async function pushAgain(call: Call) {
  const { id } = getPush(call)
  await waited(call, pushNow(call.world, call.world.provisioner, id))
  return ok(pushOf(call.org, id))
}

async function unlink(call: Call) {
  const push = getPush(call)
  const { externalId } = push
  const answer =
    call.query.get('deleteInApp') === 'true' && externalId !== null
      ? await tried(call, (ready) => sequences.deleteGroup(ready, externalId))
      : ok({ ok: true })
  await remember(call.world, 'provisioning.unlink_group', `push/${push.id}`, null, push.groupId)
  return answer
}
