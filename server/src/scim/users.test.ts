import { expect } from 'vitest'
import { transact } from '#platform'
import {
  type Body,
  type Client,
  create,
  ENTERPRISE,
  find,
  invite,
  inviteOwner,
  oktaUser,
  patchOf,
  rolesOf,
  rowOf,
  test,
  USER,
} from './test-client.ts'

const ada = 'Ada.King@acme.example'

function patch(scim: Client, id: string, ...operations: object[]) {
  return scim.send('PATCH', `/Users/${id}`, patchOf(...operations))
}

test('a created user is answered in full and reads back the same', async ({ scim, eventsOf }) => {
  const manager = { value: '26118915', displayName: 'ignored' }
  const reply = await scim.send('POST', '/Users', {
    ...oktaUser(ada, { title: 'Engineer', nickName: 'Ada', 'x-unknown': { a: 1 } }),
    schemas: [USER, ENTERPRISE],
    [ENTERPRISE]: { department: 'R&D', manager },
  })

  expect(reply.status).toBe(201)
  expect(reply.body).toMatchObject({
    schemas: [USER, ENTERPRISE],
    id: expect.stringMatching(/^mem_/),
    externalId: `00u${ada}`,
    userName: ada,
    name: { givenName: 'Ada', familyName: 'King' },
    displayName: 'Ada King',
    title: 'Engineer',
    nickName: 'Ada',
    locale: 'en-US',
    active: true,
    emails: [{ value: ada, type: 'work', primary: true }],
    [ENTERPRISE]: { department: 'R&D', manager: { value: '26118915' } },
    meta: { resourceType: 'User', version: 'W/"1"' },
  })
  expect(reply.headers['etag']).toBe('W/"1"')
  const read = await scim.send('GET', `/Users/${reply.body.id}`)
  expect(read.body).toEqual(reply.body)
  expect(await eventsOf(reply.body.id)).toEqual(['member.provisioned'])
})

test('a password is neither kept nor shown', async ({ scim, ctx }) => {
  const { id } = await create(scim, ada)
  await patch(scim, id, { op: 'replace', value: { password: 'second-canary' } })
  await scim.send('PUT', `/Users/${id}`, oktaUser(ada))

  const seen = JSON.stringify([
    await rowOf(ctx, id),
    await scim.send('GET', `/Users/${id}?attributes=password`),
  ])
  expect(seen).not.toContain('canary')
  expect((await find(scim, 'Users', 'password sw "8"')).body).toMatchObject({ scimType: 'invalidFilter' })
})

test('a taken user name is answered 409 and leaves its owner as he was', async ({ scim, ctx }) => {
  const { id } = await create(scim, ada)
  const before = await rowOf(ctx, id)

  const again = await scim.send(
    'POST',
    '/Users',
    oktaUser(ada.toUpperCase(), { displayName: 'Someone else' }),
  )

  expect(again).toMatchObject({ status: 409, body: { status: '409', scimType: 'uniqueness' } })
  expect(await rowOf(ctx, id)).toEqual(before)
  const bob = await create(scim, 'bob@acme.example')
  expect(await patch(scim, bob.id, { op: 'replace', path: 'userName', value: ada })).toMatchObject({
    status: 409,
  })
})

test('two workspaces can have a user of one name, and neither sees the other', async ({ scim, foreign }) => {
  const mine = await create(scim, ada)
  const theirs = await create(foreign, ada)

  expect(theirs.id).not.toBe(mine.id)
  expect(await foreign.send('GET', `/Users/${mine.id}`)).toMatchObject({ status: 404 })
  expect(await foreign.send('DELETE', `/Users/${mine.id}`)).toMatchObject({ status: 404 })
  expect((await find(foreign, 'Users', `id eq "${mine.id}"`)).body.totalResults).toBe(0)
})

