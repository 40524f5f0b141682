import { sql } from 'kysely'
import { newId, type Tx } from '#platform'

export interface ConnectionRow {
  id: string
  name: string
  defaultRoleId: string | null
  scim: unknown
  shadowTenantId: string | null
  shadowSince: Date | null
  createdAt: Date
}

const columns = ['id', 'name', 'defaultRoleId', 'scim', 'shadowTenantId', 'shadowSince', 'createdAt'] as const

export function listConnections(tx: Tx): Promise<ConnectionRow[]> {
  return tx.db
    .selectFrom('serviceUsers')
    .select(columns)
    .where('kind', '=', 'scim')
    .where('removedAt', 'is', null)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
}

export function findConnection(tx: Tx, id: string, lock = false): Promise<ConnectionRow | undefined> {
  const select = tx.db
    .selectFrom('serviceUsers')
    .select(columns)
    .where('id', '=', id)
    .where('kind', '=', 'scim')
    .where('removedAt', 'is', null)
  return (lock ? select.forNoKeyUpdate() : select).executeTakeFirst()
}

/** All connections there ever were: what one of them did is told with its name. */
export function listAll(tx: Tx): Promise<ConnectionRow[]> {
  return tx.db.selectFrom('serviceUsers').select(columns).where('kind', '=', 'scim').execute()
}

export function insertConnection(
  tx: Tx,
  connection: { name: string; defaultRoleId: string | null; settings: object },
): Promise<ConnectionRow> {
  const { settings, ...rest } = connection
  return tx.db
    .insertInto('serviceUsers')
    .values({
      tenantId: tx.tenantId,
      id: newId('svc'),
      kind: 'scim',
      permissions: [],
      scim: JSON.stringify(settings),
      ...rest,
    })
    .returning(columns)
    .executeTakeFirstOrThrow()
}

export async function saveConnection(
  tx: Tx,
  id: string,
  change: { name: string; defaultRoleId: string | null; settings: object },
): Promise<void> {
  await tx.db
    .updateTable('serviceUsers')
    .set({ name: change.name, defaultRoleId: change.defaultRoleId, scim: JSON.stringify(change.settings) })
    .where('id', '=', id)
    .execute()
}

/** Marks a connection as removed and ends every credential of it. @returns how many of its credentials lived */
export async function removeConnection(tx: Tx, id: string): Promise<number> {
  await tx.db.updateTable('serviceUsers').set({ removedAt: sql`now()` }).where('id', '=', id).execute()
  const tokens = await tx.db
    .updateTable('tokens')
    .set({ revokedAt: sql`now()` })
    .where('serviceUserId', '=', id)
    .where('revokedAt', 'is', null)
    .returning('use')
    .execute()
  // Its grants, and the tokens that came of them, go with a client.
  const clients = await tx.db
    .deleteFrom('oauthClients')
    .where('serviceUserId', '=', id)
    .returning('id')
    .execute()
  return tokens.filter(({ use }) => use !== 'oauth').length + clients.length
}

export interface TrafficRow {
  serviceUserId: string
  evidence: unknown
  calls: number
  failures: number
  firstCallAt: Date | null
  lastCallAt: Date | null
  usualGapSeconds: number | null
}

export function listTraffic(tx: Tx): Promise<TrafficRow[]> {
  return tx.db
    .selectFrom('scimTraffic')
    .select([
      'serviceUserId',
      'evidence',
      'calls',
      'failures',
      'firstCallAt',
      'lastCallAt',
      'usualGapSeconds',
    ])
    .execute()
}

export interface Counts {
  members: number
  active: number
  roles: number
  held: number
}

/** What a connection manages: its members, the roles that its pushed groups made or give, and what is held back. */
export async function countFor(tx: Tx, id: string): Promise<Counts> {
  const { rows } = await sql<Counts>`
    select m.members, m.active, r.roles, h.held
    from
      (select count(*) as members, count(*) filter (where active) as active
       from members where service_user_id = ${id}) m,
      (select count(*) as roles from roles r where r.service_user_id = ${id} or exists (
         select from member_roles g join members m on m.tenant_id = g.tenant_id and m.id = g.member_id
         where g.tenant_id = r.tenant_id and g.role_id = r.id and g.source = 'scim_group'
           and m.service_user_id = ${id})) r,
      (select count(*) as held from scim_holds where service_user_id = ${id} and state = 'held') h`.execute(
    tx.db,
  )
  return rows[0] ?? { members: 0, active: 0, roles: 0, held: 0 }
}

/** How many calls nobody made, as far as their credentials tell, since a moment. */
export async function countStrangers(tx: Tx, since: Date): Promise<number> {
  const { rows } = await sql<{ calls: number }>`
    select coalesce(sum(times), 0) as calls from (
      select times from scim_calls where service_user_id is null and at > ${since} order by id desc limit 1000
    ) recent`.execute(tx.db)
  return rows[0]?.calls ?? 0
}

export interface RoleName {
  id: string
  name: string
  permissions: string[]
  isOwner: boolean
}

export async function listRoleNames(tx: Tx, ids: readonly string[]): Promise<RoleName[]> {
  if (ids.length === 0) return []
  const rows = await tx.db
    .selectFrom('roles')
    .select(['id', 'name', 'permissions', 'systemKey'])
    .where('id', 'in', [...ids])
    .execute()
  return rows.map(({ systemKey, ...role }) => ({ ...role, isOwner: systemKey === 'owner' }))
}
