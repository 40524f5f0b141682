/** Reads the schema of an extension that an admin makes while the service runs (RFC 7643 §7). */
import { ScimError } from '../error.ts'
import { isRecord, isUnassigned, type Json, type JsonObject } from '../json.ts'
import { type Attribute, type AttributeType, findByName, type Schema } from './attribute.ts'
import { commonAttributes } from './resource-type.ts'

const MAX_ATTRIBUTES = 100
const MAX_SUB_ATTRIBUTES = 50
const MAX_NAME = 100
const MAX_TEXT = 1000
const MAX_VALUES = 100

/**
 * Checks a definition as `/Schemas` shows one and gives it in full, with the RFC's defaults for what is
 * left out. Complex attributes have parts, and parts have none. Throws `invalidValue`, which names the
 * attribute.
 */
export function readSchema(body: Json): Schema {
  if (!isRecord(body)) throw new ScimError('invalidSyntax', 'A schema is a JSON object.')
  const id = readUrn(body['id'])
  const name = readText(body, 'name', 'The schema', MAX_NAME)
  const attributes = readAttributes(body['attributes'], 'The schema', MAX_ATTRIBUTES, undefined)
  if (!name) throw invalid('The schema', 'needs a name')
  return { id, name, description: readText(body, 'description', 'The schema', MAX_TEXT) ?? '', attributes }
}

// RFC 8141, cut to what can stand before `:attribute` in a path without a doubt where it ends.
function readUrn(id: Json | undefined): string {
  if (typeof id !== 'string' || id.length > 200 || !/^urn:[a-z\d][a-z\d-]{1,31}(:[\w.-]+)+$/i.test(id))
    throw invalid('The id of the schema', 'must be a URN such as urn:example:2.0:User')
  if (OURS.test(id))
    throw invalid('The id of the schema', 'is a URN that belongs to the IETF, Okta or Keydesk')
  return id
}

// Okta's admins are told to put their own attributes under urn:ietf:…:extension:, so that stays open.
const OURS =
  /^urn:(?:ietf:params:scim:(?:api|schemas:core|schemas:extension:(?:enterprise|keydesk))|okta:scim:schemas:core|keydesk):/i

function readAttributes(
  list: Json | undefined,
  holder: string,
  max: number,
  parent: string | undefined,
): Attribute[] {
  if (!Array.isArray(list) || list.length === 0) throw invalid(holder, 'needs at least one attribute')
  if (list.length > max) throw invalid(holder, `can have ${max} attributes at most`)
  const names = new Set<string>()
  return list.map((definition) => {
    const attribute = readAttribute(definition, holder, parent)
    const name = attribute.name.toLowerCase()
    if (names.has(name)) throw invalid(at(attribute.name, parent), 'is there twice')
    names.add(name)
    return attribute
  })
}

function readAttribute(definition: Json, holder: string, parent: string | undefined): Attribute {
  if (!isRecord(definition)) throw invalid(holder, 'has an attribute that is not a JSON object')
  const name = readName(definition['name'], holder, parent)
  const where = at(name, parent)
  const type = readOneOf(definition, 'type', where, TYPES, 'string')
  if (type === 'complex' && parent !== undefined)
    throw invalid(where, 'is a part, so it cannot have parts of its own')
  const traits = {
    name,
    type,
    multiValued: readFlag(definition, 'multiValued', where),
    description: readText(definition, 'description', where, MAX_TEXT) ?? '',
    required: readFlag(definition, 'required', where),
    caseExact: isExact(type) || readFlag(definition, 'caseExact', where),
    mutability: readOneOf(definition, 'mutability', where, MUTABILITY, 'readWrite'),
    returned: readOneOf(definition, 'returned', where, RETURNED, 'default'),
    uniqueness: readOneOf(definition, 'uniqueness', where, UNIQUENESS, 'none'),
  }
  const attribute: Attribute = { ...traits, ...readListsOf(definition, type, where) }
  refuseContradictions(attribute, where)
  return attribute
}

