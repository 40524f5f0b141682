/** Pages by index (RFC 7644 §3.4.2.4) and by cursor (RFC 9865). */
import { type CheckBody, checksOf } from '../check.ts'
import { answered, at, listOf, must, objects, refused, same, show, skip, warn } from '../expect.ts'
import type { Session } from '../session.ts'

const SECTION = 'RFC 7644 §3.4.2.4'
const CROWD = 11

const byIndex: CheckBody[] = [
  {
    id: 'paging.count',
    title: 'count limits the page',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Return at most count resources.',
    async run(s) {
      const { resources } = listOf(await s.get('/Users', { startIndex: 1, count: 1 }))
      must(resources.length <= 1, `count=1 returned ${resources.length}.`)
    },
  },
  {
    id: 'paging.items-per-page',
    title: 'itemsPerPage is how many the page holds',
    requirement: 'CLIENT',
    source: 'Okta',
    remedy: 'Say how many are in this page, not how many were asked for. Okta’s review refuses the latter.',
    async run(s) {
      const { body, resources } = listOf(await s.get('/Users', { startIndex: 1, count: 1000 }))
      must(body['itemsPerPage'] !== undefined, 'There is no itemsPerPage.')
      same(body['itemsPerPage'], resources.length, 'itemsPerPage')
    },
  },
  {
    id: 'paging.start-index',
    title: 'startIndex is repeated in the answer',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2',
    remedy: 'Say which index the page begins at.',
    async run(s) {
      same(listOf(await s.get('/Users', { startIndex: 2, count: 1 })).body['startIndex'], 2, 'startIndex')
    },
  },
  {
    id: 'paging.start-index-low',
    title: 'startIndex=0 is read as 1',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Read anything below 1 as 1.',
    async run(s) {
      const first = listOf(await s.get('/Users', { startIndex: 1, count: 1 }))
      const zero = listOf(await s.get('/Users', { startIndex: 0, count: 1 }))
      same(zero.ids, first.ids, 'What startIndex=0 returns')
    },
  },
  {
    id: 'paging.count-zero',
    title: 'count=0 returns the total and no resources',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Return totalResults alone.',
    async run(s) {
      await s.sample()
      const { total, resources } = listOf(await s.get('/Users', { count: 0 }))
      must(resources.length === 0, `It returned ${resources.length}.`)
      const { total: all } = listOf(await s.get('/Users', { count: 1 }))
      same(total, all, 'totalResults')
    },
  },
  {
    id: 'paging.count-negative',
    title: 'A negative count is read as 0',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Read anything below 0 as 0.',
    async run(s) {
      same(listOf(await s.get('/Users', { count: -5 })).resources.length, 0, 'The number of resources')
    },
  },
  {
    id: 'paging.past-the-end',
    title: 'A page past the end is empty, and says so',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Answer 200, Resources: [] and itemsPerPage 0.',
    async run(s) {
      const { total } = listOf(await s.get('/Users', { count: 1 }))
      const { body, resources } = listOf(await s.get('/Users', { startIndex: total + 100, count: 10 }))
      same(resources.length, 0, 'The number of resources')
      must(
        [0, undefined].includes(body['itemsPerPage'] as number),
        `itemsPerPage is ${show(body['itemsPerPage'])}.`,
      )
    },
  },
  {
    id: 'paging.total',
    title: 'totalResults does not depend on the page',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Count all that match, not those on the page. Clients read until they have that many.',
    writes: true,
    async run(s) {
      await ready(s)
      const totals = []
      for (const count of [1, 4, 100]) totals.push((await crowdPage(s, { count })).total)
      same(totals, [CROWD, CROWD, CROWD], 'totalResults for pages of 1, 4 and 100')
    },
  },
  {
    id: 'paging.every-one-once',
    title: 'Page by page, everybody is seen exactly once',
    requirement: 'MUST',
    source: SECTION,
    remedy:
      'Sort by something that no two have in common, such as the id. An import that misses somebody removes them.',
    writes: true,
    async run(s) {
      const wanted = await ready(s)
      const seen: string[] = []
      for (let startIndex = 1; startIndex <= CROWD; startIndex += 3)
        seen.push(...(await crowdPage(s, { startIndex, count: 3 })).ids)
      must(new Set(seen).size === seen.length, 'Somebody is on two pages.')
      same(seen.toSorted(), wanted, 'Who was seen')
    },
  },
  {
    id: 'paging.same-order',
    title: 'The order is the same each time',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Give every query an order, also when sortBy is not given.',
    writes: true,
    async run(s) {
      await ready(s)
      const [first, second] = [await crowdPage(s, { count: CROWD }), await crowdPage(s, { count: CROWD })]
      same(second.ids, first.ids, 'The ids in the second answer')
    },
  },
  {
    id: 'paging.order-after-change',
    title: 'A change of somebody does not move them to another page',
    requirement: 'SHOULD',
    source: SECTION,
    remedy: 'Do not sort by when something was changed, nor by where the database keeps it.',
    writes: true,
    async run(s) {
      const ids = await ready(s)
      const before = await crowdPage(s, { count: CROWD })
      const first = before.ids[0] ?? ''
      must(ids.includes(first), 'The list has somebody else in it.')
      const user = await s.read(`/Users/${first}`)
      answered(await s.put(`/Users/${first}`, { ...user, displayName: 'Changed between pages' }), 200)
      same((await crowdPage(s, { count: CROWD })).ids, before.ids, 'The order')
    },
  },
  {
    id: 'paging.last-page',
    title: 'The last page holds the rest',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'startIndex counts from 1: with pages of 5, the third one of eleven begins at 11.',
    writes: true,
    async run(s) {
      await ready(s)
      const { body, resources } = await crowdPage(s, { startIndex: 11, count: 5 })
      same(
        [resources.length, body['startIndex'], body['itemsPerPage']],
        [1, 11, 1],
        'resources, startIndex and itemsPerPage',
      )
    },
  },
  {
    id: 'paging.big-count',
    title: 'A count that is too big is cut, not refused',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Return as many as you allow.',
    async run(s) {
      const { resources, total } = listOf(await s.get('/Users', { startIndex: 1, count: 100_000 }))
      s.note('maxPageSize', total > resources.length ? resources.length : { atLeast: resources.length })
    },
  },
  {
    id: 'paging.max-results',
    title: 'No page is longer than filter.maxResults',
    requirement: 'MUST',
    source: 'RFC 7643 §5',
    remedy: 'Advertise the limit that is kept.',
    needs: ['filter'],
    async run(s) {
      const { config } = await s.discovery()
      const limit = at(config.body, 'filter', 'maxResults')
      if (typeof limit !== 'number' || limit < 1) skip('filter.maxResults says nothing.')
      const { resources } = listOf(
        await s.get('/Users', { filter: 'userName pr', startIndex: 1, count: limit + 50 }),
      )
      must(resources.length <= limit, `It returned ${resources.length}; maxResults is ${limit}.`)
    },
  },
  {
    id: 'paging.not-a-number',
    title: 'A startIndex that is no number does no harm',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12',
    remedy: 'Answer 400 invalidValue, or ignore it. Never 500.',
    async run(s) {
      const reply = await s.get('/Users', { startIndex: 'first', count: 'many' })
      must(reply.status < 500, `It answered ${reply.status}.`)
      answered(reply, 200, 400)
    },
  },
  {
    id: 'paging.groups',
    title: 'Groups come in pages as well',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Honour startIndex and count on /Groups.',
    needs: ['groups'],
    async run(s) {
      const { body, resources } = listOf(await s.get('/Groups', { startIndex: 1, count: 1 }))
      must(resources.length <= 1, `count=1 returned ${resources.length}.`)
      same(body['itemsPerPage'], resources.length, 'itemsPerPage')
    },
  },
]

