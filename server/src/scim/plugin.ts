/**
 * `/scim/v2/{workspace}`, as one encapsulated Fastify plugin. Every request of every method comes in by
 * the same door: the hook that authenticates runs before the body is read, and nothing below is routed
 * by anything else, so there is no spelling of a path that goes round it.
 */
import { ScimError, unauthorized } from '@keydesk/scim'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Platform } from '#platform'
import { authenticate, type Caller } from './caller.ts'
import { endpoints } from './endpoints.ts'
import { answerOf } from './errors.ts'
import { type Answer, findEndpoint, type Method, readPath, readQuery, routeOf } from './http.ts'
import { readBody } from './read-body.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before anything of a SCIM request is looked at; null for a stranger. */
    scimCaller: Caller | null
  }
}

const BODY_LIMIT = 1024 * 1024
const CONTENT_TYPE = 'application/scim+json; charset=utf-8'

export function scimPlugin(
  app: FastifyInstance,
  { platform }: { platform: Platform },
  done: () => void,
): void {
  // The body stays bytes here: `readBody` looks at its type once, by an exact list.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
    async (_: unknown, body: Buffer) => body,
  )
  app.decorateRequest('scimCaller', null)

  app.addHook('onRequest', async (request) => {
    request.scimCaller = await authenticate(platform, request, readPath(app.prefix, request.raw.url).slug)
  })
  app.setErrorHandler((error, request, reply) => send(reply, answerOf(error, platform, request)))

  const door = async (request: FastifyRequest, reply: FastifyReply) =>
    send(reply, await answer(app.prefix, request))
  app.setNotFoundHandler(door)
  app.all('/', door)
  app.all('/*', door)
  done()
}

async function answer(prefix: string, request: FastifyRequest): Promise<Answer> {
  const caller = request.scimCaller
  if (!caller) throw unauthorized()
  const path = readPath(prefix, request.raw.url)
  const found = findEndpoint(endpoints, path)
  if (!found)
    throw new ScimError(undefined, `There is no endpoint ${routeOf(path)}. /ResourceTypes lists them.`, 404)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const handler = found.endpoint.methods[method as Method]
  if (!handler) {
    const allow = Object.keys(found.endpoint.methods).join(', ')
    return {
      ...answerOf(new ScimError(undefined, `${routeOf(path)} does not take ${method}, only ${allow}.`, 405)),
      headers: { allow },
    }
  }
  return handler({
    ...caller,
    id: found.id,
    query: readQuery(request.query),
    body: () => readBody(request),
    ifMatch: request.headers['if-match'],
    ifNoneMatch: request.headers['if-none-match'],
    tolerated: (deviations) => noteTolerated(request, caller, deviations),
  })
}

// Names of attributes only, never values: what a client sends that the RFC does not allow.
function noteTolerated(request: FastifyRequest, { ctx }: Caller, deviations: readonly string[]): void {
  if (deviations.length === 0) return
  ctx.platform.log.info('scim.tolerated', {
    tenantId: ctx.tenantId,
    actorId: ctx.actor.id,
    method: request.method,
    path: request.raw.url?.split('?')[0],
    count: deviations.length,
    name: deviations.join(' '),
  })
}

function send(reply: FastifyReply, { status, body, headers = {} }: Answer): FastifyReply {
  reply.status(status).headers({ ...headers, 'cache-control': 'no-store' })
  if (body === undefined) return reply.send()
  return reply.header('content-type', CONTENT_TYPE).send(JSON.stringify(body))
}
