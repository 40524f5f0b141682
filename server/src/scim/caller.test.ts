import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { expect, vi } from 'vitest'
import {
  createBasicCredential,
  createServiceUser,
  createToken,
  issueCredential,
  revokeToken,
} from '#accounts'
import { type Context, createHttpServer, listTenants, type Platform, transact } from '#platform'
import { test as base, openTestPlatform } from '../../test/tenant.ts'
import { authenticate, CallerRefused } from './caller.ts'
import { answerOf } from './errors.ts'

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: { detail?: string; tenantId?: string; shadow?: boolean; homeTenantId?: string; actor?: string }
  /** Why the log says it was refused. */
  why: string | undefined
}

interface Door {
  ctx: Context
  slug: string
  serviceUserId: string
  knock(authorization?: string, more?: { query?: string; address?: string; slug?: string }): Promise<Answer>
}

const test = base
  .extend<{ app: FastifyInstance }>({
    app: [
      async ({ platform }, use) => {
        const app = await openDoor(platform)
        await use(app)
        await app.close()
      },
      { scope: 'file' },
    ],
  })
  .extend<{ door: Door }>({
    door: async ({ app, ctx }, use) => use(await doorOf(app, ctx)),
  })

/** The door of the SCIM plugin with nothing behind it. */
async function openDoor(platform: Platform): Promise<FastifyInstance> {
  const app = await createHttpServer(platform)
  await app.register((door, _options, done) => {
    door.get<{ Params: { slug: string } }>('/scim/v2/:slug/Users', async (request) => {
      const { ctx, homeTenantId, shadow } = await authenticate(platform, request, request.params.slug)
      return { tenantId: ctx.tenantId, actor: ctx.actor.name, homeTenantId, shadow }
    })
    door.setErrorHandler((error, _request, reply) => {
      const { status, body, headers } = answerOf(error, platform)
      const why = error instanceof CallerRefused ? { 'x-why': error.why } : {}
      return reply
        .status(status)
        .headers({ ...headers, ...why })
        .send(body)
    })
    done()
  })
  return app
}

/** The same token with another secret, and a check that fits. */
function withAnotherSecret(token: string): string {
  const body = token.slice(0, -9).replace(/_[\w-]{43}$/, `_${'A'.repeat(43)}`)
  return `${body}_${createHash('sha256').update(body).digest('hex').slice(0, 8)}`
}

async function doorOf(app: FastifyInstance, ctx: Context): Promise<Door> {
  const user = await createServiceUser(ctx, {
    name: 'Okta',
    kind: 'scim',
    permissions: [],
    defaultRoleId: null,
  })
  const own = (await listTenants(ctx.platform)).find((tenant) => tenant.id === ctx.tenantId)?.slug ?? ''
  return {
    ctx,
    slug: own,
    serviceUserId: user.id,
    async knock(authorization, { query = '', address = '203.0.113.1', slug = own } = {}) {
      const reply = await app.inject({
        method: 'GET',
        url: `/scim/v2/${slug}/Users${query}`,
        headers: authorization === undefined ? {} : { authorization },
        remoteAddress: address,
      })
      const { 'x-why': why, ...headers } = reply.headers
      return { status: reply.statusCode, headers, body: reply.json(), why: why as string | undefined }
    },
  }
}

async function newToken({ ctx, serviceUserId }: Door, replaces: string | null = null) {
  return createToken(ctx, serviceUserId, null, replaces)
}

function basic(userName: string, password: string): string {
  return `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`
}

function set({ ctx, serviceUserId }: Door, scim: object): Promise<unknown> {
  return transact(ctx, (tx) =>
    tx.db
      .updateTable('serviceUsers')
      .set({ scim: JSON.stringify(scim) })
      .where('id', '=', serviceUserId)
      .execute(),
  )
}

