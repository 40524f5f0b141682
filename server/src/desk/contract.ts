/** The service catalogue, requests, their conversation and their timeline. */
import * as z from 'zod'
import { LogEvent, route } from '../accounts/contract.ts'
import { ActionRun } from '../actions/contract.ts'
import { Approval } from '../approvals/contract.ts'
import { PersonRef } from '../directory/contract.ts'
import { Actor, idOf, instant, page, paging } from '../platform/contract.ts'

export const FormField = z.object({
  key: z.string(),
  label: z.string(),
  help: z.string(),
  kind: z.enum(['text', 'longtext', 'choice', 'group']),
  required: z.boolean(),
  choices: z.array(z.string()).optional(),
})
export type FormField = z.infer<typeof FormField>

export const Service = z.object({
  id: idOf('ser'),
  key: z.string(),
  name: z.string(),
  description: z.string(),
  icon: z.string(),
  fields: z.array(FormField),
  /** The action an agent will most likely run for it. */
  actionId: z.string().nullable(),
  /** Who has to approve what it leads to, for the one who reads this; null when nobody has to. */
  asks: z.string().nullable(),
})
export type Service = z.infer<typeof Service>

export const REQUEST_STATUSES = ['open', 'waiting', 'closed'] as const

export const RequestSummary = z.object({
  id: idOf('req'),
  number: z.int(),
  title: z.string(),
  status: z.enum(REQUEST_STATUSES),
  serviceName: z.string(),
  requester: PersonRef,
  assignee: z.object({ id: idOf('mem'), displayName: z.string() }).nullable(),
  createdAt: instant,
  updatedAt: instant,
})
export type RequestSummary = z.infer<typeof RequestSummary>

/** What happened to a request, oldest first: messages, approvals, actions and changes in one line of time. */
export const TimelineEntry = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('message'),
    id: z.string(),
    at: instant,
    author: Actor,
    body: z.string(),
    /** Internal notes are seen by members only. */
    internal: z.boolean(),
  }),
  z.object({ kind: z.literal('event'), id: z.string(), at: instant, event: LogEvent }),
])
export type TimelineEntry = z.infer<typeof TimelineEntry>

export const Request = RequestSummary.extend({
  service: Service,
  answers: z.array(z.object({ key: z.string(), label: z.string(), value: z.string(), display: z.string() })),
  timeline: z.array(TimelineEntry),
  runs: z.array(ActionRun),
  approvals: z.array(Approval),
  closedAt: instant.nullable(),
})
export type Request = z.infer<typeof Request>

const byNumber = { number: z.coerce.number().int().min(1) }

export const desk = {
  listServices: route('GET', '/services', { summary: 'What can be asked for', needs: 'session' }).output(
    z.object({ items: z.array(Service) }),
  ),
  listRequestableGroups: route('GET', '/requestable-groups', {
    summary: 'Groups that a request may name',
    needs: 'session',
  })
    .input(z.object({ search: z.string().max(200).optional() }))
    .output(
      z.object({
        items: z.array(z.object({ id: idOf('grp'), name: z.string(), description: z.string().nullable() })),
      }),
    ),
  submitRequest: route('POST', '/requests', {
    summary: 'Ask for something; the one who asks is the requester',
    needs: 'session',
    status: 201,
  })
    .input(z.object({ serviceId: idOf('ser'), answers: z.record(z.string(), z.string().max(5000)) }))
    .output(Request),
  listRequests: route('GET', '/requests', {
    summary: 'Requests, newest first. Requesters see their own only',
    needs: 'session',
  })
    .input(
      z.object({
        status: z.enum([...REQUEST_STATUSES, 'unresolved']).optional(),
        assignee: z.enum(['me', 'nobody']).optional(),
        requesterId: idOf('per').optional(),
        mine: z.stringbool().optional().describe('Only those I asked for myself'),
        search: z.string().max(200).optional(),
        ...paging,
      }),
    )
    .output(page(RequestSummary)),
  getRequest: route('GET', '/requests/{number}', {
    summary: 'One request with its timeline',
    needs: 'session',
  })
    .input(z.object(byNumber))
    .output(Request),
  postMessage: route('POST', '/requests/{number}/messages', {
    summary: 'Reply, or leave an internal note',
    needs: 'session',
    status: 201,
  })
    .input(
      z.object({
        ...byNumber,
        body: z.string().trim().min(1).max(20_000),
        internal: z.boolean().default(false),
      }),
    )
    .output(Request),
  setAssignee: route('PUT', '/requests/{number}/assignee', {
    summary: 'Give a request to a member, or to nobody',
    needs: 'requests.work',
  })
    .input(z.object({ ...byNumber, memberId: idOf('mem').nullable() }))
    .output(Request),
  closeRequest: route('PUT', '/requests/{number}/closure', {
    summary: 'Close a request',
    needs: 'requests.work',
  })
    .input(z.object(byNumber))
    .output(Request),
  reopenRequest: route('DELETE', '/requests/{number}/closure', {
    summary: 'Open a request again',
    needs: 'session',
  })
    .input(z.object(byNumber))
    .output(Request),
}
