import { sql } from 'kysely'
import { newId, type Tx } from '#platform'
import type { Permission } from './contract.ts'

export interface RoleRow {
  id: string
  name: string
  description: string
  permissions: string[]
  systemKey: string | null
  externalId: string | null
  /** The connection whose pushed group made it. */
  serviceUserId: string | null
  version: number
  createdAt: Date
  updatedAt: Date
}

const columns = [
  'id',
  'name',
  'description',
  'permissions',
  'systemKey',
  'externalId',
  'serviceUserId',
  'version',
  'createdAt',
  'updatedAt',
] as const

export function listRoles(tx: Tx): Promise<(RoleRow & { memberCount: number })[]> {
  return tx.db
    .selectFrom('roles')
    .select(columns)
    .select((eb) =>
      eb
        .selectFrom('memberRoles')
        .whereRef('memberRoles.roleId', '=', 'roles.id')
        .select((count) => count.fn.count<number>('memberId').distinct().as('n'))
        .as('memberCount'),
    )
    .orderBy(sql`array_position(array['owner','admin','agent','auditor'], system_key)`)
    .orderBy('nameKey')
    .execute() as Promise<(RoleRow & { memberCount: number })[]>
}

/** Roles in the order of their making, without counting who has them. */
export function listRoleRows(tx: Tx): Promise<RoleRow[]> {
  return tx.db.selectFrom('roles').select(columns).orderBy('createdAt').orderBy('id').execute()
}

/** @param lock holds the role for the rest of the transaction, so that changes of its holders happen one after another */
export function findRole(tx: Tx, id: string, lock = false): Promise<RoleRow | undefined> {
  const select = tx.db.selectFrom('roles').select(columns).where('id', '=', id)
  return (lock ? select.forNoKeyUpdate() : select).executeTakeFirst()
}

/** Holds roles as `findRole` does, in one order. */
export async function lockRoles(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx.db
    .selectFrom('roles')
    .select('id')
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
}

/** Gives roles a new version, because who holds them changed. Always in one order, so that two never wait for each other. */
export async function touchRoles(tx: Tx, ids: readonly string[]): Promise<void> {
  for (const id of [...new Set(ids)].sort())
    await tx.db
      .updateTable('roles')
      .set({ version: sql`version + 1`, updatedAt: sql`now()` })
      .where('id', '=', id)
      .execute()
}

/** Sets what a provider calls a role; nothing happens when it is called so already. */
export async function setExternalId(tx: Tx, id: string, externalId: string | null): Promise<void> {
  await tx.db
    .updateTable('roles')
    .set({ externalId, version: sql`version + 1`, updatedAt: sql`now()` })
    .where('id', '=', id)
    .where(sql<boolean>`external_id is distinct from ${externalId}`)
    .execute()
}

export function findRoleByName(tx: Tx, nameKey: string): Promise<RoleRow | undefined> {
  return tx.db.selectFrom('roles').select(columns).where('nameKey', '=', nameKey).executeTakeFirst()
}

export async function insertRole(
  tx: Tx,
  role: {
    id?: string
    name: string
    nameKey: string
    description: string
    permissions: string[]
    systemKey?: string
    externalId?: string | null
    serviceUserId?: string | null
  },
): Promise<RoleRow | undefined> {
  const { id = newId('rol'), name, nameKey, description, permissions } = role
  const { systemKey = null, externalId = null, serviceUserId = null } = role
  return tx.db
    .insertInto('roles')
    .values({
      tenantId: tx.tenantId,
      id,
      name,
      nameKey,
      description,
      permissions,
      systemKey,
      externalId,
      serviceUserId,
    })
    .onConflict((oc) => oc.columns(['tenantId', 'nameKey']).doNothing())
    .returning(columns)
    .executeTakeFirst()
}

export function updateRole(
  tx: Tx,
  id: string,
  change: { name: string; nameKey: string; description?: string; permissions?: Permission[] },
): Promise<RoleRow | undefined> {
  return tx.db
    .updateTable('roles')
    .set({ ...change, version: sql`version + 1`, updatedAt: sql`now()` })
    .where('id', '=', id)
    .where('systemKey', 'is', null)
    .returning(columns)
    .executeTakeFirst()
}

export async function deleteRole(tx: Tx, id: string): Promise<boolean> {
  const gone = await tx.db
    .deleteFrom('roles')
    .where('id', '=', id)
    .where('systemKey', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return !!gone
}

export async function countHolders(tx: Tx, roleId: string): Promise<number> {
  const { n } = await tx.db
    .selectFrom('memberRoles')
    .where('roleId', '=', roleId)
    .select((eb) => eb.fn.count<number>('memberId').distinct().as('n'))
    .executeTakeFirstOrThrow()
  return n
}
