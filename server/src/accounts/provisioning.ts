/**
 * What an identity provider may do to members and roles. The SCIM folder speaks the protocol; what a
 * change means for a person's access is decided here, for every door alike: owners and break-glass
 * accounts are out of reach, deactivation locks out at once, and default roles come and go with the others.
 *
 * Everything takes many and does it in a few statements, because calls of one moment are done together.
 */
import { AppError, newId, type Tx } from '#platform'
import { fallbackRole, mayGive, settleRoles } from './connection-roles.ts'
import type { ScimSettings } from './contract.ts'
import {
  manualRolesDropped,
  memberDeleted,
  memberLinked,
  memberProvisioned,
  memberReactivated,
  memberUpdated,
  ownRolesChanged,
  roleCreated,
  roleDeleted,
  roleMembersChanged,
  roleUpdated,
} from './events.ts'
import { comparisonKey } from './keys.ts'
import * as members from './members.store.ts'
import { endAccess } from './members.ts'
import * as roles from './roles.store.ts'
import { endLinks } from './sessions.store.ts'

export type { LockedMember, MemberRow } from './members.store.ts'
export type { RoleRow } from './roles.store.ts'

/** The connection that acts. */
export interface Provisioner {
  serviceUserId: string
  name: string
  defaultRoleId: string | null
  settings: ScimSettings
}

/** What a provider says of a member. */
export interface ProvisionedProfile {
  userName: string
  email: string
  displayName: string
  title: string | null
  active: boolean
  externalId: string | null
  /** The resource as the kernel keeps it. The very object of the row when it did not change. */
  scim: object
  /** The same as text. */
  rendered: string
  /** The default role that the provider names for this person, by name or id. */
  defaultRole: string | null
  /** Names or ids of the roles in the user's own `roles`; null when they were not touched. */
  roles: readonly string[] | null
  /** What stood there before: a role that is only kept need not be one that may still be given. */
  rolesBefore?: readonly string[]
}

/** Members that a provider may see and change, locked for the change, in the order of the ids. */
export async function lockProvisionable(
  tx: Tx,
  ids: readonly string[],
  why: 'change' | 'deletion' = 'change',
): Promise<(members.LockedMember | undefined)[]> {
  const rows = new Map((await members.lockVisible(tx, ids, why)).map((row) => [row.id, row]))
  return ids.map((id) => rows.get(id))
}

/**
 * Makes members with their first roles.
 * @returns in the order of the profiles; undefined where the user name is taken, `invalid_input` where one of
 *   the user's own roles is none that the connection may give
 */
export async function provisionMembers(
  tx: Tx,
  by: Provisioner,
  profiles: readonly (ProvisionedProfile & { id?: string })[],
): Promise<(members.MemberRow | undefined | AppError)[]> {
  const named = await rolesNamed(tx, by, profiles)
  const wanted = profiles.map((profile) => {
    const own = named.own(profile)
    return { profile, own, id: profile.id ?? newId('mem'), columns: columnsOf(by, profile, named) }
  })
  const rows = await members.insertMembers(
    tx,
    wanted.flatMap(({ own, id, columns }) => (own instanceof AppError ? [] : [{ ...columns, id }])),
  )
  const made = new Map(rows.map((row) => [row.id, row]))
  const assigned = wanted.flatMap(({ id, own }) =>
    !(own instanceof AppError) && own.length > 0 && made.has(id) ? [{ memberId: id, roleIds: own }] : [],
  )
  if (assigned.length > 0) {
    await members.replaceOwnRoles(tx, assigned)
    const ids = assigned.map(({ memberId }) => memberId)
    await members.settleSeveral(tx, ids, by.settings.severalGroups)
  }
  const owning = new Set(assigned.map(({ memberId }) => memberId))
  const fallback = await fallbackFor(tx, by, profiles)
  members.addGrants(
    tx,
    wanted
      .filter(({ id }) => made.has(id) && !owning.has(id))
      .map(({ id, columns }) => ({
        memberId: id,
        roleId: columns.defaultRoleId ?? fallback.id,
        source: 'scim_default',
      })),
  )
  return wanted.map(({ profile, own, id, columns }) => {
    if (own instanceof AppError) return own
    const row = made.get(id)
    if (!row) return undefined
    const note = owning.has(id) ? undefined : noteOf(by, profile, columns.defaultRoleId, fallback)
    memberProvisioned(tx, [id], { name: row.displayName, ...(note ? { note } : {}) })
    return row
  })
}

