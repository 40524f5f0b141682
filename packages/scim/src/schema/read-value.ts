/**
 * Reads one attribute's value as clients send it into the form the schema gives it.
 *
 * POST, PUT and PATCH all come through here, so this is the one place that knows which shapes of a
 * value are tolerated: boolean strings, a lone value where a list belongs, a list of one where a
 * single value belongs, and a bare string where an object with `value` belongs.
 */
import { ScimError } from '../error.ts'
import { isRecord, isUnassigned, type Json, type JsonObject, readJson, record } from '../json.ts'
import { type Attribute, findByName } from './attribute.ts'
import { readInstant } from './date-time.ts'
import { type Deviations, ignoreUnknown, type Unknown } from './deviations.ts'
import { identityOf } from './identity.ts'
import { findNamedSub } from './other-names.ts'

export type Reading = {
  readonly deviations: Deviations
  /** What becomes of an attribute the schema lacks: it is ignored, or refused by this error. */
  readonly unknown: Unknown
  /** Keep `null` for unassigned sub-attributes of a single complex value: a PATCH clears them. */
  readonly keepNulls: boolean
}

/** The value in its canonical form; `undefined` when nothing is assigned. Throws `invalidValue`. */
export function readValue(attribute: Attribute, value: Json, at: string, reading: Reading): Json | undefined {
  if (isUnassigned(value)) {
    if (value === '') reading.deviations.report(`${at} was sent as "", and read as unassigned.`)
    return undefined
  }
  return attribute.multiValued
    ? readMany(attribute, value, at, reading)
    : readOne(attribute, value, at, reading)
}

/** Reads a single value, or one of the values of a multi-valued attribute. */
export function readOne(attribute: Attribute, value: Json, at: string, reading: Reading): Json | undefined {
  if (Array.isArray(value) && value.length === 1 && value[0] !== undefined) {
    reading.deviations.report(`${at} was sent as a list of one, and read as a single value.`)
    return readOne(attribute, value[0], at, reading)
  }
  if (isUnassigned(value)) return undefined
  if (attribute.type === 'complex') return readComplex(attribute, value, at, reading)
  return readSimple(attribute, value, at, reading)
}

function readMany(attribute: Attribute, value: Json, at: string, reading: Reading): Json[] | undefined {
  if (!Array.isArray(value))
    reading.deviations.report(`${at} was sent as one value, and read as a list of one.`)
  const seen = new Set<string>()
  const items: Json[] = []
  for (const raw of Array.isArray(value) ? value : [value]) {
    if (Array.isArray(raw)) throw invalid(at, 'must be a list, not a list of lists')
    const item = readOne(attribute, raw, at, { ...reading, keepNulls: false })
    if (lacksValue(attribute, raw, item, at, reading) || item === undefined) continue
    const identity = identityOf(attribute, item)
    if (seen.has(identity)) {
      reading.deviations.report(`${at} has a value twice; the first was kept.`)
      continue
    }
    seen.add(identity)
    items.push(item)
  }
  if (items.filter((item) => isRecord(item) && item['primary'] === true).length > 1)
    throw invalid(at, 'may have only one primary value')
  return items.length > 0 ? items : undefined
}

/** Whether to leave a value out because its `value` is missing. Throws when that would lose a member. */
function lacksValue(
  attribute: Attribute,
  raw: Json,
  item: Json | undefined,
  at: string,
  { deviations }: Reading,
): boolean {
  const value = findByName(attribute.subAttributes, 'value')
  if (!value || (isRecord(item) && item[value.name] !== undefined)) return false
  // A list of members with one of them left out would take that one away.
  if (value.mutability === 'immutable') throw invalid(at, 'has an entry that does not say its value')
  const isEmptied = isRecord(raw) && Object.keys(raw).some((name) => name.toLowerCase() === 'value')
  if (item !== undefined && isEmptied)
    deviations.report(`${at} has an entry whose value is empty; it was left out.`)
  return isEmptied
}

