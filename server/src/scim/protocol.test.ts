import { expect } from 'vitest'
import {
  type Body,
  type Client,
  create,
  createGroup,
  ENTERPRISE,
  GROUP,
  oktaUser,
  patchOf,
  rolesOf,
  settingsOf,
  test,
  USER,
} from './test-client.ts'

const ada = 'ada.king@acme.example'
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

const refused = (status: number, scimType?: string) => ({
  status,
  body: {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    detail: expect.stringMatching(/.{10}/),
    ...(scimType ? { scimType } : {}),
  },
})

const idsIn = (reply: Body) => reply.body.Resources.map((one: Body) => one.id)

test('discovery lists what there is, each at its own address', async ({ scim, platform }) => {
  const base = `${platform.config.publicUrl}${scim.path}`
  const types = await scim.send('GET', '/ResourceTypes')
  expect(types.body.Resources.map((type: Body) => type.name)).toEqual([
    'User',
    'Group',
    'Role',
    'Entitlement',
  ])
  const schemas = await scim.send('GET', '/Schemas')
  const urns = schemas.body.Resources.map((schema: Body) => schema.id)
  expect(urns).toEqual(
    expect.arrayContaining([USER, GROUP, ENTERPRISE, 'urn:okta:scim:schemas:core:1.0:Role']),
  )
  expect(new Set(urns).size).toBe(urns.length)
  expect(schemas.body).toMatchObject({
    totalResults: urns.length,
    itemsPerPage: urns.length,
    startIndex: 1,
  })
  expect(JSON.stringify(schemas.body)).not.toContain('"password"')
  for (const resource of [...types.body.Resources, ...schemas.body.Resources]) {
    const again = await scim.send('GET', resource.meta.location.slice(base.length))
    expect(again).toMatchObject({ status: 200, body: resource })
  }
  for (const type of types.body.Resources) {
    expect(urns).toContain(type.schema)
    for (const { schema } of type.schemaExtensions ?? []) expect(urns).toContain(schema)
    expect(await scim.send('GET', type.endpoint)).toMatchObject({ status: 200 })
  }
  const encoded = encodeURIComponent(USER)
  expect(await scim.send('GET', `/Schemas/${encoded}`)).toMatchObject({ status: 200 })
  expect(await scim.send('GET', '/Schemas/urn:x')).toMatchObject(refused(404))
  expect(await scim.send('GET', '/Schemas?filter=id%20pr')).toMatchObject(refused(403))
  expect(await scim.send('GET', '/ResourceTypes?filter=id%20pr')).toMatchObject(refused(403))
})

test('RFC 7643 §5: what is advertised is what is done', async ({ scim, ctx }) => {
  const { body: config } = await scim.send('GET', '/ServiceProviderConfig')
  const { id } = await create(scim, ada)
  await create(scim, 'bob@acme.example')
  const works = {
    patch:
      (await scim.send('PATCH', `/Users/${id}`, patchOf({ op: 'add', path: 'title', value: 'CEO' })))
        .status === 200,
    bulk:
      (
        await scim.send('POST', '/Bulk', {
          schemas: [BULK],
          Operations: [{ method: 'DELETE', path: '/Users/x' }],
        })
      ).status === 200,
    filter: (await scim.send('GET', '/Users?filter=title%20eq%20%22ceo%22')).body.totalResults === 1,
    sort: idsIn(await scim.send('GET', '/Users?sortBy=userName&sortOrder=descending')).at(-1) === id,
    etag: (await scim.send('GET', `/Users/${id}`, undefined, { 'if-none-match': '*' })).status === 304,
    changePassword: await changesPassword(scim, id, ctx),
  }
  for (const [feature, isWorking] of Object.entries(works))
    expect([feature, config[feature].supported]).toEqual([feature, isWorking])

  const { maxResults } = config.filter
  expect((await scim.send('GET', `/Users?count=${maxResults + 100}`)).body.itemsPerPage).toBeLessThanOrEqual(
    maxResults,
  )
  const operations = Array.from({ length: config.bulk.maxOperations + 1 }, () => ({
    method: 'DELETE',
    path: '/Users/x',
  }))
  expect(await scim.send('POST', '/Bulk', { schemas: [BULK], Operations: operations })).toMatchObject(
    refused(413),
  )
  const large = JSON.stringify({ schemas: [BULK], x: 'y'.repeat(config.bulk.maxPayloadSize), Operations: [] })
  expect(await scim.send('POST', '/Bulk', large)).toMatchObject(refused(413))

  const { pagination } = config
  expect(pagination).toMatchObject({ cursor: true, index: true, defaultPaginationMethod: 'index' })
  const { body: first } = await scim.send('GET', '/Users')
  expect(first).toMatchObject({ startIndex: 1 })
  expect(first.nextCursor).toBeUndefined()
  expect((await scim.send('GET', '/Users?cursor=&count=1')).body.nextCursor).toMatch(/^[\w.~-]+$/)
})

