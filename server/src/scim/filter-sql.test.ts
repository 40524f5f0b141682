import {
  bindFilter,
  compareSorted,
  type Filter,
  matches,
  parseFilter,
  printFilter,
  type Resource,
  type ResourceType,
  readSort,
  ScimError,
  schemaUrns,
} from '@keydesk/scim'
import fc from 'fast-check'
import { expect } from 'vitest'
import { listVisible } from '#accounts'
import { transact } from '#platform'
import { addSchema, userTypeOf } from './extension-schemas.ts'
import { whereFilter } from './filter-sql.ts'
import { plainUserType } from './member-extension.ts'
import {
  type Client,
  create,
  createGroup,
  ENTERPRISE,
  find,
  invite,
  patchOf,
  type Reply,
  test,
  USER,
} from './test-client.ts'
import { factsOf, userOf } from './user-resource.ts'

const words = [
  'ada',
  'Ada',
  'ADA K',
  'a%',
  'a_',
  '\\',
  '"',
  'Ünal',
  'ünal',
  'ßtraße',
  'Ж',
  'ж',
  '😀',
  'K',
  '  x',
]
const word = fc.constantFrom(...words)
const email = fc.record(
  {
    value: fc.constantFrom('ada@x.example', 'ADA@x.example', 'b@y.example'),
    type: fc.constantFrom('work', 'home', 'WORK'),
    primary: fc.constant(false),
  },
  { requiredKeys: ['value'] },
)
const user = fc.record(
  {
    displayName: word,
    nickName: word,
    title: word,
    profileUrl: word,
    active: fc.boolean(),
    externalId: fc.constantFrom('a', 'A', '00u1', '%'),
    name: fc.record({ givenName: word, familyName: word, formatted: word }, { requiredKeys: [] }),
    emails: fc.uniqueArray(email, { maxLength: 3, selector: (item) => JSON.stringify(item).toLowerCase() }),
    addresses: fc.array(fc.record({ locality: word, type: fc.constant('work') }), { maxLength: 1 }),
    [ENTERPRISE]: fc.record(
      { department: word, manager: fc.record({ value: fc.constantFrom('m1', 'M1') }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

const texts = [
  'userName',
  'displayName',
  'nickName',
  'title',
  'profileUrl',
  'externalId',
  'id',
  'name.givenName',
  'name.familyName',
  'emails',
  'emails.value',
  'emails.type',
  'addresses.locality',
  'groups.display',
  'groups',
  `${ENTERPRISE}:department`,
  `${ENTERPRISE}:manager`,
  'manager.value',
  'schemas',
  'meta.resourceType',
  'meta.version',
  'meta.location',
]
const wholes = [
  'name',
  'emails',
  'addresses',
  'groups',
  'meta',
  `${ENTERPRISE}:manager`,
  'phoneNumbers',
  'active',
  'schemas',
]
const op = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le')
const literal = fc.oneof(
  { weight: 8, arbitrary: word },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'u1@acme.example',
      'U2@ACME.example',
      'ada@x.example',
      'work',
      'a',
      'm1',
      'Engineers',
      'W/"1"',
      'User',
      '',
      ENTERPRISE,
    ),
  },
  fc.constant(''),
)
const quote = (value: unknown) => JSON.stringify(value)
const leaf = fc.oneof(
  fc
    .tuple(fc.constantFrom(...texts), fc.constantFrom('eq', 'ne'), fc.constantFrom(null, true, 7))
    .map(([path, how, value]) => `${path} ${how} ${quote(value)}`),
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...texts), op, literal)
      .map(([path, how, value]) => `${path} ${how} ${quote(value)}`),
  },
  fc.constantFrom(...texts, ...wholes).map((path) => `${path} pr`),
  fc
    .tuple(fc.constantFrom(...wholes), fc.constantFrom('eq', 'ne'))
    .map(([path, how]) => `${path} ${how} null`),
  fc
    .tuple(fc.constantFrom('active', 'emails.primary'), fc.constantFrom('eq', 'ne'), fc.boolean())
    .map((parts) => parts.join(' ')),
  fc
    .tuple(
      fc.constantFrom('created', 'lastModified'),
      fc.constantFrom('gt', 'ge', 'lt', 'le', 'eq', 'ne'),
      fc.constantFrom('2011-05-13', '2011-05-13T04:42:34', '2999-01-01T00:00:00+02:00'),
    )
    .map(([part, how, time]) => `meta.${part} ${how} "${time}"`),
  fc.constantFrom(
    'meta.created sw "20"',
    'meta.created ew "Z"',
    'meta[resourceType eq "User" and version pr]',
    'schemas[value co "enterprise"]',
  ),
  fc
    .tuple(
      fc.constantFrom(
        'emails[type eq "work" and value',
        'emails[not (type pr) or value',
        'name[givenName',
        'addresses[type eq "work" and locality',
        'groups[type eq "direct" and display',
      ),
      op,
      word,
    )
    .map(([start, how, value]) => `${start} ${how} ${quote(value)}]`),
)
const filter = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc
      .tuple(tie('any'), fc.constantFrom('and', 'or'), tie('any'))
      .map(([a, how, b]) => `(${a}) ${how} (${b})`),
    tie('any').map((inner) => `not (${inner})`),
  ),
})).any

