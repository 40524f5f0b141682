import { isRecord, type Json, ScimError } from '@keydesk/scim'
import type { Handler, Query } from './http.ts'

/** RFC 7644 §3.4.3: the parameters of a list in a body, for filters that should not stand in a URL. */
export function searchAs(list: Handler): Handler {
  return (call) => {
    const body = call.body()
    if (!isRecord(body)) throw new ScimError('invalidSyntax', 'A search request is a JSON object.')
    return list({ ...call, ifNoneMatch: undefined, query: readSearch(body) })
  }
}

function readSearch(body: { [name: string]: Json }): Query {
  const query: Query = {}
  const { filter, startIndex, count, attributes, excludedAttributes } = body
  if (isGiven(filter)) query.filter = requireText('filter', filter)
  if (isGiven(startIndex)) query.startIndex = requireNumber('startIndex', startIndex)
  if (isGiven(count)) query.count = requireNumber('count', count)
  if (isGiven(attributes)) query.attributes = requireNames('attributes', attributes)
  if (isGiven(excludedAttributes))
    query.excludedAttributes = requireNames('excludedAttributes', excludedAttributes)
  return query
}

function isGiven(value: Json | undefined): value is Exclude<Json, null> {
  return value !== undefined && value !== null
}

function requireText(name: string, value: Json): string {
  if (typeof value !== 'string') throw new ScimError('invalidValue', `${name} is a string.`)
  return value
}

function requireNumber(name: string, value: Json): number {
  if (typeof value !== 'number') throw new ScimError('invalidValue', `${name} is a number.`)
  return value
}

function requireNames(name: string, value: Json): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw new ScimError('invalidValue', `${name} is a list of attribute names.`)
}
