import { startSandbox } from '@keydesk/okta-sandbox'
import { expect } from 'vitest'
import { listEvents, transact } from '#platform'
import { test } from '../../test/tenant.ts'
import { suspend } from './actions/suspend.ts'
import {
  checkConnection,
  createConnection,
  deleteConnection,
  listConnections,
  setCredentials,
} from './connections.ts'
import type { OktaConnection } from './contract.ts'
import { allow, connect, openTestOkta, register } from './test/okta.ts'
import { openSink } from './test/proxy.ts'

const SCOPES = ['okta.users.manage', 'okta.groups.manage', 'okta.apps.read', 'okta.roles.read']
const checkOf = (connection: OktaConnection, id: string) => connection.checks.find((check) => check.id === id)

test('a service app connects: every check is fine, and nobody sees the private key', async ({
  ctx,
  eventsOf,
}) => {
  await using okta = await openTestOkta()
  allow(ctx.platform, okta)

  const draft = await createConnection(ctx, { domain: okta.url, method: 'service_app' })
  const clientId = await register(okta, draft.publicJwk ?? {})
  const connected = await setCredentials(ctx, draft.id, { clientId })

  expect(draft).toMatchObject({ state: 'draft', clientId: null, checks: [] })
  expect(draft.publicJwk).toMatchObject({ kty: 'EC', alg: 'ES256', use: 'sig', kid: expect.any(String) })
  expect(draft.publicJwk).not.toHaveProperty('d')
  expect(connected.checks.map(({ id, state }) => [id, state])).toEqual([
    ['organisation', 'ok'],
    ['clock', 'ok'],
    ['credentials', 'ok'],
    ...SCOPES.map((scope) => [`scope:${scope}`, 'ok']),
    ['role', 'ok'],
  ])
  expect(connected).toMatchObject({ state: 'connected', clientId, checkedAt: expect.any(String) })
  expect(await eventsOf(draft.id)).toEqual(['okta.connected'])
})

test.for(SCOPES)('%s missing is named, with what to press', async (missing, { ctx }) => {
  await using okta = await openTestOkta()
  allow(ctx.platform, okta)
  const draft = await createConnection(ctx, { domain: okta.url, method: 'service_app' })
  const scopes = SCOPES.filter((scope) => scope !== missing)
  const clientId = await register(okta, draft.publicJwk ?? {}, { scopes })

  const found = await setCredentials(ctx, draft.id, { clientId })

  const optional = missing === 'okta.roles.read'
  expect(found.state).toBe(optional ? 'connected' : 'draft')
  expect(checkOf(found, `scope:${missing}`)).toMatchObject({
    state: optional ? 'warning' : 'missing',
    remedy: expect.stringContaining(`press Grant beside ${missing}`),
  })
  for (const scope of scopes) expect(checkOf(found, `scope:${scope}`)?.state).toBe('ok')

  await okta.control('PATCH', `/service-apps/${clientId}`, { scopes: SCOPES })
  expect((await checkConnection(ctx, draft.id)).state).toBe('connected')
})

test('no scope at all, and no admin role, are told apart', async ({ ctx }) => {
  await using okta = await openTestOkta()
  allow(ctx.platform, okta)
  const draft = await createConnection(ctx, { domain: okta.url, method: 'service_app' })
  const clientId = await register(okta, draft.publicJwk ?? {}, { scopes: [], role: null })

  const bare = await setCredentials(ctx, draft.id, { clientId })
  expect(checkOf(bare, 'scopes')).toMatchObject({
    state: 'missing',
    remedy: expect.stringContaining('Okta API Scopes'),
  })

  await okta.control('PATCH', `/service-apps/${clientId}`, { scopes: SCOPES })
  const roleless = await checkConnection(ctx, draft.id)
  expect(checkOf(roleless, 'role')).toMatchObject({
    state: 'missing',
    detail: expect.stringContaining('no users'),
    remedy: expect.stringContaining('Admin roles › Edit assignments'),
  })
  expect(roleless.state).toBe('draft')
})

test('a key that Okta does not have, and a client id that it does not know', async ({ ctx }) => {
  await using okta = await openTestOkta()
  allow(ctx.platform, okta)
  const draft = await createConnection(ctx, { domain: okta.url, method: 'service_app' })
  const { clientId } = okta.sandbox.credentials.serviceApp

  const otherKey = await setCredentials(ctx, draft.id, { clientId })
  expect(checkOf(otherKey, 'credentials')).toMatchObject({
    state: 'missing',
    remedy: expect.stringContaining('press Add key'),
  })

  const unknown = await setCredentials(ctx, draft.id, { clientId: '0oanobody' })
  expect(checkOf(unknown, 'credentials')?.remedy).toContain('copy the Client ID')
  await expect(setCredentials(ctx, draft.id, { apiToken: 'x' })).rejects.toMatchObject({
    code: 'invalid_input',
  })
})

