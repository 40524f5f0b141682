/**
 * The HTTP server below every route: limits, headers, one error shape, health and metrics.
 * `mountApi` puts an oRPC router at `/api/v1`; SCIM, webhooks and files are plain Fastify plugins.
 */
import type { Socket } from 'node:net'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import { ORPCError } from '@orpc/contract'
import { OpenAPIHandler } from '@orpc/openapi/fastify'
import { type AnyRouter, onError } from '@orpc/server'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Context } from './context.ts'
import type { Problem } from './contract.ts'
import { AppError, messageOf } from './errors.ts'
import { type IdempotencyKey, idempotencyKey } from './idempotency.ts'
import { findAnswer, keepAnswer } from './kept-answers.ts'
import type { Platform } from './platform.ts'

/** An error as its readers expect it. */
interface Refusal {
  type: string
  body: string
}

declare module 'fastify' {
  interface FastifyInstance {
    /** By the beginning of a path, how to say that a request cannot even be read; elsewhere it is a problem. */
    unreadable: Map<string, (status: number, detail: string) => Refusal>
  }
  interface FastifyRequest {
    /** Set for a POST with an Idempotency-Key, once its caller is known. */
    idempotent: { ctx: Context; key: IdempotencyKey } | null
  }
}

/** An oRPC procedure's context: who calls, and the exchange itself for what cookies need. */
export interface CallContext {
  /** Null while nobody is signed in; endpoints that need nobody take `stranger`. */
  ctx: Context | null
  platform: Platform
  httpRequest: FastifyRequest
  reply: FastifyReply
  lastEventId: string | undefined
}

/** What answers a request whose URL cannot be read, by the path it begins with. The rest is a problem like others. */
export type BrokenUrls = readonly { prefix: string; answer: (reply: FastifyReply, message: string) => void }[]

/** A Fastify server with everything that holds for every route. */
export async function createHttpServer(
  platform: Platform,
  brokenUrls: BrokenUrls = [],
): Promise<FastifyInstance> {
  const { config } = platform
  const app = Fastify({
    frameworkErrors: (error, request, untyped) => {
      const reply = untyped as FastifyReply
      const own = brokenUrls.find(({ prefix }) => request.raw.url?.startsWith(`${prefix}/`))
      if (own) return own.answer(reply, error.message)
      const problem = problemOf(error, platform, request)
      reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
    },
    bodyLimit: 1024 * 1024,
    requestTimeout: 30_000,
    connectionTimeout: 0,
    keepAliveTimeout: 65_000,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    routerOptions: { maxParamLength: 500 },
    forceCloseConnections: true,
    // Node would answer these by itself, without a body; the hook below does it in words.
    http: { requireHostHeader: false },
    clientErrorHandler: (error, socket) => refuseUnreadable(app, error, socket),
  })
  app.decorate('unreadable', new Map())
  // What a client expects beyond 100-continue may be ignored (RFC 9110 §10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  app.decorateRequest('idempotent', null)
  // RFC 9112 §3.2. Nothing here is made from the name that a client gives, but proxies may rely on it.
  app.addHook('onRequest', async ({ raw }) => {
    lastPaths.set(raw.socket, raw.url ?? '')
    if (raw.httpVersion === '1.1' && raw.headers.host === undefined)
      throw new AppError('invalid_input', 'A request of HTTP/1.1 names the host.')
  })
  await app.register(cookie)
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
        upgradeInsecureRequests: config.publicUrl.startsWith('https:') ? [] : null,
      },
    },
    strictTransportSecurity: config.publicUrl.startsWith('https:'),
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  })

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown'
    const seconds = reply.elapsedTime / 1000
    platform.metrics.httpSeconds.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      seconds,
    )
    platform.log.debug('http.answered', {
      method: request.method,
      path: request.url.split('?')[0],
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    })
  })
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, platform, request)
    return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
  })

  app.get('/healthz', async (_request, reply) => {
    if (platform.startingUp)
      return reply.status(503).send({ status: 'starting', waitingFor: platform.startingUp })
    return { status: 'ok' }
  })
  app.get('/readyz', async (_request, reply) => {
    const database = await sql`select 1`.execute(platform.db).then(
      () => 'ok',
      () => 'unreachable',
    )
    const ready = database === 'ok' && !platform.startingUp
    return reply.status(ready ? 200 : 503).send({ status: ready ? 'ok' : 'not ready', database })
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type(platform.metrics.registry.contentType).send(await platform.metrics.registry.metrics()),
  )
  return app
}

/**
 * Answers what is no HTTP, or too long to be read, in the shape that the path asks for, and closes.
 * @param error with the bytes that came, as far as Node kept them
 */
function refuseUnreadable(
  app: FastifyInstance,
  error: NodeJS.ErrnoException & { rawPacket?: unknown },
  socket: Socket,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, phrase, detail] = UNREADABLE[error.code ?? ''] ?? [
    400,
    'Bad Request',
    'This is no HTTP request.',
  ]
  const { rawPacket } = error
  const line = Buffer.isBuffer(rawPacket) ? /^\S+ (\S+)/.exec(rawPacket.toString('latin1', 0, 200)) : null
  // What breaks off in its body has been seen before by its head.
  const path = line?.[1] ?? lastPaths.get(socket) ?? ''
  const refuse = [...app.unreadable].find(([prefix]) => path.startsWith(`${prefix}/`))?.[1]
  const { type, body } = refuse?.(status, detail) ?? {
    type: 'application/problem+json',
    body: JSON.stringify(problem('invalid_input', status, detail)),
  }
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\nConnection: close\r\nContent-Type: ${type}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

