import { expect, test } from 'vitest'
import { type Client, type Json, openSandbox } from '../../test/okta.ts'
import { openScimApp } from '../../test/scim-app.ts'
import { waitAfter } from './scim-client.ts'

const AT = '/provisioning'

async function open(dialect: 'aiw' | 'oin', more: object = {}) {
  const client = await openSandbox()
  const app = await openScimApp()
  await client.control('PUT', `${AT}/config`, {
    baseUrl: `${app.url}/`,
    token: 'secret',
    dialect,
    waitScale: 0.001,
    ...more,
  })
  const close = async () => {
    await client[Symbol.asyncDispose]()
    await app[Symbol.asyncDispose]()
  }
  return { client, app, [Symbol.asyncDispose]: close }
}

const assign = (client: Client, login: string) =>
  client.control('POST', `${AT}/assignments`, { login: `${login}@acme.example` })
const idOf = async (client: Client, login: string): Promise<string> =>
  (await client.okta('GET', `/api/v1/users/${login}`)).body.id
const settle = (client: Client) => client.control('POST', `${AT}/settle`, {})
const groupOf = async (client: Client, name: string): Promise<Json> =>
  (await client.okta('GET', `/api/v1/groups?q=${encodeURIComponent(name)}`)).body[0]
const lookup = (login: string) =>
  `GET /Users?filter=userName eq "${login}@acme.example"&startIndex=1&count=100`

const DIALECTS = ['aiw', 'oin'] as const

test('testing the connection asks for two users, with the headers of Okta', async () => {
  await using at = await open('aiw')
  expect((await at.client.control('POST', `${AT}/test`, {})).body).toEqual({ ok: true })
  expect(at.app.heard()).toEqual(['GET /Users?startIndex=1&count=2'])
  expect(at.app.received[0]?.headers).toMatchObject({
    accept: 'application/scim+json',
    'accept-charset': 'utf-8',
    'user-agent': 'Okta SCIM Client 1.0.0',
    authorization: 'Bearer secret',
  })
  expect(at.app.received[0]?.headers['content-type']).toBeUndefined()
})

test.for(DIALECTS)('%s: assigning somebody new looks them up and creates them', async (dialect) => {
  await using at = await open(dialect, { defaultRole: { attribute: 'userType', value: 'agent' } })
  const { body } = await assign(at.client, 'noor.haddad')
  expect(at.app.heard()).toEqual([lookup('noor.haddad'), 'POST /Users'])
  expect(body.link).toMatchObject({ externalId: 'u1', active: true, error: null })
  const sent = at.app.received.at(-1)
  expect(sent?.headers['content-type']).toBe('application/scim+json; charset=utf-8')
  expect(sent?.body).toEqual({
    schemas: [
      'urn:ietf:params:scim:schemas:core:2.0:User',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
    ],
    userName: 'noor.haddad@acme.example',
    name: { givenName: 'Noor', familyName: 'Haddad' },
    emails: [{ primary: true, value: 'noor.haddad@acme.example', type: 'work' }],
    displayName: 'Noor Haddad',
    title: 'IT Support Engineer',
    locale: 'nl-NL',
    externalId: await idOf(at.client, 'noor.haddad'),
    groups: [],
    password: expect.any(String),
    active: true,
    userType: 'agent',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': expect.objectContaining({
      department: 'IT',
    }),
  })
})

test.for(DIALECTS)('%s: somebody already there is linked, not created', async (dialect) => {
  await using at = await open(dialect)
  at.app.users.set('u9', {
    id: 'u9',
    userName: 'noor.haddad@acme.example',
    name: { formatted: 'N. H.' },
    meta: { resourceType: 'User' },
  })
  const { body } = await assign(at.client, 'noor.haddad')
  expect(at.app.heard()).toEqual([lookup('noor.haddad'), 'GET /Users/u9', 'PUT /Users/u9'])
  expect(body.link.externalId).toBe('u9')
  expect(at.app.received.at(-1)?.body).toMatchObject({
    id: 'u9',
    meta: { resourceType: 'User' },
    name: { givenName: 'Noor', familyName: 'Haddad', formatted: 'N. H.' },
    groups: [],
    active: true,
  })
})

