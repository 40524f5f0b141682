import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { type DB, newId, type Tx } from '#platform'

export interface MemberRow {
  id: string
  userName: string
  email: string
  displayName: string
  title: string | null
  active: boolean
  source: string
  serviceUserId: string | null
  externalId: string | null
  scim: unknown
  version: number
  passwordHash: string | null
  lastSeenAt: Date | null
  createdAt: Date
  updatedAt: Date
}

export interface GrantRow {
  memberId: string
  roleId: string
  name: string
  systemKey: string | null
  source: string
}

const columns = [
  'id',
  'userName',
  'email',
  'displayName',
  'title',
  'active',
  'source',
  'serviceUserId',
  'externalId',
  'scim',
  'version',
  'passwordHash',
  'lastSeenAt',
  'createdAt',
  'updatedAt',
] as const

/** A condition on members, built by whoever asks (a search, a SCIM filter). */
export type MemberCondition = (eb: ExpressionBuilder<DB, 'members'>) => Expression<SqlBool>

export function findMember(tx: Tx, id: string, lock = false): Promise<MemberRow | undefined> {
  const select = tx.db.selectFrom('members').select(columns).where('id', '=', id)
  return (lock ? select.forUpdate() : select).executeTakeFirst()
}

export function findMemberByUserName(tx: Tx, userNameKey: string): Promise<MemberRow | undefined> {
  return tx.db.selectFrom('members').select(columns).where('userNameKey', '=', userNameKey).executeTakeFirst()
}

export function findMembersByEmail(tx: Tx, emailKey: string): Promise<MemberRow[]> {
  return tx.db.selectFrom('members').select(columns).where('emailKey', '=', emailKey).execute()
}

/** Members in the order of their creation, which no change of theirs alters: pages never lose anybody. */
export async function listMembers(
  tx: Tx,
  query: {
    where: MemberCondition[]
    limit: number
    offset?: number
    after?: { createdAt: Date; id: string }
  },
): Promise<{ rows: MemberRow[]; total: number }> {
  const filtered = tx.db
    .selectFrom('members')
    .where((eb) => eb.and(query.where.map((condition) => condition(eb))))
  const { total } = await filtered
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  if (query.limit === 0) return { rows: [], total }
  let page = filtered.select(columns).orderBy('createdAt').orderBy('id').limit(query.limit)
  if (query.offset) page = page.offset(query.offset)
  const { after } = query
  if (after)
    page = page.where((eb) => eb(eb.refTuple('createdAt', 'id'), '>', eb.tuple(after.createdAt, after.id)))
  return { rows: await page.execute(), total }
}

export interface NewMember {
  userName: string
  userNameKey: string
  email: string
  emailKey: string
  displayName: string
  title: string | null
  active: boolean
  source: 'invited' | 'scim'
  serviceUserId: string | null
  externalId: string | null
  scim: object
}

/** Undefined when the user name is taken. */
export function insertMember(tx: Tx, member: NewMember): Promise<MemberRow | undefined> {
  return tx.db
    .insertInto('members')
    .values({ tenantId: tx.tenantId, id: newId('mem'), ...member, scim: JSON.stringify(member.scim) })
    .onConflict((oc) => oc.columns(['tenantId', 'userNameKey']).doNothing())
    .returning(columns)
    .executeTakeFirst()
}

export function updateMember(tx: Tx, id: string, change: Partial<NewMember>): Promise<MemberRow> {
  const { scim, ...rest } = change
  return tx.db
    .updateTable('members')
    .set({
      ...rest,
      ...(scim ? { scim: JSON.stringify(scim) } : {}),
      version: sql`version + 1`,
      updatedAt: sql`now()`,
    })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow()
}

export async function deleteMember(tx: Tx, id: string): Promise<void> {
  await tx.db.deleteFrom('members').where('id', '=', id).execute()
}

export async function listGrants(tx: Tx, memberIds: readonly string[]): Promise<GrantRow[]> {
  if (memberIds.length === 0) return []
  return tx.db
    .selectFrom('memberRoles')
    .innerJoin('roles', (join) =>
      join.onRef('roles.id', '=', 'memberRoles.roleId').onRef('roles.tenantId', '=', 'memberRoles.tenantId'),
    )
    .select([
      'memberRoles.memberId',
      'memberRoles.roleId',
      'roles.name',
      'roles.systemKey',
      'memberRoles.source',
    ])
    .where('memberRoles.memberId', 'in', [...memberIds])
    .orderBy('roles.nameKey')
    .execute()
}

export async function addGrants(
  tx: Tx,
  grants: readonly { memberId: string; roleId: string; source: string }[],
): Promise<number> {
  if (grants.length === 0) return 0
  const added = await tx.db
    .insertInto('memberRoles')
    .values(grants.map((grant) => ({ tenantId: tx.tenantId, ...grant })))
    .onConflict((oc) => oc.doNothing())
    .returning('memberId')
    .execute()
  return added.length
}

export async function removeGrants(
  tx: Tx,
  which: { source: string; memberIds?: readonly string[]; roleId?: string },
): Promise<string[]> {
  let remove = tx.db.deleteFrom('memberRoles').where('source', '=', which.source)
  if (which.memberIds) remove = remove.where('memberId', 'in', [...which.memberIds, ''])
  if (which.roleId) remove = remove.where('roleId', '=', which.roleId)
  return (await remove.returning('memberId').execute()).map((row) => row.memberId)
}

/** The members who hold a role by its pushed group, in a stable order. */
export function listGroupHolders(
  tx: Tx,
  roleIds: readonly string[],
): Promise<{ roleId: string; memberId: string; userName: string }[]> {
  if (roleIds.length === 0) return Promise.resolve([])
  return tx.db
    .selectFrom('memberRoles')
    .innerJoin('members', (join) =>
      join
        .onRef('members.id', '=', 'memberRoles.memberId')
        .onRef('members.tenantId', '=', 'memberRoles.tenantId'),
    )
    .select(['memberRoles.roleId', 'members.id as memberId', 'members.userName'])
    .where('memberRoles.source', '=', 'scim_group')
    .where('memberRoles.roleId', 'in', [...roleIds])
    .orderBy('members.createdAt')
    .orderBy('members.id')
    .execute()
}

/** How many members who may come in hold the owner role. Locks it, so that two cannot each remove the other. */
export async function countActiveOwners(tx: Tx): Promise<number> {
  await tx.db.selectFrom('roles').select('id').where('systemKey', '=', 'owner').forUpdate().execute()
  const { n } = await tx.db
    .selectFrom('memberRoles')
    .innerJoin('roles', 'roles.id', 'memberRoles.roleId')
    .innerJoin('members', 'members.id', 'memberRoles.memberId')
    .where('roles.systemKey', '=', 'owner')
    .where('members.active', '=', true)
    .select((eb) => eb.fn.count<number>('members.id').distinct().as('n'))
    .executeTakeFirstOrThrow()
  return n
}

export async function savePasswordHash(tx: Tx, memberId: string, passwordHash: string): Promise<void> {
  await tx.db.updateTable('members').set({ passwordHash }).where('id', '=', memberId).execute()
}
