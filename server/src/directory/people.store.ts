import type { Tx } from '#platform'
import { sortKey } from './sync.store.ts'

export interface PersonRecord {
  id: string
  connectionId: string
  oktaUserId: string
  login: string
  email: string | null
  displayName: string
  title: string | null
  department: string | null
  location: string | null
  employeeNumber: string | null
  status: string
  managerId: string | null
  managerText: string | null
  attributes: unknown
  statusChangedAt: Date | null
  lastLoginAt: Date | null
  syncedAt: Date
}

const columns = [
  'people.id',
  'people.connectionId',
  'people.oktaUserId',
  'people.login',
  'people.email',
  'people.displayName',
  'people.title',
  'people.department',
  'people.location',
  'people.employeeNumber',
  'people.status',
  'people.managerId',
  'people.managerText',
  'people.attributes',
  'people.statusChangedAt',
  'people.lastLoginAt',
  'people.syncedAt',
] as const

export function findPerson(tx: Tx, id: string): Promise<PersonRecord | undefined> {
  return tx.db.selectFrom('people').select(columns).where('id', '=', id).executeTakeFirst()
}

export function findByOktaId(tx: Tx, oktaUserId: string): Promise<PersonRecord | undefined> {
  return tx.db
    .selectFrom('people')
    .select(columns)
    .where('oktaUserId', '=', oktaUserId)
    .where('goneAt', 'is', null)
    .executeTakeFirst()
}

export function findByEmail(tx: Tx, emailKey: string): Promise<PersonRecord[]> {
  return tx.db
    .selectFrom('people')
    .select(columns)
    .where('emailKey', '=', emailKey)
    .where('goneAt', 'is', null)
    .execute()
}

export interface PeopleQuery {
  search?: string | undefined
  status?: string | undefined
  department?: string | undefined
  groupId?: string | undefined
  appId?: string | undefined
  after?: readonly [sortKey: string, id: string] | undefined
  limit: number
}

export type PersonListRow = PersonRecord & { sortKey: string; managerName: string | null }

/** People by name, and how many there are in all: the count is of the whole list, not of the page. */
export async function listPeople(
  tx: Tx,
  query: PeopleQuery,
): Promise<{ rows: PersonListRow[]; total: number }> {
  let found = tx.db.selectFrom('people').where('people.goneAt', 'is', null)
  if (query.search) found = found.where('people.searchText', 'like', likeAnywhere(query.search))
  if (query.status) found = found.where('people.status', '=', query.status)
  if (query.department) found = found.where('people.department', '=', query.department)
  const { groupId, appId, after } = query
  if (groupId)
    found = found.where('people.id', 'in', (eb) =>
      eb.selectFrom('groupMembers').select('personId').where('groupId', '=', groupId),
    )
  if (appId)
    found = found.where('people.id', 'in', (eb) =>
      eb.selectFrom('appAssignments').select('personId').where('appId', '=', appId),
    )
  const { total } = await found.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  let page = found
    .leftJoin('people as manager', 'manager.id', 'people.managerId')
    .select(columns)
    .select(['people.sortKey', 'manager.displayName as managerName'])
    .orderBy('people.sortKey')
    .orderBy('people.id')
    .limit(query.limit)
  if (after)
    page = page.where((eb) =>
      eb(eb.refTuple('people.sortKey', 'people.id'), '>', eb.tuple(after[0], after[1])),
    )
  return { rows: await page.execute(), total }
}

/** A LIKE pattern that finds every word's text anywhere, by the key that names are searched by. */
function likeAnywhere(search: string): string {
  return `%${sortKey(search).replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`
}

export async function countByStatus(tx: Tx): Promise<{ status: string; count: number }[]> {
  return tx.db
    .selectFrom('people')
    .where('goneAt', 'is', null)
    .groupBy('status')
    .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
    .orderBy('count', 'desc')
    .execute()
}

export async function countByDepartment(tx: Tx): Promise<{ department: string; count: number }[]> {
  const rows = await tx.db
    .selectFrom('people')
    .where('goneAt', 'is', null)
    .where('department', 'is not', null)
    .groupBy('department')
    .select((eb) => ['department', eb.fn.countAll<number>().as('count')])
    .orderBy('department')
    .execute()
  return rows.map((row) => ({ department: row.department ?? '', count: row.count }))
}

export function listReports(
  tx: Tx,
  personId: string,
): Promise<{ id: string; displayName: string; email: string | null }[]> {
  return tx.db
    .selectFrom('people')
    .select(['id', 'displayName', 'email'])
    .where('managerId', '=', personId)
    .where('goneAt', 'is', null)
    .orderBy('sortKey')
    .execute()
}

