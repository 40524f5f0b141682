import { createHash, randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { expect } from 'vitest'
import { type Context, createHttpServer, type Platform, transact } from '#platform'
import { test as base } from '../../test/tenant.ts'
import { oktaRedirectUris, type PERMISSIONS } from './contract.ts'
import { readCredential } from './credentials.ts'
import { deactivateMember, inviteMember } from './members.ts'
import { createOauthClient, deleteOauthClient, listOauthClients } from './oauth-clients.ts'
import { oauthPlugin } from './oauth-plugin.ts'
import { recogniseProgram } from './programs.ts'
import { createRole, listRoles } from './roles.ts'
import { signInByLink } from './sign-in.ts'
import { createServiceUser } from './tokens.ts'

const CALLBACK = oktaRedirectUris('keydesk_scim')[0] ?? ''

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely.
type Body = any

interface Reply {
  status: number
  headers: Record<string, unknown>
  body: Body
  text: string
}

interface Desk {
  ctx: Context
  platform: Platform
  serviceUserId: string
  clientId: string
  secret: string
  oauthClientId: string
  /** The cookie of an owner. */
  cookie: string
  token(fields: Record<string, string>, headers?: Record<string, string>): Promise<Reply>
  revoke(fields: Record<string, string>): Promise<Reply>
  open(query: Record<string, string>, cookie?: string): Promise<Reply>
  decide(fields: Record<string, string>, headers?: Record<string, string>): Promise<Reply>
}

const test = base
  .extend<{ app: FastifyInstance }>({
    app: [
      async ({ platform }, use) => {
        const app = await createHttpServer(platform)
        await app.register(oauthPlugin, { platform })
        await use(app)
        await app.close()
      },
      { scope: 'file' },
    ],
  })
  .extend<{ desk: Desk; neighbour: Desk }>({
    desk: async ({ app, ctx }, use) => use(await deskOf(app, ctx)),
    neighbour: async ({ app, otherTenant }, use) => use(await deskOf(app, otherTenant)),
  })

let addresses = 0

async function deskOf(app: FastifyInstance, ctx: Context): Promise<Desk> {
  const { platform } = ctx
  const user = await createServiceUser(ctx, {
    name: 'Okta',
    kind: 'scim',
    permissions: [],
    defaultRoleId: null,
  })
  const made = await createOauthClient(ctx, user.id, { redirectUris: [CALLBACK], confidential: true })
  const remoteAddress = `198.51.100.${++addresses}`
  const ask = async (
    method: 'GET' | 'POST',
    url: string,
    fields?: Record<string, string>,
    headers: object = {},
  ) => {
    const reply = await app.inject({
      method,
      url,
      remoteAddress,
      headers: fields ? { 'content-type': 'application/x-www-form-urlencoded', ...headers } : { ...headers },
      ...(fields ? { payload: new URLSearchParams(fields).toString() } : {}),
    })
    const isJson = String(reply.headers['content-type']).includes('json')
    const body = isJson ? reply.json() : undefined
    return { status: reply.statusCode, headers: reply.headers, body, text: reply.body }
  }
  const cookie = await signedIn(ctx, 'Owner')
  return {
    ctx,
    platform,
    serviceUserId: user.id,
    clientId: made.clientId,
    secret: made.clientSecret ?? '',
    oauthClientId: made.details.id,
    cookie,
    token: (fields, headers = {}) => ask('POST', '/oauth/token', fields, headers),
    revoke: (fields) => ask('POST', '/oauth/revoke', fields),
    open: (query, own = cookie) =>
      ask('GET', `/oauth/authorize?${new URLSearchParams(query)}`, undefined, { cookie: own }),
    decide: (fields, headers = { cookie, 'sec-fetch-site': 'same-origin' }) =>
      ask('POST', '/oauth/authorize', fields, headers),
  }
}

let people = 0

async function signedIn(ctx: Context, role: string): Promise<string> {
  const roleIds = (await listRoles(ctx)).filter(({ name }) => name === role).map(({ id }) => id)
  let link = ''
  const email = `${role.toLowerCase()}-${++people}@acme.example`
  await inviteMember(ctx, { email, displayName: role, roleIds }, async (_, mail) => {
    link = mail.link
  })
  const session = await signInByLink(ctx.platform, link.split('#token=')[1] ?? '', async () => undefined)
  return `keydesk=${session.cookie}`
}

function own({ clientId, secret }: Desk): Record<string, string> {
  return { client_id: clientId, client_secret: secret }
}

function asked(
  { clientId }: { clientId: string },
  more: Record<string, string> = {},
): Record<string, string> {
  return {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: CALLBACK,
    state: 'kept as it is',
    ...more,
  }
}

function pkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

function whereTo(reply: Reply): URL {
  expect(reply.status).toBe(303)
  return new URL(String(reply.headers['location']))
}

async function codeOf(desk: Desk, more: Record<string, string> = {}): Promise<string> {
  const reply = await desk.decide({ ...asked(desk), ...more, decision: 'allow' })
  return whereTo(reply).searchParams.get('code') ?? ''
}

function exchange(desk: Desk, code: string, more: Record<string, string> = {}): Promise<Reply> {
  return desk.token({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...own(desk), ...more })
}

function refresh(desk: Desk, token: string, more: Record<string, string> = {}): Promise<Reply> {
  return desk.token({ grant_type: 'refresh_token', refresh_token: token, ...own(desk), ...more })
}

/** What the SCIM door would find. */
async function stateOf({ platform }: Desk, token: string): Promise<string | undefined> {
  const credential = readCredential(token)
  return credential && (await recogniseProgram(platform, credential))?.program.state
}

test('client credentials give a token for an hour, by both ways of naming oneself', async ({ desk }) => {
  const grant = { grant_type: 'client_credentials', scope: 'scim' }
  const basic = `Basic ${Buffer.from(`${desk.clientId}:${desk.secret}`).toString('base64')}`

  for (const reply of [
    await desk.token({ ...grant, ...own(desk) }),
    await desk.token(grant, { authorization: basic }),
  ]) {
    expect(reply).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', scope: 'scim', access_token: expect.stringMatching(/^kd_scim_/) },
      headers: { 'cache-control': 'no-store' },
    })
    expect(reply.body.expires_in).toBeGreaterThan(3590)
    expect(reply.body.expires_in).toBeLessThanOrEqual(3600)
    expect(reply.body.refresh_token).toBeUndefined()
    expect(await stateOf(desk, reply.body.access_token)).toBe('live')
  }
})

