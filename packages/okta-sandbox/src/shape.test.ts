import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, type Json, openSandbox } from '../test/okta.ts'
import { type Description, differences, type Schema, type Tolerance } from '../test/shape.ts'

const DATA = new URL('../../../../shared/data/okta/', import.meta.url)
const there = existsSync(new URL('management-trimmed.json', DATA))
const name = there
  ? "answers have the shape of Okta's description"
  : `SKIPPED, no description at ${DATA.pathname}`
const read = (file: string): Json => JSON.parse(readFileSync(new URL(file, DATA), 'utf8'))

/** Where recorded answers of Okta leave its own description; the sandbox answers as recorded. */
const RECORDED = [
  /\.credentials\.emails unknown$/,
  /\._links\.(delete|schema|type|questions) unknown$/,
  /^(\[\])?\._links unknown$/,
  /\.tokenWindow form$/,
  /\.externalId type$/,
  // Apps print null for what is not set, and Okta's own OIDC apps have names of their own.
  /\.accessibility\.\w+Url type$/,
  /\.settings\.(notes|notifications\.vpn)\.\w+ type$/,
  /\.settings\.app unknown$/,
  /\.name value$/,
  /\.profile\.description type$/,
  // Described as a map of objects, whatever is embedded.
  /\._embedded\.user(\..*)? (type|unknown)$/,
]
const tolerate: Tolerance = (path, problem) => RECORDED.some((one) => one.test(`${path} ${problem}`))

