import { describe, expect, test } from 'vitest'
import { enterpriseUserSchema } from '../schema/enterprise-user.ts'
import { userSchema } from '../schema/user.ts'
import type { Filter } from './ast.ts'
import { parseFilter, parsePath } from './parse.ts'
import { printFilter, printPath } from './print.ts'

const enterprise = enterpriseUserSchema.id
const schemas = [userSchema.id, enterprise]

const eq = (attr: string, value: string | number | boolean | null): Filter => ({
  kind: 'compare',
  path: { attr },
  op: 'eq',
  value,
})
const [a, b, c] = [eq('a', 1), eq('b', 2), eq('c', 3)]

describe('parseFilter', () => {
  test.for<[string, Filter]>([
    ['userName eq "ada"', eq('userName', 'ada')],
    ['userName EQ "ada"', eq('userName', 'ada')],
    ['userName eq"ada"', eq('userName', 'ada')],
    ['active eq true', eq('active', true)],
    ['active eq null', eq('active', null)],
    ['n eq -1.5e2', eq('n', -150)],
    ['n eq -0', eq('n', 0)],
    ['t eq "\\"\\u00e9\\n\\\\"', eq('t', '"é\n\\')],
    ['t eq "a ] ) [ ( and"', eq('t', 'a ] ) [ ( and')],
    ['title PR', { kind: 'present', path: { attr: 'title' } }],
    ['$ref pr', { kind: 'present', path: { attr: '$ref' } }],
    ['a eq 1 AND b eq 2', { kind: 'and', left: a, right: b }],
    ['a eq 1 or b eq 2 and c eq 3', { kind: 'or', left: a, right: { kind: 'and', left: b, right: c } }],
    ['(a eq 1 or b eq 2) and c eq 3', { kind: 'and', left: { kind: 'or', left: a, right: b }, right: c }],
    ['a eq 1 and b eq 2 and c eq 3', { kind: 'and', left: { kind: 'and', left: a, right: b }, right: c }],
    ['not(a eq 1) and b eq 2', { kind: 'and', left: { kind: 'not', filter: a }, right: b }],
    ['NOT (a eq 1)', { kind: 'not', filter: a }],
    ['not pr', { kind: 'present', path: { attr: 'not' } }],
    ['((a eq 1))', a],
    [
      'emails[type eq "work" and not (value co "x")]',
      {
        kind: 'some',
        path: { attr: 'emails' },
        where: {
          kind: 'and',
          left: eq('type', 'work'),
          right: { kind: 'not', filter: { kind: 'compare', path: { attr: 'value' }, op: 'co', value: 'x' } },
        },
      },
    ],
    [
      'emails[type eq "work"].value eq "a@b" or a eq 1',
      {
        kind: 'or',
        left: {
          kind: 'some',
          path: { attr: 'emails' },
          where: { kind: 'and', left: eq('type', 'work'), right: eq('value', 'a@b') },
        },
        right: a,
      },
    ],
    [
      `${enterprise}:manager.value pr`,
      { kind: 'present', path: { schema: enterprise, attr: 'manager', sub: 'value' } },
    ],
    [
      `${enterprise.toUpperCase()}:manager.value pr`,
      { kind: 'present', path: { schema: enterprise, attr: 'manager', sub: 'value' } },
    ],
    [
      'urn:acme:custom:1.0:Robot:arm.length ge 2',
      {
        kind: 'compare',
        path: { schema: 'urn:acme:custom:1.0:Robot', attr: 'arm', sub: 'length' },
        op: 'ge',
        value: 2,
      },
    ],
  ])('%s', ([text, filter]) => {
    expect(parseFilter(text, { schemas })).toEqual(filter)
  })

  test('a known URN is found when one is the start of another', () => {
    const options = { schemas: ['urn:acme:1', 'urn:acme:1:Sub'] }
    expect(parseFilter('urn:acme:1:Sub:x pr', options)).toMatchObject({
      path: { schema: 'urn:acme:1:Sub', attr: 'x' },
    })
  })

  test.for([
    '',
    '   ',
    'userName',
    'userName eq',
    'userName eq ada',
    'userName is "ada"',
    'userName eq "ada',
    'userName eq "\\x"',
    'userName eq "\\ud800"',
    'userName eq "\\u0000"',
    'userName eq True1',
    'userName eq 01',
    'userName eq 9007199254740993',
    'userName eq "a" "b"',
    'userName eq "a" and',
    'userName eq "a" nand b pr',
    'and eq 1 and',
    '(a eq 1',
    'a eq 1)',
    '()',
    'not a eq 1',
    'a.b.c pr',
    '1a pr',
    'a..b pr',
    'a: pr',
    'x:y pr',
    'emails[]',
    'emails[type eq "a"',
    'emails[a[b pr]]',
    'emails[emails.type pr]',
    'emails.value[type pr]',
    'emails[type pr].a.b eq 1',
    'active gt true',
    'active ge null',
    'title co 1',
    'title sw null',
    'a eq {"b":1}',
    'a eq 1and b pr',
    'a = 1',
    '__proto__ pr',
  ])('refuses %j', (text) => {
    expect(() => parseFilter(text, { schemas })).toThrow(
      expect.objectContaining({ name: 'ScimError', scimType: 'invalidFilter', status: 400 }),
    )
  })

  test('limits: length, depth and terms', () => {
    const chain = (terms: number) => Array.from({ length: terms }, () => 'a pr').join(' and ')
    const nest = (depth: number) => `${'('.repeat(depth)}a pr${')'.repeat(depth)}`
    expect(() => parseFilter(chain(20))).not.toThrow()
    expect(() => parseFilter(chain(21))).toThrow('more than 20 terms')
    expect(() => parseFilter(nest(10))).not.toThrow()
    expect(() => parseFilter(Array.from({ length: 15 }, () => 'not (a pr)').join(' or '))).not.toThrow()
    expect(() => parseFilter(nest(11))).toThrow('deeper than 10')
    expect(() => parseFilter('not ('.repeat(300))).toThrow('deeper than 10')
    expect(() => parseFilter(`a eq "${'x'.repeat(2048)}"`)).toThrow('longer than 2048')
  })
})

