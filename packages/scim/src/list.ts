/** Pages of a query (RFC 7644 §3.4.2, §3.4.2.4). */
import { ScimError } from './error.ts'
import type { JsonObject } from './json.ts'

const LIST_URN = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

export type Page = { startIndex: number; count: number }

export type PageQuery = { startIndex?: string | number | undefined; count?: string | number | undefined }

export type PageOptions = { defaultCount?: number; maxCount?: number }

export type ListResponse<T> = {
  schemas: string[]
  totalResults: number
  startIndex: number
  itemsPerPage: number
  Resources: T[]
}

/** Reads `startIndex` and `count`: below the lowest is the lowest, above the highest is the highest. */
export function readPage(query: PageQuery, { defaultCount = 100, maxCount = 200 }: PageOptions = {}): Page {
  const count = readInteger('count', query.count) ?? defaultCount
  return {
    startIndex: Math.max(1, readInteger('startIndex', query.startIndex) ?? 1),
    count: Math.min(maxCount, Math.max(0, count)),
  }
}

/** One page. `itemsPerPage` is what it holds: Okta's review refuses the number that was asked for. */
export function listResponse<T extends object = JsonObject>(
  resources: T[],
  { totalResults, startIndex }: { totalResults: number; startIndex: number },
): ListResponse<T> {
  return {
    schemas: [LIST_URN],
    totalResults,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  }
}

function readInteger(name: string, value: string | number | undefined): number | undefined {
  if (value === undefined || value === '') return undefined
  const number = typeof value === 'number' || /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(number)) throw new ScimError('invalidValue', `${name} must be a whole number.`)
  return number
}
