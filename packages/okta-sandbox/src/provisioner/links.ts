/** What the provisioner knows of the other side: which account and which group is whose. */
import { type Group, isMember, membersOf, type Org } from '../org.ts'

/** `aiw`: the custom app that knows PUT only. `oin`: a published app, PATCH for (de)activation and groups. */
type Dialect = 'aiw' | 'oin'

export type Config = {
  baseUrl: string
  token: string
  dialect: Dialect
  /** OIN's "Header" style sends the token without `Bearer`. */
  rawToken: boolean
  /** An attribute sent with every account, such as `userType` or `roles`. */
  defaultRole: { attribute: string; value: string } | null
  importGroups: boolean
  /** Multiplies the waits after 429, so that tests need not wait. */
  waitScale: number
}

export type Link = {
  userId: string
  /** The id the app gave; null until a create or a link succeeded. */
  externalId: string | null
  active: boolean
  error: string | null
  lastSync: string | null
}

export type Push = {
  id: string
  groupId: string
  name: string
  externalId: string | null
  status: 'ACTIVE' | 'ERROR'
  error: string | null
  /** The ids of the accounts last pushed, by the id of their user. */
  members: Record<string, string>
}

export const configOf = (org: Org) => org.provisioning.get('config') as Config | undefined
export const linkOf = (org: Org, userId: string) => org.provisioning.get(`link/${userId}`) as Link | undefined
export const pushOf = (org: Org, id: string) => org.provisioning.get(`push/${id}`) as Push | undefined

function under<T>(org: Org, prefix: string): T[] {
  return [...org.provisioning].filter(([key]) => key.startsWith(prefix)).map(([, row]) => row as T)
}
export const linksOf = (org: Org) => under<Link>(org, 'link/')
export const pushesOf = (org: Org) => under<Push>(org, 'push/')

/**
 * Who belongs into the pushed group: members with a live account. Whoever was pushed and has since
 * been deactivated stays, for Okta does not take them out of the group (help.okta.com usgp).
 */
export function wantedMembers(org: Org, group: Group, push: Pick<Push, 'members'>): Record<string, string> {
  const wanted: Record<string, string> = {}
  for (const [userId, externalId] of Object.entries(push.members))
    if (isMember(org, group, userId)) wanted[userId] = externalId
  for (const { id } of membersOf(org, group)) {
    const link = linkOf(org, id)
    if (link?.active && link.externalId !== null) wanted[id] = link.externalId
  }
  return wanted
}
