/**
 * JSON as it may come from a stranger.
 *
 * `JSON.parse` keeps the last of two equal keys, rounds large integers and accepts text that
 * PostgreSQL cannot store, so a body is read here first. Objects have no prototype: a key named
 * `__proto__` is only a key.
 */
import { ScimError } from './error.ts'

export type Json = null | boolean | number | string | Json[] | JsonObject
export type JsonObject = { [name: string]: Json }

export type JsonLimits = { maxDepth?: number }

/** Reads one JSON value (RFC 8259), or throws `invalidSyntax`. */
export function readJson(text: string, limits: JsonLimits = {}): Json {
  const reader: Reader = { text, at: 0, maxDepth: limits.maxDepth ?? 12 }
  const value = readAny(reader, 1)
  skipSpace(reader)
  if (reader.at < text.length) throw syntaxError(reader.at, 'nothing may follow the value')
  return value
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A JSON object without a prototype. */
export function record(): JsonObject {
  return Object.create(null)
}

/** RFC 7643 §2.5: null, an empty array and no value are the same; clients add `""` and `{}`. */
export function isUnassigned(value: Json | undefined): value is null | undefined | '' | [] {
  if (value === undefined || value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isRecord(value) && Object.keys(value).length === 0
}

/** A deep copy whose objects have no prototype. */
export function cloneJson<T extends Json>(value: T): T
export function cloneJson(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => cloneJson(item))
  if (!isRecord(value)) return value
  const copy = record()
  for (const [name, item] of Object.entries(value)) copy[name] = cloneJson(item)
  return copy
}

/** Deep equality; the order of an object's keys does not matter. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => sameJson(item, b[index]))
    )
  if (!isRecord(a) || !isRecord(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]))
  )
}

/** Reads the string literal that opens at `at`; `undefined` when it is not one. */
export function scanString(text: string, at: number): { value: string; end: number } | undefined {
  let end = at + 1
  while (text[end] !== '"') {
    if (end >= text.length) return undefined
    end += text[end] === '\\' ? 2 : 1
  }
  try {
    const value: unknown = JSON.parse(text.slice(at, end + 1))
    return typeof value === 'string' && isStorable(value) ? { value, end: end + 1 } : undefined
  } catch {
    return undefined
  }
}

/** Reads the number that starts at `at`; `undefined` when JavaScript cannot hold it exactly. */
export function scanNumber(text: string, at: number): { value: number; end: number } | undefined {
  const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
  number.lastIndex = at
  const raw = number.exec(text)?.[0]
  if (raw === undefined) return undefined
  const value = Number(raw)
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) return undefined
  return { value: value === 0 ? 0 : value, end: at + raw.length }
}

type Reader = { readonly text: string; at: number; readonly maxDepth: number }

function readAny(reader: Reader, depth: number): Json {
  skipSpace(reader)
  const opening = reader.text[reader.at]
  if (opening === '{' || opening === '[') {
    if (depth > reader.maxDepth)
      throw new ScimError('invalidSyntax', `The JSON is nested deeper than ${reader.maxDepth} levels.`)
    return opening === '{' ? readObject(reader, depth) : readArray(reader, depth)
  }
  if (opening === '"') return readString(reader)
  for (const [word, value] of WORDS) {
    if (!reader.text.startsWith(word, reader.at)) continue
    reader.at += word.length
    return value
  }
  const number = scanNumber(reader.text, reader.at)
  if (!number) throw syntaxError(reader.at, 'a value was expected that JSON can carry exactly')
  reader.at = number.end
  return number.value
}

const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const

function readObject(reader: Reader, depth: number): JsonObject {
  const object = record()
  reader.at++
  if (take(reader, '}')) return object
  do {
    skipSpace(reader)
    if (reader.text[reader.at] !== '"') throw syntaxError(reader.at, 'a name in quotes was expected')
    const name = readString(reader)
    if (Object.hasOwn(object, name)) throw syntaxError(reader.at, 'a name occurs twice in one object')
    if (!take(reader, ':')) throw syntaxError(reader.at, 'a colon was expected')
    object[name] = readAny(reader, depth + 1)
  } while (take(reader, ','))
  if (!take(reader, '}')) throw syntaxError(reader.at, 'a comma or } was expected')
  return object
}

function readArray(reader: Reader, depth: number): Json[] {
  const items: Json[] = []
  reader.at++
  if (take(reader, ']')) return items
  do items.push(readAny(reader, depth + 1))
  while (take(reader, ','))
  if (!take(reader, ']')) throw syntaxError(reader.at, 'a comma or ] was expected')
  return items
}

function readString(reader: Reader): string {
  const string = scanString(reader.text, reader.at)
  if (!string) throw syntaxError(reader.at, 'a string is not closed, or not valid Unicode text')
  reader.at = string.end
  return string.value
}

function take(reader: Reader, character: string): boolean {
  skipSpace(reader)
  if (reader.text[reader.at] !== character) return false
  reader.at++
  return true
}

function skipSpace(reader: Reader): void {
  while (' \t\n\r'.includes(reader.text[reader.at] ?? '-')) reader.at++
}

// PostgreSQL stores neither NUL nor half of a surrogate pair.
function isStorable(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed()
}

function syntaxError(at: number, problem: string): ScimError {
  return new ScimError('invalidSyntax', `The body is not valid JSON: ${problem}, at character ${at + 1}.`)
}
