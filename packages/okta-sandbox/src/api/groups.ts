/** Groups, their members, and the rules that feed them. */
import { invalid, notFound, OktaError } from '../errors.ts'
import { FilterError, matches, parseFilter } from '../filter.ts'
import { oktaId } from '../ids.ts'
import { findUser, type Group, isMember, membersOf, type Rule, rows, type User, type Write } from '../org.ts'
import { page } from '../paging.ts'
import { aboutUser, type Call, carryOut, noContent, now, ok, type Route } from '../world.ts'
import { viewApp } from './app-view.ts'
import { viewGroup } from './group-view.ts'
import { listedUser } from './user-view.ts'

const READ = 'okta.groups.read'
const MANAGE = 'okta.groups.manage'

export const groupRoutes: Route[] = [
  { method: 'GET', path: '/api/v1/groups', scope: READ, handler: listGroups },
  { method: 'POST', path: '/api/v1/groups', scope: MANAGE, handler: createGroup },
  { method: 'GET', path: '/api/v1/groups/rules', scope: READ, handler: listRules },
  {
    method: 'GET',
    path: '/api/v1/groups/:group',
    scope: READ,
    handler: (call) => ok(viewGroup(call, getGroup(call))),
  },
  { method: 'PUT', path: '/api/v1/groups/:group', scope: MANAGE, handler: updateGroup },
  { method: 'DELETE', path: '/api/v1/groups/:group', scope: MANAGE, handler: deleteGroup },
  { method: 'GET', path: '/api/v1/groups/:group/users', scope: READ, handler: listMembers },
  { method: 'GET', path: '/api/v1/groups/:group/apps', scope: READ, handler: listApps },
  {
    method: 'PUT',
    path: '/api/v1/groups/:group/users/:user',
    scope: MANAGE,
    handler: (call) => setMember(call, true),
  },
  {
    method: 'DELETE',
    path: '/api/v1/groups/:group/users/:user',
    scope: MANAGE,
    handler: (call) => setMember(call, false),
  },
]

function getGroup(call: Call): Group {
  const id = call.params['group'] ?? ''
  const group = call.org.groups.byId.get(id)
  if (!group) throw notFound(id, 'UserGroup')
  return group
}

const aboutGroup = (group: Group) => ({
  id: group.id,
  type: 'UserGroup',
  alternateId: 'unknown',
  displayName: group.name,
})
const PATHS = /^(id|type|lastUpdated|lastMembershipUpdated|created|profile\.(name|description)|source\.id)$/
const NO_PAGES_LIMIT = 300

function listGroups(call: Call) {
  const text = call.query.get('search') ?? call.query.get('filter') ?? ''
  if (call.query.has('search') && call.query.has('filter')) throw new OktaError('E0000033')
  const condition = text === '' ? undefined : conditionOf(text)
  const q = call.query.get('q')?.toLowerCase()
  const most = q !== undefined ? NO_PAGES_LIMIT : call.query.has('expand') ? 200 : 10_000
  return page(call, {
    limit: { normal: most, most },
    rows: () => {
      const found = rows(call.org.groups).filter(
        (group) => !condition || matches(condition, readGroup(group)),
      )
      // `q` has no second page.
      return q === undefined
        ? found
        : found.filter((group) => group.name.toLowerCase().startsWith(q)).slice(0, NO_PAGES_LIMIT)
    },
    ordinal: (group) => group.ordinal,
    view: (group) => viewGroup(call, group),
  })
}

function conditionOf(text: string) {
  try {
    return parseFilter(text, (path) => PATHS.test(path))
  } catch (error) {
    if (error instanceof FilterError) throw new OktaError('E0000031', { causes: [error.message] })
    throw error
  }
}

function readGroup(group: Group): (path: string) => unknown {
  return (path) => {
    if (path === 'source.id') return group.source
    return group[path.replace('profile.', '') as keyof Group]
  }
}

async function createGroup(call: Call) {
  const profile = profileOf(call)
  const ordinal = call.org.groups.order.length
  const at = now()
  const row: Group = {
    id: oktaId('00g', call.org.seed, ordinal),
    ordinal,
    type: 'OKTA_GROUP',
    created: at,
    lastUpdated: at,
    lastMembershipUpdated: at,
    ...profile,
    source: null,
  }
  await saveGroup(call, row, 'create')
  return ok(viewGroup(call, row))
}

async function updateGroup(call: Call) {
  const group = getGroup(call)
  if (group.type !== 'OKTA_GROUP') throw new OktaError('E0000006')
  const row = { ...group, ...profileOf(call, group), lastUpdated: now() }
  await saveGroup(call, row, 'update')
  return ok(viewGroup(call, row))
}

async function saveGroup(call: Call, row: Group, verb: 'create' | 'update'): Promise<void> {
  const type = verb === 'create' ? 'group.lifecycle.create' : 'group.profile.update'
  await carryOut(call, {
    kind: `group.${verb}`,
    target: row.id,
    detail: { name: row.name },
    writes: [{ t: 'group', id: row.id, row }],
    events: [{ type, message: `Okta group ${verb}d`, about: [aboutGroup(row)] }],
  })
}

