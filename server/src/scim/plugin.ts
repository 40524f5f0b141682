/**
 * `/scim/v2/{workspace}`, as one encapsulated Fastify plugin. Every request of every method comes in by
 * the same door: the hook that authenticates runs before the body is read, and nothing below is routed
 * by anything else, so there is no spelling of a path that goes round it.
 */
import { setImmediate } from 'node:timers/promises'
import { ScimError, unauthorized } from '@keydesk/scim'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { BrokenUrls, Platform } from '#platform'
import { HeldBack } from './brake.ts'
import { authenticate, type Caller, CallerRefused, tenantIdOf } from './caller.ts'
import { recordCall } from './calls.ts'
import { publicConfig } from './discovery.ts'
import { MethodNotAllowed, perform } from './dispatch.ts'
import { answerOf } from './errors.ts'
import { userTypeOf } from './extension-schemas.ts'
import { type Foreseen, foresee } from './foresee.ts'
import { type Answer, type Method, readPath, readQuery } from './http.ts'
import { readBody } from './read-body.ts'

/** What is known of an exchange until it is answered and written into the log. */
interface Exchange {
  at: number
  slug: string | undefined
  segments: string[] | undefined
  caller: Caller | null
  /** Who tried, when the credential was good once. */
  refused: CallerRefused | null
  foreseen: Foreseen | undefined
  deviations: string[]
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before anything of a SCIM request is looked at. */
    scim: Exchange | null
  }
}

/** Groups can have tens of thousands of members, and some clients send all of them each time. */
const BODY_LIMIT = 6 * 1024 * 1024
/** Reading so much takes milliseconds: of such bodies one is read in a turn of the event loop. */
const LARGE_BODY = 256 * 1024
const CONTENT_TYPE = 'application/scim+json; charset=utf-8'

/** A URL that cannot be decoded never comes to the plugin, and is refused in SCIM all the same. */
export const scimBrokenUrls: BrokenUrls = [
  {
    prefix: '/scim',
    answer: (reply, message) => {
      const { status, body } = answerOf(new ScimError('invalidSyntax', `The URL cannot be read: ${message}.`))
      reply
        .status(status)
        .headers({ 'content-type': CONTENT_TYPE, 'cache-control': 'no-store' })
        .send(JSON.stringify(body))
    },
  },
]

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
    async (_: unknown, body: Buffer) => {
      if (body.length > LARGE_BODY) await ownTurn()
      return body
    },
  )
  app.decorateRequest('scim', null)
  app.unreadable.set(app.prefix, (status, detail) => ({
    type: CONTENT_TYPE,
    body: JSON.stringify(new ScimError(status === 400 ? 'invalidSyntax' : undefined, detail, status)),
  }))

  app.addHook('onRequest', async (request) => {
    const { slug, segments } = readPath(app.prefix, request.raw.url)
    const { method, headers, query } = request
    const asked = {
      method,
      authorization: headers.authorization,
      segments,
      query: query as Record<string, unknown>,
    }
    const exchange: Exchange = {
      at: Date.now(),
      slug,
      segments,
      caller: null,
      refused: null,
      foreseen: foresee(platform, asked),
      deviations: [],
    }
    request.scim = exchange
    try {
      exchange.caller = await authenticate(platform, request, slug)
    } catch (error) {
      if (error instanceof CallerRefused) exchange.refused = error
      if (!isPublic(request, exchange)) throw error
    }
  })
  app.setErrorHandler((error, request, reply) => {
    const answer = answerOf(error, platform, request)
    return finish(platform, request, reply, withAllow(error, answer), error instanceof HeldBack)
  })

  const door = async (request: FastifyRequest, reply: FastifyReply) =>
    finish(platform, request, reply, await answer(platform, request))
  app.setNotFoundHandler(door)
  // What protects pages is of no use to a program, and costs more than the rest of an answer.
  app.all('/', { helmet: false }, door)
  app.all('/*', { helmet: false }, door)
  done()
}

let turns = Promise.resolve()

function ownTurn(): Promise<void> {
  turns = turns.then(() => setImmediate())
  return turns
}

// RFC 7643 §5: a client has to be able to see how to authenticate before it does.
function isPublic({ method }: FastifyRequest, { segments, slug }: Exchange): boolean {
  return method === 'GET' && slug !== undefined && segments?.join('/') === 'ServiceProviderConfig'
}

