import { expect } from 'vitest'
import { listRoles } from '#accounts'
import { transact } from '#platform'
import {
  type Body,
  type Client,
  connect,
  create,
  createGroup,
  find,
  GROUP,
  inviteOwner,
  memberIds,
  oktaUser,
  patchOf,
  rolesOf,
  rowOf,
  test,
} from './test-client.ts'

const ids = (...users: Body[]) => users.map((user) => user.id).sort()
const picked = (id: string) => ({ op: 'remove', path: `members[value eq "${id}"]` })
const listed = (...users: string[]) => users.map((value) => ({ value, display: 'x@acme.example' }))

function patch(scim: Client, id: string, ...operations: object[]) {
  return scim.send('PATCH', `/Groups/${id}`, patchOf(...operations))
}

async function three(scim: Client): Promise<[Body, Body, Body]> {
  return [
    await create(scim, 'ada@acme.example'),
    await create(scim, 'bob@acme.example'),
    await create(scim, 'cyd@acme.example'),
  ]
}

test('the roles that come with a workspace are groups, but for Owner', async ({ scim }) => {
  const { body } = await scim.send('GET', '/Groups?startIndex=1&count=100')
  expect(body.Resources.map((group: Body) => group.displayName).sort()).toEqual(['Admin', 'Agent', 'Auditor'])
  expect((await find(scim, 'Groups', 'displayName eq "owner"')).body).toMatchObject({
    totalResults: 0,
    Resources: [],
  })
})

test('Owner can be neither read, changed, made nor joined', async ({ scim, ctx }) => {
  const owner = (await listRoles(ctx)).find((role) => role.name === 'Owner')?.id
  const { id } = await create(scim, 'ada@acme.example')
  for (const [method, body] of [
    ['GET', undefined],
    ['PUT', { displayName: 'Owner', members: listed(id) }],
    ['PATCH', patchOf({ op: 'add', path: 'members', value: listed(id) })],
    ['DELETE', undefined],
  ] as const)
    expect(await scim.send(method, `/Groups/${owner}`, body)).toMatchObject({ status: 404 })
  const made = await scim.send('POST', '/Groups', {
    schemas: [GROUP],
    displayName: 'OWNER',
    members: listed(id),
  })
  expect(made).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } })
  const group = await createGroup(scim, 'Engineers')
  expect(await patch(scim, group.id, { op: 'replace', value: { displayName: 'Owner' } })).toMatchObject({
    status: 409,
  })
  expect(await rolesOf(ctx, id)).toEqual(['Auditor (scim_default)'])
})

test('a pushed group becomes a role that allows what the default role does, and its members hold it', async ({
  scim,
  ctx,
  eventsOf,
}) => {
  const [ada, bob] = await three(scim)
  const reply = await scim.send('POST', '/Groups', {
    schemas: [GROUP],
    displayName: 'Engineers',
    members: listed(ada.id, bob.id),
  })

  expect(reply).toMatchObject({
    status: 201,
    body: {
      schemas: [GROUP],
      id: expect.stringMatching(/^rol_/),
      displayName: 'Engineers',
      members: [
        { value: ada.id, type: 'User', display: 'ada@acme.example', $ref: ada.meta.location },
        { value: bob.id, type: 'User', display: 'bob@acme.example', $ref: bob.meta.location },
      ],
      meta: { resourceType: 'Group' },
    },
  })
  expect(reply.headers['location']).toBe(reply.body.meta.location)
  expect((await scim.send('GET', `/Groups/${reply.body.id}`)).body).toEqual(reply.body)
  expect(await rolesOf(ctx, ada.id)).toEqual(['Engineers (scim_group)'])
  const roles = await listRoles(ctx)
  const allowed = (name: string) => roles.find((role) => role.name === name)?.permissions
  expect(allowed('Engineers')).toEqual(allowed('Auditor'))
  expect((await scim.send('GET', `/Users/${ada.id}`)).body.groups).toEqual([
    { value: reply.body.id, $ref: reply.body.meta.location, display: 'Engineers', type: 'direct' },
  ])
  expect(await eventsOf(reply.body.id)).toEqual(['role.created', 'role.members_changed'])
  expect(await scim.send('POST', '/Groups', { displayName: 'engineers' })).toMatchObject({ status: 409 })
})

test('who leaves the last group gets the default role back', async ({ scim, ctx }) => {
  const [ada] = await three(scim)
  const group = await createGroup(scim, 'Engineers', [ada.id])

  await patch(scim, group.id, picked(ada.id))

  expect(await rolesOf(ctx, ada.id)).toEqual(['Auditor (scim_default)'])
})

