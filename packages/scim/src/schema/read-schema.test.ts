import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bindFilter } from '../filter/bind.ts'
import { matches } from '../filter/matches.ts'
import { parseFilter } from '../filter/parse.ts'
import { isRecord, type Json, type JsonObject, readJson } from '../json.ts'
import { applyPatch } from '../patch/apply-patch.ts'
import { PATCH_URN, readPatch } from '../patch/read-patch.ts'
import type { Resource } from '../resource.ts'
import { compareSorted, readSort, sortKeyOf } from '../sort.ts'
import type { Attribute, Schema } from './attribute.ts'
import { schemaResource } from './discovery.ts'
import { enterpriseUserSchema } from './enterprise-user.ts'
import { identityOf } from './identity.ts'
import { project, readProjection } from './project.ts'
import { readSchema } from './read-schema.ts'
import { findTarget, schemaUrns, userResourceType, withExtensions } from './resource-type.ts'
import { readResource } from './validate.ts'

const id = 'urn:example:hr:2.0:User'

function schemaWith(attributes: Json, more: JsonObject = {}): JsonObject {
  return { id, name: 'HR', description: 'What HR knows.', attributes, ...more }
}

describe('readSchema', () => {
  test('RFC 7643 §7: what is left out has the default that §2.2 gives it', () => {
    expect(readSchema({ id, name: 'HR', attributes: [{ name: 'badge' }] })).toEqual({
      id,
      name: 'HR',
      description: '',
      attributes: [
        {
          name: 'badge',
          type: 'string',
          multiValued: false,
          description: '',
          required: false,
          caseExact: false,
          mutability: 'readWrite',
          returned: 'default',
          uniqueness: 'none',
        },
      ],
    })
  })

  test('reads what /Schemas shows, so that a schema can be copied', () => {
    const copy = JSON.parse(JSON.stringify(schemaResource(enterpriseUserSchema, 'https://x')))
    const read = readSchema({ ...copy, id })
    expect(read.attributes.map(({ name }) => name)).toEqual(
      enterpriseUserSchema.attributes.map(({ name }) => name),
    )
    expect(schemaResource({ ...read, id: enterpriseUserSchema.id }, 'https://x')).toEqual(copy)
  })

  test('RFC 7643 §2.3.6, §2.3.7: binary and references are case-exact whatever is said', () => {
    const attributes = [
      { name: 'photo', type: 'binary' },
      { name: 'desk', type: 'reference', referenceTypes: ['uri'], caseExact: false },
    ]
    expect(readSchema(schemaWith(attributes)).attributes.map(({ caseExact }) => caseExact)).toEqual([
      true,
      true,
    ])
  })

  test('takes a hundred attributes of fifty parts, and no more', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => ({ name: `a${at}` }))
    const whole = many(100).map((attribute) => ({ ...attribute, type: 'complex', subAttributes: many(50) }))
    expect(readSchema(schemaWith(whole)).attributes).toHaveLength(100)
    expect(() => readSchema(schemaWith(many(101)))).toThrow('100 attributes at most')
    expect(() =>
      readSchema(schemaWith([{ name: 'badge', type: 'complex', subAttributes: many(51) }])),
    ).toThrow('badge can have 50 attributes at most')
  })

  test.for([
    'urn:ietf:params:scim:schemas:core:2.0:User',
    'URN:IETF:params:scim:schemas:core:2.0:Mine',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
    'urn:ietf:params:scim:api:messages:2.0:PatchOp',
    'urn:okta:scim:schemas:core:1.0:Role',
    'urn:keydesk:1.0:Member',
    'https://example.com/schema',
    'urn:x',
    'urn:example:a b',
    'urn:example:',
    'urn:example:a[0]',
    `urn:example:${'a'.repeat(200)}`,
    5,
    null,
  ])('%s is no id of an own schema', (urn) => {
    expect(() => readSchema(schemaWith([{ name: 'a' }], { id: urn }))).toThrow(
      expect.objectContaining({ scimType: 'invalidValue', status: 400 }),
    )
  })

  test.for([
    'urn:ietf:params:scim:schemas:extension:acme:2.0:User',
    'urn:okta:custom:user:1.0',
    'urn:acme:1',
  ])('%s is', (urn) => {
    expect(readSchema(schemaWith([{ name: 'a' }], { id: urn })).id).toBe(urn)
  })

  test.for<[string, Json, string]>([
    ['no attributes', [], 'The schema'],
    ['a list that is none', { a: 1 }, 'The schema'],
    ['an attribute that is none', ['a'], 'The schema'],
    ['no name', [{ type: 'string' }], 'The schema'],
    ['a name with a dot', [{ name: 'a.b' }], 'The schema'],
    ['a name with a space', [{ name: 'a b' }], 'The schema'],
    ['a name that starts with a digit', [{ name: '1a' }], 'The schema'],
    ['$ref outside a complex attribute', [{ name: '$ref' }], '$ref'],
    ['__proto__', [{ name: '__proto__' }], 'The schema'],
    ['constructor', [{ name: 'Constructor' }], 'Constructor'],
    [
      'toString as a part',
      [{ name: 'a', type: 'complex', subAttributes: [{ name: 'toString' }] }],
      'a.toString',
    ],
    ['the name of a common attribute', [{ name: 'ID' }], 'ID'],
    ['the same name in another case', [{ name: 'desk' }, { name: 'Desk' }], 'Desk is there twice'],
    [
      'the same part twice',
      [{ name: 'a', type: 'complex', subAttributes: [{ name: 'b' }, { name: 'B' }] }],
      'a.B is there twice',
    ],
    ['an unknown type', [{ name: 'a', type: 'text' }], 'a has a type'],
    ['a type in another case', [{ name: 'a', type: 'String' }], 'a has a type'],
    ['a complex attribute without parts', [{ name: 'a', type: 'complex' }], 'a needs at least one'],
    [
      'parts of parts',
      [{ name: 'a', type: 'complex', subAttributes: [{ name: 'b', type: 'complex' }] }],
      'a.b is a part',
    ],
    ['parts of a string', [{ name: 'a', subAttributes: [{ name: 'b' }] }], 'a has parts'],
    ['a flag in words', [{ name: 'a', required: 'true' }], 'a has a required'],
    ['an unknown mutability', [{ name: 'a', mutability: 'never' }], 'a has a mutability'],
    ['an unknown returned', [{ name: 'a', returned: 'sometimes' }], 'a has a returned'],
    ['an unknown uniqueness', [{ name: 'a', uniqueness: 'tenant' }], 'a has a uniqueness'],
    ['a secret that is shown', [{ name: 'a', mutability: 'writeOnly' }], 'a is writeOnly'],
    [
      'what is required and cannot be written',
      [{ name: 'a', required: true, mutability: 'readOnly' }],
      'a is',
    ],
    [
      'what is required and has no part that can be written',
      [
        {
          name: 'a',
          type: 'complex',
          required: true,
          subAttributes: [{ name: 'b', mutability: 'readOnly' }],
        },
      ],
      'a has readOnly parts',
    ],
    ['a reference to nothing', [{ name: 'a', type: 'reference' }], 'a is a reference'],
    ['values that are no texts', [{ name: 'a', canonicalValues: [1] }], 'a has canonicalValues'],
    ['a long description', [{ name: 'a', description: 'x'.repeat(1001) }], 'a has a description'],
  ])('%s is refused', ([, attributes, message]) => {
    expect(() => readSchema(schemaWith(attributes))).toThrow(
      expect.objectContaining({ scimType: 'invalidValue', message: expect.stringContaining(message) }),
    )
  })

  test('a schema needs a name, and is an object', () => {
    expect(() => readSchema({ id, attributes: [{ name: 'a' }] })).toThrow('needs a name')
    expect(() => readSchema([])).toThrow(expect.objectContaining({ scimType: 'invalidSyntax' }))
  })
})

