/** Contract to verbs, a line each. */
import { implement } from '@orpc/server'
import { authorized } from '#accounts'
import type { CallContext } from '#platform'
import * as connections from './connections.ts'
import { okta } from './contract.ts'
import { getOktaUserState } from './live.ts'
import { startImport } from './sync/import.ts'

export function oktaRoutes() {
  const os = implement(okta).$context<CallContext>().use(authorized)
  return os.router({
    listOktaConnections: os.listOktaConnections.handler(async ({ context }) => ({
      items: await connections.listConnections(context.ctx),
    })),
    createOktaConnection: os.createOktaConnection.handler(({ context, input }) =>
      connections.createConnection(context.ctx, input),
    ),
    setOktaCredentials: os.setOktaCredentials.handler(({ context, input: { connectionId, ...given } }) =>
      connections.setCredentials(context.ctx, connectionId, given),
    ),
    checkOktaConnection: os.checkOktaConnection.handler(({ context, input }) =>
      connections.checkConnection(context.ctx, input.connectionId),
    ),
    deleteOktaConnection: os.deleteOktaConnection.handler(async ({ context, input }) => {
      await connections.deleteConnection(context.ctx, input.connectionId)
      return {}
    }),
    startOktaImport: os.startOktaImport.handler(({ context, input }) =>
      startImport(context.ctx, input.connectionId),
    ),
    getOktaUserState: os.getOktaUserState.handler(({ context, input }) =>
      getOktaUserState(context.ctx, input.personId),
    ),
  })
}
