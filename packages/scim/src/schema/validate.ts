/** Reads the body of a POST or PUT (RFC 7644 §3.3, §3.5.1) into a resource of its type. */
import { ScimError } from '../error.ts'
import { readAttrPath } from '../filter/parse.ts'
import { isRecord, isUnassigned, type Json, type JsonObject, record } from '../json.ts'
import type { Resource } from '../resource.ts'
import { collectDeviations, ignoreUnknown, quoted } from './deviations.ts'
import { findNamedSchema } from './other-names.ts'
import { type Reading, readValue, requireAll } from './read-value.ts'
import { findTarget, type ResourceType, schemaUrns, type Target } from './resource-type.ts'

export type ReadOptions = {
  /** Refuse unknown attributes and schemas instead of ignoring them. */
  strict?: boolean
}

export type ReadResource = {
  resource: Resource
  /** One sentence for each thing that is tolerated though the RFC does not allow it. */
  deviations: string[]
}

/**
 * Reads a whole resource. What the client may not write (`id`, `meta`, `groups`) is left out, since
 * clients echo it back; `null`, `""` and `[]` are left out as unassigned; `schemas` is what is present.
 */
export function readResource(input: Json, type: ResourceType, options: ReadOptions = {}): ReadResource {
  if (!isRecord(input)) throw new ScimError('invalidSyntax', `A ${type.name} is a JSON object.`)
  const deviations = collectDeviations()
  const reading: Reading = {
    deviations,
    unknown: options.strict ? 'invalidSyntax' : 'ignore',
    keepNulls: false,
  }
  checkSchemas(input, type, reading)

  const values = record()
  for (const [name, value] of Object.entries(input)) {
    const found = findNamedSchema(type, name, reading)
    if (found) readContainer(values, value, type, found.schema.id, reading)
    else readAttribute(values, name, value, type, reading)
  }
  requireAll(type.schema.attributes, values)
  const schemas = [type.schema.id]
  for (const { schema, required } of type.extensions) {
    const extension = values[schema.id]
    if (isRecord(extension)) {
      requireAll(schema.attributes, extension, `${schema.id}:`)
      schemas.push(schema.id)
    } else if (required) {
      throw new ScimError('invalidValue', `The extension ${schema.id} is required.`)
    }
  }
  return { resource: Object.assign(record(), { schemas }, values), deviations: deviations.list }
}

function readContainer(
  values: JsonObject,
  value: Json,
  type: ResourceType,
  urn: string,
  reading: Reading,
): void {
  if (isUnassigned(value)) return
  if (!isRecord(value)) throw new ScimError('invalidValue', `${urn} must be an object.`)
  for (const [name, item] of Object.entries(value)) readAttribute(values, name, item, type, reading, urn)
}

function readAttribute(
  values: JsonObject,
  name: string,
  value: Json,
  type: ResourceType,
  reading: Reading,
  urn?: string,
): void {
  const target = targetOf(name, type, urn, reading)
  if (!target) {
    ignoreUnknown(name, reading)
    return
  }
  const { attribute, extension } = target
  if (attribute.mutability === 'readOnly') return
  if (extension && urn === undefined)
    reading.deviations.report(`${quoted(name)} was sent outside the object of its extension.`)
  const read = readValue(attribute, value, attribute.name, reading)
  if (read === undefined) return
  const holder = extension ? childOf(values, extension.id) : values
  if (Object.hasOwn(holder, attribute.name))
    throw new ScimError('invalidValue', `${attribute.name} is given twice.`)
  holder[attribute.name] = read
}

function targetOf(
  name: string,
  type: ResourceType,
  urn: string | undefined,
  reading: Reading,
): Target | undefined {
  if (urn !== undefined) return findTarget(type, { schema: urn, attr: name })
  if (!name.includes(':')) return findTarget(type, { attr: name })
  try {
    const path = readAttrPath(name, schemaUrns(type), 'invalidPath')
    if (path.sub !== undefined || path.schema === undefined) return undefined
    const named = findNamedSchema(type, path.schema, reading)
    return named && findTarget(type, { ...path, schema: named.schema.id })
  } catch {
    return undefined
  }
}

function childOf(values: JsonObject, name: string): JsonObject {
  const child = values[name]
  if (isRecord(child)) return child
  const made = record()
  values[name] = made
  return made
}

// OneLogin sends URNs of SCIM 1.1 and Entra ID one with a slip, so the list is read but not believed.
function checkSchemas(input: JsonObject, type: ResourceType, reading: Reading): void {
  const key = Object.keys(input).find((name) => name.toLowerCase() === 'schemas')
  const sent = key === undefined ? undefined : input[key]
  const urns = typeof sent === 'string' ? [sent] : (sent ?? [])
  if (!Array.isArray(urns) || !urns.every((urn) => typeof urn === 'string'))
    throw new ScimError('invalidSyntax', 'schemas must be a list of URNs.')
  const named = urns.map((urn) => findNamedSchema(type, urn, reading))
  if (!named.some((found) => found?.schema.id === type.schema.id))
    reading.deviations.report(`schemas does not name ${type.schema.id}.`)
  for (const [index, urn] of urns.entries()) {
    if (named[index]) continue
    if (reading.unknown !== 'ignore')
      throw new ScimError('invalidValue', `The schema ${quoted(urn)} is not known here.`)
    reading.deviations.report(`The unknown schema ${quoted(urn)} was ignored.`)
  }
}