test('a member is asked, and the client gets tokens that know who allowed it', async ({ desk }) => {
  const page = await desk.open(asked(desk))
  expect(page.status).toBe(200)
  expect(page.text).toContain('Allow Okta</button>')
  expect(page.text).toContain('create, change and deactivate members')
  expect(page.headers['content-security-policy']).toContain(`form-action 'self' ${new URL(CALLBACK).origin};`)
  expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")

  const to = whereTo(await desk.decide({ ...asked(desk), decision: 'allow' }))
  expect(to.href.split('?')[0]).toBe(CALLBACK)
  expect(to.searchParams.get('state')).toBe('kept as it is')

  const { status, body } = await exchange(desk, to.searchParams.get('code') ?? '')
  expect(status).toBe(200)
  const credential = readCredential(body.access_token)
  const found = credential && (await recogniseProgram(desk.platform, credential))
  expect(found?.program).toMatchObject({
    state: 'live',
    kind: 'scim',
    serviceUserId: desk.serviceUserId,
    memberId: expect.stringMatching(/^mem_/),
    permissions: [],
  })
  const { items } = await listOauthClients(desk.ctx, desk.serviceUserId)
  expect(items[0]?.grants).toMatchObject([{ name: 'Owner', ended: null }])
})

test('looking at the question grants nothing', async ({ desk }) => {
  await desk.open(asked(desk))

  expect(await transact(desk.ctx, (tx) => tx.db.selectFrom('oauthGrants').selectAll().execute())).toEqual([])
})

test('who cancels sends the client away with access_denied', async ({ desk }) => {
  for (const decision of ['cancel', '', 'ALLOW'])
    expect(whereTo(await desk.decide({ ...asked(desk), decision })).searchParams.get('error')).toBe(
      'access_denied',
    )
})

