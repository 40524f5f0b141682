/**
 * Requests: what people ask for, and everything that is said and done about it in one line of time.
 * A requester sees his own requests without internal notes; members who may read requests see all.
 */
import { eventView, getMember } from '#accounts'
import { approverOf, type Catalogue, listRuns } from '#actions'
import { listApprovalsOf } from '#approvals'
import { findPerson, getGroup, listGroups } from '#directory'
import {
  AppError,
  type Context,
  defineJob,
  type EventNotice,
  type LoggedEvent,
  listEvents,
  notFound,
  type Tx,
  transact,
} from '#platform'
import { SHIPPED_SERVICES } from './catalogue.ts'
import type { Request, RequestSummary, Service, TimelineEntry } from './contract.ts'
import * as events from './events.ts'
import * as store from './requests.store.ts'

/** Gives a workspace the services that come with Keydesk. */
export function shipServices(ctx: Context): Promise<void> {
  return transact(ctx, async (tx) => {
    if ((await store.listServices(tx)).length > 0) return
    for (const [position, service] of SHIPPED_SERVICES.entries())
      await store.insertService(tx, service, position)
  })
}

export function listServices(ctx: Context, catalogue: Catalogue): Promise<Service[]> {
  return transact(ctx, async (tx) => {
    const services = await store.listServices(tx)
    return Promise.all(services.map((row) => serviceView(tx, catalogue, row, tx.principal?.personId ?? null)))
  })
}

async function serviceView(
  tx: Tx,
  catalogue: Catalogue,
  row: store.ServiceRow,
  personId: string | null,
): Promise<Service> {
  return { ...row, asks: row.actionId && (await approverOf(tx, catalogue, row.actionId, personId)) }
}

/** Groups that people may ask to join: those that are Okta's own, which an action can change. */
export async function listRequestableGroups(ctx: Context, search: string | undefined) {
  const { items } = await listGroups(ctx, { search, type: 'OKTA_GROUP', limit: 50 })
  return items.map(({ id, name, description }) => ({ id, name, description }))
}

/**
 * Files a request in the name of whoever is signed in.
 * @throws AppError `forbidden` for callers whom the directory does not know, `invalid_input` for missing answers
 */
export async function submitRequest(
  ctx: Context,
  catalogue: Catalogue,
  input: { serviceId: string; answers: Record<string, string> },
): Promise<Request> {
  const requesterId = ctx.principal?.personId
  if (!requesterId)
    throw new AppError(
      'forbidden',
      'Only people of the directory can file requests, and your address is not one of theirs.',
    )
  const number = await transact(ctx, async (tx) => {
    const service = await store.findService(tx, input.serviceId)
    if (!service) throw notFound('service')
    const answers = await readAnswers(tx, service, input.answers)
    const number = await store.nextNumber(tx)
    const title = titleOf(service, answers)
    const id = await store.insertRequest(tx, { number, serviceId: service.id, title, requesterId, answers })
    events.requestSubmitted(tx, [id, requesterId], { number, service: service.name, title })
    return number
  })
  return getRequest(ctx, catalogue, number)
}

async function readAnswers(
  tx: Tx,
  service: store.ServiceRow,
  given: Record<string, string>,
): Promise<store.Answer[]> {
  const unknown = Object.keys(given).find((key) => !service.fields.some((field) => field.key === key))
  if (unknown) throw new AppError('invalid_input', `${service.name} does not ask for “${unknown}”.`)
  const answers = await Promise.all(
    service.fields.map(async (field) => {
      const value = (given[field.key] ?? '').trim()
      if (field.required && !value)
        throw new AppError('invalid_input', `Please answer “${field.label}”.`, {
          facts: { field: field.key },
        })
      if (field.kind === 'choice' && value && !field.choices?.includes(value))
        throw new AppError('invalid_input', `“${value}” is not one of the answers to “${field.label}”.`, {
          facts: { field: field.key },
        })
      const display = field.kind === 'group' && value ? await groupName(tx, value) : value
      return { key: field.key, label: field.label, value, display }
    }),
  )
  return answers.filter((answer) => answer.value)
}