// RFC 7643 §2.1 and RFC 7644 §3.10. `$ref` is for parts; a common attribute's name is taken.
function readName(name: Json | undefined, holder: string, parent: string | undefined): string {
  if (typeof name !== 'string' || name.length > MAX_NAME || !/^(?:[a-z][\w-]*|\$ref)$/i.test(name))
    throw invalid(holder, 'has an attribute whose name is not letters, digits, - and _ after a letter')
  const lower = name.toLowerCase()
  if (
    FORBIDDEN.has(lower) ||
    (parent === undefined && (lower === '$ref' || findByName(commonAttributes, name)))
  )
    throw invalid(at(name, parent), 'is a name that cannot be used')
  return name
}

// What every JavaScript object has. `__proto__` and its like are no names already.
const FORBIDDEN = new Set(
  Object.getOwnPropertyNames(Object.prototype)
    .concat('prototype')
    .map((name) => name.toLowerCase()),
)

function readListsOf(definition: JsonObject, type: AttributeType, where: string): Partial<Attribute> {
  const canonicalValues = readTexts(definition, 'canonicalValues', where)
  const referenceTypes = type === 'reference' ? readTexts(definition, 'referenceTypes', where) : undefined
  if (type === 'reference' && !referenceTypes)
    throw invalid(where, 'is a reference, so it needs referenceTypes')
  const parts = definition['subAttributes']
  if (type !== 'complex' && !isUnassigned(parts)) throw invalid(where, 'has parts, so its type is complex')
  return {
    ...(canonicalValues ? { canonicalValues } : {}),
    ...(referenceTypes ? { referenceTypes } : {}),
    ...(type === 'complex' ? { subAttributes: readAttributes(parts, where, MAX_SUB_ATTRIBUTES, where) } : {}),
  }
}

// RFC 7643 §2.3.6 and §2.3.7.
function isExact(type: AttributeType): boolean {
  return type === 'binary' || type === 'reference'
}

function refuseContradictions(attribute: Attribute, where: string): void {
  const { mutability, returned, required, subAttributes } = attribute
  if (mutability === 'writeOnly' && returned !== 'never')
    throw invalid(where, 'is writeOnly, so returned must be never')
  if (required && mutability === 'readOnly') throw invalid(where, 'is readOnly, so it cannot be required')
  if (required && subAttributes?.every((part) => part.mutability === 'readOnly'))
    throw invalid(where, 'has readOnly parts alone, so it cannot be required')
}

function readText(holder: JsonObject, name: string, where: string, max: number): string | undefined {
  const value = holder[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value.length > max)
    throw invalid(where, `has a ${name} that is not a text of at most ${max} characters`)
  return value
}

function readTexts(holder: JsonObject, name: string, where: string): string[] | undefined {
  const value = holder[name]
  if (isUnassigned(value)) return undefined
  const isList = Array.isArray(value) && value.length <= MAX_VALUES
  if (!isList || !value.every((item) => typeof item === 'string' && item !== '' && item.length <= MAX_NAME))
    throw invalid(where, `has ${name} that are not a list of at most ${MAX_VALUES} short texts`)
  return value.map(String)
}

function readFlag(holder: JsonObject, name: string, where: string): boolean {
  const value = holder[name]
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw invalid(where, `has a ${name} that is not true or false`)
  return value
}

function readOneOf<T extends string>(
  holder: JsonObject,
  name: string,
  where: string,
  known: readonly T[],
  otherwise: T,
): T {
  const value = holder[name]
  if (value === undefined || value === null) return otherwise
  const found = known.find((item) => item === value)
  if (!found) throw invalid(where, `has a ${name} that is none of ${known.join(', ')}`)
  return found
}

const TYPES = [
  'string',
  'boolean',
  'decimal',
  'integer',
  'dateTime',
  'binary',
  'reference',
  'complex',
] as const
const MUTABILITY = ['readWrite', 'readOnly', 'immutable', 'writeOnly'] as const
const RETURNED = ['default', 'always', 'never', 'request'] as const
const UNIQUENESS = ['none', 'server', 'global'] as const

function at(name: string, parent: string | undefined): string {
  return parent === undefined ? name : `${parent}.${name}`
}

function invalid(what: string, problem: string): ScimError {
  return new ScimError('invalidValue', `${what} ${problem}.`)
}