async function populate(scim: Client): Promise<void> {
  const people = fc.sample(user, { numRuns: 24, seed: 7 })
  const created = []
  for (const [at, person] of people.entries()) {
    const more = {
      displayName: undefined,
      externalId: undefined,
      name: undefined,
      emails: undefined,
      ...person,
    }
    created.push(await create(scim, `${at % 2 ? 'U' : 'u'}${at}@acme.example`, more))
  }
  await invite(scim.ctx, 'invited@acme.example', 'Agent')
  await createGroup(
    scim,
    'Engineers',
    created.slice(0, 5).map(({ id }) => id),
  )
  await createGroup(
    scim,
    'Ünal',
    created.slice(3, 8).map(({ id }) => id),
  )
}

/** Everybody, as the list shows them. */
async function everybody({ ctx, path }: Client, base: string, type = plainUserType): Promise<Resource[]> {
  const { rows } = await listVisible(ctx.platform, ctx.tenantId, {
    start: { offset: 0 },
    limit: 200,
    parts: true,
  })
  expect(path).toBe(new URL(base).pathname)
  return rows.flatMap((row) => (row.parts ? [userOf(row.parts, factsOf(row), type, base)] : []))
}

const type = plainUserType

test('PostgreSQL finds whom the kernel finds, for any filter', async ({ scim, ctx, platform }) => {
  await populate(scim)
  const base = `${platform.config.publicUrl}${scim.path}`
  const users = await everybody(scim, base)
  expect(users).toHaveLength(25)
  let found = 0
  const check = async (text: string) => {
    const bound: Filter = bindFilter(parseFilter(text), type)
    const wanted = users.filter((one) => matches(one, bound, type)).map((one) => one['id'])
    const { rows, total = -1 } = await listVisible(platform, ctx.tenantId, {
      where: whereFilter(bound, type, base),
      start: { offset: 0 },
      limit: 200,
      parts: false,
    })
    expect([printFilter(bound), rows.map((row) => row.id)]).toEqual([printFilter(bound), wanted])
    expect(total).toBe(wanted.length)
    found += total > 0 && total < users.length ? 1 : 0
  }
  await fc.assert(fc.asyncProperty(filter, check), { numRuns: 600, seed: 20_26 })
  // A generator whose filters all find everybody or nobody would prove nothing.
  expect(found).toBeGreaterThan(100)
})

