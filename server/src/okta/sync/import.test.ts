import { expect } from 'vitest'
import { countSynced } from '#directory'
import { type Context, listEvents, transact } from '#platform'
import { test } from '../../../test/tenant.ts'
import { deleteConnection, listConnections } from '../connections.ts'
import { connect, importAll, openTestOkta, takeUp } from '../test/okta.ts'
import { latestImport, resumeImports, startImport } from './import.ts'
import { advanceImport, claimImport, findImport, releaseLease } from './imports.store.ts'

function peopleByStatus(ctx: Context) {
  return transact(ctx, async (tx) => {
    const rows = await tx.db
      .selectFrom('people')
      .select(({ fn }) => ['status', fn.countAll<number>().as('count')])
      .where('goneAt', 'is', null)
      .groupBy('status')
      .execute()
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]))
  })
}

test('an import of 500 people counts what Okta counts', async ({ ctx, eventsOf }) => {
  await using okta = await openTestOkta({ users: 500 })
  const connection = await connect(ctx, okta)

  const done = await importAll(ctx, connection)

  const stats = await okta.control('GET', '/stats')
  expect(done.failure).toBeNull()
  expect(done.counts).toEqual({
    users: stats.users.total,
    groups: stats.groups.total,
    memberships: stats.memberships.withEveryone,
    apps: stats.apps,
    assignments: stats.assignments.total,
  })
  expect(await peopleByStatus(ctx)).toEqual(stats.users.byStatus)
  expect(await eventsOf(connection)).toEqual([
    'okta.connected',
    'okta.import.started',
    'okta.import.completed',
  ])
})

test('an import under Okta’s own rate limits never meets a 429', async ({ ctx }) => {
  await using okta = await openTestOkta({ users: 60, rateLimits: 'workforce' })
  const before = await callsWith(ctx, '429')

  expect(await importAll(ctx, await connect(ctx, okta))).toMatchObject({ state: 'complete' })

  expect(await callsWith(ctx, '429')).toBe(before)
})

async function callsWith(ctx: Context, status: string): Promise<number> {
  const { values } = await ctx.platform.metrics.oktaCalls.get()
  return values.find(({ labels }) => labels.status === status)?.value ?? 0
}

test('a second import changes nothing, and deletions in Okta are marked gone', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const connection = await connect(ctx, okta)
  const first = await importAll(ctx, connection)
  const again = await importAll(ctx, connection)
  await okta.control('POST', '/state', { op: 'remove-user', user: 'noor.haddad@acme.example' })
  const third = await importAll(ctx, connection)

  expect(again.counts).toEqual(first.counts)
  expect(third.counts.users).toBe(first.counts.users - 1)
})

test('one import runs at a time: starting again is the one that runs', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const connection = await connect(ctx, okta)

  const first = await startImport(ctx, connection)
  const second = await startImport(ctx, connection)

  expect(second.id).toBe(first.id)
  expect(second).toMatchObject({ state: 'running', phase: 'users', done: 0, failure: null })
})

test('without an admin role the import fails by name and touches nobody', async ({ ctx, eventsOf }) => {
  await using okta = await openTestOkta()
  const connection = await connect(ctx, okta)
  const { counts } = await importAll(ctx, connection)
  await okta.fault('empty-list', { match: { path: '/api/v1/users' } })

  const failed = await importAll(ctx, connection)

  expect(failed).toMatchObject({
    state: 'failed',
    failure: { message: expect.stringContaining('admin role') },
  })
  expect(failed.failure?.remedy).toContain('Admin roles')
  expect(await transact(ctx, (tx) => countSynced(tx, connection))).toEqual(counts)
  expect((await listConnections(ctx))[0]?.state).toBe('broken')
  expect((await eventsOf(connection)).slice(-2)).toEqual(['okta.import.failed', 'okta.connection_broken'])
})

test('a listing that becomes empty half way marks nobody gone, unless a second one agrees', async ({
  ctx,
}) => {
  await using okta = await openTestOkta({ users: 500 })
  const connection = await connect(ctx, okta)
  const { counts } = await importAll(ctx, connection)
  const lateEmpty = { match: { path: '^/api/v1/users\\?.*after=' } }
  await okta.fault('empty-list', lateEmpty)

  const doubted = await importAll(ctx, connection)
  expect(doubted).toMatchObject({
    state: 'failed',
    failure: { code: 'fewer_people' },
    counts: { users: 200 },
  })
  expect(await transact(ctx, (tx) => countSynced(tx, connection))).toEqual(counts)

  expect(await importAll(ctx, connection)).toMatchObject({ state: 'complete', counts: { users: 200 } })
})

