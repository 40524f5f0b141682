/**
 * SCIM's own schema language (RFC 7643 §7): a schema is data, which `/Schemas` shows to clients and
 * by which bodies are read, filters checked and answers cut.
 */
export type Attribute = {
  readonly name: string
  readonly type: AttributeType
  readonly multiValued: boolean
  readonly description: string
  readonly required: boolean
  readonly caseExact: boolean
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly'
  readonly returned: 'always' | 'never' | 'default' | 'request'
  readonly uniqueness: 'none' | 'server' | 'global'
  readonly canonicalValues?: readonly string[]
  readonly referenceTypes?: readonly string[]
  readonly subAttributes?: readonly Attribute[]
}

export type AttributeType =
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'integer'
  | 'dateTime'
  | 'binary'
  | 'reference'
  | 'complex'

export type Schema = {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly attributes: readonly Attribute[]
}

type Traits = Partial<Omit<Attribute, 'name' | 'description'>>

/** A single string that compares without case, optional and writable, unless `traits` say otherwise. */
export function attribute(name: string, description: string, traits: Traits = {}): Attribute {
  return {
    name,
    type: 'string',
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...traits,
  }
}

/** One value made of sub-attributes. */
export function complex(
  name: string,
  description: string,
  subs: Attribute[],
  traits: Traits = {},
): Attribute {
  return attribute(name, description, { type: 'complex', subAttributes: subs, ...traits })
}

/** RFC 7643 §2.4: several values, each with `value`, `display`, `type` and `primary`. */
export function plural(name: string, description: string, value: Traits, types: string[] = []): Attribute {
  const subs = [
    attribute('value', `What ${name} holds.`, value),
    attribute('display', 'How people see this value.'),
    attribute('type', 'What this value is for.', types.length > 0 ? { canonicalValues: types } : {}),
    attribute('primary', 'Whether this is the preferred value. At most one is.', { type: 'boolean' }),
  ]
  return complex(name, description, subs, { multiValued: true })
}

/** Finds an attribute by name, without case (RFC 7643 §2.1). The list is not to change afterwards. */
export function findByName(
  attributes: readonly Attribute[] | undefined,
  name: string,
): Attribute | undefined {
  if (!attributes) return undefined
  let index = indexes.get(attributes)
  if (!index) {
    index = indexOf(attributes)
    indexes.set(attributes, index)
  }
  return index.get(name) ?? index.get(name.toLowerCase())
}

const indexes = new WeakMap<readonly Attribute[], ReadonlyMap<string, Attribute>>()

// By its own spelling too, in which nearly all names come.
function indexOf(attributes: readonly Attribute[]): Map<string, Attribute> {
  const index = new Map<string, Attribute>()
  for (const attribute of attributes)
    for (const name of [attribute.name.toLowerCase(), attribute.name])
      if (!index.has(name)) index.set(name, attribute)
  return index
}
