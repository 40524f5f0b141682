import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { type DB, letGo, type Tx } from '#platform'
import { HIDDEN_IDS } from './visible.store.ts'

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
  breakGlass: boolean
  defaultRoleId: string | null
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
  /** False when another role of this member goes before it. */
  effective: boolean
  createdAt: Date
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
  'breakGlass',
  'defaultRoleId',
  'lastSeenAt',
  'createdAt',
  'updatedAt',
] as const

const HIDDEN = sql.raw<string[]>(HIDDEN_IDS)

/** A condition on members, built by whoever asks (a search, a SCIM filter). */
export type MemberCondition = (eb: ExpressionBuilder<DB, 'members'>) => Expression<SqlBool>

export function findMember(tx: Tx, id: string, lock = false): Promise<MemberRow | undefined> {
  const select = tx.db.selectFrom('members').select(columns).where('id', '=', id)
  return (lock ? select.forUpdate() : select).executeTakeFirst()
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
  /** The resource as text; null for a member whom no provider wrote yet. */
  rendered: string | null
  defaultRoleId: string | null
}

const RECORD = sql`r(id text, user_name text, user_name_key text, email text, email_key text,
  display_name text, title text, active boolean, source text, service_user_id text, external_id text,
  scim jsonb, rendered text, default_role_id text)`

function recordOf(id: string, member: NewMember): object {
  return {
    id,
    user_name: member.userName,
    user_name_key: member.userNameKey,
    email: member.email,
    email_key: member.emailKey,
    display_name: member.displayName,
    title: member.title,
    active: member.active,
    source: member.source,
    service_user_id: member.serviceUserId,
    external_id: member.externalId,
    scim: member.scim,
    rendered: member.rendered,
    default_role_id: member.defaultRoleId,
  }
}

/** Makes members, all in one statement. @returns those that were made: not one whose user name is taken */
export async function insertMembers(
  tx: Tx,
  members: readonly (NewMember & { id: string })[],
): Promise<MemberRow[]> {
  if (members.length === 0) return []
  const records = JSON.stringify(members.map((member) => recordOf(member.id, member)))
  const { rows } = await sql<{ id: string; version: number; createdAt: Date; updatedAt: Date }>`
    insert into members (tenant_id, id, user_name, user_name_key, email, email_key, display_name, title, active,
      source, service_user_id, external_id, scim, rendered, default_role_id)
    select ${tx.tenantId}, r.* from jsonb_to_recordset(${records}::jsonb) as ${RECORD}
    on conflict (tenant_id, user_name_key) do nothing
    returning id, version, created_at, updated_at`.execute(tx.db)
  const made = new Map(rows.map((row) => [row.id, row]))
  return members.flatMap((member) => {
    const row = made.get(member.id)
    return row ? [{ ...member, ...row, passwordHash: null, breakGlass: false, lastSeenAt: null }] : []
  })
}

/**
 * Gives locked members new content and a new version, all in one statement.
 * @returns them as they are then: a statement that fails, such as for a user name that was taken meanwhile, fails
 *   the transaction
 */
export function updateMembers(
  tx: Tx,
  changes: readonly { row: LockedMember; columns: NewMember }[],
): MemberRow[] {
  if (changes.length === 0) return []
  const records = JSON.stringify(changes.map(({ row, columns }) => recordOf(row.id, columns)))
  const update = sql`
    update members m set user_name = r.user_name, user_name_key = r.user_name_key, email = r.email,
      email_key = r.email_key, display_name = r.display_name, title = r.title, active = r.active,
      source = r.source, service_user_id = r.service_user_id, external_id = r.external_id, scim = r.scim,
      rendered = r.rendered, default_role_id = r.default_role_id, version = m.version + 1, updated_at = now()
    from jsonb_to_recordset(${records}::jsonb) as ${RECORD}
    where m.id = r.id and m.id = any(${changes.map(({ row }) => row.id)}::text[])`
  letGo(tx.db, () => update.execute(tx.db))
  return changes.map(({ row, columns }) => ({
    ...row,
    ...columns,
    version: row.version + 1,
    updatedAt: row.lockedAt,
  }))
}