test.for([
  ['500', { times: 2 }],
  ['429', { times: 1, resetSeconds: 0 }],
  ['concurrency-429', { times: 1 }],
  ['half-body', { times: 2 }],
  ['cut-before-effect', { times: 2 }],
  ['empty-page-with-next', { times: 3 }],
  ['stale', { times: 1, match: { path: '^/api/v1/users\\?.*after=' } }],
] as const)('%s at every listing, and the import is complete all the same', async ([kind, more], { ctx }) => {
  await using okta = await openTestOkta({ users: 260 })
  const connection = await connect(ctx, okta)
  const listings = ['/api/v1/users?', '/api/v1/groups?', '/api/v1/groups/', '/api/v1/apps?', '/api/v1/apps/']
  for (const path of 'match' in more ? [''] : listings)
    await okta.fault(kind, { match: { method: 'GET', path }, ...more })

  const done = await importAll(ctx, connection)

  const stats = await okta.control('GET', '/stats')
  expect(done.failure).toBeNull()
  expect(done.counts).toMatchObject({
    users: stats.users.total,
    memberships: stats.memberships.withEveryone,
    assignments: stats.assignments.total,
  })
})

test('an import that a worker abandoned goes on at the page after its last one', async ({
  ctx,
  platform,
}) => {
  await using okta = await openTestOkta({ users: 420 })
  const connection = await connect(ctx, okta)
  const { id } = await startImport(ctx, connection)
  // Refused for good at the third page: as often as one worker tries, and then as if it had died.
  await okta.fault('500', { match: { path: '^/api/v1/groups\\?' }, delayMs: 60_000 })
  const dying = takeUp(ctx, id)
  await expect.poll(() => phaseOf(ctx, id)).toBe('groups')
  const pagesBefore = (await okta.control('GET', '/stats')).requests['GET /api/v1/users']

  await transact(ctx, (tx) => releaseLease(tx, id, 1))
  await okta.control('DELETE', '/faults')
  await resumeImports(platform)
  const done = await takeUp(ctx, id)
  await dying

  const stats = await okta.control('GET', '/stats')
  expect(done).toMatchObject({ state: 'complete', attempt: 2, counts: { users: 420 } })
  expect(stats.requests['GET /api/v1/users']).toBe(pagesBefore)
}, 60_000)

async function phaseOf(ctx: Context, id: string) {
  return (await transact(ctx, (tx) => findImport(tx, id)))?.phase
}

test('a worker that lost its place writes nothing more', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const connection = await connect(ctx, okta)
  const { id } = await startImport(ctx, connection)
  const zombie = await transact(ctx, (tx) => claimImport(tx, id, 0))
  const successor = await transact(ctx, (tx) => claimImport(tx, id, 1))
  if (!zombie) throw new Error('The import was not there to take.')

  const wrote = await transact(ctx, (tx) => advanceImport(tx, id, zombie.attempt, { ...zombie, done: 99 }))

  expect(successor?.attempt).toBe(2)
  expect(wrote).toBe(false)
  expect(await transact(ctx, (tx) => claimImport(tx, id, 1))).toBeUndefined()
})

test('a process that stops hands its import over between two pages', async ({ ctx, platform }) => {
  await using okta = await openTestOkta()
  const { id } = await startImport(ctx, await connect(ctx, okta))

  platform.startingUp = 'stopping'
  const left = await takeUp(ctx, id)
  platform.startingUp = null

  expect(left).toMatchObject({ state: 'running', phase: 'groups', attempt: 1 })
  expect(await takeUp(ctx, id)).toMatchObject({ state: 'complete', attempt: 2 })
})

test('the sweep brings back what nobody works on, and leaves the rest alone', async ({ ctx, platform }) => {
  await using okta = await openTestOkta()
  const { id } = await startImport(ctx, await connect(ctx, okta))
  const queued = async () => {
    const jobs = await platform.jobs.boss.findJobs<{ data: { importId: string } }>('okta.import')
    return jobs.filter(({ data }) => data.data.importId === id).length
  }

  await resumeImports(platform)
  expect(await queued()).toBe(1)

  await transact(ctx, (tx) => releaseLease(tx, id, 0))
  await resumeImports(platform)
  await resumeImports(platform)
  expect(await queued()).toBe(2)
})

test('disconnecting stops the import that runs', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const connection = await connect(ctx, okta)
  const { id } = await startImport(ctx, connection)

  await deleteConnection(ctx, connection)

  expect(await takeUp(ctx, id)).toMatchObject({ state: 'failed', attempt: 1 })
  expect((await listEvents(ctx, { subject: connection, limit: 1 }))[0]?.type).toBe('okta.disconnected')
  await expect(startImport(ctx, connection)).rejects.toMatchObject({ code: 'not_found' })
})

test('a scope that is taken away in the middle is named, and the connection is broken', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const connection = await connect(ctx, okta)
  await okta.fault('status', { status: 403, match: { path: '/api/v1/groups?' } })

  const failed = await importAll(ctx, connection)

  expect(failed).toMatchObject({ state: 'failed', phase: 'groups', counts: { users: 30 } })
  expect((await listConnections(ctx))[0]).toMatchObject({ state: 'broken', lastImport: { state: 'failed' } })
})

test('another workspace sees neither the connection nor its import', async ({ ctx, otherTenant }) => {
  await using okta = await openTestOkta()
  const connection = await connect(ctx, okta)
  const { id } = await startImport(ctx, connection)

  expect(await listConnections(otherTenant)).toEqual([])
  expect(await latestImport(otherTenant, connection)).toBeNull()
  expect(await transact(otherTenant, (tx) => claimImport(tx, id, 0))).toBeUndefined()
  await expect(startImport(otherTenant, connection)).rejects.toMatchObject({ code: 'not_found' })
})
