/**
 * What an identity provider may do to members and roles. The SCIM folder speaks the protocol; what a
 * change means for a person's access is decided here, for every door alike: owners are out of reach,
 * deactivation locks out at once, and a member's default role comes and goes with the pushed ones.
 */
import { AppError, type Tx } from '#platform'
import {
  memberDeleted,
  memberLinked,
  memberProvisioned,
  memberUpdated,
  roleCreated,
  roleDeleted,
  roleMembersChanged,
  roleUpdated,
} from './events.ts'
import { comparisonKey } from './keys.ts'
import * as members from './members.store.ts'
import { letIn, lockOut } from './members.ts'
import * as roles from './roles.store.ts'

export type { MemberCondition, MemberRow } from './members.store.ts'
export type { RoleRow } from './roles.store.ts'

/** The connection that acts. */
export interface Provisioner {
  serviceUserId: string
  defaultRoleId: string | null
}

/** What a provider says of a member. `scim` is the resource as the kernel keeps it. */
export interface ProvisionedProfile {
  userName: string
  email: string
  displayName: string
  title: string | null
  active: boolean
  externalId: string | null
  scim: object
}

/** Members that a provider may see: everyone but owners, in a stable order. */
export async function listProvisionable(
  tx: Tx,
  query: { where: members.MemberCondition[]; limit: number; offset: number },
): Promise<{ rows: members.MemberRow[]; total: number }> {
  return members.listMembers(tx, { ...query, where: [...query.where, notOwner] })
}

const notOwner: members.MemberCondition = (eb) =>
  eb.not(
    eb.exists(
      eb
        .selectFrom('memberRoles')
        .innerJoin('roles', 'roles.id', 'memberRoles.roleId')
        .whereRef('memberRoles.memberId', '=', 'members.id')
        .where('roles.systemKey', '=', 'owner')
        .select('memberRoles.memberId'),
    ),
  )

/** A member that a provider may see and change, locked for the change; undefined for owners too. */
export async function findProvisionable(
  tx: Tx,
  id: string,
  lock = false,
): Promise<members.MemberRow | undefined> {
  const row = await members.findMember(tx, id, lock)
  if (!row) return undefined
  const grants = await members.listGrants(tx, [id])
  return grants.some((grant) => grant.systemKey === 'owner') ? undefined : row
}

/** @returns undefined when the user name is taken: the caller answers 409 */
export async function provisionMember(
  tx: Tx,
  by: Provisioner,
  profile: ProvisionedProfile,
): Promise<members.MemberRow | undefined> {
  const row = await members.insertMember(tx, {
    ...profile,
    userNameKey: comparisonKey(profile.userName),
    emailKey: comparisonKey(profile.email),
    source: 'scim',
    serviceUserId: by.serviceUserId,
  })
  if (!row) return undefined
  const note = await settleDefaultRole(tx, by, row.id)
  memberProvisioned(tx, [row.id], { name: row.displayName, ...(note ? { note } : {}) })
  return row
}

/**
 * Brings a member to a profile. Activation and deactivation are done first and fully.
 * @throws AppError `conflict` when the user name belongs to another member
 */
export async function updateProvisioned(
  tx: Tx,
  by: Provisioner,
  row: members.MemberRow,
  profile: ProvisionedProfile,
): Promise<members.MemberRow> {
  const userNameKey = comparisonKey(profile.userName)
  const namesake = await members.findMemberByUserName(tx, userNameKey)
  if (namesake && namesake.id !== row.id)
    throw new AppError('conflict', `The user name ${profile.userName} belongs to another member.`)

  let current = row
  if (row.active && !profile.active) current = await lockOut(tx, row)
  if (!row.active && profile.active) current = await letIn(tx, row)

  const changed = changedFields(row, profile)
  if (changed.length > 0 || row.source !== 'scim') {
    const { active: _, ...rest } = profile
    current = await members.updateMember(tx, row.id, {
      ...rest,
      userNameKey,
      emailKey: comparisonKey(profile.email),
      source: 'scim',
      serviceUserId: by.serviceUserId,
    })
    if (row.source === 'invited') memberLinked(tx, [row.id], { name: row.displayName })
    if (changed.length > 0) memberUpdated(tx, [row.id], { name: current.displayName, changed })
  }
  if (row.source === 'invited' || (!row.active && profile.active)) await settleDefaultRole(tx, by, row.id)
  return current
}

function changedFields(row: members.MemberRow, profile: ProvisionedProfile): string[] {
  const names = {
    userName: 'user name',
    email: 'e-mail',
    displayName: 'name',
    title: 'job title',
    externalId: 'external id',
  } as const
  const changed: string[] = (Object.keys(names) as (keyof typeof names)[])
    .filter((key) => row[key] !== profile[key])
    .map((key) => names[key])
  if (changed.length === 0 && JSON.stringify(row.scim) !== JSON.stringify(profile.scim))
    changed.push('attributes')
  return changed
}

/** Removes a member for good. Its sessions end first; what it did stays in the event log. */
export async function deleteProvisioned(tx: Tx, row: members.MemberRow): Promise<void> {
  await lockOut(tx, row)
  await members.deleteMember(tx, row.id)
  memberDeleted(tx, [row.id], { name: row.displayName })
}