test.for([
  ['aiw', ['GET /Users/u1', 'PUT /Users/u1'], ['GET /Users/u1', 'PUT /Users/u1']],
  ['oin', ['PATCH /Users/u1'], ['PATCH /Users/u1']],
] as const)(
  '%s: unassigning switches off, assigning again switches the same account on',
  async ([dialect, off, on]) => {
    await using at = await open(dialect)
    await assign(at.client, 'noor.haddad')
    at.app.heard()

    await at.client.control('DELETE', `${AT}/assignments/noor.haddad`)
    expect(at.app.heard()).toEqual(off)
    const sent = at.app.received.at(-1)?.body
    if (dialect === 'aiw')
      expect(sent).toMatchObject({ id: 'u1', active: false, userName: 'noor.haddad@acme.example' })
    else
      expect(sent).toEqual({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', value: { active: false } }],
      })

    const { body } = await assign(at.client, 'noor.haddad')
    expect(at.app.heard()).toEqual(on)
    expect(body.link).toMatchObject({ externalId: 'u1', active: true })
  },
)

test('deactivation in Okta switches off; suspension sends nothing; a changed profile sends the whole person', async () => {
  await using at = await open('aiw')
  await assign(at.client, 'noor.haddad')
  at.app.heard()
  await at.client.okta('POST', '/api/v1/users/noor.haddad/lifecycle/suspend', {})
  await at.client.okta('POST', '/api/v1/users/noor.haddad/lifecycle/unsuspend', {})
  await settle(at.client)
  expect(at.app.heard()).toEqual([])
  await at.client.okta('POST', '/api/v1/users/noor.haddad', { profile: { title: 'Lead' } })
  await settle(at.client)
  expect(at.app.heard()).toEqual(['GET /Users/u1', 'PUT /Users/u1'])
  expect(at.app.users.get('u1')).toMatchObject({ title: 'Lead', active: true })
  await at.client.okta('POST', '/api/v1/users/noor.haddad/lifecycle/deactivate', {})
  await settle(at.client)
  expect(at.app.heard()).toEqual(['GET /Users/u1', 'PUT /Users/u1'])
  expect(at.app.users.get('u1').active).toBe(false)
})

test('membership of an assigned group assigns, and leaving it takes away', async () => {
  await using at = await open('oin')
  const group = await groupOf(at.client, 'Keydesk Agents')
  await at.client.okta(
    'PUT',
    `/api/v1/apps/${at.client.sandbox.credentials.keydeskApp.id}/groups/${group.id}`,
    {},
  )
  const member = `/api/v1/groups/${group.id}/users/${await idOf(at.client, 'noor.haddad')}`
  await at.client.okta('PUT', member, {})
  await settle(at.client)
  expect(at.app.heard()).toEqual([lookup('noor.haddad'), 'POST /Users'])
  const app = `/api/v1/apps/${at.client.sandbox.credentials.keydeskApp.id}/users/noor.haddad`
  expect((await at.client.okta('GET', app)).body).toMatchObject({
    scope: 'GROUP',
    externalId: 'u1',
    status: 'PROVISIONED',
    syncState: 'SYNCHRONIZED',
  })
  await at.client.okta('DELETE', member)
  await settle(at.client)
  expect(at.app.heard()).toEqual(['PATCH /Users/u1'])
})

const findGroup = (name: string) => `GET /Groups?filter=displayName eq "${name}"&startIndex=1&count=100`

