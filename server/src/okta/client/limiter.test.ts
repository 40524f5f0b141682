import { expect, test } from 'vitest'
import { bucketOf, makeLimiter } from './limiter.ts'

const headers = (limit: number, remaining: number, reset: number) =>
  new Headers({
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': String(remaining),
    'x-rate-limit-reset': String(reset),
    date: new Date(1_000_000).toUTCString(),
  })

test.for([
  ['GET', '/api/v1/apps?limit=200', 'apps'],
  ['GET', '/api/v1/apps/0oa1/users?limit=500', 'apps'],
  ['GET', '/api/v1/apps/0oa1', 'apps/{id}'],
  ['GET', '/api/v1/groups', 'groups'],
  ['GET', '/api/v1/groups/00g1/users', 'groups'],
  ['GET', '/api/v1/groups/00g1', 'groups/{id}'],
  ['GET', '/api/v1/groups/rules', 'groups'],
  ['GET', '/api/v1/users', 'users'],
  ['POST', '/api/v1/users/00u1/lifecycle/suspend', 'users'],
  ['GET', '/api/v1/users/00u1', 'users/{id}'],
  ['POST', '/api/v1/users/00u1', 'users/{id} writes'],
  ['GET', '/api/v1/logs', 'logs'],
  ['GET', '/api/v1/org', 'other'],
  ['POST', '/oauth2/v1/token', 'oauth2'],
] as const)('%s %s draws from %s', ([method, path, bucket]) => {
  expect(bucketOf(method, path)).toBe(bucket)
})

test('a sync spends half of a bucket and then waits for its reset; people do not wait', () => {
  let now = 5_000_000
  const limiter = makeLimiter(() => now)
  const wait = (lane: 'sync' | 'interactive') => limiter.waitMs(lane, 'GET', '/api/v1/apps')
  expect(wait('sync')).toBe(0)

  // Okta's clock says second 1000, and the bucket is new at 1030.
  limiter.learn('GET', '/api/v1/apps', headers(50, 27, 1030))
  expect([wait('sync'), wait('sync')]).toEqual([0, 0])
  expect(wait('sync')).toBeGreaterThan(30_000)
  expect(wait('interactive')).toBe(0)
  expect(limiter.waitMs('sync', 'GET', '/api/v1/users')).toBe(0)

  now += 31_000
  expect(wait('sync')).toBe(0)
})

test('the answer of a concurrency limit says nothing of a bucket', () => {
  const limiter = makeLimiter(() => 0)
  limiter.learn('GET', '/api/v1/apps', headers(0, 0, 1030))

  expect(limiter.waitMs('sync', 'GET', '/api/v1/apps')).toBe(0)
})
