/** What RFC 7644 asks of a server and no other test says: docs/reference/scim-profile.md names these by title. */
import { sql } from 'kysely'
import { expect } from 'vitest'
import { createOauthClient, createToken, issueCredential } from '#accounts'
import { createHttpServer, newId, openLog, transact } from '#platform'
import { scimPlugin } from './index.ts'
import {
  type Body,
  type Client,
  connect,
  create,
  createGroup,
  ENTERPRISE,
  find,
  GROUP,
  memberIds,
  oktaUser,
  patchOf,
  settingsOf,
  test,
  USER,
} from './test-client.ts'

const ada = 'ada.king@acme.example'
const MESSAGES = 'urn:ietf:params:scim:api:messages:2.0'
const LIST = `${MESSAGES}:ListResponse`

const refused = (status: number, scimType?: string) => ({
  status,
  body: {
    schemas: [`${MESSAGES}:Error`],
    status: String(status),
    detail: expect.stringMatching(/.{10}/),
    ...(scimType ? { scimType } : {}),
  },
})

const idsIn = ({ body }: { body: Body }) => body.Resources.map(({ id }: Body) => id)

test('RFC 7644 §1.2, §1.3: addresses need no escaping, and the base has no query', async ({ scim }) => {
  const user = await create(scim, 'ada+ü@acme.example')
  const { meta } = (await scim.send('GET', '/ServiceProviderConfig')).body
  for (const { location } of [user.meta, meta]) expect(location).toMatch(/^https?:\/\/[\w.:/~-]+$/)
})

test('RFC 7644 §3.1: a message is known by what it says, and a wrong schema in it does no harm', async ({
  scim,
}) => {
  const { id } = await create(scim, ada)
  const Operations = [{ op: 'add', path: 'title', value: 'Engineer' }]
  for (const schemas of [[`${MESSAGES}:PatchOp`], undefined, ['urn:x']])
    expect(await scim.send('PATCH', `/Users/${id}`, { schemas, Operations })).toMatchObject({
      status: 200,
      body: { title: 'Engineer' },
    })
})

test('RFC 7644 §3.1: no schema of a message is in /Schemas', async ({ scim }) => {
  const urns = idsIn(await scim.send('GET', '/Schemas'))
  expect(urns.filter((urn: string) => urn.startsWith('urn:ietf:params:scim:api:'))).toEqual([])
  for (const name of ['ListResponse', 'PatchOp', 'BulkRequest', 'SearchRequest', 'Error'])
    expect(await scim.send('GET', `/Schemas/${MESSAGES}:${name}`)).toMatchObject(refused(404))
})

test('RFC 7644 §3.1: an answer shows what was made of a request, not the request', async ({ scim }) => {
  const sent = oktaUser(ada, { shoeSize: 38, active: 'True', nickName: '' })
  const { body } = await scim.send('POST', '/Users', sent)
  expect(body).toMatchObject({ active: true })
  for (const name of ['shoeSize', 'nickName', 'password', 'groups']) expect(body).not.toHaveProperty(name)
  expect((await scim.send('GET', `/Users/${body.id}`)).body).toEqual(body)
})

test('RFC 7644 §3.2, §3.5.1: PUT makes nothing', async ({ scim }) => {
  const total = async (path: string) => (await scim.send('GET', `${path}?count=0`)).body.totalResults
  const before = [await total('/Users'), await total('/Groups')]
  expect(await scim.send('PUT', '/Users/mem_new', oktaUser(ada))).toMatchObject(refused(404))
  const group = { schemas: [GROUP], displayName: 'New' }
  expect(await scim.send('PUT', '/Groups/rol_new', group)).toMatchObject(refused(404))
  expect(await scim.send('PUT', '/Users', oktaUser(ada))).toMatchObject(refused(405))
  expect([await total('/Users'), await total('/Groups')]).toEqual(before)
})

test('RFC 7644 §3.2: the endpoints are where /ResourceTypes says, in the plural', async ({ scim }) => {
  const { body } = await scim.send('GET', '/ResourceTypes')
  expect(body.Resources.map(({ name, endpoint }: Body) => [name, endpoint])).toEqual([
    ['User', '/Users'],
    ['Group', '/Groups'],
    ['Role', '/Roles'],
    ['Entitlement', '/Entitlements'],
  ])
  for (const { endpoint } of body.Resources)
    expect(await scim.send('GET', endpoint)).toMatchObject({ status: 200 })
})

