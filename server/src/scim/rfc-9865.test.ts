/** What RFC 9865 asks of cursors and no other test says: docs/reference/scim-profile.md names these by title. */
import { expect, onTestFinished, vi } from 'vitest'
import { type Body, create, test } from './test-client.ts'

test('RFC 9865 §2: an empty cursor begins a walk, and a count that is too big is cut', async ({ scim }) => {
  const ids = [await create(scim, 'a@acme.example'), await create(scim, 'b@acme.example')].map(({ id }) => id)
  const { body: first } = await scim.send('GET', '/Users?cursor=&count=1')
  expect(first).toMatchObject({ totalResults: 2, itemsPerPage: 1, Resources: [{ id: ids[0] }] })
  const { body: last } = await scim.send('GET', `/Users?cursor=${first.nextCursor}&count=100000`)
  expect(last).toMatchObject({ itemsPerPage: 1, Resources: [{ id: ids[1] }] })
  for (const page of [first, last]) expect(page).not.toHaveProperty('startIndex')
  expect(last).not.toHaveProperty('nextCursor')

  const { maxPageSize } = (await scim.send('GET', '/ServiceProviderConfig')).body.pagination
  for (let at = 0; at < maxPageSize; at++) await create(scim, `many${at}@acme.example`)
  const { body: large } = await scim.send('GET', '/Users?cursor=&count=100000')
  expect(large).toMatchObject({ itemsPerPage: maxPageSize, nextCursor: expect.any(String) })
})

test('RFC 9865 §2.1: a cursor that rested longer than the configuration says is expiredCursor', async ({
  scim,
}) => {
  for (const name of ['a', 'b', 'c']) await create(scim, `${name}@acme.example`)
  const { cursorTimeout } = (await scim.send('GET', '/ServiceProviderConfig')).body.pagination
  const pageAfter = (cursor: string): Promise<Body> => scim.send('GET', `/Users?count=1&cursor=${cursor}`)
  const started = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: started })
  onTestFinished(() => void vi.useRealTimers())

  const first = (await pageAfter('')).body
  vi.setSystemTime(started + cursorTimeout * 1000)
  const second = await pageAfter(first.nextCursor)
  expect(second.status).toBe(200)
  vi.setSystemTime(started + cursorTimeout * 1000 + 1)
  expect(await pageAfter(first.nextCursor)).toMatchObject({
    status: 400,
    body: { scimType: 'expiredCursor', status: '400' },
  })
  // The rest counts from page to page, so a walk may be as long as it is.
  expect((await pageAfter(second.body.nextCursor)).status).toBe(200)
})
