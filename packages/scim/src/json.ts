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

/** How large a body may be: levels, names in all objects together, characters of one string. */
export type JsonLimits = { maxDepth?: number; maxKeys?: number; maxString?: number }

/**
 * Reads one JSON value (RFC 8259), or throws `invalidSyntax`. A body with nothing unusual in it goes
 * through `JSON.parse`, which is several times as fast; any other is read with care, and refused with
 * the place of its fault.
 */
export function readJson(text: string, limits: JsonLimits = {}): Json {
  const all: Required<JsonLimits> = { ...DEFAULTS, ...limits }
  return readPlain(text, all) ?? readCarefully(text, all)
}

const DEFAULTS = { maxDepth: 12, maxKeys: 2000, maxString: 8192 } as const

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A JSON object without a prototype. */
export function record(): JsonObject {
  // V8 keeps what `Object.create(null)` makes as a hash table, which takes twice as long to fill and to list.
  return Object.setPrototypeOf({}, null)
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
  if (!isExact(value)) return undefined
  return { value: value === 0 ? 0 : value, end: at + raw.length }
}

/** The value of a text without a fault; undefined for a text that has to be looked at. */
function readPlain(text: string, limits: Required<JsonLimits>): Json | undefined {
  const keys = keysWithin(text, limits)
  if (keys === undefined || !text.isWellFormed()) return undefined
  let parsed: Json
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  // `JSON.parse` keeps one of two equal names, so where names are missing there were equal ones.
  const settling: Settling = { keys: 0, hasEscapes: text.includes('\\'), isExact: true }
  settle(parsed, settling)
  return settling.isExact && settling.keys === keys ? parsed : undefined
}

/**
 * How many names a text has: each stands before a colon that is in no string. Undefined beyond a limit,
 * which is found before anything is built, and for a string that does not end.
 */
function keysWithin(
  text: string,
  { maxDepth, maxKeys, maxString }: Required<JsonLimits>,
): number | undefined {
  let keys = 0
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at)
        if (end < 0 || end - at - 1 > maxString) return undefined
        at = end
        break
      }
      case COLON:
        if (++keys > maxKeys) return undefined
        break
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > maxDepth) return undefined
        break
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--
    }
  }
  return keys
}

const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** Where the quote is that ends the string at `at`; -1 when there is none. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let start = end
    while (text.charCodeAt(start - 1) === BACKSLASH) start--
    // Backslashes in pairs are characters; an odd one belongs to the quote.
    if ((end - start) % 2 === 0) return end
  }
  return -1
}

type Settling = { keys: number; readonly hasEscapes: boolean; isExact: boolean }

/** Takes the prototypes away, counts names, and notes what JavaScript or PostgreSQL cannot hold. */
function settle(value: Json, settling: Settling): void {
  if (typeof value === 'string') {
    if (settling.hasEscapes && !isStorable(value)) settling.isExact = false
  } else if (typeof value === 'number') {
    if (!isExact(value) || Object.is(value, -0)) settling.isExact = false
  } else if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) settle(value[at] ?? null, settling)
  } else if (typeof value === 'object' && value !== null) {
    Object.setPrototypeOf(value, null)
    for (const name of Object.keys(value)) {
      settling.keys++
      if (settling.hasEscapes && !isStorable(name)) settling.isExact = false
      settle(value[name] ?? null, settling)
    }
  }
}

function isExact(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)
}

function readCarefully(text: string, limits: Required<JsonLimits>): Json {
  const reader: Reader = { text, at: 0, keys: 0, ...limits }
  const value = readAny(reader, 1)
  skipSpace(reader)
  if (reader.at < text.length) throw syntaxError(reader.at, 'nothing may follow the value')
  return value
}

type Reader = Readonly<Required<JsonLimits>> & { readonly text: string; at: number; keys: number }

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
    if (++reader.keys > reader.maxKeys)
      throw new ScimError('invalidSyntax', `The JSON has more than ${reader.maxKeys} names.`)
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
  if (string.value.length > reader.maxString)
    throw new ScimError('invalidSyntax', `The JSON has a string of more than ${reader.maxString} characters.`)
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