test('RFC 7644 §3.3: a POST answers 201, the address twice and the resource, for users and groups', async ({
  scim,
}) => {
  for (const [path, body, type] of [
    ['/Users', oktaUser(ada, { meta: { resourceType: 'Group' } }), 'User'],
    ['/Groups', { schemas: [GROUP], displayName: 'New', meta: { resourceType: 'User' } }, 'Group'],
  ] as const) {
    const reply = await scim.send('POST', path, body)
    expect(reply).toMatchObject({ status: 201, body: { meta: { resourceType: type } } })
    expect(reply.headers['location']).toBe(reply.body.meta.location)
    expect((await scim.send('GET', `${path}/${reply.body.id}`)).body).toEqual(reply.body)
    const again = await scim.send('POST', path, body)
    expect(again).toMatchObject(refused(409, 'uniqueness'))
  }
})

test('RFC 7644 §3.4.2: parameters that nobody knows are ignored', async ({ scim }) => {
  const { id } = await create(scim, ada)
  const plain = await scim.send('GET', '/Users')
  expect((await scim.send('GET', '/Users?colour=red&_=1&filters=x')).body).toEqual(plain.body)
  expect(await scim.send('GET', `/Users/${id}?aadOptscim062020`)).toMatchObject({ status: 200 })
})

test('RFC 7644 §3.4.2: a list says what it is, how many there are, and which of them it holds', async ({
  scim,
}) => {
  for (const n of [1, 2, 3]) await create(scim, `user${n}@acme.example`)
  const { body } = await scim.send('GET', '/Users?startIndex=2&count=1')
  expect(body).toMatchObject({ schemas: [LIST], totalResults: 3, startIndex: 2, itemsPerPage: 1 })
  expect(body.Resources).toHaveLength(1)
  const nobody = await find(scim, 'Users', 'userName eq "nobody"')
  expect(nobody).toMatchObject({ status: 200, body: { schemas: [LIST], totalResults: 0, Resources: [] } })
})

test('RFC 7644 §3.4.2.1: a search that finds too many is refused with tooMany, and none is shown', async ({
  scim,
}) => {
  await create(scim, ada)
  await addMembers(scim, 2001)
  for (const reply of [
    await scim.send('GET', '/?filter=meta.resourceType%20eq%20%22User%22'),
    await scim.send('POST', '/.search', { schemas: [`${MESSAGES}:SearchRequest`] }),
  ]) {
    expect(reply).toMatchObject(refused(400, 'tooMany'))
    expect(reply.body).not.toHaveProperty('Resources')
  }
  expect((await scim.send('GET', '/Users')).body).toMatchObject({ totalResults: 2002, itemsPerPage: 100 })
})

/** Members by the thousand, as if a provider had made them. */
function addMembers({ ctx }: Client, count: number): Promise<unknown> {
  return transact(ctx, (tx) =>
    sql`insert into members (tenant_id, id, user_name, user_name_key, email, email_key, display_name, source)
      select ${tx.tenantId}, 'mem_many' || n, 'many' || n, 'many' || n, 'many' || n, 'many' || n, 'Many', 'scim'
      from generate_series(1, ${count}) as n`.execute(tx.db),
  )
}

test('RFC 7644 §3.4.2.1: what a type does not have has no value there', async ({ scim }) => {
  const { id } = await create(scim, ada)
  const found = async (filter: string) =>
    idsIn(await scim.send('GET', `/?filter=${encodeURIComponent(filter)}`)) as string[]
  expect(await found('userName pr')).toEqual([id])
  const others = await found('not (displayName sw "zz") and meta.resourceType eq "Group"')
  expect(others.length).toBeGreaterThan(0)
  expect(others).not.toContain(id)
})

test('RFC 7644 §3.4.2.2: what was given by default is found like what was sent', async ({ scim }) => {
  const user = await create(scim, ada, { active: undefined })
  expect(user.active).toBe(true)
  for (const filter of ['active eq true', 'active pr'])
    expect(idsIn(await find(scim, 'Users', filter))).toEqual([user.id])
  expect(idsIn(await find(scim, 'Users', 'active eq false'))).toEqual([])
})

test('RFC 7644 §3.4.2.2: the words of a filter are read in any case, and all of them have to be there', async ({
  scim,
}) => {
  const { id } = await create(scim, ada)
  for (const filter of [`USERNAME Eq "${ada}"`, `username EQ "${ada}" AND NOT (title PR)`])
    expect(idsIn(await find(scim, 'Users', filter))).toEqual([id])
  for (const filter of [' ', 'userName', 'eq "x"', 'userName "x"', 'userName regex "x"'])
    expect(await find(scim, 'Users', filter)).toMatchObject(refused(400, 'invalidFilter'))
})