async function groupName(tx: Tx, id: string): Promise<string> {
  const group = await getGroup(tx, id)
  if (group.type !== 'OKTA_GROUP')
    throw new AppError(
      'invalid_input',
      `Nobody can be added to ${group.name} from here: its members come from elsewhere.`,
    )
  return group.name
}

function titleOf(service: store.ServiceRow, answers: store.Answer[]): string {
  const subject = answers.find((answer) => answer.key === 'subject' || answer.key === 'group')
  const title =
    subject?.key === 'subject'
      ? subject.display
      : subject
        ? `${service.name}: ${subject.display}`
        : service.name
  return title.length > 200 ? `${title.slice(0, 199)}…` : title
}

export async function listRequests(
  ctx: Context,
  query: {
    status?: store.RequestQuery['status']
    assignee?: 'me' | 'nobody' | undefined
    requesterId?: string | undefined
    mine?: boolean | undefined
    search?: string | undefined
    cursor?: string | undefined
    limit: number
  },
): Promise<{ items: RequestSummary[]; total: number; nextCursor?: string }> {
  const own = !seesAll(ctx) || query.mine
  const before = query.cursor === undefined ? undefined : Number(query.cursor)
  if (before !== undefined && !Number.isSafeInteger(before))
    throw new AppError('invalid_input', 'The cursor is not one that this list gave. Begin again without it.')
  const { rows, total } = await transact(ctx, (tx) =>
    store.listRequests(tx, {
      status: query.status,
      search: query.search,
      limit: query.limit,
      before,
      requesterId: own ? (ctx.principal?.personId ?? 'per_none') : query.requesterId,
      assigneeId: { me: ctx.principal?.memberId ?? 'mem_none', nobody: null, any: undefined }[
        query.assignee ?? 'any'
      ],
    }),
  )
  const last = rows.at(-1)
  const items = rows.map(summaryOf)
  return rows.length === query.limit && last
    ? { items, total, nextCursor: String(last.number) }
    : { items, total }
}

export async function getRequest(ctx: Context, catalogue: Catalogue, number: number): Promise<Request> {
  const all = seesAll(ctx)
  const { row, service, messages } = await transact(ctx, async (tx) => {
    const row = await visible(tx, number)
    const service = await store.findService(tx, row.serviceId)
    if (!service) throw notFound('service')
    const shown = await serviceView(tx, catalogue, service, row.requesterId)
    return { row, service: shown, messages: await store.listMessages(tx, row.id, all) }
  })
  const log = await listEvents(ctx, { subject: row.id, limit: 500 })
  return {
    ...summaryOf(row),
    service,
    answers: row.answers,
    timeline: timelineOf(messages, log, all),
    runs: await listRuns(ctx, catalogue, { requestId: row.id }),
    approvals: await listApprovalsOf(ctx, row.id),
    closedAt: row.closedAt?.toISOString() ?? null,
  }
}

// Messages stand in the timeline as themselves; what the log says of them would be said twice.
const TOLD_BY_MESSAGE = new Set(['request.replied', 'request.noted'])

