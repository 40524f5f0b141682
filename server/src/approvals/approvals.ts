/**
 * Approvals: a question with one answer, put to the manager of the person concerned, or to those who
 * may decide when there is no manager. There is one `decideApproval` for every door, and it refuses
 * whoever asked, requested, or is the one it is done to.
 */
import { createHash } from 'node:crypto'
import { findPerson, findRequester, managerOf } from '#directory'
import { type Actor, AppError, type Context, type Ending, notFound, type Tx, transact } from '#platform'
import * as store from './approvals.store.ts'
import type { Approval } from './contract.ts'
import { approvalAsked, approvalDecided, approvalHandedOn, approvalVoided } from './events.ts'

export type { Shown } from './approvals.store.ts'

export interface Question {
  question: string
  shown: store.Shown
  /** Whose manager is asked: the person it is done to. */
  subjectPersonId: string | null
  /** Who requested it, if somebody else. */
  requesterPersonId: string | null
  requestId: string | null
}

/** The SHA-256 of everything that is shown, in a canonical form: any change of it gives another. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
    .join(',')}}`
}

/** Who would be asked about a person: the manager's name, or who stands in for a missing one. */
export async function approverFor(
  tx: Tx,
  subjectPersonId: string | null,
): Promise<{ id: string | null; name: string }> {
  const manager = subjectPersonId ? await managerOf(tx, subjectPersonId) : undefined
  if (manager && manager.id !== tx.principal?.personId) return { id: manager.id, name: manager.displayName }
  return { id: null, name: 'a member who may decide approvals' }
}

/** Asks, in the caller's transaction. */
export async function askApproval(tx: Tx, question: Question): Promise<{ id: string; approver: string }> {
  const approver = await approverFor(tx, question.subjectPersonId)
  const row = await store.insertApproval(tx, {
    question: question.question,
    shown: question.shown,
    digest: digestOf(question.shown),
    approverId: approver.id,
    barredPersonIds: present([tx.principal?.personId, question.subjectPersonId, question.requesterPersonId]),
    barredMemberIds: present([tx.principal?.memberId]),
    requestId: question.requestId,
    askedBy: tx.actor,
  })
  approvalAsked(
    tx,
    [row.id, question.requestId, question.subjectPersonId, question.requesterPersonId, approver.id],
    {
      question: row.question,
      approver: approver.name,
      requestNumber: question.shown.requestNumber,
    },
  )
  return { id: row.id, approver: approver.name }
}

function present(ids: (string | null | undefined)[]): string[] {
  return [...new Set(ids.filter((id): id is string => !!id))]
}

/** Withdraws a question that nobody answered; an answered one stays as it is. */
export async function voidApproval(tx: Tx, id: string, reason: string): Promise<void> {
  const row = await store.findApproval(tx, id, true)
  if (!row || !(await store.markVoid(tx, id))) return
  approvalVoided(tx, [id, row.requestId, row.approverId], {
    question: row.question,
    reason,
    requestNumber: row.shown.requestNumber,
  })
}

/**
 * What becomes of waiting approvals when members are locked out: what they asked for themselves is
 * withdrawn; what only they could decide goes to those who stand in for a missing manager.
 */
export const endApprovals: Ending = async (tx, memberIds) => {
  const counts = new Map<string, number>()
  for (const ended of await store.endApprovals(tx, memberIds)) {
    const { id, memberId, member, personId, requestId, question, requestNumber } = ended
    counts.set(memberId, (counts.get(memberId) ?? 0) + 1)
    const subjects = [id, requestId, personId, memberId]
    if (ended.how === 'handed_on') approvalHandedOn(tx, subjects, { question, from: member, requestNumber })
    else
      approvalVoided(tx, subjects, { question, reason: `${member}, who asked, lost access`, requestNumber })
  }
  return counts
}

export async function listMyApprovals(ctx: Context, state: 'waiting' | 'decided'): Promise<Approval[]> {
  return transact(ctx, async (tx) => {
    const { memberId = null, personId = null, permissions } = ctx.principal ?? {}
    const rows =
      state === 'waiting'
        ? await store.listWaiting(tx, personId, permissions?.has('approvals.decide') === true)
        : await store.listDecidedBy(tx, present([memberId, personId]))
    return Promise.all(rows.map((row) => viewOf(tx, row)))
  })
}