test.for(['gt', 'ge', 'lt', 'le'])(
  'RFC 7644 §3.4.2.2: %s orders text, numbers and times, and refuses what has no order',
  async (op, { scim }) => {
    const { id } = await create(scim, ada, { title: 'M' })
    const low = op.startsWith('g')
    const finds = async (filter: string) => idsIn(await find(scim, 'Users', filter)).includes(id)
    expect(await finds(`title ${op} "${low ? 'a' : 'Z'}"`)).toBe(true)
    expect(await finds(`title ${op} "${low ? 'Z' : 'a'}"`)).toBe(false)
    expect(await finds(`title ${op} "m"`)).toBe(op.endsWith('e'))
    expect(await finds(`meta.created ${op} "${low ? 2000 : 3000}-01-01T00:00:00Z"`)).toBe(true)
    for (const filter of [`active ${op} true`, `x509Certificates.value ${op} "MII"`])
      expect(await find(scim, 'Users', filter)).toMatchObject(refused(400, 'invalidFilter'))
  },
)

test('RFC 7644 §3.4.2.3: sorting is ascending when nothing is said, and by the case rule of the attribute', async ({
  scim,
}) => {
  for (const [name, externalId] of [
    ['b', 'a'],
    ['A', 'B'],
    ['C', 'c'],
  ])
    await create(scim, `${name}@acme.example`, { externalId })
  const order = async (query: string) =>
    (await scim.send('GET', `/Users?sortBy=${query}`)).body.Resources.map(
      ({ userName }: Body) => userName[0],
    ).join('')
  expect(await order('userName')).toBe('AbC')
  expect(await order('userName&sortOrder=ascending')).toBe('AbC')
  expect(await order('userName&sortOrder=descending')).toBe('CbA')
  expect(await order('externalId')).toBe('AbC')
  expect(await order('externalId&sortOrder=descending')).toBe('CbA')
})

test('RFC 7644 §3.4.2.5, §3.4.3: attributes and excludedAttributes work on lists, searches and resources', async ({
  scim,
}) => {
  const { id } = await create(scim, ada)
  const search = (more: object) =>
    scim.send('POST', '/Users/.search', { schemas: [`${MESSAGES}:SearchRequest`], ...more })
  const only = { schemas: [USER], id, userName: ada }
  expect((await scim.send('GET', `/Users/${id}?attributes=userName`)).body).toEqual(only)
  expect((await scim.send('GET', '/Users?attributes=USERNAME')).body.Resources).toEqual([only])
  expect((await search({ attributes: [`${USER}:userName`] })).body.Resources).toEqual([only])
  for (const { Resources } of [
    (await scim.send('GET', '/Users?excludedAttributes=name,id,schemas')).body,
    (await search({ excludedAttributes: ['name', 'id', 'schemas'] })).body,
  ]) {
    expect(Resources).toMatchObject([{ id, schemas: [USER], userName: ada }])
    expect(Resources[0]).not.toHaveProperty('name')
  }
})

test('RFC 7644 §3.4.3: a search by POST makes nothing', async ({ scim }) => {
  const search = { ...oktaUser(ada), schemas: [`${MESSAGES}:SearchRequest`] }
  for (const path of [
    '/Users/.search',
    '/Groups/.search',
    '/Roles/.search',
    '/Entitlements/.search',
    '/.search',
  ])
    expect(await scim.send('POST', path, search)).toMatchObject({ status: 200, body: { schemas: [LIST] } })
  expect((await scim.send('GET', '/Users')).body.totalResults).toBe(0)
  expect(await scim.send('POST', '/Users/.search', { filter: 'userName eq' })).toMatchObject(
    refused(400, 'invalidFilter'),
  )
  expect(await scim.send('POST', '/Users/.search', { sortBy: 'emails[type eq "x"]' })).toMatchObject(
    refused(400, 'invalidPath'),
  )
})

