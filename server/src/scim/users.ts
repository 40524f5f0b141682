/** `/Users`: members of the workspace, but for those whom no provider can see or change. */
import {
  applyPatch,
  detectClient,
  findClientProfile,
  keepImmutable,
  listResponse,
  noEvidence,
  noteTraffic,
  notFound,
  project,
  type Resource,
  readPatch,
  readProjection,
  readResource,
} from '@keydesk/scim'
import {
  findVisibleById,
  listEffectivePermissions,
  listVisible,
  type MemberRow,
  type VisibleMember,
} from '#accounts'
import { transact } from '#platform'
import { cursorAfter, readCursor } from './cursors.ts'
import { orderBy, whereFilter, whereIds } from './filter-sql.ts'
import { read, wantedByFilter } from './foresee.ts'
import type { Answer, Call } from './http.ts'
import { laneOf } from './lanes.ts'
import { type Listing, readListing } from './listing.ts'
import { factsOf, markOf, ownedResource, profileOf, rendered, userOf, userText } from './user-resource.ts'
import { textsOf } from './user-text.ts'
import { removeUser, type WrittenUser, writeUser } from './user-writes.ts'
import { etagOf, isKnown } from './versions.ts'

export async function listUsers(call: Call): Promise<Answer> {
  const listing = readListing(call.query, call.userType)
  const { rows, total, nextCursor } = (await findOne(call, listing)) ?? (await findPage(call, listing))
  const head = headOf(listing, total, rows.length, nextCursor)
  if (listing.projection.mode === 'default') {
    const users = await textsOf(rows, call)
    return { status: 200, text: `${JSON.stringify(head).slice(0, -1)},"Resources":[${users.join(',')}]}` }
  }
  const whole = await withEntitlements(
    call,
    listing.projection,
    rows.map((row) => resourceOf(row, call)),
  )
  const Resources = whole.map((user) => project(user, call.userType, listing.projection))
  return { status: 200, body: { ...head, Resources } }
}

// What somebody may do is worked out only for who asks for it by name.
async function withEntitlements(
  { ctx }: Call,
  { mode, named }: Listing['projection'],
  users: Resource[],
): Promise<Resource[]> {
  if (mode !== 'only' || ![...named.keys()].some(({ name }) => name === 'entitlements')) return users
  const ids = users.map((user) => String(user['id']))
  const allowed = await transact(ctx, (tx) => listEffectivePermissions(tx, ids))
  return users.map((user) => ({
    ...user,
    entitlements: [...new Set(allowed.get(String(user['id'])))]
      .sort()
      .map((value) => ({ value, display: value, type: 'permission' })),
  }))
}

function headOf(
  { page }: Listing,
  totalResults: number | undefined,
  length: number,
  nextCursor?: string,
): object {
  const position = page.kind === 'index' ? { startIndex: page.startIndex } : { nextCursor }
  const { Resources: _, ...head } = listResponse([], { totalResults, ...position })
  return { ...head, itemsPerPage: length }
}

interface Found {
  rows: VisibleMember[]
  /** Undefined on the later pages of a walk with a filter: counting them all again for each costs more than the page (RFC 9865 §2.1). */
  total: number | undefined
  nextCursor?: string | undefined
}

/** What identity providers ask before every assignment: who has this user name, or this id. */
async function findOne(
  { ctx, foreseen }: Call,
  { filter, page, sort, projection }: Listing,
): Promise<Found | undefined> {
  const isFirst = page.kind === 'index' && page.startIndex === 1 && page.count > 0
  const wanted =
    filter && isFirst && !sort && projection.mode === 'default' ? wantedByFilter(filter) : undefined
  if (!wanted) return undefined
  const rows = await read(ctx, foreseen, wanted)
  return { rows: rows.slice(0, page.count), total: rows.length }
}

async function findPage(call: Call, { filter, page, sort, projection }: Listing): Promise<Found> {
  const { ctx, userType, base } = call
  const start =
    page.kind === 'index'
      ? { offset: page.startIndex - 1 }
      : page.cursor === undefined
        ? { offset: 0 }
        : { after: readCursor(page.cursor, 'Users', call) }
  const { rows, total } = await listVisible(ctx.platform, ctx.tenantId, {
    where: filter && whereFilter(filter, userType, base),
    order: sort && orderBy(sort, userType, base),
    start,
    // One more, to know whether there is another page.
    limit: page.kind === 'index' ? page.count : page.count + 1,
    parts: projection.mode !== 'default',
    uncounted: filter !== undefined && 'after' in start,
  })
  const shown = rows.slice(0, page.count)
  const last = shown.at(-1)
  const goesOn = page.kind === 'cursor' && rows.length > page.count && last
  return { rows: shown, total, nextCursor: goesOn ? cursorAfter(last, 'Users', call) : undefined }
}

