/** Contract to verbs, a line each. */
import { implement } from '@orpc/server'
import { authorized } from '#accounts'
import type { CallContext } from '#platform'
import type { Catalogue } from './catalogue.ts'
import { actions } from './contract.ts'
import { reconcile, settleByHand } from './journal.ts'
import * as runs from './runs.ts'

/** @param describe tells of a request why an action is wanted */
export function actionRoutes(catalogue: Catalogue, describe: runs.DescribeRequest) {
  const os = implement(actions).$context<CallContext>().use(authorized)
  return os.router({
    listActions: os.listActions.handler(async ({ context }) => ({
      items: await runs.listActions(context.ctx, catalogue),
    })),
    setGate: os.setGate.handler(({ context, input }) =>
      runs.setGate(context.ctx, catalogue, input.actionId, input.gate),
    ),
    planAction: os.planAction.handler(({ context, input }) => runs.planAction(context.ctx, catalogue, input)),
    runAction: os.runAction.handler(({ context, input }) =>
      runs.runAction(context.ctx, catalogue, input, describe),
    ),
    listActionRuns: os.listActionRuns.handler(async ({ context, input }) => ({
      items: await runs.listRuns(context.ctx, catalogue, input),
    })),
    getActionRun: os.getActionRun.handler(({ context, input }) =>
      runs.getRun(context.ctx, catalogue, input.runId),
    ),
    undoActionRun: os.undoActionRun.handler(({ context, input }) =>
      runs.undoRun(context.ctx, catalogue, input.runId),
    ),
    checkActionRun: os.checkActionRun.handler(async ({ context, input }) => {
      await reconcile(context.ctx, catalogue, input.runId)
      return runs.getRun(context.ctx, catalogue, input.runId)
    }),
    settleActionRun: os.settleActionRun.handler(async ({ context, input: { runId, ...input } }) => {
      await settleByHand(context.ctx, runId, input)
      return runs.getRun(context.ctx, catalogue, runId)
    }),
  })
}