test.for([
  ['no operations', { schemas: [`${MESSAGES}:PatchOp`] }, 'invalidSyntax'],
  ['an empty list of operations', patchOf(), 'invalidSyntax'],
  ['no op', patchOf({ path: 'title', value: 'x' }), 'invalidSyntax'],
  [
    'two ops',
    `{"schemas":["${MESSAGES}:PatchOp"],"Operations":[{"op":"add","op":"remove","path":"title","value":"x"}]}`,
    'invalidSyntax',
  ],
  ['a remove without a path', patchOf({ op: 'remove' }), 'noTarget'],
  ['an add without a value', patchOf({ op: 'add', path: 'title' }), 'invalidValue'],
  ['a text for a complex attribute', patchOf({ op: 'add', path: 'name', value: 'Ada' }), 'invalidValue'],
  ['no attributes to replace', patchOf({ op: 'replace', value: 'x' }), 'invalidValue'],
] as const)('RFC 7644 §3.5.2: a patch with %s is refused', async ([, body, scimType], { scim }) => {
  const { id, meta } = await create(scim, ada)
  expect(await scim.send('PATCH', `/Users/${id}`, body)).toMatchObject(refused(400, scimType))
  expect((await scim.send('GET', `/Users/${id}`)).body.meta).toEqual(meta)
})

test('RFC 7644 §3.5.2: each operation sees what the one before made, and their schemas', async ({ scim }) => {
  const { id } = await create(scim, ada, { title: 'Engineer' })
  const department = `${ENTERPRISE}:department`
  const { body } = await scim.send(
    'PATCH',
    `/Users/${id}`,
    patchOf(
      { op: 'add', path: 'phoneNumbers', value: [{ type: 'work', value: '1' }] },
      { op: 'replace', path: 'phoneNumbers[type eq "work"].value', value: '2' },
      { op: 'add', path: 'schemas', value: [ENTERPRISE] },
      { op: 'add', path: department, value: 'R&D' },
      { op: 'remove', path: 'title' },
    ),
  )
  expect(body).toMatchObject({
    schemas: [USER, ENTERPRISE],
    phoneNumbers: [{ type: 'work', value: '2' }],
    [ENTERPRISE]: { department: 'R&D' },
  })
  expect(body).not.toHaveProperty('title')
  const back = await scim.send('PATCH', `/Users/${id}`, patchOf({ op: 'remove', path: department }))
  expect(back.body.schemas).toEqual([USER])
})

test('RFC 7644 §3.5.2: a new primary value takes it from the others', async ({ scim }) => {
  const { id } = await create(scim, ada)
  const home = { value: 'ada@home.example', type: 'home', primary: true }
  const add = patchOf({ op: 'add', path: 'emails', value: [home] })
  const { body } = await scim.send('PATCH', `/Users/${id}`, add)
  expect(body.emails).toEqual([{ value: ada, type: 'work', primary: false }, home])
})

test('RFC 7644 §3.5.2.2: what was removed is unassigned, also when the last value goes', async ({ scim }) => {
  const { id } = await create(scim, ada, {
    title: 'Engineer',
    phoneNumbers: [{ value: '1', type: 'work' }],
    ims: [{ value: 'x' }, { value: 'y' }],
  })
  const { body } = await scim.send(
    'PATCH',
    `/Users/${id}`,
    patchOf(
      { op: 'remove', path: 'title' },
      { op: 'remove', path: 'phoneNumbers[type eq "work"]' },
      { op: 'remove', path: 'ims' },
      { op: 'remove', path: 'name.givenName' },
      { op: 'remove', path: 'name.familyName' },
    ),
  )
  for (const name of ['title', 'phoneNumbers', 'ims', 'name']) {
    expect(body).not.toHaveProperty(name)
    expect((await find(scim, 'Users', `${name} eq null`)).body.totalResults).toBe(1)
  }
})

test('RFC 7644 §3.5.2.3: replace changes what the filter picks, and adds what is not there', async ({
  scim,
}) => {
  const { id } = await create(scim, ada, {
    name: undefined,
    phoneNumbers: [
      { value: '1', type: 'work' },
      { value: '2', type: 'work' },
      { value: '3', type: 'home' },
    ],
  })
  const { body } = await scim.send(
    'PATCH',
    `/Users/${id}`,
    patchOf(
      { op: 'replace', path: 'phoneNumbers[type eq "work"].display', value: 'Desk' },
      { op: 'replace', path: 'title', value: 'Engineer' },
      { op: 'replace', path: 'name', value: { givenName: 'Ada' } },
      { op: 'replace', path: 'name', value: { familyName: 'King' } },
    ),
  )
  expect(body).toMatchObject({
    title: 'Engineer',
    name: { givenName: 'Ada', familyName: 'King' },
    phoneNumbers: [
      { value: '1', display: 'Desk' },
      { value: '2', display: 'Desk' },
      { value: '3', type: 'home' },
    ],
  })
  expect(body.phoneNumbers[2]).not.toHaveProperty('display')
})

