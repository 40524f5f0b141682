import { sql } from 'kysely'
import { comparisonKey } from '#accounts'
import { newId, type Tx } from '#platform'
import type { SourceApp, SourceGroup, SourcePerson } from './sync.ts'

/** An import, or null for a live read of one row. */
interface Source {
  connectionId: string
  importId: string | null
}

export interface Gone {
  people: number
  groups: number
  apps: number
}

export interface SyncedCounts {
  users: number
  groups: number
  memberships: number
  apps: number
  assignments: number
}

export async function upsertPeople(tx: Tx, source: Source, people: readonly SourcePerson[]): Promise<void> {
  if (people.length === 0) return
  const rows = people.map((person) => ({
    id: newId('per'),
    okta_user_id: person.oktaUserId,
    login: person.login,
    email: person.email,
    email_key: person.email === null ? null : comparisonKey(person.email),
    display_name: person.displayName,
    sort_key: sortKey(person.displayName),
    search_text: sortKey(
      [person.displayName, person.email, person.login, person.title, person.department, person.employeeNumber]
        .filter(Boolean)
        .join(' '),
    ),
    title: person.title,
    department: person.department,
    location: person.location,
    employee_number: person.employeeNumber,
    status: person.status,
    manager_text: person.managerId ?? person.manager,
    attributes: { ...person.attributes, managerId: person.managerId, manager: person.manager },
    provider: person.provider,
    status_changed_at: person.statusChangedAt,
    last_login_at: person.lastLoginAt,
    remote_updated_at: person.remoteUpdatedAt,
  }))
  await sql`
    insert into people (tenant_id, id, connection_id, okta_user_id, login, email, email_key, display_name, sort_key,
      search_text, title, department, location, employee_number, status, manager_text, attributes, provider,
      status_changed_at, last_login_at, remote_updated_at, import_id, gone_at, synced_at)
    select ${tx.tenantId}, r.id, ${source.connectionId}, r.okta_user_id, r.login, r.email, r.email_key, r.display_name,
      r.sort_key, r.search_text, r.title, r.department, r.location, r.employee_number, r.status, r.manager_text,
      r.attributes, r.provider, r.status_changed_at, r.last_login_at, r.remote_updated_at, ${source.importId}, null, now()
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id text, okta_user_id text, login text, email text,
      email_key text, display_name text, sort_key text, search_text text, title text, department text, location text,
      employee_number text, status text, manager_text text, attributes jsonb, provider text,
      status_changed_at timestamptz, last_login_at timestamptz, remote_updated_at timestamptz)
    on conflict (tenant_id, connection_id, okta_user_id) do update set
      login = excluded.login, email = excluded.email, email_key = excluded.email_key,
      display_name = excluded.display_name, sort_key = excluded.sort_key, search_text = excluded.search_text,
      title = excluded.title, department = excluded.department, location = excluded.location,
      employee_number = excluded.employee_number, status = excluded.status, manager_text = excluded.manager_text,
      attributes = excluded.attributes, provider = excluded.provider, status_changed_at = excluded.status_changed_at,
      last_login_at = excluded.last_login_at, remote_updated_at = excluded.remote_updated_at,
      import_id = coalesce(excluded.import_id, people.import_id), gone_at = null, synced_at = now()
      where people.remote_updated_at is null or excluded.remote_updated_at is null
        or excluded.remote_updated_at >= people.remote_updated_at`.execute(tx.db)
  // A page may be older than what a live read wrote meanwhile: the row stays, and counts as seen.
  if (source.importId)
    await tx.db
      .updateTable('people')
      .set({ importId: source.importId, goneAt: null })
      .where('connectionId', '=', source.connectionId)
      .where(
        'oktaUserId',
        'in',
        people.map((person) => person.oktaUserId),
      )
      .where((eb) =>
        eb.or([eb('importId', 'is distinct from', source.importId), eb('goneAt', 'is not', null)]),
      )
      .execute()
}