test('a token comes in with the word Bearer, and without it only where that is allowed', async ({ door }) => {
  const { token } = await newToken(door)

  expect(await door.knock(`Bearer ${token}`)).toMatchObject({
    status: 200,
    body: { actor: 'Okta', shadow: false },
  })
  expect(await door.knock(`bearer   ${token}`)).toMatchObject({ status: 200 })
  expect(await door.knock(token)).toMatchObject({ status: 200 })

  await set(door, { bareToken: false })
  expect(await door.knock(`Bearer ${token}`)).toMatchObject({ status: 200 })
  expect(await door.knock(token)).toMatchObject({ status: 401, why: 'bare_token' })
})

test('user name and password come in by Basic, and by nothing else', async ({ door }) => {
  const { userName, password } = await createBasicCredential(door.ctx, door.serviceUserId, null)

  expect(await door.knock(basic(userName, password))).toMatchObject({ status: 200, body: { actor: 'Okta' } })

  const { token } = await newToken(door)
  const { userName: other } = await createBasicCredential(door.ctx, door.serviceUserId, null)
  for (const wrong of [
    basic(other, password),
    basic(userName, `${password}:`),
    basic(`:${userName}`, password),
    basic(userName, token),
    basic('', password),
    basic(userName, ''),
    basic(userName, password.toUpperCase()),
    basic(`${userName}\u0000`, password),
    `Basic ${Buffer.from(`${userName}:${password}`, 'utf16le').toString('base64')}`,
    `Basic ${Buffer.concat([Buffer.from(`${userName}:${password}`), Buffer.from([0xff])]).toString('base64')}`,
    `Basic ${userName}:${password}`,
    `Bearer ${password}`,
    password,
  ])
    expect([wrong, await door.knock(wrong)]).toMatchObject([wrong, { status: 401 }])
})

test('whoever is a stranger is told the same, and what is offered', async ({
  door,
  platform,
  otherTenant,
  app,
}) => {
  const foreign = await doorOf(app, otherTenant)
  const { token } = await newToken(door)
  const { token: neighbours } = await newToken(foreign)
  const foreignBasic = await createBasicCredential(foreign.ctx, foreign.serviceUserId, null)
  const api = await createServiceUser(door.ctx, {
    name: 's',
    kind: 'api',
    permissions: [],
    defaultRoleId: null,
  })
  const { token: apiToken } = await createToken(door.ctx, api.id, null)
  const issued = (kind: 'scim' | 'ses' | 'link' | 'code' | 'ref') =>
    issueCredential(platform, kind, door.ctx.tenantId).text

  const answers = [
    await door.knock(),
    await door.knock(''),
    await door.knock('Bearer'),
    await door.knock(`Bearer ${neighbours}`),
    await door.knock(basic(foreignBasic.userName, foreignBasic.password)),
    await door.knock(`Bearer ${apiToken}`),
    await door.knock(`Bearer ${withAnotherSecret(token)}`),
    await door.knock(`Bearer ${token}`, { slug: foreign.slug }),
    await door.knock(`Bearer ${token}`, { slug: 'nowhere' }),
  ]
  for (const kind of ['scim', 'ses', 'link', 'code', 'ref'] as const)
    answers.push(await door.knock(`Bearer ${issued(kind)}`))

  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 401, why: undefined })
    expect(answer.body).toEqual(answers[0]?.body)
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="SCIM", Basic realm="SCIM", charset="UTF-8"',
    )
  }
})

test('a credential that ended is told what strangers are told, and the log knows why', async ({ door }) => {
  const stranger = await door.knock('Bearer nonsense')
  const { token, details } = await newToken(door)
  const say = async () => {
    const { status, body, why, headers } = await door.knock(`Bearer ${token}`)
    expect(body).toEqual(stranger.body)
    expect(headers['www-authenticate']).toBe(stranger.headers['www-authenticate'])
    return [status, why]
  }
  const change = (values: object) =>
    transact(door.ctx, (tx) => tx.db.updateTable('tokens').set(values).where('id', '=', details.id).execute())

  await change({ expiresAt: new Date(Date.now() - 1000) })
  expect(await say()).toEqual([401, 'expired'])
  await change({ expiresAt: null })
  expect((await door.knock(`Bearer ${token}`)).status).toBe(200)
  await revokeToken(door.ctx, details.id)
  expect(await say()).toEqual([401, 'revoked'])
  await transact(door.ctx, (tx) =>
    tx.db
      .updateTable('serviceUsers')
      .set({ removedAt: new Date() })
      .where('id', '=', door.serviceUserId)
      .execute(),
  )
  expect(await say()).toEqual([401, 'removed'])
})