test('RFC 7644 §3.6: what was deleted is in no list, no search and no group', async ({ scim }) => {
  const { id } = await create(scim, ada)
  const group = await createGroup(scim, 'Engineers', [id])
  expect(await scim.send('DELETE', `/Users/${id}`)).toMatchObject({ status: 204, body: undefined })
  for (const path of ['/Users', `/Users?filter=id%20eq%20%22${id}%22`, `/?filter=id%20eq%20%22${id}%22`])
    expect((await scim.send('GET', path)).body).toMatchObject({ totalResults: 0, Resources: [] })
  expect(await memberIds(scim, group.id)).toEqual([])
  expect(await scim.send('DELETE', `/Groups/${group.id}`)).toMatchObject({ status: 204 })
  expect((await find(scim, 'Groups', 'displayName eq "Engineers"')).body.totalResults).toBe(0)
})

test('RFC 7644 §3.7: a bulk needs method, path, data and bulkId where they belong', async ({ scim }) => {
  const post = { method: 'POST', path: '/Users', bulkId: 'a', data: oktaUser(ada) }
  for (const missing of ['method', 'path', 'data', 'bulkId']) {
    const Operations = [{ ...post, [missing]: undefined }]
    const reply = await scim.send('POST', '/Bulk', { schemas: [`${MESSAGES}:BulkRequest`], Operations })
    expect([missing, reply]).toMatchObject([missing, refused(400)])
  }
  for (const body of [{ schemas: [`${MESSAGES}:BulkRequest`] }, { Operations: [] }, '{"Operations":'])
    expect(await scim.send('POST', '/Bulk', body)).toMatchObject(refused(400))
  expect((await scim.send('GET', '/Users')).body.totalResults).toBe(0)
})

test('RFC 7644 §3.7.1: two groups cannot be members of each other here; both answers say so', async ({
  scim,
}) => {
  const circle = (bulkId: string, other: string) => ({
    method: 'POST',
    path: '/Groups',
    bulkId,
    data: { schemas: [GROUP], displayName: bulkId, members: [{ value: `bulkId:${other}`, type: 'Group' }] },
  })
  const manages = (bulkId: string, other: string) => ({
    method: 'POST',
    path: '/Users',
    bulkId,
    data: oktaUser(`${bulkId}@acme.example`, {
      schemas: [USER, ENTERPRISE],
      [ENTERPRISE]: { manager: { value: `bulkId:${other}` } },
    }),
  })
  const { status, body } = await scim.send('POST', '/Bulk', {
    schemas: [`${MESSAGES}:BulkRequest`],
    Operations: [circle('a', 'b'), circle('b', 'a'), manages('c', 'd'), manages('d', 'c')],
  })
  expect(status).toBe(200)
  const statuses = body.Operations.map((one: Body) => one.status)
  expect(statuses.slice(2)).toEqual(['201', '201'])
  for (const one of body.Operations.slice(0, 2))
    expect(one).toMatchObject({ response: refused(+one.status).body })
  const users = (await scim.send('GET', '/Users')).body.Resources
  const idOf = (name: string) => users.find(({ userName }: Body) => userName.startsWith(name)).id
  const managerOf = (name: string) =>
    users.find(({ userName }: Body) => userName.startsWith(name))[ENTERPRISE].manager.value
  expect([managerOf('c@'), managerOf('d@')]).toEqual([idOf('d@'), idOf('c@')])
})

test('RFC 7644 §3.7.4: a body that is too large is told the limit of its endpoint', async ({ scim }) => {
  const { bulk } = (await scim.send('GET', '/ServiceProviderConfig')).body
  for (const length of [bulk.maxPayloadSize, 7 * 1024 * 1024]) {
    const reply = await scim.send('POST', '/Bulk', JSON.stringify({ x: 'y'.repeat(length) }))
    expect(reply).toMatchObject(refused(413))
    expect(reply.body.detail).toContain(`maxPayloadSize (${bulk.maxPayloadSize})`)
  }
  expect((await scim.send('POST', '/Users', `"${'y'.repeat(300_000)}"`)).body.detail).toContain('(262144)')
})

