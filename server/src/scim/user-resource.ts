/** A member as a SCIM user, and back. */
import { isDeepStrictEqual } from 'node:util'
import { isRecord, type Json, type JsonObject, type Resource, ScimError, userSchema } from '@keydesk/scim'
import { comparisonKey, type MemberRow, type ProvisionedProfile } from '#accounts'
import { etagOf } from './versions.ts'

/** The attributes of a user that the provider owns: what PATCH and PUT work on. */
export function ownedResource(row: MemberRow): Resource {
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

/** The whole user as it is shown. */
export function userOf(row: MemberRow, groups: { id: string; name: string }[], base: string): Resource {
  const resource: Resource = {
    ...ownedResource(row),
    id: row.id,
    meta: {
      resourceType: 'User',
      created: row.createdAt.toISOString(),
      lastModified: row.updatedAt.toISOString(),
      location: `${base}/Users/${row.id}`,
      version: etagOf(row.version),
    },
  }
  if (groups.length > 0)
    resource['groups'] = groups.map(({ id, name }) => ({
      value: id,
      $ref: `${base}/Groups/${id}`,
      display: name,
      type: 'direct',
    }))
  return resource
}

/** A password is dropped here, and so are the attributes that are the server's. */
const NOT_KEPT = new Set(['password', 'groups', 'id', 'meta', 'active'])
const LARGEST_RESOURCE = 64 * 1024

/**
 * What a resource says of a member.
 * @param row the member as it is; its state stays when the resource says nothing of `active`
 */
export function profileOf(resource: Resource, row?: MemberRow): ProvisionedProfile {
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
  const active = resource['active']
  return {
    userName,
    email,
    displayName: nameShown(resource) ?? userName,
    title: textIn(resource, 'title') ?? null,
    active: typeof active === 'boolean' ? active : (row?.active ?? true),
    externalId,
    // PostgreSQL orders keys in its own way. The same resource is the same value, and not a change.
    scim: row && isDeepStrictEqual(row.scim, scim) ? (row.scim as object) : scim,
  }
}

// These columns are indexed by what they are compared by, and an index entry has to be small. Names with
// invisible or direction-changing characters look like other people's names.
function refuseUnusable(attribute: string, value: string, maxLength: number): void {
  const key = comparisonKey(value)
  if (key === '' || [...value].length > maxLength || Buffer.byteLength(key) > 1500)
    throw new ScimError('invalidValue', `${attribute} must have 1 to ${maxLength} characters.`)
  if (/[\p{Cc}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u.test(value))
    throw new ScimError('invalidValue', `${attribute} must not have control characters or invisible ones.`)
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
