import { sql } from 'kysely'
import type { Tx } from '#platform'

/**
 * Does work as another workspace of the same transaction, and returns. Row security shows a transaction one
 * workspace at a time; this is for a workspace and its shadow, and for nothing else.
 */
export async function within<T>(tx: Tx, tenantId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const become = (id: string) => sql`select set_config('app.tenant_id', ${id}, true)`.execute(tx.db)
  await become(tenantId)
  try {
    return await work({ ...tx, tenantId })
  } finally {
    // After an error the transaction may be over, and then there is nothing to return to.
    await become(tx.tenantId).catch(() => undefined)
  }
}

export interface ConnectionRow {
  id: string
  name: string
  defaultRoleId: string | null
  scim: unknown
  shadowTenantId: string | null
  shadowSince: Date | null
}

/** A SCIM connection; locked, it neither enters nor leaves shadow mode by anybody else. */
export function findConnection(tx: Tx, id: string, lock = false): Promise<ConnectionRow | undefined> {
  const select = tx.db
    .selectFrom('serviceUsers')
    .select(['id', 'name', 'defaultRoleId', 'scim', 'shadowTenantId', 'shadowSince'])
    .where('id', '=', id)
    .where('kind', '=', 'scim')
    .where('removedAt', 'is', null)
  return (lock ? select.forNoKeyUpdate() : select).executeTakeFirst()
}

export async function setShadow(tx: Tx, connectionId: string, shadowTenantId: string | null): Promise<void> {
  await tx.db
    .updateTable('serviceUsers')
    .set({ shadowTenantId, shadowSince: shadowTenantId === null ? null : sql<Date>`now()` })
    .where('id', '=', connectionId)
    .execute()
}

export async function makeShadow(tx: Tx, shadow: string): Promise<void> {
  await sql`select make_shadow(${shadow})`.execute(tx.db)
}

/** Keeps a shadow from being taken away while it is read. */
export async function holdShadow(tx: Tx, shadow: string): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(hashtextextended(${shadow}, 0))`.execute(tx.db)
}

/** Waits for those who are at work in a shadow (`enterShadow`), and keeps others out. */
export async function closeShadow(tx: Tx, shadow: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${shadow}, 0))`.execute(tx.db)
}

export async function dropShadow(tx: Tx, shadow: string): Promise<void> {
  await sql`select drop_shadow(${shadow})`.execute(tx.db)
}

const COPIED_AT_ONCE = 500

/** What a copy has otherwise: a shadow has no passwords, and no shadow of its own. */
const CHANGED = {
  service_users: { default_role_id: null, shadow_tenant_id: null, shadow_since: null },
  members: { password_hash: null },
}

/** Copies all that a connection can see or change into a shadow, with the same ids. */
export async function copyIntoShadow(tx: Tx, shadow: string): Promise<void> {
  const copy = (table: string, key: string, ids: readonly string[], changed: object = {}) =>
    sql`select copy_into_shadow(
      ${shadow}, ${table}::regclass, ${key}, ${[...ids]}::text[], ${JSON.stringify(changed)}::jsonb)`.execute(
      tx.db,
    )
  for await (const ids of pages(tx, 'serviceUsers'))
    await copy('service_users', 'id', ids, CHANGED.service_users)
  for await (const ids of pages(tx, 'scimSchemas')) await copy('scim_schemas', 'id', ids)
  for await (const ids of pages(tx, 'roles')) await copy('roles', 'id', ids)
  for await (const ids of pages(tx, 'members')) {
    await copy('members', 'id', ids, CHANGED.members)
    await copy('member_roles', 'member_id', ids)
  }
  await within(tx, shadow, keepBase)
}

async function keepBase(tx: Tx): Promise<void> {
  await sql`
    insert into shadow_base (tenant_id, kind, id, version)
    select tenant_id, 'member', id, version from members
    union all select tenant_id, 'role', id, version from roles`.execute(tx.db)
  await sql`
    insert into shadow_grants (tenant_id, member_id, role_id, source, effective, created_at)
    select tenant_id, member_id, role_id, source, effective, created_at from member_roles`.execute(tx.db)
}

/** The ids of a table, page by page. */
async function* pages(
  tx: Tx,
  table: 'serviceUsers' | 'scimSchemas' | 'roles' | 'members',
): AsyncGenerator<string[]> {
  for (let after = ''; ; ) {
    const rows = await tx.db
      .selectFrom(table)
      .select('id')
      .where('id', '>', after)
      .orderBy('id')
      .limit(COPIED_AT_ONCE)
      .execute()
    const last = rows.at(-1)
    if (!last) return
    yield rows.map(({ id }) => id)
    after = last.id
  }
}