describe('withExtensions', () => {
  const hr = readSchema(schemaWith([{ name: 'badge' }]))

  test('leaves the type as it was, and replaces an extension that it has', () => {
    const type = withExtensions(userResourceType, [hr])
    expect(schemaUrns(type)).toEqual([userResourceType.schema.id, enterpriseUserSchema.id, id])
    expect(schemaUrns(userResourceType)).toHaveLength(2)
    const newer: Schema = { ...hr, attributes: readSchema(schemaWith([{ name: 'desk' }])).attributes }
    const changed = withExtensions(type, [newer])
    expect(schemaUrns(changed)).toEqual(schemaUrns(type))
    expect(findTarget(changed, { schema: id, attr: 'badge' })).toBeUndefined()
    expect(findTarget(changed, { schema: id.toUpperCase(), attr: 'DESK' })?.attribute.name).toBe('desk')
  })
})

const NAMES = ['value', 'type', 'primary', 'display', 'Code', 'start-date', 'a1', 'b_2', 'userName', 'emails']

const traits = {
  required: fc.boolean(),
  caseExact: fc.boolean(),
  mutability: fc.constantFrom('readWrite', 'readWrite', 'readOnly', 'immutable', 'writeOnly'),
  returned: fc.constantFrom('default', 'default', 'always', 'never', 'request'),
  multiValued: fc.boolean(),
}

