/** Pages of a query, by index (RFC 7644 §3.4.2.4) or by cursor (RFC 9865). */
import { ScimError } from './error.ts'
import type { JsonObject } from './json.ts'

const LIST_URN = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

export type Page =
  | { kind: 'index'; startIndex: number; count: number }
  /** Without a cursor it is the first page. Whose cursor it is, and how old, is the server's to check. */
  | { kind: 'cursor'; cursor: string | undefined; count: number }

export type PageQuery = {
  startIndex?: string | number | undefined
  count?: string | number | undefined
  cursor?: string | undefined
}

export type PageOptions = { defaultCount?: number; maxCount?: number }

export type ListResponse<T> = {
  schemas: string[]
  totalResults?: number
  startIndex?: number
  itemsPerPage: number
  nextCursor?: string
  previousCursor?: string
  Resources: T[]
}

/** What a page says of its place. What is undefined is left out. */
export type ListPosition = {
  totalResults?: number | undefined
  startIndex?: number | undefined
  nextCursor?: string | undefined
  previousCursor?: string | undefined
}

/**
 * Reads `startIndex`, `count` and `cursor`. A cursor, even an empty one, asks for pages by cursor; all
 * else is by index. A count above the highest is the highest. Below the lowest it is the lowest by
 * index, and `invalidCount` by cursor. Throws `invalidValue`, `invalidCount` or `invalidCursor`.
 */
export function readPage(query: PageQuery, { defaultCount = 100, maxCount = 200 }: PageOptions = {}): Page {
  if (query.cursor !== undefined) return readCursorPage(query.cursor, query, { defaultCount, maxCount })
  const count = readInteger('count', query.count) ?? defaultCount
  return {
    kind: 'index',
    startIndex: Math.max(1, readInteger('startIndex', query.startIndex) ?? 1),
    count: Math.min(maxCount, Math.max(0, count)),
  }
}

/** One page. `itemsPerPage` is what it holds: Okta's review refuses the number that was asked for. */
export function listResponse<T extends object = JsonObject>(
  resources: T[],
  { totalResults, startIndex, nextCursor, previousCursor }: ListPosition,
): ListResponse<T> {
  return {
    schemas: [LIST_URN],
    ...(totalResults === undefined ? {} : { totalResults }),
    ...(startIndex === undefined ? {} : { startIndex }),
    itemsPerPage: resources.length,
    ...(nextCursor === undefined ? {} : { nextCursor }),
    ...(previousCursor === undefined ? {} : { previousCursor }),
    Resources: resources,
  }
}

// RFC 9865 §2: a cursor has unreserved characters only (RFC 3986 §2.3), and a page at least one result.
function readCursorPage(cursor: string, query: PageQuery, options: Required<PageOptions>): Page {
  if (query.startIndex !== undefined && query.startIndex !== '')
    throw new ScimError('invalidValue', 'Give either startIndex or cursor, not both.')
  if (cursor.length > MAX_CURSOR || !/^[\w.~-]*$/.test(cursor))
    throw new ScimError('invalidCursor', 'Use a cursor as it was given in nextCursor or previousCursor.')
  const count = readInteger('count', query.count, 'invalidCount') ?? options.defaultCount
  if (count < 1) throw new ScimError('invalidCount', `count must be between 1 and ${options.maxCount}.`)
  return {
    kind: 'cursor',
    cursor: cursor === '' ? undefined : cursor,
    count: Math.min(options.maxCount, count),
  }
}

const MAX_CURSOR = 2048

function readInteger(
  name: string,
  value: string | number | undefined,
  scimType: 'invalidValue' | 'invalidCount' = 'invalidValue',
): number | undefined {
  if (value === undefined || value === '') return undefined
  const number = typeof value === 'number' || /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(number)) throw new ScimError(scimType, `${name} must be a whole number.`)
  return number
}