const lastPaths = new WeakMap<Socket, string>()

const UNREADABLE: Record<string, [status: number, phrase: string, detail: string]> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    'The URL and the headers of a request have 16 KiB together at most. A long filter can be sent to /.search.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request did not arrive in time.'],
}

/**
 * Mounts the API. `identify` says who calls, before anything else is looked at.
 * @param router the implemented oRPC router, whose paths are below `/api/v1`
 */
export function mountApi(
  app: FastifyInstance,
  platform: Platform,
  router: AnyRouter,
  identify: (request: FastifyRequest) => Promise<Context | null>,
): void {
  const handler = new OpenAPIHandler<CallContext>(router, {
    customErrorResponseBodyEncoder: (error) => error.data,
    interceptors: [onError((error) => Promise.reject(asOrpcError(error, platform)))],
    eventIteratorKeepAliveInterval: 15_000,
  })

  app.addHook('onSend', async (request, reply, payload) => {
    if (request.url.startsWith('/api/v1/') && reply.statusCode >= 400) reply.type('application/problem+json')
    const held = request.idempotent
    if (!held?.key.taken || typeof payload !== 'string') return payload
    await keepAnswer(held.ctx, held.key, { status: reply.statusCode, body: payload })
    return payload
  })

  app.all('/api/v1/*', async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const ctx = await identify(request)
    if (ctx && request.method === 'POST') {
      const replayed = await replay(request, reply, ctx)
      if (replayed) return reply
    }
    const call: CallContext = {
      ctx: ctx && request.idempotent ? { ...ctx, idempotency: request.idempotent.key } : ctx,
      platform,
      httpRequest: request,
      reply,
      lastEventId: header(request, 'last-event-id'),
    }
    reply.header('content-type', undefined)
    const { matched } = await handler.handle(request, reply, { prefix: '/api/v1', context: call })
    if (!matched)
      throw new AppError(
        'not_found',
        `There is no endpoint ${request.method} ${request.url.split('?')[0]}. /api/docs lists them all.`,
      )
    return reply
  })
}

async function replay(request: FastifyRequest, reply: FastifyReply, ctx: Context): Promise<boolean> {
  const text = header(request, 'idempotency-key')
  if (!text) return false
  if (!/^[\x21-\x7e]{1,200}$/.test(text))
    throw new AppError(
      'invalid_input',
      'An Idempotency-Key has 1 to 200 printable characters without spaces.',
    )
  const key = idempotencyKey(text, request.method, request.url, request.body)
  const known = await findAnswer(ctx, key)
  if (!known) {
    request.idempotent = { ctx, key }
    return false
  }
  const kind = known.status >= 400 ? 'application/problem+json' : 'application/json'
  await reply.status(known.status).header('idempotency-replayed', 'true').type(kind).send(known.body)
  return true
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function asOrpcError(error: unknown, platform: Platform): ORPCError<string, Problem> {
  const problem = problemOf(error, platform)
  return new ORPCError(problem.code.toUpperCase(), {
    status: problem.status,
    message: problem.detail,
    data: problem,
  })
}

/** RFC 9457 problem details for anything thrown. What is not ours is logged and told as a fault of ours. */
export function problemOf(error: unknown, platform: Platform, request?: FastifyRequest): Problem {
  if (error instanceof AppError) {
    if (error.status >= 500)
      platform.log.error('http.failed', { code: error.code, error: error.cause ?? error })
    return problem(error.code, error.status, error.message, error.facts)
  }
  const issues = issuesOf(error)
  if (issues)
    return problem('invalid_input', 400, issues.map((i) => `${i.path}: ${i.message}`).join(' '), { issues })
  const status =
    (error as { statusCode?: number; status?: number }).statusCode ?? (error as { status?: number }).status
  if (error instanceof Error && status && status >= 400 && status < 500)
    return problem(status === 404 ? 'not_found' : 'invalid_input', status, error.message)
  // Class 22 of SQL: a value that no column can hold, such as a NUL in a text or a number past its range.
  if (/^22[0-9A-Z]{3}$/.test((error as { code?: string }).code ?? '')) {
    platform.log.warn('http.bad_value', { path: request?.url.split('?')[0], errorMessage: messageOf(error) })
    return problem(
      'invalid_input',
      400,
      'A value of this call cannot be kept: a number is too large, or a text holds characters that are none.',
    )
  }
  platform.log.error('http.failed', { path: request?.url.split('?')[0], error })
  return problem(
    'internal',
    500,
    'Keydesk failed at this. It is logged; try again, and tell your administrator if it goes on.',
  )
}

function issuesOf(error: unknown): { path: string; message: string }[] | undefined {
  if (!(error instanceof ORPCError) || error.code !== 'BAD_REQUEST') return undefined
  const data = error.data as
    | { issues?: { message: string; path?: (PropertyKey | { key: PropertyKey })[] }[] }
    | undefined
  return data?.issues?.map((issue) => ({
    path:
      (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.') ||
      'input',
    message: issue.message,
  }))
}

function problem(code: string, status: number, detail: string, facts?: Record<string, unknown>): Problem {
  const title = code.replaceAll('_', ' ')
  return {
    type: `https://keydesk.invalid/problems/${code}`,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    status,
    code,
    detail,
    ...(facts && Object.keys(facts).length > 0 ? { facts } : {}),
  }
}