// What `readSchema` would refuse for a contradiction is made right.
function settled(definition: Definition): JsonObject {
  const { mutability, returned, required, subAttributes } = definition
  const isFixed =
    mutability === 'readOnly' || subAttributes?.every((part) => part['mutability'] === 'readOnly')
  return {
    ...definition,
    returned: mutability === 'writeOnly' ? 'never' : returned,
    required: required && !isFixed,
  }
}

type Definition = {
  mutability: string
  returned: string
  required: boolean
  subAttributes?: JsonObject[]
}

const simple = (names: fc.Arbitrary<string>) =>
  fc
    .record({
      name: names,
      type: fc.constantFrom('string', 'boolean', 'integer', 'decimal', 'dateTime', 'binary', 'reference'),
      referenceTypes: fc.constant<Json>(['external']),
      ...traits,
    })
    .map(settled)

const parts = fc.uniqueArray(simple(fc.constantFrom('$ref', ...NAMES)), {
  minLength: 1,
  maxLength: 4,
  selector: ({ name }) => String(name).toLowerCase(),
})

const complexOnes = fc
  .record({ name: fc.constantFrom(...NAMES), type: fc.constant('complex'), subAttributes: parts, ...traits })
  .map(settled)

const schemas = fc
  .uniqueArray(fc.oneof(simple(fc.constantFrom(...NAMES)), complexOnes), {
    minLength: 1,
    maxLength: 5,
    selector: ({ name }) => String(name).toLowerCase(),
  })
  .map((attributes) => readSchema(schemaWith(attributes)))

function anyValue(attribute: Attribute, primary = fc.boolean()): fc.Arbitrary<Json> {
  if (!attribute.multiValued) return oneOf(attribute, primary)
  // RFC 7643 §2.4: no value twice, and one primary at most.
  return fc.uniqueArray(oneOf(attribute, fc.constant(false)), {
    minLength: 1,
    maxLength: 3,
    selector: (item) => identityOf(attribute, item),
  })
}

