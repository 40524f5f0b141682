/** Contract to verbs, a line each. */
import { implement } from '@orpc/server'
import { authorized } from '#accounts'
import type { Catalogue } from '#actions'
import type { CallContext } from '#platform'
import { desk } from './contract.ts'
import * as requests from './requests.ts'

export function deskRoutes(catalogue: Catalogue) {
  const os = implement(desk).$context<CallContext>().use(authorized)
  return os.router({
    listServices: os.listServices.handler(async ({ context }) => ({
      items: await requests.listServices(context.ctx, catalogue),
    })),
    listRequestableGroups: os.listRequestableGroups.handler(async ({ context, input }) => ({
      items: await requests.listRequestableGroups(context.ctx, input.search),
    })),
    submitRequest: os.submitRequest.handler(({ context, input }) =>
      requests.submitRequest(context.ctx, catalogue, input),
    ),
    listRequests: os.listRequests.handler(({ context, input }) => requests.listRequests(context.ctx, input)),
    getRequest: os.getRequest.handler(({ context, input }) =>
      requests.getRequest(context.ctx, catalogue, input.number),
    ),
    postMessage: os.postMessage.handler(({ context, input }) =>
      requests.postMessage(context.ctx, catalogue, input),
    ),
    setAssignee: os.setAssignee.handler(({ context, input }) =>
      requests.setAssignee(context.ctx, catalogue, input.number, input.memberId),
    ),
    closeRequest: os.closeRequest.handler(({ context, input }) =>
      requests.closeRequest(context.ctx, catalogue, input.number),
    ),
    reopenRequest: os.reopenRequest.handler(({ context, input }) =>
      requests.reopenRequest(context.ctx, catalogue, input.number),
    ),
  })
}