test.for([
  [
    'aiw',
    {
      push: [findGroup('Keydesk Agents'), 'POST /Groups', 'GET /Groups/g2', 'PUT /Groups/g2'],
      change: ['GET /Groups/g2', 'PUT /Groups/g2'],
      rename: ['GET /Groups/g2', 'PUT /Groups/g2'],
      now: ['GET /Groups/g2', 'PUT /Groups/g2'],
    },
  ],
  [
    'oin',
    {
      push: [findGroup('Keydesk Agents'), 'POST /Groups', 'PATCH /Groups/g2'],
      change: ['PATCH /Groups/g2', 'PATCH /Groups/g2'],
      rename: ['PATCH /Groups/g2'],
      now: ['PATCH /Groups/g2'],
    },
  ],
] as const)(
  '%s: a pushed group is created, follows its members and its name, and is deleted',
  async ([dialect, wanted]) => {
    await using at = await open(dialect)
    const { client, app } = at
    const group = await groupOf(client, 'Keydesk Agents')
    const noor = await idOf(client, 'noor.haddad')
    await client.okta('PUT', `/api/v1/groups/${group.id}/users/${noor}`, {})
    await client.okta('PUT', `/api/v1/groups/${group.id}/users/${await idOf(client, 'ada.kingsley')}`, {})
    await assign(client, 'noor.haddad')
    app.heard()

    // Ada is a member without an account, so she is not sent.
    const { body: push } = await client.control('POST', `${AT}/group-pushes`, { name: 'Keydesk Agents' })
    expect(app.heard()).toEqual(wanted.push)
    expect(push).toMatchObject({ externalId: 'g2', status: 'ACTIVE', members: { [noor]: 'u1' } })
    const member = { value: 'u1', display: 'noor.haddad@acme.example' }
    const put = (displayName: string, members: object[]) => ({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      id: 'g2',
      displayName,
      members,
    })
    const patch = (...Operations: object[]) => ({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations,
    })
    const last = () => app.received.at(-1)?.body
    expect(last()).toEqual(
      dialect === 'aiw'
        ? put('Keydesk Agents', [member])
        : patch({ op: 'add', path: 'members', value: [member] }),
    )

    await client.okta('DELETE', `/api/v1/groups/${group.id}/users/${noor}`)
    await settle(client)
    expect(app.heard()).toEqual(wanted.change)
    expect(last()).toEqual(
      dialect === 'aiw' ? put('Keydesk Agents', []) : patch({ op: 'remove', path: 'members[value eq "u1"]' }),
    )

    await client.okta('PUT', `/api/v1/groups/${group.id}`, { profile: { name: 'Desk' } })
    await settle(client)
    expect(app.heard()).toEqual(wanted.rename)
    expect(last()).toEqual(
      dialect === 'aiw'
        ? put('Desk', [])
        : patch({ op: 'replace', value: { id: 'g2', displayName: 'Desk' } }),
    )

    await client.control('POST', `${AT}/group-pushes/${push.id}/push-now`, {})
    expect(app.heard()).toEqual(wanted.now)
    expect(last()).toEqual(
      dialect === 'aiw' ? put('Desk', []) : patch({ op: 'replace', path: 'members', value: [] }),
    )

    await client.control('DELETE', `${AT}/group-pushes/${push.id}?deleteInApp=true`)
    expect(app.heard()).toEqual(['DELETE /Groups/g2'])
  },
)

test('a group of the same name is linked, and unlinking may leave it be', async () => {
  await using at = await open('oin')
  at.app.groups.set('g9', { id: 'g9', displayName: 'Keydesk Admins' })
  const { body: push } = await at.client.control('POST', `${AT}/group-pushes`, { name: 'Keydesk Admins' })
  expect(at.app.heard()).toEqual([findGroup('Keydesk Admins'), 'PATCH /Groups/g9'])
  await at.client.control('DELETE', `${AT}/group-pushes/${push.id}`)
  expect(at.app.heard()).toEqual([])
  expect((await at.client.control('GET', AT)).body.pushes).toEqual([])
})