async function changesPassword(scim: Client, id: string, ctx: Client['ctx']): Promise<boolean> {
  await scim.send(
    'PATCH',
    `/Users/${id}`,
    patchOf({ op: 'replace', path: 'password', value: 'a new one, long enough' }),
  )
  const { rowOf } = await import('./test-client.ts')
  return (await rowOf(ctx, id)).passwordHash !== null
}

test('RFC 7643 §5: a stranger can read how to authenticate, and nothing else', async ({ scim }) => {
  const stranger = { authorization: undefined }
  const config = await scim.send('GET', '/ServiceProviderConfig', undefined, stranger)
  expect(config).toMatchObject({ status: 200, body: { authenticationSchemes: expect.any(Array) } })
  expect(config.body.authenticationSchemes.map((one: Body) => one.type)).toEqual([
    'oauthbearertoken',
    'oauth2',
    'httpbasic',
  ])
  for (const path of ['/Schemas', '/ResourceTypes', '/Users', '/', '/Me'])
    expect(await scim.send('GET', path, undefined, stranger)).toMatchObject(refused(401))
  expect(await scim.send('POST', '/ServiceProviderConfig', {}, stranger)).toMatchObject(refused(401))
})

test('RFC 9865: a walk by cursor sees everybody once, whatever is created and deleted meanwhile', async ({
  scim,
}) => {
  const standing: string[] = []
  for (let at = 0; at < 30; at++) standing.push((await create(scim, `u${at}@acme.example`)).id)
  const doomed = standing.filter((_, at) => at % 7 === 3)
  const seen: string[] = []
  let cursor: string | undefined = ''
  for (let page = 0; cursor !== undefined; page++) {
    const reply: Body = await scim.send('GET', `/Users?count=4&cursor=${cursor}`)
    expect(reply.status).toBe(200)
    seen.push(...idsIn(reply))
    cursor = reply.body.nextCursor
    const gone = doomed[page]
    if (gone) await scim.send('DELETE', `/Users/${gone}`)
    await create(scim, `late${page}@acme.example`)
  }
  for (const id of standing.filter((one) => !doomed.includes(one)))
    expect(seen.filter((one) => one === id)).toEqual([id])
  expect(new Set(seen).size).toBe(seen.length)
})

test.for([
  ['cursor=nonsense', 'invalidCursor'],
  ['cursor=%20', 'invalidCursor'],
  ['cursor=&count=-1', 'invalidCount'],
  ['cursor=&count=x', 'invalidCount'],
  ['sortBy=shoeSize', 'invalidPath'],
  ['sortBy=userName&sortOrder=sideways', 'invalidValue'],
  ['sortBy=password', 'invalidPath'],
  ['filter=password%20sw%20%22a%22', 'invalidFilter'],
] as const)('the list %s is refused with %s', async ([query, scimType], { scim }) => {
  for (const kind of ['Users', 'Groups'])
    if (kind === 'Users' || !/password/.test(query))
      expect(await scim.send('GET', `/${kind}?${query}`)).toMatchObject(refused(400, scimType))
})