test('a PUT clears what it leaves out, but for groups and active', async ({ scim }) => {
  const user = await create(scim, ada, { title: 'Engineer', [ENTERPRISE]: { department: 'R&D' } })
  await patch(scim, user.id, { op: 'replace', value: { active: false } })

  const { status, body } = await scim.send('PUT', `/Users/${user.id}`, {
    schemas: [USER],
    userName: ada,
    nickName: '',
    emails: [],
    title: null,
  })

  expect(status).toBe(200)
  expect(body).toEqual({
    schemas: [USER],
    id: user.id,
    userName: ada,
    active: false,
    meta: expect.objectContaining({ created: user.meta.created }),
  })
})

test('doing nothing keeps the version, by PUT and by PATCH', async ({ scim, eventsOf }) => {
  const user = await create(scim, ada, {
    title: 'Engineer',
    [ENTERPRISE]: { division: 'x', department: 'y' },
  })

  const put = await scim.send('PUT', `/Users/${user.id}`, user)
  const patched = await patch(
    scim,
    user.id,
    { op: 'replace', value: { active: true, title: 'Engineer' } },
    { op: 'add', path: 'emails', value: [{ value: ada, type: 'work' }] },
  )

  expect(put.body).toEqual(user)
  expect(patched.body).toEqual(user)
  expect(await eventsOf(user.id)).toEqual(['member.provisioned'])
})

