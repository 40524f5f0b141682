/**
 * An import of 500 people whose worker is killed with SIGKILL three times in the middle: it ends with
 * the rows that the sandbox has, and fetches at most one page again per kill.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Caller, type Json, openWorld, type World } from '../world.ts'
import { startVictim } from './process.ts'

const PEOPLE = 500

let world: World
let sam: Caller

beforeAll(async () => {
  world = await openWorld({ users: PEOPLE })
  await world.invite('sam.okafor@acme.example', 'Owner')
  await world.restartAs('web')
  sam = await world.signIn('sam.okafor@acme.example')
})
afterAll(() => world.close())

interface Stats {
  usersByStatus: Record<string, number>
  groups: number
  memberships: number
  apps: number
  assignments: number
  pages: number
}

async function stats(): Promise<Stats> {
  const body = (await (await fetch(`${world.sandbox.url}/_sandbox/stats`)).json()) as Json
  const pages = Object.entries(body.requests as Record<string, number>)
    .filter(([route]) => route.startsWith('GET /api/v1/'))
    .reduce((sum, [, count]) => sum + count, 0)
  return {
    usersByStatus: body.users.byStatus,
    groups: body.groups.total,
    memberships: body.memberships.withEveryone,
    apps: body.apps,
    assignments: body.assignments.total,
    pages,
  }
}

async function importOnce(kills: string[]): Promise<{ pages: number; import: Json }> {
  const before = (await stats()).pages
  const [connection] = (await sam.get('/api/v1/okta/connections')).body.items
  const started = (await sam.post(`/api/v1/okta/connections/${connection.id}/imports`, {})).body
  for (const failpoint of kills) {
    const victim = startVictim(world, 'work.ts', [], `${failpoint}:kill`)
    expect(await victim.ended).toBe('SIGKILL')
  }
  const worker = startVictim(world, 'work.ts', [])
  const latest = async () => (await sam.get('/api/v1/okta/connections')).body.items[0].lastImport
  await vi.waitUntil(
    async () => {
      const { id, state } = await latest()
      return id === started.id && state !== 'running'
    },
    { timeout: 120_000, interval: 100 },
  )
  worker.child.kill('SIGKILL')
  await worker.ended
  return { pages: (await stats()).pages - before, import: await latest() }
}

test('killed three times, an import ends with the same rows and fetches at most a page again per kill', async () => {
  const whole = await importOnce([])
  const killed = await importOnce(['import.page:2', 'import.committed:9', 'import.page:20'])

  const truth = await stats()
  expect(killed.import).toMatchObject({ state: 'complete' })
  expect(killed.import.counts).toEqual({
    users: PEOPLE,
    groups: truth.groups,
    memberships: truth.memberships,
    apps: truth.apps,
    assignments: truth.assignments,
  })
  const facets = (await sam.get('/api/v1/people-facets')).body
  const byStatus = Object.fromEntries(facets.byStatus.map((row: Json) => [row.status, row.count]))
  expect(byStatus).toEqual(
    Object.fromEntries(Object.entries(truth.usersByStatus).filter(([, count]) => count > 0)),
  )
  expect(killed.pages - whole.pages).toBeLessThanOrEqual(3)
})
