/**
 * `/Groups`: roles of the workspace that the connection may see, never Owner. Their members are those who
 * hold a role by its pushed group.
 */
import {
  applyPatch,
  compareSorted,
  compareSortKeys,
  type Filter,
  groupResourceType,
  listResponse,
  matches,
  notFound,
  type PatchOp,
  type Projection,
  project,
  type Resource,
  readPatch,
  readProjection,
  readResource,
  readSort,
  type Sort,
  type SortKey,
  sortKeyOf,
  uniqueness,
} from '@keydesk/scim'
import {
  createPushedRole,
  deletePushedRole,
  findPushableRole,
  listPushableRoles,
  listRoleMembers,
  type RoleRow,
  renamePushedRole,
  setRoleExternalId,
} from '#accounts'
import { inBatches, type Tx, transact } from '#platform'
import { change } from './change.ts'
import { cursorAfter, type Place, readCursor } from './cursors.ts'
import {
  type GroupNames,
  groupOf,
  type Members,
  memberIdsOf,
  type NetChange,
  namesOf,
  netBySight,
  netOf,
} from './group-resource.ts'
import { changeMembers, type MembersOutcome } from './group-writes.ts'
import { supersede } from './holds.ts'
import type { Answer, Call } from './http.ts'
import { laneOf, togetherOrAlone, type WriteLane } from './lanes.ts'
import { type Listing, readListing } from './listing.ts'
import { patchOptionsOf } from './users.ts'
import { etagOf, isKnown, requireMatch } from './versions.ts'

const type = groupResourceType
const NOBODY: Members = new Map()

export async function listGroups(call: Call): Promise<Answer> {
  const listing = readListing(call.query, type)
  const { groups, total, nextCursor } = await transact(call.ctx, (tx) => findPage(tx, call, listing))
  const { page, projection } = listing
  const position = page.kind === 'index' ? { startIndex: page.startIndex } : { nextCursor }
  const shown = groups.map((group) => project(group, type, projection))
  return { status: 200, body: listResponse(shown, { totalResults: total, ...position }) }
}

/** Groups that match, whole, for a list or a search over all types. Roles are few: the kernel itself filters them. */
export async function findGroups(
  tx: Tx,
  { by, base }: Call,
  filter: Filter | undefined,
  needsMembers: boolean,
): Promise<Resource[]> {
  const roles = await listPushableRoles(tx, by)
  const members = needsMembers ? await membersOf(tx, roles) : undefined
  return roles
    .map((role) => groupOf(role, members?.get(role.id) ?? NOBODY, base))
    .filter((group) => !filter || matches(group, filter, type))
}

async function findPage(
  tx: Tx,
  call: Call,
  { filter, sort, page, projection }: Listing,
): Promise<{ groups: Resource[]; total: number; nextCursor?: string | undefined }> {
  const byMembers = (filter && namesMembers(filter)) || sort?.path.attr === 'members'
  const all = await findGroups(tx, call, filter, byMembers)
  const order = sort ?? BY_CREATION
  const ordered = all.sort((a, b) => compareSorted(a, b, order) || byText(idOf(a), idOf(b)))
  const at = page.kind === 'index' ? page.startIndex - 1 : placeIn(ordered, page.cursor, order, call)
  const slice = ordered.slice(at, at + page.count)
  const groups = byMembers || !showsMembers(projection) ? slice : await withMembers(tx, call, slice)
  const last = slice.at(-1)
  const goesOn = page.kind === 'cursor' && at + page.count < ordered.length && last
  return {
    groups,
    total: all.length,
    nextCursor: goesOn ? cursorAfter(placeOf(last, order), 'Groups', call) : undefined,
  }
}

const BY_CREATION = readSort({ sortBy: 'meta.created' }, type) as Sort

// The key is text in a cursor, and can be a number.
function placeOf(group: Resource, order: Sort): Place {
  const key = sortKeyOf(group, order)
  return { key: key === undefined ? null : JSON.stringify(key), id: idOf(group) }
}

// The group that a page ended with may be gone or renamed since: its place is where it was.
function placeIn(groups: readonly Resource[], cursor: string | undefined, order: Sort, call: Call): number {
  if (cursor === undefined) return 0
  const { key: text, id } = readCursor(cursor, 'Groups', call)
  const key: SortKey | undefined = text === null ? undefined : JSON.parse(text)
  const at = groups.findIndex((group) => {
    const isBehind = compareSortKeys(sortKeyOf(group, order), key, order) || byText(idOf(group), id)
    return isBehind > 0
  })
  return at < 0 ? groups.length : at
}

