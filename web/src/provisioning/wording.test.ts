import { expect, test } from 'vitest'
import { readablePath, someOf, tookOf } from './wording.ts'

test('a few names are written out, many are counted', () => {
  expect(someOf(['Ada'])).toBe('Ada')
  expect(someOf(['Ada', 'Grace', 'Noor'])).toBe('Ada, Grace and Noor')
  expect(someOf(['Ada', 'Grace', 'Noor', 'Sam'], 2)).toBe('Ada, Grace and 2 more')
  expect(someOf([])).toBe('')
})

test('a path reads without percent signs, and a broken one stays as it came', () => {
  expect(readablePath('/Users?filter=userName+eq%20%22ada%40acme.example%22')).toBe(
    '/Users?filter=userName eq "ada@acme.example"',
  )
  expect(readablePath('/Users?filter=100%')).toBe('/Users?filter=100%')
})

test('short calls keep their tenths', () => {
  expect(tookOf(6.04)).toBe('6.0 ms')
  expect(tookOf(1234.5)).toBe('1,235 ms')
})
