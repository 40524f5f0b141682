/**
 * The roles of a SCIM connection: which it may give, and which of them a member of it has. Whoever hands out
 * its credentials, whoever provisions, and whoever changes members and roles by hand ask here, so that there
 * is one answer.
 */
import type { Tx } from '#platform'
import { ScimSettings } from './contract.ts'
import * as members from './members.store.ts'
import type { Provisioner } from './provisioning.ts'
import { listRoleRows, type RoleRow } from './roles.store.ts'
import { listConnections, type ServiceUserRow } from './tokens.store.ts'

/** The connection as whoever acts on members. */
export function provisionerOf(
  row: Pick<ServiceUserRow, 'id' | 'name' | 'defaultRoleId' | 'scim'>,
): Provisioner {
  const { id, name, defaultRoleId } = row
  return { serviceUserId: id, name, defaultRoleId, settings: ScimSettings.parse(row.scim) }
}

/** Whether a connection may see and give a role: one that was chosen for it, or that its own group made; never Owner. */
export function mayGive(role: RoleRow, { serviceUserId, settings }: Provisioner): boolean {
  if (role.systemKey === 'owner') return false
  return !settings.roleIds || settings.roleIds.includes(role.id) || role.serviceUserId === serviceUserId
}

/** Every role that can come to somebody by a connection: those it may give, and its default. */
export async function listReachable(tx: Tx, by: Provisioner): Promise<RoleRow[]> {
  const all = await listRoleRows(tx)
  const fallback = fallbackAmong(all, by)
  return all.filter((role) => role === fallback || mayGive(role, by))
}

/** The connection's default role, or the most restrictive one when none was chosen. */
export async function fallbackRole(tx: Tx, by: Provisioner): Promise<RoleRow> {
  return fallbackAmong(await listRoleRows(tx), by)
}

function fallbackAmong(all: readonly RoleRow[], { defaultRoleId }: Provisioner): RoleRow {
  const own = all.filter((role) => role.systemKey !== null)
  return (
    all.find((role) => role.id === defaultRoleId) ??
    own.reduce((least, role) => (role.permissions.length < least.permissions.length ? role : least))
  )
}

/** A member without any other role holds the default; and of several given roles those count that shall. */
export async function settleRoles(tx: Tx, by: Provisioner, memberIds: readonly string[]): Promise<void> {
  if (memberIds.length === 0) return
  const { severalGroups } = by.settings
  await members.settleDefaults(tx, memberIds, by.defaultRoleId ?? (await fallbackRole(tx, by)).id)
  // All of them count from the beginning; what was settled otherwise is settled anew when the choice changes.
  if (severalGroups !== 'union') await members.settleSeveral(tx, memberIds, severalGroups)
}

/** Settles the roles of these members; of everyone whom the connection manages, when its settings have changed. */
export async function resettleRoles(tx: Tx, by: Provisioner, memberIds?: readonly string[]): Promise<void> {
  const ids = memberIds ?? (await members.listManaged(tx, by.serviceUserId))
  await settleRoles(tx, by, ids)
  // Also when all shall count: before, some may not have.
  if (ids.length > 0) await members.settleSeveral(tx, ids, by.settings.severalGroups)
}

/** Settles the roles of a locked member by the rules of the connection that manages the member, if one does. */
export async function settleMember(tx: Tx, member: members.MemberRow): Promise<void> {
  if (member.serviceUserId === null) return
  const [row] = await listConnections(tx, member.serviceUserId)
  if (row) await settleRoles(tx, provisionerOf(row), [member.id])
}

/** Settles who holds a role anew, because what it allows has changed: another one may allow the most now. */
export async function settleHolders(tx: Tx, roleId: string): Promise<void> {
  for (const row of await listConnections(tx)) {
    const { severalGroups } = provisionerOf(row).settings
    if (severalGroups !== 'highest') continue
    const ids = await members.lockHolders(tx, roleId, row.id)
    if (ids.length > 0) await members.settleSeveral(tx, ids, severalGroups)
  }
}
