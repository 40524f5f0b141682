/**
 * The journal: one row for each effect in another system.
 *
 *     waiting → approved → sending → acked | failed | unknown → acked | failed (by evidence or by hand)
 *
 * `sending` is committed before the socket is touched, with a fence that only grows. A row in
 * `sending` is never taken by anyone again: after its deadline it is `unknown`, and then Keydesk looks
 * whether the effect is there instead of doing it twice.
 */
import { findDecision } from '#approvals'
import {
  AppError,
  type Context,
  defineJob,
  type Ending,
  type EventNotice,
  enqueue,
  failpoint,
  messageOf,
  notFound,
  type Platform,
  systemContext,
  type Tx,
  transact,
} from '#platform'
import { type Action, ActionFailure, type Catalogue, type Failure, type Plan } from './catalogue.ts'
import type { RunState } from './contract.ts'
import * as events from './events.ts'
import { planDigest, withPerson } from './plans.ts'
import * as store from './runs.store.ts'

/** Sends an approved run. Delivered twice, it sends once. */
export const runApproved = defineJob<{ runId: string }>({
  name: 'action.run',
  retries: 3,
  run: (ctx, { runId }) => execute(ctx, catalogueOf(ctx.platform), runId),
})

/** Looks into a run without an answer, and again later while the remote system cannot be asked. */
export const lookInto = defineJob<{ runId: string }>({
  name: 'action.reconcile',
  retries: 20,
  async run(ctx, { runId }) {
    await reconcile(ctx, catalogueOf(ctx.platform), runId)
  },
})

/** Hears of decided approvals: an approved run is sent, a declined one ends. */
export const onApprovalDecided = defineJob<EventNotice>({
  name: 'action.approval_decided',
  retries: 10,
  async run(ctx, { facts }) {
    await transact(ctx, async (tx) => {
      const run = await store.findRunOfApproval(tx, String(facts['approvalId']))
      if (run?.state !== 'waiting') return
      if (facts['outcome'] === 'approved') {
        await store.moveRun(tx, run.id, ['waiting'], 'approved')
        await enqueue(tx, runApproved, { runId: run.id })
        return
      }
      await move(tx, run, ['waiting'], 'declined')
      events.actionDeclined(tx, subjectsOf(run), aboutOf(run))
    })
  },
})

// The catalogue is assembled once, in `main.ts`; jobs reach it by their platform.
const catalogues = new WeakMap<Platform, Catalogue>()

export function installCatalogue(platform: Platform, catalogue: Catalogue): void {
  catalogues.set(platform, catalogue)
}

function catalogueOf(platform: Platform): Catalogue {
  return catalogues.get(platform) ?? new Map()
}

/** Brings an approved run to its end. Exported for drills that kill the process in the middle. */
export async function execute(ctx: Context, catalogue: Catalogue, runId: string): Promise<void> {
  const run = await transact(ctx, (tx) => store.findRun(tx, runId))
  const action = run && catalogue.get(run.actionId)
  if (!run || !action || run.state !== 'approved') return

  const stop = run.undoOf ? undefined : await whyNotNow(ctx, action, run)
  if (stop) return endUnsent(ctx, run, stop)

  const original = run.undoOf ? await transact(ctx, (tx) => store.findRun(tx, run.undoOf ?? '')) : undefined
  const sending = await transact(ctx, async (tx) => {
    const taken = await store.beginSending(tx, runId)
    if (taken) events.actionSent(tx, subjectsOf(taken), aboutOf(taken))
    return taken
  })
  if (!sending) return
  await failpoint('action.sending')

  const lastCheck = async () => {
    if (!(await transact(ctx, (tx) => store.maySend(tx, runId, sending.fence))))
      throw new ActionFailure(
        'not_done',
        plainFailure('Too much time went by before it could be sent, so it was not.', 'Run it again.'),
      )
    await failpoint('action.sent')
  }
  const outcome = await attempt(async () => {
    if (!sending.undoOf) return action.run(ctx, sending.input, lastCheck)
    if (!action.undo || !original?.receipt)
      throw new ActionFailure(
        'not_done',
        plainFailure('There is no receipt to take it back from.', 'Undo it in Okta.'),
      )
    await action.undo(ctx, original.receipt, lastCheck)
    return {}
  })
  await failpoint('action.answered')
  await settle(ctx, sending, outcome)
}

/**
 * What becomes of runs when members are locked out: what they started and what was not sent is not sent.
 * What is on its way stays as it is, because the remote call may have happened.
 */
