/** Contract to verbs, a line each. */
import { implement } from '@orpc/server'
import { authorized } from '#accounts'
import type { CallContext } from '#platform'
import * as verbs from './approvals.ts'
import { approvals } from './contract.ts'

export function approvalRoutes() {
  const os = implement(approvals).$context<CallContext>().use(authorized)
  return os.router({
    listMyApprovals: os.listMyApprovals.handler(async ({ context, input }) => ({
      items: await verbs.listMyApprovals(context.ctx, input.state),
    })),
    getApproval: os.getApproval.handler(({ context, input }) =>
      verbs.getApproval(context.ctx, input.approvalId),
    ),
    decideApproval: os.decideApproval.handler(({ context, input: { approvalId, ...input } }) =>
      verbs.decideApproval(context.ctx, approvalId, input),
    ),
  })
}
