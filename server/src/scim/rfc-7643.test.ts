/** What RFC 7643 asks of a server and no other test says: docs/reference/scim-profile.md names these by title. */
import { expect } from 'vitest'
import { transact } from '#platform'
import { listMembers } from '../accounts/members.ts'
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
  USER,
} from './test-client.ts'
import { type Desk, test } from './test-desk.ts'

const ada = 'ada.king@acme.example'
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
const BADGE = 'urn:acme:params:scim:schemas:extension:badge:2.0:User'

/** The path below the workspace of a URL that the server gave. */
function below(scim: Client, url: string): string {
  const { publicUrl } = scim.ctx.platform.config
  expect(url.startsWith(`${publicUrl}${scim.path}/`)).toBe(true)
  return url.slice(publicUrl.length + scim.path.length)
}

async function totalOf(scim: Client, filter: string): Promise<number> {
  const { status, body } = await find(scim, 'Users', filter)
  expect(status).toBe(200)
  return body.totalResults
}

function addBadge(desk: Desk, attribute: object): ReturnType<Desk['call']> {
  return desk.call('POST', '/scim-schemas', {
    id: BADGE,
    name: 'Badge',
    description: 'What hangs round a neck.',
    attributes: [{ name: 'number', type: 'string', description: 'The number.', ...attribute }],
  })
}

test('RFC 7643 §2.3.7: the references that Keydesk writes lead to their resources, and to 404 afterwards', async ({
  scim,
}) => {
  const user = await create(scim, ada)
  const group = await createGroup(scim, 'Engineers', [user.id])
  const shown = (await scim.send('GET', `/Users/${user.id}?attributes=groups`)).body
  const [member] = (await scim.send('GET', `/Groups/${group.id}`)).body.members
  const leadsTo = async (url: string, id: string) =>
    expect(await scim.send('GET', below(scim, url))).toMatchObject({ status: 200, body: { id } })

  await leadsTo(member.$ref, user.id)
  await leadsTo(user.meta.location, user.id)
  await leadsTo(shown.groups[0].$ref, group.id)

  await scim.send('DELETE', `/Users/${user.id}`)
  expect(await scim.send('GET', below(scim, member.$ref))).toMatchObject({ status: 404 })
})

test('RFC 7643 §2.3.8: the order of attributes means nothing', async ({ scim }) => {
  const { id, meta } = await create(scim, ada, { title: 'Engineer', nickName: 'Ada' })
  const backwards = Object.fromEntries(
    Object.entries(oktaUser(ada, { title: 'Engineer', nickName: 'Ada' })).reverse(),
  )
  const { body } = await scim.send('PUT', `/Users/${id}`, backwards)
  expect(body).toMatchObject({ title: 'Engineer', nickName: 'Ada', meta: { version: meta.version } })
})

test('RFC 7643 §2.4: a value that does not say primary is not the primary one', async ({ scim }) => {
  await create(scim, ada, {
    emails: [
      { value: 'a@acme.example', type: 'work', primary: true },
      { value: 'b@acme.example', type: 'home' },
    ],
  })
  expect(await totalOf(scim, 'emails[primary eq false and value eq "b@acme.example"]')).toBe(1)
  expect(await totalOf(scim, 'emails[primary eq false and value eq "a@acme.example"]')).toBe(0)
  expect(await totalOf(scim, 'emails.primary eq false')).toBe(1)
  expect(await totalOf(scim, 'phoneNumbers.primary eq false')).toBe(0)
})

test('RFC 7643 §2.4: a reference to another version of the protocol is a reference to the same user', async ({
  scim,
}) => {
  const user = await create(scim, ada)
  const { id } = await createGroup(scim, 'Engineers')
  const $ref = user.meta.location.replace('/v2/', '/v1/')
  const add = patchOf({ op: 'add', path: 'members', value: [{ value: user.id, $ref }] })
  expect(await scim.send('PATCH', `/Groups/${id}`, add)).toMatchObject({ status: 204 })
  expect((await scim.send('GET', `/Groups/${id}`)).body.members).toMatchObject([
    { value: user.id, $ref: user.meta.location },
  ])
})