export async function getUser(call: Call): Promise<Answer> {
  const { base, id, query, ifNoneMatch, userType } = call
  const projection = readProjection(query, userType)
  const isWhole = projection.mode === 'default'
  const [member] = isWhole
    ? await read(call.ctx, call.foreseen, { load: findVisibleById, key: id })
    : await findWithParts(call)
  if (!member) throw notFound('This user')
  const about = { memberId: member.id }
  const etag = etagOf(member.version)
  if (isKnown(ifNoneMatch, member.version)) return { status: 304, headers: { etag }, about }
  const headers = { etag, 'content-location': `${base}/Users/${member.id}` }
  if (isWhole) {
    const [text] = await textsOf([member], call)
    if (text === undefined) throw notFound('This user')
    return { status: 200, text, headers, about }
  }
  const shown = await withEntitlements(call, projection, [resourceOf(member, call)])
  return { status: 200, body: projected(shown, call, projection), headers, about }
}

// What was rendered lacks the attributes that are shown only on request.
async function findWithParts({ ctx, id }: Call): Promise<VisibleMember[]> {
  const { rows } = await listVisible(ctx.platform, ctx.tenantId, {
    where: whereIds([id]),
    start: { offset: 0 },
    limit: 1,
    parts: true,
  })
  return rows
}

function projected(
  [user]: readonly Resource[],
  { userType }: Call,
  projection: Listing['projection'],
): Resource {
  if (!user) throw notFound('This user')
  return project(user, userType, projection)
}

function resourceOf(row: VisibleMember, { userType, base }: Call): Resource {
  if (!row.parts) throw new Error('A member was read without its parts.')
  return userOf(row.parts, factsOf(row), userType, base)
}

export async function createUser(call: Call): Promise<Answer> {
  const { userType } = call
  const projection = readProjection(call.query, userType)
  const { resource, deviations } = readResource(call.body(), userType, { strict: call.by.settings.strict })
  call.tolerated(deviations)
  const profile = profileOf(resource, userType)
  const written = await writeUser(laneOf(call), { kind: 'create', profile })
  return answerWith(call, written, projection, 201)
}

/** What the client leaves out is cleared, but for `active`: who is locked out stays so until told otherwise. */
export async function replaceUser(call: Call): Promise<Answer> {
  const { userType } = call
  const { resource, deviations } = readResource(call.body(), userType, { strict: call.by.settings.strict })
  call.tolerated(deviations)
  return update(call, 'active' in resource, (row) => keepImmutable(resource, ownedResource(row), userType))
}

export async function patchUser(call: Call): Promise<Answer> {
  const { userType } = call
  const { ops, deviations } = readPatch(call.body(), userType, { strict: call.by.settings.strict })
  call.tolerated(deviations)
  const decidesAccess = ops.some(({ path }) => DECIDES.has(path.attr))
  return update(call, decidesAccess, (row) => {
    const patched = applyPatch(ownedResource(row), ops, userType, patchOptionsOf(call))
    return patched.changed ? patched.resource : undefined
  })
}

/** What says who may come in, and as what. */
const DECIDES = new Set(['active', 'roles', 'defaultRole'])

/** How lenient a PATCH is read: by the client that an admin chose, or that the user agent tells. */
export function patchOptionsOf({ by, userAgent, method }: Call) {
  const { client } = by.settings
  const traffic = { method, resource: 'Users', hasId: true, userAgent }
  const key = client === 'auto' ? detectClient(noteTraffic(noEvidence, traffic)).key : client
  return findClientProfile(key)?.patch ?? {}
}

/** @param wanted the resource as it should be, or undefined when the member is that already */
async function update(
  call: Call,
  decidesAccess: boolean,
  wanted: (row: MemberRow) => Resource | undefined,
): Promise<Answer> {
  const { id, ifMatch, userType } = call
  const projection = readProjection(call.query, userType)
  const written = await writeUser(laneOf(call), {
    kind: 'update',
    id,
    ifMatch,
    decidesAccess,
    wanted: (row) => {
      const resource = wanted(row)
      return resource && profileOf(resource, userType, row)
    },
  })
  return answerWith(call, written, projection, 200)
}

export async function deleteUser(call: Call): Promise<Answer> {
  const row = await removeUser(laneOf(call), call.id, call.ifMatch)
  return { status: 204, about: { memberId: row.id, name: row.displayName } }
}

function ownText(own: string | undefined, row: MemberRow, { userType }: Call): string {
  return own === undefined ? rendered(row, userType) : own.slice(markOf(userType).length)
}

async function answerWith(
  call: Call,
  { row, groups, rendered: own }: WrittenUser,
  projection: Listing['projection'],
  status: number,
): Promise<Answer> {
  const { base, userType } = call
  const facts = {
    id: row.id,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    groups,
  }
  const location = `${base}/Users/${row.id}`
  const headers = {
    etag: etagOf(row.version),
    ...(status === 201 ? { location } : { 'content-location': location }),
  }
  const about = { memberId: row.id, name: row.displayName }
  if (projection.mode === 'default')
    return { status, text: userText(ownText(own, row, call), facts, base), headers, about }
  const shown = await withEntitlements(call, projection, [userOf(row, facts, userType, base)])
  return { status, body: projected(shown, call, projection), headers, about }
}
