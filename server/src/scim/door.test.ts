import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { expect } from 'vitest'
import { createServiceUser, createToken, issueCredential } from '#accounts'
import { createHttpServer, openLog, transact } from '#platform'
import { flushCalls } from './calls.ts'
import { scimPlugin } from './index.ts'
import { type Client, connect, oktaUser, test } from './test-client.ts'

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error'

function refused(status: number) {
  return {
    status,
    body: { schemas: [ERROR], status: String(status), detail: expect.stringMatching(/./) },
    headers: { 'content-type': 'application/scim+json; charset=utf-8', 'cache-control': 'no-store' },
  }
}

async function answerTo(scim: Client, authorization: string | undefined) {
  return scim.send('GET', '/Users', undefined, { authorization })
}

test('a stranger is told nothing, whatever he sends', async ({ scim, platform, ctx }) => {
  const { token: api } = await createToken(
    ctx,
    (await createServiceUser(ctx, { name: 'Script', kind: 'api', permissions: [], defaultRoleId: null })).id,
    null,
  )
  const unknown = issueCredential(platform, 'scim', ctx.tenantId).text
  const wrongSecret = scim.token.replace(/_[\w-]{43}_/, `_${'A'.repeat(43)}_`)
  const all = [undefined, '', 'non-token', 'Bearer', 'Basic Zm9vOmJhcg==', `Bearer ${api}`]
  for (const authorization of [
    ...all,
    `Bearer ${unknown}`,
    `Bearer ${wrongSecret}`,
    `Bearer ${scim.token} x`,
  ]) {
    const reply = await answerTo(scim, authorization)
    expect(reply).toMatchObject(refused(401))
    expect(reply.headers['www-authenticate']).toContain('Bearer')
  }
})

test("another workspace's token opens neither its neighbour nor a workspace that is not there", async ({
  scim,
  foreign,
}) => {
  const stranger = await answerTo(scim, 'Bearer nonsense')
  const neighbour = await answerTo(scim, `Bearer ${foreign.token}`)
  const nowhere = await answerTo({ ...scim, path: '/scim/v2/nowhere' }, `Bearer ${foreign.token}`)

  expect(neighbour).toMatchObject(refused(401))
  expect(neighbour.body).toEqual(stranger.body)
  expect(nowhere.body).toEqual(stranger.body)
})

test('a token that is revoked or expired is refused at once', async ({ app, ctx }) => {
  for (const change of [{ revokedAt: new Date() }, { expiresAt: new Date(Date.now() - 1000) }]) {
    const scim = await connect(app, ctx)
    expect(await scim.send('GET', '/Users')).toMatchObject({ status: 200 })

    await transact(ctx, (tx) =>
      tx.db.updateTable('tokens').set(change).where('serviceUserId', '=', scim.serviceUserId).execute(),
    )

    expect(await scim.send('GET', '/Users')).toMatchObject(refused(401))
  }
})

test('a token is accepted without the word Bearer, as Okta header apps send it', async ({ scim }) => {
  expect(await answerTo(scim, scim.token)).toMatchObject({ status: 200 })
  expect(await answerTo(scim, `bearer  ${scim.token}`)).toMatchObject({ status: 200 })
})

/** Sends a request as it is written, without the tidying that URL parsers do. */
function raw(
  app: FastifyInstance,
  method: string,
  path: string,
  headers: string[],
): Promise<number | undefined> {
  const { port } = app.server.address() as AddressInfo
  return new Promise((resolve, reject) =>
    httpRequest({ port, method, path, headers: ['Host', 'desk', ...headers] }, (reply) => {
      reply.resume()
      resolve(reply.statusCode)
    })
      .on('error', reject)
      .end(),
  )
}

const it = test.extend<{ listening: FastifyInstance }>({
  listening: async ({ platform }, use) => {
    const app = await createHttpServer(platform)
    await app.register(scimPlugin, { prefix: '/scim/v2', platform })
    await app.listen({ host: '127.0.0.1', port: 0 })
    await use(app)
    await app.close()
  },
})

it('two Authorization headers are none', async ({ listening, scim }) => {
  const own = `Bearer ${scim.token}`
  const statusOf = (...headers: string[]) => raw(listening, 'GET', `${scim.path}/Users`, headers)

  expect(await statusOf('Authorization', own)).toBe(200)
  expect(await statusOf('Authorization', own, 'authorization', own)).toBe(401)
  expect(await statusOf('Authorization', own, 'AUTHORIZATION', 'Bearer x')).toBe(401)
})

test('a URL that cannot be decoded is refused in SCIM', async ({ scim }) => {
  for (const path of ['/Users/%ff%fe', '/Users/%', '/%zz'])
    expect(await scim.send('GET', path)).toMatchObject(refused(400))
})

const SPELLINGS = [
  ['/Users', 200],
  ['//Users', 200],
  ['/Users/', 200],
  ['/%55sers', 200],
  ['', 200],
  ['/', 200],
  ['/users', 404],
  ['///Users', 404],
  ['/Users//x', 404],
  ['/Users/..', 404],
  ['/./Users', 404],
  ['/%2e%2e/Users', 404],
  ['/Users%2Fx', 404],
  ['/Users%5Cx', 404],
  ['/Users/%00', 404],
  ['/Users/%ff', 404],
  ['/Users;x=1', 404],
  ['/nothing', 404],
  ['/../Users', 404],
  ['/..//Users', 404],
] as const

