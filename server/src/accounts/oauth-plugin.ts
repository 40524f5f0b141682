/**
 * OAuth over HTTP: `/oauth/token`, `/oauth/revoke`, `/oauth/authorize` and the description of all three
 * (RFC 8414). Programs are answered in JSON by RFC 6749 §5.2, people with a page.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError, type Context, messageOf, type Platform, systemContext, type Tx, transact } from '#platform'
import { identify } from './authenticate.ts'
import { openBuckets } from './buckets.ts'
import { readBasic, soleAuthorization } from './credentials.ts'
import { neighbourhood } from './networks.ts'
import { grantCode, grantToken, type OauthAnswer, revokeByClient, SCOPE } from './oauth.ts'
import { endpointsOf, findKnownClient, provesClient, readClientId } from './oauth-clients.ts'
import { consentPage, pagePolicy, refusalPage } from './oauth-page.ts'
import { refuseToReach } from './raising.ts'

const FORM = 'application/x-www-form-urlencoded'
const FORM_LIMIT = 16 * 1024

/**
 * What one client may ask from one address, and what one address may get wrong: both come back with time.
 * Many customers of a provider call from the same addresses, so one of them does not use up another's.
 */
const requests = openBuckets(30, 1)
const failures = openBuckets(200, 2)

type Fields = Record<string, string>

export function oauthPlugin(
  app: FastifyInstance,
  { platform }: { platform: Platform },
  done: () => void,
): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    FORM,
    { parseAs: 'string', bodyLimit: FORM_LIMIT },
    async (_: unknown, body: string) => readFields(body),
  )
  app.setErrorHandler((error, request, reply) => answerFault(platform, error, request, reply))

  app.get('/.well-known/oauth-authorization-server', (_request, reply) => reply.send(metadataOf(platform)))
  app.post('/oauth/token', async (request, reply) => {
    refuseRush(platform, request)
    const { tenantId, fields, clientId } = readClient(request)
    requests.take(platform, rushKey(request, clientId))
    const headers = headersOf(request)
    return answerProgram(
      reply,
      noteRefusal(
        platform,
        request,
        await transact(systemContext(platform, tenantId), (tx) => grantToken(tx, { headers, body: fields })),
      ),
    )
  })
  app.post('/oauth/revoke', async (request, reply) => {
    refuseRush(platform, request)
    const client = readClient(request)
    requests.take(platform, rushKey(request, client.clientId))
    return answerProgram(reply, noteRefusal(platform, request, await revoke(platform, client)))
  })
  for (const path of ['/oauth/token', '/oauth/revoke'])
    app.get(path, () => {
      throw new OauthRefusal('invalid_request', `${path} takes POST only.`, 405, { allow: 'POST' })
    })

  app.get('/oauth/authorize', async (request, reply) => {
    const ctx = await identify(platform, request)
    if (!ctx?.principal?.sessionId) return askToSignIn(request, reply)
    const fields = readFields(request.raw.url?.split('?')[1] ?? '')
    const asker = await mayAnswer(ctx, fields)
    if (typeof asker === 'string') return sayNo(reply, 403, asker)
    return ask(ctx, asker, fields, reply)
  })
  app.post('/oauth/authorize', async (request, reply) => {
    refuseOtherPages(platform, request)
    const ctx = await identify(platform, request)
    if (!ctx?.principal?.sessionId)
      return sayNo(reply, 403, 'Your session has ended. Begin again where you came from.')
    const { decision, ...fields } = fieldsOf(request)
    const asker = await mayAnswer(ctx, fields)
    if (typeof asker === 'string') return sayNo(reply, 403, asker)
    const body = { ...fields, allowed: decision === 'allow' ? 'true' : 'false' }
    const answer = await transact(ctx, (tx) => grantCode(tx, { headers: {}, body }, asker.memberId, true))
    return answerBrowser(reply, answer)
  })
  done()
}

/** Why a program is refused, in the words of RFC 6749 §5.2. */
class OauthRefusal extends Error {
  readonly code: string
  readonly status: number
  readonly headers: Record<string, string>

  constructor(code: string, message: string, status = 400, headers: Record<string, string> = {}) {
    super(message)
    this.code = code
    this.status = status
    this.headers = headers
  }
}

/** RFC 8414 §2. */
function metadataOf(platform: Platform): object {
  const { tokenUrl, authorizeUrl, revokeUrl } = endpointsOf(platform)
  const byClient = ['client_secret_basic', 'client_secret_post', 'none']
  return {
    issuer: platform.config.publicUrl,
    authorization_endpoint: authorizeUrl,
    token_endpoint: tokenUrl,
    revocation_endpoint: revokeUrl,
    scopes_supported: [SCOPE],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
    token_endpoint_auth_methods_supported: byClient,
    revocation_endpoint_auth_methods_supported: byClient,
    code_challenge_methods_supported: ['S256'],
  }
}