function profileOf(call: Call, self?: Group): { name: string; description: string | null } {
  const profile = (call.body as { profile?: { name?: string; description?: string } } | undefined)?.profile
  const name = profile?.name?.trim() ?? ''
  if (name === '') throw invalid('name', 'name: The field cannot be left blank')
  const holder = rows(call.org.groups).find((group) => group.name === name && group.type === 'OKTA_GROUP')
  if (holder && holder.id !== self?.id)
    throw invalid('name', 'name: An object with this field already exists in the current organization')
  return { name, description: profile?.description ?? null }
}

async function deleteGroup(call: Call) {
  const group = getGroup(call)
  if (group.type === 'BUILT_IN') throw new OktaError('E0000006')
  const granted = [...call.org.appGroups].filter(([, groups]) => groups.has(group.id))
  await carryOut(call, {
    kind: 'group.delete',
    target: group.id,
    detail: { name: group.name },
    writes: [
      ...granted.map(([app]): Write => ({ t: 'appGroup', app, group: group.id, row: null })),
      { t: 'group', id: group.id, row: null },
    ],
    events: [{ type: 'group.lifecycle.delete', message: 'Okta group deleted', about: [aboutGroup(group)] }],
  })
  return noContent
}

function listMembers(call: Call) {
  const group = getGroup(call)
  return page(call, {
    limit: { normal: 1000, most: 1000 },
    rows: () => membersOf(call.org, group),
    ordinal: (user) => user.ordinal,
    view: (user) => listedUser(call, user),
  })
}

function listApps(call: Call) {
  const group = getGroup(call)
  return page(call, {
    limit: { normal: 20, most: 200 },
    rows: () => rows(call.org.apps).filter((app) => call.org.appGroups.get(app.id)?.has(group.id)),
    ordinal: (app) => app.ordinal,
    view: (app) => viewApp(call, app),
  })
}

async function setMember(call: Call, on: boolean) {
  const group = getGroup(call)
  const key = call.params['user'] ?? ''
  const user = findUser(call.org, key)
  if (!user) throw notFound(key, 'User')
  // Everyone answers 501, imported groups answer as if a right were missing (terraform #903, #118).
  if (group.type === 'BUILT_IN') throw new OktaError('E0000060')
  if (group.type === 'APP_GROUP') throw new OktaError('E0000006')
  if (isMember(call.org, group, user.id) === on) return noContent
  await changeMembership(call, group, user, on)
  return noContent
}

async function changeMembership(call: Call, group: Group, user: User, on: boolean): Promise<void> {
  const excluded = on ? [] : excludeFromRules(call, group, user)
  const type = `group.user_membership.${on ? 'add' : 'remove'}`
  const about = [aboutUser(user), aboutGroup(group)]
  await carryOut(call, {
    kind: on ? 'group.add_member' : 'group.remove_member',
    target: group.id,
    detail: {
      user: user.id,
      ...(excluded.length > 0 && { excludedFromRules: excluded.map((rule) => rule.id) }),
    },
    writes: [
      { t: 'member', group: group.id, user: user.id, on, at: now() },
      ...excluded.map((row): Write => ({ t: 'rule', id: row.id, row })),
    ],
    events: [
      { type, message: `${on ? 'Add' : 'Remove'} user ${on ? 'to' : 'from'} group membership`, about },
      ...excluded.map(() => ({
        type: 'group.user_membership.rule.add_exclusion',
        message: 'Exclude user from group rule',
        about,
      })),
    ],
  })
}

/** Whoever is taken out of a rule-fed group by hand stays out for good (terraform #179). */
function excludeFromRules(call: Call, group: Group, user: User): Rule[] {
  return rows(call.org.rules)
    .filter((rule) => rule.groupId === group.id && rule.status === 'ACTIVE')
    .filter((rule) => user.profile[rule.attribute] === rule.value && !rule.exclude.includes(user.id))
    .map((rule) => ({ ...rule, exclude: [...rule.exclude, user.id], lastUpdated: now() }))
}

function listRules(call: Call) {
  const search = call.query.get('search')?.toLowerCase() ?? ''
  return page(call, {
    limit: { normal: 50, most: 200 },
    rows: () => rows(call.org.rules).filter((rule) => rule.name.toLowerCase().includes(search)),
    ordinal: (rule) => rule.ordinal,
    view: viewRule,
  })
}

function viewRule(rule: Rule) {
  const value = `user.${rule.attribute}=="${rule.value}"`
  return {
    id: rule.id,
    type: 'group_rule',
    name: rule.name,
    status: rule.status,
    created: rule.created,
    lastUpdated: rule.lastUpdated,
    conditions: {
      people: { users: { exclude: rule.exclude }, groups: { exclude: [] } },
      expression: { value, type: 'urn:okta:expression:1.0' },
    },
    actions: { assignUserToGroups: { groupIds: [rule.groupId] } },
  }
}
