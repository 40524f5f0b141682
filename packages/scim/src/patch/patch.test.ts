import { describe, expect, test } from 'vitest'
import type { Json } from '../json.ts'
import type { Resource } from '../resource.ts'
import { attribute, complex } from '../schema/attribute.ts'
import { enterpriseUserSchema } from '../schema/enterprise-user.ts'
import { groupResourceType, type ResourceType, userResourceType } from '../schema/resource-type.ts'
import { applyPatch, type PatchOptions } from './apply-patch.ts'
import { PATCH_URN, readPatch } from './read-patch.ts'

const enterprise = enterpriseUserSchema.id
const core = userResourceType.schema.id

const user = (rest: { [name: string]: Json } = {}): Resource => ({
  schemas: [core],
  userName: 'ada',
  ...rest,
})
const body = (...operations: Json[]): Json => ({ schemas: [PATCH_URN], Operations: operations })

function patch(resource: Resource, operation: Json, options?: PatchOptions, type = userResourceType) {
  return applyPatch(resource, readPatch(body(operation), type).ops, type, options)
}

describe('readPatch', () => {
  test.for<[string, Json, string]>([
    ['a body that is a list', [], 'invalidSyntax'],
    ['no operations', { schemas: [PATCH_URN] }, 'invalidSyntax'],
    ['an empty list of operations', body(), 'invalidSyntax'],
    ['operations that are no list', { Operations: { op: 'add' } }, 'invalidSyntax'],
    ['an operation that is text', body('add'), 'invalidSyntax'],
    ['an operation without op', body({ path: 'title', value: 'x' }), 'invalidSyntax'],
    ['an op of JSON Patch', body({ op: 'move', path: 'title' }), 'invalidSyntax'],
    ['an op that is a number', body({ op: 1, path: 'title' }), 'invalidSyntax'],
    ['a path that is a number', body({ op: 'add', path: 1, value: 'x' }), 'invalidPath'],
    ['a path of JSON Pointer', body({ op: 'add', path: '/title', value: 'x' }), 'invalidPath'],
    ['an index in a path', body({ op: 'remove', path: 'emails[0]' }), 'invalidFilter'],
    ['add without value', body({ op: 'add', path: 'title' }), 'invalidValue'],
    ['replace without value', body({ op: 'replace' }), 'invalidValue'],
    ['text without a path', body({ op: 'add', value: 'x' }), 'invalidValue'],
    ['null without a path', body({ op: 'replace', value: null }), 'invalidValue'],
    ['remove with an empty path', body({ op: 'remove', path: '' }), 'noTarget'],
    ['a number for a string', body({ op: 'add', path: 'title', value: 5 }), 'invalidValue'],
    ['a word for a boolean', body({ op: 'add', path: 'active', value: 'yes' }), 'invalidValue'],
    ['text for a name', body({ op: 'add', path: 'name', value: 'Ada' }), 'invalidValue'],
    ['two managers', body({ op: 'add', path: `${enterprise}:manager`, value: ['a', 'b'] }), 'invalidValue'],
    [
      'two primary mails',
      body({
        op: 'add',
        path: 'emails',
        value: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      }),
      'invalidValue',
    ],
    ['the base schema removed', body({ op: 'remove', path: core }), 'mutability'],
  ])('refuses %s', ([, json, scimType]) => {
    expect(() => readPatch(json, userResourceType)).toThrow(
      expect.objectContaining({ name: 'ScimError', scimType, status: 400 }),
    )
  })

  test('refuses a member to remove that has no value', () => {
    const json = body({ op: 'remove', path: 'members', value: [{ display: 'Ada' }] })
    expect(() => readPatch(json, groupResourceType)).toThrow('Name each of the members')
  })

  test('unknown attributes are ignored and told, or refused when strict', () => {
    const json = body(
      { op: 'add', path: 'shoeSize', value: 38 },
      { op: 'add', value: { 'a/b': 1, title: 'Poet' } },
    )
    expect(readPatch(json, userResourceType)).toEqual({
      ops: [{ op: 'add', path: { attr: 'title' }, value: 'Poet' }],
      deviations: [
        'The unknown attribute "shoeSize" was ignored.',
        'The unknown attribute "a/b" was ignored.',
      ],
    })
    expect(() => readPatch(json, userResourceType, { strict: true })).toThrow(
      expect.objectContaining({ scimType: 'invalidPath' }),
    )
  })

  test('names are spelled as the schema does', () => {
    const json = body({ OP: 'replace', Path: 'EMAILS[TYPE eq "work"].VALUE', value: 'x' })
    const { ops, deviations } = readPatch(json, userResourceType)
    expect(ops).toMatchObject([{ op: 'replace', path: { attr: 'emails', sub: 'value' }, value: 'x' }])
    expect(deviations).toEqual(['"op" was sent as "OP".', '"path" was sent as "Path".'])
  })

  test('an extension can be given as one object, by path or in the value', () => {
    const ops = [
      { op: 'add', path: { schema: enterprise, attr: 'department' }, value: 'R&D' },
      { op: 'add', path: { schema: enterprise, attr: 'costCenter' }, value: '7' },
    ]
    const value = { department: 'R&D', costcenter: '7' }
    expect(readPatch(body({ op: 'add', path: enterprise, value }), userResourceType).ops).toEqual(ops)
    expect(readPatch(body({ op: 'add', value: { [enterprise]: value } }), userResourceType).ops).toEqual(ops)
    expect(readPatch(body({ op: 'remove', path: enterprise }), userResourceType).ops).toHaveLength(6)
  })

  test('one sentence tells the same deviation of many operations', () => {
    const many = Array.from({ length: 500 }, () => ({ op: 'Add', path: 'title', value: 'x' }))
    expect(readPatch(body(...many), userResourceType).deviations).toHaveLength(1)
  })

  test('an empty object clears nothing', () => {
    const before = user({
      name: { givenName: 'Ada' },
      [enterprise]: { department: 'R&D' },
      schemas: [core, enterprise],
    })
    const value = { name: {}, emails: [{}], [enterprise]: {} }
    expect(patch(before, { op: 'replace', value })).toEqual({ resource: before, changed: false })
  })

  test('a value of which nothing is known clears nothing', () => {
    const before = user({ name: { givenName: 'Ada' }, emails: [{ value: 'a' }] })
    const value = { name: { first: 'A' }, emails: [{ mail: 'b' }] }
    expect(patch(before, { op: 'replace', value })).toEqual({ resource: before, changed: false })
  })

  test('names in a value are few: thousands of them are refused before they are read', () => {
    const bagOf = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`x${at}[`, 1]))
    const read = (count: number) =>
      readPatch({ schemas: [PATCH_URN], Operations: [{ op: 'add', value: bagOf(count) }] }, userResourceType)
    expect(read(5000).ops).toEqual([])
    expect(() => read(5001)).toThrow('A PATCH can name 5000 attributes in its values at most.')
    const halves = [bagOf(2501), bagOf(2500)].map((value) => ({ op: 'add', value }))
    expect(() => readPatch({ schemas: [PATCH_URN], Operations: halves }, userResourceType)).toThrow('5000')
  })
})

