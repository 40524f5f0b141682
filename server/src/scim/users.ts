/** `/Users`: members of the workspace, but for its owners, whom no provider can see or change. */
import {
  applyPatch,
  listResponse,
  notFound,
  type Projection,
  project,
  type Resource,
  readPatch,
  readProjection,
  readResource,
  uniqueness,
  userResourceType,
} from '@keydesk/scim'
import {
  deleteProvisioned,
  findProvisionable,
  listMemberRoles,
  listProvisionable,
  type MemberRow,
  provisionMember,
  touchRoles,
  updateProvisioned,
} from '#accounts'
import { type Tx, transact } from '#platform'
import { change } from './change.ts'
import { whereFilter } from './filter-sql.ts'
import type { Answer, Call } from './http.ts'
import { readListing } from './listing.ts'
import { ownedResource, profileOf, userOf } from './user-resource.ts'
import { etagOf, isKnown, requireMatch } from './versions.ts'

const type = userResourceType

export async function listUsers({ ctx, base, query }: Call): Promise<Answer> {
  const { filter, page, projection } = readListing(query, type)
  return transact(ctx, async (tx) => {
    const { rows, total } = await listProvisionable(tx, {
      where: filter ? [whereFilter(filter, base)] : [],
      limit: page.count,
      offset: page.startIndex - 1,
    })
    const users = await showAll(tx, rows, base)
    const shown = users.map((user) => project(user, type, projection))
    const body = listResponse(shown, { totalResults: total, startIndex: page.startIndex })
    return { status: 200, body }
  })
}

export async function getUser({ ctx, base, id, query, ifNoneMatch }: Call): Promise<Answer> {
  const projection = readProjection(query, type)
  return transact(ctx, async (tx) => {
    const row = found(await findProvisionable(tx, id))
    if (isKnown(ifNoneMatch, row.version)) return { status: 304, headers: { etag: etagOf(row.version) } }
    return answerWith(tx, row, base, projection)
  })
}

export async function createUser({ ctx, by, base, query, body, tolerated }: Call): Promise<Answer> {
  const projection = readProjection(query, type)
  const { resource, deviations } = readResource(body(), type)
  tolerated(deviations)
  const profile = profileOf(resource)
  return change(ctx, async (tx) => {
    const row = await provisionMember(tx, by, profile)
    if (!row) throw uniqueness('userName', profile.userName)
    return answerWith(tx, row, base, projection, 201)
  })
}

/** What the client leaves out is cleared, but for `active`: who is locked out stays so until told otherwise. */
export async function replaceUser(call: Call): Promise<Answer> {
  const projection = readProjection(call.query, type)
  const { resource, deviations } = readResource(call.body(), type)
  call.tolerated(deviations)
  return update(call, projection, () => resource)
}

export async function patchUser(call: Call): Promise<Answer> {
  const projection = readProjection(call.query, type)
  const { ops, deviations } = readPatch(call.body(), type)
  call.tolerated(deviations)
  return update(call, projection, (row) => {
    const patched = applyPatch(ownedResource(row), ops, type)
    return patched.changed ? patched.resource : undefined
  })
}

/** @param wanted the resource as it should be, or undefined when the member is that already */
function update(
  { ctx, by, base, id, ifMatch }: Call,
  projection: Projection,
  wanted: (row: MemberRow) => Resource | undefined,
): Promise<Answer> {
  return change(ctx, async (tx) => {
    const row = found(await findProvisionable(tx, id, true))
    requireMatch(ifMatch, row.version)
    const resource = wanted(row)
    const updated = resource ? await updateProvisioned(tx, by, row, profileOf(resource, row)) : row
    return answerWith(tx, updated, base, projection)
  })
}

export async function deleteUser({ ctx, id, ifMatch }: Call): Promise<Answer> {
  return change(ctx, async (tx) => {
    // Groups before members, as a change of a group takes its locks.
    const grants = await listMemberRoles(tx, [id])
    await touchRoles(
      tx,
      grants.filter(isByGroup).map((grant) => grant.roleId),
    )
    const row = found(await findProvisionable(tx, id, true))
    requireMatch(ifMatch, row.version)
    await deleteProvisioned(tx, row)
    return { status: 204 }
  })
}

async function answerWith(
  tx: Tx,
  row: MemberRow,
  base: string,
  projection: Projection,
  status = 200,
): Promise<Answer> {
  const [user] = await showAll(tx, [row], base)
  const location = `${base}/Users/${row.id}`
  return {
    status,
    body: project(user ?? ownedResource(row), type, projection),
    headers: {
      etag: etagOf(row.version),
      ...(status === 201 ? { location } : { 'content-location': location }),
    },
  }
}

async function showAll(tx: Tx, rows: readonly MemberRow[], base: string): Promise<Resource[]> {
  const grants = (
    await listMemberRoles(
      tx,
      rows.map((row) => row.id),
    )
  ).filter(isByGroup)
  const groups = Map.groupBy(grants, (grant) => grant.memberId)
  return rows.map((row) =>
    userOf(
      row,
      (groups.get(row.id) ?? []).map(({ roleId, name }) => ({ id: roleId, name })),
      base,
    ),
  )
}

// A role that is held by hand or by default is no membership of a group, and `/Groups` does not list it.
function isByGroup(grant: { source: string }): boolean {
  return grant.source === 'scim_group'
}

function found(row: MemberRow | undefined): MemberRow {
  if (!row) throw notFound('This user')
  return row
}