test('with PKCE a code is worth nothing without its verifier, and is spent by a wrong one', async ({
  desk,
}) => {
  const { verifier, challenge } = pkce()
  const more = { code_challenge: challenge, code_challenge_method: 'S256' }

  const right = await exchange(desk, await codeOf(desk, more), { code_verifier: verifier })
  expect(right.status).toBe(200)

  for (const wrong of [{}, { code_verifier: pkce().verifier }, { code_verifier: challenge }]) {
    const code = await codeOf(desk, more)
    expect(await exchange(desk, code, wrong)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(await exchange(desk, code, { code_verifier: verifier })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
  }
  // A verifier for a code that had no challenge is a request put together from two.
  expect(await exchange(desk, await codeOf(desk), { code_verifier: verifier })).toMatchObject({
    body: { error: 'invalid_grant' },
  })
  for (const bad of [
    { code_challenge: challenge, code_challenge_method: 'plain' },
    { code_challenge: 'short', code_challenge_method: 'S256' },
  ])
    expect(whereTo(await desk.open(asked(desk, bad))).searchParams.get('error')).toBe('invalid_request')
})

test('a client without a secret has to use PKCE, and has no client credentials', async ({ desk }) => {
  const { clientId, clientSecret } = await createOauthClient(desk.ctx, desk.serviceUserId, {
    redirectUris: [CALLBACK],
    confidential: false,
  })
  expect(clientSecret).toBeNull()
  const { verifier, challenge } = pkce()
  expect(whereTo(await desk.open(asked({ clientId }))).searchParams.get('error')).toBe('invalid_request')

  const allowed = await desk.decide({
    ...asked({ clientId }, { code_challenge: challenge, code_challenge_method: 'S256' }),
    decision: 'allow',
  })
  const code = whereTo(allowed).searchParams.get('code') ?? ''
  const grant = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, client_id: clientId }
  expect(await desk.token({ ...grant, code_verifier: verifier, client_secret: 'made up' })).toMatchObject({
    status: 401,
    body: { error: 'invalid_client' },
  })
  const { status, body } = await desk.token({ ...grant, code_verifier: verifier })
  expect(status).toBe(200)
  const again = { grant_type: 'refresh_token', refresh_token: body.refresh_token, client_id: clientId }
  expect((await desk.token(again)).status).toBe(200)
  expect(
    (await desk.token({ grant_type: 'client_credentials', client_id: clientId })).status,
  ).toBeGreaterThanOrEqual(400)
})

test('a client with a secret is nobody without it, PKCE or not', async ({ desk }) => {
  const { verifier, challenge } = pkce()
  const code = await codeOf(desk, { code_challenge: challenge, code_challenge_method: 'S256' })
  const fields = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: verifier }

  for (const client of [
    { client_id: desk.clientId },
    { client_id: desk.clientId, client_secret: 'kds_wrong' },
    { client_id: desk.clientId, client_secret: '' },
    { client_id: 'kdc_x', client_secret: desk.secret },
    { client_id: desk.oauthClientId, client_secret: desk.secret },
  ])
    expect(await desk.token({ ...fields, ...client })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
      headers: { 'www-authenticate': expect.stringContaining('Basic') },
    })
  expect((await exchange(desk, code, { code_verifier: verifier })).status).toBe(200)
})

test('codes go to registered addresses only, compared to the letter', async ({ desk }) => {
  for (const redirect_uri of [
    'https://evil.example/callback',
    `${CALLBACK}/`,
    `${CALLBACK}?x=1`,
    CALLBACK.toUpperCase(),
    CALLBACK.replace('https:', 'http:'),
    `https://system-admin.okta.com@evil.example${new URL(CALLBACK).pathname}`,
    '//evil.example',
    'javascript:alert(1)',
  ]) {
    for (const reply of [
      await desk.open(asked(desk, { redirect_uri })),
      await desk.decide({ ...asked(desk, { redirect_uri }), decision: 'allow' }),
    ]) {
      expect([redirect_uri, reply.status, reply.headers['location']]).toEqual([redirect_uri, 400, undefined])
      expect(reply.headers['content-type']).toContain('text/html')
    }
  }
  const code = await codeOf(desk)
  expect(await exchange(desk, code, { redirect_uri: 'https://evil.example/callback' })).toMatchObject({
    status: 400,
  })
})

