import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cloneJson, readJson, sameJson } from './json.ts'

const json = fc.letrec((again) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.string({ unit: 'binary' }),
    fc.array(again('value')),
    fc.dictionary(fc.string(), again('value'), { noNullPrototype: true }),
  ),
})).value

describe('readJson', () => {
  test('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = JSON.stringify(value)
        fc.pre(text.isWellFormed() && !/\\u(0000|d[89a-f])/i.test(text))
        expect(JSON.stringify(readJson(text, { maxDepth: 99 }))).toBe(text)
      }),
    )
  })

  test.for([
    ['an empty body', ''],
    ['two values', '{} {}'],
    ['a comma too many', '[1,]'],
    ['a missing brace', '{"a":1'],
    ['a name without quotes', '{a:1}'],
    ['a name twice', '{"a":1,"a":2}'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['NUL by an escape', '"\\u0000"'],
    ['NUL as it is', '"\0"'],
    ['half of a surrogate pair', '"\\ud83d"'],
    ['half of a surrogate pair in a name', '{"\\udc00":1}'],
    ['an integer that would be rounded', '9007199254740993'],
    ['an integer too large in another notation', '1e300'],
    ['a number too large', '1e999'],
    ['a leading zero', '01'],
    ['a line break in a string', '"a\nb"'],
    ['an unknown escape', '"\\x41"'],
    ['a string that is not closed', '"abc\\"'],
    ['thirteen levels', `${'['.repeat(13)}${']'.repeat(13)}`],
  ] as const)('refuses %s', ([, text]) => {
    expect(() => readJson(text)).toThrow(
      expect.objectContaining({ name: 'ScimError', scimType: 'invalidSyntax' }),
    )
  })

  test('reads twelve levels, and as many as it is told', () => {
    expect(() => readJson(`${'['.repeat(12)}${']'.repeat(12)}`)).not.toThrow()
    expect(() => readJson('[[]]', { maxDepth: 1 })).toThrow('deeper than 1')
  })

  test('a very deep body costs no stack', () => {
    expect(() => readJson('['.repeat(1_000_000))).toThrow('deeper than 12')
  })

  test('__proto__ is only a name', () => {
    const read = readJson('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')
    expect(Object.getPrototypeOf(read)).toBeNull()
    expect(Object.keys(read as object)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(cloneJson(read))).toBeNull()
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })
})

test('sameJson ignores the order of names, and nothing else', () => {
  expect(sameJson({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true)
  expect(sameJson({ a: [1, 2] }, { a: [2, 1] })).toBe(false)
  expect(sameJson({ a: 1 }, { a: 1, b: 2 })).toBe(false)
  expect(sameJson([], {})).toBe(false)
  expect(sameJson({ a: null }, { b: null })).toBe(false)
})
