/**
 * What Okta sends for each thing an admin does, in order (facts/scim-on-the-wire §2.2; the numbers in
 * the comments are its rows). Each returns what is to be remembered.
 */
import type { Org, User } from '../org.ts'
import {
  changeMembers,
  createBody,
  groupBody,
  inactive,
  type Member,
  mergedBody,
  replaceMembers,
  setActive,
  setName,
} from './bodies.ts'
import type { Config, Link, Push } from './links.ts'
import { ProvisioningError, type Scim, type ScimBody } from './scim-client.ts'

export type Ready = { org: Org; config: Config; scim: Scim }

const PAGE = 100

/** S1, S2. */
export async function testConnection({ config, scim }: Ready): Promise<void> {
  await scim('GET', '/Users?startIndex=1&count=2')
  if (config.importGroups) await scim('GET', `/Groups?startIndex=1&count=${PAGE}`)
}

/** S3, S4, S7: a known account comes back, a found one is linked, else one is made. */
export async function assign(ready: Ready, user: User, link: Link | undefined): Promise<string> {
  const { config, scim } = ready
  if (link?.externalId != null && (await reactivate(ready, user, link.externalId))) return link.externalId
  const found = await findOne(scim, 'Users', 'userName', String(user.profile['login']))
  if (found === undefined) return idOf(await scim('POST', '/Users', createBody(user, config)))
  await putUser(ready, user, found)
  return found
}

/** False when the account is gone, which makes Okta look it up anew. */
async function reactivate(ready: Ready, user: User, id: string): Promise<boolean> {
  try {
    if (ready.config.dialect === 'oin') await ready.scim('PATCH', `/Users/${id}`, setActive(true))
    else await putUser(ready, user, id)
    return true
  } catch (error) {
    if (error instanceof ProvisioningError && error.status === 404) return false
    throw error
  }
}

/** S5: the whole resource, over what is there. */
export async function putUser({ config, scim }: Ready, user: User, id: string): Promise<void> {
  const existing = await scim('GET', `/Users/${id}`)
  await scim('PUT', `/Users/${id}`, mergedBody(existing, user, config))
}

/** S6. */
export async function deactivate({ config, scim }: Ready, id: string): Promise<void> {
  if (config.dialect === 'oin') {
    await scim('PATCH', `/Users/${id}`, setActive(false))
    return
  }
  const existing = await scim('GET', `/Users/${id}`)
  await scim('PUT', `/Users/${id}`, inactive(existing))
}

/** S9, S10: by name, created or linked. */
export async function pushGroup(ready: Ready, name: string, wanted: Push['members']): Promise<string> {
  const { config, scim } = ready
  const members = membersFor(ready.org, wanted)
  const found = await findOne(scim, 'Groups', 'displayName', name)
  if (config.dialect === 'aiw') {
    const id = found ?? idOf(await scim('POST', '/Groups', groupBody(name, members)))
    await putGroup(ready, id, name, members)
    return id
  }
  const id = found ?? idOf(await scim('POST', '/Groups', groupBody(name, [])))
  if (found !== undefined) await scim('PATCH', `/Groups/${id}`, setName(id, name))
  if (members.length > 0) await scim('PATCH', `/Groups/${id}`, changeMembers([], members))
  return id
}

/** S11: the difference for OIN, the whole list for AIW. */
export async function changeMembership(ready: Ready, push: Push, wanted: Push['members']): Promise<void> {
  const { config, scim, org } = ready
  const id = push.externalId ?? ''
  if (config.dialect === 'aiw') return putGroup(ready, id, push.name, membersFor(org, wanted))
  const removed = Object.entries(push.members).filter(([user, account]) => wanted[user] !== account)
  const added = Object.entries(wanted).filter(([user, account]) => push.members[user] !== account)
  if (removed.length + added.length === 0) return
  const body = changeMembers(
    removed.map(([, account]) => account),
    membersFor(org, Object.fromEntries(added)),
  )
  await scim('PATCH', `/Groups/${id}`, setName(id, push.name))
  await scim('PATCH', `/Groups/${id}`, body)
}

/** S12. */
export async function pushNow(ready: Ready, push: Push, wanted: Push['members']): Promise<void> {
  const members = membersFor(ready.org, wanted)
  const id = push.externalId ?? ''
  if (ready.config.dialect === 'aiw') return putGroup(ready, id, push.name, members)
  await ready.scim('PATCH', `/Groups/${id}`, replaceMembers(members))
}

/** S13. */
export async function renameGroup(ready: Ready, push: Push, name: string): Promise<void> {
  const id = push.externalId ?? ''
  if (ready.config.dialect === 'aiw') return putGroup(ready, id, name, membersFor(ready.org, push.members))
  await ready.scim('PATCH', `/Groups/${id}`, setName(id, name))
}

/** S14. S15, unlink and leave, sends nothing. */
export async function deleteGroup({ scim }: Ready, id: string): Promise<void> {
  await scim('DELETE', `/Groups/${id}`)
}

/** S16. */
export async function importGroups({ scim }: Ready): Promise<{ id: string; displayName: string }[]> {
  const groups: { id: string; displayName: string }[] = []
  for (let startIndex = 1; ; startIndex += PAGE) {
    const list = await scim('GET', `/Groups?startIndex=${startIndex}&count=${PAGE}`)
    for (const group of (list['Resources'] ?? []) as ScimBody[])
      groups.push({ id: String(group['id']), displayName: String(group['displayName']) })
    if (startIndex + PAGE > Number(list['totalResults'] ?? 0)) return groups
  }
}

async function putGroup({ scim }: Ready, id: string, name: string, members: Member[]): Promise<void> {
  await scim('GET', `/Groups/${id}`)
  await scim('PUT', `/Groups/${id}`, groupBody(name, members, id))
}

function membersFor(org: Org, wanted: Push['members']): Member[] {
  return Object.entries(wanted).map(([userId, value]) => ({
    value,
    display: String(org.users.byId.get(userId)?.profile['login'] ?? ''),
  }))
}

async function findOne(
  scim: Scim,
  what: string,
  attribute: string,
  value: string,
): Promise<string | undefined> {
  const filter = encodeURIComponent(`${attribute} eq "${value}"`)
  const list = await scim('GET', `/${what}?filter=${filter}&startIndex=1&count=${PAGE}`)
  const [first] = (list['Resources'] ?? []) as ScimBody[]
  return first && String(first['id'])
}

function idOf(created: ScimBody): string {
  if (typeof created['id'] !== 'string')
    throw new ProvisioningError(201, 'Create new user returned empty user.')
  return created['id']
}