test('a code works once; the second time everything that came of it ends', async ({ desk, eventsOf }) => {
  const code = await codeOf(desk)
  const first = await exchange(desk, code)
  expect(await stateOf(desk, first.body.access_token)).toBe('live')

  expect(await exchange(desk, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })

  expect(await stateOf(desk, first.body.access_token)).toBe('revoked')
  expect(await refresh(desk, first.body.refresh_token)).toMatchObject({ body: { error: 'invalid_grant' } })
  expect(await eventsOf(desk.oauthClientId)).toContain('oauth_grant.ended')
})

test('of a code that comes many times at once, one is answered', async ({ desk }) => {
  const code = await codeOf(desk)

  const replies = await Promise.all(Array.from({ length: 6 }, () => exchange(desk, code)))

  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
})

test('a code is for its client, and for a few minutes', async ({ desk }) => {
  const other = await createOauthClient(desk.ctx, desk.serviceUserId, {
    redirectUris: [CALLBACK],
    confidential: true,
  })
  const code = await codeOf(desk)
  const theirs = { client_id: other.clientId, client_secret: other.clientSecret ?? '' }
  expect(await exchange(desk, code, theirs)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  expect((await exchange(desk, code)).status).toBe(200)

  const late = await codeOf(desk)
  await transact(desk.ctx, (tx) =>
    tx.db
      .updateTable('oauthGrants')
      .set({ codeExpiresAt: new Date(Date.now() - 1000) })
      .execute(),
  )
  expect(await exchange(desk, late)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
})

test('a refresh token works once; the second time the whole family ends', async ({ desk }) => {
  const first = (await exchange(desk, await codeOf(desk))).body
  const second = (await refresh(desk, first.refresh_token)).body
  expect(second.refresh_token).not.toBe(first.refresh_token)
  const third = (await refresh(desk, second.refresh_token)).body
  for (const { access_token } of [first, second, third])
    expect(await stateOf(desk, access_token)).toBe('live')

  expect(await refresh(desk, first.refresh_token)).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant' },
  })

  for (const { access_token } of [first, second, third])
    expect(await stateOf(desk, access_token)).toBe('revoked')
  expect(await refresh(desk, third.refresh_token)).toMatchObject({ body: { error: 'invalid_grant' } })
  const { items } = await listOauthClients(desk.ctx, desk.serviceUserId)
  expect(items[0]?.grants[0]?.ended).toMatch(/twice/)
})

test('another grant of the same client outlives a family that ended', async ({ desk }) => {
  const kept = (await exchange(desk, await codeOf(desk))).body
  const stolen = (await exchange(desk, await codeOf(desk))).body
  await refresh(desk, stolen.refresh_token)
  await refresh(desk, stolen.refresh_token)

  expect(await stateOf(desk, stolen.access_token)).toBe('revoked')
  expect(await stateOf(desk, kept.access_token)).toBe('live')
})

test('a deleted client dies at once, with all its tokens', async ({ desk }) => {
  const { access_token, refresh_token } = (await exchange(desk, await codeOf(desk))).body
  const own_token = (await desk.token({ grant_type: 'client_credentials', ...own(desk) })).body.access_token
  const code = await codeOf(desk)

  await deleteOauthClient(desk.ctx, desk.oauthClientId)

  for (const token of [access_token, own_token]) expect(await stateOf(desk, token)).toBeUndefined()
  for (const reply of [
    await refresh(desk, refresh_token),
    await exchange(desk, code),
    await desk.token({ grant_type: 'client_credentials', ...own(desk) }),
  ])
    expect(reply).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
})

test('a connection that was removed has no clients any more', async ({ desk }) => {
  const { access_token } = (await desk.token({ grant_type: 'client_credentials', ...own(desk) })).body
  await transact(desk.ctx, (tx) =>
    tx.db
      .updateTable('serviceUsers')
      .set({ removedAt: new Date() })
      .where('id', '=', desk.serviceUserId)
      .execute(),
  )

  expect(await stateOf(desk, access_token)).toBe('removed')
  expect(await desk.token({ grant_type: 'client_credentials', ...own(desk) })).toMatchObject({ status: 401 })
  expect((await desk.open(asked(desk))).status).toBe(403)
})