test('a cursor is of its own query, connection and workspace only', async ({ scim, foreign }) => {
  for (let at = 0; at < 3; at++) await create(scim, `u${at}@acme.example`)
  const { body } = await scim.send('GET', '/Users?count=1&cursor=&sortBy=userName')
  const next = `cursor=${body.nextCursor}`
  expect(await scim.send('GET', `/Users?count=2&${next}&sortBy=userName`)).toMatchObject({ status: 200 })
  const strange = refused(400, 'invalidCursor')
  expect(await scim.send('GET', `/Users?${next}`)).toMatchObject(strange)
  expect(await scim.send('GET', `/Users?${next}&sortBy=userName&sortOrder=descending`)).toMatchObject(strange)
  expect(await scim.send('GET', `/Users?${next}&sortBy=userName&filter=active%20eq%20true`)).toMatchObject(
    strange,
  )
  expect(await scim.send('GET', `/Groups?${next}&sortBy=userName`)).toMatchObject(refused(400))
  expect(await foreign.send('GET', `/Users?${next}&sortBy=userName`)).toMatchObject(strange)
})

test('groups are sorted, and paged by cursor', async ({ scim }) => {
  for (const name of ['Zebra', 'apple', 'Mango']) await createGroup(scim, name)
  const { body } = await scim.send('GET', '/Groups?sortBy=displayName&count=200')
  const names = body.Resources.map((one: Body) => one.displayName)
  expect(names).toEqual(['Admin', 'Agent', 'apple', 'Auditor', 'Mango', 'Zebra'])
  const walked: string[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page: Body = await scim.send('GET', `/Groups?sortBy=displayName&count=2&cursor=${cursor}`)
    walked.push(...page.body.Resources.map((one: Body) => one.displayName))
    cursor = page.body.nextCursor
  }
  expect(walked).toEqual(names)
})

test.for([
  '',
  'sortBy=displayName',
  'sortBy=displayName&sortOrder=descending',
  'sortBy=externalId',
  'sortBy=externalId&sortOrder=descending',
  'sortBy=meta.created&sortOrder=descending',
])(
  'a walk over groups by "%s" goes on where it was when the last group of each page is deleted',
  async (query, { scim }) => {
    const pushed = ['Zebra', 'apple', 'Mango', 'banana', 'Cedar', 'delta', 'Fox']
    for (const displayName of pushed)
      await scim.send('POST', '/Groups', {
        schemas: [GROUP],
        displayName,
        ...(displayName < 'a' ? { externalId: displayName } : {}),
      })
    const wanted = idsIn(await scim.send('GET', `/Groups?${query}&count=200`))
    expect(wanted).toHaveLength(10)
    const walked: string[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: Body = await scim.send('GET', `/Groups?${query}&count=2&cursor=${cursor}`)
      expect(page.status).toBe(200)
      walked.push(...idsIn(page))
      cursor = page.body.nextCursor
      const last = page.body.Resources.at(-1)
      if (pushed.includes(last?.displayName)) await scim.send('DELETE', `/Groups/${last.id}`)
    }
    expect(walked).toEqual(wanted)
  },
)

test('RFC 7644 §3.4.3: a search over all types finds users, groups, roles and entitlements', async ({
  scim,
}) => {
  const { id } = await create(scim, ada, { displayName: 'Agents of change' })
  const request = {
    schemas: [SEARCH],
    filter: 'displayName co "agent"',
    sortBy: 'displayName',
    attributes: ['displayName'],
  }
  const { status, body } = await scim.send('POST', '/.search', request)
  expect(status).toBe(200)
  const found = body.Resources.map((one: Body) => [one.meta?.resourceType ?? null, one.displayName])
  // The role is there twice: as the group that can be linked to it, and as the role that can be picked.
  expect(found.map(([, name]: string[]) => name)).toEqual(['Agent', 'Agent', 'Agents of change'])
  const onlyUsers = await scim.send('POST', '/.search', {
    schemas: [SEARCH],
    filter: `userName eq "${ada}" or meta.resourceType eq "Nothing"`,
  })
  expect(idsIn(onlyUsers)).toEqual([id])
  const byType = await scim.send('GET', '/?filter=meta.resourceType%20eq%20%22User%22')
  expect(idsIn(byType)).toEqual([id])
  const paged = await scim.send('POST', '/.search', { schemas: [SEARCH], startIndex: 2, count: 1 })
  expect(paged.body).toMatchObject({ itemsPerPage: 1, startIndex: 2 })
  expect(await scim.send('POST', '/.search', { filter: 'shoeSize eq 3' })).toMatchObject(
    refused(400, 'invalidFilter'),
  )
  expect(await scim.send('POST', '/.search', { filter: 3 })).toMatchObject(refused(400, 'invalidValue'))
})

