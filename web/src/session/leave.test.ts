import { expect, test } from 'vitest'
import { returnPath } from './leave.ts'

test.each(['/people?status=ACTIVE', '/requests/12'])('%s may be returned to', (to) => {
  expect(returnPath(to)).toBe(to)
})

test.each([
  undefined,
  '',
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/sign-in?to=/',
  'javascript:alert(1)',
])('%s leads home', (to) => {
  expect(returnPath(to)).toBe('/')
})