test('a client gives its tokens back, and nobody else does', async ({ desk }) => {
  const tokens = (await exchange(desk, await codeOf(desk))).body
  const other = await createOauthClient(desk.ctx, desk.serviceUserId, {
    redirectUris: [CALLBACK],
    confidential: true,
  })
  const theirs = { client_id: other.clientId, client_secret: other.clientSecret ?? '' }

  for (const token of [tokens.access_token, tokens.refresh_token])
    expect(await desk.revoke({ ...theirs, token })).toMatchObject({ status: 400 })
  expect(await desk.revoke({ client_id: desk.clientId, token: tokens.access_token })).toMatchObject({
    status: 401,
  })
  expect(await stateOf(desk, tokens.access_token)).toBe('live')

  for (const token of ['nonsense', tokens.access_token])
    expect((await desk.revoke({ ...own(desk), token })).status).toBe(200)
  expect(await stateOf(desk, tokens.access_token)).toBe('revoked')

  const fresh = (await refresh(desk, tokens.refresh_token)).body
  expect((await desk.revoke({ ...own(desk), token: fresh.refresh_token })).status).toBe(200)
  expect(await stateOf(desk, fresh.access_token)).toBe('revoked')
  expect(await refresh(desk, fresh.refresh_token)).toMatchObject({ body: { error: 'invalid_grant' } })
})

test('what a form gets wrong is said in the words of the standard', async ({ desk, app }) => {
  const grant = { grant_type: 'client_credentials' }
  expect(await desk.token({ ...own(desk) })).toMatchObject({
    status: 400,
    body: { error: 'invalid_request' },
  })
  for (const grant_type of ['password', 'implicit', '__proto__', 'constructor'])
    expect(await desk.token({ grant_type, ...own(desk), username: 'a', password: 'b' })).toMatchObject({
      status: 400,
    })
  expect(await desk.token({ ...grant, scope: 'scim admin', ...own(desk) })).toMatchObject({
    status: 400,
    body: { error: 'invalid_scope' },
  })
  const twice = await app.inject({
    method: 'POST',
    url: '/oauth/token',
    remoteAddress: '198.51.100.250',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `${new URLSearchParams({ ...grant, ...own(desk) })}&grant_type=client_credentials`,
  })
  expect([twice.statusCode, twice.json().error]).toEqual([400, 'invalid_request'])
  const json = await app.inject({ method: 'POST', url: '/oauth/token', payload: { ...grant, ...own(desk) } })
  expect([json.statusCode, json.json().error]).toEqual([415, 'invalid_request'])
  const get = await app.inject({ method: 'GET', url: '/oauth/token' })
  expect([get.statusCode, get.headers['allow']]).toEqual([405, 'POST'])
})

test('whoever is not signed in is sent to sign in, and comes back', async ({ desk }) => {
  const reply = await desk.open(asked(desk), 'none=1')

  expect(reply.status).toBe(302)
  const to = new URL(String(reply.headers['location']), 'https://desk.example')
  expect(to.pathname).toBe('/sign-in')
  const back = new URL(to.searchParams.get('to') ?? '', 'https://desk.example')
  expect(back.pathname).toBe('/oauth/authorize')
  expect(Object.fromEntries(back.searchParams)).toEqual(asked(desk))
})

test('only who may make tokens is asked, in the workspace of the client', async ({ desk, neighbour }) => {
  for (const [role, status] of [
    ['Owner', 200],
    ['Admin', 200],
    ['Agent', 403],
    ['Auditor', 403],
  ] as const) {
    const cookie = await signedIn(desk.ctx, role)
    expect([role, (await desk.open(asked(desk), cookie)).status]).toEqual([role, status])
    const decided = await desk.decide(
      { ...asked(desk), decision: 'allow' },
      { cookie, 'sec-fetch-site': 'same-origin' },
    )
    expect([role, decided.status]).toEqual([role, status === 200 ? 303 : 403])
  }
  expect((await desk.open(asked(desk), neighbour.cookie)).status).toBe(403)
  const foreign = { cookie: neighbour.cookie, 'sec-fetch-site': 'same-origin' }
  expect((await desk.decide({ ...asked(desk), decision: 'allow' }, foreign)).status).toBe(403)

  await createRole(desk.ctx, {
    name: 'Keeper',
    description: '',
    permissions: ['roles.manage'] satisfies (keyof typeof PERMISSIONS)[],
  })
  expect((await desk.open(asked(desk), await signedIn(desk.ctx, 'Admin'))).status).toBe(403)
  expect((await desk.open(asked(desk))).status).toBe(200)
})