test('a connection without a default role gives the most restrictive one', async ({ app, ctx }) => {
  const scim = await connect(app, ctx, null)
  const { id } = await create(scim, 'ada@acme.example')
  expect(await rolesOf(ctx, id)).toEqual(['Auditor (scim_default)'])
})

test('a role of ours takes members from a group and keeps its own name', async ({ scim, ctx }) => {
  const [ada] = await three(scim)
  const agent = (await find(scim, 'Groups', 'displayName eq "Agent"')).body.Resources[0]

  const put = await scim.send('PUT', `/Groups/${agent.id}`, {
    displayName: 'Okta Agents',
    members: listed(ada.id),
  })
  expect(put).toMatchObject({ status: 200, body: { displayName: 'Agent', members: [{ value: ada.id }] } })
  expect(await rolesOf(ctx, ada.id)).toEqual(['Agent (scim_group)'])

  expect(await scim.send('DELETE', `/Groups/${agent.id}`)).toMatchObject({ status: 204 })
  expect(await rolesOf(ctx, ada.id)).toEqual(['Auditor (scim_default)'])
  expect((await listRoles(ctx)).map((role) => role.name)).toContain('Agent')
})

test('a PUT sets name and members, and says nothing of members it does not name', async ({ scim }) => {
  const [ada, bob, cyd] = await three(scim)
  const { id } = await createGroup(scim, 'Engineers', [ada.id, bob.id])
  const put = (body: object) => scim.send('PUT', `/Groups/${id}`, { schemas: [GROUP], id, ...body })

  expect(await put({ displayName: 'Builders', members: listed(bob.id, cyd.id) })).toMatchObject({
    status: 200,
    body: { id, displayName: 'Builders' },
  })
  expect(await memberIds(scim, id)).toEqual(ids(bob, cyd))
  await put({ displayName: 'Builders' })
  expect(await memberIds(scim, id)).toEqual(ids(bob, cyd))
  await put({ displayName: 'Builders', members: [] })
  expect(await memberIds(scim, id)).toEqual([])
})

type Step = (a: string, b: string, c: string) => object[]
const add = (...users: string[]) => ({ op: 'add', path: 'members', value: listed(...users) })
const STEPS: [string, Step, string][] = [
  ['add', (_a, _b, c) => [add(c)], 'abc'],
  ['add twice', (a, _b, c) => [add(c), add(c, a)], 'abc'],
  ['one who is there', (a) => [add(a)], 'ab'],
  ['remove by filter', (a) => [picked(a)], 'b'],
  ['remove one who is not there', (_a, _b, c) => [picked(c)], 'ab'],
  ['remove, then add the same', (a) => [picked(a), add(a)], 'ab'],
  ['add, then remove the same', (_a, _b, c) => [add(c), picked(c)], 'ab'],
  ['remove several, then add', (a, b, c) => [picked(a), picked(b), add(c)], 'c'],
  ['remove all', () => [{ op: 'remove', path: 'members' }], ''],
  [
    'remove by a list of values',
    (a) => [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: a }] }],
    'b',
  ],
  ['remove by an empty list', () => [{ op: 'remove', path: 'members', value: [] }], 'ab'],
  [
    'remove by another filter',
    (a, b) => [{ op: 'remove', path: `members[value eq "${a}" or value eq "${b}"]` }],
    '',
  ],
  ['remove by name', () => [{ op: 'remove', path: 'members[display sw "ADA"]' }], 'b'],
  ['replace', (_a, _b, c) => [{ op: 'replace', path: 'members', value: listed(c) }], 'c'],
  ['replace by nobody', () => [{ op: 'replace', path: 'members', value: [] }], ''],
  ['replace without a path', (a, _b, c) => [{ op: 'replace', value: { members: listed(a, c) } }], 'ac'],
  ['replace without members', () => [{ op: 'replace', value: { displayName: 'Same' } }], 'ab'],
  ['add one value, not a list', (_a, _b, c) => [{ op: 'Add', path: 'members', value: { value: c } }], 'abc'],
  ['add without a path', (_a, _b, c) => [{ op: 'add', value: { members: listed(c) } }], 'abc'],
  [
    'add with another spelling',
    (_a, _b, c) => [{ op: 'ADD', path: `${GROUP}:MEMBERS`, value: listed(c) }],
    'abc',
  ],
]

