/** What Keydesk can do in other systems: the catalogue, plans, runs and their journal. */
import * as z from 'zod'
import { route } from '../accounts/contract.ts'
import { Actor, idOf, instant } from '../platform/contract.ts'

export const Gate = z.enum(['none', 'manager'])

export const CatalogueEntry = z.object({
  id: z.string(),
  label: z.string(),
  hint: z.string().describe('One line: what it does to the person'),
  /** JSON Schema of the input. A property with `picker` is chosen from the directory. */
  input: z.record(z.string(), z.unknown()),
  scopes: z.array(z.string()).describe('OAuth scopes that Okta asks for'),
  /** Doing it twice does harm, so it is never sent again by itself. */
  repeatable: z.boolean(),
  undoable: z.boolean(),
  dangerous: z.boolean(),
  gate: Gate,
})
export type CatalogueEntry = z.infer<typeof CatalogueEntry>

/** What an action would do, found by looking and not by doing. */
export const ActionPlan = z.object({
  verdict: z.enum(['ready', 'already', 'refused']),
  /** For people: what will happen, or why not. */
  summary: z.string(),
  /** Each consequence in a sentence, worst first. */
  effects: z.array(z.string()),
  target: z.object({ personId: idOf('per').nullable(), oktaUserId: z.string(), name: z.string() }),
  gate: Gate,
  /** Who will be asked, when the gate asks somebody. */
  approver: z.string().nullable(),
  /** Hash of exactly this plan; give it back to run what was shown and nothing else. */
  digest: z.string(),
})
export type ActionPlan = z.infer<typeof ActionPlan>

export const RUN_STATES = [
  'waiting', // planned; somebody has to approve it
  'approved', // about to be sent
  'sending', // handed to Okta; the answer is not here yet
  'acked', // Okta confirmed it
  'already', // nothing was sent: the world was as wanted
  'failed', // Okta refused, or the plan no longer holds; nothing was changed
  'declined', // the approver said no
  'unknown', // sent, and no answer came; a person must look
  'undone', // done, and later taken back
] as const
export const RunState = z.enum(RUN_STATES)
export type RunState = z.infer<typeof RunState>

export const ActionRun = z.object({
  id: idOf('run'),
  actionId: z.string(),
  label: z.string(),
  state: RunState,
  summary: z.string().describe('The plan, in words, as it was shown'),
  effects: z.array(z.string()),
  target: z.object({ personId: idOf('per').nullable(), oktaUserId: z.string(), name: z.string() }),
  requestId: idOf('req').nullable(),
  approvalId: idOf('apr').nullable(),
  startedBy: Actor,
  /** Okta's own words when it refused. */
  failure: z
    .object({
      message: z.string(),
      remedy: z.string(),
      status: z.int().nullable(),
      code: z.string().nullable(),
      remoteRequestId: z.string().nullable(),
    })
    .nullable(),
  /** What was seen when an answer never came and Keydesk looked for itself. */
  evidence: z.string().nullable(),
  canUndo: z.boolean(),
  createdAt: instant,
  sentAt: instant.nullable(),
  endedAt: instant.nullable(),
})
export type ActionRun = z.infer<typeof ActionRun>

const proposal = {
  actionId: z.string().max(80),
  input: z.record(z.string(), z.unknown()),
  requestId: idOf('req').optional(),
}
const byRun = z.object({ runId: idOf('run') })

export const actions = {
  listActions: route('GET', '/actions', {
    summary: 'The catalogue of actions that a connected system offers',
    needs: 'requests.read',
  }).output(z.object({ items: z.array(CatalogueEntry) })),
  setGate: route('PUT', '/actions/{actionId}/gate', {
    summary: 'Say whether an action waits for the manager of the person it is done to',
    needs: 'settings.manage',
  })
    .input(z.object({ actionId: z.string().max(80), gate: Gate }))
    .output(CatalogueEntry),
  planAction: route('POST', '/action-plans', {
    summary: 'Look what an action would do; nothing is changed',
    needs: 'actions.run',
  })
    .input(z.object(proposal))
    .output(ActionPlan),
  runAction: route('POST', '/action-runs', {
    summary: 'Run an action as it was planned, or ask for its approval',
    needs: 'actions.run',
    status: 201,
  })
    .input(z.object({ ...proposal, digest: z.string() }))
    .output(ActionRun),
  listActionRuns: route('GET', '/action-runs', {
    summary: 'What was run, newest first, for a request or a person',
    needs: 'requests.read',
  })
    .input(z.object({ requestId: idOf('req').optional(), personId: idOf('per').optional() }))
    .output(z.object({ items: z.array(ActionRun) })),
  getActionRun: route('GET', '/action-runs/{runId}', { summary: 'One run', needs: 'requests.read' })
    .input(byRun)
    .output(ActionRun),
  undoActionRun: route('PUT', '/action-runs/{runId}/reversal', {
    summary: 'Take a finished action back, from its receipt',
    needs: 'actions.run',
  })
    .input(byRun)
    .output(ActionRun),
  checkActionRun: route('POST', '/action-runs/{runId}/checks', {
    summary: 'Look in Okta whether a run without an answer took effect',
    needs: 'actions.run',
  })
    .input(byRun)
    .output(ActionRun),
  settleActionRun: route('PUT', '/action-runs/{runId}/resolution', {
    summary: 'Say by hand how a run without an answer ended',
    needs: 'actions.run',
  })
    .input(z.object({ runId: idOf('run'), outcome: z.enum(['done', 'not_done']), note: z.string().max(500) }))
    .output(ActionRun),
}
