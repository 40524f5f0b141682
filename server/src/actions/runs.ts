/**
 * Planning and starting actions, for every door. A run is written down with the plan that was shown;
 * what happens to it after that is the journal's (`journal.ts`).
 */
import * as z from 'zod'
import { approverFor, askApproval } from '#approvals'
import { AppError, type Context, enqueue, notFound, type Tx, transact } from '#platform'
import type { Action, Catalogue, Plan } from './catalogue.ts'
import type { ActionPlan, ActionRun, CatalogueEntry } from './contract.ts'
import { actionNotNeeded, actionPlanned, gateChanged } from './events.ts'
import { runApproved } from './journal.ts'
import { planDigest, withPerson } from './plans.ts'
import * as store from './runs.store.ts'

export interface Proposal {
  actionId: string
  input: Record<string, unknown>
  requestId?: string | undefined
}

/** Why an action is wanted, as its approver is told: known to the folder whose request it belongs to. */
export type DescribeRequest = (
  tx: Tx,
  requestId: string,
) => Promise<{ number: number; requesterPersonId: string; reason: string } | undefined>

export function listActions(ctx: Context, catalogue: Catalogue): Promise<CatalogueEntry[]> {
  return transact(ctx, async (tx) => {
    const gates = await store.listGates(tx)
    return [...catalogue.values()].map((action) => entryOf(action, gates.get(action.id)))
  })
}

/** Who would have to approve an action done to a person; null when nobody has to. */
export async function approverOf(
  tx: Tx,
  catalogue: Catalogue,
  actionId: string,
  personId: string | null,
): Promise<string | null> {
  const gate = (await store.listGates(tx)).get(actionId) ?? catalogue.get(actionId)?.defaultGate ?? 'none'
  return gate === 'manager' ? (await approverFor(tx, personId)).name : null
}

export function setGate(
  ctx: Context,
  catalogue: Catalogue,
  actionId: string,
  gate: 'none' | 'manager',
): Promise<CatalogueEntry> {
  const action = actionOf(catalogue, actionId)
  return transact(ctx, async (tx) => {
    await store.saveGate(tx, actionId, gate)
    gateChanged(tx, [tx.tenantId], { label: action.label, gate })
    return entryOf(action, gate)
  })
}

function entryOf(action: Action, gate: 'none' | 'manager' | undefined): CatalogueEntry {
  const { id, label, hint, scopes, repeatable, dangerous } = action
  return {
    id,
    label,
    hint,
    input: z.toJSONSchema(action.input) as Record<string, unknown>,
    scopes: [...scopes],
    repeatable,
    undoable: action.undo !== undefined,
    dangerous,
    gate: gate ?? action.defaultGate,
  }
}

/** Looks what an action would do. Nothing is written, nothing is changed. */
export async function planAction(
  ctx: Context,
  catalogue: Catalogue,
  proposal: Proposal,
): Promise<ActionPlan> {
  const action = actionOf(catalogue, proposal.actionId)
  const input = readInput(action, proposal.input)
  const plan = await withPerson(ctx, await action.plan(ctx, input))
  return transact(ctx, async (tx) => {
    const approver = await approverOf(tx, catalogue, action.id, plan.target.personId)
    return {
      ...plan,
      gate: approver === null ? 'none' : 'manager',
      approver,
      digest: planDigest(tx, action.id, input, plan),
    }
  })
}

/**
 * Starts an action as it was planned.
 * @throws AppError `plan_changed` when it would do something else now, `conflict` when it is refused
 */