/**
 * A form or a query as fields.
 * @throws OauthRefusal for a parameter that comes twice (RFC 6749 §3.1)
 */
function readFields(text: string): Fields {
  const fields: Fields = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    if (name in fields) throw new OauthRefusal('invalid_request', `Give ${name.slice(0, 40)} once.`)
    fields[name] = value
  }
  return fields
}

function fieldsOf({ body }: FastifyRequest): Fields {
  if (!body || typeof body !== 'object')
    throw new OauthRefusal('invalid_request', `Send the parameters as ${FORM}.`)
  return body as Fields
}

interface Client {
  tenantId: string
  clientId: string
  /** Empty for a client that has none. */
  secret: string
  fields: Fields
}

/** Who calls, as it says itself, by the two ways of RFC 6749 §2.3.1. */
function readClient(request: FastifyRequest): Client {
  const fields = fieldsOf(request)
  const authorization = soleAuthorization(request)
  if (request.headers.authorization !== undefined && !authorization)
    throw new OauthRefusal('invalid_request', 'Send one Authorization header.')
  const basic = authorization === undefined ? undefined : readBasic(authorization)
  const clientId = basic?.userName ?? fields['client_id'] ?? ''
  const named = readClientId(clientId)
  const isTwice = basic !== undefined && fields['client_secret'] !== undefined
  if (isTwice) throw new OauthRefusal('invalid_request', 'Send the client secret in one way.')
  if (!named || (authorization !== undefined && !basic)) throw unknownClient()
  const secret = basic?.password ?? fields['client_secret'] ?? ''
  return { tenantId: named.tenantId, clientId, secret, fields }
}

function unknownClient(): OauthRefusal {
  return new OauthRefusal('invalid_client', 'Client id and secret are not known here.', 401, CHALLENGE)
}

const CHALLENGE = { 'www-authenticate': 'Basic realm="OAuth", charset="UTF-8"' }

// The library reads the Authorization header and the type of the body, and needs nothing else.
function headersOf({ headers }: FastifyRequest): Record<string, string> {
  const { authorization } = headers
  return {
    'content-type': FORM,
    'content-length': '1',
    ...(authorization === undefined ? {} : { authorization }),
  }
}

async function revoke(
  platform: Platform,
  { tenantId, clientId, secret, fields }: Client,
): Promise<OauthAnswer> {
  const token = fields['token']
  if (!token) throw new OauthRefusal('invalid_request', 'Missing parameter: `token`')
  const done = await transact(systemContext(platform, tenantId), async (tx) => {
    const client = await findKnownClient(tx, clientId)
    if (!provesClient(platform, client, secret) || !client) throw unknownClient()
    return revokeByClient(tx, client, token)
  })
  if (!done) throw new OauthRefusal('invalid_grant', 'The token was given to another client.')
  return { status: 200, headers: {}, body: {}, refused: undefined }
}

function refuseRush(platform: Platform, request: FastifyRequest): void {
  const name = readBasic(soleAuthorization(request) ?? '')?.userName
  const clientId = name ?? (request.body as Fields | null)?.['client_id'] ?? ''
  const seconds = Math.max(
    failures.wait(platform, neighbourhood(request.ip)),
    requests.wait(platform, rushKey(request, clientId)),
  )
  if (seconds > 0)
    throw new OauthRefusal('temporarily_unavailable', `Too many requests. Wait ${seconds} seconds.`, 429, {
      'retry-after': String(seconds),
    })
}

function rushKey(request: FastifyRequest, clientId: string): string {
  return `${neighbourhood(request.ip)} ${clientId.slice(0, 100)}`
}

function noteRefusal(platform: Platform, request: FastifyRequest, answer: OauthAnswer): OauthAnswer {
  if (answer.refused !== undefined) failures.take(platform, neighbourhood(request.ip))
  return answer
}

function answerProgram(reply: FastifyReply, answer: OauthAnswer): FastifyReply {
  const isUnknown = answer.refused === 'invalid_client'
  return reply
    .status(isUnknown ? 401 : answer.status)
    .headers({ ...(isUnknown ? CHALLENGE : {}), 'cache-control': 'no-store', pragma: 'no-cache' })
    .send(answer.body)
}

/** Who is asked, and for which connection. */
interface Asker {
  memberId: string
  client: string
}

