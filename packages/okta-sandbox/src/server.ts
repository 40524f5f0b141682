/**
 * The wire: every answer passes here, in Okta's order. Host, fault, authentication, rate limit, length,
 * scope, handler; then headers, and whatever the fault does to the answer on its way out.
 */
import { randomBytes } from 'node:crypto'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { authenticate, authorise } from './auth/authenticate.ts'
import { errorBody, OktaError, RawAnswer } from './errors.ts'
import { type Fault, strike } from './faults.ts'
import {
  concurrencyHeaders,
  countRequest,
  demandLength,
  epochSeconds,
  rateHeaders,
  tooManyAtOnce,
} from './limits.ts'
import { type Answer, type Call, type Route, SYSTEM, type World } from './world.ts'

export function makeServer(world: World, routes: readonly Route[]): FastifyInstance {
  const app = fastify({
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 300 },
  })
  readBodies(app)
  app.addHook('onRequest', refuseAdminHost)
  const patterns = routes.map((route) => new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}/?$`))
  app.setNotFoundHandler((request, reply) => {
    const known = patterns.some((pattern) => pattern.test(pathOf(request)))
    return sendError(reply, new OktaError(known ? 'E0000022' : 'E0000008'), requestIdOf())
  })
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) =>
    sendError(reply, new OktaError(error.statusCode === 500 ? 'E0000009' : 'E0000003'), requestIdOf()),
  )
  for (const route of routes)
    app.route({
      method: route.method,
      url: route.path,
      handler: (request, reply) => serve(world, route, request, reply),
    })
  return app
}

function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  )
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined)
    try {
      done(null, JSON.parse(String(body)))
    } catch (error) {
      done(Object.assign(error as Error, { statusCode: 400 }))
    }
  })
}

/** The admin console's host answers redirects, not the API. */
async function refuseAdminHost(request: FastifyRequest, reply: FastifyReply) {
  const host = request.headers.host ?? ''
  const plain = host.replace(/^([^.:]+)-admin(?=[.:])/, '$1')
  if (plain !== host) return reply.redirect(`${request.protocol}://${plain}${request.url}`, 302)
}

async function serve(
  world: World,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const requestId = requestIdOf()
  reply.header('x-okta-request-id', requestId)
  const own = isOurs(route.path)
  // Another site's page must not drive this Okta through the visitor's browser.
  if (own && request.headers['sec-fetch-site'] === 'cross-site') return reply.code(403).send()
  const fault = own ? undefined : strike(world.faults, route.method, request.url)
  if (!own) world.requests.set(nameOf(route), (world.requests.get(nameOf(route)) ?? 0) + 1)
  world.limits.inFlight += 1
  try {
    if (fault && (await breakBefore(fault, reply))) return reply
    const call = callOf(world, request, requestId, fault)
    const answer = own
      ? await route.handler({ ...call, actor: SYSTEM })
      : await answerAsOkta(route, call, reply)
    return fault && breakAfter(fault, answer, reply) ? reply : send(reply, answer)
  } catch (error) {
    return sendError(reply, error, requestId)
  } finally {
    world.limits.inFlight -= 1
  }
}

async function answerAsOkta(route: Route, call: Omit<Call, 'actor'>, reply: FastifyReply): Promise<Answer> {
  const { limits } = call.world
  const path = call.path
  demandLength(route.method, call.headers)
  const actor = route.scope === 'open' ? SYSTEM : await authenticate(call)
  if (tooManyAtOnce(limits)) return tooMany(reply, concurrencyHeaders())
  const counted = countRequest(limits, actor.id, route.method, path)
  if (counted) reply.headers(counted.headers)
  if (counted?.exceeded) throw new OktaError('E0000047')
  if (call.fault?.kind === '429')
    return tooMany(reply, rateHeaders(50, 0, epochSeconds() + call.fault.resetSeconds))
  if (call.fault?.kind === 'concurrency-429') return tooMany(reply, concurrencyHeaders())
  if (route.scope !== 'open' && authorise({ ...call, actor }, route) === 'empty') return { body: [] }
  return emptied(call.fault, await route.handler({ ...call, actor }))
}

