import { expect } from 'vitest'
import { listEvents, sentenceOf } from '#platform'
import { userTypeOf } from './extension-schemas.ts'
import { plainUserType } from './member-extension.ts'
import { endShadow, startShadow } from './shadow.ts'
import { type Body, create, find, oktaUser, patchOf, USER } from './test-client.ts'
import { deskOf, test } from './test-desk.ts'

const ID = 'urn:acme:params:scim:schemas:extension:office:2.0:User'
const OFFICE = {
  id: ID,
  name: 'Office',
  description: 'Where somebody sits.',
  attributes: [
    { name: 'badge', type: 'string', description: 'The number on the badge.' },
    {
      name: 'desks',
      type: 'complex',
      multiValued: true,
      subAttributes: [{ name: 'floor', type: 'integer' }],
    },
  ],
}

test('an added schema is used by the very next call, and shown to clients', async ({ ctx, desk, scim }) => {
  const before = await create(scim, 'ada.kingsley@acme.example', { [ID]: { badge: '7' } })
  expect(before[ID]).toBeUndefined()
  const added = await desk.call('POST', '/scim-schemas', OFFICE)
  expect(added).toMatchObject({
    status: 201,
    body: { id: ID, attributes: [{ name: 'badge', caseExact: false }, {}] },
  })

  const user = oktaUser('ben.okafor@acme.example', {
    schemas: [USER, ID],
    [ID]: { badge: '8', desks: [{ floor: 3 }] },
  })
  const { body: ben } = await scim.send('POST', '/Users', user)
  expect(ben[ID]).toEqual({ badge: '8', desks: [{ floor: 3 }] })
  expect(ben.schemas).toContain(ID)
  await scim.send('PATCH', `/Users/${ben.id}`, patchOf({ op: 'replace', path: `${ID}:badge`, value: '9' }))
  const found = await scim.send('GET', `/Users?filter=${encodeURIComponent(`${ID}:badge eq "9"`)}`)
  expect(found.body.Resources.map((one: Body) => one.id)).toEqual([ben.id])
  expect((await scim.send('GET', `/Schemas/${ID}`)).body).toMatchObject({ id: ID, name: 'Office' })
  const { body: type } = await scim.send('GET', '/ResourceTypes/User')
  expect(type.schemaExtensions).toContainEqual({ schema: ID, required: false })
  expect((await desk.call('GET', '/scim-schemas')).body.items.map((one: Body) => one.id)).toEqual([ID])
  const [event] = await listEvents(ctx, { type: 'scim.schema_added', limit: 1 })
  expect(event && sentenceOf(event)).toBe('Desk added the schema Office with badge, desks')
})

test('what users have of a removed schema is unseen, and there again with it', async ({ desk, scim }) => {
  await desk.call('POST', '/scim-schemas', OFFICE)
  const user = oktaUser('ada.kingsley@acme.example', { schemas: [USER, ID], [ID]: { badge: '8' } })
  const { body: ada } = await scim.send('POST', '/Users', user)
  const shown = async () => (await scim.send('GET', `/Users/${ada.id}`)).body

  const path = `/scim-schemas/${encodeURIComponent(ID.toUpperCase().replace('URN', 'urn'))}`
  expect((await desk.call('DELETE', path)).status).toBe(200)
  expect(await shown()).not.toHaveProperty([ID])
  expect((await shown()).schemas).not.toContain(ID)
  expect((await scim.send('GET', `/Schemas/${ID}`)).status).toBe(404)
  expect((await desk.call('DELETE', path)).status).toBe(404)

  await desk.call('POST', '/scim-schemas', OFFICE)
  expect((await shown())[ID]).toEqual({ badge: '8' })
})

test.for([
  [{ ...OFFICE, id: 'office' }, 400, /must be a URN/],
  [{ ...OFFICE, id: 'urn:ietf:params:scim:schemas:core:2.0:User' }, 400, /belongs to the IETF/],
  [{ ...OFFICE, attributes: [] }, 400, /at least one attribute/],
  [{ ...OFFICE, attributes: [{ name: 'x', type: 'colour' }] }, 400, /x has a type that is none of/],
  [{ ...OFFICE, attributes: [{ name: '__proto__' }] }, 400, /name/],
  [{ ...OFFICE, id: ID.toLowerCase() }, 409, /is there already/],
] as const)('%j is refused', async ([schema, status, reason], { desk }) => {
  if (status === 409) await desk.call('POST', '/scim-schemas', OFFICE)
  const answer = await desk.call('POST', '/scim-schemas', schema)

  expect(answer.status).toBe(status)
  expect(answer.body.detail).toMatch(reason)
})