test('an answer counts only from our own page, and only while the session lives', async ({ desk }) => {
  const fields = { ...asked(desk), decision: 'allow' }
  const { cookie } = desk
  for (const headers of [
    { cookie },
    { cookie, 'sec-fetch-site': 'cross-site' },
    { cookie, 'sec-fetch-site': 'same-site' },
    { cookie, origin: 'https://evil.example' },
    { cookie, origin: 'null' },
    { 'sec-fetch-site': 'same-origin' },
  ])
    expect([headers, (await desk.decide(fields, headers as Record<string, string>)).status]).toEqual([
      headers,
      403,
    ])
  expect(await transact(desk.ctx, (tx) => tx.db.selectFrom('oauthGrants').selectAll().execute())).toEqual([])
  expect((await desk.decide(fields, { cookie, origin: desk.platform.config.publicUrl })).status).toBe(303)
})

test('the page shows what came in the address as text', async ({ desk }) => {
  const page = await desk.open(asked(desk, { state: '"><script>alert(1)</script>' }))

  expect(page.status).toBe(200)
  expect(page.text).not.toContain('<script')
  expect(page.text).toContain('&lt;script&gt;')
})

test('who allowed it may leave; the connection stays', async ({ desk }) => {
  const { access_token, refresh_token } = (await exchange(desk, await codeOf(desk))).body
  await signedIn(desk.ctx, 'Owner')
  const { memberId } = await transact(desk.ctx, (tx) =>
    tx.db.selectFrom('oauthGrants').select('memberId').executeTakeFirstOrThrow(),
  )
  await deactivateMember(desk.ctx, memberId ?? '')

  expect(await stateOf(desk, access_token)).toBe('live')
  expect((await refresh(desk, refresh_token)).status).toBe(200)
})

test('guessing secrets ends after a few, with whole seconds to wait', async ({ desk }) => {
  const guess = () =>
    desk.token({ grant_type: 'client_credentials', client_id: desk.clientId, client_secret: 'kds_x' })
  const guesses = await Promise.all(Array.from({ length: 80 }, guess))

  expect(guesses.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(30)
  expect(guesses.filter(({ status }) => status === 200)).toEqual([])
  expect(guesses.find(({ status }) => status === 429)).toMatchObject({
    status: 429,
    headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) },
  })
  // Another customer behind the same address is served.
  const other = await createOauthClient(desk.ctx, desk.serviceUserId, {
    redirectUris: [],
    confidential: true,
  })
  const { clientId, clientSecret } = other
  const theirs = { client_id: clientId, client_secret: clientSecret ?? '' }
  expect((await desk.token({ grant_type: 'client_credentials', ...theirs })).status).toBe(200)
})

test('a client that asks for token after token is slowed down', async ({ desk }) => {
  const ask = () => desk.token({ grant_type: 'client_credentials', ...own(desk) })
  const replies = await Promise.all(Array.from({ length: 80 }, ask))

  expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(30)
  expect(replies.filter(({ status }) => status === 429).length).toBeGreaterThan(0)
})

test('what it can do is described where clients look', async ({ app, platform }) => {
  const { publicUrl } = platform.config
  const reply = await app.inject({ method: 'GET', url: '/.well-known/oauth-authorization-server' })

  expect(reply.json()).toMatchObject({
    issuer: publicUrl,
    token_endpoint: `${publicUrl}/oauth/token`,
    authorization_endpoint: `${publicUrl}/oauth/authorize`,
    code_challenge_methods_supported: ['S256'],
  })
})

test('addresses that could give codes away cannot be registered', async ({ desk }) => {
  for (const uri of [
    'http://example.com/callback',
    'https://example.com/callback#x',
    'https://user:pass@example.com/callback',
    'javascript:alert(1)',
    'https://example.com/a b',
  ])
    await expect(
      createOauthClient(desk.ctx, desk.serviceUserId, { redirectUris: [uri], confidential: true }),
    ).rejects.toMatchObject({ code: 'invalid_input' })
  const all = await createOauthClient(desk.ctx, desk.serviceUserId, {
    redirectUris: oktaRedirectUris('keydesk_1'),
    confidential: true,
  })
  expect(all.details.redirectUris).toHaveLength(5)
})
