/** How a run behaves on somebody's server: it tidies up, touches nothing else, and tells no secret. */
import { expect, onTestFinished, test } from 'vitest'
import { type Fault, type Reference, startReference, TOKEN } from '../test/reference-server.ts'
import { type CheckReport, checkScim, chooseChecks, reportHtml, reportText } from './index.ts'

const authorization = { bearer: TOKEN }

test('accounts that were there stay as they are', { timeout: 120_000 }, async () => {
  const server = await start()
  const before = await addPeople(server)
  await checkScim({
    baseUrl: server.url,
    authorization,
    only: ['creating', 'deleting', 'groups', 'paging', 'errors'],
  })
  expect([...server.store.rows.values()].map(({ resource }) => resource)).toEqual(before)
})

test('a read-only run changes nothing, and tries what it can', { timeout: 60_000 }, async () => {
  const server = await start()
  await addPeople(server)
  server.requests.length = 0
  const { counts, results } = await checkScim({ baseUrl: server.url, authorization, readOnly: true })
  const changing = server.requests.filter(({ method, path }) => method !== 'GET' && path.at(-1) !== '.search')
  expect(changing.map(({ method, path }) => `${method} ${path.join('/')}`)).toEqual([])
  expect(
    results.filter(({ status }) => status === 'fail').map(({ id, message }) => `${id}: ${message}`),
  ).toEqual([])
  expect(counts.pass).toBeGreaterThan(120)
})

test('a run that is stopped tidies up', { timeout: 60_000 }, async () => {
  const server = await start()
  const stop = new AbortController()
  const report = await checkScim({
    baseUrl: server.url,
    authorization,
    only: ['groups'],
    signal: stop.signal,
    onProgress: ({ id }) => id === 'groups.patch-together' && stop.abort(),
  })
  expect(server.requests.some(({ method, path }) => method === 'POST' && path[0] === 'Users')).toBe(true)
  expect(report.stopped).toBe(true)
  expect(report.results.at(-1)).toMatchObject({
    status: 'skip',
    message: 'The run was stopped, or its time was up.',
  })
  expect([report.leftovers, server.store.rows.size]).toEqual([[], 0])
})

test('an account whose creation was not answered is found and deleted', { timeout: 60_000 }, async () => {
  const server = await start(async (request, next) => {
    const answer = next(request)
    if (request.method === 'POST' && answer.status === 201)
      return { ...answer, body: undefined, headers: {}, status: 500 }
    return answer
  })
  const before = await addPeople(server)
  await checkScim({ baseUrl: server.url, authorization, only: ['creating.status', 'creating.body'] })
  expect([...server.store.rows.values()].map(({ resource }) => resource)).toEqual(before)
})

test('a server that ignores filters does not get its people deleted', { timeout: 60_000 }, async () => {
  const server = await start((request, next) => {
    const answer = next({ ...request, query: {} })
    return request.method === 'POST' && answer.status === 201
      ? { status: 500, headers: {}, body: undefined }
      : answer
  })
  const before = await addPeople(server)
  await checkScim({ baseUrl: server.url, authorization, only: ['creating.status'] })
  expect([...server.store.rows.values()].map(({ resource }) => resource)).toEqual(before)
})

test('what cannot be deleted is named', { timeout: 60_000 }, async () => {
  const server = await start((request, next) =>
    request.method === 'DELETE' ? { status: 501, headers: {}, body: undefined } : next(request),
  )
  const { leftovers } = await checkScim({ baseUrl: server.url, authorization, only: ['creating.status'] })
  const [id] = server.store.rows.keys()
  expect(leftovers).toEqual([`/Users/${id}: DELETE answered 501; the account was deactivated instead`])
  expect(server.store.rows.get(id ?? '')?.resource['active']).toBe(false)
  expect(reportText({ ...(await small(server)), leftovers })).toContain('Left behind; please delete by hand')
})

test('no report holds a token or a password', { timeout: 60_000 }, async () => {
  // The server repeats what it was sent, as some do in their errors.
  const server = await start((request, next) => {
    const answer = next(request)
    const said = `${request.headers['authorization']} ${request.text}`
    return answer.status < 400
      ? answer
      : {
          ...answer,
          headers: { ...answer.headers, 'x-debug': said.slice(0, 200).replace(/[^\x20-\x7e]/g, '') },
          body: { detail: said },
        }
  })
  const report = await checkScim({
    baseUrl: server.url,
    authorization,
    only: ['creating', 'okta-aiw', 'okta-oin', 'errors'],
  })
  for (const text of [JSON.stringify(report), reportText(report), reportHtml(report)]) {
    expect(text.includes(TOKEN)).toBe(false)
    for (const password of ['aX9-Placeholder', '8xQ-placeholder', 'dQ6-Synced'])
      expect(text.includes(password), password).toBe(false)
  }
  expect(JSON.stringify(report).includes('[redacted]')).toBe(true)
})