function oneOf(attribute: Attribute, primary: fc.Arbitrary<boolean>): fc.Arbitrary<Json> {
  switch (attribute.type) {
    case 'boolean':
      return attribute.name === 'primary' ? primary : fc.boolean()
    case 'integer':
      return fc.maxSafeInteger()
    case 'decimal':
      return fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((number) => number + 0)
    case 'dateTime':
      return fc.integer({ min: 0, max: 4e12 }).map((at) => new Date(at).toISOString())
    case 'binary':
      return fc
        .uint8Array({ minLength: 1, maxLength: 9 })
        .map((bytes) => Buffer.from(bytes).toString('base64'))
    case 'complex':
      return fc.record(
        Object.fromEntries(
          writable(attribute.subAttributes).map((sub) => [sub.name, anyValue(sub, primary)]),
        ),
      )
    default:
      return fc.stringMatching(/^[a-zA-Zäß"\\ .:[\]]{1,12}$/).filter((text) => text.trim() !== '')
  }
}

function writable(attributes: readonly Attribute[] = []): Attribute[] {
  return attributes.filter(
    ({ mutability, subAttributes }) =>
      mutability !== 'readOnly' && (!subAttributes || writable(subAttributes).length > 0),
  )
}

const cases = schemas.chain((schema) =>
  fc.record({
    schema: fc.constant(schema),
    values: fc.record(
      Object.fromEntries(writable(schema.attributes).map((own) => [own.name, anyValue(own)])),
    ),
  }),
)

/** What an answer shows when nothing was asked for: not what is `never` or only on `request`. */
function shown(attributes: readonly Attribute[], values: JsonObject): JsonObject {
  const visible = attributes.flatMap((attribute) => {
    const value = values[attribute.name]
    if (value === undefined || !['default', 'always'].includes(attribute.returned)) return []
    const subs = attribute.subAttributes
    if (!subs) return [[attribute.name, value] as const]
    const items = (Array.isArray(value) ? value : [value]).filter(isRecord).map((item) => shown(subs, item))
    const kept = items.filter((item) => Object.keys(item).length > 0)
    if (Array.isArray(value)) return [[attribute.name, kept] as const]
    return kept.map((item) => [attribute.name, item] as const)
  })
  return Object.fromEntries(visible)
}

function bodyOf(values: JsonObject): Json {
  const text = JSON.stringify({ schemas: [userResourceType.schema.id, id], userName: 'ada', [id]: values })
  return readJson(text)
}

describe('a schema made at run time', () => {
  test('RFC 7643 §3.3: what was posted by it is shown again', () => {
    fc.assert(
      fc.property(cases, ({ schema, values }) => {
        const type = withExtensions(userResourceType, [schema])
        const { resource, deviations } = readResource(bodyOf(values), type, { strict: true })
        expect(deviations).toEqual([])
        expect(resource[id] ?? {}).toEqual(values)
        expect(resource.schemas.includes(id)).toBe(Object.keys(values).length > 0)
        expect(project(resource, type)[id] ?? {}).toEqual(shown(schema.attributes, values))
      }),
      { numRuns: 500 },
    )
  })

  test('RFC 7644 §3.5.2: each of its paths can be patched', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom('add', 'replace'), ({ schema, values }, op) => {
        const type = withExtensions(userResourceType, [schema])
        const before: Resource = { schemas: [type.schema.id], userName: 'ada' }
        for (const [path, value, holder] of pathsOf(schema, values)) {
          const body = { schemas: [PATCH_URN], Operations: [{ op, path: `${id}:${path}`, value }] }
          const { ops, deviations } = readPatch(readJson(JSON.stringify(body)), type, { strict: true })
          expect(deviations).toEqual([])
          const { resource, changed } = applyPatch(before, ops, type)
          expect(resource).toEqual({ ...before, schemas: [type.schema.id, id], [id]: holder })
          expect(changed).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('RFC 7644 §3.4.2.2, §3.4.2.3: each of its attributes can be filtered and sorted by, but no secret', () => {
    let compared = 0
    fc.assert(
      fc.property(cases, ({ schema, values }) => {
        const type = withExtensions(userResourceType, [schema])
        const { resource } = readResource(bodyOf(values), type)
        for (const { path, value, isSecret } of leavesOf(schema, values)) {
          const text = `${id.toUpperCase()}:${path} eq ${JSON.stringify(value)}`
          const filter = parseFilter(text, { schemas: schemaUrns(type) })
          if (isSecret) {
            expect(() => bindFilter(filter, type)).toThrow(
              expect.objectContaining({ scimType: 'invalidFilter' }),
            )
            expect(() => readSort({ sortBy: `${id}:${path}` }, type)).toThrow('never shown')
            continue
          }
          compared++
          expect(matches(resource, filter, type)).toBe(true)
          expect(matches({ schemas: [], userName: 'ada' }, filter, type)).toBe(false)
          const sort = readSort({ sortBy: `${id}:${path}` }, type)
          expect(sort && sortKeyOf(resource, sort)).toBeDefined()
          expect(sort && compareSorted(resource, { schemas: [] }, sort)).toBeLessThan(0)
        }
      }),
      { numRuns: 500 },
    )
    expect(compared).toBeGreaterThan(500)
  })

  test('RFC 7644 §3.9: each of its attributes can be asked for, and those on request only so', () => {
    fc.assert(
      fc.property(cases, ({ schema, values }) => {
        const type = withExtensions(userResourceType, [schema])
        const { resource } = readResource(bodyOf(values), type)
        for (const attribute of writable(schema.attributes)) {
          if (attribute.subAttributes) continue
          const projection = readProjection({ attributes: `${id}:${attribute.name}` }, type)
          const own = project(resource, type, projection)[id]
          expect(isRecord(own) && Object.hasOwn(own, attribute.name)).toBe(attribute.returned !== 'never')
        }
      }),
      { numRuns: 200 },
    )
  })
})

/** Paths to attributes and to parts of single ones, a value for each, and what the extension then holds. */
function pathsOf(schema: Schema, values: JsonObject): [path: string, value: Json, holder: JsonObject][] {
  return writable(schema.attributes).flatMap((attribute) => {
    const value = values[attribute.name] ?? null
    const whole: [string, Json, JsonObject] = [attribute.name, value, { [attribute.name]: value }]
    if (!attribute.subAttributes || !isRecord(value)) return [whole]
    return [
      whole,
      ...Object.entries(value).map(([name, part]): [string, Json, JsonObject] => [
        `${attribute.name}.${name}`,
        part,
        { [attribute.name]: { [name]: part } },
      ]),
    ]
  })
}

type Leaf = { path: string; value: Json; isSecret: boolean }

function leavesOf(schema: Schema, values: JsonObject): Leaf[] {
  return writable(schema.attributes).flatMap((attribute): Leaf[] => {
    const value = firstOf(values[attribute.name] ?? null)
    const isSecret = attribute.returned === 'never'
    if (!attribute.subAttributes || !isRecord(value)) return [{ path: attribute.name, value, isSecret }]
    return writable(attribute.subAttributes).map((sub) => ({
      path: `${attribute.name}.${sub.name}`,
      value: firstOf(value[sub.name] ?? null),
      isSecret: isSecret || sub.returned === 'never',
    }))
  })
}

function firstOf(value: Json): Json {
  return Array.isArray(value) ? (value[0] ?? null) : value
}