test('RFC 7643 §2.4, §4.1.2: values are shown as they were sent, and compared without case', async ({
  scim,
}) => {
  const sent = {
    emails: [{ value: 'Ada.King@ACME.example', type: 'WORK', primary: true }],
    phoneNumbers: [{ value: '+1 (201) 555-0123', type: 'work' }],
    ims: [{ value: 'Ada King', type: 'xmpp' }],
    photos: [{ value: 'https://acme.example/ada', type: 'photo' }],
    addresses: [{ country: 'Germany', type: 'work' }],
  }
  const { id } = await create(scim, ada, sent)
  expect((await scim.send('GET', `/Users/${id}`)).body).toMatchObject(sent)
  expect(await totalOf(scim, 'emails[type eq "work" and value eq "ada.king@acme.EXAMPLE"]')).toBe(1)
  expect(await totalOf(scim, 'ims.value eq "ada king"')).toBe(1)
})

test('RFC 7643 §2.5: null, an empty list and nothing at all are the same state', async ({ scim }) => {
  const { id, meta } = await create(scim, ada, { nickName: null, phoneNumbers: [] })
  const { body } = await scim.send('PUT', `/Users/${id}`, oktaUser(ada, { ims: [], title: null }))
  expect(body.meta.version).toBe(meta.version)
  for (const name of ['nickName', 'title', 'phoneNumbers', 'ims']) {
    expect(body).not.toHaveProperty(name)
    expect(await totalOf(scim, `${name} eq null`)).toBe(1)
    expect(await totalOf(scim, `${name} pr`)).toBe(0)
  }
})

test('RFC 7643 §3: schemas names what is there, each once, whatever was sent and in whatever order', async ({
  scim,
}) => {
  const extended = { [ENTERPRISE]: { department: 'R&D' } }
  for (const [schemas, more, shown] of [
    [[ENTERPRISE, USER], extended, [USER, ENTERPRISE]],
    [[USER, USER, 'urn:acme:nothing'], extended, [USER, ENTERPRISE]],
    [[USER, ENTERPRISE], {}, [USER]],
  ] as const) {
    const { id } = await create(scim, ada, { ...more, schemas })
    expect((await scim.send('GET', `/Users/${id}`)).body.schemas).toEqual(shown)
    await scim.send('DELETE', `/Users/${id}`)
  }
})

test('RFC 7643 §3, §3.1: every resource of every type has schemas, and the common attributes in their form', async ({
  scim,
}) => {
  await create(scim, ada)
  await createGroup(scim, 'Engineers')
  const ids: string[] = []
  for (const type of ['User', 'Group', 'Role', 'Entitlement']) {
    const endpoint = type === 'Entitlement' ? '/Entitlements' : `/${type}s`
    const { body } = await scim.send('GET', endpoint)
    expect(body.schemas).toEqual([LIST])
    for (const one of body.Resources) {
      expect(one.schemas.length).toBeGreaterThan(0)
      expect(one.schemas[0]).toMatch(new RegExp(`:${type}$`))
      expect(one.meta.resourceType).toBe(type)
      expect(below(scim, one.meta.location)).toBe(`${endpoint}/${one.id}`)
      ids.push(one.id)
    }
  }
  for (const id of ids) expect(id).toMatch(/^(?!.*bulkId)./i)
  expect(new Set(ids).size).toBe(ids.length)
})

test('RFC 7643 §3.1: an external id belongs to its workspace, and is never made here', async ({
  scim,
  app,
  otherTenant,
}) => {
  const foreign = await connect(app, otherTenant)
  const mine = await create(scim, ada, { externalId: 'hr-7' })
  const theirs = await create(foreign, ada, { externalId: 'hr-7' })
  const without = await create(scim, 'bob@acme.example', { externalId: undefined })
  expect(without).not.toHaveProperty('externalId')
  for (const [client, { id }] of [
    [scim, mine],
    [foreign, theirs],
  ] as const)
    expect((await find(client, 'Users', 'externalId eq "hr-7"')).body.Resources).toMatchObject([{ id }])
})