test('RFC 7644 §3.7: a bulk makes users and their group by bulkId, and goes on after an error', async ({
  scim,
  ctx,
}) => {
  await create(scim, 'taken@acme.example')
  const { status, body } = await scim.send('POST', '/Bulk', {
    schemas: [BULK],
    Operations: [
      {
        method: 'POST',
        path: '/Groups',
        bulkId: 'team',
        data: { schemas: [GROUP], displayName: 'Team', members: [{ value: 'bulkId:ada' }] },
      },
      { method: 'POST', path: '/Users', bulkId: 'ada', data: oktaUser(ada) },
      { method: 'POST', path: '/Users', bulkId: 'twice', data: oktaUser('taken@acme.example') },
      { method: 'DELETE', path: '/Users/mem_nobody' },
    ],
  })
  expect(status).toBe(200)
  const [team, user, twice, nobody] = body.Operations
  expect(body.Operations.map((one: Body) => one.status)).toEqual(['201', '201', '409', '404'])
  expect(team).toMatchObject({
    method: 'POST',
    bulkId: 'team',
    location: expect.stringContaining('/Groups/rol_'),
  })
  expect(user).toMatchObject({ bulkId: 'ada', version: 'W/"1"' })
  expect(twice).toMatchObject({ bulkId: 'twice', response: { scimType: 'uniqueness', status: '409' } })
  expect(nobody.response).toMatchObject({ status: '404' })
  const id = user.location.split('/').at(-1)
  expect(await rolesOf(ctx, id)).toEqual(['Team (scim_group)'])

  const stopped = await scim.send('POST', '/Bulk', {
    schemas: [BULK],
    failOnErrors: 1,
    Operations: [
      { method: 'DELETE', path: '/Users/mem_nobody' },
      { method: 'POST', path: '/Users', bulkId: 'late', data: oktaUser('late@acme.example') },
    ],
  })
  expect(stopped.body.Operations).toHaveLength(1)
  expect(
    (await scim.send('GET', '/Users?filter=userName%20eq%20%22late@acme.example%22')).body.totalResults,
  ).toBe(0)
})

test('Roles and Entitlements can be read, and a user shows what the roles amount to when asked', async ({
  scim,
}) => {
  const roles = await scim.send('GET', '/Roles?startIndex=1&count=1')
  expect(roles.body).toMatchObject({ itemsPerPage: 1, startIndex: 1, totalResults: 3 })
  const all = await scim.send('GET', '/Roles')
  expect(all.body.Resources.map((one: Body) => one.displayName)).not.toContain('Owner')
  const [role] = all.body.Resources
  expect(await scim.send('GET', `/Roles/${role.id}`)).toMatchObject({ status: 200, body: role })
  expect(await scim.send('GET', '/Roles/rol_nothing')).toMatchObject(refused(404))
  expect(await scim.send('POST', '/Roles', {})).toMatchObject(refused(405))
  const entitlements = await scim.send('GET', '/Entitlements?filter=displayName%20sw%20%22requests.%22')
  expect(entitlements.body.totalResults).toBe(2)

  const { id } = await create(scim, ada)
  expect((await scim.send('GET', `/Users/${id}`)).body.entitlements).toBeUndefined()
  const shown = await scim.send('GET', `/Users/${id}?attributes=entitlements`)
  expect(shown.body.entitlements.map((one: Body) => one.value)).toEqual([
    'audit.read',
    'people.read',
    'requests.read',
  ])
  const listed = await scim.send('GET', '/Users?attributes=entitlements,userName')
  expect(listed.body.Resources[0]).toMatchObject({ userName: ada, entitlements: shown.body.entitlements })
})