test.for([
  ['application/scim+json'],
  ['application/json'],
  ['application/json; charset=utf-8'],
  ['*/*'],
  [undefined],
] as const)('RFC 7644 §3.8: Accept: %s is answered in JSON, in UTF-8', async ([accept], { scim }) => {
  const { id } = await create(scim, ada, { displayName: 'Ada Kïng 王' })
  const reply = await scim.send('GET', `/Users/${id}`, undefined, { accept })
  expect(reply).toMatchObject({ status: 200, body: { displayName: 'Ada Kïng 王' } })
  expect(reply.headers['content-type']).toBe('application/scim+json; charset=utf-8')
})

test('RFC 7644 §3.9: attributes and excludedAttributes cut the answers of changes as well', async ({
  scim,
}) => {
  const made = await scim.send('POST', '/Users?attributes=userName', oktaUser(ada))
  const { id } = made.body
  expect(made.body).toEqual({ schemas: [USER], id, userName: ada })
  const put = await scim.send('PUT', `/Users/${id}?attributes=title`, oktaUser(ada, { title: 'T' }))
  expect(put.body).toEqual({ schemas: [USER], id, title: 'T' })
  const cut = await scim.send(
    'PATCH',
    `/Users/${id}?excludedAttributes=emails`,
    patchOf({ op: 'add', path: 'title', value: 'U' }),
  )
  expect(cut.body).toMatchObject({ id, title: 'U', userName: ada })
  expect(cut.body).not.toHaveProperty('emails')
  const group = await createGroup(scim, 'Engineers', [id])
  const add = patchOf({ op: 'add', path: 'externalId', value: 'g' })
  const named = await scim.send('PATCH', `/Groups/${group.id}?attributes=externalId`, add)
  expect(named).toMatchObject({ status: 200, body: { schemas: [GROUP], id: group.id, externalId: 'g' } })
  expect(named.body).not.toHaveProperty('members')
})

test('RFC 7644 §3.10: attributes of an extension are known by their URN, and by their name alone', async ({
  scim,
}) => {
  const { id } = await create(scim, ada, { [ENTERPRISE]: { department: 'R&D' } })
  for (const name of [`${ENTERPRISE}:department`, 'department']) {
    expect(idsIn(await find(scim, 'Users', `${name} eq "R&D"`))).toEqual([id])
    expect((await scim.send('GET', `/Users/${id}?attributes=${name}`)).body).toEqual({
      schemas: [USER, ENTERPRISE],
      id,
      [ENTERPRISE]: { department: 'R&D' },
    })
  }
})

test('RFC 7644 §3.11: /Me is the member who allowed the client, and says where that user lives', async ({
  scim,
}) => {
  expect(await scim.send('GET', '/Me')).toMatchObject(refused(501))
  const { id } = await create(scim, ada)
  await allowBy(scim, id)
  const location = `${scim.ctx.platform.config.publicUrl}${scim.path}/Users/${id}`
  expect(await scim.send('GET', '/Me')).toMatchObject({ status: 200, body: { id }, headers: { location } })
  const changes = [
    ['PATCH', patchOf({ op: 'add', path: 'title', value: 'Engineer' })],
    ['PUT', oktaUser(ada)],
  ] as const
  for (const [method, body] of changes)
    expect(await scim.send(method, '/Me', body)).toMatchObject({ status: 200, headers: { location } })
  expect(await scim.send('POST', '/Me', oktaUser(ada))).toMatchObject(refused(405))
  expect(await scim.send('DELETE', '/Me')).toMatchObject({ status: 204, headers: { location } })
  expect(await scim.send('GET', `/Users/${id}`)).toMatchObject(refused(404))
})

/** Makes the connection's token one that came of a member's consent. */
async function allowBy({ ctx, serviceUserId, token }: Client, memberId: string): Promise<void> {
  const { details: client } = await createOauthClient(ctx, serviceUserId, {
    redirectUris: [],
    confidential: true,
  })
  await transact(ctx, async (tx) => {
    const grant = {
      tenantId: tx.tenantId,
      id: newId('oag'),
      oauthClientId: client.id,
      memberId,
      codeMac: Buffer.alloc(32),
      redirectUri: 'https://acme.example/back',
      codeExpiresAt: new Date(),
    }
    await tx.db.insertInto('oauthGrants').values(grant).execute()
    await tx.db
      .updateTable('tokens')
      .set({ use: 'oauth', oauthClientId: client.id, oauthGrantId: grant.id })
      .where('id', '=', `tok_${token.split('_')[3]}`)
      .execute()
  })
}