export const endRuns: Ending = async (tx, memberIds) => {
  const failure = plainFailure(
    'Whoever started it lost access before it was sent, so it was not sent.',
    'Start it again, if it is still wanted.',
  )
  const counts = new Map<string, number>()
  for (const run of await store.endUnsentOf(tx, memberIds, failure)) {
    counts.set(run.startedBy.id, (counts.get(run.startedBy.id) ?? 0) + 1)
    recordFailure(tx, run, failure)
  }
  return counts
}

type Outcome = { ok: true; receipt: object } | { ok: false; sure: boolean; failure: Failure }

async function attempt(act: () => Promise<object>): Promise<Outcome> {
  try {
    return { ok: true, receipt: await act() }
  } catch (error) {
    if (error instanceof ActionFailure)
      return { ok: false, sure: error.outcome === 'not_done', failure: error.failure }
    return {
      ok: false,
      sure: false,
      failure: plainFailure(messageOf(error), 'Look in Okta whether it took effect.'),
    }
  }
}

/** Days may have passed since the plan was shown: it must still be approved, and still be the same plan. */
async function whyNotNow(
  ctx: Context,
  action: Action,
  run: store.RunRow,
): Promise<{ state: 'already'; plan: Plan } | { state: 'failed'; failure: Failure } | undefined> {
  if (planDigest(ctx, run.actionId, run.input, run.plan) !== run.digest)
    return {
      state: 'failed',
      failure: plainFailure('What is written down is not what was shown.', 'Start it again.'),
    }
  if (run.approvalId) {
    const decision = await transact(ctx, (tx) => findDecision(tx, run.approvalId ?? ''))
    if (decision?.state !== 'approved')
      return { state: 'failed', failure: plainFailure('It is not approved.', 'Start it again.') }
  }
  try {
    const plan = await withPerson(ctx, await action.plan(ctx, run.input))
    if (plan.verdict === 'already') return { state: 'already', plan }
    if (plan.verdict === 'refused')
      return { state: 'failed', failure: plainFailure(plan.summary, 'Nothing was sent to Okta.') }
    if (planDigest(ctx, run.actionId, run.input, plan) !== run.digest)
      return {
        state: 'failed',
        failure: plainFailure(
          `It would do something else now than was shown: ${plan.summary}`,
          'Start it again, so that the new plan is seen and approved.',
        ),
      }
    return undefined
  } catch (error) {
    const failure =
      error instanceof ActionFailure
        ? error.failure
        : plainFailure(messageOf(error), 'Nothing was sent to Okta. Run it again when Okta can be reached.')
    return { state: 'failed', failure }
  }
}

async function endUnsent(
  ctx: Context,
  run: store.RunRow,
  stop: { state: 'already'; plan: Plan } | { state: 'failed'; failure: Failure },
): Promise<void> {
  await transact(ctx, async (tx) => {
    const moved = await move(
      tx,
      run,
      ['approved'],
      stop.state,
      stop.state === 'failed' ? { failure: stop.failure } : {},
    )
    if (!moved) return
    if (stop.state === 'already')
      events.actionNotNeeded(tx, subjectsOf(run), { ...aboutOf(run), summary: stop.plan.summary })
    else recordFailure(tx, run, stop.failure)
  })
}

// An answer counts whenever it comes, also after the sweep gave the run up: it is the best evidence there is.
async function settle(ctx: Context, run: store.RunRow, outcome: Outcome): Promise<void> {
  await transact(ctx, async (tx) => {
    const current = await store.findRun(tx, run.id, true)
    if (current?.fence !== run.fence) return
    const open: RunState[] = ['sending', 'unknown']
    if (outcome.ok) {
      if (await move(tx, run, open, 'acked', { receipt: outcome.receipt, failure: null }))
        await celebrate(tx, run, null)
    } else if (outcome.sure) {
      if (await move(tx, run, open, 'failed', { failure: outcome.failure }))
        recordFailure(tx, run, outcome.failure)
    } else if (await move(tx, run, ['sending'], 'unknown', { failure: outcome.failure })) {
      events.actionUnknown(tx, subjectsOf(run), aboutOf(run))
      await enqueue(tx, lookInto, { runId: run.id }, { afterSeconds: 2 })
    }
  })
}

async function celebrate(tx: Tx, run: store.RunRow, evidence: string | null): Promise<void> {
  events.actionDone(tx, subjectsOf(run), { ...aboutOf(run), summary: run.plan.summary, evidence })
  if (!run.undoOf) return
  const original = await store.moveRun(tx, run.undoOf, ['acked'], 'undone')
  if (original) events.actionUndone({ ...tx, actor: run.startedBy }, subjectsOf(original), aboutOf(original))
}