describe('parsePath', () => {
  test.for([
    ['members', { attr: 'members' }],
    ['name.familyName', { attr: 'name', sub: 'familyName' }],
    [`${enterprise}:manager`, { schema: enterprise, attr: 'manager' }],
    ['emails[type eq "work"]', { attr: 'emails', where: eq('type', 'work') }],
    ['emails[type eq "work"].value', { attr: 'emails', where: eq('type', 'work'), sub: 'value' }],
    ['x[value eq "]"].$ref', { attr: 'x', where: eq('value', ']'), sub: '$ref' }],
    [
      `${userSchema.id}:emails[type eq "a.b:c"].value`,
      { schema: userSchema.id, attr: 'emails', where: eq('type', 'a.b:c'), sub: 'value' },
    ],
  ] as const)('%s', ([text, path]) => {
    expect(parsePath(text, { schemas })).toEqual(path)
    expect(parsePath(printPath(path), { schemas })).toEqual(path)
  })

  test.for([
    ['', 'invalidPath'],
    ['emails[0]', 'invalidFilter'],
    ['emails[type', 'invalidFilter'],
    ['emails[type eq "a"].b.c', 'invalidPath'],
    ['emails[type eq "a"] value', 'invalidPath'],
    ['emails[type eq "a"][b pr]', 'invalidPath'],
    ['emails.value[a pr]', 'invalidPath'],
    ['name/familyName', 'invalidPath'],
    ['__proto__.polluted', 'invalidPath'],
    ['a'.repeat(2049), 'invalidPath'],
  ] as const)('refuses %s with %s', ([text, scimType]) => {
    expect(() => parsePath(text)).toThrow(expect.objectContaining({ name: 'ScimError', scimType }))
  })
})

test.for([
  'a eq 1 and (b eq 2 or c pr)',
  'a eq 1 and (b eq 2 and c pr)',
  'a eq 1 or (b eq 2 or c pr)',
  'a eq 1 or b eq 2 and c pr',
  'not (a eq 1 or b.c sw "x")',
  'emails[type eq "work" and (value co "a" or primary eq true)]',
])('printing keeps what is written well: %s', (text) => {
  expect(printFilter(parseFilter(text))).toBe(text)
})
