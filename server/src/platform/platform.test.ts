/** What every folder relies on: settings, secrets, the event log, migrations, transactions with jobs. */
import { sql } from 'kysely'
import pg from 'pg'
import { expect, vi } from 'vitest'
import { cloneDatabase, test } from '../../test/tenant.ts'
import { QUEUES } from '../queues.ts'
import {
  ConfigError,
  checkIntegrity,
  defineEvent,
  defineJob,
  enqueue,
  listEvents,
  migrate,
  newId,
  openLog,
  readConfig,
  seal,
  systemContext,
  transact,
  unseal,
  work,
} from './index.ts'

const happened = defineEvent<{ n: number }>('test.happened', ({ n }, actor) => `${actor} did ${n}`)

test('a wrong setting is named with what it may be, and all wrong ones at once', () => {
  const read = () =>
    readConfig({ KEYDESK_PORT: '70000', KEYDESK_ROLE: 'boss', KEYDESK_SECRET_KEY: 'short-secret' })

  expect(read).toThrow(ConfigError)
  expect(read).toThrow(/KEYDESK_PORT: "70000".*1 to 65535/s)
  expect(read).toThrow(/KEYDESK_ROLE: "boss".*all, web, worker/s)
  expect(read).not.toThrow(/short-secret/)
})

test('a log line has only allowed fields, and no secret even inside a message', () => {
  const lines: string[] = []
  const log = openLog('info', (line) => lines.push(line))

  log.error('call.failed', {
    path: '/x',
    error: new Error('refused Bearer abc.def.ghi for kd_api_aaaa_bbbb'),
    ...({ token: 'hunter2', headers: { authorization: 'hunter2' } } as object),
  })

  expect(lines.join()).toContain('call.failed')
  expect(lines.join()).not.toMatch(/hunter2|abc\.def|aaaa_bbbb/)
})

test('a sealed secret opens at its place and nowhere else', async ({ ctx, otherTenant }) => {
  const place = { table: 'okta_connections', column: 'token_sealed', id: 'con_1' }
  const sealed = await seal(ctx, place, 'hunter2')

  expect(await unseal(ctx, place, sealed)).toBe('hunter2')
  await expect(unseal(ctx, { ...place, id: 'con_2' }, sealed)).rejects.toThrow()
  await expect(unseal(ctx, { ...place, column: 'other' }, sealed)).rejects.toThrow()
  await expect(unseal(otherTenant, place, sealed)).rejects.toThrow()
})

test('what is recorded is committed with the act, or not at all', async ({ ctx }) => {
  const failing = transact(ctx, async (tx) => {
    happened(tx, [ctx.tenantId], { n: 1 })
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')

  expect(await listEvents(ctx, { type: 'test.happened', limit: 10 })).toEqual([])
})

test('parallel writers make one chain without a gap', async ({ ctx }) => {
  const write = (n: number) => transact(ctx, async (tx) => happened(tx, [ctx.tenantId], { n }))
  await Promise.all(Array.from({ length: 40 }, (_, n) => write(n)))

  const numbers = (await listEvents(ctx, { after: 0, limit: 200 })).map((event) => event.seq)
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => at + 1))
  expect(await checkIntegrity(ctx)).toMatchObject({ intact: true, events: numbers.length })
})

test.for([
  ['an altered text', "update events set body = replace(body, 'facts', 'fakes') where TENANT and seq = 2"],
  ['an altered column', "update events set type = 'request.closed' where TENANT and seq = 2"],
  ['a missing line', 'delete from events where TENANT and seq = 2'],
  ['a cut tail', 'delete from events where TENANT and seq = (select max(seq) from events where TENANT)'],
  [
    'a copied line',
    'update events set body = o.body, hash = o.hash from (select * from events where TENANT and seq = 3) o where events.TENANT and events.seq = 2',
  ],
] as const)('the chain shows %s', async ([, tamper], { ctx, database }) => {
  for (const n of [1, 2, 3]) await transact(ctx, async (tx) => happened(tx, [ctx.tenantId], { n }))
  expect(await checkIntegrity(ctx)).toMatchObject({ intact: true })

  // As somebody with the owner's password would, round the application and its row security.
  const owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  await owner.query('alter table events no force row level security')
  await owner.query(tamper.replaceAll('TENANT', `tenant_id = '${ctx.tenantId}'`))
  await owner.query('alter table events force row level security')
  await owner.end()

  expect(await checkIntegrity(ctx)).toMatchObject({ intact: false })
})

test('two processes that migrate at once do the work once', async () => {
  const database = await cloneDatabase()
  const fresh = new pg.Client({ connectionString: database.url })
  await fresh.connect()
  await fresh.query('drop schema public cascade; drop schema pgboss cascade; create schema public')
  await fresh.end()

  const applied = await Promise.all([migrate(database.url, QUEUES), migrate(database.url, QUEUES)])

  expect(applied.flat().length).toBeGreaterThan(5)
  expect(new Set(applied.flat()).size).toBe(applied.flat().length)
  expect(await migrate(database.url, QUEUES)).toEqual([])
  await database.drop()
})

test('a job runs when its transaction is committed, and never when it is rolled back', async ({
  ctx,
  platform,
}) => {
  const ran: string[] = []
  const job = defineJob<{ name: string }>({
    name: 'request.event',
    retries: 0,
    async run(_ctx, { name }) {
      ran.push(name)
    },
  })
  await work(platform, [job] as never, (tenantId) => systemContext(platform, tenantId))

  const lost = transact(ctx, async (tx) => {
    await enqueue(tx, job, { name: 'lost' })
    throw new Error('no')
  })
  await expect(lost).rejects.toThrow()
  await transact(ctx, (tx) => enqueue(tx, job, { name: 'kept' }))

  await vi.waitUntil(() => ran.length > 0, { timeout: 15_000 })
  expect(ran).toEqual(['kept'])
  await platform.jobs.boss.offWork('request.event')
})

test('ids sort by the time they were made, and say what they name', async ({ platform }) => {
  const first = newId('req')
  await vi.waitUntil(() => newId('req').slice(0, 14) !== first.slice(0, 14))

  expect(first).toMatch(/^req_[0-9a-z]{26}$/)
  expect(newId('req') > first).toBe(true)
  const { rows } = await sql<{ n: number }>`select 1 as n`.execute(platform.db)
  expect(rows).toEqual([{ n: 1 }])
})
