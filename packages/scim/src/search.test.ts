import { expect, test } from 'vitest'
import type { Json } from './json.ts'
import { readSearchRequest, SEARCH_URN, type SearchQuery } from './search.ts'

const schemas = [SEARCH_URN]

test('RFC 7644 §3.4.3: a search request has the parameters of a list', () => {
  const body = {
    schemas,
    attributes: ['displayName', 'userName'],
    filter: 'displayName sw "smith"',
    sortBy: 'name.familyName',
    sortOrder: 'descending',
    startIndex: 1,
    count: 10,
  }
  const { schemas: _, ...query } = body
  expect(readSearchRequest(body)).toEqual({ query, deviations: [] })
})

test('RFC 9865 §3: a search request can have a cursor, also an empty one', () => {
  expect(readSearchRequest({ schemas, cursor: '', count: 10 }).query).toEqual({ cursor: '', count: 10 })
})

test('RFC 7643 §2.5: null is the same as absent', () => {
  const body = { schemas, filter: null, cursor: null, count: null, attributes: null, sortBy: null }
  expect(readSearchRequest(body)).toEqual({ query: {}, deviations: [] })
})

test('keys are read in any case, and the message schema may be missing; both are told', () => {
  const { query, deviations } = readSearchRequest({ Filter: 'active eq true', startindex: 3 })
  expect(query).toEqual({ filter: 'active eq true', startIndex: 3 } satisfies SearchQuery)
  expect(deviations).toEqual([
    `schemas does not name ${SEARCH_URN}.`,
    '"filter" was sent as "Filter".',
    '"startIndex" was sent as "startindex".',
  ])
})

test('what is unknown is ignored', () => {
  expect(readSearchRequest({ schemas, domain: 'x', __proto__: 1 }).query).toEqual({})
})

test.for<[Json, string]>([
  [[], 'invalidSyntax'],
  ['filter', 'invalidSyntax'],
  [{ filter: 5 }, 'invalidValue'],
  [{ filter: ['a'] }, 'invalidValue'],
  [{ sortBy: true }, 'invalidValue'],
  [{ sortOrder: 1 }, 'invalidValue'],
  [{ cursor: 7 }, 'invalidValue'],
  [{ startIndex: '1' }, 'invalidValue'],
  [{ count: '10' }, 'invalidValue'],
  [{ attributes: 'userName,displayName' }, 'invalidValue'],
  [{ attributes: ['userName', 5] }, 'invalidValue'],
  [{ excludedAttributes: { a: 1 } }, 'invalidValue'],
])('%j is refused by %s', ([body, scimType]) => {
  expect(() => readSearchRequest(body)).toThrow(expect.objectContaining({ scimType, status: 400 }))
})
