import { detectClient } from '@keydesk/scim'
import { sql } from 'kysely'
import { expect, vi } from 'vitest'
import { createServiceUser } from '#accounts'
import { type Context, transact } from '#platform'
import { asAdmin, test } from '../../test/tenant.ts'
import { type CallQuery, deleteCallsBeyond, evidenceOf, listCalls } from './calls.store.ts'
import { type CallRecord, flushCalls, recordCall, sweepCalls } from './calls.ts'

const OKTA = 'Okta SCIM Client 1.0.0'
const NOON = Date.parse('2026-05-03T12:00:00.000Z')

async function connection(ctx: Context): Promise<string> {
  const input = { name: 'Okta', kind: 'scim' as const, permissions: [], defaultRoleId: null }
  return (await createServiceUser(ctx, input)).id
}

function call(ctx: Context, serviceUserId: string | null, more: Partial<CallRecord> = {}): CallRecord {
  return {
    tenantId: ctx.tenantId,
    serviceUserId,
    at: new Date(NOON),
    method: 'GET',
    path: '/Users?count=2',
    status: 200,
    milliseconds: 1.5,
    memberId: null,
    roleId: null,
    subject: null,
    request: null,
    answer: null,
    deviations: [],
    shadow: false,
    held: false,
    ip: '192.0.2.1',
    userAgent: OKTA,
    ...more,
  }
}

async function linesOf(ctx: Context, serviceUserId: string, more: Partial<CallQuery> = {}) {
  await flushCalls(ctx.platform)
  return transact(ctx, (tx) => listCalls(tx, { serviceUserId, limit: 200, ...more }))
}

async function trafficOf(ctx: Context) {
  await flushCalls(ctx.platform)
  return transact(ctx, (tx) => tx.db.selectFrom('scimTraffic').selectAll().executeTakeFirst())
}

test('a call is found in the log as it came, newest first', async ({ ctx }) => {
  const id = await connection(ctx)
  const write = call(ctx, id, {
    method: 'POST',
    path: '/Users',
    status: 201,
    request: '{"userName":"ada"}',
    answer: '{"id":"1"}',
    deviations: ['a', 'b c'],
    subject: 'Ada Kingsley',
    held: true,
  })
  recordCall(ctx.platform, call(ctx, id))
  recordCall(ctx.platform, write)
  recordCall(ctx.platform, call(ctx, id, { path: '/Users/mem_1' }))

  const { rows, total } = await linesOf(ctx, id)

  expect(total).toBe(3)
  expect(rows.map((row) => row.path)).toEqual(['/Users/mem_1', '/Users', '/Users?count=2'])
  const { tenantId: _, ...kept } = write
  expect(rows[1]).toMatchObject({ ...kept, times: 1 })
})

test('a call is written down by itself, soon', async ({ ctx }) => {
  const id = await connection(ctx)
  recordCall(ctx.platform, call(ctx, id))

  await vi.waitUntil(
    () => transact(ctx, async (tx) => (await listCalls(tx, { serviceUserId: id, limit: 1 })).total === 1),
    { timeout: 5000, interval: 20 },
  )
})

test('reads beyond twenty a second are counted in one line; writes never are', async ({ ctx }) => {
  const id = await connection(ctx)
  for (let n = 0; n < 100; n++) {
    recordCall(ctx.platform, call(ctx, id, { path: `/Users/mem_${n}`, answer: '{}' }))
    recordCall(ctx.platform, call(ctx, id, { method: 'PUT', path: `/Users/mem_${n}`, request: '{}' }))
  }
  recordCall(ctx.platform, call(ctx, id, { path: '/Groups?count=1' }))
  recordCall(ctx.platform, call(ctx, id, { path: '/Users/mem_1', at: new Date(NOON + 1000) }))

  const reads = await linesOf(ctx, id, { method: 'GET' })
  const writes = await linesOf(ctx, id, { method: 'PUT' })

  expect(writes.rows.map((row) => row.path).sort()).toEqual(
    Array.from({ length: 100 }, (_, n) => `/Users/mem_${n}`).sort(),
  )
  expect(writes.rows.every((row) => row.request === '{}')).toBe(true)
  expect(reads.rows.map((row) => row.times).sort((a, b) => b - a)).toEqual([80, ...Array(22).fill(1)])
  expect(reads.rows.reduce((sum, row) => sum + row.times, 0)).toBe(102)
  // Of reads that look the same, one body tells enough.
  expect(reads.rows.filter((row) => row.answer !== null)).toHaveLength(1)
})