export async function upsertGroups(tx: Tx, source: Source, groups: readonly SourceGroup[]): Promise<void> {
  if (groups.length === 0) return
  await tx.db
    .insertInto('groups')
    .values(
      groups.map((group) => ({
        tenantId: tx.tenantId,
        id: newId('grp'),
        connectionId: source.connectionId,
        importId: source.importId,
        sortKey: sortKey(group.name),
        ...group,
      })),
    )
    .onConflict((oc) =>
      oc.columns(['tenantId', 'connectionId', 'oktaGroupId']).doUpdateSet((eb) => ({
        name: eb.ref('excluded.name'),
        sortKey: eb.ref('excluded.sortKey'),
        description: eb.ref('excluded.description'),
        type: eb.ref('excluded.type'),
        importId: eb.ref('excluded.importId'),
        goneAt: null,
        syncedAt: sql<Date>`now()`,
      })),
    )
    .execute()
}

export async function upsertGroupMembers(
  tx: Tx,
  source: Source,
  oktaGroupId: string,
  oktaUserIds: readonly string[],
): Promise<void> {
  await sql`
    insert into group_members (tenant_id, group_id, person_id, import_id)
    select ${tx.tenantId}, g.id, p.id, ${source.importId}
    from groups g join people p on p.connection_id = g.connection_id and p.okta_user_id = any(${[...oktaUserIds]}::text[])
    where g.connection_id = ${source.connectionId} and g.okta_group_id = ${oktaGroupId}
    on conflict (tenant_id, group_id, person_id) do update set import_id = excluded.import_id`.execute(tx.db)
}

export async function upsertApps(tx: Tx, source: Source, apps: readonly SourceApp[]): Promise<void> {
  if (apps.length === 0) return
  await tx.db
    .insertInto('apps')
    .values(
      apps.map((app) => ({
        tenantId: tx.tenantId,
        id: newId('app'),
        connectionId: source.connectionId,
        importId: source.importId,
        sortKey: sortKey(app.name),
        ...app,
      })),
    )
    .onConflict((oc) =>
      oc.columns(['tenantId', 'connectionId', 'oktaAppId']).doUpdateSet((eb) => ({
        name: eb.ref('excluded.name'),
        sortKey: eb.ref('excluded.sortKey'),
        signOn: eb.ref('excluded.signOn'),
        status: eb.ref('excluded.status'),
        importId: eb.ref('excluded.importId'),
        goneAt: null,
        syncedAt: sql<Date>`now()`,
      })),
    )
    .execute()
}

export async function upsertAssignments(
  tx: Tx,
  source: Source,
  oktaAppId: string,
  assignments: readonly { oktaUserId: string; scope: string; status: string }[],
): Promise<void> {
  await sql`
    insert into app_assignments (tenant_id, app_id, person_id, scope, status, import_id)
    select ${tx.tenantId}, a.id, p.id, r.scope, r.status, ${source.importId}
    from jsonb_to_recordset(${JSON.stringify(assignments)}::jsonb) as r("oktaUserId" text, scope text, status text)
    join people p on p.connection_id = ${source.connectionId} and p.okta_user_id = r."oktaUserId"
    join apps a on a.connection_id = ${source.connectionId} and a.okta_app_id = ${oktaAppId}
    on conflict (tenant_id, app_id, person_id) do update
      set scope = excluded.scope, status = excluded.status, import_id = excluded.import_id`.execute(tx.db)
}

export function listSourceGroups(
  tx: Tx,
  connectionId: string,
  after: string | null,
  limit: number,
): Promise<{ oktaGroupId: string; type: string }[]> {
  return tx.db
    .selectFrom('groups')
    .select(['oktaGroupId', 'type'])
    .where('connectionId', '=', connectionId)
    .where('goneAt', 'is', null)
    .where('oktaGroupId', '>', after ?? '')
    .orderBy('oktaGroupId')
    .limit(limit)
    .execute()
}

export function listSourceApps(
  tx: Tx,
  connectionId: string,
  after: string | null,
  limit: number,
): Promise<{ oktaAppId: string }[]> {
  return tx.db
    .selectFrom('apps')
    .select('oktaAppId')
    .where('connectionId', '=', connectionId)
    .where('goneAt', 'is', null)
    .where('oktaAppId', '>', after ?? '')
    .orderBy('oktaAppId')
    .limit(limit)
    .execute()
}

