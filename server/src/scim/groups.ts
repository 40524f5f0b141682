/**
 * `/Groups`: roles of the workspace, but for Owner. Their members are those who hold a role by its pushed
 * group; members change as rows, under the lock of the role's row, never as a list that is written back.
 */
import {
  applyPatch,
  groupResourceType,
  listResponse,
  matches,
  notFound,
  type Projection,
  project,
  readPatch,
  readProjection,
  readResource,
  ScimError,
  uniqueness,
} from '@keydesk/scim'
import {
  changeRoleMembers,
  createPushedRole,
  deletePushedRole,
  findPushableRole,
  listMemberRoles,
  listPushableRoles,
  listRoleMembers,
  type Provisioner,
  type RoleRow,
  renamePushedRole,
  setRoleExternalId,
  touchRoles,
} from '#accounts'
import { type Tx, transact } from '#platform'
import { change } from './change.ts'
import { type GroupNames, groupOf, idsAfter, type Members, memberIdsOf, namesOf } from './group-resource.ts'
import type { Answer, Call } from './http.ts'
import { readListing } from './listing.ts'
import { etagOf, isKnown, requireMatch } from './versions.ts'

const type = groupResourceType

/** Roles are few: all are read, and the kernel itself filters them. */
export async function listGroups({ ctx, base, query }: Call): Promise<Answer> {
  const { filter, page, projection } = readListing(query, type)
  return transact(ctx, async (tx) => {
    const roles = (await listPushableRoles(tx)).sort(
      (a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1),
    )
    const members = await membersOf(
      tx,
      roles.map((role) => role.id),
    )
    const groups = roles
      .map((role) => groupOf(role, members.get(role.id) ?? NOBODY, base))
      .filter((group) => !filter || matches(group, filter, type))
    const shown = groups
      .slice(page.startIndex - 1, page.startIndex - 1 + page.count)
      .map((group) => project(group, type, projection))
    const body = listResponse(shown, { totalResults: groups.length, startIndex: page.startIndex })
    return { status: 200, body }
  })
}

export async function getGroup({ ctx, base, id, query, ifNoneMatch }: Call): Promise<Answer> {
  const projection = readProjection(query, type)
  return transact(ctx, async (tx) => {
    const role = found(await findPushableRole(tx, id))
    if (isKnown(ifNoneMatch, role.version)) return { status: 304, headers: { etag: etagOf(role.version) } }
    return answerWith(tx, role.id, base, projection)
  })
}

export async function createGroup(call: Call): Promise<Answer> {
  const { ctx, by, base } = call
  const projection = readProjection(call.query, type)
  const body = call.body()
  const { resource, deviations } = readResource(body, type)
  call.tolerated(deviations)
  const { displayName, externalId } = namesOf(resource)
  return change(ctx, async (tx) => {
    const role = await createPushedRole(tx, displayName, externalId)
    if (!role) throw uniqueness('displayName', displayName)
    await setMembers(tx, by, role, [], memberIdsOf(resource, body) ?? [])
    return answerWith(tx, role.id, base, projection, 201)
  })
}

export async function replaceGroup(call: Call): Promise<Answer> {
  const { ctx, by, base, id } = call
  const projection = readProjection(call.query, type)
  const body = call.body()
  const { resource, deviations } = readResource(body, type)
  call.tolerated(deviations)
  const names = namesOf(resource)
  const ids = memberIdsOf(resource, body)
  return change(ctx, async (tx) => {
    const role = await lockedRole(tx, id, call.ifMatch)
    if (ids) await setMembers(tx, by, role, (await visibleMembers(tx, id)).keys(), ids)
    await setNames(tx, role, names)
    return answerWith(tx, id, base, projection)
  })
}