test('a workspace sees its own schemas only, and the twenty-first is refused', async ({
  app,
  ctx,
  desk,
  otherTenant,
  platform,
}) => {
  const foreign = await deskOf(app, otherTenant)
  const add = (n: number) =>
    desk.call('POST', '/scim-schemas', { ...OFFICE, id: `urn:acme:schemas:n${n}:2.0:User` })
  for (let n = 0; n < 20; n++) expect((await add(n)).status).toBe(201)

  expect((await add(20)).status).toBe(409)
  expect((await foreign.call('GET', '/scim-schemas')).body.items).toEqual([])
  expect((await foreign.call('DELETE', `/scim-schemas/urn:acme:schemas:n1:2.0:User`)).status).toBe(404)
  expect(await userTypeOf(platform, otherTenant.tenantId)).toBe(plainUserType)
  expect((await userTypeOf(platform, ctx.tenantId)).extensions).toHaveLength(22)
})

test('the type of users is read once a second at most, and is the same while nothing changes', async ({
  ctx,
  desk,
  platform,
}) => {
  await desk.call('POST', '/scim-schemas', OFFICE)
  const first = await userTypeOf(platform, ctx.tenantId)
  await desk.call('DELETE', `/scim-schemas/${encodeURIComponent(ID)}`)
  await desk.call('POST', '/scim-schemas', OFFICE)

  expect(await userTypeOf(platform, ctx.tenantId)).toBe(first)
  const [a, b] = [userTypeOf(platform, ctx.tenantId), userTypeOf(platform, ctx.tenantId)]
  expect(a).toBe(b)
})

const ALL = {
  ...{ level: 5, badge: '8', tags: ['x', 'y'], since: '2026-01-31T09:30:00Z', here: true },
  ...{ seat: { floor: 3, name: 'North' }, desks: [{ floor: 3, name: 'A' }, { floor: 4 }], spare: 'kept' },
}
const part = (name: string, type: string) => ({ name, type, subAttributes: undefined })
const schemaOf = (types: Record<string, string>) => ({
  ...{ id: ID, name: 'Office', description: '' },
  attributes: Object.entries(types).map(([name, type]) => ({
    name,
    type: type.replace('[]', ''),
    multiValued: type.endsWith('[]'),
    ...(type.startsWith('complex')
      ? { subAttributes: [part('floor', 'integer'), part('name', 'string')] }
      : {}),
  })),
})
const TYPES = {
  ...{ level: 'integer', badge: 'string', tags: 'string[]', since: 'dateTime', here: 'boolean' },
  ...{ seat: 'complex', desks: 'complex[]', spare: 'string' },
}

test.for([
  ['level', 'string'],
  ['level', 'integer[]'],
  ['level', 'boolean'],
  ['level', 'dateTime'],
  ['level', 'complex'],
  ['badge', 'integer'],
  ['badge', 'decimal'],
  ['badge', 'boolean'],
  ['badge', 'dateTime'],
  ['badge', 'string[]'],
  ['badge', 'complex[]'],
  ['tags', 'string'],
  ['tags', 'integer[]'],
  ['since', 'boolean'],
  ['since', 'dateTime[]'],
  ['here', 'string'],
  ['here', 'decimal'],
  ['seat', 'string'],
  ['seat', 'complex[]'],
  ['desks', 'complex'],
  ['desks', 'dateTime[]'],
] as const)(
  'when %s is added again as %s, what users had of it is gone, and nothing else is',
  async ([name, type], { ctx, desk, scim }) => {
    const path = `/scim-schemas/${encodeURIComponent(ID)}`
    const add = (schema: object) => desk.call('POST', '/scim-schemas', schema)
    expect((await add(schemaOf(TYPES))).status).toBe(201)
    const user = (userName: string, values: object) =>
      oktaUser(userName, { schemas: [USER, ID], [ID]: values })
    const { body: ada } = await scim.send('POST', '/Users', user('ada.king@acme.example', ALL))
    const value = { [name]: ALL[name] }
    const { body: ben } = await scim.send('POST', '/Users', user('ben.okafor@acme.example', value))
    await startShadow(ctx, scim.serviceUserId)
    const { body: eve } = await scim.send('POST', '/Users', user('eve.adams@acme.example', value))
    await desk.call('DELETE', path)
    expect((await add(schemaOf({ ...TYPES, [name]: type }))).status).toBe(201)

    const { [name]: _, ...rest } = ALL
    const check = async () => {
      const shown = async (id: string) => (await scim.send('GET', `/Users/${id}`)).body
      expect((await shown(ada.id))[ID]).toEqual(rest)
      for (const { id } of [ben, eve]) expect(await shown(id)).toMatchObject({ schemas: [USER] })
      for (const { id } of [ben, eve]) expect(await shown(id)).not.toHaveProperty([ID])
      const leaf = type.startsWith('complex') ? `${ID}:${name}.floor` : `${ID}:${name}`
      for (const filter of [`${ID}:${name} pr`, `${leaf} ne null`])
        expect((await find(scim, 'Users', filter)).body).toMatchObject({ totalResults: 0 })
      expect((await scim.send('GET', `/Users?sortBy=${leaf}`)).body).toMatchObject({ totalResults: 3 })
    }
    await check()
    await endShadow(ctx, scim.serviceUserId, true)
    await check()
  },
)