/** What a provider says of a member, as it is kept. */
export interface Content {
  userName: string
  email: string
  displayName: string
  title: string | null
  active: boolean
  externalId: string | null
  scim: unknown
  defaultRoleId: string | null
}

export interface ShadowMember extends Content {
  id: string
  version: number
  rendered: string | null
  /** The version when the shadow began; null for one that the connection created. */
  baseVersion: number | null
  /** The content when the shadow began, for one that the connection changed. */
  was: Content | null
}

const CONTENT = sql`m.id, m.user_name, m.email, m.display_name, m.title, m.active, m.external_id, m.scim, m.default_role_id`

/** Members whom the connection created or changed, in the order of their ids. Asked of a shadow. */
export async function listTouched(
  tx: Tx,
  which: 'created' | 'changed',
  { after, limit }: { after: string; limit: number },
): Promise<ShadowMember[]> {
  const isIt = which === 'created' ? sql`b.id is null` : sql`b.was is not null`
  const { rows } = await sql<ShadowMember & { was: Record<string, unknown> | null }>`
    select ${CONTENT}, m.version, m.rendered, b.version as base_version, b.was
    from members m left join shadow_base b on b.tenant_id = m.tenant_id and b.kind = 'member' and b.id = m.id
    where ${isIt} and m.id > ${after} order by m.id limit ${limit}`.execute(tx.db)
  return rows.map((row) => ({ ...row, was: row.was && contentOf(row.was) }))
}

// The row as the trigger kept it, by the names of its columns.
function contentOf(was: Record<string, unknown>): Content {
  return {
    userName: was['user_name'] as string,
    email: was['email'] as string,
    displayName: was['display_name'] as string,
    title: was['title'] as string | null,
    active: was['active'] as boolean,
    externalId: was['external_id'] as string | null,
    scim: was['scim'],
    defaultRoleId: was['default_role_id'] as string | null,
  }
}

/** Ids of members or roles that are no longer in the shadow. Asked of a shadow. */
export async function listGone(tx: Tx, kind: 'member' | 'role'): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select b.id from shadow_base b
    where b.kind = ${kind} and not exists (
      select from ${sql.raw(kind === 'member' ? 'members' : 'roles')} t
      where t.tenant_id = b.tenant_id and t.id = b.id)
    order by b.id`.execute(tx.db)
  return rows.map(({ id }) => id)
}

export interface RealMember extends Content {
  id: string
  version: number
  /** An owner or an account for emergencies: out of reach for every provider. */
  isHidden: boolean
}

/** Members as they are in the workspace, by their ids. */
export async function findMembers(tx: Tx, ids: readonly string[]): Promise<Map<string, RealMember>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<RealMember>`
    select ${CONTENT}, m.version, m.break_glass or m.owner as is_hidden
    from members m where m.id = any (${[...ids]}::text[])`.execute(tx.db)
  return new Map(rows.map((row) => [row.id, row]))
}

export interface ShadowRole {
  id: string
  name: string
  externalId: string | null
  version: number
  baseVersion: number | null
  was: { name: string; externalId: string | null } | null
}

/** Roles that the connection created or changed. Asked of a shadow. */
export async function listTouchedRoles(tx: Tx): Promise<ShadowRole[]> {
  const { rows } = await sql<ShadowRole & { was: Record<string, unknown> | null }>`
    select r.id, r.name, r.external_id, r.version, b.version as base_version, b.was
    from roles r left join shadow_base b on b.tenant_id = r.tenant_id and b.kind = 'role' and b.id = r.id
    where b.id is null or b.was is not null order by r.created_at, r.id`.execute(tx.db)
  return rows.map((row) => ({
    ...row,
    was: row.was && {
      name: row.was['name'] as string,
      externalId: row.was['external_id'] as string | null,
    },
  }))
}

export async function roleNames(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.db
    .selectFrom('roles')
    .select(['id', 'name'])
    .where('id', 'in', [...ids])
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

export async function roleVersions(tx: Tx, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.db
    .selectFrom('roles')
    .select(['id', 'version'])
    .where('id', 'in', [...ids, ''])
    .execute()
  return new Map(rows.map(({ id, version }) => [id, version]))
}

export interface GrantChange {
  roleId: string
  memberId: string
  /** Of the one who gains; null when only the workspace knows it. */
  member: string | null
  change: 'added' | 'removed'
}

/**
 * Who would gain or lose what a role allows, for whatever reason, without those who are deleted themselves.
 * Asked of a shadow.
 */
export async function listAccessChanges(tx: Tx): Promise<GrantChange[]> {
  const { rows } = await sql<GrantChange>`
    with now as (select distinct role_id, member_id from member_roles where effective),
      before as (select distinct role_id, member_id from shadow_grants where effective)
    select coalesce(n.role_id, b.role_id) as role_id, m.id as member_id, m.display_name as member,
      case when b.role_id is null then 'added' else 'removed' end as change
    from now n full join before b on b.role_id = n.role_id and b.member_id = n.member_id
      join members m on m.id = coalesce(n.member_id, b.member_id)
    where n.role_id is null or b.role_id is null
    order by 1, m.display_name, m.id`.execute(tx.db)
  return rows
}

/** What the connection changed of who holds roles of one source. Asked of a shadow. */
export async function listGrantChanges(
  tx: Tx,
  source: 'scim_group' | 'scim_role' | 'manual',
): Promise<Omit<GrantChange, 'member'>[]> {
  const { rows } = await sql<Omit<GrantChange, 'member'>>`
    with now as (select role_id, member_id from member_roles where source = ${source}),
      before as (select role_id, member_id from shadow_grants where source = ${source})
    (select role_id, member_id, 'added' as change from now except select role_id, member_id, 'added' from before)
    union all
    (select role_id, member_id, 'removed' from before except select role_id, member_id, 'removed' from now)
    order by 1, 2`.execute(tx.db)
  return rows
}

/** Members from before for whom anything about their roles changed, for whatever reason. Asked of a shadow. */
export async function listRegranted(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with now as (select member_id, role_id, source, effective from member_roles),
      before as (select member_id, role_id, source, effective from shadow_grants),
      changed as ((table now except table before) union all (table before except table now))
    select b.id from shadow_base b
    where b.kind = 'member' and exists (select from changed c where c.member_id = b.id)
    order by b.id`.execute(tx.db)
  return rows.map(({ id }) => id)
}

