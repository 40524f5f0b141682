/**
 * References to what an earlier or later operation of the same bulk request makes (RFC 7644 §3.7.2).
 *
 * The whole of a string is a reference, as in `"value": "bulkId:ada"`. Two more places hold one inside
 * a longer string: the end of a `$ref`, and a quoted value in the `path` of a PATCH operation.
 */
import { isRecord, type Json, type JsonObject, record } from '../json.ts'

/** The bulkIds that occur in a value. `name` is the key under which it stands. */
export function referencesIn(value: Json, name?: string): Set<string> {
  const found = new Set<string>()
  collect(value, name, (bulkId) => {
    found.add(bulkId)
    return bulkId
  })
  return found
}

/** A copy with every reference replaced by what `idOf` makes of its bulkId. */
export function withIds(value: Json, idOf: (bulkId: string) => string, name?: string): Json {
  if (typeof value === 'string') return textWithIds(value, idOf, name)
  if (Array.isArray(value)) return value.map((item) => withIds(item, idOf, name))
  if (!isRecord(value)) return value
  const copy = record()
  for (const [key, item] of Object.entries(value)) copy[key] = withIds(item, idOf, key)
  return copy
}

/**
 * Cuts a resource in two of its own shape: what has no reference that is open, and what has. A list is
 * cut between its values, and an extension between its attributes.
 */
export function splitOpen(
  resource: JsonObject,
  isOpen: (bulkId: string) => boolean,
): { now: JsonObject; later: JsonObject } {
  const now = record()
  const later = record()
  for (const [name, value] of Object.entries(resource)) {
    if (!hasOpen(value, name, isOpen)) now[name] = value
    else if (isRecord(value) && /^urn:/i.test(name)) put(splitOpen(value, isOpen), name)
    else if (Array.isArray(value)) put(splitList(value, name), name)
    else later[name] = value
  }
  return { now, later }

  function splitList(list: Json[], name: string): { now: Json[]; later: Json[] } {
    return {
      now: list.filter((item) => !hasOpen(item, name, isOpen)),
      later: list.filter((item) => hasOpen(item, name, isOpen)),
    }
  }

  function put(parts: { now: JsonObject | Json[]; later: JsonObject | Json[] }, name: string): void {
    if (Object.keys(parts.now).length > 0) now[name] = parts.now
    if (Object.keys(parts.later).length > 0) later[name] = parts.later
  }
}

function hasOpen(value: Json, name: string, isOpen: (bulkId: string) => boolean): boolean {
  for (const bulkId of referencesIn(value, name)) if (isOpen(bulkId)) return true
  return false
}

function collect(value: Json, name: string | undefined, note: (bulkId: string) => string): void {
  if (typeof value === 'string') textWithIds(value, note, name)
  else if (Array.isArray(value)) for (const item of value) collect(item, name, note)
  else if (isRecord(value)) for (const key of Object.keys(value)) collect(value[key] ?? null, key, note)
}

function textWithIds(text: string, idOf: (bulkId: string) => string, name: string | undefined): string {
  if (!text.includes(PREFIX)) return text
  if (text.startsWith(PREFIX) && text.length > PREFIX.length) return idOf(text.slice(PREFIX.length))
  if (name === '$ref') {
    const start = text.lastIndexOf('/') + 1
    return text.startsWith(PREFIX, start) && text.length > start + PREFIX.length
      ? text.slice(0, start) + idOf(text.slice(start + PREFIX.length))
      : text
  }
  if (name === 'path')
    return text.replace(/"bulkId:([^"\\]+)"/g, (_, bulkId: string) => JSON.stringify(idOf(bulkId)))
  return text
}

const PREFIX = 'bulkId:'