function readComplex(
  attribute: Attribute,
  value: Json,
  at: string,
  reading: Reading,
): JsonObject | undefined {
  const parsed = findByName(attribute.subAttributes, 'value') && parseText(value)
  if (parsed) {
    reading.deviations.report(`${at} was sent as JSON in a string, and read as what it says.`)
    return readComplex(attribute, parsed, at, reading)
  }
  if (typeof value === 'string' && findByName(attribute.subAttributes, 'value')) {
    reading.deviations.report(`${at} was sent as a string, and read as its value.`)
    return readComplex(attribute, { value }, at, reading)
  }
  if (!isRecord(value)) throw invalid(at, 'must be an object')

  const result = record()
  const names = Object.keys(value)
  for (const [name, raw] of Object.entries(value)) {
    const sub = findNamedSub(attribute, name, at, names, reading)
    if (!sub) ignoreUnknown(`${at}.${name}`, reading)
    if (!sub || sub.mutability === 'readOnly') continue
    if (Object.hasOwn(result, sub.name)) throw invalid(`${at}.${sub.name}`, 'is given twice')
    const read = readValue(sub, raw, `${at}.${sub.name}`, reading)
    if (read !== undefined) result[sub.name] = read
    else if (reading.keepNulls) result[sub.name] = null
  }
  if (Object.keys(result).length === 0) return undefined
  if (!reading.keepNulls) requireAll(attribute.subAttributes ?? [], result, `${at}.`)
  return result
}

/**
 * The object that a string holds as JSON, alone or as the only `value`, when it has a `value` of its
 * own. Entra ID writes app roles so: fixtures/entra/add-roles-as-json-text.json.
 */
export function parseText(value: Json): JsonObject | undefined {
  const names = isRecord(value) ? Object.keys(value) : []
  const text = isRecord(value) && names.length === 1 ? value['value'] : value
  if (typeof text !== 'string' || !text.startsWith('{')) return undefined
  try {
    const parsed = readJson(text, { maxDepth: 2 })
    return isRecord(parsed) && typeof parsed['value'] === 'string' ? parsed : undefined
  } catch {
    return undefined
  }
}

/** Throws `invalidValue` when a required attribute has no value. */
export function requireAll(attributes: readonly Attribute[], values: JsonObject, prefix = ''): void {
  for (const { name, required, mutability } of attributes)
    if (required && mutability !== 'readOnly' && isUnassigned(values[name]))
      throw new ScimError('invalidValue', `${prefix}${name} is required.`)
}

function readSimple(attribute: Attribute, value: Json, at: string, reading: Reading): Json {
  switch (attribute.type) {
    case 'boolean':
      return readBoolean(value, at, reading)
    case 'integer':
      if (typeof value !== 'number' || !Number.isSafeInteger(value))
        throw invalid(at, 'must be a whole number')
      return value
    case 'decimal':
      if (typeof value !== 'number') throw invalid(at, 'must be a number')
      return value
    case 'dateTime':
      if (typeof value !== 'string' || !value.includes('T') || readInstant(value) === undefined)
        throw invalid(at, 'must be a date and time such as 2026-01-31T09:30:00Z')
      return value
    case 'binary':
      if (typeof value !== 'string' || !BASE64.test(value)) throw invalid(at, 'must be in base64')
      return value
    default:
      if (typeof value !== 'string') throw invalid(at, 'must be a string')
      return value
  }
}

const BASE64 = /^[A-Za-z0-9+/\-_]+={0,2}$/

function readBoolean(value: Json, at: string, reading: Reading): boolean {
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' ? value.toLowerCase() : ''
  if (word !== 'true' && word !== 'false') throw invalid(at, 'must be true or false')
  reading.deviations.report(`${at} was sent as a string, and read as a boolean.`)
  return word === 'true'
}

function invalid(at: string, problem: string): ScimError {
  return new ScimError('invalidValue', `${at} ${problem}.`)
}
