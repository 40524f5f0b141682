/** The suite is only worth what it finds. Each classic fault is put into the correct server, and has to be seen. */
import { expect, test } from 'vitest'
import { FAULTS } from '../test/faults.ts'
import { startReference, TOKEN } from '../test/reference-server.ts'
import { type CheckReport, checkScim } from './index.ts'

test.for(FAULTS)('$name', { timeout: 60_000 }, async ({ foundBy, fault }) => {
  const broken = await startReference(fault)
  try {
    const { results } = await check(broken.url, foundBy)
    const found = results.filter(({ status }) => status === 'fail' || status === 'warn').map(({ id }) => id)
    expect(found.toSorted()).toEqual(foundBy.toSorted())
  } finally {
    await broken.close()
  }
})

function check(baseUrl: string, only: string[]): Promise<CheckReport> {
  return checkScim({ baseUrl, authorization: { bearer: TOKEN }, only })
}
