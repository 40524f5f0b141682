/** Somebody at the desk in tests: a token with permissions, over the real API, beside the real SCIM plugin. */
import type { FastifyInstance } from 'fastify'
import { createServiceUser, createToken, identify, PERMISSIONS, type Permission } from '#accounts'
import { type Context, createHttpServer, mountApi } from '#platform'
import { flushCalls } from './calls.ts'
import { scimPlugin, scimRoutes } from './index.ts'
import { type Body, test as base, type Client, connect } from './test-client.ts'

export interface Desk {
  call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<{ status: number; body: Body }>
}

export async function deskOf(
  app: FastifyInstance,
  ctx: Context,
  permissions: readonly Permission[] = Object.keys(PERMISSIONS) as Permission[],
): Promise<Desk> {
  const user = await createServiceUser(ctx, {
    name: 'Desk',
    kind: 'api',
    permissions: [...permissions],
    defaultRoleId: null,
  })
  const { token } = await createToken(ctx, user.id, null)
  return {
    async call(method, path, body) {
      // What was called a moment ago is in the log.
      await flushCalls(ctx.platform)
      const reply = await app.inject({
        method,
        url: `/api/v1${path}`,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { payload: JSON.stringify(body) } : {}),
      })
      return { status: reply.statusCode, body: JSON.parse(reply.body) }
    },
  }
}

export const test = base
  .extend<{ app: FastifyInstance }>({
    app: [
      async ({ platform }, use) => {
        const app = await createHttpServer(platform)
        mountApi(app, platform, { scim: scimRoutes() }, (request) => identify(platform, request))
        await app.register(scimPlugin, { prefix: '/scim/v2', platform })
        await app.ready()
        await use(app)
        await app.close()
      },
      { scope: 'file' },
    ],
  })
  .extend<{ desk: Desk; scim: Client }>({
    desk: async ({ app, ctx }, use) => use(await deskOf(app, ctx)),
    scim: async ({ app, ctx }, use) => use(await connect(app, ctx)),
  })