export async function runAction(
  ctx: Context,
  catalogue: Catalogue,
  proposal: Proposal & { digest: string },
  describe: DescribeRequest,
): Promise<ActionRun> {
  const action = actionOf(catalogue, proposal.actionId)
  const input = readInput(action, proposal.input)
  const plan = await withPerson(ctx, await action.plan(ctx, input))
  const digest = planDigest(ctx, action.id, input, plan)
  if (digest !== proposal.digest)
    throw new AppError(
      'plan_changed',
      `This would do something else now: ${plan.summary} Look again before you run it.`,
      {
        facts: { summary: plan.summary },
      },
    )
  if (plan.verdict === 'refused') throw new AppError('conflict', plan.summary)

  return transact(ctx, async (tx) => {
    const about = proposal.requestId ? await describe(tx, proposal.requestId) : undefined
    if (proposal.requestId && !about) throw notFound('request')
    const gate = (await store.listGates(tx)).get(action.id) ?? action.defaultGate
    const subjects = [proposal.requestId, plan.target.personId]
    const facts = { label: action.label, target: plan.target.name, summary: plan.summary }
    const row = {
      actionId: action.id,
      label: action.label,
      input,
      plan,
      digest,
      personId: plan.target.personId,
      requestId: proposal.requestId ?? null,
      approvalId: null,
      undoOf: null,
    }
    if (plan.verdict === 'already') {
      const run = await store.insertRun(tx, { ...row, state: 'already' })
      actionNotNeeded(tx, [run.id, ...subjects], facts)
      return viewOf(run, action)
    }
    if (gate === 'none') {
      const run = await store.insertRun(tx, { ...row, state: 'approved' })
      actionPlanned(tx, [run.id, ...subjects], { ...facts, asks: null })
      await enqueue(tx, runApproved, { runId: run.id })
      return viewOf(run, action)
    }
    const { summary, effects, target } = plan
    const approval = await askApproval(tx, {
      question: `${action.label} for ${target.name}?`,
      shown: {
        action: action.label,
        target: target.name,
        summary,
        effects,
        reason: about?.reason ?? null,
        requestNumber: about?.number ?? null,
      },
      subjectPersonId: target.personId,
      requesterPersonId: about?.requesterPersonId ?? null,
      requestId: proposal.requestId ?? null,
    })
    const run = await store.insertRun(tx, { ...row, state: 'waiting', approvalId: approval.id })
    actionPlanned(tx, [run.id, ...subjects], { ...facts, asks: approval.approver })
    return viewOf(run, action)
  })
}

export async function getRun(ctx: Context, catalogue: Catalogue, id: string): Promise<ActionRun> {
  const row = await transact(ctx, (tx) => store.findRun(tx, id))
  if (!row) throw notFound('action run')
  return viewOf(row, catalogue.get(row.actionId))
}

export async function listRuns(
  ctx: Context,
  catalogue: Catalogue,
  of: { requestId?: string | undefined; personId?: string | undefined },
): Promise<ActionRun[]> {
  const rows = await transact(ctx, (tx) => store.listRuns(tx, of))
  return rows.map((row) => viewOf(row, catalogue.get(row.actionId)))
}

/**
 * Takes a finished action back, as a run of its own.
 * @throws AppError `conflict` when there is nothing that could be taken back
 */
export function undoRun(ctx: Context, catalogue: Catalogue, id: string): Promise<ActionRun> {
  return transact(ctx, async (tx) => {
    const row = await store.findRun(tx, id, true)
    if (!row) throw notFound('action run')
    const action = catalogue.get(row.actionId)
    if (!action || !canUndo(row, action))
      throw new AppError(
        'conflict',
        row.state === 'undone'
          ? 'This was taken back before.'
          : 'This cannot be taken back: there is no receipt of what it did.',
      )
    const pending = await store.findUndoOf(tx, id)
    if (pending) return viewOf(pending, action)
    const plan: Plan = { ...row.plan, summary: `Take back: ${row.plan.summary}`, effects: [] }
    const run = await store.insertRun(tx, {
      actionId: row.actionId,
      label: `Undo: ${row.label}`,
      input: row.input,
      plan,
      digest: planDigest(tx, row.actionId, row.input, plan),
      state: 'approved',
      personId: row.personId,
      requestId: row.requestId,
      approvalId: null,
      undoOf: row.id,
    })
    actionPlanned(tx, [run.id, row.id, run.requestId, run.personId], {
      label: run.label,
      target: plan.target.name,
      summary: plan.summary,
      asks: null,
    })
    await enqueue(tx, runApproved, { runId: run.id })
    return viewOf(run, action)
  })
}

function actionOf(catalogue: Catalogue, id: string): Action {
  const action = catalogue.get(id)
  if (!action) throw new AppError('not_found', `There is no action ${id}. GET /api/v1/actions lists them.`)
  return action
}

function readInput(action: Action, input: unknown): object {
  const parsed = action.input.safeParse(input)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`)
  throw new AppError('invalid_input', `${action.label} cannot be done with this. ${issues.join(' ')}`)
}

function canUndo(row: store.RunRow, action: Action | undefined): boolean {
  return row.state === 'acked' && row.receipt !== null && row.undoOf === null && action?.undo !== undefined
}

function viewOf(row: store.RunRow, action: Action | undefined): ActionRun {
  const { id, actionId, label, state, plan, requestId, approvalId, startedBy, failure, evidence } = row
  return {
    id,
    actionId,
    label,
    state,
    summary: plan.summary,
    effects: plan.effects,
    target: plan.target,
    requestId,
    approvalId,
    startedBy,
    failure,
    evidence,
    canUndo: canUndo(row, action),
    createdAt: row.createdAt.toISOString(),
    sentAt: row.sentAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
  }
}
