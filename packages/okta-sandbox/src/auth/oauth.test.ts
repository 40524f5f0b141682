import { createHash, randomUUID } from 'node:crypto'
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, type Json, openSandbox } from '../../test/okta.ts'

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const SCOPES = ['okta.users.read', 'okta.groups.manage']

let client: Client
let keydesk: { jwk: JWK; clientId: string }
beforeAll(async () => {
  client = await openSandbox()
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(privateKey)), kid: 'keydesk-1', alg: 'RS256' }
  const { n, e, kty, kid } = jwk
  const made = await client.control('POST', '/service-apps', {
    publicJwk: { n, e, kty, kid },
    scopes: SCOPES,
    role: 'SUPER_ADMIN',
    dpopRequired: false,
  })
  keydesk = { jwk, clientId: made.body.clientId }
})
afterAll(() => client[Symbol.asyncDispose]())

const tokenUrl = () => `${client.sandbox.url}/oauth2/v1/token`
const second = () => Math.floor(Date.now() / 1000)

async function assertion(
  change: JWTPayload = {},
  header: { kid?: string } = { kid: 'keydesk-1' },
  key = keydesk.jwk,
) {
  const claims = {
    iss: keydesk.clientId,
    sub: keydesk.clientId,
    aud: tokenUrl(),
    iat: second(),
    exp: second() + 300,
    jti: randomUUID(),
    ...change,
  }
  return new SignJWT(claims)
    .setProtectedHeader({ alg: String(key.alg), ...header })
    .sign(await importJWK(key))
}

async function askToken(fields: Record<string, string>, headers: Record<string, string> = {}) {
  const form = {
    grant_type: 'client_credentials',
    scope: SCOPES.join(' '),
    client_assertion_type: ASSERTION,
    ...fields,
  }
  const response = await fetch(tokenUrl(), { method: 'POST', headers, body: new URLSearchParams(form) })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Json }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const okToken = async (scope = SCOPES.join(' ')) =>
  (await askToken({ client_assertion: await assertion(), scope })).body.access_token as string

test('a signed assertion gets a bearer token that works within its scopes', async () => {
  const { status, body } = await askToken({ client_assertion: await assertion() })
  expect(status).toBe(200)
  expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: SCOPES.join(' ') })
  expect(
    (await client.okta('GET', '/api/v1/users?limit=1', undefined, bearer(body.access_token))).body,
  ).toHaveLength(1)
  expect(
    (await client.okta('GET', '/api/v1/groups?limit=1', undefined, bearer(body.access_token))).status,
  ).toBe(200)
})

test('a missing scope is an empty 403 that names the scope in its header only', async () => {
  const reply = await client.okta('GET', '/api/v1/apps', undefined, bearer(await okToken()))
  expect([reply.status, reply.text]).toEqual([403, ''])
  expect(reply.headers.get('www-authenticate')).toContain(
    'scope="okta.apps.read", error="insufficient_scope"',
  )
  const write = await client.okta(
    'POST',
    '/api/v1/users/ada.kingsley/lifecycle/suspend',
    {},
    bearer(await okToken()),
  )
  expect(write.headers.get('www-authenticate')).toContain('scope="okta.users.manage"')
})

const BAD: [string, () => Promise<Record<string, string>>, number, string][] = [
  [
    'the issuer as audience',
    async () => ({ client_assertion: await assertion({ aud: client.sandbox.url }) }),
    401,
    'invalid_client',
  ],
  [
    'more than an hour to live',
    async () => ({ client_assertion: await assertion({ exp: second() + 7200 }) }),
    401,
    'invalid_client',
  ],
  [
    'an expired assertion',
    async () => ({ client_assertion: await assertion({ exp: second() - 120 }) }),
    401,
    'invalid_client',
  ],
  [
    'an assertion of the future',
    async () => ({ client_assertion: await assertion({ iat: second() + 600 }) }),
    401,
    'invalid_client',
  ],
  [
    'an unknown key',
    async () => ({ client_assertion: await assertion({}, { kid: 'other' }) }),
    401,
    'invalid_client',
  ],
  [
    'an unknown client',
    async () => ({ client_assertion: await assertion({ iss: '0oanobody', sub: '0oanobody' }) }),
    401,
    'invalid_client',
  ],
  [
    'another key under a known name',
    async () => ({ client_assertion: await forged() }),
    401,
    'invalid_client',
  ],
  ['no assertion', async () => ({ client_secret: 'x' }), 401, 'invalid_client'],
  ['no scope', async () => ({ client_assertion: await assertion(), scope: '' }), 400, 'invalid_scope'],
  [
    'a scope that does not exist',
    async () => ({ client_assertion: await assertion(), scope: 'users' }),
    400,
    'invalid_scope',
  ],
  [
    'a scope not granted',
    async () => ({ client_assertion: await assertion(), scope: 'okta.apps.read' }),
    400,
    'consent_required',
  ],
  [
    'another grant',
    async () => ({ client_assertion: await assertion(), grant_type: 'password' }),
    400,
    'unsupported_grant_type',
  ],
]

async function forged() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return assertion({}, { kid: 'keydesk-1' }, { ...(await exportJWK(privateKey)), alg: 'RS256' })
}

test.for(BAD)('%s is refused', async ([, fields, status, error]) => {
  const reply = await askToken(await fields())
  expect(reply).toMatchObject({ status, body: { error, error_description: expect.any(String) } })
})

test('an assertion is good once', async () => {
  const client_assertion = await assertion()
  expect((await askToken({ client_assertion })).status).toBe(200)
  expect((await askToken({ client_assertion })).body.error).toBe('invalid_client')
})