// The usual case needs no name for a sentence, and so no look at the role.
async function fallbackFor(
  tx: Tx,
  by: Provisioner,
  profiles: readonly ProvisionedProfile[],
): Promise<{ id: string; name: string }> {
  const isPlain = by.defaultRoleId !== null && profiles.every(({ defaultRole }) => defaultRole === null)
  return isPlain && by.defaultRoleId ? { id: by.defaultRoleId, name: '' } : fallbackRole(tx, by)
}

/** Which of these changes would take a user name that belongs to another member. */
async function findTaken(
  tx: Tx,
  changes: readonly { row: members.MemberRow; profile: ProvisionedProfile }[],
): Promise<Set<string>> {
  const renamed = changes.filter(
    ({ row, profile }) => comparisonKey(row.userName) !== comparisonKey(profile.userName),
  )
  const holders = await members.findNamesakes(
    tx,
    renamed.map(({ profile }) => comparisonKey(profile.userName)),
  )
  const holderOf = new Map(holders.map(({ id, userNameKey }) => [userNameKey, id]))
  return new Set(
    renamed
      .filter(({ row, profile }) => (holderOf.get(comparisonKey(profile.userName)) ?? row.id) !== row.id)
      .map(({ row }) => row.id),
  )
}

/** What a change of a member comes to, before it is done. */
export interface PlannedUpdate {
  row: members.LockedMember
  profile: ProvisionedProfile
  columns: members.NewMember
  /** The roles that the user's own `roles` shall give; null when they are not touched. */
  ownRoleIds: string[] | null
  /** Names of the roles that the member would no longer have. */
  lost: string[]
}

/**
 * Says what changes come to, without doing anything.
 * @param changes of locked rows, each at most once
 * @returns in their order; or why this one cannot be done: `conflict` when the user name belongs to another
 *   member, `invalid_input` for a role that the connection may not give
 */
export async function planUpdates(
  tx: Tx,
  by: Provisioner,
  changes: readonly { row: members.LockedMember; profile: ProvisionedProfile }[],
): Promise<(PlannedUpdate | AppError)[]> {
  const taken = await findTaken(tx, changes)
  const profiles = changes.map(({ profile }) => profile)
  const named = await rolesNamed(tx, by, profiles)
  const mayFallBack = changes.some(({ row }) => !row.roles.some(isGroupRole))
  const fallback = mayFallBack ? await fallbackFor(tx, by, profiles) : { id: '' }
  return changes.map(({ row, profile }) => {
    if (taken.has(row.id))
      return new AppError('conflict', `The user name ${profile.userName} belongs to another member.`)
    const own = profile.roles === null ? null : named.own(profile, row)
    if (own instanceof AppError) return own
    const columns = columnsOf(by, profile, named)
    return {
      row,
      profile,
      columns,
      ownRoleIds: own,
      lost: lostRoles(row, profile, own, columns.defaultRoleId ?? fallback.id),
    }
  })
}

function isGroupRole({ source }: members.HeldRole): boolean {
  return source === 'scim_group'
}

function lostRoles(
  { roles: held, active }: members.LockedMember,
  profile: ProvisionedProfile,
  own: readonly string[] | null,
  defaultRoleId: string,
): string[] {
  const returns = !active && profile.active
  const kept = held
    .filter(({ source }) => source === 'scim_group' || (source === 'manual' && !returns))
    .concat(own ? [] : held.filter(({ source }) => source === 'scim_role'))
    .map(({ id }) => id)
    .concat(own ?? [])
  const after = new Set(kept.length > 0 ? kept : [defaultRoleId])
  return [...new Set(held.filter(({ id }) => !after.has(id)).map(({ name }) => name))]
}

/**
 * Brings members to what was planned. Who loses access loses it fully, in the same transaction.
 * @returns in the order of the plans the row as it is now
 */