/** Opens or closes accounts. What the provider wrote of them is written anew when it is read. */
export async function setActive(tx: Tx, ids: readonly string[], active: boolean): Promise<MemberRow[]> {
  return tx.db
    .updateTable('members')
    .set({ active, rendered: null, version: sql`version + 1`, updatedAt: sql`now()` })
    .where('id', 'in', [...ids])
    .returning(columns)
    .execute()
}

export async function setBreakGlass(tx: Tx, id: string, breakGlass: boolean): Promise<void> {
  await tx.db.updateTable('members').set({ breakGlass }).where('id', '=', id).execute()
}

/** A role that a member holds, as it is read with the member. */
export interface HeldRole {
  id: string
  name: string
  source: string
}

/** A member who is locked for a change, with the roles held. */
export interface LockedMember extends MemberRow {
  roles: HeldRole[]
  /** The moment of the transaction: what it changes, it changes then. */
  lockedAt: Date
}

/**
 * Members that a provider may see and their roles, locked in one order so that two never wait for each other.
 * They are locked first and looked at then: who was hidden while we waited is hidden now.
 */
export async function lockVisible(
  tx: Tx,
  ids: readonly string[],
  why: 'change' | 'deletion',
): Promise<LockedMember[]> {
  // Written out, it travels with the beginning of the transaction; and what is no id finds nobody.
  const known = ids.filter((id) => /^mem_[0-9a-z]+$/.test(id))
  const { rows } = await sql<LockedMember>`
    select ${sql.join(columns.map((column) => sql`(l.member).${sql.ref(column)}`))}, l.held as roles, l.locked_at
    from lock_visible_members(${sql.lit(`{${known.join(',')}}`)}, ${sql.lit(why === 'deletion')}) l`.execute(
    tx.db,
  )
  return rows
}

/** Gives members a new version, because a part of them that is kept elsewhere has changed. */
export async function touchMembers(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`update members set version = version + 1, updated_at = now()
    where id = any(${[...ids]}::text[])`.execute(tx.db)
}

/** Which of these user names belong to whom. */
export function findNamesakes(
  tx: Tx,
  userNameKeys: readonly string[],
): Promise<{ id: string; userNameKey: string }[]> {
  if (userNameKeys.length === 0) return Promise.resolve([])
  return tx.db
    .selectFrom('members')
    .select(['id', 'userNameKey'])
    .where('userNameKey', 'in', [...userNameKeys])
    .execute()
}

export async function deleteMembers(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0)
    await tx.db
      .deleteFrom('members')
      .where('id', 'in', [...ids])
      .execute()
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
      'memberRoles.effective',
      'memberRoles.createdAt',
    ])
    .where('memberRoles.memberId', 'in', [...memberIds])
    .orderBy('roles.nameKey')
    .execute()
}