test('RFC 7643 §3.1: created and lastModified are times, equal until something changes', async ({
  scim,
  ctx,
}) => {
  const { id } = await create(scim, ada)
  const meta = async (path: string) => (await scim.send('GET', path)).body.meta
  for (const path of [`/Users/${id}`, `/Groups/${(await createGroup(scim, 'Engineers')).id}`]) {
    const { created, lastModified } = await meta(path)
    expect(created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(lastModified).toBe(created)
  }
  const long = new Date('2020-01-01T00:00:00Z')
  await transact(ctx, (tx) =>
    tx.db.updateTable('members').set({ createdAt: long, updatedAt: long }).where('id', '=', id).execute(),
  )
  await scim.send('PATCH', `/Users/${id}`, patchOf({ op: 'add', path: 'title', value: 'Engineer' }))
  const changed = await meta(`/Users/${id}`)
  expect(changed.created).toBe(long.toISOString())
  expect(Date.parse(changed.lastModified)).toBeGreaterThan(long.getTime())
})

test('RFC 7643 §3.1: Content-Location is meta.location, for users and groups', async ({ scim }) => {
  const user = await create(scim, ada)
  const group = await createGroup(scim, 'Engineers')
  for (const { meta } of [user, group]) {
    const { headers } = await scim.send('GET', below(scim, meta.location))
    expect(headers['content-location']).toBe(meta.location)
  }
})

test.for([
  [{ displayName: 'Countess' }, 'Countess'],
  [{ displayName: null, name: { formatted: 'Ms. Ada King III' } }, 'Ms. Ada King III'],
  [{ displayName: null, name: { givenName: 'Ada', familyName: 'King' } }, 'Ada King'],
  [{ displayName: null, name: null }, ada],
] as const)('RFC 7643 §4.1.1: by %j people see %s', async ([more, shown], { scim, ctx }) => {
  const { id } = await create(scim, ada, more)
  const { items } = await listMembers(ctx, { limit: 50 })
  expect(items.find((member) => member.id === id)?.displayName).toBe(shown)
})

test('RFC 7643 §4.1.2: groups of a user change by the group alone, and name it by id and address', async ({
  scim,
}) => {
  const user = await create(scim, ada)
  const group = await createGroup(scim, 'Engineers', [user.id])
  const groups = [{ value: group.id, $ref: group.meta.location, display: 'Engineers', type: 'direct' }]
  const { body } = await scim.send('PUT', `/Users/${user.id}`, oktaUser(ada, { groups: [] }))
  expect(body.groups).toEqual(groups)
  const leave = patchOf({ op: 'remove', path: 'groups' })
  expect(await scim.send('PATCH', `/Users/${user.id}`, leave)).toMatchObject({
    status: 400,
    body: { scimType: 'mutability' },
  })
  expect(await memberIds(scim, group.id)).toEqual([user.id])
  await scim.send('PATCH', `/Groups/${group.id}`, patchOf({ op: 'remove', path: 'members' }))
  expect((await scim.send('GET', `/Users/${user.id}`)).body).not.toHaveProperty('groups')
})

test('RFC 7643 §4.1.2: a certificate is in base64 or refused', async ({ scim }) => {
  const certificates = (value: string) => oktaUser(ada, { x509Certificates: [{ value }] })
  for (const bad of ['-----BEGIN CERTIFICATE-----', 'MII CA', 'MII=CA'])
    expect(await scim.send('POST', '/Users', certificates(bad))).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue', detail: expect.stringContaining('base64') },
    })
  expect(await scim.send('POST', '/Users', certificates('MIIDQzCCAqygAwIBAgI='))).toMatchObject({
    status: 201,
    body: { x509Certificates: [{ value: 'MIIDQzCCAqygAwIBAgI=' }] },
  })
})

test('RFC 7643 §4.3: a manager is kept with value and $ref', async ({ scim }) => {
  const boss = await create(scim, 'bob@acme.example')
  const manager = { value: boss.id, $ref: boss.meta.location }
  const { id } = await create(scim, ada, { [ENTERPRISE]: { manager } })
  expect((await scim.send('GET', `/Users/${id}`)).body[ENTERPRISE].manager).toEqual(manager)
  expect(await totalOf(scim, `${ENTERPRISE}:manager.value eq "${boss.id}"`)).toBe(1)
})

test.for([
  ['patch', 'object'],
  ['bulk', 'object'],
  ['filter', 'object'],
  ['changePassword', 'object'],
  ['sort', 'object'],
  ['etag', 'object'],
  ['patch.supported', 'boolean'],
  ['bulk.supported', 'boolean'],
  ['filter.supported', 'boolean'],
  ['changePassword.supported', 'boolean'],
  ['sort.supported', 'boolean'],
  ['etag.supported', 'boolean'],
  ['bulk.maxOperations', 'number'],
  ['bulk.maxPayloadSize', 'number'],
  ['filter.maxResults', 'number'],
  ['authenticationSchemes.0.type', 'string'],
  ['authenticationSchemes.0.name', 'string'],
  ['authenticationSchemes.0.description', 'string'],
] as const)('RFC 7643 §5: the configuration has %s', async ([path, type], { scim }) => {
  const { body } = await scim.send('GET', '/ServiceProviderConfig')
  const value = path.split('.').reduce((holder: Body, name) => holder?.[name], body)
  expect(typeof value).toBe(type)
})