test('a connection that may give some roles sees no others, but those it made', async ({ scim, ctx }) => {
  const { id } = await create(scim, ada)
  const agent = (await scim.send('GET', '/Groups?filter=displayName%20eq%20%22Agent%22')).body.Resources[0]
  const admin = (await scim.send('GET', '/Groups?filter=displayName%20eq%20%22Admin%22')).body.Resources[0]
  await settingsOf(ctx, scim.serviceUserId, { roleIds: [agent.id] })

  const made = await createGroup(scim, 'Night shift')
  const list = await scim.send('GET', '/Groups')
  expect(idsIn(list).sort()).toEqual([agent.id, made.id].sort())
  const add = patchOf({ op: 'add', path: 'members', value: [{ value: id }] })
  expect(await scim.send('PATCH', `/Groups/${admin.id}`, add)).toMatchObject(refused(404))
  expect(
    await scim.send('PUT', `/Groups/${admin.id}`, {
      schemas: [GROUP],
      displayName: 'Admin',
      members: [{ value: id }],
    }),
  ).toMatchObject(refused(404))
  expect(
    await scim.send(
      'PATCH',
      `/Users/${id}`,
      patchOf({ op: 'add', path: 'roles', value: [{ value: 'Admin' }] }),
    ),
  ).toMatchObject(refused(400))
  expect(await scim.send('PATCH', `/Groups/${agent.id}`, add)).toMatchObject({ status: 204 })
  expect(await rolesOf(ctx, id)).toEqual(['Agent (scim_group)'])
})

test.for([
  ['union', ['Admin', 'Agent', 'Auditor']],
  ['highest', ['Admin']],
  ['first', ['Auditor']],
] as const)('of several groups %s counts', async ([severalGroups, expected], { scim, ctx }) => {
  await settingsOf(ctx, scim.serviceUserId, { severalGroups })
  const { id } = await create(scim, ada)
  for (const name of ['Auditor', 'Admin', 'Agent']) {
    const group = (await scim.send('GET', `/Groups?filter=displayName%20eq%20%22${name}%22`)).body
      .Resources[0]
    const add = patchOf({ op: 'add', path: 'members', value: [{ value: id }] })
    expect(await scim.send('PATCH', `/Groups/${group.id}`, add)).toMatchObject({ status: 204 })
  }
  const { transact } = await import('#platform')
  const { listMemberRoles } = await import('#accounts')
  const grants = await transact(ctx, (tx) => listMemberRoles(tx, [id]))
  expect(
    grants
      .filter((grant) => grant.effective)
      .map((grant) => grant.name)
      .sort(),
  ).toEqual(expected)
  expect(grants).toHaveLength(3)
})

test.for([
  ['Agent', 'Agent'],
  ['agent', 'Agent'],
  ['Owner', 'Auditor'],
  ['no such role', 'Auditor'],
  ['', 'Auditor'],
] as const)(
  'a user whose default role is %j becomes %s',
  async ([defaultRole, expected], { scim, ctx, eventsOf }) => {
    const urn = 'urn:keydesk:params:scim:schemas:extension:member:2.0:User'
    const { id } = await create(scim, ada, { [urn]: { defaultRole } })
    expect(await rolesOf(ctx, id)).toEqual([`${expected} (scim_default)`])
    expect(await eventsOf(id)).toContain('member.provisioned')
    const patched = await scim.send(
      'PATCH',
      `/Users/${id}`,
      patchOf({ op: 'replace', path: `${urn}:defaultRole`, value: 'Admin' }),
    )
    expect(patched.status).toBe(200)
    expect(await rolesOf(ctx, id)).toEqual(['Admin (scim_default)'])
  },
)