test('without an admin role the list of users is empty and all else is forbidden', async () => {
  const token = await okToken()
  await client.control('PATCH', `/service-apps/${keydesk.clientId}`, { role: null })
  const users = await client.okta('GET', '/api/v1/users', undefined, bearer(token))
  const groups = await client.okta('GET', '/api/v1/groups', undefined, bearer(token))
  await client.control('PATCH', `/service-apps/${keydesk.clientId}`, { role: 'SUPER_ADMIN' })
  expect([users.status, users.body]).toEqual([200, []])
  expect([groups.status, groups.body.errorCode]).toEqual([403, 'E0000006'])
})

test('introspection tells the scopes', async () => {
  const token = await okToken('okta.users.read')
  const form = {
    token,
    client_assertion_type: ASSERTION,
    client_assertion: await assertion({ aud: `${client.sandbox.url}/oauth2/v1/introspect` }),
  }
  const response = await fetch(`${client.sandbox.url}/oauth2/v1/introspect`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  expect(await response.json()).toMatchObject({
    active: true,
    scope: 'okta.users.read',
    client_id: keydesk.clientId,
  })
})

test('a wrong API token is 401, the right one has an owner, and a service app is nobody', async () => {
  const wrong = await client.okta('GET', '/api/v1/users', undefined, { authorization: 'SSWS nope' })
  expect([wrong.status, wrong.body.errorCode]).toEqual([401, 'E0000011'])
  expect((await client.okta('GET', '/api/v1/users/me')).body.profile.login).toBe('sam.okafor@acme.example')
  expect((await client.okta('GET', '/api/v1/users/me', undefined, bearer(await okToken()))).status).toBe(403)
})

// ---- DPoP ---------------------------------------------------------------------------------------

type ProofOptions = { method?: string; url?: string; nonce?: string; token?: string; claims?: JWTPayload }

async function prover(alg = 'ES256') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  const prove = ({ method = 'POST', url = tokenUrl(), nonce, token, claims }: ProofOptions = {}) =>
    new SignJWT({
      htm: method,
      htu: url,
      jti: randomUUID(),
      ...(nonce && { nonce }),
      ...(token && { ath: createHash('sha256').update(token).digest('base64url') }),
      ...claims,
    })
      .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk })
      .setIssuedAt()
      .sign(privateKey)
  return { prove, jkt: await calculateJwkThumbprint(jwk) }
}

async function dpopToken(alg?: string) {
  const { prove } = await prover(alg)
  const first = await askToken({ client_assertion: await assertion() }, { dpop: await prove() })
  expect([first.status, first.body.error]).toEqual([400, 'use_dpop_nonce'])
  const nonce = first.headers.get('dpop-nonce') ?? ''
  const { body } = await askToken({ client_assertion: await assertion() }, { dpop: await prove({ nonce }) })
  expect(body.token_type).toBe('DPoP')
  return { prove, nonce, token: body.access_token as string }
}

test.for(['ES256', 'RS256'])(
  'the nonce dance with a key of %s ends in a bound token that works',
  async (alg) => {
    const { prove, token } = await dpopToken(alg)
    const url = `${client.sandbox.url}/api/v1/users`
    const dpop = await prove({ method: 'GET', url, token })
    const call = (headers: Record<string, string>) =>
      client.okta('GET', '/api/v1/users?limit=1', undefined, headers)
    expect((await call({ authorization: `DPoP ${token}`, dpop })).body).toHaveLength(1)
    expect((await call({ authorization: `DPoP ${token}`, dpop })).status).toBe(401)
    expect((await call(bearer(token))).status).toBe(401)
  },
)

const BAD_PROOFS: [string, ProofOptions][] = [
  ['another method', { method: 'POST' }],
  ['another address', { url: 'http://elsewhere/api/v1/users' }],
  ['another token', { token: 'other' }],
  ['an old proof', { claims: { iat: second() - 3600 } }],
]

test.for(BAD_PROOFS)('a proof for %s is refused', async ([, wrong]) => {
  const { prove, token } = await dpopToken()
  const url = `${client.sandbox.url}/api/v1/users`
  const options = { method: 'GET', url, token, ...wrong }
  // `setIssuedAt` would overwrite the old time, so the claims go in through a proof of their own.
  const dpop = wrong.claims ? await oldProof(options) : await prove(options)
  const reply = await client.okta('GET', '/api/v1/users', undefined, { authorization: `DPoP ${token}`, dpop })
  expect(reply.status).toBe(401)
})

async function oldProof({ method, url, token, claims }: ProofOptions) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const ath = createHash('sha256').update(String(token)).digest('base64url')
  return new SignJWT({ htm: method, htu: url, ath, jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
    .sign(privateKey)
}

test('an app that demands DPoP refuses a request without a proof', async () => {
  await client.control('PATCH', `/service-apps/${keydesk.clientId}`, { dpopRequired: true })
  const reply = await askToken({ client_assertion: await assertion() })
  await client.control('PATCH', `/service-apps/${keydesk.clientId}`, { dpopRequired: false })
  expect([reply.status, reply.body]).toEqual([
    400,
    { error: 'invalid_dpop_proof', error_description: 'The DPoP proof JWT header is missing.' },
  ])
})

test('the service app that is there from the start has a working key', async () => {
  const { privateJwk, clientId } = client.sandbox.credentials.serviceApp
  const own = { iss: clientId, sub: clientId }
  const { prove } = await prover()
  const client_assertion = await assertion(own, { kid: String(privateJwk.kid) }, privateJwk)
  const { body } = await askToken({ client_assertion }, { dpop: await prove() })
  expect(body.error).toBe('use_dpop_nonce')
})
