/** Reading the directory: people with their groups, apps, manager and reports; groups; apps. */
import { comparisonKey } from '#accounts'
import { AppError, type Context, notFound, type Tx, transact } from '#platform'
import type { App, Group, Person, PersonSummary } from './contract.ts'
import * as store from './people.store.ts'

export type { PersonRecord } from './people.store.ts'

interface Paged {
  cursor?: string | undefined
  limit: number
}

interface Page<T> {
  items: T[]
  total: number
  nextCursor?: string
}

export async function listPeople(
  ctx: Context,
  query: Paged & Pick<store.PeopleQuery, 'search' | 'status' | 'department' | 'groupId' | 'appId'>,
): Promise<Page<PersonSummary>> {
  const { rows, total } = await transact(ctx, (tx) =>
    store.listPeople(tx, { ...query, after: readCursor(query.cursor) }),
  )
  return pageOf(rows, total, query.limit, summaryOf)
}

export async function getPeopleFacets(ctx: Context) {
  return transact(ctx, async (tx) => {
    const byStatus = await store.countByStatus(tx)
    const byDepartment = await store.countByDepartment(tx)
    return { total: byStatus.reduce((sum, { count }) => sum + count, 0), byStatus, byDepartment }
  })
}

export function getPerson(ctx: Context, id: string): Promise<Person> {
  return transact(ctx, async (tx) => {
    const person = await store.findPerson(tx, id)
    if (!person) throw notFound('person')
    const manager = person.managerId ? await store.findPerson(tx, person.managerId) : undefined
    return {
      ...summaryOf({ ...person, managerName: manager?.displayName ?? null }),
      login: person.login,
      oktaUserId: person.oktaUserId,
      employeeNumber: person.employeeNumber,
      manager: manager ? refOf(manager) : null,
      managerText: manager ? null : person.managerText,
      reports: await store.listReports(tx, id),
      attributes: person.attributes as Record<string, unknown>,
      groups: await store.listGroupsOf(tx, id),
      apps: await store.listAppsOf(tx, id),
      statusChangedAt: person.statusChangedAt?.toISOString() ?? null,
      lastLoginAt: person.lastLoginAt?.toISOString() ?? null,
      syncedAt: person.syncedAt.toISOString(),
    }
  })
}

export async function listGroups(
  ctx: Context,
  query: Paged & { search?: string | undefined; type?: string | undefined },
): Promise<Page<Group>> {
  const { rows, total } = await transact(ctx, (tx) =>
    store.listGroups(tx, { ...query, after: readCursor(query.cursor) }),
  )
  return pageOf(rows, total, query.limit, groupView)
}

export async function getGroup(ctx: Context, id: string): Promise<Group> {
  const row = await transact(ctx, (tx) => store.findGroup(tx, id))
  if (!row) throw notFound('group')
  return groupView(row)
}

export async function listApps(
  ctx: Context,
  query: Paged & { search?: string | undefined },
): Promise<Page<App>> {
  const { rows, total } = await transact(ctx, (tx) =>
    store.listApps(tx, { ...query, after: readCursor(query.cursor) }),
  )
  return pageOf(rows, total, query.limit, appView)
}

export async function getApp(ctx: Context, id: string): Promise<App> {
  const row = await transact(ctx, (tx) => store.findApp(tx, id))
  if (!row) throw notFound('app')
  return appView(row)
}

/** A person's row, by our id or by Okta's; undefined when the directory does not know it. */
export function findPerson(
  tx: Tx,
  by: { id: string } | { oktaUserId: string },
): Promise<store.PersonRecord | undefined> {
  return 'id' in by ? store.findPerson(tx, by.id) : store.findByOktaId(tx, by.oktaUserId)
}

/** Who may come to the portal under an address: exactly one person, and not one who is locked out. */
export async function findRequester(
  tx: Tx,
  by: { email: string } | { id: string },
): Promise<{ id: string; displayName: string; email: string | null } | undefined> {
  const found =
    'id' in by ? [await store.findPerson(tx, by.id)] : await store.findByEmail(tx, comparisonKey(by.email))
  const [person] = found
  if (!person || found.length > 1 || store.LOCKED_OUT_STATUSES.includes(person.status)) return undefined
  return { id: person.id, displayName: person.displayName, email: person.email }
}

/** A person's manager, if the directory knows one who may decide now. */
export async function managerOf(
  tx: Tx,
  personId: string,
): Promise<{ id: string; displayName: string; email: string | null } | undefined> {
  const person = await store.findPerson(tx, personId)
  return person?.managerId ? findRequester(tx, { id: person.managerId }) : undefined
}

function summaryOf(row: store.PersonRecord & { managerName: string | null }): PersonSummary {
  const { id, displayName, email, title, department, location, status, managerName } = row
  return { id, displayName, email, title, department, location, status, managerName }
}

function refOf({ id, displayName, email }: store.PersonRecord) {
  return { id, displayName, email }
}

function groupView({ sortKey: _, ...row }: store.GroupRow): Group {
  return row
}

function appView({ sortKey: _, ...row }: store.AppRow): App {
  return row
}

function pageOf<Row extends { id: string; sortKey: string }, T>(
  rows: Row[],
  total: number,
  limit: number,
  view: (row: Row) => T,
): Page<T> {
  const last = rows.at(-1)
  const items = rows.map(view)
  if (rows.length < limit || !last) return { items, total }
  return {
    items,
    total,
    nextCursor: Buffer.from(JSON.stringify([last.sortKey, last.id])).toString('base64url'),
  }
}

function readCursor(text: string | undefined): [string, string] | undefined {
  if (text === undefined) return undefined
  try {
    const [key, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [unknown, unknown]
    if (typeof key === 'string' && typeof id === 'string') return [key, id]
  } catch {
    // Told below, in words.
  }
  throw new AppError('invalid_input', 'The cursor is not one that this list gave. Begin again without it.')
}