function timelineOf(messages: store.MessageRow[], log: LoggedEvent[], all: boolean): TimelineEntry[] {
  // The facts behind a sentence, Okta's codes among them, are for those who run the desk.
  const shown = (event: LoggedEvent) => ({ ...eventView(event), ...(all ? {} : { facts: {} }) })
  const entries: TimelineEntry[] = [
    ...messages.map(({ id, createdAt, author, body, internal }) => ({
      kind: 'message' as const,
      id,
      at: createdAt.toISOString(),
      author,
      body,
      internal,
    })),
    ...log
      .filter((event) => !TOLD_BY_MESSAGE.has(event.type))
      .map((event) => ({
        kind: 'event' as const,
        id: event.id,
        at: event.at,
        event: shown(event),
      })),
  ]
  return entries.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/** Replies, or leaves a note. Only members who work on requests leave notes. */
export async function postMessage(
  ctx: Context,
  catalogue: Catalogue,
  input: { number: number; body: string; internal: boolean },
): Promise<Request> {
  await transact(ctx, async (tx) => {
    const row = await visible(tx, input.number)
    const works = ctx.principal?.permissions.has('requests.work') === true
    if (!works && (input.internal || row.requesterId !== ctx.principal?.personId))
      throw new AppError('forbidden', 'Only members who work on requests can write here.')
    await store.insertMessage(tx, { requestId: row.id, body: input.body, internal: input.internal })
    await store.touch(tx, row.id)
    if (input.internal) events.requestNoted(tx, [row.id], { number: row.number })
    else events.requestReplied(tx, [row.id, row.requesterId], { number: row.number })
  })
  return getRequest(ctx, catalogue, input.number)
}

export async function setAssignee(
  ctx: Context,
  catalogue: Catalogue,
  number: number,
  memberId: string | null,
): Promise<Request> {
  await transact(ctx, async (tx) => {
    const row = await visible(tx, number)
    const member = memberId ? await getMember(tx, memberId) : null
    if (member && !member.active)
      throw new AppError('conflict', `${member.displayName} is deactivated and cannot take requests.`)
    if (await store.setAssignee(tx, row.id, memberId))
      events.requestAssigned(tx, [row.id, row.requesterId, memberId], {
        number,
        to: member?.displayName ?? null,
        toSelf: memberId !== null && memberId === ctx.principal?.memberId,
      })
  })
  return getRequest(ctx, catalogue, number)
}

export async function closeRequest(ctx: Context, catalogue: Catalogue, number: number): Promise<Request> {
  await transact(ctx, async (tx) => {
    const row = await visible(tx, number)
    // Closing twice is not an error: the second click finds the request closed.
    if (await store.setStatus(tx, row.id, 'closed'))
      events.requestClosed(tx, [row.id, row.requesterId], { number })
  })
  return getRequest(ctx, catalogue, number)
}

export async function reopenRequest(ctx: Context, catalogue: Catalogue, number: number): Promise<Request> {
  await transact(ctx, async (tx) => {
    const row = await visible(tx, number)
    if (row.status === 'closed' && (await store.setStatus(tx, row.id, 'open')))
      events.requestReopened(tx, [row.id, row.requesterId], { number })
  })
  return getRequest(ctx, catalogue, number)
}

/** While an approval is asked a request waits; when it is decided it goes on. */
export const followApprovals = defineJob<EventNotice>({
  name: 'request.event',
  retries: 10,
  async run(ctx, { type, subjects, facts }) {
    const id = subjects.find((subject) => subject.startsWith('req_'))
    if (!id) return
    await transact(ctx, async (tx) => {
      const row = await store.findRequest(tx, { id })
      if (!row || row.status === 'closed') return
      if (type === 'approval.asked' && (await store.setStatus(tx, id, 'waiting')))
        events.requestWaits(tx, [id, row.requesterId], { number: row.number, for: String(facts['approver']) })
      if (type !== 'approval.asked' && (await store.setStatus(tx, id, 'open')))
        events.requestGoesOn(tx, [id, row.requesterId], { number: row.number })
    })
  },
})

/** Why an action is wanted, for the one who approves it: the requester's own answers. */
export async function describeRequest(tx: Tx, id: string) {
  const row = await store.findRequest(tx, { id })
  if (!row || !(await mayAct(tx, row))) return undefined
  const reason = row.answers.map((answer) => `${answer.label} ${answer.display}`).join('\n') || row.title
  return { number: row.number, requesterPersonId: row.requesterId, reason }
}

async function mayAct(tx: Tx, row: store.RequestRow): Promise<boolean> {
  const requester = await findPerson(tx, { id: row.requesterId })
  return requester !== undefined && row.status !== 'closed'
}

async function visible(tx: Tx, number: number): Promise<store.RequestRow> {
  const row = await store.findRequest(tx, { number })
  if (!row || !(seesAll(tx) || row.requesterId === tx.principal?.personId)) throw notFound('request')
  return row
}

function seesAll(ctx: Context): boolean {
  return ctx.principal?.permissions.has('requests.read') === true
}

function summaryOf(row: store.RequestRow): RequestSummary {
  return {
    id: row.id,
    number: row.number,
    title: row.title,
    status: row.status,
    serviceName: row.serviceName,
    requester: { id: row.requesterId, displayName: row.requesterName, email: row.requesterEmail },
    assignee: row.assigneeId ? { id: row.assigneeId, displayName: row.assigneeName ?? '' } : null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
