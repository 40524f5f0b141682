/**
 * Turns the PATCH bodies that clients send into the operations of RFC 7644 §3.5.2.
 *
 * Okta leaves out the path and repeats the id; Entra ID writes "Add" and "False", dots and URNs into
 * keys, and members to remove into `value`. Each is a fixture. What `applyPatch` gets has one
 * dialect, and what was tolerated is told in `deviations`.
 */
import { ScimError } from '../error.ts'
import type { Filter, Path } from '../filter/ast.ts'
import { parsePath } from '../filter/parse.ts'
import { printPath } from '../filter/print.ts'
import { isRecord, isUnassigned, type Json } from '../json.ts'
import { type Attribute, findByName, type Schema } from '../schema/attribute.ts'
import { collectDeviations, fieldOf, ignoreUnknown, quoted } from '../schema/deviations.ts'
import { findNamedSchema } from '../schema/other-names.ts'
import { parseText, type Reading, readOne, readValue } from '../schema/read-value.ts'
import { findTarget, type ResourceType, schemaUrns, type Target } from '../schema/resource-type.ts'
import type { PatchOp } from './apply-patch.ts'

export const PATCH_URN = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

export type ReadPatchOptions = {
  /** Refuse unknown attributes with `invalidPath` instead of ignoring them. */
  strict?: boolean
}

export type ReadPatch = {
  ops: PatchOp[]
  /** One sentence for each thing that is tolerated though the RFC does not allow it. */
  deviations: string[]
}

/** Reads the body of a PATCH. Throws `invalidSyntax`, `invalidPath`, `invalidValue` or `noTarget`. */
export function readPatch(body: Json, type: ResourceType, options: ReadPatchOptions = {}): ReadPatch {
  const deviations = collectDeviations()
  const reading: Reading = { deviations, unknown: options.strict ? 'invalidPath' : 'ignore', keepNulls: true }
  if (!isRecord(body)) throw new ScimError('invalidSyntax', 'A PATCH is a JSON object.')
  const schemas = fieldOf(body, 'schemas', reading)
  if (!Array.isArray(schemas) || !schemas.includes(PATCH_URN))
    deviations.report(`schemas does not name ${PATCH_URN}.`)
  const operations = fieldOf(body, 'Operations', reading)
  if (!Array.isArray(operations) || operations.length === 0)
    throw new ScimError('invalidSyntax', 'Operations must be a list with at least one operation.')
  const context: Context = { type, reading, names: 0 }
  const ops = operations.flatMap((operation) => readOperation(operation, context))
  return { ops, deviations: deviations.list }
}

type Context = {
  type: ResourceType
  reading: Reading
  /** How many names were read so far where a value names attributes. */
  names: number
}

function readOperation(operation: Json, context: Context): PatchOp[] {
  if (!isRecord(operation)) throw new ScimError('invalidSyntax', 'An operation is a JSON object.')
  const op = readOp(fieldOf(operation, 'op', context.reading), context.reading)
  const path = fieldOf(operation, 'path', context.reading)
  const value = fieldOf(operation, 'value', context.reading)
  if (!isUnassigned(path) && typeof path !== 'string')
    throw new ScimError('invalidPath', 'The path of an operation is a string.')
  if (op !== 'remove' && value === undefined) throw new ScimError('invalidValue', `Say which value to ${op}.`)

  if (typeof path === 'string' && path !== '') {
    const schema = findNamedSchema(context.type, path.replace(/:$/, ''), context.reading)?.schema
    if (!schema) return readAt(op, readPath(path, context), value, context)
    return op === 'remove' ? removeAll(schema, context) : readBag(op, value, context, schema)
  }
  if (op === 'remove') throw new ScimError('noTarget', 'A remove operation needs a path.')
  return readBag(op, value, context)
}

