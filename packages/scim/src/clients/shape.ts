/** What is peculiar in a body, so that a client can be told by it. */
import { isRecord, type Json, type JsonObject } from '../json.ts'

export const bodyTraits = [
  /** `Add`, `Replace` or `Remove`. */
  'capital-ops',
  'small-ops',
  /** A replace without a path whose value is `active` alone. */
  'pathless-active',
  /** Members to remove named in the value of a `remove`, in small letters. */
  'members-in-value',
  /** A key of a value without path that is a path itself. */
  'path-keys',
  /** `"True"` or `"False"` for `active`. */
  'capital-booleans',
  /** `"true"` or `"false"` for `active`. */
  'small-booleans',
  'inactive',
  'microsoft-schema',
  'okta-schema',
  /** A URN of SCIM 1.1 or like one. */
  'old-urns',
] as const

export type BodyTrait = (typeof bodyTraits)[number]

/** The traits of a body of POST, PUT or PATCH, each once. Never throws; looks at the beginning only. */
export function describeShape(body: Json): BodyTrait[] {
  if (!isRecord(body)) return []
  const traits = new Set<BodyTrait>(activeTraits(body))
  for (const urn of urnsOf(body)) for (const [sign, trait] of SCHEMAS) if (sign.test(urn)) traits.add(trait)
  const operations = fieldOf(body, 'Operations')
  for (const operation of Array.isArray(operations) ? operations.slice(0, MOST) : [])
    if (isRecord(operation)) for (const trait of operationTraits(operation)) traits.add(trait)
  return [...traits]
}

const MOST = 50

const SCHEMAS: readonly (readonly [RegExp, BodyTrait])[] = [
  [/^http:\/\/schemas\.microsoft\.com\//i, 'microsoft-schema'],
  [/^urn:okta:/i, 'okta-schema'],
  [/^urn:scim:schemas:/i, 'old-urns'],
]

function urnsOf(body: JsonObject): string[] {
  const schemas = fieldOf(body, 'schemas')
  const listed = Array.isArray(schemas) ? schemas : [schemas]
  return listed.slice(0, MOST).filter((urn) => typeof urn === 'string')
}

function operationTraits(operation: JsonObject): BodyTrait[] {
  const op = fieldOf(operation, 'op')
  const path = fieldOf(operation, 'path')
  const value = fieldOf(operation, 'value')
  const traits: BodyTrait[] = []
  if (typeof op === 'string') traits.push(/^[A-Z]/.test(op) ? 'capital-ops' : 'small-ops')
  if (typeof path === 'string') {
    if (path.toLowerCase() === 'active') traits.push(...activeTraits({ active: value ?? null }))
    const isListed = path.toLowerCase() === 'members' && Array.isArray(value)
    if (op === 'remove' && isListed) traits.push('members-in-value')
  } else if (isRecord(value)) {
    const names = Object.keys(value).slice(0, MOST)
    if (op === 'replace' && names.length === 1 && names[0] === 'active') traits.push('pathless-active')
    if (names.some((name) => /\.[a-z]|:[a-z]+$|\[/i.test(name) && !name.endsWith(':User')))
      traits.push('path-keys')
    traits.push(...activeTraits(value))
  }
  return traits
}

function activeTraits(holder: JsonObject): BodyTrait[] {
  const active = fieldOf(holder, 'active')
  const traits: BodyTrait[] = []
  if (active === 'True' || active === 'False') traits.push('capital-booleans')
  if (active === 'true' || active === 'false') traits.push('small-booleans')
  if (active === false || (typeof active === 'string' && active.toLowerCase() === 'false'))
    traits.push('inactive')
  return traits
}

function fieldOf(object: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(object, name)) return object[name]
  const keys = Object.keys(object).slice(0, MOST)
  const other = keys.find((key) => key.toLowerCase() === name.toLowerCase())
  return other === undefined ? undefined : object[other]
}
