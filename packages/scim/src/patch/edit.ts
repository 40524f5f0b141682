/** Changes to single attributes of a draft, under their mutability (RFC 7643 §2.2, RFC 7644 §3.5.2). */
import { ScimError } from '../error.ts'
import { isRecord, isUnassigned, type Json, type JsonObject, sameJson } from '../json.ts'
import type { Resource } from '../resource.ts'
import { type Attribute, findByName } from '../schema/attribute.ts'
import type { ResourceType } from '../schema/resource-type.ts'

/** Sets an attribute. An immutable one can be set once (§3.5.2). */
export function assign(holder: JsonObject, attribute: Attribute, value: Json): void {
  if (value === null) {
    unassign(holder, attribute)
    return
  }
  const before = holder[attribute.name]
  if (attribute.mutability === 'immutable' && before !== undefined && !sameJson(before, value))
    throw refuse(attribute, 'cannot change once it is set')
  holder[attribute.name] = value
}

/** Takes an attribute away; one that is required must stay (§3.5.2.2). */
export function unassign(holder: JsonObject, attribute: Attribute): void {
  if (attribute.required) throw refuse(attribute, 'is required, so it cannot be removed')
  if (attribute.mutability === 'immutable' && holder[attribute.name] !== undefined)
    throw refuse(attribute, 'cannot be removed once it is set')
  delete holder[attribute.name]
}

/** Lays sub-attributes over a complex value; those not given stay (§3.5.2.3). Returns the value. */
export function merge(whole: JsonObject, given: JsonObject, attribute: Attribute): JsonObject {
  for (const [name, value] of Object.entries(given)) {
    const sub = findByName(attribute.subAttributes, name)
    if (!sub) throw new ScimError('invalidPath', `${attribute.name} has no sub-attribute of that name.`)
    if (sub.mutability === 'readOnly') throw refuse(sub, 'is read-only')
    assign(whole, sub, value)
  }
  return whole
}

/** Whether a complex value has nothing left that a client could have written. */
export function isBare(whole: JsonObject, attribute: Attribute): boolean {
  return Object.keys(whole).every(
    (name) => findByName(attribute.subAttributes, name)?.mutability === 'readOnly',
  )
}

/** Keeps `schemas` to the base and the extensions that are present (RFC 7643 §3). */
export function settleSchemas(draft: Resource, type: ResourceType): void {
  let schemas = Array.isArray(draft.schemas) ? draft.schemas : []
  if (!schemas.includes(type.schema.id)) schemas = [type.schema.id, ...schemas]
  for (const { schema } of type.extensions) {
    const values = draft[schema.id]
    if (isRecord(values) && !isUnassigned(values)) {
      if (!schemas.includes(schema.id)) schemas = [...schemas, schema.id]
    } else {
      delete draft[schema.id]
      schemas = schemas.filter((urn) => urn !== schema.id)
    }
  }
  draft.schemas = schemas
}

export function refuse(attribute: Attribute, problem: string): ScimError {
  return new ScimError('mutability', `${attribute.name} ${problem}.`)
}