function readOp(op: Json | undefined, { deviations }: Reading): PatchOp['op'] {
  const known = OPS.find((name) => typeof op === 'string' && op.toLowerCase() === name)
  if (!known) throw new ScimError('invalidSyntax', 'The op of an operation is add, replace or remove.')
  if (op !== known) deviations.report(`The op was sent as ${JSON.stringify(op)}, and read as "${known}".`)
  return known
}

const OPS = ['add', 'replace', 'remove'] as const

/** §3.5.2.3: without a path the value is a bag of attributes, each its own operation. */
function readBag(
  op: 'add' | 'replace',
  value: Json | undefined,
  context: Context,
  schema?: Schema,
): PatchOp[] {
  if (!isRecord(value))
    throw new ScimError(
      'invalidValue',
      'Without a path to an attribute, the value is an object of attributes.',
    )
  const entries = Object.entries(value)
  context.names += entries.length
  if (context.names > MOST_NAMES)
    throw new ScimError('invalidValue', `A PATCH can name ${MOST_NAMES} attributes in its values at most.`)
  return entries.flatMap(([name, item]) => readEntry(op, name, item, context, schema))
}

function readEntry(
  op: 'add' | 'replace',
  name: string,
  item: Json,
  context: Context,
  schema: Schema | undefined,
): PatchOp[] {
  const { type, reading } = context
  const inner = schema ? undefined : findNamedSchema(type, name, reading)?.schema
  if (inner) return isCleared(item) ? removeAll(inner, context) : readBag(op, item, context, inner)
  // Okta repeats the id when it renames a group: fixtures/okta/rename-group-with-id.json.
  if (!schema && ECHOED.includes(name.toLowerCase())) {
    reading.deviations.report(`${quoted(name)} in the value was ignored.`)
    return []
  }
  const path = mayName(name, type, schema) ? readKey(name, schema) : undefined
  const target = path && findTarget(type, path)
  if (!path || !target) {
    ignoreUnknown(name, reading)
    return []
  }
  if (/[.:[]/.test(name)) reading.deviations.report('A name in the value was a path.')
  return readAt(op, path, item, context, target)

  function readKey(key: string, within: Schema | undefined): Path | undefined {
    try {
      const read = readPath(key, context)
      return within && read.schema === undefined ? { ...read, schema: within.id } : read
    } catch {
      return undefined
    }
  }
}

const ECHOED = ['id', 'meta', 'schemas']

// A name is read as a path, which costs much more than to see that there is no such attribute.
function mayName(name: string, type: ResourceType, schema: Schema | undefined): boolean {
  if (name.includes(':')) return true
  const attr = name.split(/[.[]/, 1)[0] ?? ''
  return findTarget(type, schema ? { schema: schema.id, attr } : { attr }) !== undefined
}

/** How many names the values of one PATCH may hold where attributes are named; the largest resource has a few hundred. */
const MOST_NAMES = 5000

/** One operation whose path names an attribute; unknown ones are no operation at all. */
function readAt(
  op: PatchOp['op'],
  path: Path,
  value: Json | undefined,
  context: Context,
  target: Target | undefined = findTarget(context.type, path),
): PatchOp[] {
  const { reading } = context
  if (!target) {
    ignoreUnknown(printPath(path), reading)
    return []
  }
  const spelled = spell(path, target, reading)
  if (op === 'remove') return readRemove(spelled, target, value, reading)
  // §3.5.2 lets clients write it. Here it is always what is there.
  if (target.attribute.name === 'schemas' && !target.extension) {
    reading.deviations.report('schemas follows from the attributes, so the operation on it was ignored.')
    return []
  }
  const leaf = target.sub ?? target.attribute
  // `applyPatch` refuses it, whatever the value is.
  if (target.attribute.mutability === 'readOnly') return [{ op, path: spelled, value: value ?? null }]
  // The filter stays out of what is told: it can hold a person's address.
  const { where: _, ...named } = spelled
  const at = printPath(named)
  const isOne = path.where !== undefined && target.sub === undefined
  const given = (target.sub?.name === 'value' ? valueInText(value, at, reading) : value) ?? null
  const read = isOne ? readOne(leaf, given, at, reading) : readValue(leaf, given, at, reading)
  if (read !== undefined) return [{ op, path: spelled, value: read }]
  if (!isCleared(value)) {
    reading.deviations.report(`Nothing in the value for ${at} could be used, so it was left alone.`)
    return []
  }
  // Adding nothing to a list leaves it as it is; a single value given as null is unassigned.
  return op === 'add' && leaf.multiValued ? [] : [{ op: 'remove', path: spelled }]
}

function valueInText(value: Json | undefined, at: string, { deviations }: Reading): Json | undefined {
  const parsed = typeof value === 'string' ? parseText(value) : undefined
  if (!parsed) return value
  deviations.report(`${at} was sent as JSON in a string, and read as what it says.`)
  return parsed['value']
}

// An empty object says nothing about the attribute, so it must not clear it.
function isCleared(value: Json | undefined): boolean {
  if (Array.isArray(value) && value.length === 1) return isCleared(value[0])
  return isUnassigned(value) && !isRecord(value)
}

// Entra ID and JumpCloud name the members to remove in `value`; the RFC would then remove them all.
function readRemove(path: Path, target: Target, value: Json | undefined, reading: Reading): PatchOp[] {
  const isList = target.attribute.multiValued && !path.where && !path.sub
  if (!isList || value === undefined || value === null || value === '') return [{ op: 'remove', path }]
  reading.deviations.report(`The ${path.attr} to remove were named in value, not in the path.`)
  return (Array.isArray(value) ? value : [value]).map((item) => {
    const named = parseText(item) ?? item
    const given = isRecord(named) ? fieldOf(named, 'value', reading) : named
    if (typeof given !== 'string' || given === '')
      throw new ScimError('invalidValue', `Name each of the ${path.attr} to remove by its value.`)
    const where = { kind: 'compare', path: { attr: 'value' }, op: 'eq', value: given } as const
    return { op: 'remove', path: { ...path, where } }
  })
}

function removeAll(schema: Schema, { type }: Context): PatchOp[] {
  if (schema.id === type.schema.id) throw new ScimError('mutability', 'A resource keeps its base schema.')
  return schema.attributes.map(({ name }) => ({ op: 'remove', path: { schema: schema.id, attr: name } }))
}

function readPath(text: string, { type, reading }: Context): Path {
  const path = parsePath(text, { schemas: schemaUrns(type) })
  const named = path.schema === undefined ? undefined : findNamedSchema(type, path.schema, reading)
  return named ? { ...path, schema: named.schema.id } : path
}

function spell(path: Path, { attribute, sub, extension }: Target, reading: Reading): Path {
  const spelled: Path = { attr: attribute.name }
  if (extension) spelled.schema = extension.id
  if (sub) spelled.sub = sub.name
  if (path.where) spelled.where = readWhere(path.where, attribute, reading)
  return spelled
}

// Entra ID picks a role by `primary eq "True"`: fixtures/entra/add-primary-role.json.
function readWhere(where: Filter, owner: Attribute, reading: Reading): Filter {
  switch (where.kind) {
    case 'compare': {
      const word = typeof where.value === 'string' ? where.value.toLowerCase() : ''
      const sub = findByName(owner.subAttributes, where.path.attr)
      if (sub?.type !== 'boolean' || (word !== 'true' && word !== 'false')) return where
      reading.deviations.report(`A filter compared ${owner.name}.${sub.name} with a string.`)
      return { ...where, value: word === 'true' }
    }
    case 'and':
    case 'or':
      return {
        ...where,
        left: readWhere(where.left, owner, reading),
        right: readWhere(where.right, owner, reading),
      }
    case 'not':
      return { ...where, filter: readWhere(where.filter, owner, reading) }
    default:
      return where
  }
}