test('a connection in shadow mode works on its copy, and is known by its own workspace', async ({
  door,
  otherTenant,
}) => {
  const { token } = await newToken(door)
  await transact(door.ctx, (tx) =>
    tx.db
      .updateTable('serviceUsers')
      .set({ shadowTenantId: otherTenant.tenantId })
      .where('id', '=', door.serviceUserId)
      .execute(),
  )

  expect((await door.knock(`Bearer ${token}`)).body).toMatchObject({
    tenantId: otherTenant.tenantId,
    homeTenantId: door.ctx.tenantId,
    shadow: true,
  })
})

test('a token in the address is refused before it is tried, also a good one', async ({ door }) => {
  const { token } = await newToken(door)

  for (const authorization of [undefined, `Bearer ${token}`])
    expect(await door.knock(authorization, { query: `?access_token=${token}` })).toMatchObject({
      status: 400,
    })
})

test('the old token works until the new one is used, and not a call longer', async ({ door, eventsOf }) => {
  const old = await newToken(door)
  const fresh = await newToken(door, old.details.id)

  for (let call = 0; call < 3; call++) expect((await door.knock(`Bearer ${old.token}`)).status).toBe(200)
  const first = await Promise.all(Array.from({ length: 8 }, () => door.knock(`Bearer ${fresh.token}`)))

  expect(first.map(({ status }) => status)).toEqual(Array(8).fill(200))
  expect(await door.knock(`Bearer ${old.token}`)).toMatchObject({ status: 401, why: 'revoked' })
  expect(await door.knock(`Bearer ${fresh.token}`)).toMatchObject({ status: 200 })
  expect((await eventsOf(old.details.id)).filter((type) => type === 'token.rotated')).toHaveLength(1)
})

test('a new token that is refused does not end the old one', async ({ door }) => {
  const old = await newToken(door)
  const fresh = await newToken(door, old.details.id)
  await set(door, { allowedNetworks: ['203.0.113.0/24'] })

  expect((await door.knock(`Bearer ${fresh.token}`, { address: '198.51.100.7' })).status).toBe(403)
  expect((await door.knock(`Bearer ${old.token}`)).status).toBe(200)
})

test('only allowed networks may call, by IPv4 and IPv6', async ({ door }) => {
  const { token } = await newToken(door)
  await set(door, { allowedNetworks: ['198.51.100.0/24', '203.0.113.9', '2001:db8:1::/48'] })
  const statusFrom = async (address: string) => (await door.knock(`Bearer ${token}`, { address })).status

  for (const address of ['198.51.100.77', '203.0.113.9', '2001:db8:1:ffff::1', '::ffff:198.51.100.77'])
    expect([address, await statusFrom(address)]).toEqual([address, 200])
  for (const address of ['198.51.101.1', '203.0.113.8', '2001:db8:2::1', '::1', '::ffff:203.0.113.8'])
    expect([address, await statusFrom(address)]).toEqual([address, 403])

  const refused = await door.knock(`Bearer ${token}`, { address: '192.0.2.1' })
  expect(refused).toMatchObject({ why: 'address_not_allowed' })
  expect(refused.body.detail).toContain('192.0.2.1')
  // A stranger learns of no list.
  expect((await door.knock('Bearer x', { address: '192.0.2.1' })).status).toBe(401)
})

test('over its limit a connection is told when to come again, in whole seconds', async ({ door }) => {
  const { token } = await newToken(door)
  await set(door, { requestsPerMinute: 10 })

  const answers = []
  for (let call = 0; call < 12; call++) answers.push(await door.knock(`Bearer ${token}`))

  expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(200), 429, 429])
  const told = answers.at(-1)
  expect(told).toMatchObject({ why: 'over_limit' })
  expect(told?.headers['retry-after']).toMatch(/^[1-9]\d?$/)
  expect(told?.body.detail).toMatch(/10 requests a minute.*raise/)
})

