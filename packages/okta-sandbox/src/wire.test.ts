import { request } from 'node:http'
import { expect, test } from 'vitest'
import { nextOf, openSandbox } from '../test/okta.ts'

/** Speaks HTTP by hand, for what `fetch` joins or forbids. */
function raw(url: string, headers: Record<string, string>, method = 'GET') {
  return new Promise<{ status: number; rawHeaders: string[]; location: string | undefined }>(
    (resolve, reject) => {
      const sent = request(url, { method, headers }, (response) => {
        response.resume()
        const { statusCode = 0, rawHeaders } = response
        response.on('end', () =>
          resolve({ status: statusCode, rawHeaders, location: response.headers.location }),
        )
      })
      sent.on('error', reject)
      sent.end()
    },
  )
}

test('self and next come as two header lines', async () => {
  await using client = await openSandbox()
  const authorization = `SSWS ${client.sandbox.credentials.ssws.token}`
  const { rawHeaders } = await raw(`${client.sandbox.url}/api/v1/users?limit=2`, { authorization })
  const lines = rawHeaders.filter((_, i) => rawHeaders[i - 1]?.toLowerCase() === 'link')
  expect(lines.map((line) => line.match(/rel="(\w+)"/)?.[1])).toEqual(['self', 'next'])
})

test('the admin host is a redirect to the plain one', async () => {
  await using client = await openSandbox()
  const { port } = new URL(client.sandbox.url)
  const reply = await raw(`${client.sandbox.url}/api/v1/users?limit=1`, {
    host: `acme-admin.localhost:${port}`,
  })
  expect(reply).toMatchObject({ status: 302, location: `http://acme.localhost:${port}/api/v1/users?limit=1` })
})

test('links lead back over the host the caller used', async () => {
  await using client = await openSandbox()
  const { port } = new URL(client.sandbox.url)
  const reply = await client.okta('GET', '/api/v1/users?limit=1', undefined)
  expect(reply.headers.get('link')).toContain(`http://127.0.0.1:${port}/`)
})

test.for([
  ['GET', '/api/v1/nothing', 404, 'E0000008'],
  ['PATCH', '/api/v1/users', 405, 'E0000022'],
] as const)('%s %s answers %s', async ([method, path, status, errorCode]) => {
  await using client = await openSandbox()
  expect(await client.okta(method, path)).toMatchObject({ status, body: { errorCode } })
})

test('a body that is not JSON is E0000003', async () => {
  await using client = await openSandbox()
  const authorization = `SSWS ${client.sandbox.credentials.ssws.token}`
  const reply = await fetch(`${client.sandbox.url}/api/v1/groups`, {
    method: 'POST',
    headers: { authorization },
    body: '{',
  })
  expect(await reply.json()).toMatchObject({ errorCode: 'E0000003' })
})

test('a token has half a bucket, shared by its routes, and then 429 with a time', async () => {
  await using client = await openSandbox({ rateLimits: 'workforce' })
  const [app] = (await client.okta('GET', '/api/v1/apps?limit=1')).body
  const second = await client.okta('GET', `/api/v1/apps/${app.id}/users?limit=1`)
  expect(second.headers.get('x-rate-limit-limit')).toBe('50')
  expect(second.headers.get('x-rate-limit-remaining')).toBe('48')
  const one = await client.okta('GET', `/api/v1/apps/${app.id}`)
  expect(one.headers.get('x-rate-limit-limit')).toBe('250')

  for (let left = 48; left > 0; left -= 1) await client.okta('GET', '/api/v1/apps?limit=1')
  const refused = await client.okta('GET', '/api/v1/apps?limit=1')
  expect([refused.status, refused.body.errorCode]).toEqual([429, 'E0000047'])
  expect(refused.headers.get('retry-after')).toBeNull()
  const wait =
    Number(refused.headers.get('x-rate-limit-reset')) - Date.parse(refused.headers.get('date') ?? '') / 1000
  expect(wait).toBeGreaterThan(0)
  expect(wait).toBeLessThanOrEqual(60)
  expect((await client.okta('GET', '/api/v1/groups?limit=1')).status).toBe(200)

  await client.control('DELETE', '/rate-limits')
  expect((await client.okta('GET', '/api/v1/apps?limit=1')).status).toBe(200)
})

test.for([
  ['429', { 'x-rate-limit-limit': '50', 'x-rate-limit-remaining': '0' }],
  ['concurrency-429', { 'x-rate-limit-limit': '0', 'x-rate-limit-remaining': '0' }],
] as const)('fault %s answers 429 in its own form', async ([kind, headers]) => {
  await using client = await openSandbox()
  await client.control('POST', '/faults', { kind, times: 1 })
  const reply = await client.okta('GET', '/api/v1/users?limit=1')
  expect(reply.status).toBe(429)
  expect(Object.fromEntries(reply.headers)).toMatchObject(headers)
  expect((await client.okta('GET', '/api/v1/users?limit=1')).status).toBe(200)
})

