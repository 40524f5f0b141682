/**
 * A small walker over the subset of JSON Schema that Okta's OpenAPI description uses. It tells where a
 * value differs: wrong type, missing property, unknown property, value outside its list, bad time.
 */
export type Schema = {
  $ref?: string
  type?: string
  nullable?: boolean
  enum?: unknown[]
  format?: string
  pattern?: string
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  allOf?: Schema[]
  oneOf?: Schema[]
  anyOf?: Schema[]
  discriminator?: { propertyName: string; mapping: Record<string, string> }
}
type Operation = { responses?: Record<string, { content?: Record<string, { schema?: Schema }> }> }
export type Description = {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

/** Places where Okta's own recorded answers do not keep to its description. */
export type Tolerance = (path: string, problem: Problem) => boolean
type Problem = 'type' | 'missing' | 'unknown' | 'value' | 'form'

/** Every difference between the value and the schema, as sentences. */
export function differences(
  spec: Description,
  schema: Schema,
  value: unknown,
  tolerate: Tolerance = () => false,
): string[] {
  const found: string[] = []
  const say = (path: string, problem: Problem, words: string) => {
    if (!tolerate(path, problem)) found.push(`${path || '(top)'}: ${words}`)
  }

  const walk = (given: Schema, at: unknown, path: string): void => {
    const chosen = choose(spec, given, at)
    const options = chosen.oneOf ?? chosen.anyOf
    if (options) {
      const tried = options.map((option) =>
        differences(spec, option, at, (inner, problem) => tolerate(`${path}${inner}`, problem)),
      )
      if (tried.every((one) => one.length > 0))
        say(path, 'type', `fits none of ${options.length}: ${tried[0]?.join('; ')}`)
      return
    }
    if (at === null) {
      if (!chosen.nullable) say(path, 'type', 'null is not allowed')
      return
    }
    if (chosen.type !== undefined && !isOf(chosen.type, at)) {
      say(path, 'type', `${typeof at} is not ${chosen.type}`)
      return
    }
    if (chosen.enum && !chosen.enum.includes(at))
      say(path, 'value', `${JSON.stringify(at)} is not in the list`)
    if (typeof at === 'string') text(chosen, at, path)
    if (Array.isArray(at)) for (const one of at) walk(chosen.items ?? {}, one, `${path}[]`)
    else if (typeof at === 'object') object(chosen, at as Record<string, unknown>, path)
  }
  const text = (chosen: Schema, at: string, path: string) => {
    if (chosen.format === 'date-time' && Number.isNaN(Date.parse(at)))
      say(path, 'form', `${at} is not a time`)
    if (chosen.pattern !== undefined && !new RegExp(chosen.pattern).test(at))
      say(path, 'form', `${at} does not fit ${chosen.pattern}`)
  }
  const object = (chosen: Schema, at: Record<string, unknown>, path: string) => {
    for (const name of chosen.required ?? [])
      if (!(name in at)) say(`${path}.${name}`, 'missing', 'is required')
    for (const [name, one] of Object.entries(at)) {
      const known = chosen.properties?.[name]
      if (known) walk(known, one, `${path}.${name}`)
      else if (typeof chosen.additionalProperties === 'object')
        walk(chosen.additionalProperties, one, `${path}.${name}`)
      else if (chosen.properties && chosen.additionalProperties !== true)
        say(`${path}.${name}`, 'unknown', 'is not described')
    }
  }

  walk(schema, value, '')
  return found
}

/** Follows references, the discriminator, and `allOf`, to one flat schema. */
function choose(spec: Description, schema: Schema, value: unknown): Schema {
  const flat = flatten(spec, schema)
  const { discriminator } = flat
  if (!discriminator || typeof value !== 'object' || value === null) return flat
  const ref = discriminator.mapping[String((value as Record<string, unknown>)[discriminator.propertyName])]
  return ref === undefined ? flat : flatten(spec, { $ref: ref })
}

function flatten(spec: Description, schema: Schema): Schema {
  const target =
    schema.$ref === undefined ? schema : (spec.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {})
  if (schema.$ref !== undefined) return flatten(spec, target)
  if (!target.allOf) return target
  const { allOf, ...own } = target
  return [...allOf.map((part) => flatten(spec, part)), own].reduce(merge, {})
}

function merge(a: Schema, b: Schema): Schema {
  // An empty `{}` in a later part, as in UserFactorSecurityQuestion, takes nothing back.
  const properties = { ...a.properties }
  for (const [name, one] of Object.entries(b.properties ?? {}))
    properties[name] = Object.keys(one).length > 0 || !properties[name] ? one : properties[name]
  const required = [...(a.required ?? []), ...(b.required ?? [])]
  const { discriminator: _, ...rest } = a
  return { ...rest, ...b, ...(Object.keys(properties).length > 0 && { properties }), required }
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && !Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}
