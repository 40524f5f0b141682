/**
 * A provider reads all users page by page while others create and delete users. Whoever was there from the
 * beginning to the end of the walk is seen exactly once, by cursor, in whatever order.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Body,
  type Connection,
  diceOf,
  type Fleet,
  figure,
  inParallel,
  isNightly,
  LIMIT_MS,
  openConnection,
  openFleet,
  type Reply,
  seed,
  send,
} from './scim-fleet.ts'
import { USER } from './scim-model.ts'

const STANDING = isNightly ? 20_000 : 2000
const PAGE = 100
const IN_ONE_BULK = 250

let fleet: Fleet
let connection: Connection
/** Ids of users who stand throughout. */
let standing: Set<string>
/** Ids of users who may be deleted while somebody walks. */
const passing: string[] = []

beforeAll(async () => {
  fleet = await openFleet(2)
  connection = await openConnection(fleet.ctx)
  const names = Array.from({ length: Math.ceil(STANDING * 1.1) }, (_, at) => userName(at))
  const ids = await createMany(names)
  const dice = diceOf(seed)
  const mixed = dice.shuffled(ids)
  standing = new Set(mixed.slice(0, STANDING))
  passing.push(...mixed.slice(STANDING))
}, LIMIT_MS)
afterAll(() => fleet.close())

const orders = [
  ['in the order of their making', ''],
  ['by user name', '&sortBy=userName'],
  ['by user name from the end', '&sortBy=userName&sortOrder=descending'],
  ['by a title that many have none of', '&sortBy=title'],
  ['by a filter', `&filter=${encodeURIComponent('userName sw "u" and not (nickName eq "nobody")')}`],
] as const

test.for(orders)('a walk %s sees everybody once', { timeout: LIMIT_MS }, async ([order, query]) => {
  const dice = diceOf(seed + 1 + orders.findIndex(([name]) => name === order))
  const seen = new Map<string, number>()
  let cursor = ''
  let pages = 0
  let churned = 0
  do {
    const page = await scim('GET', `/Users?cursor=${cursor}&count=${PAGE}${query}`, undefined, pages % 2)
    expect(page.status).toBe(200)
    for (const { id } of page.body.Resources) seen.set(id, (seen.get(id) ?? 0) + 1)
    cursor = page.body.nextCursor ?? ''
    pages++
    // Between two pages people come and go, before and after where the walk is.
    const created = Array.from({ length: 2 }, () => userName(dice.below(1e9) + 1e6))
    const [made] = await Promise.all([createMany(created), remove(), remove()])
    passing.push(...made)
    churned += 4
  } while (cursor !== '')

  const missed = [...standing].filter((id) => !seen.has(id)).length
  const doubled = [...standing].filter((id) => (seen.get(id) ?? 0) > 1).length
  figure('walk', `${order}: users that stood`, standing.size)
  figure('walk', `${order}: created and deleted meanwhile`, churned)
  figure('walk', `${order}: missed`, missed)
  figure('walk', `${order}: seen twice`, doubled)
  expect({ missed, doubled }).toEqual({ missed: 0, doubled: 0 })
  expect(pages).toBeGreaterThanOrEqual(STANDING / PAGE)

  async function remove(): Promise<void> {
    const [id] = passing.splice(dice.below(passing.length), 1)
    if (id) expect((await scim('DELETE', `/Users/${id}`, undefined, 1)).status).toBe(204)
  }
})

function userName(at: number): string {
  const dice = diceOf(at)
  return `u${dice.below(1e6)}.${at}@${dice.pick(['acme', 'Acme', 'zebra', 'été'])}.example`
}

async function createMany(names: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  const chunks = Array.from({ length: Math.ceil(names.length / IN_ONE_BULK) }, (_, at) =>
    names.slice(at * IN_ONE_BULK, (at + 1) * IN_ONE_BULK),
  )
  await inParallel(chunks, 2, async (chunk) => {
    const Operations = chunk.map((name, at) => ({
      method: 'POST',
      path: '/Users',
      bulkId: `b${at}`,
      data: {
        schemas: [USER],
        userName: name,
        ...(name.length % 3 === 0 ? { title: `T ${name.length}` } : {}),
      },
    }))
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest']
    const { status, body } = await scim('POST', '/Bulk', { schemas, Operations })
    expect(status).toBe(200)
    for (const { status: one, location } of body.Operations) {
      expect(one).toBe('201')
      ids.push(location.split('/').at(-1))
    }
  })
  return ids
}

function scim(method: string, path: string, body?: Body, server = 0): Promise<Reply> {
  const { url } = fleet.servers[server] ?? { url: '' }
  return send(url, { method, path: `${fleet.path}${path}`, token: connection.token, body })
}