export function listGroupsOf(
  tx: Tx,
  personId: string,
): Promise<{ id: string; name: string; type: string }[]> {
  return tx.db
    .selectFrom('groupMembers')
    .innerJoin('groups', 'groups.id', 'groupMembers.groupId')
    .select(['groups.id', 'groups.name', 'groups.type'])
    .where('groupMembers.personId', '=', personId)
    .where('groups.goneAt', 'is', null)
    .orderBy('groups.sortKey')
    .execute()
}

export function listAppsOf(
  tx: Tx,
  personId: string,
): Promise<{ id: string; name: string; signOn: string; scope: string }[]> {
  return tx.db
    .selectFrom('appAssignments')
    .innerJoin('apps', 'apps.id', 'appAssignments.appId')
    .select(['apps.id', 'apps.name', 'apps.signOn', 'appAssignments.scope'])
    .where('appAssignments.personId', '=', personId)
    .where('apps.goneAt', 'is', null)
    .orderBy('apps.sortKey')
    .execute()
}

interface NamedQuery {
  search?: string | undefined
  type?: string | undefined
  after?: readonly [sortKey: string, id: string] | undefined
  limit: number
}

export interface GroupRow {
  id: string
  oktaGroupId: string
  name: string
  sortKey: string
  description: string | null
  type: string
  memberCount: number
}

function selectGroups(tx: Tx) {
  return tx.db
    .selectFrom('groups')
    .where('groups.goneAt', 'is', null)
    .select([
      'groups.id',
      'groups.oktaGroupId',
      'groups.name',
      'groups.sortKey',
      'groups.description',
      'groups.type',
    ])
    .select((eb) =>
      eb
        .selectFrom('groupMembers')
        .whereRef('groupMembers.groupId', '=', 'groups.id')
        .select((count) => count.fn.countAll<number>().as('n'))
        .as('memberCount'),
    )
}

export async function listGroups(tx: Tx, query: NamedQuery): Promise<{ rows: GroupRow[]; total: number }> {
  let found = selectGroups(tx)
  if (query.search) found = found.where('groups.sortKey', 'like', likeAnywhere(query.search))
  if (query.type) found = found.where('groups.type', '=', query.type)
  const { n: total } = await found
    .clearSelect()
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  let page = found.orderBy('groups.sortKey').orderBy('groups.id').limit(query.limit)
  const { after } = query
  if (after)
    page = page.where((eb) =>
      eb(eb.refTuple('groups.sortKey', 'groups.id'), '>', eb.tuple(after[0], after[1])),
    )
  return { rows: (await page.execute()) as GroupRow[], total }
}

export function findGroup(tx: Tx, id: string): Promise<GroupRow | undefined> {
  return selectGroups(tx).where('groups.id', '=', id).executeTakeFirst() as Promise<GroupRow | undefined>
}

export interface AppRow {
  id: string
  oktaAppId: string
  name: string
  sortKey: string
  signOn: string
  status: string
  assignedCount: number
}

function selectApps(tx: Tx) {
  return tx.db
    .selectFrom('apps')
    .where('apps.goneAt', 'is', null)
    .select(['apps.id', 'apps.oktaAppId', 'apps.name', 'apps.sortKey', 'apps.signOn', 'apps.status'])
    .select((eb) =>
      eb
        .selectFrom('appAssignments')
        .whereRef('appAssignments.appId', '=', 'apps.id')
        .select((count) => count.fn.countAll<number>().as('n'))
        .as('assignedCount'),
    )
}

export async function listApps(tx: Tx, query: NamedQuery): Promise<{ rows: AppRow[]; total: number }> {
  let found = selectApps(tx)
  if (query.search) found = found.where('apps.sortKey', 'like', likeAnywhere(query.search))
  const { n: total } = await found
    .clearSelect()
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  let page = found.orderBy('apps.sortKey').orderBy('apps.id').limit(query.limit)
  const { after } = query
  if (after)
    page = page.where((eb) => eb(eb.refTuple('apps.sortKey', 'apps.id'), '>', eb.tuple(after[0], after[1])))
  return { rows: (await page.execute()) as AppRow[], total }
}

export function findApp(tx: Tx, id: string): Promise<AppRow | undefined> {
  return selectApps(tx).where('apps.id', '=', id).executeTakeFirst() as Promise<AppRow | undefined>
}

/** Whether a person is locked out at the source: such people neither sign in nor decide. */
export const LOCKED_OUT_STATUSES = ['SUSPENDED', 'DEPROVISIONED', 'STAGED']
