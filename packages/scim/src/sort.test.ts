import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from './json.ts'
import type { Resource } from './resource.ts'
import { attribute, complex, type Schema } from './schema/attribute.ts'
import { enterpriseUserSchema } from './schema/enterprise-user.ts'
import { groupResourceType, userResourceType, withExtensions } from './schema/resource-type.ts'
import { compareSorted, readSort, type Sort, sortKeyOf } from './sort.ts'

const urn = enterpriseUserSchema.id

const extra: Schema = {
  id: 'urn:example:2.0:User',
  name: 'Extra',
  description: 'What users have besides.',
  attributes: [
    attribute('code', 'A code.', { caseExact: true }),
    attribute('level', 'A level.', { type: 'integer' }),
    attribute('score', 'A score.', { type: 'decimal' }),
    attribute('since', 'A time.', { type: 'dateTime' }),
    attribute('pin', 'A secret.', { mutability: 'writeOnly', returned: 'never' }),
    attribute('tags', 'Tags.', { multiValued: true }),
    complex('badge', 'A badge.', [attribute('pin', 'A secret.', { returned: 'never' })]),
  ],
}
const type = withExtensions(userResourceType, [extra])

function sortBy(name: string, sortOrder?: string): Sort {
  const sort = readSort({ sortBy: name, sortOrder }, type)
  if (!sort) throw new Error(`There is no sort by ${name}.`)
  return sort
}

function user(values: JsonObject): Resource {
  return { schemas: [type.schema.id], ...values }
}

describe('readSort', () => {
  test('nothing is asked for without sortBy', () => {
    expect(readSort({}, type)).toBeUndefined()
    expect(readSort({ sortBy: '', sortOrder: 'descending' }, type)).toBeUndefined()
  })

  test.for([
    ['USERNAME', { attr: 'userName' }],
    ['name.GivenName', { attr: 'name', sub: 'givenName' }],
    ['meta.lastModified', { attr: 'meta', sub: 'lastModified' }],
    ['id', { attr: 'id' }],
    ['emails', { attr: 'emails', sub: 'value' }],
    ['emails.type', { attr: 'emails', sub: 'type' }],
    [`${urn}:department`, { schema: urn, attr: 'department' }],
    [`${urn.toUpperCase()}:MANAGER`, { schema: urn, attr: 'manager', sub: 'value' }],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName', { attr: 'userName' }],
    [`${extra.id}:level`, { schema: extra.id, attr: 'level' }],
  ] as const)('%s is spelled as the schema does', ([name, path]) => {
    expect(sortBy(name).path).toEqual(path)
  })

  test('RFC 7644 §3.4.2.3: sortOrder defaults to ascending', () => {
    expect(sortBy('userName').descending).toBe(false)
    expect(sortBy('userName', '').descending).toBe(false)
    expect(sortBy('userName', 'ascending').descending).toBe(false)
    expect(sortBy('userName', 'Descending').descending).toBe(true)
  })

  test.for([
    ['nothing', undefined, 'invalidPath'],
    ['name.nothing', undefined, 'invalidPath'],
    ['userName eq "x"', undefined, 'invalidPath'],
    ['emails[type eq "work"].value', undefined, 'invalidPath'],
    ['name.givenName.x', undefined, 'invalidPath'],
    ['__proto__', undefined, 'invalidPath'],
    [`${urn}:`, undefined, 'invalidPath'],
    ['userName', 'upwards', 'invalidValue'],
  ] as const)('%s %s is refused by %s', ([name, order, scimType]) => {
    expect(() => sortBy(name, order)).toThrow(expect.objectContaining({ scimType, status: 400 }))
  })

  test('RFC 7644 §3.4.2.3: a complex attribute needs a path to a sub-attribute, unless it has a value', () => {
    expect(() => sortBy('name')).toThrow(expect.objectContaining({ scimType: 'invalidPath' }))
    expect(() => sortBy('addresses')).toThrow('addresses has parts')
    expect(sortBy('phoneNumbers').sub?.name).toBe('value')
    expect(readSort({ sortBy: 'members' }, groupResourceType)?.sub?.name).toBe('value')
  })

  test.for(['password', `${extra.id}:pin`, `${extra.id}:badge.pin`])(
    'RFC 7643 §7: nobody learns %s, which is never returned, from an order',
    (name) => {
      expect(() => sortBy(name)).toThrow(expect.objectContaining({ scimType: 'invalidPath' }))
    },
  )
})

function orderOf(name: string, values: (JsonObject | undefined)[], order?: string): number[] {
  const sort = sortBy(name, order)
  const users = values.map((value, at) => ({ ...user(value ?? {}), id: String(at) }))
  return users.sort((a, b) => compareSorted(a, b, sort)).map(({ id }) => Number(id))
}