/** @throws AppError `not_found` for those who are neither asked nor see all requests: an approval's existence is news */
export function getApproval(ctx: Context, id: string): Promise<Approval> {
  return transact(ctx, async (tx) => {
    const row = await store.findApproval(tx, id)
    if (!row || !maySee(tx, row)) throw notFound('approval')
    return viewOf(tx, row)
  })
}

export function listApprovalsOf(ctx: Context, requestId: string): Promise<Approval[]> {
  return transact(ctx, async (tx) => {
    const rows = await store.listForRequest(tx, requestId)
    return Promise.all(rows.map((row) => viewOf(tx, row)))
  })
}

/** What was approved, under the lock of its row: whoever executes holds it against what he is about to do. */
export async function findDecision(
  tx: Tx,
  id: string,
): Promise<{ state: store.ApprovalRow['state']; digest: string; approver: Actor | null } | undefined> {
  const row = await store.findApproval(tx, id, true)
  return row && { state: row.state, digest: row.digest, approver: row.decidedBy }
}

/**
 * Answers a question.
 * @throws AppError `plan_changed` when the digest is not of what is asked, `already_decided`, `forbidden`
 */
export function decideApproval(
  ctx: Context,
  id: string,
  input: { decision: 'approved' | 'declined'; digest: string; comment?: string | undefined },
): Promise<Approval> {
  return transact(ctx, async (tx) => {
    const row = await store.findApproval(tx, id, true)
    if (!row || !maySee(tx, row)) throw notFound('approval')
    if (row.state !== 'waiting')
      throw new AppError(
        'already_decided',
        `This was ${row.state === 'void' ? 'withdrawn' : row.state} before. Nothing was changed.`,
      )
    const reason = await whyNot(tx, row)
    if (reason) throw new AppError('forbidden', reason)
    if (row.digest !== input.digest)
      throw new AppError(
        'plan_changed',
        'What you were shown is not what is asked now. Read it again before you decide.',
      )

    await store.saveDecision(tx, id, {
      state: input.decision,
      decidedBy: tx.actor,
      comment: input.comment || null,
    })
    approvalDecided(tx, [id, row.requestId, row.approverId, ...row.barredPersonIds], {
      approvalId: id,
      outcome: input.decision,
      question: row.question,
      comment: input.comment || null,
      requestNumber: row.shown.requestNumber,
    })
    const decided = await store.findApproval(tx, id)
    return viewOf(tx, decided ?? row)
  })
}

function maySee(tx: Tx, row: store.ApprovalRow): boolean {
  const { principal } = tx
  if (!principal) return false
  if (principal.permissions.has('requests.read') || principal.permissions.has('approvals.decide')) return true
  return principal.personId !== null && [row.approverId, ...row.barredPersonIds].includes(principal.personId)
}

/** Why this caller may not decide, in a sentence; undefined when he may. */
async function whyNot(tx: Tx, row: store.ApprovalRow): Promise<string | undefined> {
  const { principal } = tx
  const personId = principal?.personId ?? null
  if (!personId && !principal?.memberId)
    return 'Programs do not decide approvals. Somebody has to sign in and read it.'
  if (
    (personId && row.barredPersonIds.includes(personId)) ||
    row.barredMemberIds.includes(principal?.memberId ?? '')
  )
    return 'Nobody decides about what he asked for, requested, or is the one it is done to.'
  if (row.approverId) {
    if (personId !== row.approverId) {
      const approver = await findPerson(tx, { id: row.approverId })
      return `${approver?.displayName ?? 'The manager'} is asked, and nobody else can decide this.`
    }
    // The session may be older than Okta's word: a manager who was suspended since decides nothing.
    return (await findRequester(tx, { id: row.approverId })) ? undefined : 'Your account is locked in Okta.'
  }
  return principal?.permissions.has('approvals.decide')
    ? undefined
    : 'This needs the permission approvals.decide.'
}

async function viewOf(tx: Tx, row: store.ApprovalRow): Promise<Approval> {
  const approver = row.approverId ? await findPerson(tx, { id: row.approverId }) : undefined
  const reason = row.state === 'waiting' ? ((await whyNot(tx, row)) ?? null) : null
  return {
    id: row.id,
    state: row.state,
    question: row.question,
    shown: row.shown,
    digest: row.digest,
    approver: approver ? { id: approver.id, displayName: approver.displayName, email: approver.email } : null,
    askedBy: row.askedBy,
    decidedBy: row.decidedBy,
    comment: row.comment,
    mayDecide: row.state === 'waiting' && reason === null,
    mayNotReason: reason,
    createdAt: row.createdAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
  }
}
