/** `/Roles` and `/Entitlements`: what people can be given here, for providers that let their admins pick (Okta governance). */
import {
  compareSorted,
  entitlementResourceType,
  entitlementSchema,
  listResponse,
  MAX_GOVERNANCE_DESCRIPTION,
  matches,
  notFound,
  project,
  type Resource,
  type ResourceType,
  readProjection,
  roleResourceType,
  roleSchema,
  ScimError,
} from '@keydesk/scim'
import { listPushableRoles, PERMISSIONS } from '#accounts'
import { transact } from '#platform'
import type { Answer, Call, Handler } from './http.ts'
import { readListing } from './listing.ts'

// A role is a group as well, and no two resources have the same id (RFC 7643 §3.1).
function pickedIdOf(roleId: string): string {
  return roleId.replace(/^rol_/, 'role_')
}

/** The id or name of a role, as a user's own `roles` may give it. */
export function roleIdOf(picked: string): string {
  return picked.replace(/^role_(?=[0-9a-z]{26}$)/, 'rol_')
}

type Source = (call: Call) => Promise<Resource[]>

async function listRoles({ ctx, by, base }: Call): Promise<Resource[]> {
  const roles = await transact(ctx, (tx) => listPushableRoles(tx, by))
  return roles.map((role) => ({
    schemas: [roleSchema.id],
    id: pickedIdOf(role.id),
    displayName: role.name,
    type: 'role',
    description: role.description.slice(0, MAX_GOVERNANCE_DESCRIPTION),
    meta: metaOf('Role', `${base}/Roles/${pickedIdOf(role.id)}`),
  }))
}

async function listEntitlements({ base }: Call): Promise<Resource[]> {
  return Object.entries(PERMISSIONS).map(([id, description]) => ({
    schemas: [entitlementSchema.id],
    id,
    displayName: id,
    type: 'permission',
    description,
    meta: metaOf('Entitlement', `${base}/Entitlements/${id}`),
  }))
}

function metaOf(resourceType: string, location: string) {
  return { resourceType, location }
}

function listOf(source: Source, type: ResourceType): Handler {
  return async (call) => {
    const { filter, sort, page, projection } = readListing(call.query, type)
    // They are few and change seldom: one page by cursor holds them all.
    if (page.kind === 'cursor' && page.cursor !== undefined)
      throw new ScimError('invalidCursor', 'This list fits one page. Begin again without the cursor.')
    const all = (await source(call)).filter((resource) => !filter || matches(resource, filter, type))
    if (sort) all.sort((a, b) => compareSorted(a, b, sort))
    const shown =
      page.kind === 'index' ? all.slice(page.startIndex - 1, page.startIndex - 1 + page.count) : all
    const position = page.kind === 'index' ? { startIndex: page.startIndex } : {}
    return {
      status: 200,
      body: listResponse(
        shown.map((resource) => project(resource, type, projection)),
        { totalResults: all.length, ...position },
      ),
    }
  }
}

function getOf(source: Source, type: ResourceType): Handler {
  return async (call): Promise<Answer> => {
    const projection = readProjection(call.query, type)
    const found = (await source(call)).find((resource) => resource['id'] === call.id)
    if (!found) throw notFound(`This ${type.name.toLowerCase()}`)
    return { status: 200, body: project(found, type, projection) }
  }
}

export const roles = {
  find: listRoles,
  list: listOf(listRoles, roleResourceType),
  get: getOf(listRoles, roleResourceType),
}
export const entitlements = {
  find: listEntitlements,
  list: listOf(listEntitlements, entitlementResourceType),
  get: getOf(listEntitlements, entitlementResourceType),
}
