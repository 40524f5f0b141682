/** Finds the attributes that a bound filter names. */
import {
  type Attribute,
  type AttrPath,
  type Filter,
  findTarget,
  printFilter,
  type ResourceType,
  ScimError,
} from '@keydesk/scim'

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
  const found = owner ? partOf(owner, filter.path.attr) : findTarget(type, filter.path)?.attribute
  if (found) return found
  throw new ScimError(
    'invalidFilter',
    `The filter names an attribute that is not known here: ${printFilter(filter).slice(0, 80)}.`,
  )
}
