/** The bodies Okta sends (facts/scim-on-the-wire §2.3). */
import { randomBytes } from 'node:crypto'
import type { User } from '../org.ts'
import type { Config } from './links.ts'
import type { ScimBody } from './scim-client.ts'

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** What Okta asserts of a user, without what only a create carries. */
function assertedUser(user: User, config: Config): ScimBody {
  const text = (key: string) => (typeof user.profile[key] === 'string' ? (user.profile[key] as string) : '')
  const enterprise = Object.fromEntries(
    [
      ['employeeNumber', text('employeeNumber')],
      ['costCenter', text('costCenter')],
      ['organization', text('organization')],
      ['division', text('division')],
      ['department', text('department')],
    ].filter(([, value]) => value !== ''),
  )
  const mapped = Object.keys(enterprise).length > 0
  return {
    schemas: mapped ? [USER, ENTERPRISE] : [USER],
    userName: text('login'),
    name: { givenName: text('firstName'), familyName: text('lastName') },
    emails: [{ primary: true, value: text('email'), type: 'work' }],
    displayName: text('displayName') || `${text('firstName')} ${text('lastName')}`,
    ...(text('title') && { title: text('title') }),
    locale: (text('locale') || 'en_US').replace('_', '-'),
    externalId: user.id,
    ...(mapped && { [ENTERPRISE]: enterprise }),
    ...roleOf(config),
  }
}

function roleOf({ defaultRole }: Config): ScimBody {
  if (!defaultRole) return {}
  const { attribute, value } = defaultRole
  return { [attribute]: attribute === 'roles' ? [{ value, primary: true }] : value }
}

export function createBody(user: User, config: Config): ScimBody {
  // A random password goes out even when passwords are not synced (facts S8).
  const password = randomBytes(12).toString('base64url')
  return { ...assertedUser(user, config), groups: [], password, active: true }
}

/** PUT echoes what GET gave, `meta` and a stale `name.formatted` included, under what Okta asserts. */
export function mergedBody(existing: ScimBody, user: User, config: Config): ScimBody {
  const asserted = assertedUser(user, config)
  const name = { ...(existing['name'] as object | undefined), ...(asserted['name'] as object) }
  const extension = {
    ...(existing[ENTERPRISE] as object | undefined),
    ...(asserted[ENTERPRISE] as object | undefined),
  }
  return {
    ...existing,
    ...asserted,
    name,
    groups: existing['groups'] ?? [],
    ...(Object.keys(extension).length > 0 && { [ENTERPRISE]: extension }),
    active: true,
  }
}

export const inactive = (existing: ScimBody): ScimBody => ({ ...existing, active: false })

function patch(...Operations: object[]): ScimBody {
  return { schemas: [PATCH], Operations }
}

export const setActive = (active: boolean) => patch({ op: 'replace', value: { active } })
export const setName = (id: string, displayName: string) =>
  patch({ op: 'replace', value: { id, displayName } })

export type Member = { value: string; display: string }

export function groupBody(displayName: string, members: Member[], id?: string): ScimBody {
  return { schemas: [GROUP], ...(id !== undefined && { id }), displayName, members }
}

/** All removals first, one operation each, then one addition (facts S11). */
export function changeMembers(removed: string[], added: Member[]): ScimBody {
  const removals = removed.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` }))
  return patch(...removals, ...(added.length > 0 ? [{ op: 'add', path: 'members', value: added }] : []))
}

export const replaceMembers = (value: Member[]) => patch({ op: 'replace', path: 'members', value })
