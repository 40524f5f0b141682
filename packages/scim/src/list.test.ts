import { expect, test } from 'vitest'
import { listResponse, type PageQuery, readPage } from './list.ts'

test.for<[PageQuery, number, number]>([
  [{}, 1, 100],
  [{ startIndex: '', count: '' }, 1, 100],
  [{ startIndex: '1', count: '2' }, 1, 2],
  [{ startIndex: '0', count: '0' }, 1, 0],
  [{ startIndex: '-5', count: '-1' }, 1, 0],
  [{ startIndex: '101', count: '1000' }, 101, 200],
  [{ startIndex: 3, count: 4 }, 3, 4],
])('readPage(%j) starts at %i with %i', ([query, startIndex, count]) => {
  expect(readPage(query)).toEqual({ kind: 'index', startIndex, count })
})

test('RFC 7644 §3.4.2.4: startIndex below 1 is 1, and a negative count is 0', () => {
  expect(readPage({ startIndex: '0', count: '-7' })).toEqual({ kind: 'index', startIndex: 1, count: 0 })
  expect(readPage({ startIndex: -3, count: 0 })).toEqual({ kind: 'index', startIndex: 1, count: 0 })
})

test.for(['x', '1.5', '1e3', ' 1', '99999999999999999999', 1.5])('readPage refuses %j', (count) => {
  expect(() => readPage({ count })).toThrow(expect.objectContaining({ scimType: 'invalidValue' }))
  expect(() => readPage({ startIndex: count })).toThrow('startIndex must be a whole number')
})

test('readPage keeps to the sizes it is given', () => {
  expect(readPage({}, { defaultCount: 10, maxCount: 50 }).count).toBe(10)
  expect(readPage({ count: '51' }, { defaultCount: 10, maxCount: 50 }).count).toBe(50)
})

test('a page past the end says that it holds nothing', () => {
  expect(listResponse([], { totalResults: 5, startIndex: 101 })).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: 5,
    startIndex: 101,
    itemsPerPage: 0,
    Resources: [],
  })
  expect(listResponse([{ id: '1' }], { totalResults: 5, startIndex: 5 }).itemsPerPage).toBe(1)
})

test.for<[PageQuery, string | undefined, number]>([
  [{ cursor: '' }, undefined, 100],
  [{ cursor: '', count: '' }, undefined, 100],
  [{ cursor: '', startIndex: '', count: '10' }, undefined, 10],
  [{ cursor: 'VZUTiyhEQJ94IR', count: '1' }, 'VZUTiyhEQJ94IR', 1],
  [{ cursor: 'a-B_9.~', count: 1000 }, 'a-B_9.~', 200],
])('RFC 9865 §2: readPage(%j) is a page by cursor', ([query, cursor, count]) => {
  expect(readPage(query)).toEqual({ kind: 'cursor', cursor, count })
})

test('RFC 9865 §2: without a cursor the pages are by index', () => {
  expect(readPage({}).kind).toBe('index')
  expect(readPage({ cursor: undefined, count: '5' }).kind).toBe('index')
})

test.for<[PageQuery, string]>([
  [{ cursor: 'a b' }, 'invalidCursor'],
  [{ cursor: 'a+b' }, 'invalidCursor'],
  [{ cursor: 'YQ==' }, 'invalidCursor'],
  [{ cursor: 'a/b' }, 'invalidCursor'],
  [{ cursor: 'é' }, 'invalidCursor'],
  [{ cursor: 'abc\n' }, 'invalidCursor'],
  [{ cursor: 'a'.repeat(2049) }, 'invalidCursor'],
  [{ cursor: '', count: '0' }, 'invalidCount'],
  [{ cursor: '', count: -1 }, 'invalidCount'],
  [{ cursor: '', count: 'ten' }, 'invalidCount'],
  [{ cursor: '', count: 1.5 }, 'invalidCount'],
  [{ cursor: '', startIndex: '1' }, 'invalidValue'],
  [{ cursor: 'a', startIndex: 101 }, 'invalidValue'],
])('RFC 9865 §2.1: readPage(%j) is refused by %s', ([query, scimType]) => {
  expect(() => readPage(query)).toThrow(expect.objectContaining({ scimType, status: 400 }))
})

test('RFC 9865 §2: a page by cursor names the next one, and no index', () => {
  expect(listResponse([{ id: '1' }], { totalResults: 240, nextCursor: 'k3-Zp_9' })).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: 240,
    itemsPerPage: 1,
    nextCursor: 'k3-Zp_9',
    Resources: [{ id: '1' }],
  })
})

test('RFC 9865 §2: nextCursor is absent on the last page, and totalResults where it is unknown', () => {
  expect(Object.keys(listResponse([], { previousCursor: 'p', nextCursor: undefined }))).toEqual([
    'schemas',
    'itemsPerPage',
    'previousCursor',
    'Resources',
  ])
})