function recordFailure(tx: Tx, run: store.RunRow, failure: Failure): void {
  const { message, code, status, remedy } = failure
  events.actionFailed(tx, subjectsOf(run), { ...aboutOf(run), message, code, status, remedy })
}

/**
 * Looks whether a run without an answer took effect, and ends it if that can be told.
 * @returns whether it could be told
 */
export async function reconcile(ctx: Context, catalogue: Catalogue, runId: string): Promise<boolean> {
  const run = await transact(ctx, (tx) => store.findRun(tx, runId))
  const action = run && catalogue.get(run.actionId)
  if (!run || !action || run.state !== 'unknown' || !run.sentAt) return true
  // What takes an effect back is looked at from the other side.
  const finding = await action.reconcile(ctx, run.input, run.sentAt)
  const verdict = run.undoOf
    ? ({ done: 'not_done', not_done: 'done', unclear: 'unclear' } as const)[finding.verdict]
    : finding.verdict
  const { evidence } = finding
  return transact(ctx, async (tx) => {
    if (verdict === 'done') {
      if (await move(tx, run, ['unknown'], 'acked', { evidence, failure: null }))
        await celebrate(tx, run, evidence)
    } else if (verdict === 'not_done') {
      const failure = plainFailure(
        'No answer came, and Okta shows that it did not take effect.',
        'Run it again.',
      )
      if (await move(tx, run, ['unknown'], 'failed', { evidence, failure })) recordFailure(tx, run, failure)
    } else if (run.evidence !== evidence && (await move(tx, run, ['unknown'], 'unknown', { evidence })))
      events.actionUnclear(tx, subjectsOf(run), { ...aboutOf(run), evidence })
    return verdict !== 'unclear'
  })
}

/** A person says how a run without an answer ended. */
export function settleByHand(
  ctx: Context,
  runId: string,
  input: { outcome: 'done' | 'not_done'; note: string },
): Promise<void> {
  return transact(ctx, async (tx) => {
    const run = await store.findRun(tx, runId, true)
    if (!run) throw notFound('action run')
    if (run.state !== 'unknown')
      throw new AppError('conflict', 'This run has an answer: there is nothing to settle.')
    await move(tx, run, ['unknown'], input.outcome === 'done' ? 'acked' : 'failed', {
      evidence: `${tx.actor.name} looked: ${input.note || input.outcome.replace('_', ' ')}`,
      failure: input.outcome === 'done' ? null : plainFailure('It was not done.', 'Run it again.'),
    })
    events.actionSettled(tx, subjectsOf(run), { ...aboutOf(run), ...input })
  })
}

/**
 * What every worker does every few seconds: calls whose time for an answer is over become `unknown`
 * and are looked into; runs whose sender died before it sent are enqueued again.
 */
export async function sweepRuns(platform: Platform, tenantId: string): Promise<void> {
  await transact(systemContext(platform, tenantId), async (tx) => {
    for (const id of await store.listOverdue(tx)) {
      const run = await store.findRun(tx, id)
      const failure = plainFailure(
        'It was sent, and no answer came.',
        'Keydesk looks in Okta. If it cannot tell, look yourself and say what you found.',
      )
      if (!run || !(await move(tx, run, ['sending'], 'unknown', { failure }))) continue
      events.actionUnknown(tx, subjectsOf(run), aboutOf(run))
      await enqueue(tx, lookInto, { runId: id })
    }
    for (const runId of await store.listForgotten(tx))
      await enqueue(tx, runApproved, { runId }, { singletonKey: runId })
  })
}

async function move(
  tx: Tx,
  run: store.RunRow,
  from: readonly RunState[],
  to: RunState,
  facts: Parameters<typeof store.moveRun>[4] = {},
): Promise<boolean> {
  const moved = await store.moveRun(tx, run.id, from, to, facts)
  if (moved) tx.platform.metrics.actionRuns.inc({ action: run.actionId, state: to })
  return moved !== undefined
}

function subjectsOf(run: store.RunRow): (string | null)[] {
  return [run.id, run.requestId, run.personId]
}

function aboutOf(run: store.RunRow): { label: string; target: string } {
  return { label: run.label, target: run.plan.target.name }
}

function plainFailure(message: string, remedy: string): Failure {
  return { message, remedy, status: null, code: null, remoteRequestId: null }
}