test('a name and a password are not in the report either', { timeout: 60_000 }, async () => {
  const server = await start((request, next) =>
    next({ ...request, headers: { ...request.headers, authorization: TOKEN } }),
  )
  const basic = { user: 'admin', password: 'hunter2-of-the-admin' }
  const report = await checkScim({ baseUrl: server.url, authorization: { basic }, only: ['reading.list'] })
  expect(report.results[0]?.exchanges[0]?.requestHeaders['authorization']).toBe('[redacted]')
  const encoded = Buffer.from(`${basic.user}:${basic.password}`).toString('base64')
  expect(server.requests[0]?.headers['authorization']).toBe(`Basic ${encoded}`)
  for (const secret of [basic.password, encoded]) expect(JSON.stringify(report)).not.toContain(secret)
})

test('429 is waited for', { timeout: 60_000 }, async () => {
  const server: Reference = await start((request, next) =>
    server.requests.length % 3 !== 0
      ? { status: 429, headers: { 'retry-after': '0' }, body: undefined }
      : next(request),
  )
  const { results } = await checkScim({ baseUrl: server.url, authorization, only: ['reading.list'] })
  expect(results.map(({ status, exchanges }) => [status, exchanges.map((one) => one.status)])).toEqual([
    ['pass', [429, 429, 200]],
  ])
})

test('a redirect is not followed, so the token stays here', { timeout: 60_000 }, async () => {
  const elsewhere = await start()
  const server = await start(() => ({ status: 302, headers: { location: elsewhere.url }, body: undefined }))
  const { results } = await checkScim({ baseUrl: server.url, authorization, only: ['reading.list'] })
  expect([results[0]?.status, elsewhere.requests.length]).toEqual(['fail', 0])
})

test('a server that does not answer is told of once', { timeout: 60_000 }, async () => {
  const server = await start()
  await server.close()
  const report = await checkScim({ baseUrl: server.url, authorization })
  expect(report.trouble).toMatch(/^The server does not answer: .*ECONNREFUSED/)
  expect(report.counts).toMatchObject({ pass: 0, fail: 0, warn: 0 })
  expect(reportText(report)).toContain('The server does not answer')
})

test('credentials that are refused are told of once', { timeout: 60_000 }, async () => {
  const server = await start()
  const report = await checkScim({ baseUrl: server.url, authorization: { bearer: 'another-token' } })
  expect(report.trouble).toBe('The server refuses these credentials: GET /Users answered 401.')
  expect([report.counts.fail, server.requests.length]).toEqual([0, 1])
})

test('when the server stops answering, the rest is left out', { timeout: 60_000 }, async () => {
  const server: Reference = await start((request, next) => {
    // It cuts the connection, as a process that is killed does.
    if (server.requests.length > 20) throw new Error('The server is gone.')
    return next(request)
  })
  const { trouble, results } = await checkScim({ baseUrl: server.url, authorization, only: ['filters'] })
  expect(trouble).toBe('The server stopped answering.')
  expect(results.filter(({ status }) => status === 'fail').length).toBeLessThan(10)
  expect(results.at(-1)).toMatchObject({ status: 'skip', message: trouble })
})

test('a server that describes itself poorly is not asked for what it does not offer', {
  timeout: 60_000,
}, async () => {
  const server = await start((request, next) =>
    request.path[0] === 'ServiceProviderConfig'
      ? { status: 404, headers: {}, body: undefined }
      : next(request),
  )
  const { results } = await checkScim({
    baseUrl: server.url,
    authorization,
    only: ['bulk.create', 'sorting.ascending', 'patching.deactivate'],
  })
  expect(results.map(({ id, status }) => [id, status])).toEqual([
    ['patching.deactivate', 'pass'],
    ['sorting.ascending', 'skip'],
    ['bulk.create', 'skip'],
  ])
})

test('what is advertised as unsupported is skipped', { timeout: 60_000 }, async () => {
  const server = await start((request, next) => {
    const answer = next(request)
    if (request.path[0] !== 'ServiceProviderConfig' || typeof answer.body !== 'object') return answer
    return {
      ...answer,
      body: {
        ...answer.body,
        patch: { supported: false },
        bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
      },
    }
  })
  const { results, profile } = await checkScim({
    baseUrl: server.url,
    authorization,
    only: ['patching', 'bulk', 'replacing.user'],
  })
  expect(new Set(results.map(({ status, message }) => `${status} ${message ?? ''}`))).toEqual(
    new Set(['pass ', 'skip not advertised: patch', 'skip not advertised: bulk']),
  )
  expect(profile.userUpdate).toEqual({
    value: 'put',
    evidence: ['replacing.user', 'patching.replace-displayname'],
  })
  expect(profile.bulk.value).toBe(false)
})

