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