test('failures are kept singly up to two hundred a second', async ({ ctx }) => {
  const id = await connection(ctx)
  for (let n = 0; n < 250; n++)
    recordCall(ctx.platform, call(ctx, id, { method: 'PATCH', path: `/Users/mem_${n}`, status: 404 }))

  const { rows, total } = await linesOf(ctx, id, { limit: 500 })

  expect(total).toBe(201)
  expect(rows.filter((row) => row.times === 50)).toHaveLength(1)
})

test('a call of a stranger is in the log of every connection of its workspace, and of no other', async ({
  ctx,
  otherTenant,
}) => {
  const [mine, theirs] = [await connection(ctx), await connection(otherTenant)]
  recordCall(ctx.platform, call(ctx, null, { status: 401 }))
  recordCall(ctx.platform, call(otherTenant, theirs))

  expect((await linesOf(ctx, mine)).rows.map((row) => row.status)).toEqual([401])
  expect((await linesOf(otherTenant, theirs)).rows.map((row) => row.status)).toEqual([200])
  expect((await linesOf(otherTenant, mine)).total).toBe(0)
})

test('the log is read by outcome, method and words, page by page', async ({ ctx }) => {
  const id = await connection(ctx)
  const ends = [200, 201, 204, 304, 400, 404, 429, 500, 503]
  for (const status of ends) recordCall(ctx.platform, call(ctx, id, { status, path: `/Users/${status}` }))
  recordCall(ctx.platform, call(ctx, id, { method: 'DELETE', held: true, subject: '100% Ada', status: 403 }))

  const statuses = async (more: Partial<CallQuery>) =>
    (await linesOf(ctx, id, more)).rows.map((row) => row.status).sort()
  expect(await statuses({ outcome: 'done' })).toEqual([200, 201, 204, 304])
  expect(await statuses({ outcome: 'refused' })).toEqual([400, 404, 429])
  expect(await statuses({ outcome: 'failed' })).toEqual([500, 503])
  expect(await statuses({ outcome: 'held' })).toEqual([403])
  expect(await statuses({ method: 'DELETE' })).toEqual([403])
  expect(await statuses({ search: '0% ada' })).toEqual([403])
  expect(await statuses({ search: '/users/20' })).toEqual([200, 201, 204])

  const seen: string[] = []
  for (let before: string | undefined; ; ) {
    const { rows, total } = await linesOf(ctx, id, { limit: 4, before })
    expect(total).toBe(10)
    seen.push(...rows.map((row) => row.id))
    if (rows.length < 4) break
    before = rows.at(-1)?.id
  }
  expect(new Set(seen).size).toBe(10)
})

test('the traffic of a connection is counted, with the usual time between visits', async ({ ctx }) => {
  const id = await connection(ctx)
  const visit = async (minutes: number, status = 200) => {
    for (let n = 0; n < 3; n++)
      recordCall(ctx.platform, call(ctx, id, { status, at: new Date(NOON + minutes * 60_000 + n * 20) }))
    return trafficOf(ctx)
  }

  expect(await visit(0)).toMatchObject({ calls: 3, failures: 0, usualGapSeconds: null })
  expect((await visit(40))?.usualGapSeconds).toBeCloseTo(2400, -1)
  expect((await visit(80, 401))?.usualGapSeconds).toBeCloseTo(2400, -1)
  // A weekend in between is no new habit.
  const after = await visit(80 + 48 * 60)
  expect(after?.usualGapSeconds).toBeGreaterThan(2400)
  expect(after?.usualGapSeconds).toBeLessThan(2400 * 1.31)
  expect(after).toMatchObject({
    calls: 12,
    failures: 3,
    firstCallAt: new Date(NOON),
    lastCallAt: new Date(NOON + (80 + 48 * 60) * 60_000 + 40),
  })
})