test('an API token connects with a warning about whose rights it lends, and is never shown', async ({
  ctx,
}) => {
  await using okta = await openTestOkta()
  allow(ctx.platform, okta)
  const { token } = okta.sandbox.credentials.ssws
  const { id } = await createConnection(ctx, { domain: okta.url, method: 'api_token' })

  const wrong = await setCredentials(ctx, id, { apiToken: '00wrong' })
  const right = await setCredentials(ctx, id, { apiToken: token })

  expect(wrong.state).toBe('draft')
  expect(checkOf(wrong, 'credentials')).toMatchObject({
    state: 'missing',
    remedy: expect.stringContaining('Create token'),
  })
  expect(right).toMatchObject({ state: 'connected', tokenHint: token.slice(-4), publicJwk: null })
  expect(checkOf(right, 'credentials')).toMatchObject({
    state: 'warning',
    detail: expect.stringContaining('Super Administrator'),
  })
  const told = JSON.stringify([await listConnections(ctx), await listEvents(ctx, { limit: 200 })])
  expect(told).not.toContain(token)
})

test('what is not an Okta is refused before anything is kept', async ({ ctx }) => {
  await using hotel = await openSink('<html>Welcome</html>')
  allow(ctx.platform, hotel)

  await expect(createConnection(ctx, { domain: hotel.url, method: 'service_app' })).rejects.toMatchObject({
    code: 'okta_unreachable',
  })
  await expect(
    createConnection(ctx, { domain: 'acme.example', method: 'service_app' }),
  ).rejects.toMatchObject({
    code: 'invalid_input',
  })
  expect(await listConnections(ctx)).toEqual([])
  expect(hotel.seen.join()).not.toMatch(/authorization/i)
})

test('a lost role breaks the connection, and getting it back mends it', async ({ ctx, eventsOf }) => {
  await using okta = await openTestOkta()
  const id = await connect(ctx, okta)
  const clientId = (await listConnections(ctx))[0]?.clientId

  await okta.control('PATCH', `/service-apps/${clientId}`, { role: null })
  expect((await checkConnection(ctx, id)).state).toBe('broken')
  expect((await checkConnection(ctx, id)).state).toBe('broken')
  await okta.control('PATCH', `/service-apps/${clientId}`, { role: 'SUPER_ADMIN' })
  expect((await checkConnection(ctx, id)).state).toBe('connected')

  expect(await eventsOf(id)).toEqual(['okta.connected', 'okta.connection_broken', 'okta.connected'])
})

test('a token that dies with its owner breaks the connection at the next call', async ({ ctx }) => {
  await using okta = await openTestOkta()
  allow(ctx.platform, okta)
  const { id } = await createConnection(ctx, { domain: okta.url, method: 'api_token' })
  await setCredentials(ctx, id, { apiToken: okta.sandbox.credentials.ssws.token })
  const ada = await okta.userId('ada.kingsley@acme.example')
  await okta.setUser(await okta.userId('sam.okafor@acme.example'), { status: 'DEPROVISIONED' })

  await expect(suspend.plan(ctx, { user: ada })).rejects.toMatchObject({
    code: 'okta_rejected',
    facts: { oktaStatus: 401, oktaCode: 'E0000011' },
  })

  expect((await listConnections(ctx))[0]?.state).toBe('broken')
  await expect(suspend.plan(ctx, { user: ada })).rejects.toMatchObject({ code: 'not_ready' })
})

test('one domain is connected once, and a draft begins anew', async ({ ctx }) => {
  await using okta = await openTestOkta()
  allow(ctx.platform, okta)
  const first = await createConnection(ctx, { domain: okta.url, method: 'api_token' })
  const second = await createConnection(ctx, { domain: okta.url, method: 'service_app' })
  expect(second).toMatchObject({ id: first.id, method: 'service_app' })

  await setCredentials(ctx, second.id, { clientId: await register(okta, second.publicJwk ?? {}) })

  await expect(createConnection(ctx, { domain: okta.url, method: 'service_app' })).rejects.toMatchObject({
    code: 'conflict',
  })
})

test('disconnecting wipes every secret at once, and connecting again takes the old place', async ({
  ctx,
  eventsOf,
}) => {
  await using okta = await openTestOkta()
  const id = await connect(ctx, okta)

  await deleteConnection(ctx, id)

  const row = await transact(ctx, (tx) =>
    tx.db.selectFrom('oktaConnections').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
  )
  expect(row).toMatchObject({ privateKeySealed: null, tokenSealed: null, publicJwk: null, clientId: null })
  expect(await listConnections(ctx)).toEqual([])
  await expect(checkConnection(ctx, id)).rejects.toMatchObject({ code: 'not_found' })
  expect(await connect(ctx, okta)).toBe(id)
  expect(await eventsOf(id)).toEqual(['okta.connected', 'okta.disconnected', 'okta.connected'])
})

test('a domain that became another organisation is not taken for the old one', async ({ ctx }) => {
  const okta = await openTestOkta()
  const id = await connect(ctx, okta)
  await okta.sandbox.close()
  await using _other = await startSandbox({ port: Number(new URL(okta.url).port), seed: 'other', users: 10 })

  const found = await checkConnection(ctx, id)

  expect(found).toMatchObject({ state: 'broken', checks: [{ id: 'organisation', state: 'missing' }] })
  await deleteConnection(ctx, id)
  await expect(createConnection(ctx, { domain: okta.url, method: 'service_app' })).rejects.toMatchObject({
    code: 'conflict',
  })
})

test("another workspace's connection does not exist", async ({ ctx, otherTenant }) => {
  await using okta = await openTestOkta()
  const id = await connect(ctx, okta)

  for (const call of [
    () => checkConnection(otherTenant, id),
    () => setCredentials(otherTenant, id, { clientId: 'x' }),
    () => deleteConnection(otherTenant, id),
  ])
    await expect(call()).rejects.toMatchObject({ code: 'not_found' })
})
