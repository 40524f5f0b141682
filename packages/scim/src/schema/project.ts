/** Cuts a resource to what the client asked for (RFC 7644 §3.4.2.5 and §3.9). */
import { ScimError } from '../error.ts'
import { parsePath } from '../filter/parse.ts'
import { isRecord, type Json, type JsonObject, record } from '../json.ts'
import type { Resource } from '../resource.ts'
import type { Attribute, Schema } from './attribute.ts'
import { commonAttributes, findSchema, findTarget, type ResourceType, schemaUrns } from './resource-type.ts'

/** As in a URL, with commas, or as in a `/.search` body, as a list. */
export type ProjectionQuery = {
  attributes?: string | readonly string[] | undefined
  excludedAttributes?: string | readonly string[] | undefined
}

/** Which attributes to return. For each one named, whole or by sub-attributes. */
export type Projection = { mode: 'default' | 'only' | 'without'; named: ReadonlyMap<Attribute, Named> }

type Named = 'whole' | ReadonlySet<Attribute>

/** Reads `attributes` and `excludedAttributes`. Unknown names select nothing. */
export function readProjection(query: ProjectionQuery, type: ResourceType): Projection {
  const only = namesIn(query.attributes)
  const without = namesIn(query.excludedAttributes)
  if (only.length > 0 && without.length > 0)
    throw new ScimError('invalidValue', 'Give either attributes or excludedAttributes, not both.')
  if (only.length > 0) return { mode: 'only', named: nameAll(only, type) }
  return { mode: without.length > 0 ? 'without' : 'default', named: nameAll(without, type) }
}

/** The part of a resource that is returned: `always` whatever was asked, `never` not at all. */
export function project(
  resource: Resource,
  type: ResourceType,
  projection: Projection = EVERYTHING,
): Resource {
  const result: Resource = Object.assign(record(), { schemas: resource.schemas })
  projectAll(commonAttributes, resource, projection, result)
  projectAll(type.schema.attributes, resource, projection, result)
  for (const { schema } of type.extensions) {
    const values = resource[schema.id]
    if (!isRecord(values)) continue
    const kept = projectAll(schema.attributes, values, projection, record())
    if (Object.keys(kept).length > 0) result[schema.id] = kept
  }
  return result
}

const EVERYTHING: Projection = { mode: 'default', named: new Map() }

function namesIn(list: string | readonly string[] | undefined): string[] {
  const names = typeof list === 'string' ? list.split(',') : (list ?? [])
  return names.map((name) => name.trim()).filter((name) => name !== '')
}

function nameAll(names: string[], type: ResourceType): Map<Attribute, Named> {
  const named = new Map<Attribute, Named>()
  for (const name of names) {
    const schema = findSchema(type, name)
    if (schema) for (const attribute of attributesOf(schema)) named.set(attribute, 'whole')
    const target = schema ? undefined : targetOf(name, type)
    if (!target) continue
    const before = named.get(target.attribute)
    if (!target.sub) named.set(target.attribute, 'whole')
    else if (before !== 'whole') named.set(target.attribute, new Set([...(before ?? []), target.sub]))
  }
  return named
}

function attributesOf({ schema, extension }: { schema: Schema; extension?: Schema }): readonly Attribute[] {
  return extension ? schema.attributes : [...commonAttributes, ...schema.attributes]
}

// Microsoft's tests ask for `emails[type eq "work"]`: the attribute is what is returned.
function targetOf(name: string, type: ResourceType) {
  try {
    return findTarget(type, parsePath(name, { schemas: schemaUrns(type) }))
  } catch {
    return undefined
  }
}

function projectAll(
  attributes: readonly Attribute[],
  values: JsonObject,
  projection: Projection,
  result: JsonObject,
): JsonObject {
  for (const attribute of attributes) {
    const value = values[attribute.name]
    if (value === undefined || !isReturned(attribute, projection)) continue
    const kept = projectSubs(attribute, value, projection)
    if (kept !== undefined) result[attribute.name] = kept
  }
  return result
}

function isReturned(attribute: Attribute, { mode, named }: Projection): boolean {
  if (attribute.returned === 'always') return true
  if (attribute.returned === 'never') return false
  if (mode === 'only') return named.has(attribute)
  return attribute.returned === 'default' && !(mode === 'without' && named.get(attribute) === 'whole')
}

function projectSubs(attribute: Attribute, value: Json, projection: Projection): Json | undefined {
  if (!attribute.subAttributes) return value
  if (Array.isArray(value)) return value.flatMap((item) => projectSubs(attribute, item, projection) ?? [])
  if (!isRecord(value)) return value
  const result = record()
  for (const sub of attribute.subAttributes) {
    const item = value[sub.name]
    if (item !== undefined && isSubReturned(sub, projection, projection.named.get(attribute)))
      result[sub.name] = item
  }
  return Object.keys(result).length > 0 ? result : undefined
}

function isSubReturned(sub: Attribute, { mode }: Projection, named: Named | undefined): boolean {
  if (sub.returned === 'always') return true
  if (sub.returned === 'never') return false
  const isNamed = named !== undefined && named !== 'whole' && named.has(sub)
  if (mode === 'only') return isNamed || (named === 'whole' && sub.returned === 'default')
  return sub.returned === 'default' && !isNamed
}