test('RFC 7644 §3.12: each refusal has its status twice, and says in words what is wrong', async ({
  scim,
}) => {
  const { id } = await create(scim, ada)
  const send = scim.send
  const replies = [
    [400, await send('POST', '/Users', '{')],
    [401, await send('GET', '/Users', undefined, { authorization: 'Bearer x' })],
    [403, await send('GET', '/Schemas?filter=id%20pr')],
    [404, await send('GET', '/Users/mem_nobody')],
    [405, await send('DELETE', '/Users')],
    [409, await send('POST', '/Users', oktaUser(ada))],
    [412, await send('DELETE', `/Users/${id}`, undefined, { 'if-match': 'W/"99"' })],
    [413, await send('POST', '/Users', `"${'x'.repeat(400_000)}"`)],
    [415, await send('POST', '/Users', 'x', { 'content-type': 'text/plain' })],
    [501, await send('GET', '/Me')],
  ] as const
  for (const [status, reply] of replies) {
    expect(reply).toMatchObject(refused(status))
    expect(reply.headers['content-type']).toContain('application/scim+json')
    expect(reply.body.detail).toMatch(/^\S+ .*\S\.$/s)
  }
})

test('RFC 7644 §3.12: what fails here is answered 500 with what to do, and nothing of its cause', async ({
  platform,
  ctx,
}) => {
  const broken = { ...platform, keys: new Proxy(platform.keys, { get: () => undefined }) }
  const app = await createHttpServer(broken)
  await app.register(scimPlugin, { prefix: '/scim/v2', platform: broken })
  const scim = await connect(app, ctx)
  const reply = await scim.send('GET', '/Users')
  await app.close()
  expect(reply).toMatchObject(refused(500))
  expect(reply.body.detail).toMatch(/try again/i)
  expect(JSON.stringify(reply.body)).not.toMatch(/TypeError|undefined|at .*\.ts/)
})

test('RFC 7644 §3.13: the version stands in the base URL; any other is refused', async ({ scim, app }) => {
  const statusOf = async (url: string) => {
    const headers = { authorization: `Bearer ${scim.token}` }
    return (await app.inject({ url, headers })).statusCode
  }
  expect(await statusOf(`/scim/v2/${scim.slug}/Users`)).toBe(200)
  for (const other of [
    `/scim/v1/${scim.slug}/Users`,
    `/scim/v3/${scim.slug}/Users`,
    `/scim/${scim.slug}/Users`,
  ])
    expect([other, await statusOf(other)]).toEqual([other, 404])
  for (const version of ['v1', 'v2', 'v3'])
    expect(await scim.send('GET', `/${version}/Users`)).toMatchObject(refused(404))
})

test('RFC 7644 §3.14: a version is in the header and in meta, of users and groups, in lists as well', async ({
  scim,
}) => {
  const user = await create(scim, ada)
  const group = await createGroup(scim, 'Engineers', [user.id])
  for (const [path, { id }] of [
    ['/Users', user],
    ['/Groups', group],
  ] as const) {
    const { headers, body } = await scim.send('GET', `${path}/${id}`)
    expect(headers['etag']).toMatch(/^W\/"\d+"$/)
    expect(body.meta.version).toBe(headers['etag'])
    const { Resources } = (await scim.send('GET', path)).body
    expect(Resources.find((one: Body) => one.id === id).meta.version).toBe(headers['etag'])
  }
  expect(await memberIds(scim, group.id)).toEqual([user.id])
})

