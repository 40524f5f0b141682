import { ScimError } from '../error.ts'
import { isRecord, isUnassigned, type Json, type JsonObject, record, sameJson } from '../json.ts'
import type { Resource } from '../resource.ts'
import type { Attribute } from './attribute.ts'
import type { ResourceType } from './resource-type.ts'

/**
 * What a PUT leaves of a resource whose immutable attributes are set: they stay, also when it does not
 * name them (RFC 7644 §3.5.1). Values of lists are not looked into: there, a value that is immutable is
 * the identity of its element.
 * @returns the resource, or a copy when something had to stay
 * @throws ScimError `mutability` when it names another value
 */
export function keepImmutable(after: Resource, before: Resource, type: ResourceType): Resource {
  const kept = keepAll(type.schema.attributes, after, before, '')
  const result: Resource = { ...after, ...kept }
  for (const { schema } of type.extensions) {
    const container = keepAll(schema.attributes, after[schema.id], before[schema.id], `${schema.id}:`)
    if (!container) continue
    result[schema.id] = container
    if (!result.schemas.includes(schema.id)) result.schemas = [...result.schemas, schema.id]
  }
  return result
}

/** The values with what has to stay; undefined when that is nothing. */
function keepAll(
  attributes: readonly Attribute[],
  after: Json | undefined,
  before: Json | undefined,
  prefix: string,
): JsonObject | undefined {
  if (!isRecord(before)) return undefined
  const values = isRecord(after) ? after : record()
  const kept = record()
  for (const attribute of attributes) {
    const { name } = attribute
    const value = keep(attribute, values[name], before[name], `${prefix}${name}`)
    if (value !== undefined) kept[name] = value
  }
  return Object.keys(kept).length > 0 ? Object.assign(record(), values, kept) : undefined
}

function keep(
  { mutability, multiValued, subAttributes }: Attribute,
  after: Json | undefined,
  before: Json | undefined,
  at: string,
): Json | undefined {
  if (isUnassigned(before)) return undefined
  if (mutability !== 'immutable')
    return subAttributes && !multiValued ? keepAll(subAttributes, after, before, `${at}.`) : undefined
  if (!isUnassigned(after) && !sameJson(after, before))
    throw new ScimError('mutability', `${at} cannot change once it is set.`)
  return before
}