export async function applyUpdates(
  tx: Tx,
  by: Provisioner,
  plans: readonly PlannedUpdate[],
): Promise<members.MemberRow[]> {
  const written = plans
    .map((plan) => ({ ...plan, fields: changedFields(plan.row, plan.profile) }))
    .filter(({ row, profile, fields, columns }) => {
      const isSame = fields.length === 0 && row.active === profile.active && row.source === 'scim'
      return !isSame || row.defaultRoleId !== columns.defaultRoleId || row.serviceUserId === null
    })
  const lockedOut = written.filter(({ row, profile }) => row.active && !profile.active)
  const now = new Map(members.updateMembers(tx, written).map((row) => [row.id, row]))
  await Promise.all([
    endAccess(
      tx,
      lockedOut.map(({ row }) => row),
    ),
    revokeLinksOfMoved(tx, written),
  ])

  for (const { row, profile, fields } of written) {
    if (row.source === 'invited') memberLinked(tx, [row.id], { name: row.displayName })
    if (!row.active && profile.active) memberReactivated(tx, [row.id], { name: profile.displayName })
    if (fields.length > 0) memberUpdated(tx, [row.id], { name: profile.displayName, changed: fields })
  }
  await regrant(tx, by, written)
  return plans.map(({ row }) => now.get(row.id) ?? row)
}

/** Plans and applies: for whoever has decided already. @returns in the order of the changes, or why one was not done */
export async function updateProvisioned(
  tx: Tx,
  by: Provisioner,
  changes: readonly { row: members.LockedMember; profile: ProvisionedProfile }[],
): Promise<(members.MemberRow | AppError)[]> {
  const plans = await planUpdates(tx, by, changes)
  const possible = plans.filter((plan): plan is PlannedUpdate => !(plan instanceof AppError))
  const rows = new Map((await applyUpdates(tx, by, possible)).map((row) => [row.id, row]))
  return plans.map((plan) => (plan instanceof AppError ? plan : (rows.get(plan.row.id) ?? plan.row)))
}

// A link that was sent to the old address must not open the account under the new one.
async function revokeLinksOfMoved(
  tx: Tx,
  written: readonly { row: members.MemberRow; profile: ProvisionedProfile }[],
): Promise<void> {
  const moved = written.filter(
    ({ row, profile }) => comparisonKey(row.email) !== comparisonKey(profile.email),
  )
  if (moved.length > 0)
    await endLinks(
      tx,
      moved.map(({ row }) => row.id),
    )
}

async function regrant(tx: Tx, by: Provisioner, written: readonly PlannedUpdate[]): Promise<void> {
  const returned = written
    .filter(({ row, profile }) => !row.active && profile.active && hasManualRoles(row))
    .map(({ row }) => row)
  await dropManualRoles(tx, returned)
  const assigned = written.flatMap(({ row, ownRoleIds }) =>
    ownRoleIds ? [{ memberId: row.id, name: row.displayName, roleIds: ownRoleIds }] : [],
  )
  if (assigned.length > 0) {
    await members.replaceOwnRoles(tx, assigned)
    const known = new Map((await roles.listRoleRows(tx)).map(({ id, name }) => [id, name]))
    for (const { memberId, name, roleIds } of assigned)
      ownRolesChanged(tx, [memberId], { name, roles: roleIds.map((id) => known.get(id) ?? id) })
  }
  const touched = new Set([
    ...returned.map((row) => row.id),
    ...assigned.map(({ memberId }) => memberId),
    ...written
      .filter(({ row, columns }) => row.source === 'invited' || row.defaultRoleId !== columns.defaultRoleId)
      .map(({ row }) => row.id),
  ])
  await settleRoles(tx, by, [...touched])
}

function hasManualRoles({ roles: held }: members.LockedMember): boolean {
  return held.some(({ source }) => source === 'manual')
}

// Who comes back by the provider gets what the provider says, and nothing that somebody once gave by hand.
async function dropManualRoles(tx: Tx, rows: readonly members.LockedMember[]): Promise<void> {
  if (rows.length === 0) return
  await members.removeGrants(tx, { source: 'manual', memberIds: rows.map((row) => row.id) })
  for (const row of rows) {
    const names = row.roles.filter(({ source }) => source === 'manual').map(({ name }) => name)
    manualRolesDropped(tx, [row.id], { name: row.displayName, roles: names })
  }
}

