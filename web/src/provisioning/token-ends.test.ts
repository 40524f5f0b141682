import type { Token } from '@keydesk/server/contract/accounts'
import { expect, test } from 'vitest'
import { endOf, longestOf } from './token-ends.ts'

const now = Date.parse('2026-03-01T12:00:00Z')

test('a token says until when it works, and warns for its last month', () => {
  expect(endOf({ expiresAt: null }, now).words).toBe('Works, no end')
  expect(endOf({ expiresAt: '2026-06-01T12:00:00Z' }, now).words).toBe('Works until Jun 1, 2026')
  expect(endOf({ expiresAt: '2026-03-31T12:00:00Z' }, now).words).toBe('Ends in 30 days')
  expect(endOf({ expiresAt: '2026-03-02T13:00:00Z' }, now).words).toBe('Ends in 1 day')
  expect(endOf({ expiresAt: '2026-03-01T13:00:00Z' }, now).words).toBe('Ends today')
  expect(endOf({ expiresAt: '2026-03-01T11:00:00Z' }, now)).toEqual({ days: -1, words: 'Expired' })
})

test('a connection lives as long as the longest of its tokens that work', () => {
  const token = (expiresAt: string | null, revokedAt: string | null = null) =>
    ({ expiresAt, revokedAt }) as Token
  const soon = token('2026-03-03T12:00:00Z')
  const later = token('2026-03-05T12:00:00Z')
  expect(longestOf([soon, later], now)?.words).toBe('Ends in 4 days')
  expect(longestOf([later, token(null, '2026-02-01T00:00:00Z')], now)?.words).toBe('Ends in 4 days')
  expect(longestOf([later, token(null)], now)?.words).toBe('Works, no end')
  expect(longestOf([token('2026-02-01T00:00:00Z')], now)).toBeUndefined()
})
