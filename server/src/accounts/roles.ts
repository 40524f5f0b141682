/** Roles: named sets of permissions. The four that come with a workspace cannot be changed. */
import { AppError, type Context, notFound, type Tx, transact } from '#platform'
import { settleHolders } from './connection-roles.ts'
import type { Permission, Role } from './contract.ts'
import { roleCreated, roleDeleted, roleUpdated } from './events.ts'
import { comparisonKey } from './keys.ts'
import { refuseToRaise } from './raising.ts'
import * as store from './roles.store.ts'

interface RoleInput {
  name: string
  description: string
  permissions: Permission[]
}

export function listRoles(ctx: Context): Promise<Role[]> {
  return transact(ctx, async (tx) => (await store.listRoles(tx)).map((row) => viewOf(row, row.memberCount)))
}

/** @throws AppError `forbidden` for a permission that the caller does not hold: nobody raises himself */
export function createRole(ctx: Context, input: RoleInput): Promise<Role> {
  return transact(ctx, async (tx) => {
    refuseToRaise(tx, input.permissions)
    const row = await store.insertRole(tx, { ...input, nameKey: comparisonKey(input.name) })
    if (!row) throw new AppError('conflict', `There is a role named ${input.name} already.`)
    roleCreated(tx, [row.id], { name: row.name })
    return viewOf(row, 0)
  })
}

export function updateRole(ctx: Context, id: string, input: RoleInput): Promise<Role> {
  return transact(ctx, async (tx) => {
    refuseToRaise(tx, input.permissions)
    // Before its holders, as a change of a group takes its locks.
    await changeableRole(tx, id, true)
    const nameKey = comparisonKey(input.name)
    const namesake = await store.findRoleByName(tx, nameKey)
    if (namesake && namesake.id !== id)
      throw new AppError('conflict', `There is a role named ${input.name} already.`)
    const row = await store.updateRole(tx, id, { ...input, nameKey })
    if (!row) throw notFound('role')
    await settleHolders(tx, id)
    roleUpdated(tx, [id], { name: row.name })
    return viewOf(row, await store.countHolders(tx, id))
  })
}

export function deleteRole(ctx: Context, id: string): Promise<void> {
  return transact(ctx, async (tx) => {
    const role = await changeableRole(tx, id)
    const holders = await store.countHolders(tx, id)
    if (holders > 0)
      throw new AppError(
        'conflict',
        `${holders} ${holders === 1 ? 'member has' : 'members have'} the role ${role.name}. Give them another role first.`,
      )
    await store.deleteRole(tx, id)
    roleDeleted(tx, [id], { name: role.name })
  })
}

async function changeableRole(tx: Tx, id: string, lock = false): Promise<store.RoleRow> {
  const role = await store.findRole(tx, id, lock)
  if (!role) throw notFound('role')
  if (role.systemKey)
    throw new AppError(
      'conflict',
      `The role ${role.name} comes with Keydesk and cannot be changed. Create a role of your own instead.`,
    )
  return role
}

function viewOf(row: store.RoleRow, memberCount: number): Role {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    permissions: row.permissions as Permission[],
    system: row.systemKey !== null,
    memberCount,
  }
}
