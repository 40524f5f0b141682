import { isRecord, type Json } from '../json.ts'
import { type Attribute, findByName } from './attribute.ts'

/**
 * When two values of a multi-valued attribute are the same one. RFC 7643 §2.4: same `type` and
 * `value`. A value that cannot change, such as a member's id, is the identity alone.
 */
export function identityOf(attribute: Attribute, item: Json): string {
  if (!isRecord(item)) return JSON.stringify(fold(attribute, item))
  const sub = findByName(attribute.subAttributes, 'value')
  const value = sub && item[sub.name]
  if (!sub || value === undefined) return sortedJson(item)
  const own = fold(sub, value)
  if (sub.mutability === 'immutable') return typeof own === 'string' ? `"${own}` : JSON.stringify(own)
  const type = item['type'] ?? null
  return JSON.stringify([own, typeof type === 'string' ? type.toLowerCase() : type])
}

/** A string as it compares under the attribute's case rule (RFC 7643 §2.2). */
export function fold(attribute: Attribute, value: Json): Json {
  return typeof value === 'string' && !attribute.caseExact ? value.toLowerCase() : value
}

function sortedJson(value: Json): string {
  if (!isRecord(value)) return JSON.stringify(value)
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