it.for(SPELLINGS)(
  'the path %j is answered %i, and never without a token',
  async ([tail, status], { listening, scim }) => {
    const path = `${scim.path}${tail}`
    // A broken escape is refused by Fastify itself, before any route.
    const expected = tail.includes('%ff') ? [400, 400] : [status, 401]
    expect(await raw(listening, 'GET', path, ['Authorization', `Bearer ${scim.token}`])).toBe(expected[0])
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])
      expect([method, await raw(listening, method, path, [])]).toEqual([method, expected[1]])
  },
)

test('methods that a path does not take are answered 405 with those it takes', async ({ scim }) => {
  const reply = await scim.send('DELETE', '/Users')
  expect(reply).toMatchObject(refused(405))
  expect(reply.headers['allow']).toBe('GET, POST')
  for (const path of ['/Schemas', '/ResourceTypes', '/ServiceProviderConfig', '/Schemas/x'])
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect(await scim.send(method, path, {})).toMatchObject(refused(405))
  expect(await scim.send('POST', '/Users/x', {})).toMatchObject(refused(405))
})

test.for([
  ['application/scim+json', 201],
  ['application/json', 201],
  ['application/json; charset=utf-8', 201],
  ['APPLICATION/SCIM+JSON;charset="UTF-8"', 201],
  ['application/scim+json; charset=utf-16', 415],
  ['application/jsonx', 415],
  ['application/json, text/plain', 415],
  ['application/json\ttext/plain', 415],
  ['text/plain', 415],
  ['text/json', 415],
  ['application/x-www-form-urlencoded', 415],
  [undefined, 415],
] as const)('a body called %s is answered %i', async ([type, status], { scim }) => {
  const body = JSON.stringify(oktaUser('ada.king@acme.example'))
  const reply = await scim.send('POST', '/Users', Buffer.from(body), { 'content-type': type })
  expect(reply).toMatchObject(status === 201 ? { status } : refused(415))
})

test('bodies that are no JSON, too deep, too large or not UTF-8 are refused', async ({ scim }) => {
  const post = (body: string | Buffer) => scim.send('POST', '/Users', body)
  for (const body of ['', '{', '[]', '"x"', '{"userName":"a","userName":"b"}', '{"userName":"a\\u0000"}'])
    expect([body, await post(Buffer.from(body))]).toMatchObject([body, refused(400)])
  expect(await post('{"a":'.repeat(5000))).toMatchObject(refused(400))
  expect(await post(Buffer.from([0x22, 0xff, 0xfe, 0x22]))).toMatchObject(refused(400))
  expect(await post(`"${'x'.repeat(1024 * 1024)}"`)).toMatchObject(refused(413))
})

test('a GET with a content type and no body is read, and HEAD is a GET without its body', async ({
  scim,
}) => {
  const type = { 'content-type': 'application/scim+json; charset=utf-8' }
  expect(await scim.send('GET', '/Users', undefined, type)).toMatchObject({ status: 200 })
  expect(await scim.send('DELETE', '/Users/mem_x', undefined, type)).toMatchObject(refused(404))
  expect(await scim.send('HEAD', '/Users')).toMatchObject({ status: 200 })
})

test('addresses come from the settings, never from the request', async ({ scim, platform }) => {
  const spoofed = { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }
  const created = await scim.send('POST', '/Users', oktaUser('ada.king@acme.example'), spoofed)

  expect(created.headers['location']).toBe(
    `${platform.config.publicUrl}${scim.path}/Users/${created.body.id}`,
  )
  expect(created.body.meta.location).toBe(created.headers['location'])
  expect(JSON.stringify([created, await scim.send('GET', '/Users', undefined, spoofed)])).not.toContain(
    'evil',
  )
})

test('the log holds no password, no token and no person', async ({ platform, ctx }) => {
  const lines: string[] = []
  const told = { ...platform, log: openLog('debug', (line) => lines.push(line)) }
  const app = await createHttpServer(told)
  await app.register(scimPlugin, { prefix: '/scim/v2', platform: told })
  const scim = await connect(app, ctx)

  const strange = oktaUser('ada.king@acme.example', { active: 'True', shoeSize: 'canary', nickName: '' })
  expect(await scim.send('POST', '/Users', strange)).toMatchObject({ status: 201, body: { active: true } })
  await scim.send('POST', '/Users', strange)
  await app.close()

  const log = lines.join('')
  expect(log).toContain('http.answered')
  for (const secret of ['canary', 'ada.king', scim.token.slice(-30)]) expect(log).not.toContain(secret)
})

test('a token that is none is in the log of its workspace, without what was sent', async ({
  scim,
  foreign,
  ctx,
  platform,
}) => {
  const wrong = { authorization: 'Bearer mistyped-canary' }
  expect(await scim.send('POST', '/Users?x=canary', oktaUser('canary@acme.example'), wrong)).toMatchObject(
    refused(401),
  )
  expect(
    await scim.send('GET', '/Users', undefined, { authorization: `Bearer ${foreign.token}` }),
  ).toMatchObject(refused(401))
  const lines = async (tenant: typeof ctx) => {
    await flushCalls(platform)
    return transact(tenant, (tx) => tx.db.selectFrom('scimCalls').selectAll().execute())
  }
  await expect.poll(async () => (await lines(ctx)).length).toBe(2)
  expect(await lines(ctx)).toMatchObject([
    { status: 401, method: 'POST', path: '/Users', serviceUserId: null, request: null },
    { status: 401, method: 'GET', path: '/Users', serviceUserId: null },
  ])
  expect(JSON.stringify(await lines(ctx))).not.toContain('canary')
  expect(await lines(foreign.ctx)).toEqual([])
})