test.for(STEPS)('patching members: %s', async ([, operations, left], { scim }) => {
  const [ada, bob, cyd] = await three(scim)
  const { id } = await createGroup(scim, 'Engineers', [ada.id, bob.id])

  const reply = await patch(scim, id, ...operations(ada.id, bob.id, cyd.id))

  expect(reply).toMatchObject({ status: 204, body: undefined })
  const names: Record<string, string> = { [ada.id]: 'a', [bob.id]: 'b', [cyd.id]: 'c' }
  expect(
    (await memberIds(scim, id))
      .map((member) => names[member])
      .sort()
      .join(''),
  ).toBe(left)
})

test('unknown members are named in the refusal, and nothing changes', async ({ scim, ctx, foreign }) => {
  const [ada, bob] = await three(scim)
  const stranger = await create(foreign, 'ada@acme.example')
  const owner = await inviteOwner(ctx, 'root@acme.example')
  const { id } = await createGroup(scim, 'Engineers', [ada.id])
  const before = await rowOf(ctx, owner)

  for (const bad of ['mem_nobody', stranger.id, owner, id, '']) {
    const put = await scim.send('PUT', `/Groups/${id}`, {
      displayName: 'Changed',
      members: [{ value: bob.id }, { value: bad || 'x' }],
    })
    expect(put).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } })
    expect(put.body.detail).toContain(bad)
  }
  expect(await patch(scim, id, picked(ada.id), add(bob.id, 'mem_nobody'))).toMatchObject({ status: 400 })
  expect(await patch(scim, id, { op: 'add', path: 'members', value: [{ type: 'User' }] })).toMatchObject({
    status: 400,
  })
  const post = await scim.send('POST', '/Groups', { displayName: 'New', members: listed('mem_nobody') })
  expect(post).toMatchObject({ status: 400 })

  const { body } = await scim.send('GET', `/Groups/${id}`)
  expect(body).toMatchObject({ displayName: 'Engineers', members: [{ value: ada.id }] })
  expect((await find(scim, 'Groups', 'displayName eq "New"')).body.totalResults).toBe(0)
  expect(await rowOf(ctx, owner)).toEqual(before)
})

test('a rename repeats the id, is told apart from members, and keeps them', async ({ scim }) => {
  const [ada, bob] = await three(scim)
  const { id } = await createGroup(scim, 'Engineers', [ada.id])

  const renamed = { op: 'replace', value: { id, displayName: 'Builders' } }
  expect(await patch(scim, id, renamed)).toMatchObject({ status: 204 })
  expect(await patch(scim, id, renamed, add(bob.id))).toMatchObject({ status: 204 })

  const { body } = await scim.send('GET', `/Groups/${id}`)
  expect(body).toMatchObject({ id, displayName: 'Builders' })
  expect(await memberIds(scim, id)).toEqual(ids(ada, bob))
})

test('an external id is kept, found and changed', async ({ scim }) => {
  const { body } = await scim.send('POST', '/Groups', { displayName: 'Engineers', externalId: 'g-1' })
  expect(body).toMatchObject({ externalId: 'g-1', members: [] })
  await patch(scim, body.id, { op: 'replace', path: 'externalId', value: 'G-2' })

  expect((await find(scim, 'Groups', 'externalId eq "G-2"')).body.Resources).toMatchObject([{ id: body.id }])
  expect((await find(scim, 'Groups', 'externalId eq "g-2"')).body.totalResults).toBe(0)
})

test('a group that changes has a new version, and one that does not keeps it', async ({ scim }) => {
  const [ada, bob] = await three(scim)
  const { id } = await createGroup(scim, 'Engineers', [ada.id])
  const version = async () => (await scim.send('GET', `/Groups/${id}`)).headers['etag']
  const first = await version()

  await patch(scim, id, add(ada.id), picked(bob.id), { op: 'replace', value: { displayName: 'Engineers' } })
  expect(await version()).toBe(first)

  await patch(scim, id, add(bob.id))
  const second = await version()
  expect(second).not.toBe(first)
  await scim.send('DELETE', `/Users/${bob.id}`)
  expect(await version()).not.toBe(second)
  expect(await memberIds(scim, id)).toEqual([ada.id])
  const stale = await scim.send('PUT', `/Groups/${id}`, { displayName: 'x' }, { 'if-match': String(first) })
  expect(stale).toMatchObject({ status: 412 })
})