function idOf(group: Resource): string {
  return String(group['id'])
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function namesMembers(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return namesMembers(filter.left) || namesMembers(filter.right)
    case 'not':
      return namesMembers(filter.filter)
    default:
      return filter.path.attr === 'members'
  }
}

function showsMembers(projection: Projection): boolean {
  const sample: Resource = { schemas: [type.schema.id], members: [{ value: 'x' }] }
  return 'members' in project(sample, type, projection)
}

async function withMembers(tx: Tx, { by, base }: Call, groups: readonly Resource[]): Promise<Resource[]> {
  const ids = new Set(groups.map((group) => group['id']))
  const roles = (await listPushableRoles(tx, by)).filter((role) => ids.has(role.id))
  const members = await membersOf(tx, roles)
  const whole = new Map(
    roles.map((role) => [role.id, groupOf(role, members.get(role.id) ?? NOBODY, base)] as const),
  )
  return groups.map((group) => whole.get(String(group['id'])) ?? group)
}

export async function getGroup(call: Call): Promise<Answer> {
  const { ctx, by, id, query, ifNoneMatch } = call
  const projection = readProjection(query, type)
  return transact(ctx, async (tx) => {
    const role = found(await findPushableRole(tx, by, id))
    const about = { roleId: role.id, name: role.name }
    if (isKnown(ifNoneMatch, role.version))
      return { status: 304, headers: { etag: etagOf(role.version) }, about }
    return answerWith(tx, call, role.id, projection)
  })
}

export async function createGroup(call: Call): Promise<Answer> {
  const { ctx, by, isReleased } = call
  const projection = readProjection(call.query, type)
  const body = call.body()
  const { resource, deviations } = readResource(body, type, { strict: by.settings.strict })
  call.tolerated(deviations)
  const { displayName, externalId } = namesOf(resource)
  const wish: NetChange = { from: 'members', add: new Set(memberIdsOf(resource, body)), remove: new Set() }
  return change(ctx, async (tx) => {
    const role = await createPushedRole(tx, by, { name: displayName, externalId })
    if (!role) throw uniqueness('displayName', displayName)
    noteOutcome(call, await changeMembers(tx, by, role, [wish], isReleased))
    return answerWith(tx, call, role.id, projection, 201)
  })
}

export async function replaceGroup(call: Call): Promise<Answer> {
  const { ctx, by, id, isReleased } = call
  const projection = readProjection(call.query, type)
  const body = call.body()
  const { resource, deviations } = readResource(body, type, { strict: by.settings.strict })
  call.tolerated(deviations)
  const names = namesOf(resource)
  const ids = memberIdsOf(resource, body)
  return change(ctx, async (tx) => {
    const role = await lockedRole(tx, call)
    const wish: NetChange = { from: 'none', add: new Set(ids), remove: new Set() }
    if (ids) {
      noteOutcome(call, await changeMembers(tx, by, role, [wish], isReleased))
      supersede(tx, by.serviceUserId, { kind: 'Groups', id })
    }
    await setNames(tx, role, names)
    return answerWith(tx, call, id, projection)
  })
}

export async function patchGroup(call: Call): Promise<Answer> {
  const { ctx, by, query, isReleased } = call
  const projection = readProjection(query, type)
  const { ops, deviations } = readPatch(call.body(), type, { strict: by.settings.strict })
  call.tolerated(deviations)
  const onMembers = ops.filter(({ path }) => path.attr === 'members')
  const onNames = ops.filter(({ path }) => path.attr !== 'members')
  const net = netOf(onMembers)
  // A group can be large, and nobody reads it unless he asked for attributes (§3.5.2).
  const isAsked = query.attributes !== undefined || query.excludedAttributes !== undefined
  const isSimple = net && onNames.length === 0 && call.ifMatch === undefined && !isAsked
  if (isSimple) {
    const { role, outcome } = await patchMembers({ ...laneOf(call), groupId: call.id }, net)
    noteOutcome(call, [outcome])
    return {
      status: 204,
      headers: { etag: etagOf(role.version) },
      about: { roleId: role.id, name: role.name },
    }
  }
  return change(ctx, async (tx) => {
    const role = await lockedRole(tx, call)
    if (onMembers.length > 0) {
      const wish = net ?? netBySight(await visibleMembers(tx, role), onMembers, call.base)
      noteOutcome(call, await changeMembers(tx, by, role, [wish], isReleased))
      supersede(tx, by.serviceUserId, { kind: 'Groups', id: role.id })
    }
    await patchNames(tx, call, role, onNames)
    return isAsked
      ? answerWith(tx, call, role.id, projection)
      : noContent(found(await findPushableRole(tx, by, role.id)))
  })
}