/** Gives roles; who has them already keeps them. */
export function addGrants(
  tx: Tx,
  grants: readonly { memberId: string; roleId: string; source: string }[],
): void {
  if (grants.length === 0) return
  const of = (part: 'memberId' | 'roleId' | 'source') => grants.map((grant) => grant[part])
  const insert = sql`
    insert into member_roles (tenant_id, member_id, role_id, source)
    select ${tx.tenantId}, * from unnest(${of('memberId')}::text[], ${of('roleId')}::text[], ${of('source')}::text[])
    on conflict do nothing`
  letGo(tx.db, () => insert.execute(tx.db))
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

/** Takes roles that were given by pushed groups: from these members, or from all that a provider may see but these. */
export async function removeGroupGrants(
  tx: Tx,
  roleId: string,
  from: { members: readonly string[] } | { allBut: readonly string[] },
): Promise<string[]> {
  const which =
    'members' in from
      ? sql`member_id = any(${[...from.members]}::text[])`
      : sql`member_id <> all(${[...from.allBut]}::text[])`
  const { rows } = await sql<{ memberId: string }>`
    delete from member_roles where role_id = ${roleId} and source = 'scim_group' and ${which}
      and member_id <> all (${HIDDEN})
    returning member_id`.execute(tx.db)
  return rows.map((row) => row.memberId)
}

/** Who holds a role by its pushed group and can be seen by a provider: of these, or of all but these. */
export async function listGroupHolders(
  tx: Tx,
  roleId: string,
  which: { members: readonly string[] } | { allBut: readonly string[] },
): Promise<{ id: string; displayName: string }[]> {
  const among =
    'members' in which
      ? sql`m.id = any(${[...which.members]}::text[])`
      : sql`m.id <> all(${[...which.allBut]}::text[])`
  const { rows } = await sql<{ id: string; displayName: string }>`
    select m.id, m.display_name from member_roles g
      join members m on m.tenant_id = g.tenant_id and m.id = g.member_id
    where g.role_id = ${roleId} and g.source = 'scim_group' and ${among} and m.id <> all (${HIDDEN})
    order by m.id`.execute(tx.db)
  return rows
}

/** Who holds roles by their pushed groups and can be seen by a provider, in a stable order. */
export async function listVisibleHolders(
  tx: Tx,
  roleIds: readonly string[],
): Promise<{ roleId: string; memberId: string; userName: string }[]> {
  if (roleIds.length === 0) return []
  const { rows } = await sql<{ roleId: string; memberId: string; userName: string }>`
    select g.role_id, m.id as member_id, m.user_name from member_roles g
      join members m on m.tenant_id = g.tenant_id and m.id = g.member_id
    where g.role_id = any(${[...roleIds]}::text[]) and g.source = 'scim_group' and m.id <> all (${HIDDEN})
    order by m.id`.execute(tx.db)
  return rows
}

/** Gives a role by its pushed group. @returns those who did not have it by the group */
export async function addGroupGrants(
  tx: Tx,
  roleId: string,
  memberIds: readonly string[],
): Promise<string[]> {
  if (memberIds.length === 0) return []
  const { rows } = await sql<{ memberId: string }>`
    insert into member_roles (tenant_id, member_id, role_id, source)
    select ${tx.tenantId}, id, ${roleId}, 'scim_group' from unnest(${[...memberIds]}::text[]) as id
    on conflict do nothing returning member_id`.execute(tx.db)
  return rows.map((row) => row.memberId)
}

/**
 * Locks members and says which of them a provider may add to a role: those it may see, and those who have the
 * role already.
 */
export async function lockAddable(tx: Tx, roleId: string, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  await sql`select id from members where id = any(${[...ids]}::text[]) order by id for no key update`.execute(
    tx.db,
  )
  const { rows } = await sql<{ id: string }>`
    select id from members where id = any(${[...ids]}::text[]) and (id <> all (${HIDDEN}) or exists (
      select 1 from member_roles g where g.tenant_id = members.tenant_id and g.member_id = members.id
        and g.role_id = ${roleId} and g.source = 'scim_group'))`.execute(tx.db)
  return new Set(rows.map((row) => row.id))
}

/** Makes the roles that a provider named in a user's own `roles` those and no others. */
export async function replaceOwnRoles(
  tx: Tx,
  wanted: readonly { memberId: string; roleIds: readonly string[] }[],
): Promise<void> {
  const pairs = wanted.flatMap(({ memberId, roleIds }) => roleIds.map((roleId) => ({ memberId, roleId })))
  await sql`
    delete from member_roles g where g.source = 'scim_role'
      and g.member_id = any(${wanted.map((one) => one.memberId)}::text[])
      and not exists (select 1 from unnest(${pairs.map((p) => p.memberId)}::text[], ${pairs.map((p) => p.roleId)}::text[])
        as w(member_id, role_id) where w.member_id = g.member_id and w.role_id = g.role_id)`.execute(tx.db)
  addGrants(
    tx,
    pairs.map((pair) => ({ ...pair, source: 'scim_role' })),
  )
}

/**
 * Gives members without any other role their default, and takes it from those who have another one.
 * @param fallback the role of those for whom the provider named none
 */
export async function settleDefaults(tx: Tx, memberIds: readonly string[], fallback: string): Promise<void> {
  const ids = sql`any(${[...memberIds]}::text[])`
  await sql`
    delete from member_roles g using members m
    where m.tenant_id = g.tenant_id and m.id = g.member_id and g.member_id = ${ids} and g.source = 'scim_default'
      and (g.role_id <> coalesce(m.default_role_id, ${fallback}) or exists (
        select 1 from member_roles other where other.tenant_id = g.tenant_id and other.member_id = g.member_id
          and other.source <> 'scim_default'))`.execute(tx.db)
  await sql`
    insert into member_roles (tenant_id, member_id, role_id, source)
    select m.tenant_id, m.id, coalesce(m.default_role_id, ${fallback}), 'scim_default' from members m
    where m.id = ${ids} and not exists (
      select 1 from member_roles g where g.tenant_id = m.tenant_id and g.member_id = m.id)
    on conflict do nothing`.execute(tx.db)
}

/**
 * Of several roles that a provider gave somebody, marks those that count.
 * @param which `highest` allows the most; `first` was given before the others
 */
export async function settleSeveral(
  tx: Tx,
  memberIds: readonly string[],
  which: 'union' | 'highest' | 'first',
): Promise<void> {
  const counts = {
    union: sql`true`,
    highest: sql`r.id = first_value(r.id) over (partition by g.member_id
      order by cardinality(r.permissions) desc, r.name_key rows between unbounded preceding and unbounded following)`,
    first: sql`r.id = first_value(r.id) over (partition by g.member_id
      order by g.created_at, r.name_key rows between unbounded preceding and unbounded following)`,
  }[which]
  await sql`
    update member_roles g set effective = w.counts from (
      select g.tenant_id, g.member_id, g.role_id, g.source, ${counts} as counts
      from member_roles g join roles r on r.tenant_id = g.tenant_id and r.id = g.role_id
      where g.member_id = any(${[...memberIds]}::text[]) and g.source in ('scim_group', 'scim_role')) w
    where g.tenant_id = w.tenant_id and g.member_id = w.member_id and g.role_id = w.role_id
      and g.source = w.source and g.effective <> w.counts`.execute(tx.db)
}

/** Members whom a connection manages. */
export async function listManaged(tx: Tx, serviceUserId: string): Promise<string[]> {
  const rows = await tx.db
    .selectFrom('members')
    .select('id')
    .where('serviceUserId', '=', serviceUserId)
    .execute()
  return rows.map((row) => row.id)
}

/** What members' roles allow together, of those that count. */
export async function listEffectivePermissions(
  tx: Tx,
  memberIds: readonly string[],
): Promise<Map<string, string[]>> {
  if (memberIds.length === 0) return new Map()
  const rows = await tx.db
    .selectFrom('memberRoles')
    .innerJoin('roles', (join) =>
      join.onRef('roles.id', '=', 'memberRoles.roleId').onRef('roles.tenantId', '=', 'memberRoles.tenantId'),
    )
    .select(['memberRoles.memberId', 'roles.permissions'])
    .where('memberRoles.memberId', 'in', [...memberIds])
    .where('memberRoles.effective', '=', true)
    .execute()
  const allowed = new Map<string, string[]>()
  for (const { memberId, permissions } of rows)
    allowed.set(memberId, [...(allowed.get(memberId) ?? []), ...permissions])
  return allowed
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

/**
 * Who holds a role by the word of a connection: members whom it manages, and members of nobody where it made
 * the role. Locked in one order, so that nobody gives them another role meanwhile.
 */
export async function lockHolders(tx: Tx, roleId: string, serviceUserId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select m.id from members m where exists (
      select 1 from member_roles g join roles r on r.tenant_id = g.tenant_id and r.id = g.role_id
      where g.tenant_id = m.tenant_id and g.member_id = m.id and g.role_id = ${roleId}
        and g.source in ('scim_group', 'scim_role') and coalesce(m.service_user_id, r.service_user_id) = ${serviceUserId})
    order by m.id for no key update of m`.execute(tx.db)
  return rows.map((row) => row.id)
}

/**
 * Takes what a provider gave somebody, by groups and by the user's own `roles`. These are forgotten in the
 * resource too: the provider that names them again means a change then.
 */
export async function dropPushed(tx: Tx, memberId: string): Promise<void> {
  await tx.db
    .deleteFrom('memberRoles')
    .where('memberId', '=', memberId)
    .where('source', 'in', ['scim_group', 'scim_role'])
    .execute()
  await sql`update members set scim = scim - 'roles', rendered = null, version = version + 1, updated_at = now()
    where id = ${memberId}`.execute(tx.db)
}