test.for(
  [
    'userName',
    'id',
    'externalId',
    'displayName',
    'nickName',
    'title',
    'active',
    'name.familyName',
    'emails',
    'emails.type',
    'addresses.locality',
    'groups.display',
    'meta.created',
    'meta.lastModified',
    `${ENTERPRISE}:department`,
    `${ENTERPRISE}:manager.value`,
  ].flatMap(
    (by) =>
      [
        [by, 'ascending'],
        [by, 'descending'],
      ] as const,
  ),
)(
  'PostgreSQL sorts by %s %s as the kernel does, and pages by cursor follow',
  async ([by, order], { scim, platform }) => {
    await populate(scim)
    const base = `${platform.config.publicUrl}${scim.path}`
    const sort = readSort({ sortBy: by, sortOrder: order }, type)
    const byId = (a: Resource, b: Resource) => (String(a['id']) < String(b['id']) ? -1 : 1)
    const wanted = (await everybody(scim, base))
      .sort((a, b) => (sort ? compareSorted(a, b, sort) : 0) || byId(a, b))
      .map((user) => user['id'])
    const query = `sortBy=${encodeURIComponent(by)}&sortOrder=${order}`
    const { body } = await scim.send('GET', `/Users?${query}&count=200`)
    const ids = body.Resources.map((one: Resource) => one['id'])
    expect(ids).toEqual(wanted)
    const walked: string[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page = await scim.send('GET', `/Users?${query}&count=7&cursor=${cursor}`)
      expect(page.status).toBe(200)
      walked.push(...page.body.Resources.map((one: Resource) => one['id']))
      cursor = page.body.nextCursor
    }
    expect(walked).toEqual(wanted)
  },
)

const EXTRA = 'urn:acme:params:scim:schemas:extension:every:2.0:User'
const valuesOf: Record<string, (string | number | boolean)[]> = {
  string: ['ada', 'Ada', 'Ж', 'ж', '5', 'true', '%', 'z'],
  boolean: [true, false],
  integer: [5, -3, 0, 40, 9_007_199_254_740_991],
  decimal: [5, -2.5, 0.1, 0.300000000000004, 1_000_000.5, 1e-7],
  dateTime: [
    '2026-01-31T09:30:00Z',
    '2026-01-31T10:30:00+01:00',
    '2026-01-31T00:00:00-09:30',
    '2026-01-31T09:30:00',
    '2026-01-31T09:30:00.123Z',
    '2026-01-31T09:30:00.1239999Z',
    '2024-02-31T00:00:00Z',
    '2024-01-01T24:00:00.000Z',
    '0000-03-01T00:00:00Z',
    '0001-01-01T00:00:00+23:59',
    '9999-12-31T23:59:59.999-23:59',
  ],
  binary: ['aGk=', 'AGk=', 'QUJD'],
  reference: ['https://a.example/x', 'https://a.example/X', 'urn:x'],
}
const simpleTypes = Object.keys(valuesOf)
const ops = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']

/** An attribute of each type, alone and in a list; and the same as parts of one value and of several. */
function attributesOf(types: readonly string[]): object[] {
  return types.flatMap((type) =>
    [false, true].map((multiValued) => ({
      ...{ name: `${multiValued ? 'many' : 'one'}-${type}`, type, multiValued },
      ...(type === 'reference' ? { referenceTypes: ['external'] } : {}),
      ...(type === 'complex' ? { subAttributes: attributesOf(simpleTypes) } : {}),
    })),
  )
}

function valuesIn(types: readonly string[]): fc.Arbitrary<Record<string, unknown>> {
  const entries = types.flatMap((type) => {
    const one: fc.Arbitrary<unknown> =
      type === 'complex' ? valuesIn(simpleTypes) : fc.constantFrom(...(valuesOf[type] ?? []))
    return [
      [`one-${type}`, one],
      [`many-${type}`, fc.array(one, { maxLength: 3 })],
    ] as const
  })
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] })
}

/** Paths to every attribute of a type: as they stand in a filter or a sort, and in brackets. */
function pathsTo(type: string) {
  const names = [`one-${type}`, `many-${type}`]
  const boxes = ['one-complex', 'many-complex'].map((box) => `${EXTRA}:${box}`)
  return {
    plain: [
      ...names.map((name) => `${EXTRA}:${name}`),
      ...boxes.flatMap((box) => names.map((name) => `${box}.${name}`)),
    ],
    inBrackets: boxes.flatMap((box) => names.map((name) => [box, name] as const)),
  }
}