describe('applyPatch', () => {
  const work = { value: 'a', type: 'work', primary: true }
  const home = { value: 'b', type: 'home' }

  test.for<[string, Resource, Json, { [name: string]: Json }]>([
    [
      'add a value that is there',
      user({ emails: [work] }),
      { op: 'add', path: 'emails', value: [work] },
      { emails: [work] },
    ],
    [
      'add it without its type',
      user({ emails: [work] }),
      { op: 'add', path: 'emails', value: [{ value: 'A' }] },
      { emails: [{ ...work, value: 'A' }] },
    ],
    [
      'add it with more',
      user({ emails: [home] }),
      { op: 'add', path: 'emails', value: [{ ...home, display: 'B' }] },
      { emails: [{ ...home, display: 'B' }] },
    ],
    [
      'add the value under another type',
      user({ emails: [home] }),
      { op: 'add', path: 'emails', value: [{ value: 'b', type: 'other' }] },
      { emails: [home, { value: 'b', type: 'other' }] },
    ],
    [
      'add an address that is there',
      user({ addresses: [{ locality: 'X', type: 'home' }] }),
      { op: 'add', path: 'addresses', value: [{ type: 'home', locality: 'X' }] },
      { addresses: [{ locality: 'X', type: 'home' }] },
    ],
    [
      'add null to a list',
      user({ emails: [work] }),
      { op: 'add', path: 'emails', value: null },
      { emails: [work] },
    ],
    ['add null to a single value', user({ title: 'x' }), { op: 'add', path: 'title', value: null }, {}],
    ['replace by null', user({ title: 'x' }), { op: 'replace', value: { title: null } }, {}],
    ['replace a list by null', user({ emails: [work] }), { op: 'replace', path: 'emails', value: null }, {}],
    [
      'clear a part of a name',
      user({ name: { givenName: 'Ada', familyName: 'King' } }),
      { op: 'replace', value: { name: { givenName: null } } },
      { name: { familyName: 'King' } },
    ],
    [
      'clear all of a name',
      user({ name: { givenName: 'Ada' } }),
      { op: 'replace', path: 'name.givenName', value: '' },
      {},
    ],
    [
      'remove a part of a name',
      user({ name: { givenName: 'Ada', familyName: 'King' } }),
      { op: 'remove', path: 'name.givenName' },
      { name: { familyName: 'King' } },
    ],
    ['remove what is not there', user(), { op: 'remove', path: 'title' }, {}],
    [
      'remove a part of each value',
      user({ emails: [work, home] }),
      { op: 'remove', path: 'emails.type' },
      { emails: [{ value: 'a', primary: true }, { value: 'b' }] },
    ],
    [
      'remove a part of one value',
      user({ emails: [work, home] }),
      { op: 'remove', path: 'emails[type eq "home"].type' },
      { emails: [work, { value: 'b' }] },
    ],
    [
      'remove the only part of a value',
      user({ emails: [{ value: 'a' }] }),
      { op: 'remove', path: 'emails[value eq "a"].value' },
      {},
    ],
    [
      'replace a part of each value',
      user({ emails: [work, home] }),
      { op: 'replace', path: 'emails.display', value: 'D' },
      {
        emails: [
          { ...work, display: 'D' },
          { ...home, display: 'D' },
        ],
      },
    ],
    [
      'replace a part where there is no value',
      user(),
      { op: 'replace', path: 'emails.value', value: 'a' },
      { emails: [{ value: 'a' }] },
    ],
    [
      'make another value primary',
      user({ emails: [work, home] }),
      { op: 'replace', path: 'emails[type eq "home"].primary', value: true },
      {
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
        ],
      },
    ],
    [
      'replace one value and keep the rest of it',
      user({ emails: [work, home] }),
      { op: 'replace', path: 'emails[type eq "work"]', value: { value: 'c' } },
      { emails: [{ ...work, value: 'c' }, home] },
    ],
    [
      'add to a value that is not there',
      user(),
      { op: 'add', path: 'emails[type eq "work" and primary eq true].value', value: 'a' },
      { emails: [work] },
    ],
    [
      'add a whole value that is not there',
      user(),
      { op: 'add', path: 'emails[type eq "work"]', value: { value: 'a', primary: true } },
      { emails: [work] },
    ],
    [
      'case in a filter',
      user({ emails: [work] }),
      { op: 'replace', path: 'Emails[Type eq "WORK"].Value', value: 'c' },
      { emails: [{ ...work, value: 'c' }] },
    ],
  ])('%s', ([, before, operation, after]) => {
    const copy = structuredClone(before)
    expect(patch(before, operation).resource).toEqual(user(after))
    expect(before).toEqual(copy)
  })

  test.for<[string, Json, string]>([
    ['id', { op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    ['meta', { op: 'remove', path: 'meta.created' }, 'mutability'],
    ['groups', { op: 'add', value: { groups: [{ value: 'g' }] } }, 'mutability'],
    [
      'manager.displayName',
      { op: 'replace', path: `${enterprise}:manager.displayName`, value: 'x' },
      'mutability',
    ],
    ['userName by null', { op: 'replace', path: 'userName', value: null }, 'mutability'],
    ['an absent value', { op: 'replace', path: 'emails[type eq "work"]', value: { value: 'x' } }, 'noTarget'],
    [
      'an absent value that no filter describes',
      { op: 'add', path: 'emails[type ne "work"].value', value: 'x' },
      'noTarget',
    ],
    ['one of one', { op: 'replace', path: 'name[givenName eq "x"].familyName', value: 'x' }, 'invalidPath'],
    ['two primary values', { op: 'replace', path: 'phoneNumbers.primary', value: true }, 'invalidValue'],
  ])('refuses to change %s', ([, operation, scimType]) => {
    const before = user({ id: 'u1', phoneNumbers: [{ value: '1' }, { value: '2' }] })
    expect(() => patch(before, operation)).toThrow(expect.objectContaining({ name: 'ScimError', scimType }))
  })

  test('an immutable attribute is set once', () => {
    const type: ResourceType = {
      ...userResourceType,
      schema: {
        ...userResourceType.schema,
        attributes: [
          attribute('badge', 'A number on a badge.', { mutability: 'immutable' }),
          attribute('tags', 'Words.', { multiValued: true }),
          complex('desk', 'A desk.', [attribute('room', 'Its room.', { required: true })]),
        ],
      },
    }
    const set = (before: Resource, value: Json) =>
      patch(before, { op: 'add', path: 'badge', value }, {}, type)
    const badged = set({ schemas: [core] }, '7').resource
    expect(badged).toEqual({ schemas: [core], badge: '7' })
    expect(set(badged, '7').changed).toBe(false)
    expect(() => set(badged, '8')).toThrow('cannot change once it is set')
    expect(() => patch(badged, { op: 'remove', path: 'badge' }, {}, type)).toThrow('cannot be removed')

    // A list of plain values is picked from by `value`, and compares without case.
    const tagged = patch(badged, { op: 'add', path: 'tags', value: ['a', 'b', 'A'] }, {}, type).resource
    expect(tagged['tags']).toEqual(['a', 'b'])
    expect(patch(tagged, { op: 'remove', path: 'tags[value eq "B"]' }, {}, type).resource['tags']).toEqual([
      'a',
    ])
    expect(patch(tagged, { op: 'add', path: 'tags', value: 'b' }, {}, type).changed).toBe(false)

    const seated = { ...badged, desk: { room: '1' } }
    expect(() => patch(seated, { op: 'remove', path: 'desk.room' }, {}, type)).toThrow('is required')
  })

  test('schemas is what is present, and cannot be written', () => {
    const { resource } = patch(user(), { op: 'add', value: { schemas: ['urn:x'], department: 'R&D' } })
    const byPath = readPatch(body({ op: 'replace', path: 'schemas', value: ['urn:x'] }), userResourceType)
    expect(byPath).toEqual({ ops: [], deviations: [expect.stringContaining('schemas follows')] })
    expect(() => patch(user(), { op: 'remove', path: 'schemas' })).toThrow(
      expect.objectContaining({ scimType: 'mutability' }),
    )
    expect(resource).toEqual(user({ schemas: [core, enterprise], [enterprise]: { department: 'R&D' } }))
  })

  test('the operations stay as they were, so they can be applied again', () => {
    const { ops } = readPatch(
      body(
        { op: 'add', path: 'emails', value: [{ value: 'a', type: 'work' }] },
        { op: 'replace', path: 'emails[type eq "work"].value', value: 'b' },
      ),
      userResourceType,
    )
    const copy = structuredClone(ops)
    applyPatch(user(), ops, userResourceType)
    expect(ops).toEqual(copy)
  })

  test('a member who is there stays as we know them, whatever else is sent', () => {
    const members = [{ value: 'u1', type: 'User', $ref: 'https://desk.example/Users/u1' }]
    const group: Resource = { schemas: [groupResourceType.schema.id], displayName: 'All', members }
    for (const op of ['add', 'replace']) {
      const operation = { op, path: 'members', value: [{ value: 'u1', $ref: '../Users/u1', display: 'Ada' }] }
      expect(patch(group, operation, {}, groupResourceType)).toEqual({ resource: group, changed: false })
    }
  })

  test('ten thousand members take a thousand more in good time', () => {
    const ids = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => ({ value: `u${from + n}` }))
    const group: Resource = {
      schemas: [groupResourceType.schema.id],
      displayName: 'All',
      members: ids(0, 10_000),
    }
    const start = performance.now()
    const { resource } = patch(
      group,
      { op: 'add', path: 'members', value: ids(9_500, 1_000) },
      {},
      groupResourceType,
    )
    expect(resource['members']).toHaveLength(10_500)
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  test('refuses an attribute the type lacks', () => {
    const op = { op: 'remove', path: { attr: '__proto__' } } as const
    expect(() => applyPatch(user(), [op], userResourceType)).toThrow(
      expect.objectContaining({ scimType: 'invalidPath' }),
    )
  })
})

describe('adding values', () => {
  test('a value without its type is the one that was just added with a type', () => {
    const value = [
      { value: 'a@x', type: 'work' },
      { value: 'A@X', primary: true },
    ]
    const { resource } = patch(user(), { op: 'add', path: 'emails', value })
    expect(resource['emails']).toEqual([{ value: 'A@X', type: 'work', primary: true }])
  })

  // Comparing each with each would be two hundred million comparisons.
  test('twenty thousand values are added one by one, and each is looked up', () => {
    const value = Array.from({ length: 20_000 }, (_, at) => ({ value: `a${at}` }))
    const { resource } = patch(user(), { op: 'add', path: 'emails', value })
    expect(resource['emails']).toHaveLength(20_000)
  })
})
