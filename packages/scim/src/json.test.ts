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

type Tree = { text: string; isSound: boolean }

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** JSON texts that may have equal names, spelled alike or not, and values that cannot be kept. */
const trees = fc.letrec<{ tree: Tree }>((again) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc
      .constantFrom('null', 'true', '-0', '1.5e3', '"a:b"', '"\\\\"', '"a\\"{"', '"\\u00e9"', '[ ]', '{\n}')
      .map((text) => ({ text, isSound: true })),
    fc
      .constantFrom(
        '"\\u0000"',
        '"\\ud800"',
        '9007199254740992',
        '1e999',
        '"\ud800"',
        '01',
        'tru',
        '}',
        ',',
        '\\',
        '"\n"',
      )
      .map((text) => ({ text, isSound: false })),
    fc.array(again('tree'), { maxLength: 3 }).map((items) => ({
      text: `[${items.map(({ text }) => text).join(' , ')}]`,
      isSound: items.every(({ isSound }) => isSound),
    })),
    fc
      .array(
        fc.tuple(
          fc.constantFrom('"a"', '"\\u0061"', '"b"', '"__proto__"', '":"', '"toString"', '"c"', '""'),
          again('tree'),
        ),
        { maxLength: 3 },
      )
      .map((pairs) => ({
        text: `{${pairs.map(([name, { text }]) => `${name} :${text}`).join(',')}}`,
        isSound:
          pairs.every(([, { isSound }]) => isSound) &&
          new Set(pairs.map(([name]) => JSON.parse(name))).size === pairs.length,
      })),
  ),
})).tree

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

  test('reads as many names as it is told, in all objects together', () => {
    const text = JSON.stringify(Array.from({ length: 1000 }, () => ({ a: 1, b: 2 })))
    expect(() => readJson(text)).not.toThrow()
    expect(() => readJson(text, { maxKeys: 1999 })).toThrow('more than 1999 names')
    expect(() => readJson(`[${text},{"c":3}]`)).toThrow('more than 2000 names')
    expect(() => readJson(`[${text},":,:,:"]`)).not.toThrow()
  })

  test('reads strings as long as it is told, counted without their escapes', () => {
    expect(readJson(`"${'x'.repeat(8192)}"`)).toHaveLength(8192)
    expect(() => readJson(`"${'x'.repeat(8193)}"`)).toThrow('more than 8192 characters')
    expect(() => readJson(`{"${'x'.repeat(5)}":1}`, { maxString: 4 })).toThrow('more than 4 characters')
    expect(readJson('["\\u0061\\n"]', { maxString: 2 })).toEqual(['a\n'])
    expect(() => readJson('"\\u0061bc"', { maxString: 2 })).toThrow('more than 2 characters')
  })

  test('reads -0 as 0, which is what JSON has of it', () => {
    expect(readJson('[-0, -0.0, 0e5]')).toEqual([0, 0, 0])
  })

  test('a very deep body costs no stack', () => {
    expect(() => readJson('['.repeat(1_000_000))).toThrow('deeper than 12')
  })

  test('refuses exactly what JSON.parse refuses, and what has equal names or cannot be kept', () => {
    const outcomes = { read: 0, refused: 0 }
    fc.assert(
      fc.property(trees, ({ text, isSound }) => {
        const sound = isSound && isJson(text)
        outcomes[sound ? 'read' : 'refused']++
        if (sound) expect(sameJson(readJson(text, { maxDepth: 99 }), JSON.parse(text))).toBe(true)
        else
          expect(() => readJson(text, { maxDepth: 99 })).toThrow(
            expect.objectContaining({ name: 'ScimError' }),
          )
      }),
      { numRuns: 3000 },
    )
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(500)
  })

  test('no prototype is left anywhere', () => {
    const read = readJson('[{"a":{"b":[{"c":{}}]}}]')
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      if (!Array.isArray(value)) expect(Object.getPrototypeOf(value)).toBeNull()
      Object.values(value).forEach(walk)
    }
    walk(read)
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