test('RFC 7643 §5: each scheme of signing in has type, name and description, and one is preferred', async ({
  scim,
}) => {
  const { authenticationSchemes } = (await scim.send('GET', '/ServiceProviderConfig')).body
  for (const scheme of authenticationSchemes)
    expect(scheme).toMatchObject({
      type: expect.stringMatching(/^(?:oauth|oauth2|oauthbearertoken|httpbasic|httpdigest)$/),
      name: expect.stringMatching(/./),
      description: expect.stringMatching(/./),
    })
  expect(authenticationSchemes.filter(({ primary }: Body) => primary === true)).toHaveLength(1)
})

test('RFC 7643 §6: every resource type has its name, description, endpoint and schemas', async ({
  scim,
  desk,
}) => {
  expect((await addBadge(desk, {})).status).toBe(201)
  const { body } = await scim.send('GET', '/ResourceTypes')
  const urns = (await scim.send('GET', '/Schemas')).body.Resources.map(({ id }: Body) => id)
  for (const type of body.Resources) {
    for (const name of ['name', 'description', 'endpoint', 'schema'])
      expect([type.name, name, type[name]]).toEqual([type.name, name, expect.stringMatching(/./)])
    expect(urns).toContain(type.schema)
    for (const extension of type.schemaExtensions ?? []) {
      expect(urns).toContain(extension.schema)
      // None is: a user without it is whole.
      expect(extension.required).toBe(false)
    }
    const { Resources } = (await scim.send('GET', type.endpoint)).body
    for (const one of Resources) expect(one.meta.resourceType).toBe(type.name)
  }
  const user = body.Resources.find(({ name }: Body) => name === 'User')
  expect(user.schemaExtensions.map(({ schema }: Body) => schema)).toContain(BADGE)
})

test('RFC 7643 §7: every schema and every attribute says what it is', async ({ scim }) => {
  const { body } = await scim.send('GET', '/Schemas')
  const texts = ({ name, description }: Body) => {
    expect([name, description]).toEqual([expect.stringMatching(/^.+$/), expect.stringMatching(/^.{3}/)])
  }
  const check = (attribute: Body, isPart: boolean) => {
    texts(attribute)
    expect(attribute).toMatchObject({
      type: expect.stringMatching(/^(?:string|boolean|decimal|integer|dateTime|binary|reference|complex)$/),
      multiValued: expect.any(Boolean),
      required: expect.any(Boolean),
      mutability: expect.stringMatching(/^(?:readOnly|readWrite|immutable|writeOnly)$/),
      returned: expect.stringMatching(/^(?:always|never|default|request)$/),
    })
    expect([attribute.name, attribute.type === 'complex']).toEqual([
      attribute.name,
      (attribute.subAttributes ?? []).length > 0,
    ])
    // Only the schema of schemas has parts with parts.
    for (const part of attribute.subAttributes ?? []) {
      if (isPart) expect(attribute.name).toBe('subAttributes')
      check(part, true)
    }
  }
  for (const schema of body.Resources) {
    texts(schema)
    expect(schema.id).toMatch(/^urn:/)
    expect(schema.attributes.length).toBeGreaterThan(0)
    for (const attribute of schema.attributes) check(attribute, false)
  }
})

test('RFC 7643 §7: what is case-exact is kept and compared to the letter, and the rest without case', async ({
  scim,
}) => {
  await create(scim, 'Ada.King@acme.example', { externalId: 'Hr-7', title: 'Engineer' })
  const { body } = await find(scim, 'Users', 'externalId eq "Hr-7"')
  expect(body.Resources).toMatchObject([{ externalId: 'Hr-7', userName: 'Ada.King@acme.example' }])
  expect(await totalOf(scim, 'externalId eq "hr-7"')).toBe(0)
  expect(await totalOf(scim, 'title eq "ENGINEER"')).toBe(1)
})

test('RFC 7643 §7, RFC 7644 §3.5.1: what is immutable is set once, by POST, PUT or PATCH, and stays', async ({
  scim,
  desk,
}) => {
  expect((await addBadge(desk, { mutability: 'immutable' })).status).toBe(201)
  const { id } = await create(scim, ada)
  const put = (more: object) => scim.send('PUT', `/Users/${id}`, oktaUser(ada, more))
  const refused = { status: 400, body: { scimType: 'mutability' } }

  expect((await put({ [BADGE]: { number: '7' } })).body[BADGE]).toEqual({ number: '7' })
  expect(await put({ [BADGE]: { number: '8' }, title: 'Changed' })).toMatchObject(refused)
  const set = (value: string) => patchOf({ op: 'replace', path: `${BADGE}:number`, value })
  expect(await scim.send('PATCH', `/Users/${id}`, set('8'))).toMatchObject(refused)
  expect(await scim.send('PATCH', `/Users/${id}`, set('7'))).toMatchObject({ status: 200 })

  const left = await put({ nickName: 'Ada' })
  expect(left).toMatchObject({ status: 200, body: { nickName: 'Ada', [BADGE]: { number: '7' } } })
  expect(left.body.schemas).toContain(BADGE)
  expect(left.body).not.toHaveProperty('title')
})

