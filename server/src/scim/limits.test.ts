import { expect } from 'vitest'
import { createServiceUser } from '#accounts'
import { type Context, transact } from '#platform'
import { openTestPlatform, test } from '../../test/tenant.ts'
import { openLimiter } from './limits.ts'

async function connection(ctx: Context): Promise<{ tenantId: string; serviceUserId: string }> {
  const user = await createServiceUser(ctx, {
    name: 'Okta',
    kind: 'scim',
    permissions: [],
    defaultRoleId: null,
  })
  return { tenantId: ctx.tenantId, serviceUserId: user.id }
}

/** Moves what was counted into the past. */
function letPass(ctx: Context, serviceUserId: string, seconds: number): Promise<unknown> {
  return transact(ctx, async (tx) => {
    const rows = await tx.db
      .selectFrom('scimRates')
      .selectAll()
      .where('serviceUserId', '=', serviceUserId)
      .execute()
    await tx.db.deleteFrom('scimRates').where('serviceUserId', '=', serviceUserId).execute()
    for (const row of rows)
      await tx.db
        .insertInto('scimRates')
        .values({ ...row, second: new Date(row.second.getTime() - seconds * 1000) })
        .execute()
  })
}

test.for([10, 60, 400])(
  'two processes let through %i a minute together, and a fifth more at most',
  async (perMinute, { ctx, platform, database }) => {
    const second = await openTestPlatform(database.url)
    const limited = { ...(await connection(ctx)), perMinute }
    const limiters = [
      { platform, limiter: openLimiter() },
      { platform: second, limiter: openLimiter() },
    ]

    const waits = await Promise.all(
      limiters.flatMap((one) =>
        Array.from({ length: perMinute }, () => one.limiter.take(one.platform, limited)),
      ),
    )
    await second.close()

    const allowed = waits.filter((seconds) => seconds === 0).length
    expect(allowed).toBeGreaterThanOrEqual(perMinute)
    expect(allowed).toBeLessThanOrEqual(perMinute * 1.2)
    for (const seconds of waits) {
      expect(Number.isInteger(seconds)).toBe(true)
      expect(seconds).toBeLessThanOrEqual(60)
    }
  },
)

test('what was used comes back as it leaves the minute, for a process that waited', async ({
  ctx,
  platform,
}) => {
  let now = 0
  const limiter = openLimiter(() => now)
  const limited = { ...(await connection(ctx)), perMinute: 20 }
  const take = () => limiter.take(platform, limited)

  for (let call = 0; call < 20; call++) expect(await take()).toBe(0)
  const wait = await take()
  expect(wait).toBeGreaterThanOrEqual(1)

  now += 2000
  expect(await take()).toBeGreaterThanOrEqual(1)
  await letPass(ctx, limited.serviceUserId, 61)
  now += 2000
  expect(await take()).toBe(0)
})

test('a process learns of the others before it lets through more than its share', async ({
  ctx,
  platform,
  database,
}) => {
  const second = await openTestPlatform(database.url)
  const limited = { ...(await connection(ctx)), perMinute: 100 }
  const here = openLimiter()
  const there = openLimiter()
  for (let call = 0; call < 100; call++) await here.take(platform, limited)

  let allowed = 0
  for (let call = 0; call < 100; call++) if ((await there.take(second, limited)) === 0) allowed++
  await second.close()

  expect(allowed).toBeLessThanOrEqual(10)
})

test('a limit costs far fewer writes than requests, and forgets what is old', async ({ ctx, platform }) => {
  let now = 0
  const limiter = openLimiter(() => now)
  const limited = { ...(await connection(ctx)), perMinute: 1000 }
  for (let call = 0; call < 900; call++) await limiter.take(platform, limited)

  const rows = () =>
    transact(ctx, (tx) =>
      tx.db.selectFrom('scimRates').selectAll().where('serviceUserId', '=', limited.serviceUserId).execute(),
    )
  const calls = (await rows()).reduce((sum, row) => sum + row.calls, 0)
  expect(calls).toBeGreaterThanOrEqual(850)
  expect(calls).toBeLessThanOrEqual(900)

  await letPass(ctx, limited.serviceUserId, 600)
  now += 120_000
  for (let call = 0; call < 60; call++) await limiter.take(platform, limited)
  expect((await rows()).every((row) => Date.now() - row.second.getTime() < 300_000)).toBe(true)
})
