import { afterAll, expect, test } from 'vitest'
import { startReference, TOKEN } from '../test/reference-server.ts'
import { CHECKS, checkScim } from './index.ts'

const reference = await startReference()
afterAll(() => reference.close())

test('a correct server passes everything, and nothing is left on it', { timeout: 120_000 }, async () => {
  const { results, leftovers, counts } = await checkScim({
    baseUrl: reference.url,
    authorization: { bearer: TOKEN },
  })
  const wrong = results.filter(({ status }) => status === 'fail' || status === 'warn')
  expect(wrong.map(({ id, message }) => `${id}: ${message}`)).toEqual([])
  // It sends no Content-Location, and its token stands for no account.
  expect(results.filter(({ status }) => status === 'skip').map(({ id }) => id)).toEqual([
    'reading.content-location',
    'me.location',
    'me.account',
  ])
  expect(counts.pass).toBe(CHECKS.length - 3)
  expect(leftovers).toEqual([])
  expect(reference.store.rows.size).toBe(0)
})
