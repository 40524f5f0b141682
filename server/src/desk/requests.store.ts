import { sql } from 'kysely'
import { type Actor, newId, type Tx } from '#platform'
import type { FormField, Request, RequestSummary } from './contract.ts'

export interface ServiceRow {
  id: string
  key: string
  name: string
  description: string
  icon: string
  fields: FormField[]
  actionId: string | null
}

export type Answer = Request['answers'][number]

export interface RequestRow {
  id: string
  number: number
  title: string
  status: RequestSummary['status']
  serviceId: string
  serviceName: string
  requesterId: string
  requesterName: string
  requesterEmail: string | null
  assigneeId: string | null
  assigneeName: string | null
  answers: Answer[]
  closedAt: Date | null
  createdAt: Date
  updatedAt: Date
}

const serviceColumns = ['id', 'key', 'name', 'description', 'icon', 'fields', 'actionId'] as const

export async function listServices(tx: Tx): Promise<ServiceRow[]> {
  return (await tx.db
    .selectFrom('services')
    .select(serviceColumns)
    .orderBy('position')
    .execute()) as unknown as ServiceRow[]
}

export async function findService(tx: Tx, id: string): Promise<ServiceRow | undefined> {
  return (await tx.db
    .selectFrom('services')
    .select(serviceColumns)
    .where('id', '=', id)
    .executeTakeFirst()) as ServiceRow | undefined
}

export async function insertService(
  tx: Tx,
  service: Omit<ServiceRow, 'id'>,
  position: number,
): Promise<void> {
  await tx.db
    .insertInto('services')
    .values({
      tenantId: tx.tenantId,
      id: newId('ser'),
      ...service,
      fields: JSON.stringify(service.fields),
      position,
    })
    .execute()
}

/** The next number, without a gap: the row of the counter stays locked until the request is committed. */
export async function nextNumber(tx: Tx): Promise<number> {
  const { last } = await tx.db
    .insertInto('requestCounters')
    .values({ tenantId: tx.tenantId, last: 1 })
    .onConflict((oc) => oc.column('tenantId').doUpdateSet({ last: sql`request_counters.last + 1` }))
    .returning('last')
    .executeTakeFirstOrThrow()
  return last
}

export async function insertRequest(
  tx: Tx,
  request: { number: number; serviceId: string; title: string; requesterId: string; answers: Answer[] },
): Promise<string> {
  const id = newId('req')
  await tx.db
    .insertInto('requests')
    .values({ tenantId: tx.tenantId, id, ...request, answers: JSON.stringify(request.answers) })
    .execute()
  return id
}

function selectRequests(tx: Tx) {
  return tx.db
    .selectFrom('requests')
    .innerJoin('services', 'services.id', 'requests.serviceId')
    .innerJoin('people', 'people.id', 'requests.requesterId')
    .leftJoin('members', 'members.id', 'requests.assigneeId')
}

const requestColumns = [
  'requests.id',
  'requests.number',
  'requests.title',
  'requests.status',
  'requests.serviceId',
  'services.name as serviceName',
  'requests.requesterId',
  'people.displayName as requesterName',
  'people.email as requesterEmail',
  'requests.assigneeId',
  'members.displayName as assigneeName',
  'requests.answers',
  'requests.closedAt',
  'requests.createdAt',
  'requests.updatedAt',
] as const

export interface RequestQuery {
  status?: RequestSummary['status'] | 'unresolved' | undefined
  /** A member's id, or null for requests that nobody has. */
  assigneeId?: string | null | undefined
  requesterId?: string | undefined
  search?: string | undefined
  before?: number | undefined
  limit: number
}

/** Requests, newest first, and how many there are in all. */
export async function listRequests(
  tx: Tx,
  query: RequestQuery,
): Promise<{ rows: RequestRow[]; total: number }> {
  let found = selectRequests(tx)
  if (query.status === 'unresolved') found = found.where('requests.status', '!=', 'closed')
  else if (query.status) found = found.where('requests.status', '=', query.status)
  if (query.assigneeId !== undefined)
    found = found.where('requests.assigneeId', 'is not distinct from', query.assigneeId)
  if (query.requesterId) found = found.where('requests.requesterId', '=', query.requesterId)
  if (query.search) {
    const like = `%${query.search.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`
    const number = Number(query.search.replace(/^#/, ''))
    found = found.where((eb) =>
      eb.or([
        eb('requests.title', 'ilike', like),
        eb('people.displayName', 'ilike', like),
        ...(Number.isSafeInteger(number) ? [eb('requests.number', '=', number)] : []),
      ]),
    )
  }
  const { total } = await found.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  let page = found.select(requestColumns).orderBy('requests.number', 'desc').limit(query.limit)
  if (query.before) page = page.where('requests.number', '<', query.before)
  return { rows: (await page.execute()) as unknown as RequestRow[], total }
}

export async function findRequest(
  tx: Tx,
  by: { number: number } | { id: string },
): Promise<RequestRow | undefined> {
  const select = selectRequests(tx).select(requestColumns)
  const one =
    'number' in by ? select.where('requests.number', '=', by.number) : select.where('requests.id', '=', by.id)
  return (await one.executeTakeFirst()) as unknown as RequestRow | undefined
}

/** Sets a request's status; false when it had it already. */
export async function setStatus(tx: Tx, id: string, status: RequestSummary['status']): Promise<boolean> {
  const row = await tx.db
    .updateTable('requests')
    .set({ status, closedAt: status === 'closed' ? sql<Date>`now()` : null, updatedAt: sql<Date>`now()` })
    .where('id', '=', id)
    .where('status', '!=', status)
    .returning('id')
    .executeTakeFirst()
  return !!row
}

export async function setAssignee(tx: Tx, id: string, assigneeId: string | null): Promise<boolean> {
  const row = await tx.db
    .updateTable('requests')
    .set({ assigneeId, updatedAt: sql<Date>`now()` })
    .where('id', '=', id)
    .where('assigneeId', 'is distinct from', assigneeId)
    .returning('id')
    .executeTakeFirst()
  return !!row
}

export async function touch(tx: Tx, id: string): Promise<void> {
  await tx.db.updateTable('requests').set({ updatedAt: sql<Date>`now()` }).where('id', '=', id).execute()
}

export interface MessageRow {
  id: string
  author: Actor
  body: string
  internal: boolean
  createdAt: Date
}

export async function insertMessage(
  tx: Tx,
  message: { requestId: string; body: string; internal: boolean },
): Promise<void> {
  await tx.db
    .insertInto('requestMessages')
    .values({ tenantId: tx.tenantId, id: newId('msg'), ...message, author: JSON.stringify(tx.actor) })
    .execute()
}

export async function listMessages(tx: Tx, requestId: string, withInternal: boolean): Promise<MessageRow[]> {
  let select = tx.db
    .selectFrom('requestMessages')
    .select(['id', 'author', 'body', 'internal', 'createdAt'])
    .where('requestId', '=', requestId)
    .orderBy('createdAt')
    .orderBy('id')
  if (!withInternal) select = select.where('internal', '=', false)
  return (await select.execute()) as unknown as MessageRow[]
}
