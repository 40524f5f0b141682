import { ScimError } from '../error.ts'
import { type Attribute, findByName } from '../schema/attribute.ts'
import { readInstant } from '../schema/date-time.ts'
import { findTarget, type ResourceType, type Target } from '../schema/resource-type.ts'
import type { AttrPath, CompareOp, Filter, Literal } from './ast.ts'

/**
 * Checks a filter against a resource type and spells every path as the schema does (RFC 7644
 * §3.4.2.2): `EMAILS co "x"` becomes `emails.value co "x"`, and an extension attribute gets its URN.
 * Names the type lacks stay as they are, and have no value. Throws `invalidFilter`.
 */
export function bindFilter(filter: Filter, type: ResourceType): Filter {
  return bind(filter, (path) => {
    const target = findTarget(type, path)
    return target && { target, path: spellPath(target) }
  })
}

/** Does the same for the filter in `attribute[…]`, whose names are sub-attributes. */
export function bindElementFilter(filter: Filter, owner: Attribute): Filter {
  return bind(filter, (path) => {
    const sub = elementAttribute(owner, path.attr)
    return sub && { target: { attribute: sub }, path: { attr: sub.name } }
  })
}

/** A sub-attribute by name; the values of a plain list are reached as `value`. */
export function elementAttribute(owner: Attribute, name: string): Attribute | undefined {
  if (owner.subAttributes) return findByName(owner.subAttributes, name)
  return name.toLowerCase() === 'value' ? { ...owner, name: 'value', multiValued: false } : undefined
}

type Bound = { target: Target; path: AttrPath }
type Lookup = (path: AttrPath) => Bound | undefined

function bind(filter: Filter, lookup: Lookup): Filter {
  switch (filter.kind) {
    case 'compare':
      return bindCompare(filter, lookup)
    case 'present': {
      const bound = lookup(filter.path)
      if (bound) refuseSecret(bound)
      return bound ? { kind: 'present', path: bound.path } : filter
    }
    case 'some': {
      const bound = lookup(filter.path)
      if (!bound) return filter
      refuseSecret(bound)
      return { ...filter, path: bound.path, where: bindElementFilter(filter.where, bound.target.attribute) }
    }
    case 'not':
      return { kind: 'not', filter: bind(filter.filter, lookup) }
    case 'and':
    case 'or':
      return { ...filter, left: bind(filter.left, lookup), right: bind(filter.right, lookup) }
  }
}

function bindCompare(filter: Filter & { kind: 'compare' }, lookup: Lookup): Filter {
  const bound = lookup(filter.path)
  if (!bound) return filter
  refuseSecret(bound)
  const leaf = bound.target.sub ?? bound.target.attribute
  if (leaf.type !== 'complex') {
    checkLiteral(leaf, filter.op, filter.value)
    const isFlag = leaf.name === 'primary' && leaf.type === 'boolean' && bound.path.schema === undefined
    return isFlag ? notPrimary({ ...filter, path: bound.path }) : { ...filter, path: bound.path }
  }
  // Without a sub-attribute a complex one means its `value`: the RFC's own example is `emails co "…"`.
  const value = findByName(leaf.subAttributes, 'value')
  if (value) {
    checkLiteral(value, filter.op, filter.value)
    return { ...filter, path: { ...bound.path, sub: value.name } }
  }
  if (filter.value !== null) throw invalid(`${leaf.name} has parts: compare one of them`)
  return { ...filter, path: bound.path }
}

// RFC 7643 §2.4: a value that does not say whether it is the primary one is not.
function notPrimary(filter: Filter & { kind: 'compare' }): Filter {
  const { path, op, value } = filter
  if (value !== false || (op !== 'eq' && op !== 'ne')) return filter
  const isPrimary: Filter = { kind: 'compare', path: { attr: 'primary' }, op: 'eq', value: true }
  const where: Filter = op === 'eq' ? { kind: 'not', filter: isPrimary } : isPrimary
  return path.sub === undefined ? where : { kind: 'some', path: { attr: path.attr }, where }
}

// A filter on a secret is an oracle: who may ask often enough can spell it out.
function refuseSecret({ target: { attribute, sub } }: Bound): void {
  for (const part of [attribute, sub])
    if (part?.mutability === 'writeOnly' || part?.returned === 'never')
      throw invalid(`${part.name} cannot be filtered by`)
}

function checkLiteral(attribute: Attribute, op: CompareOp, value: Literal): void {
  if (value === null) return
  const isEquality = op === 'eq' || op === 'ne'
  if (attribute.type === 'boolean' && (!isEquality || typeof value !== 'boolean'))
    throw invalid(`${attribute.name} is true or false: compare it by eq or ne`)
  const isOrder = ['gt', 'ge', 'lt', 'le'].includes(op)
  if (attribute.type === 'binary' && isOrder) throw invalid(`${attribute.name} is binary, which has no order`)
  if (attribute.type === 'dateTime' && (isOrder || isEquality))
    if (typeof value !== 'string' || readInstant(value) === undefined)
      throw invalid(`${attribute.name} compares with a time such as "2026-01-31T09:30:00Z"`)
}

/** The path of a target as its schema spells it. */
export function spellPath({ attribute, sub, extension }: Target): AttrPath {
  const path: AttrPath = { attr: attribute.name }
  if (extension) path.schema = extension.id
  if (sub) path.sub = sub.name
  return path
}

function invalid(problem: string): ScimError {
  return new ScimError('invalidFilter', `The filter cannot be used: ${problem}.`)
}