test('an address that only guesses is stopped, and shuts out nobody who was in', async ({
  door,
  platform,
  app,
  otherTenant,
}) => {
  const foreign = await doorOf(app, otherTenant)
  const address = '192.0.2.99'
  const { token } = await newToken(door)
  expect((await door.knock(`Bearer ${token}`, { address })).status).toBe(200)
  const guess = () =>
    foreign.knock(`Bearer ${issueCredential(platform, 'scim', foreign.ctx.tenantId).text}`, { address })

  const guesses = await Promise.all(Array.from({ length: 150 }, guess))
  const late = await guess()

  expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401]))
  expect(late).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } })
  expect((await door.knock(`Bearer ${token}`, { address })).status).toBe(200)
  // Knowing the id of a good token does not help, and what cannot be one costs no look.
  expect((await door.knock(`Bearer ${withAnotherSecret(token)}`, { address })).status).toBe(429)
  expect((await door.knock('Bearer nonsense', { address })).status).toBe(401)
  expect((await guess()).status).toBe(429)
  expect((await foreign.knock('Bearer nonsense', { address: '192.0.2.100' })).status).toBe(401)
})

test('two Authorization headers are none', async ({ door, platform }) => {
  const app = await openDoor(platform)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const { token } = await newToken(door)
  const statusOf = (...headers: string[]) =>
    new Promise((resolve, reject) =>
      httpRequest(
        { port, path: `/scim/v2/${door.slug}/Users`, headers: ['Host', 'desk', ...headers] },
        (reply) => {
          reply.resume()
          resolve(reply.statusCode)
        },
      )
        .on('error', reject)
        .end(),
    )

  expect(await statusOf('Authorization', `Bearer ${token}`)).toBe(200)
  expect(await statusOf('Authorization', `Bearer ${token}`, 'authorization', `Bearer ${token}`)).toBe(401)
  await app.close()
})

test('a token that was revoked is refused by every process from that moment', async ({ door, database }) => {
  const second = await openTestPlatform(database.url)
  const apps = [await openDoor(door.ctx.platform), await openDoor(second)]
  const { token, details } = await newToken(door)
  const statuses = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async (_, nth) => {
        const request = { url: `/scim/v2/${door.slug}/Users`, headers: { authorization: `Bearer ${token}` } }
        return (await apps[nth % 2]?.inject(request))?.statusCode
      }),
    )
  expect(new Set(await statuses(50))).toEqual(new Set([200]))

  // Some are on their way when it is revoked; what is sent after that is not accepted once.
  const onTheirWay = statuses(50)
  await revokeToken(door.ctx, details.id)
  expect(new Set(await statuses(500))).toEqual(new Set([401]))
  await onTheirWay
  for (const app of apps) await app.close()
  await second.close()
})

test('the time of the last use is kept, to the minute', async ({ door }) => {
  const { token, details } = await newToken(door)
  const usedAt = async () =>
    (
      await transact(door.ctx, (tx) =>
        tx.db
          .selectFrom('tokens')
          .select('lastUsedAt')
          .where('id', '=', details.id)
          .executeTakeFirstOrThrow(),
      )
    ).lastUsedAt?.getTime()
  expect(await usedAt()).toBeUndefined()

  await door.knock(`Bearer ${token}`)
  const first = await usedAt()
  await door.knock(`Bearer ${token}`)
  expect(await usedAt()).toBe(first)

  const old = new Date(Date.now() - 3_600_000)
  await transact(door.ctx, (tx) =>
    tx.db.updateTable('tokens').set({ lastUsedAt: old }).where('id', '=', details.id).execute(),
  )
  await door.knock(`Bearer ${token}`)
  await vi.waitUntil(async () => (await usedAt()) !== old.getTime(), { timeout: 10_000 })
})
