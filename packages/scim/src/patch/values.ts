/** The values of a multi-valued attribute under PATCH (RFC 7643 §2.4, RFC 7644 §3.5.2). */
import { ScimError } from '../error.ts'
import type { Filter } from '../filter/ast.ts'
import { bindElementFilter } from '../filter/bind.ts'
import { isRecord, type Json, type JsonObject, record } from '../json.ts'
import { type Attribute, findByName } from '../schema/attribute.ts'
import { fold, identityOf } from '../schema/identity.ts'
import { merge } from './edit.ts'

type Changed = { values: Json[]; touched: Json[] }

/** Adds what is not there yet. A value that is there takes over sub-attributes, and is not doubled. */
export function appendValues(attribute: Attribute, before: Json[], given: Json[]): Changed {
  const values = [...before]
  const touched: Json[] = []
  const known = new Map(before.map((value) => [identityOf(attribute, value), value]))
  const byValue = new Map<Json, Json>()
  for (const value of before) noteValue(attribute, value, byValue)
  for (const item of given) {
    if (item === null) continue
    const identity = identityOf(attribute, item)
    const same = known.get(identity) ?? sameValue(attribute, item, byValue)
    if (same === undefined) {
      values.push(item)
      touched.push(item)
      known.set(identity, item)
      noteValue(attribute, item, byValue)
    } else if (isRecord(same) && isRecord(item) && !isFixed(attribute)) {
      touched.push(merge(same, item, attribute))
    }
  }
  return { values, touched }
}

/** Replaces all values. A member that stays keeps what we know of it, though only its id was sent. */
export function replaceValues(attribute: Attribute, before: Json[], given: Json[]): Changed {
  if (!isFixed(attribute)) return appendValues(attribute, [], given)
  const wanted = new Set(given.map((item) => identityOf(attribute, item)))
  const staying = before.filter((value) => wanted.has(identityOf(attribute, value)))
  return appendValues(attribute, staying, given)
}

/** §3.5.2: when a value becomes the primary one, no other stays so. */
export function settlePrimary(attribute: Attribute, values: Json[], touched: Json[]): void {
  // A value can be touched twice by one operation.
  const chosen = [...new Set(touched)].filter((value) => isRecord(value) && value['primary'] === true)
  if (chosen.length === 0 || !findByName(attribute.subAttributes, 'primary')) return
  if (chosen.length > 1)
    throw new ScimError('invalidValue', `${attribute.name} may have only one primary value.`)
  for (const value of values)
    if (isRecord(value) && value !== chosen[0] && value['primary'] === true) value['primary'] = false
}

/** The value that `type eq "work"` describes, with what is given; `undefined` for other filters. */
export function elementFrom(where: Filter | undefined, given: Json, attribute: Attribute): Json | undefined {
  const pins = where ? pinsOf(bindElementFilter(where, attribute)) : record()
  if (!pins || !isRecord(given)) return pins && given
  const pinned = Object.keys(pins).map((name) => findByName(attribute.subAttributes, name))
  if (pinned.some((sub) => sub === undefined || sub.mutability === 'readOnly')) return undefined
  return merge(pins, given, attribute)
}

function pinsOf(filter: Filter): JsonObject | undefined {
  if (filter.kind === 'compare' && filter.op === 'eq' && filter.value !== null)
    return Object.assign(record(), { [filter.path.attr]: filter.value })
  if (filter.kind !== 'and') return undefined
  const left = pinsOf(filter.left)
  const right = pinsOf(filter.right)
  return left && right && Object.assign(left, right)
}

// A value sent without its type is the one we have with a type, rather than a second one.
function sameValue(attribute: Attribute, item: Json, byValue: ReadonlyMap<Json, Json>): Json | undefined {
  if (!isRecord(item) || isFixed(attribute) || item['type'] !== undefined) return undefined
  const value = foldedValue(attribute, item)
  return value === undefined ? undefined : byValue.get(value)
}

function noteValue(attribute: Attribute, item: Json, byValue: Map<Json, Json>): void {
  const value = foldedValue(attribute, item)
  if (value !== undefined && !byValue.has(value)) byValue.set(value, item)
}

function foldedValue(attribute: Attribute, item: Json): Json | undefined {
  const sub = findByName(attribute.subAttributes, 'value')
  const value = sub && isRecord(item) ? item[sub.name] : undefined
  return sub && value !== undefined ? fold(sub, value) : undefined
}

function isFixed(attribute: Attribute): boolean {
  return findByName(attribute.subAttributes, 'value')?.mutability === 'immutable'
}
