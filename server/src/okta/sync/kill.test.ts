import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'vitest'
import { type Context, transact } from '#platform'
import { test } from '../../../test/tenant.ts'
import { connect, importAll, openTestOkta, type TestOkta, takeUp } from '../test/okta.ts'
import { resumeImports, startImport } from './import.ts'
import { findImport, releaseLease } from './imports.store.ts'

const CHILD = new URL('../test/import-child.ts', import.meta.url).pathname

/** Lets a process of its own work on an import, and answers with the signal that ended it. */
async function workElsewhere(
  ctx: Context,
  databaseUrl: string,
  okta: TestOkta,
  importId: string,
  failpoint: string,
) {
  const row = await transact(ctx, (tx) => findImport(tx, importId))
  const child = spawn(process.execPath, [CHILD, databaseUrl, ctx.tenantId, importId, String(row?.attempt)], {
    env: {
      PATH: process.env['PATH'],
      KEYDESK_DATA: ctx.platform.config.dataDir,
      KEYDESK_SECRET_KEY: ctx.platform.config.secretKey,
      KEYDESK_OKTA_TEST_ORIGINS: okta.url,
      KEYDESK_FAILPOINT: failpoint,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return signal ?? code
}

/** How many pages of listings Okta was asked for. */
async function pagesOf(okta: TestOkta): Promise<number> {
  const { requests } = (await okta.control('GET', '/stats')) as { requests: Record<string, number> }
  const listings = ['users', 'groups', 'groups/{group}/users', 'apps', 'apps/{app}/users']
  return listings.reduce((sum, path) => sum + (requests[`GET /api/v1/${path}`] ?? 0), 0)
}

test.for([
  'import.page:2:kill',
  'import.committed:2:kill',
  'import.page:20:kill',
  'import.committed:45:kill',
])(
  'killed at %s, an import fetches at most one page again and ends with every row',
  async (failpoint, { ctx, otherTenant, database }) => {
    await using okta = await openTestOkta({ users: 420 })
    const clean = await importAll(otherTenant, await connect(otherTenant, okta))
    const connection = await connect(ctx, okta)
    const before = await pagesOf(okta)
    // Connecting looks at three lists, each time.
    const pages = before - 2 * 3
    const { id } = await startImport(ctx, connection)

    expect(await workElsewhere(ctx, database.url, okta, id, failpoint)).toBe('SIGKILL')
    const left = await transact(ctx, (tx) => findImport(tx, id))
    expect(left).toMatchObject({ state: 'running', attempt: 1 })
    await transact(ctx, (tx) => releaseLease(tx, id, 1))
    const done = await takeUp(ctx, id)

    expect(done).toMatchObject({ state: 'complete', attempt: 2, failure: null })
    expect(done.counts).toEqual(clean.counts)
    const fetched = (await pagesOf(okta)) - before
    expect(fetched).toBeGreaterThanOrEqual(pages)
    expect(fetched).toBeLessThanOrEqual(pages + 1)
  },
)

test('what a killed worker left is taken over when its lease is over, and no sooner', async ({
  ctx,
  platform,
  database,
}) => {
  await using okta = await openTestOkta()
  const { id } = await startImport(ctx, await connect(ctx, okta))
  expect(await workElsewhere(ctx, database.url, okta, id, 'import.committed:3:kill')).toBe('SIGKILL')
  const killedAt = Date.now()
  const offered = async () => {
    await resumeImports(platform)
    const jobs = await platform.jobs.boss.findJobs<{ data: { importId: string; attempt: number } }>(
      'okta.import',
    )
    return jobs.filter(({ data }) => data.data.importId === id && data.data.attempt === 1).length
  }
  expect(await offered()).toBe(0)

  await expect.poll(offered, { timeout: 10_000, interval: 200 }).toBe(1)

  expect(Date.now() - killedAt).toBeLessThan(9000)
  expect(await takeUp(ctx, id)).toMatchObject({ state: 'complete', counts: { users: 30 } })
})
