/** Finds the attributes that a bound filter names. */
import {
  type Attribute,
  type AttrPath,
  attribute,
  complex,
  type Filter,
  printFilter,
  type ResourceType,
  ScimError,
} from '@keydesk/scim'

const exact = { caseExact: true } as const
const time = { ...exact, type: 'dateTime' } as const

/** RFC 7643 §3.1: what every resource has, as the kernel compares it. */
const COMMON: readonly Attribute[] = [
  attribute('schemas', 'The URNs of the schemas that are present.', { ...exact, multiValued: true }),
  attribute('id', 'The id.', exact),
  attribute('externalId', 'The client’s id.', exact),
  complex('meta', 'What the server says about it.', [
    attribute('resourceType', 'The kind.', exact),
    attribute('created', 'When it was created.', time),
    attribute('lastModified', 'When it changed last.', time),
    attribute('location', 'Its URL.', exact),
    attribute('version', 'Its version.', exact),
  ]),
]

/** The attribute and sub-attribute of a bound path; undefined for what the type does not have. */
export function attributeAt(
  { schema, attr, sub }: AttrPath,
  type: ResourceType,
): { attribute: Attribute; sub?: Attribute } | undefined {
  const holders =
    schema === undefined
      ? [...type.schema.attributes, ...COMMON]
      : type.extensions.find((extension) => extension.schema.id === schema)?.schema.attributes
  const found = holders?.find(({ name }) => name === attr)
  if (!found || sub === undefined) return found && { attribute: found }
  const part = found.subAttributes?.find(({ name }) => name === sub)
  return part && { attribute: found, sub: part }
}

/** A part of one value, as `where` in `attribute[where]` names it. */
export function partOf(owner: Attribute, name: string): Attribute | undefined {
  if (owner.subAttributes) return owner.subAttributes.find((part) => part.name === name)
  return name.toLowerCase() === 'value' ? { ...owner, name: 'value', multiValued: false } : undefined
}

/**
 * Refuses a filter that names something we do not know. The RFC would let it have no value, and then
 * `ne` and `not` would answer with everybody.
 */
export function refuseUnknown(filter: Filter, type: ResourceType, owner?: Attribute): void {
  switch (filter.kind) {
    case 'and':
    case 'or':
      refuseUnknown(filter.left, type, owner)
      refuseUnknown(filter.right, type, owner)
      return
    case 'not':
      refuseUnknown(filter.filter, type, owner)
      return
    case 'present':
    case 'compare':
      knownAt(filter, type, owner)
      return
    case 'some':
      refuseUnknown(filter.where, type, knownAt(filter, type, owner))
  }
}

function knownAt(
  filter: Filter & { path: AttrPath },
  type: ResourceType,
  owner: Attribute | undefined,
): Attribute {
  const found = owner ? partOf(owner, filter.path.attr) : attributeAt(filter.path, type)?.attribute
  if (found) return found
  throw new ScimError(
    'invalidFilter',
    `The filter names an attribute that is not known here: ${printFilter(filter).slice(0, 80)}.`,
  )
}