test('RFC 7643 §7: what a client may not write is ignored in a body, and refused in a patch', async ({
  scim,
  desk,
}) => {
  expect((await addBadge(desk, { mutability: 'readOnly' })).status).toBe(201)
  const { id, ...user } = await create(scim, ada, { [BADGE]: { number: '7' } })
  expect(user).not.toHaveProperty([BADGE])
  const set = patchOf({ op: 'add', path: `${BADGE}:number`, value: '7' })
  expect(await scim.send('PATCH', `/Users/${id}`, set)).toMatchObject({
    status: 400,
    body: { scimType: 'mutability' },
  })
})

test('RFC 7643 §7: what is writeOnly is taken, and never returned or found', async ({ scim, desk }) => {
  expect((await addBadge(desk, { mutability: 'writeOnly', returned: 'never' })).status).toBe(201)
  const { id } = await create(scim, ada, { [BADGE]: { number: 'canary' } })
  const answers = [
    await scim.send('GET', `/Users/${id}`),
    await scim.send('GET', `/Users/${id}?attributes=${BADGE}:number`),
    await scim.send('GET', `/Users?sortBy=${BADGE}:number`),
    await find(scim, 'Users', `${BADGE}:number eq "canary"`),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 400])
  expect(JSON.stringify(answers.map(({ body }) => (body.detail ? null : body)))).not.toContain('canary')
})

test.for(['server', 'global'])(
  'RFC 7643 §7: a schema of a workspace cannot promise the uniqueness %s, which nobody looks after',
  async (uniqueness, { desk }) => {
    const reply = await addBadge(desk, { uniqueness })
    expect(reply.status).toBe(400)
    expect(JSON.stringify(reply.body)).toContain(`number has the uniqueness ${uniqueness}`)
    expect((await desk.call('GET', '/scim-schemas')).body.items).toEqual([])
  },
)

test('RFC 7643 §8.7.1: the schemas of users and groups have the traits that the RFC prints', async ({
  scim,
}) => {
  const attributesOf = async (urn: string) => {
    const { attributes } = (await scim.send('GET', `/Schemas/${urn}`)).body
    return Object.fromEntries(attributes.map((one: Body) => [one.name, one]))
  }
  const user = await attributesOf(USER)
  expect(user['userName']).toMatchObject({ required: true, caseExact: false, uniqueness: 'server' })
  expect(user['groups']).toMatchObject({ mutability: 'readOnly', multiValued: true })
  for (const name of ['emails', 'phoneNumbers', 'ims', 'photos', 'addresses', 'roles', 'x509Certificates']) {
    const primary = user[name].subAttributes.find((part: Body) => part.name === 'primary')
    expect([name, primary?.type]).toEqual([name, 'boolean'])
  }
  const typed = ['emails', 'phoneNumbers', 'ims', 'photos', 'addresses', 'groups']
  for (const name of typed)
    expect(user[name].subAttributes.find((part: Body) => part.name === 'type').canonicalValues).not.toEqual(
      [],
    )
  expect((await attributesOf(GROUP))['displayName']).toMatchObject({ required: true })
  const { manager } = await attributesOf(ENTERPRISE)
  expect(manager.subAttributes.map((part: Body) => [part.name, part.required])).toEqual([
    ['value', false],
    ['$ref', false],
    ['displayName', false],
  ])
})

test.for(['emails', 'phoneNumbers', 'ims', 'photos', 'addresses', 'roles', 'x509Certificates'])(
  'RFC 7643 §8.7.1: %s have one primary value at most',
  async (name, { scim }) => {
    const key = name === 'addresses' ? 'locality' : 'value'
    const two = ['QQ==', 'Qg=='].map((value) => ({ [key]: value, primary: true }))
    expect(await scim.send('POST', '/Users', oktaUser(ada, { [name]: two }))).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue', detail: expect.stringContaining('primary') },
    })
    expect(await totalOf(scim, 'userName pr')).toBe(0)
  },
)
