import { afterAll, beforeAll, expect, test } from 'vitest'
import { all, type Client, type Json, openSandbox } from '../../test/okta.ts'

let client: Client
beforeAll(async () => {
  client = await openSandbox()
})
afterAll(() => client[Symbol.asyncDispose]())

const group = async (name: string): Promise<Json> =>
  (await client.okta('GET', `/api/v1/groups?q=${encodeURIComponent(name)}`)).body[0]
const app = async (label: string): Promise<Json> =>
  (await client.okta('GET', `/api/v1/apps?q=${encodeURIComponent(label)}`)).body[0]
const person = async (login: string): Promise<Json> =>
  (await client.okta('GET', `/api/v1/users/${login}`)).body

test.for([
  ['Everyone', 501, 'E0000060'],
  ['AD Printers', 403, 'E0000006'],
] as const)('%s takes no members by hand', async ([name, status, errorCode]) => {
  const { id } = await group(name)
  const reply = await client.okta('PUT', `/api/v1/groups/${id}/users/ada.kingsley`, {})
  expect(reply).toMatchObject({ status, body: { errorCode } })
})

test('membership is added and removed once, however often it is asked for', async () => {
  const { id } = await group('VPN Users')
  const noor = await person('noor.haddad')
  const at = `/api/v1/groups/${id}/users/${noor.id}`
  await client.okta('DELETE', at)
  const before = (await client.ledger()).length
  for (const method of ['PUT', 'PUT', 'DELETE', 'DELETE'])
    expect((await client.okta(method, at, method === 'PUT' ? {} : undefined)).status).toBe(204)
  expect((await client.ledger()).slice(before).map(({ kind }) => kind)).toEqual([
    'group.add_member',
    'group.remove_member',
  ])
})

test('taking somebody out of a rule-fed group keeps them out for good', async () => {
  const { id } = await group('Engineering')
  const ada = await person('ada.kingsley')
  await client.okta('DELETE', `/api/v1/groups/${id}/users/${ada.id}`)
  const { body: rules } = await client.okta('GET', '/api/v1/groups/rules?limit=200')
  const rule = rules.find((row: Json) => row.actions.assignUserToGroups.groupIds.includes(id))
  expect(rule.conditions.people.users.exclude).toEqual([ada.id])
  await client.okta('POST', `/api/v1/users/${ada.id}`, { profile: { department: 'Design' } })
  await client.okta('POST', `/api/v1/users/${ada.id}`, { profile: { department: 'Engineering' } })
  const groups = (await client.okta('GET', `/api/v1/users/${ada.id}/groups`)).body.map(
    (row: Json) => row.profile.name,
  )
  expect(groups).not.toContain('Engineering')
  expect(groups).not.toContain('Design')
})

test('an app held through a group cannot be taken away, and says so', async () => {
  const { id } = await app('Slack')
  const ada = await person('ada.kingsley')
  expect((await client.okta('GET', `/api/v1/apps/${id}/users/${ada.id}`)).body.scope).toBe('GROUP')
  const { status, body } = await client.okta('DELETE', `/api/v1/apps/${id}/users/${ada.id}`)
  expect(status).toBe(403)
  expect(body).toMatchObject({
    errorCode: 'E0000046',
    errorCauses: [{ errorSummary: expect.stringContaining('group memberships') }],
  })
})

test('an app given to a group reaches its members, and all apps of one person come in one call', async () => {
  const { id } = await app('Office Map')
  const leaders = await group('Leadership')
  const reply = await client.okta('PUT', `/api/v1/apps/${id}/groups/${leaders.id}`, {})
  expect(reply.status).toBe(200)
  const grace = await person('grace.moreau')
  const query = `filter=${encodeURIComponent(`user.id eq "${grace.id}"`)}&expand=user/${grace.id}&limit=200`
  const { body } = await client.okta('GET', `/api/v1/apps?${query}`)
  const map = body.find((row: Json) => row.id === id)
  expect(map._embedded.user).toMatchObject({ id: grace.id, scope: 'GROUP' })
  await client.okta('DELETE', `/api/v1/apps/${id}/groups/${leaders.id}`)
  expect((await client.okta('GET', `/api/v1/apps/${id}/users/${grace.id}`)).body.errorCode).toBe('E0000007')
})

test('a direct assignment comes and goes, and deactivation takes it along', async () => {
  const { id } = await app('Notion')
  const noor = await person('noor.haddad')
  const given = await client.okta('POST', `/api/v1/apps/${id}/users`, { id: noor.id, scope: 'USER' })
  expect(given.body).toMatchObject({
    id: noor.id,
    scope: 'USER',
    status: 'ACTIVE',
    credentials: { userName: 'noor.haddad@acme.example' },
  })
  await client.okta('POST', `/api/v1/users/${noor.id}/lifecycle/deactivate`, {})
  expect((await client.okta('GET', `/api/v1/apps/${id}/users/${noor.id}`)).status).toBe(404)
  expect((await client.okta('GET', `/api/v1/users/${noor.id}/appLinks`)).body).toEqual([])
})

test('bookmarks take no credentials', async () => {
  const { id } = await app('Office Map')
  const ada = await person('ada.kingsley')
  const reply = await client.okta('POST', `/api/v1/apps/${id}/users`, {
    id: ada.id,
    credentials: { userName: 'x' },
  })
  expect(reply.body.errorCode).toBe('E0000041')
})

test('a person is created, told apart by login, and joins the group their department feeds', async () => {
  const profile = {
    firstName: 'Zoë',
    lastName: 'Ng',
    login: 'zoe.ng@acme.example',
    email: 'zoe.ng@acme.example',
    department: 'Legal',
  }
  const { status, body } = await client.okta('POST', '/api/v1/users?activate=false', { profile })
  expect([status, body.status]).toEqual([200, 'STAGED'])
  const again = await client.okta('POST', '/api/v1/users', {
    profile: { ...profile, login: 'ZOË.ng@acme.example' },
  })
  expect(again.body).toMatchObject({
    errorCode: 'E0000001',
    errorCauses: [{ errorSummary: expect.stringContaining('already exists') }],
  })
  const legal = await group('Legal')
  expect((await all(client, `/api/v1/groups/${legal.id}/users`)).map((user) => user.id)).toContain(body.id)
})

test('the manager of Ada is Grace, by id and as a linked object', async () => {
  const ada = await person('ada.kingsley')
  const grace = await person('grace.moreau')
  expect(ada.profile.managerId).toBe(grace.id)
  const { body } = await client.okta('GET', `/api/v1/users/${ada.id}/linkedObjects/manager`)
  expect(body[0]._links.self.href).toBe(`${client.sandbox.url}/api/v1/users/${grace.id}`)
})
