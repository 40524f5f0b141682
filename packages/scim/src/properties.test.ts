/** What holds for every input, also for one that somebody made to do harm. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ScimError } from './error.ts'
import type { AttrPath, Filter } from './filter/ast.ts'
import { matches } from './filter/matches.ts'
import { parseFilter, parsePath } from './filter/parse.ts'
import { printFilter } from './filter/print.ts'
import { cloneJson, type Json } from './json.ts'
import { applyPatch } from './patch/apply-patch.ts'
import { readPatch } from './patch/read-patch.ts'
import type { Resource } from './resource.ts'
import { enterpriseUserSchema } from './schema/enterprise-user.ts'
import { project, readProjection } from './schema/project.ts'
import { userResourceType } from './schema/resource-type.ts'
import { readResource } from './schema/validate.ts'

const type = userResourceType
const urn = enterpriseUserSchema.id

const ada: Resource = {
  schemas: [type.schema.id, urn],
  id: 'u1',
  userName: 'ada',
  name: { givenName: 'Ada' },
  active: true,
  emails: [
    { value: 'a', type: 'work', primary: true },
    { value: 'b', type: 'home' },
  ],
  [urn]: { manager: { value: 'm' } },
}

const name = fc.stringMatching(/^\$?[a-zA-Z][\w-]{0,5}$/)
const literal = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
  fc.maxSafeInteger(),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((n) => n + 0),
)
const plain: fc.Arbitrary<AttrPath> = name.map((attr) => ({ attr }))
const full: fc.Arbitrary<AttrPath> = fc.record(
  { attr: name, sub: name, schema: fc.constantFrom(urn, 'urn:x:2.0:Y') },
  { requiredKeys: ['attr'] },
)

const filterOver = (path: fc.Arbitrary<AttrPath>, more: fc.Arbitrary<Filter>[]): fc.Arbitrary<Filter> =>
  fc.letrec<{ filter: Filter }>((again) => ({
    filter: fc.oneof(
      { maxDepth: 4 },
      fc.record({ kind: fc.constant('present' as const), path }),
      fc.record({
        kind: fc.constant('compare' as const),
        path,
        op: fc.constantFrom('eq' as const, 'ne' as const),
        value: fc.oneof(literal, fc.constantFrom(true, false, null)),
      }),
      fc.record({
        kind: fc.constant('compare' as const),
        path,
        op: fc.constantFrom('co' as const, 'sw' as const, 'ew' as const),
        value: fc.string(),
      }),
      fc.record({
        kind: fc.constant('compare' as const),
        path,
        op: fc.constantFrom('gt' as const, 'ge' as const, 'lt' as const, 'le' as const),
        value: literal,
      }),
      ...more,
      fc.record({ kind: fc.constant('not' as const), filter: again('filter') }),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        left: again('filter'),
        right: again('filter'),
      }),
    ),
  })).filter

const filters = filterOver(full, [
  fc.record({
    kind: fc.constant('some' as const),
    path: full.map(({ sub: _, ...path }) => path),
    where: filterOver(plain, []),
  }),
])

test('reading what was printed gives the same filter', () => {
  const limits = { schemas: [urn], maxLength: 1e6, maxDepth: 100, maxTerms: 10_000 }
  fc.assert(
    fc.property(filters, (filter) => {
      expect(parseFilter(printFilter(filter), limits)).toEqual(filter)
    }),
    {
      numRuns: 500,
    },
  )
})

const words = [
  'userName',
  'emails',
  'emails.value',
  'name',
  'active',
  'members',
  'meta',
  `${urn}:manager`,
  urn,
  'urn:',
  'password',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '__proto__.polluted',
  'constructor.prototype',
  'eq',
  'ne',
  'co',
  'gt',
  'pr',
  'and',
  'or',
  'not',
  '(',
  ')',
  '[',
  ']',
  '.',
  '.value',
  ':',
  '"x"',
  '"',
  '\\',
  '1',
  '-',
  'true',
  'null',
  ' ',
  '\u0000',
]
const hostile = fc.oneof(
  fc.string(),
  fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((some) => some.join(' ')),
  fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((some) => some.join('')),
)

const values: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((again) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, '', 'true', 'work', 'a', 5, [], {}),
    fc.array(again('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          '__proto__',
          'constructor',
          'value',
          'type',
          'primary',
          'id',
          urn,
          'emails',
          'name.givenName',
          'userName',
          'polluted',
        ),
        hostile,
      ),
      again('value'),
      { maxKeys: 4 },
    ),
  ),
})).value

const patches = fc.record({
  schemas: values,
  Operations: fc.array(
    fc.record(
      {
        op: fc.constantFrom<Json>('add', 'Replace', 'remove', 'x'),
        path: fc.oneof(
          hostile,
          fc.constantFrom(
            'emails[type eq "work"]',
            'emails[type eq "x"].value',
            'emails.primary',
            'name',
            urn,
            `${urn}:manager`,
          ),
        ),
        value: values,
      },
      { requiredKeys: ['op'] },
    ),
    { maxLength: 4 },
  ),
}) as fc.Arbitrary<Json>

// Returns whether the work was refused, by a ScimError; anything else that is thrown is a bug.
function isRefused(work: () => unknown): boolean {
  try {
    work()
    return false
  } catch (error) {
    if (error instanceof ScimError) return true
    throw error
  }
}

function expectNoPollution(): void {
  expect(Reflect.ownKeys(Object.prototype)).toEqual(prototypeKeys)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
}

const prototypeKeys = Reflect.ownKeys(Object.prototype)

test('a hostile filter or path is refused by a ScimError or harmless', () => {
  let understood = 0
  fc.assert(
    fc.property(hostile, (text) => {
      if (!isRefused(() => matches(ada, parseFilter(text), type))) understood++
      isRefused(() => parsePath(text))
      isRefused(() => project(ada, type, readProjection({ attributes: text }, type)))
      expectNoPollution()
    }),
    { numRuns: 2000 },
  )
  expect(understood).toBeLessThan(2000)
})

test('a hostile patch is refused by a ScimError or applied whole, to a copy', () => {
  const before = structuredClone(ada)
  let applied = 0
  fc.assert(
    fc.property(patches, fc.boolean(), (body, createOnNoMatch) => {
      isRefused(() => {
        const { ops } = readPatch(cloneJson(body), type)
        const { resource, changed } = applyPatch(ada, ops, type, { createOnNoMatch })
        applied++
        expect(resource['id']).toBe('u1')
        expect(resource['userName']).toBeTruthy()
        expect(resource.schemas.includes(urn)).toBe(Object.hasOwn(resource, urn))
        if (!changed) expect(resource).toEqual(ada)
      })
      expect(ada).toEqual(before)
      expectNoPollution()
    }),
    { numRuns: 2000 },
  )
  expect(applied).toBeGreaterThan(50)
})

test('a hostile resource is refused by a ScimError, or reads the same a second time', () => {
  fc.assert(
    fc.property(values, values, (first, second) => {
      const body = { userName: 'ada', ...(first as object), emails: second } as Json
      isRefused(() => {
        const { resource } = readResource(cloneJson(body), type)
        expect(readResource(resource, type)).toEqual({ resource, deviations: [] })
      })
      expectNoPollution()
    }),
    { numRuns: 1000 },
  )
})
