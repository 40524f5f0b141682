/** A member as a SCIM user, and back. */
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import {
  isRecord,
  type Json,
  type JsonObject,
  project,
  type Resource,
  type ResourceType,
  ScimError,
  userSchema,
} from '@keydesk/scim'
import type { MemberRow, ProvisionedProfile, VisibleMember } from '#accounts'
import { roleIdOf } from './governance.ts'
import { memberExtensionSchema } from './member-extension.ts'
import { refuseUnusable } from './usable.ts'
import { etagOf } from './versions.ts'

/** What of a member makes its resource. */
export interface Owned {
  userName: string
  email: string
  displayName: string
  title: string | null
  active: boolean
  externalId: string | null
  scim: unknown
}

/** The attributes of a user that the provider owns: what PATCH and PUT work on. */
export function ownedResource(row: Owned): Resource {
  const sent = isRecord(row.scim) && Array.isArray(row.scim['schemas']) ? (row.scim as Resource) : undefined
  const resource: Resource = {
    ...(sent ?? {
      schemas: [userSchema.id],
      displayName: row.displayName,
      emails: [{ value: row.email, type: 'work', primary: true }],
    }),
    userName: row.userName,
    active: row.active,
  }
  if (row.externalId !== null) resource['externalId'] = row.externalId
  if (row.title !== null) resource['title'] = row.title
  return resource
}

/** What the server says of a user, beside what the provider wrote. */
export interface UserFacts {
  id: string
  version: number
  createdAt: string
  updatedAt: string
  groups: readonly [id: string, name: string][]
}

/** The whole user, of which a projection can be made. */
export function userOf(row: Owned, facts: UserFacts, type: ResourceType, base: string): Resource {
  const resource: Resource = { ...ownedResource(row), id: facts.id, meta: metaOf(facts, base) }
  const known = new Set([type.schema.id, ...type.extensions.map(({ schema }) => schema.id)])
  resource.schemas = resource.schemas.filter((urn) => known.has(urn))
  if (facts.groups.length > 0) resource['groups'] = groupsOf(facts, base)
  return resource
}

/** What the provider owns, as text that is sent as it is. */
export function rendered(row: Owned, type: ResourceType): string {
  const resource = ownedResource(row)
  const known = new Set([type.schema.id, ...type.extensions.map(({ schema }) => schema.id)])
  return JSON.stringify(
    project({ ...resource, schemas: resource.schemas.filter((urn) => known.has(urn)) }, type),
  )
}

const marks = new WeakMap<ResourceType, string>()

/** Tells types apart by what they define: 12 characters, none of which begins a JSON object. */
export function markOf(type: ResourceType): string {
  const known = marks.get(type)
  if (known) return known
  const definitions = JSON.stringify([type.schema, type.extensions])
  const mark = createHash('sha256').update(definitions).digest('base64url').slice(0, 12)
  marks.set(type, mark)
  return mark
}

/** The whole user as text, from what was rendered when it was written. */
export function userText(own: string, facts: UserFacts, base: string): string {
  const groups = facts.groups.length > 0 ? `,"groups":${JSON.stringify(groupsOf(facts, base))}` : ''
  return `${own.slice(0, -1)},"id":"${facts.id}"${groups},"meta":${JSON.stringify(metaOf(facts, base))}}`
}

export function factsOf(member: VisibleMember): UserFacts {
  return { ...member, groups: member.groups ?? [] }
}

function metaOf({ id, version, createdAt, updatedAt }: UserFacts, base: string): JsonObject {
  return {
    resourceType: 'User',
    created: createdAt,
    lastModified: updatedAt,
    location: `${base}/Users/${id}`,
    version: etagOf(version),
  }
}

function groupsOf({ groups }: UserFacts, base: string): Json[] {
  return groups.map(([value, display]) => ({
    value,
    $ref: `${base}/Groups/${value}`,
    display,
    type: 'direct',
  }))
}

/** A password is dropped here, and so are the attributes that are the server's. */
const NOT_KEPT = new Set(['password', 'groups', 'id', 'meta', 'active', 'entitlements'])
const LARGEST_RESOURCE = 64 * 1024

/**
 * What a resource says of a member.
 * @param row the member as it is; its state stays when the resource says nothing of `active`
 */
export function profileOf(resource: Resource, type: ResourceType, row?: MemberRow): ProvisionedProfile {
  const userName = textIn(resource, 'userName') ?? ''
  refuseUnusable('userName', userName, 254)
  const email = primaryEmail(resource) ?? userName
  refuseUnusable('emails.value', email, 320)
  const externalId = textIn(resource, 'externalId') ?? null
  if (externalId !== null) refuseUnusable('externalId', externalId, 500)

  const kept: JsonObject = Object.fromEntries(
    Object.entries(resource).filter(([name]) => !NOT_KEPT.has(name)),
  )
  const text = JSON.stringify(kept)
  if (text.length > LARGEST_RESOURCE)
    throw new ScimError('invalidValue', 'A user can hold 64 KiB of attributes at most.')
  const scim: object = JSON.parse(text)
  const { active } = resource
  const profile = {
    userName,
    email,
    displayName: nameShown(resource) ?? userName,
    title: textIn(resource, 'title') ?? null,
    active: typeof active === 'boolean' ? active : (row?.active ?? true),
    externalId,
    // PostgreSQL orders keys in its own way. The same resource is the same value, and not a change.
    scim: row && isDeepStrictEqual(row.scim, scim) ? (row.scim as object) : scim,
  }
  return {
    ...profile,
    rendered: markOf(type) + rendered(profile, type),
    defaultRole: defaultRoleIn(resource),
    ...rolesTouched(resource, row),
  }
}

function defaultRoleIn(resource: Resource): string | null {
  const extension = resource[memberExtensionSchema.id]
  return (isRecord(extension) && textIn(extension, 'defaultRole')) || null
}

/** The user's own roles, when they are not what they were. */
function rolesTouched(
  resource: Resource,
  row: MemberRow | undefined,
): { roles: string[] | null; rolesBefore: string[] } {
  const after = rolesIn(resource)
  const before = row && isRecord(row.scim) ? rolesIn(row.scim) : []
  return { roles: isDeepStrictEqual(after, before) ? null : after, rolesBefore: before }
}

/** The values of `roles`: names or ids of roles. */
function rolesIn(resource: JsonObject): string[] {
  const roles = Array.isArray(resource['roles']) ? resource['roles'] : []
  return roles.flatMap((role) => (isRecord(role) ? roleIdOf(textIn(role, 'value') ?? '') || [] : []))
}

function primaryEmail(resource: Resource): string | undefined {
  const emails = Array.isArray(resource['emails']) ? resource['emails'].filter(isRecord) : []
  const chosen = emails.find((email) => email['primary'] === true) ?? emails[0]
  return chosen && textIn(chosen, 'value')
}

function nameShown(resource: Resource): string | undefined {
  const name: Json | undefined = resource['name']
  const parts = isRecord(name) ? name : {}
  const whole = [textIn(parts, 'givenName'), textIn(parts, 'familyName')].filter(Boolean).join(' ')
  return textIn(resource, 'displayName') ?? textIn(parts, 'formatted') ?? (whole || undefined)
}

function textIn(holder: JsonObject, name: string): string | undefined {
  const value = holder[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