export async function countSynced(tx: Tx, connectionId: string): Promise<SyncedCounts> {
  const { rows } = await sql<SyncedCounts>`
    select
      (select count(*) from people where connection_id = ${connectionId} and gone_at is null) as users,
      (select count(*) from groups where connection_id = ${connectionId} and gone_at is null) as groups,
      (select count(*) from group_members m join groups g on g.id = m.group_id
        where g.connection_id = ${connectionId} and g.gone_at is null) as memberships,
      (select count(*) from apps where connection_id = ${connectionId} and gone_at is null) as apps,
      (select count(*) from app_assignments s join apps a on a.id = s.app_id
        where a.connection_id = ${connectionId} and a.gone_at is null) as assignments`.execute(tx.db)
  const [counts] = rows
  if (!counts) throw new Error('A count gave no row.')
  return counts
}

export async function markGone(tx: Tx, source: { connectionId: string; importId: string }): Promise<Gone> {
  const mark = async (table: 'people' | 'groups' | 'apps') =>
    (
      await tx.db
        .updateTable(table)
        .set({ goneAt: sql<Date>`now()` })
        .where('connectionId', '=', source.connectionId)
        .where('importId', 'is distinct from', source.importId)
        .where('goneAt', 'is', null)
        .returning('id')
        .execute()
    ).length
  const gone = { people: await mark('people'), groups: await mark('groups'), apps: await mark('apps') }
  await sql`delete from group_members m using groups g
    where g.id = m.group_id and g.connection_id = ${source.connectionId} and m.import_id is distinct from ${source.importId}`.execute(
    tx.db,
  )
  await sql`delete from app_assignments s using apps a
    where a.id = s.app_id and a.connection_id = ${source.connectionId} and s.import_id is distinct from ${source.importId}`.execute(
    tx.db,
  )
  return gone
}

/**
 * Finds each person's manager from what the source says: an Okta id, a login, an address, an employee
 * number, then a display name. The first kind that names exactly one person decides; a text that
 * names two is left unresolved, never guessed.
 */
export async function resolveManagers(tx: Tx, connectionId: string): Promise<void> {
  await sql`
    with named as materialized (
      select p.id, lower(btrim(t.text)) as text
      from people p
      cross join lateral (values (p.attributes->>'managerId'), (p.attributes->>'manager')) as t(text)
      where p.connection_id = ${connectionId} and p.gone_at is null and btrim(coalesce(t.text, '')) <> ''
    ), keys as materialized (
      select id as manager_id, k.kind, lower(k.text) as text
      from people
      cross join lateral (values (1, okta_user_id), (2, login), (3, email), (4, employee_number), (5, display_name)) as k(kind, text)
      where connection_id = ${connectionId} and gone_at is null and k.text is not null
    ), candidates as (
      select n.id, k.kind, min(k.manager_id) as manager_id, count(distinct k.manager_id) as found
      from named n join keys k on k.text = n.text
      where k.manager_id <> n.id
      group by n.id, k.kind
    ), decided as (
      select distinct on (id) id, case when found = 1 then manager_id end as manager_id
      from candidates order by id, kind
    )
    update people p set manager_id = d.manager_id
    from (select p2.id, decided.manager_id from people p2 left join decided on decided.id = p2.id
          where p2.connection_id = ${connectionId}) d
    where d.id = p.id and p.manager_id is distinct from d.manager_id`.execute(tx.db)
}

export function findStatus(
  tx: Tx,
  connectionId: string,
  oktaUserId: string,
): Promise<{ id: string; status: string } | undefined> {
  return tx.db
    .selectFrom('people')
    .select(['id', 'status'])
    .where('connectionId', '=', connectionId)
    .where('oktaUserId', '=', oktaUserId)
    .executeTakeFirst()
}

/** What people are sorted and searched by: letters without their marks, in lower case. */
export function sortKey(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim()
}