const byCursor: Omit<CheckBody, 'needs'>[] = [
  {
    id: 'paging.cursor-walk',
    title: 'By cursor, everybody is seen exactly once',
    requirement: 'MUST',
    source: 'RFC 9865 §2',
    remedy: 'Give nextCursor until the last page, which has none.',
    writes: true,
    async run(s) {
      const wanted = await ready(s)
      const seen: string[] = []
      let cursor: string | undefined = ''
      for (let page = 0; cursor !== undefined && page <= CROWD; page++) {
        const { body, ids } = cursorList(await s.get('/Users', { filter: crowdFilter(s), count: 3, cursor }))
        seen.push(...ids)
        cursor = typeof body['nextCursor'] === 'string' ? body['nextCursor'] : undefined
      }
      must(cursor === undefined, 'There was a nextCursor on every page.')
      must(new Set(seen).size === seen.length, 'Somebody is on two pages.')
      same(seen.toSorted(), wanted, 'Who was seen')
    },
  },
  {
    id: 'paging.cursor-characters',
    title: 'A cursor has unreserved characters only',
    requirement: 'MUST',
    source: 'RFC 9865 §2',
    remedy: 'Use letters, digits and -._~, as base64url does.',
    writes: true,
    async run(s) {
      await ready(s)
      const { body } = cursorList(await s.get('/Users', { filter: crowdFilter(s), count: 3, cursor: '' }))
      must(/^[\w.~-]+$/.test(String(body['nextCursor'])), `nextCursor is ${show(body['nextCursor'])}.`)
    },
  },
  {
    id: 'paging.cursor-invalid',
    title: 'A cursor that was never given out is refused',
    requirement: 'MUST',
    source: 'RFC 9865 §2.1',
    remedy: 'Answer 400 with scimType invalidCursor.',
    async run(s) {
      refused(await s.get('/Users', { count: 3, cursor: 'keydesk-check-never-given' }), 400, 'invalidCursor')
    },
  },
  {
    id: 'paging.cursor-not-default',
    title: 'Without a cursor, pages go by index',
    requirement: 'CLIENT',
    source: 'Okta, Entra',
    remedy: 'Keep index paging as the default: the clients in use know nothing else.',
    async run(s) {
      const { body } = listOf(await s.get('/Users', { startIndex: 1, count: 1 }))
      same(body['startIndex'], 1, 'startIndex')
    },
  },
]

export const paging = checksOf('Paging', [
  ...byIndex,
  ...byCursor.map((check): CheckBody => ({ ...check, needs: ['cursor'] })),
])

/** Makes the crowd; its ids in order. */
async function ready(s: Session): Promise<string[]> {
  const ids = await s.crowd(CROWD)
  if (ids.length < CROWD) skip('There are not enough accounts to make pages of.')
  return ids.toSorted()
}

// Other checks may have asked for a bigger crowd, so only the first eleven are listed.
function crowdFilter(s: Session): string {
  return `userName sw "${s.crowdPrefix}00" or userName sw "${s.crowdPrefix}010"`
}

async function crowdPage(s: Session, query: { startIndex?: number; count: number }) {
  const list = await s.find('/Users', crowdFilter(s), { startIndex: 1, ...query })
  if (list.total > CROWD) warn('The filter “sw … or sw …” finds too many; see the filters.')
  return list
}

// RFC 9865 lets a server leave totalResults out.
function cursorList(reply: Parameters<typeof listOf>[0]) {
  answered(reply, 200)
  const resources = objects(at(reply.body, 'Resources'))
  const body = reply.body as { nextCursor?: unknown }
  return { body, ids: resources.map(({ id }) => String(id)) }
}