const typedFilter = fc.constantFrom(...simpleTypes).chain((type) => {
  const { plain, inBrackets } = pathsTo(type)
  // Times are compared with dates too, and everything with values of other types.
  const others = ['x', 7, true, null, '2026-01-31', '2026-01-31T0', '0Z', 'A']
  const literals = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...(valuesOf[type] ?? [])) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )
  const test = fc.tuple(fc.constantFrom(...ops), literals)
  const filter = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(...plain).map((path) => `${path} pr`) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.constantFrom(...plain), test)
        .map(([path, [how, value]]) => `${path} ${how} ${quote(value)}`),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom(...inBrackets), test)
        .map(([[box, name], [how, value]]) => `${box}[${name} ${how} ${quote(value)}]`),
    },
  )
  return filter.map((text) => ({ type, text }))
})

/** Adds the schema, and users with any values of it. */
async function populateTyped(scim: Client): Promise<ResourceType> {
  const attributes = attributesOf([...simpleTypes, 'complex']) as Record<string, unknown>[]
  await addSchema(scim.ctx, { id: EXTRA, name: 'Every type', description: '', attributes })
  const people = fc.sample(valuesIn([...simpleTypes, 'complex']), { numRuns: 24, seed: 11 })
  for (const [at, values] of people.entries())
    await create(scim, `u${at}@acme.example`, { schemas: [USER, EXTRA], [EXTRA]: values })
  return userTypeOf(scim.ctx.platform, scim.ctx.tenantId)
}

function boundIfAllowed(text: string, type: ResourceType): Filter | undefined {
  try {
    return bindFilter(parseFilter(text, { schemas: schemaUrns(type) }), type)
  } catch (error) {
    if (error instanceof ScimError) return undefined
    throw error
  }
}

test('PostgreSQL finds whom the kernel finds, by attributes of any type that a workspace added', async ({
  scim,
  ctx,
  platform,
}) => {
  const type = await populateTyped(scim)
  const base = `${platform.config.publicUrl}${scim.path}`
  const users = await everybody(scim, base, type)
  const told = new Set<string>()
  const check = async ({ type: kind, text }: { type: string; text: string }) => {
    const bound = boundIfAllowed(text, type)
    if (!bound) return
    const wanted = users.filter((one) => matches(one, bound, type)).map((one) => one['id'])
    const { rows } = await listVisible(platform, ctx.tenantId, {
      where: whereFilter(bound, type, base),
      start: { offset: 0 },
      limit: 200,
      parts: false,
    })
    expect([text, rows.map((row) => row.id)]).toEqual([text, wanted])
    if (wanted.length > 0 && wanted.length < users.length)
      told.add(`${kind} ${ops.find((how) => text.includes(` ${how} `)) ?? 'pr'}`)
  }
  await fc.assert(fc.asyncProperty(typedFilter, check), { numRuns: 1500, seed: 20_27 })
  // Some users pass and some do not, for each type and operator that has a meaning together.
  const order = ['gt', 'ge', 'lt', 'le']
  const parts = ['co', 'sw', 'ew']
  const meant = simpleTypes.flatMap((kind) =>
    [
      ...['pr', 'eq', 'ne'],
      ...(kind === 'boolean' || kind === 'binary' ? [] : order),
      ...(typeof valuesOf[kind]?.[0] === 'string' ? parts : []),
    ].map((how) => `${kind} ${how}`),
  )
  expect([...told].sort()).toEqual(expect.arrayContaining(meant))
}, 90_000)

test('PostgreSQL sorts by attributes of any type that a workspace added as the kernel does', async ({
  scim,
  platform,
}) => {
  const type = await populateTyped(scim)
  const base = `${platform.config.publicUrl}${scim.path}`
  const users = await everybody(scim, base, type)
  for (const by of simpleTypes.flatMap((kind) => pathsTo(kind).plain))
    for (const order of ['ascending', 'descending']) {
      const sort = readSort({ sortBy: by, sortOrder: order }, type)
      const wanted = users
        .toSorted(
          (a, b) => (sort ? compareSorted(a, b, sort) : 0) || (String(a['id']) < String(b['id']) ? -1 : 1),
        )
        .map((user) => user['id'])
      const walked: string[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const query = `sortBy=${encodeURIComponent(by)}&sortOrder=${order}&count=11&cursor=${cursor}`
        const page: Reply = await scim.send('GET', `/Users?${query}`)
        expect([by, order, page.status]).toEqual([by, order, 200])
        walked.push(...page.body.Resources.map((one: Resource) => one['id']))
        cursor = page.body.nextCursor
      }
      expect([by, order, walked]).toEqual([by, order, wanted])
    }
}, 90_000)