test('groups are imported by the hundred', async () => {
  await using at = await open('aiw')
  for (let i = 0; i < 150; i += 1) at.app.groups.set(`g${i}`, { id: `g${i}`, displayName: `Role ${i}` })
  await at.client.control('POST', `${AT}/import-groups`, {})
  expect(at.app.heard()).toEqual([
    'GET /Groups?startIndex=1&count=100',
    'GET /Groups?startIndex=101&count=100',
  ])
  expect((await at.client.control('GET', AT)).body.importedGroups).toHaveLength(150)
})

test('a refusal stays beside the assignment in the words of the app, until it is tried again', async () => {
  await using at = await open('aiw')
  at.app.refuse('POST', 400, { detail: 'department is required' })
  const { body } = await assign(at.client, 'noor.haddad')
  expect(body.link).toMatchObject({
    active: false,
    error: 'Bad Request. Errors reported by remote server: department is required',
  })
  const again = await assign(at.client, 'noor.haddad')
  expect(again.body.link).toMatchObject({ active: true, error: null })
})

test('after 429 the same request is sent again', async () => {
  await using at = await open('aiw')
  at.app.refuse('POST', 429, { detail: 'Slow down.' }, { 'retry-after': '1' }, 2)
  await assign(at.client, 'noor.haddad')
  expect(at.app.heard()).toEqual([lookup('noor.haddad'), 'POST /Users', 'POST /Users', 'POST /Users'])
  const { calls } = (await at.client.control('GET', AT)).body
  expect(calls.map((call: Json) => call.status)).toEqual([200, 429, 429, 201])
})

test('ten refusals with 429 are the end', async () => {
  await using at = await open('aiw', { waitScale: 0 })
  at.app.refuse('GET', 429, undefined, {}, 20)
  const { body } = await at.client.control('POST', `${AT}/test`, {})
  expect(body).toEqual({ ok: false, error: expect.stringContaining('Gave up after 10 attempts') })
  expect(at.app.heard()).toHaveLength(10)
})

test.for([
  ['7', 0, 7000],
  [null, 0, 300_000],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 0, 300_000],
  ['1.5', 0, 300_000],
  ['7', 7000, 14_000],
] as const)('Retry-After %j after a wait of %i ms means %i ms', ([retryAfter, before, wanted]) => {
  expect(waitAfter(retryAfter, before)).toBe(wanted)
})

test('an app that cannot be reached is an error in words', async () => {
  await using at = await open('aiw', { baseUrl: 'http://127.0.0.1:9/scim/v2' })
  const { body } = await assign(at.client, 'noor.haddad')
  expect(body.link.error).toMatch(/^Could not reach the app/)
})

test('the token of the app is shown neither by the state nor by the ledger', async () => {
  await using at = await open('aiw')
  const { body } = await at.client.control('GET', `${AT}/state`)
  expect(body.config).toMatchObject({ baseUrl: at.app.url, token: '••••', dialect: 'aiw' })
  expect(JSON.stringify(await at.client.ledger())).not.toContain('secret')
})

test('who was assigned before provisioning began is left alone; who a rule brings in is provisioned', async () => {
  await using client = await openSandbox()
  await using app = await openScimApp()
  await assign(client, 'ada.kingsley')
  await client.control('PUT', `${AT}/config`, { baseUrl: app.url, token: 'secret', dialect: 'aiw' })
  await client.okta('POST', '/api/v1/users/ada.kingsley', { profile: { title: 'Fellow' } })
  await settle(client)
  expect(app.heard()).toEqual([])

  const legal = await groupOf(client, 'Legal')
  await client.okta('PUT', `/api/v1/apps/${client.sandbox.credentials.keydeskApp.id}/groups/${legal.id}`, {})
  await settle(client)
  app.heard()
  await client.okta('POST', '/api/v1/users/noor.haddad', { profile: { department: 'Legal' } })
  await settle(client)
  expect(app.heard().slice(0, 2)).toEqual([lookup('noor.haddad'), 'POST /Users'])
})
