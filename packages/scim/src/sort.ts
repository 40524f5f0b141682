/** The order of a query's answers (RFC 7644 §3.4.2.3). */
import { ScimError } from './error.ts'
import type { AttrPath } from './filter/ast.ts'
import { spellPath } from './filter/bind.ts'
import { readAttrPath } from './filter/parse.ts'
import { isRecord, type Json } from './json.ts'
import type { Resource } from './resource.ts'
import { findByName } from './schema/attribute.ts'
import { readInstant } from './schema/date-time.ts'
import { fold } from './schema/identity.ts'
import { findTarget, type ResourceType, schemaUrns, type Target } from './schema/resource-type.ts'

export type SortQuery = { sortBy?: string | undefined; sortOrder?: string | undefined }

/**
 * By what to sort. `sub ?? attribute` is what is compared, and `attribute.multiValued` says whether one
 * of several values has to be picked first. `path` is in the schema's spelling, with the extension's URN.
 */
export type Sort = Target & { path: AttrPath; descending: boolean }

/** What compares: text folded by the attribute's case rule, false and true as 0 and 1, times as milliseconds. */
export type SortKey = string | number

/**
 * Reads `sortBy` and `sortOrder`; undefined when nothing is asked for. Throws `invalidPath` for what
 * cannot be sorted by, and `invalidValue` for an order that is neither of the two.
 */
export function readSort({ sortBy, sortOrder }: SortQuery, type: ResourceType): Sort | undefined {
  if (sortBy === undefined || sortBy === '') return undefined
  const order = sortOrder?.toLowerCase() || 'ascending'
  if (order !== 'ascending' && order !== 'descending')
    throw new ScimError('invalidValue', 'sortOrder is ascending or descending.')
  const target = withValue(findTarget(type, readAttrPath(sortBy, schemaUrns(type), 'invalidPath')), type)
  return { ...target, path: spellPath(target), descending: order === 'descending' }
}

/** The key of a resource: of the primary value of a list, or else of its first. Undefined when there is none. */
export function sortKeyOf(resource: Resource, { attribute, sub, extension }: Sort): SortKey | undefined {
  const holder = extension ? resource[extension.id] : resource
  const value = isRecord(holder) ? chosenOf(holder[attribute.name]) : undefined
  if (!sub) return keyOf(value, { attribute })
  return keyOf(isRecord(value) ? chosenOf(value[sub.name]) : undefined, { attribute: sub })
}

/** Compares two resources for `Array.prototype.sort`: without a value is last, and first when descending. */
export function compareSorted(a: Resource, b: Resource, sort: Sort): number {
  return compareSortKeys(sortKeyOf(a, sort), sortKeyOf(b, sort), sort)
}

/** The same for keys: of a resource that is gone, only its key may be known. */
export function compareSortKeys(
  a: SortKey | undefined,
  b: SortKey | undefined,
  { descending }: { descending: boolean },
): number {
  const order = compareKeys(a, b)
  return descending ? 0 - order : order
}

function withValue(target: Target | undefined, type: ResourceType): Target {
  if (!target) throw invalid(`it is not an attribute of a ${type.name}`)
  const { attribute, sub } = target
  // A hidden value shows itself by its place among known ones.
  for (const part of [attribute, sub])
    if (part?.mutability === 'writeOnly' || part?.returned === 'never') throw invalid('it is never shown')
  if ((sub ?? attribute).type !== 'complex') return target
  const value = sub ? undefined : findByName(attribute.subAttributes, 'value')
  if (!value) throw invalid(`${attribute.name} has parts, so name one of them`)
  return withValue({ ...target, sub: value }, type)
}

function chosenOf(value: Json | undefined): Json | undefined {
  if (!Array.isArray(value)) return value
  return value.find((item) => isRecord(item) && item['primary'] === true) ?? value[0]
}

function keyOf(value: Json | undefined, { attribute }: Target): SortKey | undefined {
  switch (attribute.type) {
    case 'boolean':
      return typeof value === 'boolean' ? Number(value) : undefined
    case 'integer':
    case 'decimal':
      return typeof value === 'number' ? value : undefined
    case 'dateTime':
      return typeof value === 'string' ? readInstant(value) : undefined
    default:
      // `""` is unassigned (RFC 7643 §2.5 and what clients mean by it).
      return typeof value === 'string' && value !== '' ? String(fold(attribute, value)) : undefined
  }
}

function compareKeys(a: SortKey | undefined, b: SortKey | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  return a < b ? -1 : Number(a > b)
}

/**
 * By code points, as PostgreSQL's "C" collation has it. JavaScript's `<` goes by UTF-16, where a
 * surrogate pair stands before U+E000, though its character stands behind U+FFFF.
 */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

function invalid(problem: string): ScimError {
  return new ScimError('invalidPath', `Nothing can be sorted by this sortBy: ${problem}.`)
}