test('values of another type than the schema has now are none, and no list fails on them', async ({
  scim,
  ctx,
  platform,
}) => {
  const type = await populateTyped(scim)
  const base = `${platform.config.publicUrl}${scim.path}`
  const names = attributesOf([...simpleTypes, 'complex']).map((one) => (one as { name: string }).name)
  const wrong = ['x', '2026-99-99T99:99:99Z', 7, 1e300, true, [], [['x']], ['x', 7, true, {}], {}]
  const kept = [
    ...wrong,
    ...wrong.map((value) => Object.fromEntries(names.map((name) => [name, value]))),
    ...wrong.map((value) => [Object.fromEntries(names.map((name) => [name, value]))]),
  ]
  await transact(ctx, async (tx) => {
    const members = await tx.db.selectFrom('members').select(['id', 'scim']).execute()
    for (const [at, { id, scim: before }] of members.entries()) {
      const values = Object.fromEntries(names.map((name, nth) => [name, kept[(at + nth) % kept.length]]))
      const scim = JSON.stringify({ ...(before as object), [EXTRA]: values })
      await tx.db.updateTable('members').set({ scim, rendered: null }).where('id', '=', id).execute()
    }
  })

  expect((await scim.send('GET', '/Users')).status).toBe(200)
  const check = async ({ text }: { text: string }) => {
    const bound = boundIfAllowed(text, type)
    if (!bound) return
    const where = whereFilter(bound, type, base)
    await listVisible(platform, ctx.tenantId, { where, start: { offset: 0 }, limit: 200, parts: true })
  }
  await fc.assert(fc.asyncProperty(typedFilter, check), { numRuns: 500, seed: 20_28 })
  for (const by of simpleTypes.flatMap((kind) => pathsTo(kind).plain)) {
    const { status } = await scim.send('GET', `/Users?sortBy=${encodeURIComponent(by)}`)
    expect([by, status]).toEqual([by, 200])
  }
}, 90_000)

test.for([
  ['userName eq "ADA.KING@acme.example"', 1],
  ['userName eq "ada.king@acme.example " or externalId eq "nobody"', 1],
  ['externalId eq "00uAda"', 1],
  ['externalId eq "00uada"', 0],
  ['emails[type eq "work"].value eq "ADA.KING@acme.example"', 1],
  ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada"', 1],
  ['displayName co "%"', 0],
  ['displayName co "_"', 0],
  ['displayName eq "\' or true --"', 0],
  ['title co "\\\\"', 0],
  ['active eq true and not (userName sw "bob")', 1],
  ['userName EQ "ada.king@acme.example" AND active Eq True', 1],
  ['meta.lastModified gt "2020-01-01T00:00:00Z"', 2],
  ['', 2],
] as const)('the filter %s finds %i', async ([text, total], { scim }) => {
  await create(scim, 'ada.king@acme.example', { externalId: '00uAda' })
  await create(scim, 'bob@acme.example', { active: false })
  expect(await find(scim, 'Users', text)).toMatchObject({ status: 200, body: { totalResults: total } })
})

test('a space may be written as a plus', async ({ scim }) => {
  const { id } = await create(scim, 'ada.king@acme.example')
  const reply = await scim.send(
    'GET',
    '/Users?filter=userName+eq+%22ada.king%40acme.example%22&startIndex=1&count=100',
  )
  expect(reply.body).toMatchObject({ totalResults: 1, Resources: [{ id }] })
})

test('a filter finds what a change has made of a user', async ({ scim }) => {
  const { id } = await create(scim, 'ada.king@acme.example')
  await scim.send(
    'PATCH',
    `/Users/${id}`,
    patchOf({ op: 'replace', value: { userName: 'ada@b.example', active: false } }),
  )

  expect((await find(scim, 'Users', 'userName eq "ada.king@acme.example"')).body.totalResults).toBe(0)
  expect(
    (await find(scim, 'Users', 'userName eq "ADA@b.example" and active eq false')).body.totalResults,
  ).toBe(1)
})
