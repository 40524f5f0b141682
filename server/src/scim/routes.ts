/** Contract to verbs, a line each. */
import { implement } from '@orpc/server'
import { authorized } from '#accounts'
import type { CallContext } from '#platform'
import { getMemberAccess } from './access.ts'
import { getCall, listCalls } from './call-list.ts'
import * as connections from './connections.ts'
import { scim } from './contract.ts'
import * as schemas from './extension-schemas.ts'
import { getMemberHistory } from './history.ts'
import { decideHolds, listHolds } from './holds.ts'
import { replayFor } from './replay.ts'
import { endShadow, getShadow, startShadow } from './shadow.ts'

export function scimRoutes() {
  const os = implement(scim).$context<CallContext>().use(authorized)
  return os.router({
    listConnections: os.listConnections.handler(async ({ context }) => ({
      items: await connections.listConnections(context.ctx),
    })),
    createConnection: os.createConnection.handler(({ context, input }) =>
      connections.createConnection(context.ctx, input),
    ),
    getConnection: os.getConnection.handler(({ context, input }) =>
      connections.getConnection(context.ctx, input.connectionId),
    ),
    updateConnection: os.updateConnection.handler(({ context, input: { connectionId, ...input } }) =>
      connections.updateConnection(context.ctx, connectionId, input),
    ),
    removeConnection: os.removeConnection.handler(async ({ context, input }) => {
      await connections.removeConnection(context.ctx, input.connectionId)
      return {}
    }),

    listCalls: os.listCalls.handler(({ context, input }) => listCalls(context.ctx, input)),
    getCall: os.getCall.handler(({ context, input }) => getCall(context.ctx, input.callId)),

    listHolds: os.listHolds.handler(async ({ context, input }) => ({
      items: await listHolds(context.ctx, input.connectionId, input.state),
    })),
    decideHolds: os.decideHolds.handler(async ({ context, input }) => ({
      items: await decideHolds(context.ctx, input, replayFor(context.ctx, input.connectionId)),
    })),

    startShadow: os.startShadow.handler(async ({ context, input }) => {
      await startShadow(context.ctx, input.connectionId)
      return connections.getConnection(context.ctx, input.connectionId)
    }),
    getShadow: os.getShadow.handler(({ context, input }) => getShadow(context.ctx, input.connectionId)),
    endShadow: os.endShadow.handler(async ({ context, input }) => {
      await endShadow(context.ctx, input.connectionId, input.keep)
      return connections.getConnection(context.ctx, input.connectionId)
    }),

    listSchemas: os.listSchemas.handler(async ({ context }) => ({
      items: await schemas.listSchemas(context.ctx),
    })),
    addSchema: os.addSchema.handler(({ context, input }) => schemas.addSchema(context.ctx, input)),
    removeSchema: os.removeSchema.handler(async ({ context, input }) => {
      await schemas.removeSchema(context.ctx, input.schemaId)
      return {}
    }),

    getMemberAccess: os.getMemberAccess.handler(({ context, input }) =>
      getMemberAccess(context.ctx, input.memberId),
    ),
    getMemberHistory: os.getMemberHistory.handler(async ({ context, input }) => ({
      items: await getMemberHistory(context.ctx, input.memberId, input.limit),
    })),
  })
}