function tooMany(reply: FastifyReply, headers: Record<string, string>): never {
  reply.headers(headers)
  throw new OktaError('E0000047')
}

// Lists that are not paged (a user's groups) can be emptied too.
function emptied(fault: Fault | undefined, answer: Answer): Answer {
  return fault?.kind === 'empty-list' && Array.isArray(answer.body) ? { ...answer, body: [] } : answer
}

/** Faults that strike before anything is done. True: there will be no answer, or it is already given. */
async function breakBefore(fault: Fault, reply: FastifyReply): Promise<boolean> {
  if (fault.delayMs > 0) await until(reply, fault.delayMs)
  if (fault.kind === 'timeout' || fault.kind === 'cut-before-effect') {
    cut(reply)
    return true
  }
  if (fault.kind === '500') throw new OktaError('E0000009')
  if (fault.kind === 'status') {
    const errorId = `oae${requestIdOf()}`
    const summary = `The sandbox was asked to answer ${fault.status}.`
    const body = {
      errorCode: 'E0000009',
      errorSummary: summary,
      errorLink: 'E0000009',
      errorId,
      errorCauses: [],
    }
    throw new RawAnswer(fault.status, body)
  }
  return false
}

/** Waits, but no longer than the caller does. */
function until(reply: FastifyReply, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    timer.unref()
    reply.raw.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

function cut(reply: FastifyReply): void {
  reply.hijack()
  reply.raw.destroy()
}

/** Faults that let the effect happen and spoil the answer. */
function breakAfter(fault: Fault, answer: Answer, reply: FastifyReply): boolean {
  if (fault.kind === 'cut-after-effect') {
    cut(reply)
    return true
  }
  if (fault.kind !== 'half-body') return false
  const text = JSON.stringify(answer.body ?? {}) ?? ''
  reply.hijack()
  reply.raw.writeHead(answer.status ?? 200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text) + 1,
  })
  reply.raw.write(text.slice(0, Math.ceil(text.length / 2)), () => reply.raw.destroy())
  return true
}

function callOf(world: World, request: FastifyRequest, requestId: string, fault: Fault | undefined) {
  const url = new URL(request.url, 'http://sandbox')
  return {
    world,
    org: world.org,
    method: request.method,
    path: url.pathname,
    base: `${request.protocol}://${request.headers.host ?? '127.0.0.1'}`,
    params: request.params as Record<string, string>,
    query: url.searchParams,
    headers: request.headers,
    body: request.body,
    requestId,
    fault,
  }
}

function send(reply: FastifyReply, { status = 200, body, headers = {} }: Answer): FastifyReply {
  reply.code(status).headers(headers)
  if (body === undefined) return reply.send()
  if (typeof body === 'string') return reply.send(body)
  return reply.type('application/json').send(JSON.stringify(body))
}

function sendError(reply: FastifyReply, error: unknown, requestId: string): FastifyReply {
  reply.header('x-okta-request-id', requestId)
  if (error instanceof RawAnswer) return send(reply, error)
  if (error instanceof OktaError)
    return send(reply, { status: error.status, body: errorBody(error, `oae${requestId.slice(0, 20)}`) })
  process.stderr.write(`okta-sandbox: ${error instanceof Error ? error.stack : String(error)}\n`)
  return send(reply, {
    status: 500,
    body: errorBody(new OktaError('E0000009'), `oae${requestId.slice(0, 20)}`),
  })
}

const isOurs = (path: string) => path.startsWith('/_sandbox') || path.startsWith('/admin') || path === '/'
const nameOf = (route: Route) => `${route.method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`
const pathOf = (request: FastifyRequest) => new URL(request.url, 'http://sandbox').pathname
const requestIdOf = () => randomBytes(16).toString('hex')