function columnsOf(by: Provisioner, profile: ProvisionedProfile, given: RolesNamed): members.NewMember {
  return {
    userName: profile.userName,
    userNameKey: comparisonKey(profile.userName),
    email: profile.email,
    emailKey: comparisonKey(profile.email),
    displayName: profile.displayName,
    title: profile.title,
    active: profile.active,
    source: 'scim',
    serviceUserId: by.serviceUserId,
    externalId: profile.externalId,
    scim: profile.scim,
    rendered: profile.rendered,
    defaultRoleId: given.default(profile) ?? null,
  }
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
  if (changed.length === 0 && row.scim !== profile.scim) changed.push('attributes')
  return changed
}

/** Removes members for good. What they hold ends first; what they did stays in the event log. */
export async function deleteProvisioned(tx: Tx, rows: readonly members.MemberRow[]): Promise<void> {
  await endAccess(
    tx,
    rows.filter((row) => row.active),
  )
  await members.deleteMembers(
    tx,
    rows.map((row) => row.id),
  )
  for (const row of rows) memberDeleted(tx, [row.id], { name: row.displayName })
}

/** Roles as groups: those that this connection may see and give, never Owner. */
export async function listPushableRoles(tx: Tx, by: Provisioner): Promise<roles.RoleRow[]> {
  return (await roles.listRoleRows(tx)).filter((role) => mayGive(role, by))
}

/** @param lock for a change of the role or of who holds it */
export async function findPushableRole(
  tx: Tx,
  by: Provisioner,
  id: string,
  lock = false,
): Promise<roles.RoleRow | undefined> {
  const role = await roles.findRole(tx, id, lock)
  return role && mayGive(role, by) ? role : undefined
}

/**
 * Makes a role from a pushed group. It allows what the default role allows, until an admin says more.
 * @returns undefined when a role has this name
 */
export async function createPushedRole(
  tx: Tx,
  by: Provisioner,
  { id, name, externalId }: { id?: string; name: string; externalId: string | null },
): Promise<roles.RoleRow | undefined> {
  const like = await fallbackRole(tx, by)
  const role = await roles.insertRole(tx, {
    ...(id ? { id } : {}),
    name,
    nameKey: comparisonKey(name),
    description: `Made from a pushed group. It allows what ${like.name} allowed then, until an admin changes it.`,
    permissions: like.permissions,
    externalId,
    serviceUserId: by.serviceUserId,
  })
  if (role) roleCreated(tx, [role.id], { name })
  return role
}

/** @throws AppError `conflict` for a name that is taken */
export async function renamePushedRole(tx: Tx, role: roles.RoleRow, name: string): Promise<roles.RoleRow> {
  // "Rename app groups to match": a link to a role of ours, or of one of the customer's, keeps the role's own name.
  if (role.name === name || !isPushed(role)) return role
  const nameKey = comparisonKey(name)
  const namesake = await roles.findRoleByName(tx, nameKey)
  if (namesake && namesake.id !== role.id)
    throw new AppError('conflict', `There is a role named ${name} already.`)
  const changed = await roles.updateRole(tx, role.id, { name, nameKey })
  if (!changed) throw new AppError('conflict', `The role ${role.name} cannot be renamed.`)
  roleUpdated(tx, [role.id], { name })
  return changed
}

/** Whether a pushed group made the role. Every other one is somebody's own work, and a group is only linked to it. */
function isPushed(role: roles.RoleRow): boolean {
  return role.systemKey === null && role.serviceUserId !== null
}

/** Takes the role from whoever has it by its group; a role made from a group goes with it unless others hold it. */
export async function deletePushedRole(tx: Tx, by: Provisioner, role: roles.RoleRow): Promise<void> {
  await changeRoleMembers(tx, by, role, { add: [], removeAllBut: [] })
  if (isPushed(role) && (await roles.countHolders(tx, role.id)) === 0) {
    await roles.deleteRole(tx, role.id)
    roleDeleted(tx, [role.id], { name: role.name })
  }
}

/** What becomes of the holders of a role. What is not known is left out by whoever asks. */
export type MembersChange =
  | { add: readonly string[]; remove: readonly string[] }
  | { add: readonly string[]; removeAllBut: readonly string[] }

/** How many members one line of the event log names. */
const NAMED_AT_ONCE = 500

/**
 * Locks the members that a change of a role is about, in one order and before anybody counts what they lose.
 * @param ids who is named
 * @returns those of them that may be added: whom a provider may see, and who has the role already
 */
export function lockNamed(tx: Tx, role: roles.RoleRow, ids: readonly string[]): Promise<Set<string>> {
  return members.lockAddable(tx, role.id, ids)
}

