/** `/.search` (RFC 7644 §3.4.3): the parameters of a list in a body, for filters that should not stand in a URL. */
import {
  compareSorted,
  entitlementResourceType,
  groupResourceType,
  listResponse,
  matches,
  project,
  type Resource,
  type ResourceType,
  readPage,
  readProjection,
  readSearchRequest,
  readSort,
  roleResourceType,
  ScimError,
} from '@keydesk/scim'
import { listVisible } from '#accounts'
import { transact } from '#platform'
import { whereFilter } from './filter-sql.ts'
import { entitlements, roles } from './governance.ts'
import { findGroups } from './groups.ts'
import type { Answer, Call, Handler } from './http.ts'
import { MAX_RESULTS, readFilter } from './listing.ts'
import { factsOf, userOf } from './user-resource.ts'

/** The same list, with its parameters in the body. */
export function searchAs(list: Handler): Handler {
  return (call) => {
    const { query, deviations } = readSearchRequest(call.body())
    call.tolerated(deviations)
    return list({ ...call, ifNoneMatch: undefined, query })
  }
}

/** How many resources a search over all types may find: it is answered from memory. */
const MOST = 2000

interface Hit {
  resource: Resource
  type: ResourceType
}

/**
 * A list over all types at once (RFC 7644 §3.4.2.1): an attribute that a type does not have has no value
 * there, and one that no type has is refused.
 */
export async function searchAll(call: Call): Promise<Answer> {
  const page = readPage(call.query, { maxCount: MAX_RESULTS })
  if (page.kind === 'cursor' && page.cursor !== undefined)
    throw new ScimError('invalidCursor', 'A search over all types has no cursors. Use startIndex and count.')
  const hits = await findAll(call)
  const shown =
    page.kind === 'index' ? hits.slice(page.startIndex - 1, page.startIndex - 1 + page.count) : hits
  const position = page.kind === 'index' ? { startIndex: page.startIndex } : {}
  return {
    status: 200,
    body: listResponse(
      shown.map(({ resource, type }) => project(resource, type, readProjection(call.query, type))),
      { totalResults: hits.length, ...position },
    ),
  }
}

async function findAll(call: Call): Promise<Hit[]> {
  const types = [call.userType, groupResourceType, roleResourceType, entitlementResourceType]
  const asked = types.map((type) => ({ type, ...readFor(call, type) }))
  const error = asked.every(({ refused }) => refused) ? asked[0]?.refused : undefined
  if (error) throw error
  const found = await Promise.all(
    asked.filter(({ refused }) => !refused).map(({ type }) => findOf(call, type)),
  )
  const hits = found.flat()
  if (hits.length > MOST) throw tooMany()
  const sort = asked.find(({ sort: one }) => one)?.sort
  return sort ? hits.sort((a, b) => compareSorted(a.resource, b.resource, sort)) : hits
}

function readFor({ query }: Call, type: ResourceType) {
  try {
    if (query.filter) readFilter(query.filter, type)
    return { sort: readSort(query, type) }
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    return { refused: error }
  }
}

async function findOf(call: Call, type: ResourceType): Promise<Hit[]> {
  const filter = call.query.filter ? readFilter(call.query.filter, type) : undefined
  if (type === call.userType) {
    const { ctx, base } = call
    const { rows } = await listVisible(ctx.platform, ctx.tenantId, {
      where: filter && whereFilter(filter, type, base),
      start: { offset: 0 },
      limit: MOST + 1,
      parts: true,
    })
    return rows.flatMap((row) =>
      row.parts ? [{ type, resource: userOf(row.parts, factsOf(row), type, base) }] : [],
    )
  }
  const found =
    type === groupResourceType
      ? await transact(call.ctx, (tx) => findGroups(tx, call, filter, true))
      : await (type === roleResourceType ? roles : entitlements).find(call)
  return found
    .filter((resource) => !filter || matches(resource, filter, type))
    .map((resource) => ({ resource, type }))
}

function tooMany(): ScimError {
  return new ScimError(
    'tooMany',
    `A search over all types finds ${MOST} resources at most. Ask for one type.`,
  )
}