test('a page can be empty and still have a next, which loses nothing', async () => {
  await using client = await openSandbox()
  await client.control('POST', '/faults', {
    kind: 'empty-page-with-next',
    match: { path: '/api/v1/users' },
    times: 1,
  })
  const empty = await client.okta('GET', '/api/v1/users?limit=5')
  expect(empty.body).toEqual([])
  const page = await client.okta('GET', nextOf(empty) ?? '')
  const plain = await client.okta('GET', '/api/v1/users?limit=5')
  expect(page.body).toEqual(plain.body)
})

test.for([
  ['cut-before-effect', 0, 'ACTIVE'],
  ['cut-after-effect', 1, 'SUSPENDED'],
  ['half-body', 1, 'SUSPENDED'],
  ['timeout', 0, 'ACTIVE'],
] as const)('fault %s leaves %i effects', async ([kind, effects, status]) => {
  await using client = await openSandbox()
  const { body: ada } = await client.okta('GET', '/api/v1/users/ada.kingsley')
  await client.control('POST', '/faults', {
    kind,
    match: { method: 'POST', path: '/api/v1/users/' },
    times: 1,
    ...(kind === 'timeout' && { delayMs: 20 }),
  })

  await expect(client.okta('POST', `/api/v1/users/${ada.id}/lifecycle/suspend`, {})).rejects.toThrow()

  expect(await client.ledger(`?kind=user.suspend&target=${ada.id}`)).toHaveLength(effects)
  expect((await client.okta('GET', `/api/v1/users/${ada.id}`)).body.status).toBe(status)
})

test('faults can be chosen by expression, counted, listed and taken back', async () => {
  await using client = await openSandbox()
  const made = await client.control('POST', '/faults', {
    kind: 'status',
    status: 503,
    match: { path: '^/api/v1/groups/[^/?]+/users' },
  })
  const [group] = (await client.okta('GET', '/api/v1/groups?limit=1')).body
  expect((await client.okta('GET', `/api/v1/groups/${group.id}/users`)).status).toBe(503)
  expect((await client.control('GET', '/faults')).body).toMatchObject([
    { id: made.body.id, hits: 1, times: null },
  ])
  await client.control('DELETE', `/faults/${made.body.id}`)
  expect((await client.okta('GET', `/api/v1/groups/${group.id}/users`)).status).toBe(200)
  expect((await client.control('POST', '/faults', { kind: 'nonsense' })).status).toBe(400)
})

test('a stale fault spoils the cursor, and shows a user as they were', async () => {
  await using client = await openSandbox()
  await client.okta('POST', '/api/v1/users/ada.kingsley/lifecycle/suspend', {})
  const next = nextOf(await client.okta('GET', '/api/v1/users?limit=5')) ?? ''
  await client.control('POST', '/faults', { kind: 'stale', times: 2 })
  expect((await client.okta('GET', next)).body.errorCode).toBe('E0000029')
  expect((await client.okta('GET', '/api/v1/users/ada.kingsley')).body.status).toBe('ACTIVE')
  expect((await client.okta('GET', '/api/v1/users/ada.kingsley')).body.status).toBe('SUSPENDED')
})

test('a share of requests fails, the same ones for the same seed', async () => {
  const draw = async () => {
    await using client = await openSandbox()
    await client.control('POST', '/faults', { kind: '500', share: 0.4 })
    const statuses: number[] = []
    for (let i = 0; i < 20; i += 1) statuses.push((await client.okta('GET', '/api/v1/org')).status)
    return statuses
  }
  const first = await draw()
  expect(new Set(first)).toEqual(new Set([200, 500]))
  expect(await draw()).toEqual(first)
})

test('an event hook is verified by its challenge and told of what the log wrote', async () => {
  await using client = await openSandbox()
  const told = Promise.withResolvers<{ authorization: string | undefined; body: string }>()
  const { createServer } = await import('node:http')
  const server = createServer(async (incoming, response) => {
    const verification = incoming.headers['x-okta-verification-challenge']
    const body = (await incoming.toArray()).join('')
    response
      .setHeader('content-type', 'application/json')
      .end(verification ? JSON.stringify({ verification }) : '')
    if (!verification) told.resolve({ authorization: incoming.headers.authorization, body })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const config = {
    uri: `http://127.0.0.1:${port}/hook`,
    authScheme: { type: 'HEADER', key: 'authorization', value: 'secret' },
  }
  const hook = {
    name: 'Keydesk',
    events: { type: 'EVENT_TYPE', items: ['user.lifecycle.suspend'] },
    channel: { type: 'HTTP', version: '1.0.0', config },
  }

  const made = await client.okta('POST', '/api/v1/eventHooks', hook)
  expect(made.body).toMatchObject({ status: 'ACTIVE', verificationStatus: 'UNVERIFIED' })
  const verified = await client.okta('POST', `/api/v1/eventHooks/${made.body.id}/lifecycle/verify`, {})
  expect(verified.body.verificationStatus).toBe('VERIFIED')
  await client.okta('POST', '/api/v1/users/ada.kingsley/lifecycle/suspend', {})

  const { authorization, body } = await told.promise
  expect(authorization).toBe('secret')
  expect(JSON.parse(body).data.events[0].eventType).toBe('user.lifecycle.suspend')
  server.close()
})
