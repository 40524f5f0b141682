import { describe, expect, test } from 'vitest'
import { openTestOkta, type TestOkta } from '../test/okta.ts'
import { openProxy, openSink } from '../test/proxy.ts'
import { OktaError, OktaNoAnswer } from './error.ts'
import { makeOkta, type Okta } from './okta.ts'
import { type CallOptions, makeTransport, openSession } from './transport.ts'

const ALL = ['okta.users.manage', 'okta.groups.manage', 'okta.apps.read', 'okta.roles.read']
const passes = async () => {}

function serviceApp(
  okta: TestOkta,
  options: Partial<CallOptions> & { url?: string; scopes?: string[] } = {},
): Okta {
  const { clientId, privateJwk } = okta.sandbox.credentials.serviceApp
  const session = openSession(
    options.url ?? okta.url,
    { method: 'service_app', clientId, privateJwk },
    options.scopes ?? ALL,
  )
  return makeOkta(makeTransport(session, { lane: 'interactive', ...options }))
}

async function all(okta: Okta): Promise<string[]> {
  const ids: string[] = []
  for (let next: string | null = null; ; ) {
    const page: { items: { id: string }[]; next: string | null } = await okta.users.page(next)
    ids.push(...page.items.map(({ id }) => id))
    if (page.next === null) return ids
    next = page.next
  }
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('tokens', () => {
  test('five calls at once ask for one token, after one challenge', async () => {
    await using sandbox = await openTestOkta()
    const okta = serviceApp(sandbox)

    await Promise.all(Array.from({ length: 5 }, () => okta.groups.page(null)))

    const { requests } = await sandbox.control('GET', '/stats')
    expect(requests['POST /oauth2/v1/token']).toBe(2)
  })

  test('a scope that was not granted costs that scope only', async () => {
    await using sandbox = await openTestOkta()
    const { clientId } = sandbox.sandbox.credentials.serviceApp
    await sandbox.control('PATCH', `/service-apps/${clientId}`, {
      scopes: ['okta.users.manage', 'okta.apps.read'],
    })
    const okta = serviceApp(sandbox)

    const scopes = await okta.transport.session.authority.scopes(AbortSignal.timeout(5000))

    expect(scopes).toEqual(['okta.users.manage', 'okta.apps.read'])
    expect(await failureOf(okta.groups.page(null))).toMatchObject({
      status: 403,
      missingScope: 'okta.groups.read',
    })
  })

  test('a token that Okta no longer takes is replaced once', async () => {
    await using sandbox = await openTestOkta()
    await using proxy = await openProxy(sandbox.url)
    const okta = serviceApp(sandbox, { url: proxy.url })
    let refusals = 0
    proxy.tamper = (request, reply) => {
      if (!request.url?.startsWith('/api') || refusals++ > 0) return
      reply.status = 401
      reply.headers['www-authenticate'] = 'DPoP error="invalid_token"'
    }

    expect((await okta.groups.page(null)).items.length).toBeGreaterThan(0)
    expect(refusals).toBe(2)
  })

  test('an API token is sent as it is', async () => {
    await using sandbox = await openTestOkta()
    const session = openSession(
      sandbox.url,
      { method: 'api_token', token: sandbox.sandbox.credentials.ssws.token },
      [],
    )

    const okta = makeOkta(makeTransport(session, { lane: 'interactive' }))

    expect(await all(okta)).toHaveLength(30)
  })

  test('no error tells a secret', async () => {
    await using sandbox = await openTestOkta()
    const token = '00notthetokenofthisorganisation'
    const session = openSession(sandbox.url, { method: 'api_token', token }, [])

    const error = await failureOf(makeOkta(makeTransport(session, { lane: 'interactive' })).groups.page(null))

    expect(error).toMatchObject({ status: 401, errorCode: 'E0000011' })
    expect(`${JSON.stringify(error)} ${(error as Error).stack}`).not.toContain(token)
  })
})

describe('reads', () => {
  test.for([
    ['500', 2],
    ['429', 2],
    ['concurrency-429', 1],
    ['half-body', 2],
    ['cut-before-effect', 2],
  ] as const)('%s passes by itself', async ([kind, times]) => {
    await using sandbox = await openTestOkta()
    await sandbox.fault(kind, { times, resetSeconds: 0, match: { path: '/api/v1/users' } })

    expect(await all(serviceApp(sandbox))).toHaveLength(30)
  })

  test('trouble that stays is told after three tries', async () => {
    await using sandbox = await openTestOkta()
    await sandbox.fault('500', { match: { path: '/api/v1/groups' } })

    expect(await failureOf(serviceApp(sandbox).groups.page(null))).toMatchObject({ errorCode: 'E0000009' })
    const { requests } = await sandbox.control('GET', '/stats')
    expect(requests['GET /api/v1/groups']).toBe(3)
  })

  test('a page that Okta cannot manage is asked for by halves', async () => {
    await using sandbox = await openTestOkta({ users: 80 })
    await using proxy = await openProxy(sandbox.url)
    await sandbox.fault('500', { times: 2, match: { path: '/api/v1/users' } })

    expect(await all(serviceApp(sandbox, { url: proxy.url }))).toHaveLength(80)

    const limits = proxy.seen.flatMap((line) => /limit=(\d+)/.exec(line)?.[1] ?? [])
    expect(limits).toEqual(['200', '100', '50', '50'])
  })

  test('an empty page is not the end', async () => {
    await using sandbox = await openTestOkta({ users: 250 })
    await sandbox.fault('empty-page-with-next', { times: 2 })

    const ids = await all(serviceApp(sandbox))

    expect(new Set(ids).size).toBe(250)
  })

  test('an answer that never comes is given up', async () => {
    await using sandbox = await openTestOkta()
    await sandbox.fault('timeout', { match: { path: '/api/v1/groups' } })

    const error = await failureOf(serviceApp(sandbox, { timeoutMs: 100 }).groups.page(null))

    expect(error).toBeInstanceOf(OktaNoAnswer)
    expect(error).toMatchObject({ sent: true, message: expect.stringContaining('did not answer in time') })
  })

  test('whoever stops listening is not kept waiting', async () => {
    await using sandbox = await openTestOkta()
    await sandbox.fault('timeout', { match: { path: '/api/v1/groups' } })
    const stopped = new AbortController()
    const reading = failureOf(serviceApp(sandbox, { signal: stopped.signal }).groups.page(null))

    stopped.abort(new Error('enough'))

    expect(await reading).toMatchObject({ message: 'enough' })
  })

  test('a page of HTML is no answer', async () => {
    await using sink = await openSink('<html>Welcome to the hotel</html>')
    const session = openSession(sink.url, { method: 'api_token', token: 'x' }, [])

    const error = await failureOf(makeOkta(makeTransport(session, { lane: 'interactive' })).groups.page(null))

    expect(error).toMatchObject({ name: 'OktaNoAnswer', message: expect.stringContaining('not JSON') })
  })
})

describe('the credential goes nowhere else', () => {
  test.for([
    ['another host', (sink: string) => `${sink}/api/v1/users?after=x`],
    ['another scheme', (_: string, own: string) => `${own.replace('http:', 'https:')}/api/v1/users?after=x`],
    ['a host without a scheme', (sink: string) => `${sink.replace('http:', '')}/api/v1/users?after=x`],
    [
      'a user before the host',
      (sink: string, own: string) => `${own}@${new URL(sink).host}/api/v1/users?after=x`,
    ],
    ['another listing', (_: string, own: string) => `${own}/api/v1/api-tokens?after=x`],
    ['a path that climbs', (_: string, own: string) => `${own}/api/v1/users/../api-tokens`],
    ['no address at all', () => 'http://['],
  ] as const)('a next link to %s is refused', async ([, link]) => {
    await using sandbox = await openTestOkta()
    await using sink = await openSink('[]')
    await using proxy = await openProxy(sandbox.url)
    proxy.tamper = (request, reply) => {
      if (request.url?.startsWith('/api'))
        reply.headers['link'] =
          `<${proxy.url}/api/v1/users>; rel="self", <${link(sink.url, proxy.url)}>; rel="next"`
    }

    const error = await failureOf(all(serviceApp(sandbox, { url: proxy.url })))

    expect(error).toBeInstanceOf(OktaError)
    expect(String(error)).toContain('another address')
    expect(sink.seen).toEqual([])
    expect(proxy.seen.filter((line) => line.includes('/api/'))).toHaveLength(1)
  })

  test.for(['/oauth2/v1/token', '/api/v1/groups'])('a redirect from %s is not followed', async (path) => {
    await using sandbox = await openTestOkta()
    await using sink = await openSink('[]')
    await using proxy = await openProxy(sandbox.url)
    proxy.tamper = (request, reply) => {
      if (!request.url?.startsWith(path)) return
      reply.status = 302
      reply.headers['location'] = `${sink.url}/steal`
    }

    const error = await failureOf(serviceApp(sandbox, { url: proxy.url }).groups.page(null))

    expect(error).toBeInstanceOf(OktaError)
    expect(sink.seen).toEqual([])
  })
})

describe('writes', () => {
  const suspendAda = async (sandbox: TestOkta, lastCheck = passes, timeoutMs?: number) => {
    const ada = await sandbox.userId('ada.kingsley@acme.example')
    const okta = serviceApp(sandbox, timeoutMs ? { timeoutMs } : {})
    await okta.users.find(ada)
    const error = await failureOf(okta.users.suspend(ada, lastCheck))
    return { error, effects: (await sandbox.effects('user.suspend')).length }
  }
  const lifecycle = { match: { method: 'POST', path: '^/api/v1/users/.*/lifecycle' } }

  test.for([
    ['cut-before-effect', { name: 'OktaNoAnswer', sent: true }, 0],
    ['cut-after-effect', { name: 'OktaNoAnswer', sent: true }, 1],
    ['timeout', { name: 'OktaNoAnswer', sent: true }, 0],
    ['500', { name: 'OktaError', status: 500 }, 0],
    ['429', { name: 'OktaError', status: 429 }, 0],
    ['half-body', undefined, 1],
    ['delay', undefined, 1],
  ] as const)('%s is sent once and told as it is', async ([kind, expected, effects]) => {
    await using sandbox = await openTestOkta()
    await sandbox.fault(kind, { ...lifecycle, ...(kind === 'delay' && { delayMs: 50 }) })

    const found = await suspendAda(sandbox, passes, kind === 'timeout' ? 300 : undefined)

    if (expected) expect(found.error).toMatchObject(expected)
    else expect(found.error).toBeUndefined()
    expect(found.effects).toBe(effects)
    const { requests } = await sandbox.control('GET', '/stats')
    expect(requests['POST /api/v1/users/{user}/lifecycle/suspend']).toBe(1)
  })

  test('the last check that says no keeps the call from leaving', async () => {
    await using sandbox = await openTestOkta()
    const refusal = new Error('another worker has it')

    const { error } = await suspendAda(sandbox, () => Promise.reject(refusal))

    expect(error).toBe(refusal)
    const { requests } = await sandbox.control('GET', '/stats')
    expect(requests['POST /api/v1/users/{user}/lifecycle/suspend']).toBeUndefined()
  })

  test('without a token nothing was sent, and the last check was not asked', async () => {
    await using sandbox = await openTestOkta()
    await sandbox.fault('cut-before-effect', { match: { path: '/oauth2/v1/token' } })
    let checks = 0

    const error = await failureOf(
      serviceApp(sandbox).users.suspend('00u00000', async () => {
        checks += 1
      }),
    )

    expect(error).toMatchObject({ name: 'OktaNoAnswer', sent: false })
    expect(checks).toBe(0)
  })

  test('an Okta that cannot be reached was not sent to', async () => {
    const { url } = await usedPort()
    const session = openSession(url, { method: 'api_token', token: 'x' }, [])

    const error = await failureOf(
      makeOkta(makeTransport(session, { lane: 'interactive' })).users.suspend('00u00000', passes),
    )

    expect(error).toMatchObject({ name: 'OktaNoAnswer', sent: false })
  })
})

/** An address at which nothing listens any more. */
async function usedPort(): Promise<{ url: string }> {
  await using sink = await openSink()
  return { url: sink.url }
}