test('RFC 7644 §4: discovery ignores the parameters of lists, and refuses a filter', async ({ scim }) => {
  const query = 'sortBy=id&sortOrder=descending&startIndex=2&count=1&attributes=name&cursor=x'
  for (const path of [
    '/ServiceProviderConfig',
    '/ResourceTypes',
    '/ResourceTypes/User',
    '/Schemas',
    `/Schemas/${USER}`,
  ]) {
    const plain = await scim.send('GET', path)
    expect(plain.status).toBe(200)
    expect((await scim.send('GET', `${path}?${query}`)).body).toEqual(plain.body)
    expect(await scim.send('GET', `${path}?filter=id%20pr`)).toMatchObject(refused(403))
  }
  expect((await scim.send('GET', '/ServiceProviderConfig')).body.schemas).toEqual([
    'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  ])
})

test('RFC 7644 §5, §7.8: user names are compared in one form of width, composition and ASCII case', async ({
  scim,
}) => {
  const { id } = await create(scim, 'Café-ada@acme.example')
  for (const same of [
    'cafe\u0301-ADA@acme.example',
    '\uff23af\u00e9-ada@acme.example',
    ' Café-ada@acme.example ',
  ]) {
    expect(await scim.send('POST', '/Users', oktaUser(same))).toMatchObject(refused(409, 'uniqueness'))
    expect(idsIn(await find(scim, 'Users', `userName eq "${same}"`))).toEqual([id])
  }
  // Letters outside ASCII keep their case, so that no locale of a database can make two people one.
  expect(await scim.send('POST', '/Users', oktaUser('CAF\u00c9-ada@acme.example'))).toMatchObject({
    status: 201,
  })
})

test('RFC 7644 §7.2: a call that came to the proxy over http is refused, with a good token too', async ({
  platform,
  ctx,
}) => {
  const behind = { ...platform.config, publicUrl: 'https://desk.example', trustProxy: ['127.0.0.1'] }
  const secure = { ...platform, config: behind }
  const app = await createHttpServer(secure)
  await app.register(scimPlugin, { prefix: '/scim/v2', platform: secure })
  const scim = await connect(app, ctx)
  const over = (protocol: string | undefined) =>
    scim.send('GET', '/Users', undefined, { 'x-forwarded-proto': protocol })
  const refusal = await over('http')
  expect(refusal).toMatchObject(refused(403))
  expect(refusal.body.detail).toContain('https://desk.example')
  expect(await over('https')).toMatchObject({ status: 200 })
  expect(await over(undefined)).toMatchObject({ status: 200 })
  await app.close()
})

test('RFC 7644 §7.4: a token has 256 random bits, and no two are alike', ({ platform, ctx }) => {
  const secretOf = () =>
    issueCredential(platform, 'scim', ctx.tenantId).text.split('_').slice(4, -1).join('_')
  const secrets = Array.from({ length: 200 }, secretOf)
  for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  expect(new Set(secrets).size).toBe(200)
  const bits = secrets.flatMap((secret) => [...Buffer.from(secret, 'base64url')])
  expect(new Set(bits).size).toBe(256)
})

test('RFC 7644 §7.4: what is known of each token says until when it is good', async ({ app, ctx }) => {
  const scim = await connect(app, ctx)
  const { token, details } = await createToken(ctx, scim.serviceUserId, 30)
  const days = (Date.parse(details.expiresAt ?? '') - Date.now()) / 86_400_000
  expect(days).toBeGreaterThan(29.9)
  expect(days).toBeLessThanOrEqual(30)
  const authorization = `Bearer ${token}`
  expect(await scim.send('GET', '/Users', undefined, { authorization })).toMatchObject({ status: 200 })
  await transact(ctx, (tx) =>
    tx.db
      .updateTable('tokens')
      .set({ expiresAt: new Date(Date.now() - 1000) })
      .where('id', '=', details.id)
      .execute(),
  )
  expect(await scim.send('GET', '/Users', undefined, { authorization })).toMatchObject(refused(401))
})

test('RFC 7644 §7.5.2: what stands in a query does not come into the log of the server', async ({
  platform,
  ctx,
}) => {
  const lines: string[] = []
  const told = { ...platform, log: openLog('debug', (line) => lines.push(line)) }
  const app = await createHttpServer(told)
  await app.register(scimPlugin, { prefix: '/scim/v2', platform: told })
  const scim = await connect(app, ctx)
  expect(await find(scim, 'Users', 'userName eq "canary@acme.example"')).toMatchObject({ status: 200 })
  expect(await find(scim, 'Users', 'nothing eq "canary"')).toMatchObject({ status: 400 })
  const body = { schemas: [`${MESSAGES}:SearchRequest`], filter: 'userName eq "canary"' }
  expect(await scim.send('POST', '/Users/.search', body)).toMatchObject({ status: 200 })
  await app.close()
  expect(lines.join('')).toContain('http.answered')
  expect(lines.join('')).not.toContain('canary')
})

test('RFC 7644 §7.7: a connection sees and changes no more than it was given', async ({ scim, ctx }) => {
  const { id } = await create(scim, ada)
  const groups = (await scim.send('GET', '/Groups')).body.Resources
  const [admin, agent] = ['Admin', 'Agent'].map(
    (name) => groups.find(({ displayName }: Body) => displayName === name).id,
  )
  await settingsOf(ctx, scim.serviceUserId, { roleIds: [agent] })
  const join = patchOf({ op: 'add', path: 'members', value: [{ value: id }] })
  expect(await scim.send('PATCH', `/Groups/${admin}`, join)).toMatchObject(refused(404))
  expect(await scim.send('PATCH', `/Groups/${agent}`, join)).toMatchObject({ status: 204 })
})