test('the profile tells what the server takes', { timeout: 60_000 }, async () => {
  const server = await start((request, next) => {
    const isTooMuch = request.method === 'PATCH' && (request.text.match(/"value":"/g)?.length ?? 0) > 50
    const isPut = request.method === 'PUT' && request.path[0] === 'Groups'
    const isValue = /"op":"remove","path":"members","value"/.test(request.text)
    return isTooMuch || isPut || isValue
      ? {
          status: 400,
          headers: {},
          body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '400', detail: 'No.' },
        }
      : next(request)
  })
  const { profile } = await checkScim({
    baseUrl: server.url,
    authorization,
    only: ['groups', 'filters.eq', 'filters.gt'],
  })
  expect(profile.groupUpdate.value).toBe('patch')
  expect(profile.memberRemoval).toEqual({
    value: ['path'],
    evidence: ['groups.remove-by-path', 'groups.remove-by-value'],
  })
  expect(profile.memberBatch.value).toBe(10)
  expect(profile.filters.value).toEqual(['eq', 'gt'])
  expect(profile.userUpdate.value).toBeNull()
})

test('the text ends with the failures, what to do, and the count', { timeout: 60_000 }, async () => {
  const server = await start((request, next) => {
    const answer = next(request)
    return answer.status === 201 ? { ...answer, status: 200 } : answer
  })
  const report = await checkScim({
    baseUrl: server.url,
    authorization,
    only: ['creating.status', 'reading.list', 'bulk'],
  })
  const text = reportText(report)
  expect(text).toContain(
    'FAIL  POST /Users answers 201\n        POST /Users answered 200; expected 201.\n        To do: Answer 201, not 200',
  )
  expect(text).toContain('passed, ')
  expect(text.indexOf('Failures')).toBeGreaterThan(text.indexOf('What it can do'))
  const { pass, fail, warn, skip } = report.counts
  expect(text).toContain(`\n${pass} passed, ${fail} failed, ${warn} warnings, ${skip} skipped\n`)
  expect(report.mustFailures).toBe(fail)
})

test('nothing in the page is markup of the server', { timeout: 60_000 }, async () => {
  const evil = '<script>alert(1)</script><img src=x onerror="alert(2)">'
  const server = await start(() => ({
    status: 400,
    headers: {},
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '400', detail: evil },
  }))
  const html = reportHtml(await checkScim({ baseUrl: server.url, authorization, only: ['reading.list'] }))
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(html).not.toContain('<script')
  expect(html).not.toContain('<img')
  expect(html).not.toMatch(/(?:src|href)="(?!#)/)
})

test('groups and checks can be chosen, and nonsense is refused', async () => {
  expect(chooseChecks(['Okta AIW']).every(({ group }) => group === 'Okta AIW')).toBe(true)
  expect(chooseChecks(['okta-aiw'])).toEqual(chooseChecks(['Okta AIW']))
  expect(chooseChecks(['creating.status']).map(({ id }) => id)).toEqual(['creating.status'])
  expect(() => chooseChecks(['nonsense'])).toThrow('There is no group and no check "nonsense".')
  await expect(checkScim({ baseUrl: 'ftp://example.com' })).rejects.toThrow('is not the URL of a SCIM server')
  await expect(checkScim({ baseUrl: 'https://a:b@example.com' })).rejects.toThrow('not inside the URL')
})

test('every check has an id of its own that names its group, a source and a remedy', () => {
  const checks = chooseChecks(undefined)
  expect(checks.length).toBeGreaterThan(150)
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length)
  for (const { id, group, source, remedy, requirement } of checks) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)?\.[a-z0-9$-]+$/)
    expect(id.startsWith(group.toLowerCase().replaceAll(' ', '-'))).toBe(true)
    expect([source, remedy].every((text) => text.length > 3)).toBe(true)
    if (requirement !== 'CLIENT') expect(source).toMatch(/RFC|Okta|Entra/)
  }
})

async function start(fault?: Fault): Promise<Reference> {
  const server = await startReference(fault)
  onTestFinished(() => server.close())
  return server
}

function small({ url }: Reference): Promise<CheckReport> {
  return checkScim({ baseUrl: url, authorization, only: ['reading.list'] })
}

/** Somebody else's people and group. */
async function addPeople({ store }: Reference) {
  const person = (name: string) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    id: `p-${name}`,
    userName: `${name}@acme.example`,
    displayName: name,
    active: true,
    name: { givenName: name, familyName: 'King' },
    externalId: `00u-${name}-X`,
    emails: [{ value: `${name}@acme.example`, type: 'work', primary: true }],
  })
  for (const name of ['ada', 'grace'])
    store.rows.set(`p-${name}`, {
      kind: 'User',
      resource: person(name),
      version: 1,
      created: 1e12,
      modified: 1e12,
    })
  const group = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    id: 'g-1',
    displayName: 'Engineers',
    members: [{ value: 'p-ada' }],
  }
  store.rows.set('g-1', { kind: 'Group', resource: group, version: 1, created: 1e12, modified: 1e12 })
  return structuredClone([...store.rows.values()].map(({ resource }) => resource))
}