describe('compareSorted', () => {
  test('RFC 7644 §3.4.2.3: missing values come last', () => {
    const values = [{}, { title: 'b' }, { title: '' }, { title: 'a' }, { title: null }]
    expect(orderOf('title', values)).toEqual([3, 1, 0, 2, 4])
  })

  test('RFC 7644 §3.4.2.3: missing values come first when descending', () => {
    expect(orderOf('title', [{ title: 'b' }, {}, { title: 'c' }], 'descending')).toEqual([1, 2, 0])
  })

  test('RFC 7644 §3.4.2.3: of several values the primary one counts, or else the first', () => {
    const values = [
      { emails: [{ value: 'a' }, { value: 'z', primary: true }] },
      { emails: [{ value: 'm' }, { value: 'b' }] },
      { emails: [] },
    ]
    expect(orderOf('emails', values)).toEqual([1, 0, 2])
    expect(sortKeyOf(user({ [extra.id]: { tags: ['x', 'a'] } }), sortBy(`${extra.id}:tags`))).toBe('x')
  })

  test('RFC 7644 §3.4.2.3: case counts only for what is case-exact', () => {
    expect(orderOf('userName', [{ userName: 'b' }, { userName: 'A' }, { userName: 'C' }])).toEqual([1, 0, 2])
    expect(orderOf('externalId', [{ externalId: 'b' }, { externalId: 'A' }, { externalId: 'C' }])).toEqual([
      1, 2, 0,
    ])
  })

  test('RFC 7644 §3.4.2.3: sorts by the type of the attribute', () => {
    const own = (values: JsonObject) => ({ [extra.id]: values })
    expect(orderOf(`${extra.id}:level`, [own({ level: 10 }), own({ level: 9 })])).toEqual([1, 0])
    expect(orderOf(`${extra.id}:score`, [own({ score: 0.5 }), own({ score: -1.5 })])).toEqual([1, 0])
    const times = ['2026-01-31T10:00:00+02:00', '2026-01-31T09:00:00Z', '2026-01-31T08:00:00.500Z']
    expect(
      orderOf(
        `${extra.id}:since`,
        times.map((since) => own({ since })),
      ),
    ).toEqual([0, 2, 1])
    expect(orderOf('active', [{ active: true }, { active: false }, {}])).toEqual([1, 0, 2])
  })

  test('text goes by code points, as in the database', () => {
    expect(orderOf('externalId', [{ externalId: '\u{1F600}' }, { externalId: '\uFF5A' }])).toEqual([1, 0])
    expect(orderOf('externalId', [{ externalId: 'ab' }, { externalId: 'a' }])).toEqual([1, 0])
  })

  test('a value of another type than the attribute has no place', () => {
    const values: (JsonObject | undefined)[] = [{ active: 'true' }, { active: true }]
    expect(orderOf('active', values)).toEqual([1, 0])
  })

  const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 3 }), fc.constantFrom('a', 'A', 'b', ''))
  const maybe = (value: fc.Arbitrary<Json>) => fc.option(value, { nil: null })
  const users = fc.record({
    schemas: fc.constant([type.schema.id]),
    userName: maybe(text),
    externalId: maybe(text),
    active: maybe(fc.boolean()),
    emails: fc.array(fc.record({ value: text, primary: fc.boolean() }), { maxLength: 3 }),
    meta: fc.record({
      created: maybe(fc.integer({ min: 0, max: 9e11 }).map((at) => new Date(at).toISOString())),
    }),
    [extra.id]: fc.record({ level: maybe(fc.integer({ min: -3, max: 3 })) }),
  }) as fc.Arbitrary<Resource>
  const sorts = fc
    .tuple(
      fc.constantFrom('userName', 'externalId', 'active', 'emails', 'meta.created', `${extra.id}:level`),
      fc.constantFrom('ascending', 'descending'),
    )
    .map(([name, order]) => sortBy(name, order))

  test('is a total preorder: any two compare, both ways alike, and through a third', () => {
    fc.assert(
      fc.property(users, users, users, sorts, (a, b, c, sort) => {
        const sign = (x: Resource, y: Resource) => Math.sign(compareSorted(x, y, sort))
        expect(sign(a, a)).toBe(0)
        expect(sign(a, b) + sign(b, a)).toBe(0)
        if (sign(a, b) <= 0 && sign(b, c) <= 0) expect(sign(a, c)).toBeLessThanOrEqual(0)
      }),
      { numRuns: 1000 },
    )
  })

  test('keeps equals in their order, and puts a missing value at its end', () => {
    fc.assert(
      fc.property(fc.array(users, { maxLength: 12 }), sorts, (list, sort) => {
        const sorted = list.map((item, at) => ({ item, at }))
        sorted.sort((a, b) => compareSorted(a.item, b.item, sort))
        for (const [index, { item, at }] of sorted.entries()) {
          const next = sorted[index + 1]
          if (!next) continue
          if (compareSorted(item, next.item, sort) === 0) expect(at).toBeLessThan(next.at)
          const isLost = sortKeyOf(sort.descending ? next.item : item, sort) === undefined
          const follows = sortKeyOf(sort.descending ? item : next.item, sort) === undefined
          if (isLost) expect(follows).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})