test('lines that the database did not take are written when it does', async ({ ctx, platform, database }) => {
  const id = await connection(ctx)
  await asAdmin(database.url, 'revoke insert on scim_calls from keydesk_app')
  recordCall(platform, call(ctx, id, { method: 'PUT', request: '{}' }))
  for (let n = 0; n < 30; n++) recordCall(platform, call(ctx, id))
  await flushCalls(platform)
  await asAdmin(database.url, 'grant insert on scim_calls to keydesk_app')

  const { rows } = await linesOf(ctx, id)

  expect(rows.reduce((sum, row) => sum + row.times, 0)).toBe(31)
  expect(rows.find((row) => row.method === 'PUT')).toMatchObject({ request: '{}' })
  expect(await trafficOf(ctx)).toMatchObject({ calls: 31 })
})

test('a workspace that is gone does not keep the lines of others from being written', async ({ ctx }) => {
  const id = await connection(ctx)
  recordCall(ctx.platform, call({ ...ctx, tenantId: `wsp_${'0'.repeat(26)}` }, null, { method: 'PUT' }))
  recordCall(ctx.platform, call(ctx, id))

  expect((await linesOf(ctx, id)).total).toBe(1)
})

test('open pages hear of calls, once a second at most', async ({ ctx, platform }) => {
  const id = await connection(ctx)
  const heard: unknown[] = []
  const stop = platform.live.watch(ctx.tenantId, ({ hint }) => heard.push(hint))
  for (let n = 0; n < 3; n++) {
    recordCall(platform, call(ctx, id))
    await flushCalls(platform)
  }
  // The notification of another thing comes after those of the calls.
  await transact(ctx, (tx) =>
    sql`select pg_notify('keydesk_live', ${JSON.stringify({ tenant: ctx.tenantId })})`.execute(tx.db),
  )
  await vi.waitUntil(() => heard.includes(undefined), { timeout: 5000, interval: 10 })
  const soon = heard.filter(Boolean)
  // What came in between is told when the second is over.
  await vi.waitUntil(() => heard.filter(Boolean).length === 2, { timeout: 5000, interval: 10 })
  stop()

  expect(soon).toEqual([{ type: 'scim.called', subjects: [id] }])
})

test('of each connection the newest lines are kept', async ({ ctx }) => {
  const id = await connection(ctx)
  for (let n = 0; n < 10; n++)
    recordCall(ctx.platform, call(ctx, id, { method: 'PUT', path: `/Users/${n}`, at: new Date(NOON + n) }))
  recordCall(ctx.platform, call(ctx, null, { method: 'PUT', path: '/Users/x' }))
  await flushCalls(ctx.platform)

  const deleted = await transact(ctx, (tx) => deleteCallsBeyond(tx, id, 4, 100))

  expect(deleted).toBe(6)
  expect((await linesOf(ctx, id)).rows.map((row) => row.path).sort()).toEqual([
    '/Users/6',
    '/Users/7',
    '/Users/8',
    '/Users/9',
    '/Users/x',
  ])
})

test('what a client does is kept as evidence of which it is', async ({ ctx }) => {
  const id = await connection(ctx)
  const body = { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] }
  recordCall(ctx.platform, call(ctx, id, { userAgent: null }))
  recordCall(
    ctx.platform,
    call(ctx, id, { method: 'PATCH', path: '/Users/mem_1', request: JSON.stringify(body), userAgent: null }),
  )
  const traffic = await trafficOf(ctx)

  expect(detectClient(evidenceOf(traffic?.evidence))).toMatchObject({ key: 'entra' })
})

test('old lines are swept away', async ({ ctx, platform }) => {
  const id = await connection(ctx)
  const days = (count: number) => new Date(Date.now() - count * 86_400_000)
  recordCall(platform, call(ctx, id, { path: '/Users/old', at: days(31) }))
  recordCall(platform, call(ctx, id, { path: '/Users/new', at: days(29) }))
  await flushCalls(platform)

  await sweepCalls(platform, ctx.tenantId)

  expect((await linesOf(ctx, id)).rows.map((row) => row.path)).toEqual(['/Users/new'])
})
