/** Runs filters in memory (RFC 7644 §3.4.2.2). */
import { isRecord, isUnassigned, type Json } from '../json.ts'
import type { Resource } from '../resource.ts'
import { type Attribute, findByName } from '../schema/attribute.ts'
import { readInstant } from '../schema/date-time.ts'
import { fold } from '../schema/identity.ts'
import { findTarget, type ResourceType } from '../schema/resource-type.ts'
import type { AttrPath, CompareOp, Filter, Literal } from './ast.ts'
import { bindElementFilter, bindFilter, elementAttribute } from './bind.ts'

/** Whether a resource passes a filter; throws `invalidFilter` as `bindFilter` does. */
export function matches(resource: Resource, filter: Filter, type: ResourceType): boolean {
  return evaluate(bindFilter(filter, type), (path) => slotIn(resource, path, type))
}

/** A test for the values of a multi-valued attribute, as `where` in a PATCH path has it. */
export function elementMatcher(filter: Filter, owner: Attribute): (element: Json) => boolean {
  const bound = bindElementFilter(filter, owner)
  return (element) => evaluate(bound, (path) => slotInElement(element, path, owner))
}

/** The values a path leads to. There are several when an attribute on the way is multi-valued. */
type Slot = { attribute: Attribute; values: Json[] }
type Lookup = (path: AttrPath) => Slot | undefined

function slotIn(resource: Resource, path: AttrPath, type: ResourceType): Slot | undefined {
  const target = findTarget(type, path)
  if (!target) return undefined
  const holder = target.extension ? resource[target.extension.id] : resource
  const values = listOf(isRecord(holder) ? holder[target.attribute.name] : undefined)
  const { sub } = target
  if (!sub) return { attribute: target.attribute, values }
  return { attribute: sub, values: values.flatMap((item) => (isRecord(item) ? listOf(item[sub.name]) : [])) }
}

function slotInElement(element: Json, path: AttrPath, owner: Attribute): Slot | undefined {
  const attribute = elementAttribute(owner, path.attr)
  if (!attribute) return undefined
  return { attribute, values: listOf(isRecord(element) ? element[attribute.name] : element) }
}

function listOf(value: Json | undefined): Json[] {
  if (value === undefined) return []
  return (Array.isArray(value) ? value : [value]).filter((item) => !isEmpty(item))
}

// `""` is a string like any other to a filter; only POST, PUT and PATCH read it as unassigned.
function isEmpty(value: Json): boolean {
  return value !== '' && isUnassigned(value)
}

function evaluate(filter: Filter, lookup: Lookup): boolean {
  switch (filter.kind) {
    case 'and':
      return evaluate(filter.left, lookup) && evaluate(filter.right, lookup)
    case 'or':
      return evaluate(filter.left, lookup) || evaluate(filter.right, lookup)
    case 'not':
      return !evaluate(filter.filter, lookup)
    case 'present':
      return lookup(filter.path)?.values.some(isPresent) ?? false
    case 'some':
      return isAnyElement(filter.where, lookup(filter.path))
    case 'compare':
      return compareAny(filter.op, filter.value, lookup(filter.path))
  }
}

function isPresent(value: Json): boolean {
  return isRecord(value) ? Object.values(value).some((item) => !isEmpty(item)) : true
}

function isAnyElement(where: Filter, slot: Slot | undefined): boolean {
  if (!slot) return false
  return slot.values.some((element) =>
    evaluate(where, (path) => slotInElement(element, path, slot.attribute)),
  )
}

// No value equals null, and differs from everything else; among several values, one is enough.
function compareAny(op: CompareOp, literal: Literal, slot: Slot | undefined): boolean {
  if (!slot || slot.values.length === 0) return op === (literal === null ? 'eq' : 'ne')
  if (literal === null) return op === 'ne'
  return slot.values.some((value) => compareOne(op, value, literal, slot.attribute))
}

function compareOne(op: CompareOp, value: Json, literal: Json, attribute: Attribute): boolean {
  if (isRecord(value)) {
    const sub = findByName(attribute.subAttributes, 'value')
    return sub ? compareOne(op, value[sub.name] ?? null, literal, sub) : false
  }
  const [left, right] = comparable(value, literal, attribute, op)
  switch (op) {
    case 'eq':
      return left === right
    case 'ne':
      return left !== right
    case 'co':
      return typeof left === 'string' && typeof right === 'string' && left.includes(right)
    case 'sw':
      return typeof left === 'string' && typeof right === 'string' && left.startsWith(right)
    case 'ew':
      return typeof left === 'string' && typeof right === 'string' && left.endsWith(right)
    default:
      return isOrdered(op, left, right)
  }
}

function isOrdered(op: 'gt' | 'ge' | 'lt' | 'le', left: Json, right: Json): boolean {
  if (left === null || right === null || typeof left !== typeof right) return false
  switch (op) {
    case 'gt':
      return left > right
    case 'ge':
      return left >= right
    case 'lt':
      return left < right
    case 'le':
      return left <= right
  }
}

function comparable(value: Json, literal: Json, attribute: Attribute, op: CompareOp): [Json, Json] {
  const isPart = op === 'co' || op === 'sw' || op === 'ew'
  if (attribute.type === 'dateTime' && !isPart && typeof value === 'string' && typeof literal === 'string')
    return [readInstant(value) ?? null, readInstant(literal) ?? null]
  return [fold(attribute, value), fold(attribute, literal)]
}