describe.skipIf(!there)(name, () => {
  let spec: Description
  let client: Client
  beforeAll(async () => {
    spec = read('management-trimmed.json')
    client = await openSandbox({ users: 220 })
  })
  afterAll(() => client[Symbol.asyncDispose]())

  const schemaOf = (method: string, path: string): Schema | undefined =>
    spec.paths[path]?.[method.toLowerCase()]?.responses?.['200']?.content?.['application/json']?.schema

  async function check(method: string, template: string, ids: Record<string, string>, query = '') {
    const path = template.replace(/\{(\w+)\}/g, (_, key) => ids[key] ?? `{${key}}`)
    const reply = await client.okta(method, path + query, method === 'GET' ? undefined : {})
    expect(reply.status).toBe(200)
    const schema = schemaOf(method, template)
    if (!schema) return expect(reply.body).toEqual({})
    expect([path, ...differences(spec, schema, reply.body, tolerate)]).toEqual([path])
  }

  async function idsFor(login: string): Promise<Record<string, string>> {
    const { body: user } = await client.okta('GET', `/api/v1/users/${login}`)
    const [group] = (await client.okta('GET', '/api/v1/groups?q=Engineering')).body
    const [app] = (await client.okta('GET', '/api/v1/apps?q=Slack')).body
    return {
      id: user.id,
      userId: user.id,
      userIdOrLogin: user.id,
      groupId: group.id,
      appId: app.id,
      schemaId: 'default',
      relationshipName: 'manager',
    }
  }

  test('every GET that is described and served', async () => {
    const hook = {
      name: 'h',
      events: { type: 'EVENT_TYPE', items: ['user.lifecycle.suspend'] },
      channel: { type: 'HTTP', version: '1.0.0', config: { uri: 'http://127.0.0.1:9/' } },
    }
    const { body: made } = await client.okta('POST', '/api/v1/eventHooks', hook)
    const ids: Record<string, string> = { ...(await idsFor('ada.kingsley')), eventHookId: made.id }
    const gets = Object.keys(spec.paths).filter((path) => spec.paths[path]?.['get'])
    expect(gets.length).toBeGreaterThan(20)
    for (const path of gets)
      await check('GET', path, ids, path === '/api/v1/apps' ? `?limit=200&expand=user/${ids['id']}` : '')
    await check('GET', '/api/v1/users', ids, '?search=status+eq+%22DEPROVISIONED%22')
    await check('GET', '/api/v1/groups', ids, '?expand=stats')
    await check('GET', '/api/v1/users/{userId}/roles', { userId: 'sam.okafor' })
    for (const kind of ['push', 'totp', 'sms', 'question']) {
      await client.control('POST', '/state', { op: 'set-user', user: 'noor.haddad', factors: [kind] })
      await check('GET', '/api/v1/users/{userId}/factors', { userId: 'noor.haddad' })
    }
  })

  test('a user in every status', async () => {
    const { byStatus } = (await client.control('GET', '/stats')).body.users
    for (const status of Object.keys(byStatus)) {
      const [user] = (
        await client.okta(
          'GET',
          `/api/v1/users?search=${encodeURIComponent(`status eq "${status}"`)}&limit=1`,
        )
      ).body
      await check('GET', '/api/v1/users/{id}', { id: user.id })
    }
  })

  test.for([
    ['STAGED', 'activate', '?sendEmail=false'],
    ['PROVISIONED', 'reactivate', '?sendEmail=false'],
    ['ACTIVE', 'reset_password', '?sendEmail=false'],
    ['ACTIVE', 'expire_password', ''],
    ['ACTIVE', 'expire_password_with_temp_password', ''],
    ['ACTIVE', 'reset_factors', ''],
    ['ACTIVE', 'suspend', ''],
    ['SUSPENDED', 'unsuspend', ''],
    ['LOCKED_OUT', 'unlock', ''],
    ['ACTIVE', 'deactivate', ''],
  ] as const)('a user who is %s: lifecycle/%s', async ([status, verb, query]) => {
    const { body: user } = await client.control('POST', '/state', { op: 'make-user', status })
    await check('POST', `/api/v1/users/{id}/lifecycle/${verb}`, { id: user.id }, query)
  })

  test('an assignment, to a person and to a group', async () => {
    const ids = await idsFor('noor.haddad')
    const given = await client.okta('POST', `/api/v1/apps/${ids['appId']}/users`, { id: ids['id'] })
    expect(
      differences(spec, schemaOf('POST', '/api/v1/apps/{appId}/users') ?? {}, given.body, tolerate),
    ).toEqual([])
    await check('PUT', '/api/v1/apps/{appId}/groups/{groupId}', ids)
  })

  test('errors', async () => {
    const schema: Schema = { $ref: '#/components/schemas/Error' }
    for (const path of ['/api/v1/users/nobody', '/api/v1/nothing', '/api/v1/users?after=x'])
      expect(differences(spec, schema, (await client.okta('GET', path)).body)).toEqual([])
  })

  test('what Okta itself answered passes the same walk', () => {
    const users = { ...read('recorded/user-examples.json'), ...read('recorded/user-examples-py.json') }
    const problems: Record<string, string[]> = {}
    let walked = 0
    for (const [title, recorded] of Object.entries<Json>(users)) {
      const user = typeof recorded === 'string' ? JSON.parse(recorded) : recorded
      if (!user.profile?.login) continue
      walked += 1
      const found = differences(spec, { $ref: '#/components/schemas/UserGetSingleton' }, user, tolerate)
      if (found.length > 0) problems[title] = found
    }
    for (const { req, code, body } of read('recorded/py-cassette-samples.json')) {
      const [method, url] = req.split(' ')
      const path = Object.keys(spec.paths).find((template) =>
        new RegExp(`^${template.replace(/\{\w+\}/g, '[^/?]+')}(\\?.*)?$`).test(url),
      )
      const schema = path && code === 200 ? schemaOf(method, path) : undefined
      const answer = schema && parse(body)
      if (!schema || answer === undefined) continue
      walked += 1
      const found = differences(spec, schema, answer, tolerate)
      if (found.length > 0) problems[`${req} ${walked}`] = found
    }
    expect(walked).toBeGreaterThan(20)
    expect(problems).toEqual({})
  })

  // Some of the recordings were cut to size, and are no JSON any more.
  function parse(body: string): Json {
    try {
      return JSON.parse(body)
    } catch {
      return undefined
    }
  }

  test('the walker finds what is wrong', () => {
    const user: Schema = { $ref: '#/components/schemas/User' }
    expect(differences(spec, user, { id: 7, status: 'AWAKE', created: 'soon', extra: 1 })).toEqual([
      '.id: number is not string',
      '.status: "AWAKE" is not in the list',
      '.created: soon is not a time',
      '.extra: is not described',
    ])
  })
})