async function answer(platform: Platform, request: FastifyRequest): Promise<Answer> {
  const { scim: exchange } = request
  if (!exchange?.caller) {
    if (exchange?.slug && isPublic(request, exchange)) return publicConfig(platform, exchange.slug)
    throw unauthorized()
  }
  const { caller, segments } = exchange
  return perform(
    {
      ...caller,
      method: (request.method === 'HEAD' ? 'GET' : request.method) as Method,
      query: readQuery(request.query),
      body: () => readBody(request, segments?.[0]),
      userType: await userTypeOf(platform, caller.homeTenantId),
      foreseen: exchange.foreseen,
      ifMatch: request.headers['if-match'],
      ifNoneMatch: request.headers['if-none-match'],
      userAgent: request.headers['user-agent'],
      isReleased: false,
      tolerated: (deviations) => exchange.deviations.push(...deviations),
    },
    segments,
    pathOf(request, exchange),
  )
}

function withAllow(error: unknown, told: Answer): Answer {
  if (!(error instanceof MethodNotAllowed)) return told
  return { ...told, headers: { ...told.headers, allow: error.allow } }
}

function finish(
  platform: Platform,
  request: FastifyRequest,
  reply: FastifyReply,
  told: Answer,
  held = false,
): FastifyReply {
  const text = told.text ?? (told.body === undefined ? null : JSON.stringify(told.body))
  note(platform, request, told, text, held)
  reply
    .status(told.status)
    .headers({ ...told.headers, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  return text === null ? reply.send() : reply.header('content-type', CONTENT_TYPE).send(text)
}

/**
 * Writes down that somebody knocked without a valid credential: it is how a mistyped token is found. Nothing
 * that was sent is kept but the path. Beyond a few, an address is answered 429 at the door, and not noted.
 */
async function noteStranger(platform: Platform, request: FastifyRequest, exchange: Exchange): Promise<void> {
  try {
    const tenantId = exchange.slug && (await tenantIdOf(platform, exchange.slug))
    if (!tenantId) return
    recordCall(platform, {
      tenantId,
      serviceUserId: null,
      at: new Date(exchange.at),
      method: request.method,
      path: pathOf(request, exchange).split('?', 1)[0] ?? '/',
      status: 401,
      milliseconds: Date.now() - exchange.at,
      memberId: null,
      roleId: null,
      subject: null,
      request: null,
      answer: null,
      deviations: [],
      shadow: false,
      held: false,
      ip: request.ip,
      userAgent: request.headers['user-agent'] ?? null,
    })
  } catch (error) {
    platform.log.error('scim.log_failed', { error })
  }
}

/** Writes the call into the log of its connection. */
function note(
  platform: Platform,
  request: FastifyRequest,
  { status, about }: Answer,
  text: string | null,
  held: boolean,
): void {
  const exchange = request.scim
  const { caller, refused } = exchange ?? {}
  const tenantId = caller?.homeTenantId ?? refused?.homeTenantId
  if (exchange && !tenantId && status === 401) void noteStranger(platform, request, exchange)
  if (!exchange || !tenantId) return
  recordCall(platform, {
    tenantId,
    serviceUserId: caller?.by.serviceUserId ?? refused?.serviceUserId ?? null,
    at: new Date(exchange.at),
    method: request.method,
    path: pathOf(request, exchange),
    status,
    milliseconds: Date.now() - exchange.at,
    memberId: about?.memberId ?? null,
    roleId: about?.roleId ?? null,
    subject: about?.name ?? null,
    request: request.body instanceof Buffer ? request.body.toString('utf8') : null,
    answer: text,
    deviations: exchange.deviations,
    shadow: caller?.shadow ?? false,
    held,
    reason: refused?.why ?? null,
    ip: request.ip,
    userAgent: request.headers['user-agent'] ?? null,
  })
}

/** Below the workspace in its plain form, with its query as it came. */
function pathOf({ raw }: FastifyRequest, { segments }: Exchange): string {
  const url = raw.url ?? ''
  const at = url.indexOf('?')
  const query = at < 0 ? '' : url.slice(at)
  return `/${(segments ?? ['…']).map(encodeURIComponent).join('/')}${query}`
}