test.for([
  ['PUT', { active: false }],
  ['PUT', { active: 'False' }],
  ['PATCH', { op: 'replace', value: { active: false } }],
  ['PATCH', { op: 'Replace', path: 'active', value: 'False' }],
  ['PATCH', { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:active', value: false }],
] as const)(
  'deactivation by %s %j locks out in the same transaction',
  async ([method, change], { scim, ctx }) => {
    const { id } = await create(scim, ada)
    await transact(ctx, (tx) =>
      tx.db
        .insertInto('sessions')
        .values({
          tenantId: tx.tenantId,
          id: `ses_${id.slice(4)}`,
          mac: Buffer.alloc(32),
          email: ada,
          displayName: 'Ada',
          memberId: id,
          expiresAt: new Date(Date.now() + 3_600_000),
        })
        .execute(),
    )
    const sessions = () =>
      transact(ctx, (tx) => tx.db.selectFrom('sessions').select('id').where('memberId', '=', id).execute())
    expect(await sessions()).toHaveLength(1)

    const body = method === 'PUT' ? oktaUser(ada, change) : patchOf(change)
    const reply = await scim.send(method, `/Users/${id}`, body)

    expect(reply).toMatchObject({ status: 200, body: { id, active: false } })
    expect(await sessions()).toEqual([])
    const back = await patch(scim, id, { op: 'replace', value: { active: true } })
    expect(back).toMatchObject({ status: 200, body: { id, active: true } })
  },
)

test("Entra ID's operations mean what they mean there", async ({ scim }) => {
  const { id } = await create(scim, ada, { emails: undefined })
  const manager = `${ENTERPRISE}:manager`
  const reply = await patch(
    scim,
    id,
    { op: 'Add', path: 'emails[type eq "work"].value', value: 'a@b.example' },
    { op: 'Replace', path: 'name.familyName', value: 'Byron' },
    { op: 'Add', path: manager, value: '9a2e' },
    {
      op: 'Replace',
      value: { displayName: 'Ada B', 'name.givenName': 'Augusta', [`${ENTERPRISE}:employeeNumber`]: '42' },
    },
  )

  expect(reply).toMatchObject({
    status: 200,
    body: {
      displayName: 'Ada B',
      name: { givenName: 'Augusta', familyName: 'Byron' },
      emails: [{ type: 'work', value: 'a@b.example' }],
      [ENTERPRISE]: { employeeNumber: '42', manager: { value: '9a2e' } },
    },
  })
  const cleared = await patch(scim, id, { op: 'Replace', path: manager, value: '' })
  expect(cleared.body[ENTERPRISE]).toEqual({ employeeNumber: '42' })
})

test.for([
  [{ op: 'remove' }, 'noTarget'],
  [{ op: 'remove', path: 'userName' }, 'mutability'],
  [{ op: 'replace', path: 'id', value: 'mem_1' }, 'mutability'],
  [{ op: 'add', path: 'groups', value: [{ value: 'rol_1' }] }, 'mutability'],
  [{ op: 'replace', path: 'emails[type eq "pager"].value', value: 'x@y.example' }, 'noTarget'],
  [{ op: 'replace', path: 'emails[', value: 'x' }, 'invalidFilter'],
  [{ op: 'replace', path: 'active', value: 'maybe' }, 'invalidValue'],
  [{ op: 'replace', path: 'userName', value: '   ' }, 'invalidValue'],
  [{ op: 'replace', path: 'userName', value: 'a\u202eb' }, 'invalidValue'],
  [{ op: 'replace', path: 'userName', value: '\ufdfa'.repeat(200) }, 'invalidValue'],
  [{ op: 'replace', path: 'externalId', value: 'x'.repeat(600) }, 'invalidValue'],
  [{ op: 'replace', path: 'nickName', value: 'x'.repeat(70_000) }, 'invalidSyntax'],
  [{ op: 'explode', path: 'title' }, 'invalidSyntax'],
] as const)(
  'a patch %j is refused with %s, and changes nothing',
  async ([operation, scimType], { scim, ctx }) => {
    const { id } = await create(scim, ada)
    const before = await rowOf(ctx, id)

    const reply = await patch(scim, id, { op: 'replace', path: 'title', value: 'Changed' }, operation)

    expect(reply).toMatchObject({ status: 400, body: { status: '400', scimType } })
    expect(await rowOf(ctx, id)).toEqual(before)
  },
)

test('nothing but roles can give a role', async ({ scim, ctx }) => {
  const claims = {
    Roles2: ['owner'],
    userType: 'owner',
    permissions: ['roles.manage'],
    systemKey: 'owner',
    source: 'invited',
    entitlements: [{ value: 'admin' }],
    groups: [{ value: 'owner' }],
    __proto__x: { admin: true },
  }
  const { id } = await create(scim, ada, claims)
  const text = JSON.stringify({ ...oktaUser(ada), ...claims }).replace('__proto__x', '__proto__')
  expect(await scim.send('PUT', `/Users/${id}`, text)).toMatchObject({ status: 200 })
  await patch(scim, id, { op: 'Replace', value: { permissions: ['x'], 'roles[type eq "x"].value': 'owner' } })
  for (const path of ['__proto__', '__proto__.admin', 'constructor.prototype.admin', 'toString'])
    await patch(scim, id, { op: 'add', path, value: true })

  expect(await rolesOf(ctx, id)).toEqual(['Auditor (scim_default)'])
  expect(await rowOf(ctx, id)).toMatchObject({ id, source: 'scim', passwordHash: null })
  expect(({} as Body).admin).toBeUndefined()
})

test.for([
  [{ op: 'add', path: 'ROLES', value: [{ value: 'admin' }] }],
  [{ op: 'Replace', value: { roles: [{ value: 'Admin', primary: true }] } }],
] as const)('roles of a user are given by name: %j', async ([operation], { scim, ctx }) => {
  const { id } = await create(scim, ada)
  expect(await patch(scim, id, operation)).toMatchObject({ status: 200 })
  expect(await rolesOf(ctx, id)).toEqual(['Admin (scim_role)'])
  expect(await patch(scim, id, { op: 'remove', path: 'roles' })).toMatchObject({ status: 200 })
  expect(await rolesOf(ctx, id)).toEqual(['Auditor (scim_default)'])
})

test.for(['owner', 'Owner', 'no such role'])(
  'a user cannot have the role %s by its roles',
  async (role, { scim, ctx }) => {
    const { id } = await create(scim, ada)
    const before = await rowOf(ctx, id)
    const roles = [{ value: role }]
    const refused = { status: 400, body: { scimType: 'invalidValue' } }
    expect(await patch(scim, id, { op: 'add', path: 'roles', value: roles })).toMatchObject(refused)
    expect(await scim.send('PUT', `/Users/${id}`, oktaUser(ada, { roles }))).toMatchObject(refused)
    expect(await scim.send('POST', '/Users', oktaUser('b@acme.example', { roles }))).toMatchObject(refused)
    expect(await rowOf(ctx, id)).toEqual(before)
    expect(await rolesOf(ctx, id)).toEqual(['Auditor (scim_default)'])
  },
)

test('the id in a body is not the one that counts', async ({ scim, ctx }) => {
  const mine = await create(scim, ada)
  const victim = await create(scim, 'bob@acme.example', { externalId: mine.id })
  const before = await rowOf(ctx, victim.id)

  const meta = { location: `x/Users/${victim.id}`, version: 'W/"99"' }
  await scim.send('PUT', `/Users/${mine.id}`, oktaUser(ada, { id: victim.id, meta, title: 'Changed' }))
  await patch(scim, mine.id, { op: 'replace', value: { id: victim.id, title: 'Again' } })

  expect(await rowOf(ctx, victim.id)).toEqual(before)
  expect((await scim.send('GET', `/Users/${mine.id}`)).body).toMatchObject({ id: mine.id, title: 'Again' })
})

test('an owner is nobody to a provider, but his name is taken', async ({ scim, ctx }) => {
  const owner = await inviteOwner(ctx, 'root@acme.example')
  const before = await rowOf(ctx, owner)

  for (const [method, body] of [
    ['GET', undefined],
    ['PUT', oktaUser('root@acme.example', { active: false })],
    ['PATCH', patchOf({ op: 'replace', value: { active: false } })],
    ['DELETE', undefined],
  ] as const)
    expect(await scim.send(method, `/Users/${owner}`, body)).toMatchObject({ status: 404 })
  expect((await find(scim, 'Users', 'userName eq "root@acme.example"')).body.totalResults).toBe(0)
  expect((await scim.send('GET', '/Users')).body.totalResults).toBe(0)
  expect(await scim.send('POST', '/Users', oktaUser('ROOT@acme.example'))).toMatchObject({ status: 409 })
  expect(await rowOf(ctx, owner)).toEqual(before)
})

test('an invited member is shown, found and linked by the first change', async ({ scim, ctx, eventsOf }) => {
  const id = await invite(ctx, 'noor@acme.example', 'Agent')

  const { body } = await find(scim, 'Users', 'userName eq "NOOR@acme.example"')
  expect(body.Resources).toMatchObject([
    {
      id,
      userName: 'noor@acme.example',
      displayName: 'Noor Haddad',
      emails: [{ value: 'noor@acme.example' }],
    },
  ])
  expect((await find(scim, 'Users', 'emails.value eq "Noor@acme.example"')).body.totalResults).toBe(1)

  const put = await scim.send('PUT', `/Users/${id}`, oktaUser('noor@acme.example'))
  expect(put).toMatchObject({ status: 200, body: { id, externalId: '00unoor@acme.example' } })
  expect(await eventsOf(id)).toContain('member.linked')
  expect(await rolesOf(ctx, id)).toEqual(['Agent (manual)'])
})

test('a deleted user is gone, and his name is free for somebody new', async ({ scim }) => {
  const { id } = await create(scim, ada)

  expect(await scim.send('DELETE', `/Users/${id}`)).toMatchObject({ status: 204, body: undefined })

  for (const [method, body] of [
    ['GET', undefined],
    ['PUT', oktaUser(ada)],
    ['PATCH', patchOf({ op: 'replace', value: { active: true } })],
    ['DELETE', undefined],
  ] as const)
    expect(await scim.send(method, `/Users/${id}`, body)).toMatchObject({
      status: 404,
      body: { status: '404' },
    })
  expect((await create(scim, ada)).id).not.toBe(id)
})

test('versions guard changes and spare reads', async ({ scim }) => {
  const { id } = await create(scim, ada)
  const put = (version: string) =>
    scim.send('PUT', `/Users/${id}`, oktaUser(ada, { title: 'x' }), { 'if-match': version })

  expect(await put('W/"7"')).toMatchObject({ status: 412, body: { status: '412' } })
  expect(await put('W/"1"')).toMatchObject({ status: 200, headers: { etag: 'W/"2"' } })
  expect(await put('*')).toMatchObject({ status: 200 })
  const read = (version: string) => scim.send('GET', `/Users/${id}`, undefined, { 'if-none-match': version })
  expect(await read('W/"2"')).toMatchObject({ status: 304, body: undefined })
  expect(await read('W/"1"')).toMatchObject({ status: 200 })
  expect(await scim.send('DELETE', `/Users/${id}`, undefined, { 'if-match': '"1"' })).toMatchObject({
    status: 412,
  })
})

test('answers are cut to the attributes that are asked for', async ({ scim }) => {
  const { id } = await create(scim, ada)

  const only = await scim.send('GET', `/Users/${id}?attributes=userName,name.givenName`)
  expect(only.body).toEqual({ schemas: [USER], id, userName: ada, name: { givenName: 'Ada' } })
  const without = await scim.send('GET', '/Users?excludedAttributes=emails,meta')
  expect(Object.keys(without.body.Resources[0])).not.toContain('emails')
  const patched = await scim.send(
    'PATCH',
    `/Users/${id}?attributes=title`,
    patchOf({ op: 'add', path: 'title', value: 'Countess' }),
  )
  expect(patched.body).toEqual({ schemas: [USER], id, title: 'Countess' })
  expect(await scim.send('GET', '/Users?attributes=id&excludedAttributes=name')).toMatchObject({
    status: 400,
  })
})

test('pages hold everybody once, in one order, and count what they hold', async ({ scim }) => {
  for (const n of [1, 2, 3, 4, 5]) await create(scim, `user${n}@acme.example`)
  const page = async (query: string) => (await scim.send('GET', `/Users?${query}`)).body

  const seen = [
    await page('startIndex=1&count=2'),
    await page('startIndex=3&count=2'),
    await page('startIndex=5&count=2'),
  ]
  expect(seen.flatMap((list) => list.Resources.map((user: Body) => user.userName))).toEqual(
    [1, 2, 3, 4, 5].map((n) => `user${n}@acme.example`),
  )
  expect(seen.map((list) => list.itemsPerPage)).toEqual([2, 2, 1])
  expect(await page('startIndex=100&count=100')).toMatchObject({
    totalResults: 5,
    itemsPerPage: 0,
    Resources: [],
  })
  expect(await page('count=0')).toMatchObject({ totalResults: 5, itemsPerPage: 0, Resources: [] })
  expect(await page('startIndex=-3&count=1000000000')).toMatchObject({ startIndex: 1, itemsPerPage: 5 })
  expect(await page('startIndex=9007199254740991')).toMatchObject({ totalResults: 5, Resources: [] })
  expect(await page('startIndex=x')).toMatchObject({ status: '400' })
  expect(await page('startIndex=1&startIndex=2')).toMatchObject({ status: '400' })
})

test.for([
  'userName',
  'userName eq',
  'userName eq x',
  'nonsense eq "x"',
  'not (nonsense eq "x")',
  'nonsense ne "x"',
  'urn:none:userName pr',
  'emails[nonsense ne "x"]',
  'name.nonsense ne "x"',
  'active gt true',
  'meta.created gt "yesterday"',
  '"',
  `${'('.repeat(2000)}`,
])('the filter %j is refused and never answered with more', async (filter, { scim }) => {
  await create(scim, ada)
  expect(await find(scim, 'Users', filter)).toMatchObject({
    status: 400,
    body: { scimType: 'invalidFilter' },
  })
})

test('a search by POST is the list, with its parameters in the body', async ({ scim }) => {
  await create(scim, ada)
  await create(scim, 'bob@acme.example')
  const reply = await scim.send('POST', '/Users/.search', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
    filter: 'userName sw "ADA"',
    attributes: ['userName'],
    count: 10,
  })
  expect(reply).toMatchObject({ status: 200, body: { totalResults: 1, Resources: [{ userName: ada }] } })
  expect(await scim.send('POST', '/Users/.search', { filter: 7 })).toMatchObject({ status: 400 })
})