test.for([
  ['refuse', 400, []],
  ['skip', 204, ['ada']],
] as const)('members who are no users here: %s', async ([unknownMembers, status, added], { scim, ctx }) => {
  await settingsOf(ctx, scim.serviceUserId, { unknownMembers })
  const { id } = await create(scim, ada)
  const group = await createGroup(scim, 'Team')
  const add = patchOf({ op: 'add', path: 'members', value: [{ value: id }, { value: 'mem_nobody' }] })
  expect((await scim.send('PATCH', `/Groups/${group.id}`, add)).status).toBe(status)
  const { body } = await scim.send('GET', `/Groups/${group.id}`)
  expect(body.members ?? []).toHaveLength(added.length)
})

test('a break-glass account cannot be seen or touched', async ({ scim, ctx }) => {
  const { setBreakGlass } = await import('../accounts/members.ts')
  const { id } = await create(scim, ada)
  const group = await createGroup(scim, 'Team', [id])
  await setBreakGlass(ctx, id, true)
  expect(await scim.send('GET', `/Users/${id}`)).toMatchObject(refused(404))
  expect(await scim.send('PUT', `/Users/${id}`, oktaUser(ada, { active: false }))).toMatchObject(refused(404))
  expect(await scim.send('DELETE', `/Users/${id}`)).toMatchObject(refused(404))
  expect((await scim.send('GET', `/Users?filter=userName%20eq%20%22${ada}%22`)).body.totalResults).toBe(0)
  expect((await scim.send('GET', '/Users')).body.totalResults).toBe(0)
  expect((await scim.send('GET', `/Groups/${group.id}`)).body.members ?? []).toEqual([])
  const empty = patchOf({ op: 'replace', path: 'members', value: [] })
  expect((await scim.send('PATCH', `/Groups/${group.id}`, empty)).status).toBe(204)
  expect(await rolesOf(ctx, id)).toEqual(['Team (scim_group)'])
  expect(await scim.send('POST', '/Users', oktaUser(ada))).toMatchObject(refused(409, 'uniqueness'))
})

test('who returns by the provider does not get back what was given by hand', async ({
  scim,
  ctx,
  eventsOf,
}) => {
  const { setMemberRoles } = await import('../accounts/members.ts')
  const { listRoles } = await import('#accounts')
  const { id } = await create(scim, ada)
  const admin = (await listRoles(ctx)).find((role) => role.name === 'Admin')
  await setMemberRoles(ctx, id, [admin?.id ?? ''])
  await scim.send('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { active: false } }))
  await scim.send('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { active: true } }))
  expect(await rolesOf(ctx, id)).toEqual(['Auditor (scim_default)'])
  expect(await eventsOf(id)).toContain('member.manual_roles_dropped')
})

test('the tally of members is the number of them, through creations, deletions and adding up', async ({
  scim,
  ctx,
}) => {
  const { addUpTallies } = await import('#accounts')
  const { transact } = await import('#platform')
  const ids: string[] = []
  for (let at = 0; at < 60; at++) ids.push((await create(scim, `u${at}@acme.example`)).id)
  for (const id of ids.slice(0, 7)) await scim.send('DELETE', `/Users/${id}`)
  const rows = () =>
    transact(ctx, async (tx) => (await tx.db.selectFrom('memberTallies').select('change').execute()).length)
  expect(await rows()).toBeGreaterThan(50)
  await transact(ctx, addUpTallies)
  expect(await rows()).toBe(1)
  expect((await scim.send('GET', '/Users?count=0')).body).toMatchObject({ totalResults: 53, itemsPerPage: 0 })
  expect((await scim.send('GET', '/Users?startIndex=50')).body).toMatchObject({
    totalResults: 53,
    itemsPerPage: 4,
  })
  expect((await scim.send('GET', '/Users?startIndex=500')).body).toMatchObject({
    totalResults: 53,
    itemsPerPage: 0,
    Resources: [],
  })
})