/** Roles as groups: all but Owner, which no provider can see or give. */
export async function listPushableRoles(tx: Tx): Promise<roles.RoleRow[]> {
  return (await roles.listRoles(tx)).filter((role) => role.systemKey !== 'owner')
}

/** @param lock for a change of the role or of who holds it */
export async function findPushableRole(tx: Tx, id: string, lock = false): Promise<roles.RoleRow | undefined> {
  const role = await roles.findRole(tx, id, lock)
  return role?.systemKey === 'owner' ? undefined : role
}

/**
 * A role made from a pushed group allows nothing until an admin says what.
 * @returns undefined when a role has this name
 */
export async function createPushedRole(
  tx: Tx,
  name: string,
  externalId: string | null,
): Promise<roles.RoleRow | undefined> {
  const role = await roles.insertRole(tx, {
    name,
    nameKey: comparisonKey(name),
    description: 'Made from a pushed group. It allows nothing until an admin gives it permissions.',
    permissions: [],
    externalId,
  })
  if (role) roleCreated(tx, [role.id], { name })
  return role
}

/** @throws AppError `conflict` for a role that comes with Keydesk, or a name that is taken */
export async function renamePushedRole(tx: Tx, role: roles.RoleRow, name: string): Promise<roles.RoleRow> {
  if (role.name === name) return role
  const nameKey = comparisonKey(name)
  // "Rename app groups to match": a link to a role of ours keeps the role's own name.
  if (role.systemKey) return role
  const namesake = await roles.findRoleByName(tx, nameKey)
  if (namesake && namesake.id !== role.id)
    throw new AppError('conflict', `There is a role named ${name} already.`)
  const changed = await roles.updateRole(tx, role.id, { name, nameKey })
  if (!changed) throw new AppError('conflict', `The role ${role.name} cannot be renamed.`)
  roleUpdated(tx, [role.id], { name })
  return changed
}

/** Takes the role from whoever has it by its group; a role made from a group goes with it unless others hold it. */
export async function deletePushedRole(tx: Tx, by: Provisioner, role: roles.RoleRow): Promise<void> {
  await changeRoleMembers(tx, by, role, { remove: 'all', add: [] })
  if (role.systemKey === null && (await roles.countHolders(tx, role.id)) === 0) {
    await roles.deleteRole(tx, role.id)
    roleDeleted(tx, [role.id], { name: role.name })
  }
}

/** Who holds roles by their pushed groups. */
export function listRoleMembers(
  tx: Tx,
  roleIds: readonly string[],
): Promise<{ roleId: string; memberId: string; userName: string }[]> {
  return members.listGroupHolders(tx, roleIds)
}

/**
 * Adds and removes holders of a role, as set operations: doing it twice is doing it once.
 * @returns the ids in `add` that are no member a provider may see; nothing is changed when there are any
 */
export async function changeRoleMembers(
  tx: Tx,
  by: Provisioner,
  role: roles.RoleRow,
  change: { add: readonly string[]; remove: readonly string[] | 'all' },
): Promise<{ unknown: string[] }> {
  const add = [...new Set(change.add)]
  const known = await Promise.all(add.map((id) => findProvisionable(tx, id)))
  const unknown = add.filter((_, at) => !known[at])
  if (unknown.length > 0) return { unknown }

  const removed = await members.removeGrants(tx, {
    source: 'scim_group',
    roleId: role.id,
    ...(change.remove === 'all' ? {} : { memberIds: change.remove }),
  })
  const gone = removed.filter((id) => !add.includes(id))
  const grants = add.map((memberId) => ({ memberId, roleId: role.id, source: 'scim_group' }))
  await members.addGrants(tx, grants)
  const fresh = add.filter((id) => !removed.includes(id))
  for (const id of [...gone, ...fresh]) await settleDefaultRole(tx, by, id)
  if (gone.length + fresh.length > 0)
    roleMembersChanged(tx, [role.id, ...gone, ...fresh], {
      name: role.name,
      added: fresh.length,
      removed: gone.length,
    })
  return { unknown: [] }
}

/** The roles a member holds, for the read-only `groups` of a SCIM user. */
export function listMemberRoles(tx: Tx, memberIds: readonly string[]): Promise<members.GrantRow[]> {
  return members.listGrants(tx, memberIds)
}

/**
 * A member without a pushed or hand-given role holds the connection's default; one with such a role does not.
 * @returns a sentence when no default was set and the most restrictive role stood in
 */
async function settleDefaultRole(tx: Tx, by: Provisioner, memberId: string): Promise<string | undefined> {
  const grants = await members.listGrants(tx, [memberId])
  if (grants.some((grant) => grant.source !== 'scim_default')) {
    await members.removeGrants(tx, { source: 'scim_default', memberIds: [memberId] })
    return undefined
  }
  if (grants.length > 0) return undefined
  const wanted = by.defaultRoleId ? await roles.findRole(tx, by.defaultRoleId) : undefined
  const role = wanted ?? (await mostRestrictive(tx))
  await members.addGrants(tx, [{ memberId, roleId: role.id, source: 'scim_default' }])
  return wanted
    ? undefined
    : `The connection has no default role, so the most restrictive one was given: ${role.name}`
}

async function mostRestrictive(tx: Tx): Promise<roles.RoleRow> {
  const own = (await roles.listRoles(tx)).filter((role) => role.systemKey !== null)
  return own.reduce((least, role) => (role.permissions.length < least.permissions.length ? role : least))
}
