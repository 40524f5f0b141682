/** The body of a `/.search` request (RFC 7644 §3.4.3, RFC 9865 §3): the parameters of a list, as JSON. */
import { ScimError } from './error.ts'
import { isRecord, type Json, type JsonObject } from './json.ts'
import type { PageQuery } from './list.ts'
import { collectDeviations, type Deviations, fieldOf } from './schema/deviations.ts'
import type { ProjectionQuery } from './schema/project.ts'
import type { SortQuery } from './sort.ts'

export const SEARCH_URN = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

/** What `readPage`, `readSort`, `readProjection` and `parseFilter` take. */
export type SearchQuery = PageQuery & SortQuery & ProjectionQuery & { filter?: string | undefined }

export type ReadSearch = {
  query: SearchQuery
  /** One sentence for each thing that is tolerated though the RFC does not allow it. */
  deviations: string[]
}

/** Reads a search request. `null` is the same as absent. Throws `invalidSyntax` or `invalidValue`. */
export function readSearchRequest(body: Json): ReadSearch {
  if (!isRecord(body)) throw new ScimError('invalidSyntax', 'A search request is a JSON object.')
  const deviations = collectDeviations()
  const schemas = fieldOf(body, 'schemas', { deviations })
  if (!Array.isArray(schemas) || !schemas.includes(SEARCH_URN))
    deviations.report(`schemas does not name ${SEARCH_URN}.`)

  const query: SearchQuery = {}
  for (const name of ['filter', 'sortBy', 'sortOrder', 'cursor'] as const) {
    const text = givenAt(body, name, deviations, isText, 'a string')
    if (text !== undefined) query[name] = text
  }
  for (const name of ['startIndex', 'count'] as const) {
    const number = givenAt(body, name, deviations, isNumber, 'a number')
    if (number !== undefined) query[name] = number
  }
  for (const name of ['attributes', 'excludedAttributes'] as const) {
    const names = givenAt(body, name, deviations, isTexts, 'a list of attribute names')
    if (names !== undefined) query[name] = names
  }
  return { query, deviations: deviations.list }
}

function givenAt<T extends Json>(
  body: JsonObject,
  name: string,
  deviations: Deviations,
  is: (value: Json) => value is T,
  what: string,
): T | undefined {
  const value = fieldOf(body, name, { deviations })
  if (value === undefined || value === null) return undefined
  if (!is(value)) throw new ScimError('invalidValue', `${name} is ${what}.`)
  return value
}

const isText = (value: Json) => typeof value === 'string'
const isNumber = (value: Json) => typeof value === 'number'
const isTexts = (value: Json): value is string[] => Array.isArray(value) && value.every(isText)