function noContent(role: RoleRow): Answer {
  return { status: 204, headers: { etag: etagOf(role.version) }, about: { roleId: role.id, name: role.name } }
}

async function patchNames(tx: Tx, call: Call, role: RoleRow, ops: readonly PatchOp[]): Promise<void> {
  if (ops.length === 0) return
  const { resource } = applyPatch(groupOf(role, NOBODY, call.base), ops, type, patchOptionsOf(call))
  await setNames(tx, role, namesOf(resource))
}

/** Changes members only, together with what else is asked of this group at the moment. */
const patchMembers = inBatches<
  WriteLane & { groupId: string },
  NetChange,
  { role: RoleRow; outcome: MembersOutcome }
>({
  most: 64,
  atOnce: 1,
  laneKey: ({ key, groupId }) => `${key} ${groupId}`,
  run: ({ ctx, by, groupId, isReleased }, wishes) =>
    togetherOrAlone(wishes, (some) =>
      change(ctx, async (tx) => {
        const role = found(await findPushableRole(tx, by, groupId, true))
        const outcomes = await changeMembers(tx, by, role, some, isReleased)
        if (outcomes.some((outcome) => !(outcome instanceof Error)))
          supersede(tx, by.serviceUserId, { kind: 'Groups', id: groupId })
        const now = found(await findPushableRole(tx, by, groupId))
        return outcomes.map((outcome) => (outcome instanceof Error ? outcome : { role: now, outcome }))
      }),
    ),
})

export async function deleteGroup(call: Call): Promise<Answer> {
  const { ctx, by, isReleased } = call
  return change(ctx, async (tx) => {
    const role = await lockedRole(tx, call)
    const nobody: NetChange = { from: 'none', add: new Set(), remove: new Set() }
    noteOutcome(call, await changeMembers(tx, by, role, [nobody], isReleased))
    await deletePushedRole(tx, by, role)
    supersede(tx, by.serviceUserId, { kind: 'Groups', id: role.id })
    return { status: 204, about: { roleId: role.id, name: role.name } }
  })
}

async function lockedRole(tx: Tx, { by, id, ifMatch }: Call): Promise<RoleRow> {
  const role = found(await findPushableRole(tx, by, id, true))
  requireMatch(ifMatch, role.version)
  return role
}

// An error undoes the transaction; members that were left out by choice are told in the log.
function noteOutcome(call: Call, [outcome]: readonly MembersOutcome[]): void {
  if (outcome instanceof Error) throw outcome
  if (outcome && outcome.skipped.length > 0)
    call.tolerated([
      `These members are no users here and were left out: ${outcome.skipped.join(', ').slice(0, 500)}.`,
    ])
}

// A role that no group made keeps its own name: the rename is a success and changes nothing.
async function setNames(tx: Tx, role: RoleRow, { displayName, externalId }: GroupNames): Promise<void> {
  await renamePushedRole(tx, role, displayName)
  if (externalId !== role.externalId) await setRoleExternalId(tx, role.id, externalId)
}

async function visibleMembers(tx: Tx, role: RoleRow): Promise<Members> {
  return (await membersOf(tx, [role])).get(role.id) ?? NOBODY
}

async function membersOf(tx: Tx, roles: readonly RoleRow[]): Promise<Map<string, Map<string, string>>> {
  const members = new Map<string, Map<string, string>>(roles.map(({ id }) => [id, new Map()]))
  const holders = await listRoleMembers(
    tx,
    roles.map(({ id }) => id),
  )
  for (const { roleId, memberId, userName } of holders) members.get(roleId)?.set(memberId, userName)
  return members
}

async function answerWith(
  tx: Tx,
  { by, base }: Call,
  id: string,
  projection: Projection,
  status = 200,
): Promise<Answer> {
  const role = found(await findPushableRole(tx, by, id))
  const members = showsMembers(projection) ? await visibleMembers(tx, role) : NOBODY
  const location = `${base}/Groups/${id}`
  return {
    status,
    body: project(groupOf(role, members, base), type, projection),
    headers: {
      etag: etagOf(role.version),
      ...(status === 201 ? { location } : { 'content-location': location }),
    },
    about: { roleId: role.id, name: role.name },
  }
}

function found(role: RoleRow | undefined): RoleRow {
  if (!role) throw notFound('This group')
  return role
}
