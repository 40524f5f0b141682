/** Queries by POST (RFC 7644 §3.4.3), and over all types at the root (§3.4.2.1). A server may leave them out. */
import { type CheckBody, checksOf } from '../check.ts'
import { at, isUnset, listOf, must, objects, refused, same, skip } from '../expect.ts'
import type { Session } from '../session.ts'
import type { Reply } from '../wire.ts'

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'
const POST_SECTION = 'RFC 7644 §3.4.3'

const checks: CheckBody[] = [
  {
    id: 'search.users',
    title: 'POST /Users/.search finds what a filter finds',
    requirement: 'MUST',
    source: POST_SECTION,
    remedy: 'Answer it like the GET with the same parameters.',
    needs: ['filter'],
    async run(s) {
      const { id, userName } = await s.sample()
      const { ids, total } = listOf(
        await ask(s, '/Users', { filter: `userName eq ${JSON.stringify(userName)}` }),
      )
      same([ids, total], [[id], 1], 'The ids and totalResults')
    },
  },
  {
    id: 'search.groups',
    title: 'POST /Groups/.search finds what a filter finds',
    requirement: 'MUST',
    source: POST_SECTION,
    remedy: 'Answer it like the GET with the same parameters.',
    needs: ['filter', 'groups'],
    async run(s) {
      const { id, displayName } = await s.sampleGroup()
      const { ids } = listOf(
        await ask(s, '/Groups', { filter: `displayName eq ${JSON.stringify(displayName)}` }),
      )
      must(ids.includes(id), 'The group is not found.')
    },
  },
  {
    id: 'search.attributes',
    title: 'attributes of a search is a list, and is honoured',
    requirement: 'MUST',
    source: POST_SECTION,
    remedy: 'Read a list of names here, not a text with commas.',
    async run(s) {
      await s.sample()
      const { resources } = listOf(
        await ask(s, '/Users', { attributes: ['userName'], startIndex: 1, count: 1 }),
      )
      must(
        !isUnset(resources[0]?.['userName']) && resources[0]?.['emails'] === undefined,
        `It has ${Object.keys(resources[0] ?? {}).join(', ')}.`,
      )
    },
  },
  {
    id: 'search.excluded',
    title: 'excludedAttributes of a search is honoured',
    requirement: 'MUST',
    source: POST_SECTION,
    remedy: 'Read a list of names here, too.',
    async run(s) {
      await s.sample()
      const { resources } = listOf(
        await ask(s, '/Users', { excludedAttributes: ['emails'], startIndex: 1, count: 1 }),
      )
      must(resources[0]?.['emails'] === undefined, 'emails is there.')
    },
  },
  {
    id: 'search.count',
    title: 'count and startIndex of a search are honoured',
    requirement: 'MUST',
    source: POST_SECTION,
    remedy: 'Cut pages as for a GET.',
    async run(s) {
      const { resources, body } = listOf(await ask(s, '/Users', { startIndex: 1, count: 1 }))
      must(resources.length <= 1, `count: 1 returned ${resources.length}.`)
      same(body['itemsPerPage'], resources.length, 'itemsPerPage')
    },
  },
  {
    id: 'search.count-zero',
    title: 'count: 0 of a search returns the total alone',
    requirement: 'MUST',
    source: POST_SECTION,
    remedy: 'Return totalResults alone.',
    async run(s) {
      same(listOf(await ask(s, '/Users', { count: 0 })).resources.length, 0, 'The number of resources')
    },
  },
  {
    id: 'search.invalid',
    title: 'A search with a filter that cannot be read is refused',
    requirement: 'MUST',
    source: POST_SECTION,
    remedy: 'Answer 400 with scimType invalidFilter.',
    needs: ['filter'],
    async run(s) {
      refused(await ask(s, '/Users', { filter: 'userName eq' }), 400, 'invalidFilter')
    },
  },
  {
    id: 'search.root',
    title: 'POST /.search looks in all types',
    requirement: 'MUST',
    source: POST_SECTION,
    remedy: 'Search users and groups, and give each its meta.resourceType.',
    needs: ['filter', 'groups'],
    async run(s) {
      const [user, group] = [await s.sample(), await s.sampleGroup()]
      const filter = `id eq "${user.id}" or id eq "${group.id}"`
      const { ids } = listOf(await ask(s, '', { filter }))
      for (const id of [user.id, group.id]) must(ids.includes(id), `${id} is not found.`)
    },
  },
  {
    id: 'search.one-id',
    title: 'No two resources have the same id, whatever their types',
    requirement: 'MUST',
    source: 'RFC 7643 §3.1',
    remedy: 'Give each resource an id of its own: a prefix for the type is enough.',
    needs: ['filter', 'groups'],
    async run(s) {
      for (const { id } of [await s.sample(), await s.sampleGroup()]) {
        const { resources } = listOf(await ask(s, '', { filter: `id eq "${id}"` }))
        const types = resources.map((one) => at(one, 'meta', 'resourceType'))
        must(types.length < 2, `The id ${id} is that of ${types.join(' and ')}.`)
      }
    },
  },
  {
    id: 'search.root-get',
    title: 'GET /?filter= looks in all types',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2.1',
    remedy: 'Serve queries at the base URL, or answer 501.',
    needs: ['filter', 'groups'],
    async run(s) {
      const user = await s.sample()
      const reply = await s.get('/', { filter: `id eq "${user.id}"` })
      unlessMissing(reply)
      const { ids, resources } = listOf(reply)
      same(ids, [user.id], 'The ids')
      same(at(objects(resources)[0], 'meta', 'resourceType'), 'User', 'meta.resourceType')
    },
  },
]

export const searching = checksOf('Search', checks)

async function ask(s: Session, below: string, parameters: object): Promise<Reply> {
  const reply = await s.post(`${below}/.search`, { schemas: [SEARCH], ...parameters })
  unlessMissing(reply)
  return reply
}

function unlessMissing({ status, asked }: Reply): void {
  if ([404, 405, 501].includes(status)) skip(`not offered: ${asked} answered ${status}.`)
}