/** The roles that these members hold by their own attribute. Asked of a shadow. */
export async function listOwnRoles(tx: Tx, memberIds: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await tx.db
    .selectFrom('memberRoles')
    .select(['memberId', 'roleId'])
    .where('source', '=', 'scim_role')
    .where('memberId', 'in', [...memberIds, ''])
    .orderBy('createdAt')
    .orderBy('roleId')
    .execute()
  const own = new Map<string, string[]>()
  for (const { memberId, roleId } of rows) own.set(memberId, [...(own.get(memberId) ?? []), roleId])
  return own
}

/** When roles were given in a shadow, or given again, for the rule by which the first one counts. Asked of a shadow. */
export async function listGrantTimes(
  tx: Tx,
): Promise<{ memberId: string; roleId: string; source: string; createdAt: string }[]> {
  const { rows } = await sql<{ memberId: string; roleId: string; source: string; createdAt: string }>`
    select member_id, role_id, source, created_at::text from member_roles g
    where g.source in ('scim_group', 'scim_role') and not exists (
      select from shadow_grants b
      where b.member_id = g.member_id and b.role_id = g.role_id and b.source = g.source
        and b.created_at = g.created_at)`.execute(tx.db)
  return rows
}

export async function setGrantTimes(
  tx: Tx,
  times: Awaited<ReturnType<typeof listGrantTimes>>,
): Promise<void> {
  if (times.length === 0) return
  await sql`
    update member_roles g set created_at = t."createdAt"
    from jsonb_to_recordset(${JSON.stringify(times)}::jsonb)
      as t("memberId" text, "roleId" text, source text, "createdAt" timestamptz)
    where g.member_id = t."memberId" and g.role_id = t."roleId" and g.source = t.source`.execute(tx.db)
}

/** Takes roles that were given by hand. */
export async function removeManualGrants(
  tx: Tx,
  pairs: readonly { memberId: string; roleId: string }[],
): Promise<void> {
  if (pairs.length === 0) return
  await sql`
    delete from member_roles g
    using unnest(${pairs.map((p) => p.memberId)}::text[], ${pairs.map((p) => p.roleId)}::text[]) as p(member_id, role_id)
    where g.source = 'manual' and g.member_id = p.member_id and g.role_id = p.role_id`.execute(tx.db)
}

/**
 * Gives rows at least the versions they had in the shadow, so that a version which the provider learned
 * there never names another content.
 */
export async function raiseVersions(
  tx: Tx,
  table: 'members' | 'roles',
  versions: readonly { id: string; version: number }[],
): Promise<void> {
  if (versions.length === 0) return
  await sql`
    update ${sql.raw(table)} t set version = greatest(t.version, v.version)
    from jsonb_to_recordset(${JSON.stringify(versions)}::jsonb) as v(id text, version integer)
    where t.id = v.id`.execute(tx.db)
}