test('members can be left out of an answer', async ({ scim }) => {
  const [ada] = await three(scim)
  const { id } = await createGroup(scim, 'Engineers', [ada.id])

  const one = await scim.send('GET', `/Groups/${id}?excludedAttributes=members`)
  expect(one.body).not.toHaveProperty('members')
  const found = await scim.send(
    'GET',
    '/Groups?filter=displayName%20eq%20%22engineers%22&excludedAttributes=members',
  )
  expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id }] })
  expect(found.body.Resources[0]).not.toHaveProperty('members')
  const asked = await scim.send('PATCH', `/Groups/${id}?attributes=displayName`, patchOf(add(ada.id)))
  expect(asked).toMatchObject({ status: 200, body: { schemas: [GROUP], id, displayName: 'Engineers' } })
  expect((await find(scim, 'Groups', `members[value eq "${ada.id}"]`)).body.totalResults).toBe(1)
  expect((await find(scim, 'Groups', `id eq "${id}" and members.value eq "mem_x"`)).body.totalResults).toBe(0)
  expect(await find(scim, 'Groups', 'nonsense eq "x"')).toMatchObject({ status: 400 })
})

test('a deleted group is gone, and its members stay users', async ({ scim, ctx }) => {
  const [ada] = await three(scim)
  const { id } = await createGroup(scim, 'Engineers', [ada.id])

  expect(await scim.send('DELETE', `/Groups/${id}`)).toMatchObject({ status: 204, body: undefined })
  expect(await scim.send('GET', `/Groups/${id}`)).toMatchObject({ status: 404 })
  expect(await scim.send('DELETE', `/Groups/${id}`)).toMatchObject({ status: 404 })
  expect(await rolesOf(ctx, ada.id)).toEqual(['Auditor (scim_default)'])
  expect(await createGroup(scim, 'Engineers')).toHaveProperty('id')
})

test('a member who was made an owner is not shown in his group, and no list removes or trips over him', async ({
  scim,
  ctx,
}) => {
  const { id: owner } = await create(scim, 'ada@acme.example')
  const { id } = await createGroup(scim, 'Engineers', [owner])
  const role = (await listRoles(ctx)).find(({ name }) => name === 'Owner')?.id ?? ''
  await giveByHand(ctx, owner, role)

  expect(await memberIds(scim, id)).toEqual([])
  const put = (members: object[]) => scim.send('PUT', `/Groups/${id}`, { displayName: 'Engineers', members })
  expect(await put(listed(owner))).toMatchObject({ status: 200, body: { members: [] } })
  expect(await put([])).toMatchObject({ status: 200 })
  expect(await patch(scim, id, picked(owner))).toMatchObject({ status: 204 })
  expect(await rolesOf(ctx, owner)).toEqual(['Engineers (scim_group)', 'Owner (manual)'])
})

test.for([
  [{}, 400],
  [{ displayName: '' }, 400],
  [{ displayName: '   ' }, 400],
  [{ displayName: 'x'.repeat(256) }, 400],
  [{ displayName: ['a', 'b'] }, 400],
  [{ displayName: 'G', members: ['mem_x'] }, 400],
  [oktaUser('ada@acme.example'), 201],
] as const)('a new group %j is answered %i', async ([body, status], { scim }) => {
  expect(await scim.send('POST', '/Groups', body)).toMatchObject({ status })
})

async function giveByHand(ctx: Client['ctx'], memberId: string, roleId: string): Promise<void> {
  await transact(ctx, (tx) =>
    tx.db
      .insertInto('memberRoles')
      .values({ tenantId: tx.tenantId, memberId, roleId, source: 'manual' })
      .execute(),
  )
}

test.for([
  ['displayName', 'Admin\u200b'],
  ['displayName', '\u202eAdmin'],
  ['displayName', 'Ad\u0007min'],
  ['displayName', '\u2003'],
  ['displayName', 'a'.repeat(256)],
  // It has 84 characters, and 18 times as many where names are compared.
  ['displayName', '\ufdfa'.repeat(84)],
  ['externalId', '00g\u2060'],
  ['externalId', '\ufdfa'.repeat(84)],
] as const)(
  'a group whose %s looks like another or cannot be compared is refused: %#',
  async ([name, value], { scim }) => {
    const { id, displayName } = await createGroup(scim, 'Engineers')
    const group = { schemas: [GROUP], displayName, externalId: '00g1', [name]: value }
    const refusal = {
      status: 400,
      body: { scimType: 'invalidValue', detail: expect.stringMatching(new RegExp(`^${name} must`)) },
    }

    expect(await scim.send('POST', '/Groups', { ...group, id: undefined })).toMatchObject(refusal)
    expect(await scim.send('PUT', `/Groups/${id}`, group)).toMatchObject(refusal)
    expect(await patch(scim, id, { op: 'replace', path: name, value })).toMatchObject(refusal)
  },
)