/** Who of these, or of all but these, holds a role by its group and would lose it. */
export function findHolders(
  tx: Tx,
  role: roles.RoleRow,
  which: { members: readonly string[] } | { allBut: readonly string[] },
): Promise<{ id: string; displayName: string }[]> {
  return members.listGroupHolders(tx, role.id, which)
}

/** Who holds roles by their pushed groups, as a provider sees it. */
export function listRoleMembers(
  tx: Tx,
  roleIds: readonly string[],
): Promise<{ roleId: string; memberId: string; userName: string }[]> {
  return members.listVisibleHolders(tx, roleIds)
}

/**
 * Adds and removes holders of a role, as set operations: doing it twice is doing it once, and the cost is
 * that of the change, not of the role.
 * @returns whether anything changed
 */
export async function changeRoleMembers(
  tx: Tx,
  by: Provisioner,
  role: roles.RoleRow,
  change: MembersChange,
): Promise<boolean> {
  const removes = 'removeAllBut' in change || change.remove.length > 0
  const removed = removes
    ? await members.removeGroupGrants(
        tx,
        role.id,
        'removeAllBut' in change ? { allBut: change.removeAllBut } : { members: change.remove },
      )
    : []
  const added = await members.addGroupGrants(tx, role.id, change.add)
  const touched = [...removed, ...added]
  if (touched.length === 0) return false
  // Their groups are a part of what they show.
  await members.touchMembers(tx, touched)
  await settleRoles(tx, by, touched)
  for (let at = 0; at < touched.length; at += NAMED_AT_ONCE) {
    const some = touched.slice(at, at + NAMED_AT_ONCE)
    const gone = Math.min(some.length, Math.max(0, removed.length - at))
    roleMembersChanged(tx, [role.id, ...some], { name: role.name, added: some.length - gone, removed: gone })
  }
  return true
}

/** The roles members hold. */
export function listMemberRoles(tx: Tx, memberIds: readonly string[]): Promise<members.GrantRow[]> {
  return members.listGrants(tx, memberIds)
}

function noteOf(
  by: Provisioner,
  profile: ProvisionedProfile | undefined,
  defaultRoleId: string | null,
  fallback: { id: string; name: string },
): string | undefined {
  if (defaultRoleId) return undefined
  const named = profile?.defaultRole
  if (named) return `The default role ${named} is not one that may be given, so it became ${fallback.name}`
  return fallback.id === by.defaultRoleId
    ? undefined
    : `The connection has no default role, so the most restrictive one was given: ${fallback.name}`
}

/** The roles that profiles name, found. */
interface RolesNamed {
  /** Those of the user's own `roles`; `invalid_input` when one of them is new and may not be given. */
  own(profile: ProvisionedProfile, row?: members.LockedMember): string[] | AppError
  default(profile: ProvisionedProfile): string | undefined
}

async function rolesNamed(
  tx: Tx,
  by: Provisioner,
  profiles: readonly ProvisionedProfile[],
): Promise<RolesNamed> {
  const namesNone = profiles.every(({ roles: own, defaultRole }) => !own?.length && !defaultRole)
  const known = namesNone ? [] : await listPushableRoles(tx, by)
  return {
    own: ({ roles: own, rolesBefore = [] }, row) => {
      const kept = row?.roles.filter(({ source }) => source === 'scim_role') ?? []
      const found = (own ?? []).map((name) =>
        // What the provider keeps, the member keeps, also when it is no longer to be had.
        rolesBefore.includes(name) ? find(kept, name) : (find(known, name) ?? refusal(name)),
      )
      const refused = found.find((one) => one instanceof AppError)
      return (
        refused ?? [...new Set(found.flatMap((one) => (one && !(one instanceof AppError) ? [one.id] : [])))]
      )
    },
    default: ({ defaultRole }) => (defaultRole ? find(known, defaultRole)?.id : undefined),
  }
}

function find<R extends { id: string; name: string }>(among: readonly R[], name: string): R | undefined {
  return among.find((role) => role.id === name || comparisonKey(role.name) === comparisonKey(name))
}

function refusal(name: string): AppError {
  return new AppError(
    'invalid_input',
    `The role ${name.slice(0, 100)} cannot be given by this connection, so nothing was changed. /Roles lists those that can.`,
  )
}
