import { describe, expect, test } from 'vitest'
import { agoOf, durationOf } from './time.ts'

const now = Date.parse('2026-05-04T12:00:00Z')

describe('agoOf', () => {
  test.each([
    ['2026-05-04T11:59:50Z', 'just now'],
    ['2026-05-04T11:59:10Z', '1 minute ago'],
    ['2026-05-04T11:20:00Z', '40 minutes ago'],
    ['2026-05-04T09:00:00Z', '3 hours ago'],
    ['2026-05-03T10:00:00Z', 'yesterday'],
    ['2026-04-20T12:00:00Z', '14 days ago'],
    ['2025-11-01T12:00:00Z', 'Nov 1, 2025'],
    ['2026-05-04T14:00:00Z', 'in 2 hours'],
  ])('%s is %s', (at, words) => {
    expect(agoOf(at, now)).toBe(words)
  })

  test('a clock a few seconds ahead of ours is now, not the future', () => {
    expect(agoOf('2026-05-04T12:00:03Z', now)).toBe('just now')
  })
})

test.each([
  [9.4, '9 s'],
  [90, '2 min'],
  [3_600, '1 h'],
  [4_800, '1 h 20 min'],
])('%d seconds are %s', (seconds, words) => {
  expect(durationOf(seconds)).toBe(words)
})
