import { afterAll, beforeAll, expect, test } from 'vitest'
import { all, type Client, type Json, nextOf, openSandbox } from '../../test/okta.ts'

let client: Client
beforeAll(async () => {
  client = await openSandbox({ users: 430 })
})
afterAll(() => client[Symbol.asyncDispose]())

const search = (text: string, more = '') => `/api/v1/users?search=${encodeURIComponent(text)}${more}`

test('pages of users meet without gap or overlap, and a limit is capped at 200', async () => {
  const first = await client.okta('GET', '/api/v1/users?limit=1000')
  expect(first.body).toHaveLength(200)
  const ids = (await all(client, '/api/v1/users?limit=37')).map((user) => user.id)
  const { users } = (await client.control('GET', '/stats')).body
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toHaveLength(users.total - users.byStatus.DEPROVISIONED)
})

test('deactivated users are left out of the plain list and found by a search', async () => {
  const plain = await all(client, '/api/v1/users')
  expect(plain.some((user) => user.status === 'DEPROVISIONED')).toBe(false)
  const found = await all(client, search('status eq "DEPROVISIONED"'))
  expect(found.length).toBeGreaterThan(3)
  expect(found.every((user) => user.status === 'DEPROVISIONED')).toBe(true)
})

test('a listed user carries only its own link', async () => {
  const { body } = await client.okta('GET', '/api/v1/users?limit=1')
  expect(Object.keys(body[0]._links)).toEqual(['self'])
})

const FOUND_BY: [string, (user: Json) => boolean][] = [
  [
    'profile.department eq "Engineering" and profile.city eq "London"',
    ({ profile }) => profile.department === 'Engineering' && profile.city === 'London',
  ],
  ['profile.login sw "ada." or profile.login sw "sam."', ({ profile }) => /^(ada|sam)\./.test(profile.login)],
  ['profile.costCentreOwner eq true', ({ profile }) => profile.costCentreOwner],
  [
    'not (status eq "ACTIVE") and profile.laptopSerial pr',
    ({ status, profile }) => status !== 'ACTIVE' && profile.laptopSerial !== undefined,
  ],
  ['profile.title co "Engineer"', ({ profile }) => profile.title.includes('Engineer')],
]

test.for(FOUND_BY)('search %s agrees with looking through all', async ([text, fits]) => {
  const everybody = await all(client, search('id pr'))
  const found = await all(client, search(text, '&limit=50'))
  expect(found.length).toBeGreaterThan(0)
  expect(found.map(({ id }) => id)).toEqual(everybody.filter(fits).map(({ id }) => id))
})

test('a delta sorted by lastUpdated is in order, over pages, and holds what just changed', async () => {
  await client.okta('POST', '/api/v1/users/ada.kingsley', { profile: { title: 'Principal Engineer' } })
  const found = await all(
    client,
    search('lastUpdated gt "2024-01-01T00:00:00.000Z"', '&sortBy=lastUpdated&sortOrder=asc&limit=60'),
  )
  const times = found.map((user) => user.lastUpdated)
  expect(times).toEqual(times.toSorted())
  expect(found.at(-1).profile.login).toBe('ada.kingsley@acme.example')
  const back = await all(
    client,
    search('lastUpdated gt "2024-01-01T00:00:00.000Z"', '&sortBy=lastUpdated&sortOrder=desc&limit=60'),
  )
  expect(back.map((user) => user.lastUpdated)).toEqual(times.toReversed())
})

test.for([
  ['a garbled cursor', '/api/v1/users?after=nonsense', 'E0000029'],
  ['search and filter together', '/api/v1/users?search=id+pr&filter=id+pr', 'E0000033'],
  ['an unknown property', '/api/v1/users?filter=profile.city+eq+%22x%22', 'E0000031'],
  ['an expression cut short', '/api/v1/users?search=status+eq', 'E0000031'],
  ['an apps filter that is not eq', '/api/v1/apps?filter=status+ne+%22ACTIVE%22', 'E0000031'],
] as const)('%s is refused', async ([, path, code]) => {
  expect((await client.okta('GET', path)).body.errorCode).toBe(code)
})

test('a cursor of one listing is no cursor of another', async () => {
  const next = nextOf(await client.okta('GET', '/api/v1/groups?limit=5')) ?? ''
  const after = new URLSearchParams(next.split('?')[1]).get('after') ?? ''
  const reply = await client.okta('GET', `/api/v1/users?after=${after}`)
  expect(reply.body).toMatchObject({
    errorCode: 'E0000029',
    errorCauses: [{ errorSummary: 'Invalid cursor.' }],
  })
})

test('groups whose members changed are found by lastMembershipUpdated and not by lastUpdated', async () => {
  const [group] = (await client.okta('GET', '/api/v1/groups?q=Leadership')).body
  await client.okta('PUT', `/api/v1/groups/${group.id}/users/noor.haddad@acme.example`, {})
  const since = (name: string) =>
    client.okta('GET', `/api/v1/groups?filter=${encodeURIComponent(`${name} gt "2025-12-31T00:00:00.000Z"`)}`)
  expect((await since('lastMembershipUpdated')).body.map((row: { id: string }) => row.id)).toEqual([group.id])
  expect((await since('lastUpdated')).body).toEqual([])
})

test('users are read by id, login and short login', async () => {
  const { body } = await client.okta('GET', '/api/v1/users/ADA.kingsley@acme.example')
  expect((await client.okta('GET', `/api/v1/users/${body.id}`)).body.id).toBe(body.id)
  expect((await client.okta('GET', '/api/v1/users/ada.kingsley')).body.id).toBe(body.id)
  expect((await client.okta('GET', '/api/v1/users/nobody')).body.errorSummary).toBe(
    'Not found: Resource not found: nobody (User)',
  )
})

test('the log has a next page for ever, and its cursor gives each event once', async () => {
  const begin = await client.okta('GET', '/api/v1/logs?since=2020-01-01T00:00:00Z&limit=1000')
  const next = nextOf(begin) ?? ''
  const empty = await client.okta('GET', next)
  expect(empty.body).toEqual([])
  await client.okta('POST', '/api/v1/users/noor.haddad/lifecycle/suspend', {})
  const { body } = await client.okta('GET', nextOf(empty) ?? '')
  expect(body.map((event: { eventType: string }) => event.eventType)).toEqual(['user.lifecycle.suspend'])
})

test('the stats agree with the lists', async () => {
  const { body } = await client.control('GET', '/stats')
  const groups = await all(client, '/api/v1/groups')
  expect(groups).toHaveLength(body.groups.total)
  let members = 0
  for (const group of groups.filter(({ type }) => type !== 'BUILT_IN'))
    members += (await all(client, `/api/v1/groups/${group.id}/users?limit=200`)).length
  expect(members).toBe(body.memberships.total)
  let assigned = 0
  for (const app of await all(client, '/api/v1/apps'))
    assigned += (await all(client, `/api/v1/apps/${app.id}/users?limit=500`)).length
  expect(assigned).toBe(body.assignments.total)
})