/** @returns a sentence when the one who is signed in cannot answer for this client */
async function mayAnswer(ctx: Context, fields: Fields): Promise<Asker | string> {
  const memberId = ctx.principal?.memberId
  const named = readClientId(fields['client_id'] ?? '')
  if (!named) return 'The program that sent you here is not known. Check its client id.'
  if (named.tenantId !== ctx.tenantId)
    return 'You are signed in to another workspace than this program asks for. Sign out and begin again.'
  if (!memberId || !ctx.principal?.permissions.has('tokens.manage'))
    return 'Your roles do not allow this. It needs the permission tokens.manage; ask an owner to answer.'
  return transact(ctx, async (tx) => {
    const client = await findKnownClient(tx, fields['client_id'] ?? '')
    if (!client) return 'The program that sent you here is not known. Check its client id.'
    const refusal = await refuseToReach(tx, client.user).then(() => undefined, sentenceOfRefusal)
    return refusal ?? { memberId, client: client.user.name }
  })
}

function sentenceOfRefusal(error: unknown): string {
  if (error instanceof AppError) return error.message
  throw error
}

async function ask(ctx: Context, asker: Asker, fields: Fields, reply: FastifyReply): Promise<FastifyReply> {
  const { answer, workspace } = await transact(ctx, async (tx) => ({
    answer: await grantCode(tx, { headers: {}, body: { ...fields } }, asker.memberId, false),
    workspace: await nameOf(tx),
  }))
  if (answer.refused !== undefined) return answerBrowser(reply, answer)
  const redirectUri = answer.headers['location'] ?? ''
  return answerPage(
    reply,
    200,
    consentPage({ client: asker.client, workspace, member: ctx.actor.name, redirectUri, fields }),
    redirectUri,
  )
}

async function nameOf(tx: Tx): Promise<string> {
  const { name } = await tx.db
    .selectFrom('tenants')
    .select('name')
    .where('id', '=', tx.tenantId)
    .executeTakeFirstOrThrow()
  return name
}

// RFC 6749 §4.1.2.1: without a client or an address that is known, the browser is led nowhere.
function answerBrowser(reply: FastifyReply, answer: OauthAnswer): FastifyReply {
  const { location } = answer.headers
  if (location) return reply.status(303).headers({ location, 'cache-control': 'no-store' }).send()
  return sayNo(
    reply,
    400,
    NOWHERE[answer.refused ?? ''] ?? 'The program that sent you here asked in a way that cannot be read.',
  )
}

const COMPARE =
  'Compare it, letter by letter, with the OAuth client of the connection under Settings, Provisioning.'

const NOWHERE: Record<string, string> = {
  invalid_client: `The program wants the answer at an address that is not registered for it. ${COMPARE}`,
  unauthorized_client: `The program has no address registered to which an answer may go. ${COMPARE}`,
}

function askToSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const to = encodeURIComponent(request.raw.url ?? '/')
  return reply
    .status(302)
    .headers({ location: `/sign-in?to=${to}`, 'cache-control': 'no-store' })
    .send()
}

// Stricter than the API: only a form on our own page brings an answer, and every browser says where it is from.
function refuseOtherPages(platform: Platform, request: FastifyRequest): void {
  const { origin } = request.headers
  const site = request.headers['sec-fetch-site']
  const own = [new URL(platform.config.publicUrl).origin, `${request.protocol}://${request.host}`]
  if (site === 'same-origin' || (site === undefined && origin !== undefined && own.includes(origin))) return
  throw new AppError('forbidden', 'This answer did not come from Keydesk. Begin again where you came from.')
}

function sayNo(reply: FastifyReply, status: number, sentence: string): FastifyReply {
  return answerPage(reply, status, refusalPage('This cannot be allowed', sentence))
}

function answerPage(reply: FastifyReply, status: number, html: string, redirectUri?: string): FastifyReply {
  return reply
    .status(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': pagePolicy(redirectUri),
      // The form must tell us that it is ours; other sites learn nothing.
      'referrer-policy': 'same-origin',
    })
    .send(html)
}

function answerFault(
  platform: Platform,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = (error as { status?: number; statusCode?: number }).status ?? statusOf(error)
  if (status >= 500) platform.log.error('oauth.failed', { path: request.routeOptions.url, error })
  if (error instanceof OauthRefusal && status === 401) failures.take(platform, neighbourhood(request.ip))
  const told = status >= 500 ? 'Keydesk failed at this. It is logged; try again.' : messageOf(error)
  if (request.routeOptions.url === '/oauth/authorize') return sayNo(reply, status, told)
  const code = error instanceof OauthRefusal ? error.code : status >= 500 ? 'server_error' : 'invalid_request'
  return reply
    .status(status)
    .headers({ ...(error instanceof OauthRefusal ? error.headers : {}), 'cache-control': 'no-store' })
    .send({ error: code, error_description: told })
}

function statusOf(error: unknown): number {
  const status = (error as { statusCode?: unknown }).statusCode
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500
}