export async function patchGroup(call: Call): Promise<Answer> {
  const { ctx, by, base, id, query } = call
  const projection = readProjection(query, type)
  const { ops, deviations } = readPatch(call.body(), type)
  call.tolerated(deviations)
  const onMembers = ops.filter(({ path }) => path.attr === 'members')
  const onNames = ops.filter(({ path }) => path.attr !== 'members')
  return change(ctx, async (tx) => {
    const role = await lockedRole(tx, id, call.ifMatch)
    if (onMembers.length > 0) {
      const members = await visibleMembers(tx, id)
      await setMembers(tx, by, role, members.keys(), idsAfter(members, onMembers, base))
    }
    const { resource } = applyPatch(groupOf(role, NOBODY, base), onNames, type)
    await setNames(tx, role, namesOf(resource))
    const { status, body, headers } = await answerWith(tx, id, base, projection)
    // A group can be large, and nobody reads this unless he asked for attributes (§3.5.2).
    const isAsked = query.attributes !== undefined || query.excludedAttributes !== undefined
    return isAsked
      ? { status, body: body ?? {}, headers: headers ?? {} }
      : { status: 204, headers: headers ?? {} }
  })
}

export async function deleteGroup({ ctx, by, id, ifMatch }: Call): Promise<Answer> {
  return change(ctx, async (tx) => {
    const role = await lockedRole(tx, id, ifMatch)
    await touchRoles(tx, [id])
    await deletePushedRole(tx, by, role)
    return { status: 204 }
  })
}

async function lockedRole(tx: Tx, id: string, ifMatch: string | undefined): Promise<RoleRow> {
  const role = found(await findPushableRole(tx, id, true))
  requireMatch(ifMatch, role.version)
  return role
}

/** Brings the members from what they were to what they shall be, by adding and removing single rows. */
async function setMembers(
  tx: Tx,
  by: Provisioner,
  role: RoleRow,
  before: Iterable<string>,
  after: Iterable<string>,
): Promise<void> {
  const had = new Set(before)
  const wanted = new Set(after)
  const remove = [...had].filter((id) => !wanted.has(id))
  // An owner who was pushed before is out of reach: a list that names him is right, and does not touch him.
  const holders = new Set((await listRoleMembers(tx, [role.id])).map((holder) => holder.memberId))
  const add = [...wanted].filter((id) => !holders.has(id))
  if (add.length + remove.length === 0) return
  const { unknown } = await changeRoleMembers(tx, by, role, { add, remove })
  if (unknown.length > 0)
    throw new ScimError(
      'invalidValue',
      `These members are no users here, so nothing was changed: ${unknown.join(', ').slice(0, 1000)}.`,
    )
  await touchRoles(tx, [role.id])
}

// A role of ours that a group is linked to keeps its own name: the rename is a success and changes nothing.
async function setNames(tx: Tx, role: RoleRow, { displayName, externalId }: GroupNames): Promise<void> {
  await renamePushedRole(tx, role, displayName)
  if (externalId !== role.externalId) await setRoleExternalId(tx, role.id, externalId)
}

const NOBODY: Members = new Map()

async function visibleMembers(tx: Tx, roleId: string): Promise<Members> {
  return (await membersOf(tx, [roleId])).get(roleId) ?? NOBODY
}

/** Who holds roles by their groups, without owners. */
async function membersOf(tx: Tx, roleIds: readonly string[]): Promise<Map<string, Map<string, string>>> {
  const holders = await listRoleMembers(tx, roleIds)
  const grants = await listMemberRoles(tx, [...new Set(holders.map((holder) => holder.memberId))])
  const owners = new Set(grants.filter((grant) => grant.systemKey === 'owner').map((grant) => grant.memberId))
  const members = new Map<string, Map<string, string>>(roleIds.map((id) => [id, new Map()]))
  for (const { roleId, memberId, userName } of holders)
    if (!owners.has(memberId)) members.get(roleId)?.set(memberId, userName)
  return members
}

async function answerWith(
  tx: Tx,
  id: string,
  base: string,
  projection: Projection,
  status = 200,
): Promise<Answer> {
  const role = found(await findPushableRole(tx, id))
  const group = groupOf(role, await visibleMembers(tx, id), base)
  const location = `${base}/Groups/${id}`
  return {
    status,
    body: project(group, type, projection),
    headers: {
      etag: etagOf(role.version),
      ...(status === 201 ? { location } : { 'content-location': location }),
    },
  }
}

function found(role: RoleRow | undefined): RoleRow {
  if (!role) throw notFound('This group')
  return role
}
