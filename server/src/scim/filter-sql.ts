/**
 * Folds a bound SCIM filter into a condition on members, so that PostgreSQL answers it by the rules of
 * RFC 7644 §3.4.2.2, with the same result as the kernel's `matches` on the resource that is shown.
 *
 * Every path leads to a slot: something that can say whether some value of it passes a test. A slot
 * answers true or false and never null, so `not` means not. Values are bound; names come from the schema.
 */
import {
  type Attribute,
  type AttrPath,
  type CompareOp,
  type Filter,
  findTarget,
  type Literal,
  type ResourceType,
  ScimError,
  type Sort,
  userSchema,
} from '@keydesk/scim'
import { type RawBuilder, sql } from 'kysely'
import { comparisonKey, type VisibleOrder } from '#accounts'
import { partOf } from './attributes.ts'

type Bool = RawBuilder<boolean>
type Value = RawBuilder<unknown>
type Slot = {
  attribute: Attribute
  some(test: (value: Value) => Bool): Bool
  /** The value that a list is ordered by; null when there is none. */
  first: Value
  /** Whether its values are in a column, which has the type of a time; in a resource it is text. */
  isColumn?: true
  /** How `eq` is decided where a column holds the key that names are compared by. */
  key?: Value
}
type Lookup = (path: AttrPath) => Slot

/** @param base the URL of the workspace, which `meta.location` begins with */
export function whereFilter(filter: Filter, type: ResourceType, base: string): Bool {
  return fold(filter, (path) => memberSlot(path, type, base))
}

/** Members by their ids. */
export function whereIds(ids: readonly string[]): Bool {
  return sql`(members.id = any(${[...ids]}::text[]))`
}

/** The order of a list by an attribute (RFC 7644 §3.4.2.3): of several values the primary one, or the first. */
export function orderBy(sort: Sort, type: ResourceType, base: string): VisibleOrder {
  const { path, descending } = sort
  const slot = memberSlot(path, type, base)
  const { attribute } = slot
  const nullable = !(NEVER_EMPTY.has(path.attr) && path.schema === undefined)
  const value = slot.first
  const kind = ORDER_TYPES[attribute.type] ?? 'text'
  // A column is ordered as it is indexed.
  if (kind === 'timestamptz' && !slot.isColumn)
    return { key: instantOf(value, slot), type: kind, descending, nullable }
  if (kind !== 'text') return { key: sql`(${value})::${sql.raw(kind)}`, type: kind, descending, nullable }
  const text = slot.key ?? (attribute.caseExact ? value : foldCase(value))
  return { key: sql`(${text}) collate "C"`, type: 'text', descending, nullable }
}

const NEVER_EMPTY = new Set(['userName', 'id', 'active', 'meta'])
const ORDER_TYPES: Partial<Record<Attribute['type'], VisibleOrder['type']>> = {
  boolean: 'boolean',
  dateTime: 'timestamptz',
  integer: 'numeric',
  decimal: 'numeric',
}

const TRUE: Bool = sql`true`
const FALSE: Bool = sql`false`

function fold(filter: Filter, lookup: Lookup): Bool {
  switch (filter.kind) {
    case 'and':
      return sql`(${fold(filter.left, lookup)} and ${fold(filter.right, lookup)})`
    case 'or':
      return sql`(${fold(filter.left, lookup)} or ${fold(filter.right, lookup)})`
    case 'not':
      return sql`(not ${fold(filter.filter, lookup)})`
    case 'present':
      return lookup(filter.path).some(() => TRUE)
    case 'some':
      return foldSome(filter.path, filter.where, lookup)
    case 'compare':
      return compareAny(lookup(filter.path), filter.op, filter.value)
  }
}

function foldSome(path: AttrPath, where: Filter, lookup: Lookup): Bool {
  // Of `meta` there is always one, and its parts are columns.
  if (path.attr === 'meta') return fold(where, ({ attr }) => lookup({ attr: 'meta', sub: attr }))
  const { attribute, some } = lookup(path)
  return some((element) => fold(where, ({ attr }) => elementSlot(element, attr, attribute)))
}

// No value equals null, and differs from everything else; among several values, one is enough.
function compareAny(slot: Slot, op: CompareOp, literal: Literal): Bool {
  const { some, key } = slot
  const isAssigned = some(() => TRUE)
  if (literal === null) {
    if (op === 'eq') return sql`(not ${isAssigned})`
    return op === 'ne' ? isAssigned : FALSE
  }
  if (key && typeof literal === 'string' && (op === 'eq' || op === 'ne'))
    return compareText(key, op, comparisonKey(literal))
  const passes = some((value) => compareOne(value, op, literal, slot))
  return op === 'ne' ? sql`(${passes} or not ${isAssigned})` : passes
}

function compareOne(value: Value, op: CompareOp, literal: string | number | boolean, slot: Slot): Bool {
  const { type, caseExact } = slot.attribute
  const isPart = op === 'co' || op === 'sw' || op === 'ew'
  // Values of two types are different, and have no order.
  if (typeof literal !== (LITERAL_TYPES[type] ?? 'string')) return op === 'ne' ? TRUE : FALSE
  if (type === 'dateTime' && !isPart) return compareTime(instantOf(value, slot), op, String(literal))
  if (typeof literal !== 'string') {
    const bound = typeof literal === 'number' ? sql`${String(literal)}::numeric` : sql`${literal}::boolean`
    return isPart ? FALSE : sql`(${value} ${OPERATORS[op]} ${bound})`
  }
  const text = type === 'dateTime' && slot.isColumn ? timeText(value) : value
  return caseExact ? compareText(text, op, literal) : compareText(foldCase(text), op, literal.toLowerCase())
}

const LITERAL_TYPES: Partial<Record<Attribute['type'], 'boolean' | 'number'>> = {
  boolean: 'boolean',
  integer: 'number',
  decimal: 'number',
}

const OPERATORS = {
  eq: sql`=`,
  ne: sql`<>`,
  gt: sql`>`,
  ge: sql`>=`,
  lt: sql`<`,
  le: sql`<=`,
} as const

// No LIKE: it would give a meaning to % and _.
function compareText(value: Value, op: CompareOp, literal: string): Bool {
  switch (op) {
    case 'co':
      return sql`(strpos(${value}, ${literal}::text) > 0)`
    case 'sw':
      return sql`starts_with(${value}, ${literal}::text)`
    case 'ew':
      return sql`(right(${value}, length(${literal}::text)) = ${literal}::text)`
    case 'eq':
    case 'ne':
      return sql`(${value} ${OPERATORS[op]} ${literal}::text)`
    default:
      return sql`(${value} collate "C" ${OPERATORS[op]} ${literal}::text collate "C")`
  }
}

// What is no time after all differs from every time, as it does for the kernel.
function compareTime(instant: Value, op: Exclude<CompareOp, 'co' | 'sw' | 'ew'>, literal: string): Bool {
  const passes = sql<boolean>`(${instant} ${OPERATORS[op]} scim_instant(${literal}))`
  return op === 'ne' ? sql`coalesce(${passes}, true)` : sql`coalesce(${passes}, false)`
}

function instantOf(value: Value, { isColumn }: Slot): Value {
  return isColumn ? sql`date_trunc('milliseconds', ${value})` : sql`scim_instant(${value})`
}

function timeText(value: Value): Value {
  return sql`to_char(date_trunc('milliseconds', ${value}) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

/**
 * Lower case as JavaScript has it, in a database of any locale: ASCII by `lower`, the rest by a table.
 * Left out are the two letters whose lower case is longer or depends on its neighbours (İ and Σ).
 */
function foldCase(value: Value): Value {
  return sql`case when octet_length(${value}) = length(${value}) then lower(${value} collate "C") else translate(lower(${value} collate "C"), ${UPPER}, ${LOWER}) end`
}

const PAIRS = Array.from({ length: 0x1e944 - 0x80 }, (_, at) => at + 0x80)
  .filter((point) => point < 0xd800 || point > 0xdfff)
  .map((point) => String.fromCodePoint(point))
  .map((letter) => [letter, letter.toLowerCase()] as const)
  .filter(([letter, lower]) => letter !== lower && [...lower].length === 1)
const UPPER = PAIRS.map(([letter]) => letter).join('')
const LOWER = PAIRS.map(([, lower]) => lower).join('')

const SCIM: Value = sql`members.scim`
// A member who was invited has no resource of a provider, and is shown from its columns.
const IS_SENT: Bool = sql`(members.scim -> 'schemas' is not null)`

/** Where a member keeps what a path names. What has no column is in the resource that was sent. */
function memberSlot(path: AttrPath, type: ResourceType, base: string): Slot {
  const found = findTarget(type, path)
  if (!found) throw new ScimError('invalidFilter', `${path.attr} is not known here.`)
  const { attribute, sub } = found
  if (path.schema !== undefined) return jsonSlot(sql`(${SCIM} -> ${path.schema}::text)`, attribute, sub)
  switch (attribute.name) {
    case 'userName':
      return { ...scalar(attribute, sql`members.user_name`), key: sql`members.user_name_key` }
    case 'id':
      return scalar(attribute, sql`members.id`)
    case 'externalId':
      return scalar(attribute, sql`members.external_id`)
    case 'title':
      return scalar(attribute, sql`members.title`)
    case 'active':
      return scalar(attribute, sql`members.active`)
    case 'displayName':
      return scalar(
        attribute,
        sql`case when ${IS_SENT} then ${SCIM} ->> 'displayName' else members.display_name end`,
      )
    case 'meta':
      return metaSlot(attribute, sub, base)
    case 'schemas':
      return list(
        attribute,
        sub,
        sql`coalesce(${SCIM} -> 'schemas', jsonb_build_array(${userSchema.id}::text))`,
      )
    case 'emails':
      return list(attribute, sub, sql`case when ${IS_SENT} then ${SCIM} -> 'emails' else ${ONLY_EMAIL} end`)
    case 'groups':
      return list(attribute, sub, groupsOfMember(base))
    default:
      return jsonSlot(SCIM, attribute, sub)
  }
}

const ONLY_EMAIL: Value = sql`jsonb_build_array(jsonb_build_object('value', members.email, 'type', 'work', 'primary', true))`

function groupsOfMember(base: string): Value {
  return sql`(select jsonb_agg(jsonb_build_object('value', r.id, 'display', r.name, 'type', 'direct', '$ref', ${`${base}/Groups/`}::text || r.id))
    from member_roles g join roles r on r.tenant_id = g.tenant_id and r.id = g.role_id
    where g.tenant_id = members.tenant_id and g.member_id = members.id and g.source = 'scim_group')`
}

function metaSlot(attribute: Attribute, sub: Attribute | undefined, base: string): Slot {
  const columns: Record<string, Value> = {
    resourceType: sql`'User'::text`,
    created: sql`members.created_at`,
    lastModified: sql`members.updated_at`,
    location: sql`(${`${base}/Users/`}::text || members.id)`,
    version: sql`('W/"' || members.version || '"')`,
  }
  const value = columns[sub?.name ?? 'resourceType'] ?? sql`null`
  return { ...scalar(sub ?? attribute, value), isColumn: true }
}

function scalar(attribute: Attribute, value: Value): Slot {
  return { attribute, first: value, some: (test) => sql`(${value} is not null and ${test(value)})` }
}

function jsonSlot(holder: Value, attribute: Attribute, sub?: Attribute): Slot {
  const whole: Value = sql`(${holder} -> ${attribute.name}::text)`
  if (attribute.multiValued)
    return list(attribute, sub, sql`case when jsonb_typeof(${whole}) = 'array' then ${whole} end`)
  return sub ? jsonSlot(whole, sub) : scalar(attribute, typed(whole, attribute))
}

function list(attribute: Attribute, sub: Attribute | undefined, items: Value): Slot {
  const item: Value = sql`item.value`
  const inner = sub ? jsonSlot(item, sub) : scalar(attribute, typed(item, attribute))
  // PostgreSQL takes no constant to order by, which would be the same for all values of a plain list.
  const primaryFirst =
    attribute.type === 'complex'
      ? sql`coalesce(item.value -> 'primary' = 'true'::jsonb, false) desc, `
      : sql``
  const all = sql`jsonb_array_elements(coalesce(${items}, '[]'::jsonb))`
  return {
    attribute: inner.attribute,
    first: sql`(select ${inner.first} from ${all} with ordinality as item(value, at)
      order by ${primaryFirst}item.at limit 1)`,
    some: (test) => sql`exists (select 1 from ${all} as item(value) where ${inner.some(test)})`,
  }
}

function elementSlot(element: Value, name: string, owner: Attribute): Slot {
  const part = partOf(owner, name)
  if (!part) throw new ScimError('invalidFilter', `${owner.name} has no part ${name}.`)
  return owner.subAttributes ? jsonSlot(element, part) : scalar(part, element)
}

// What was kept under a schema that is no more can be of another type than a schema of the same name has now.
// It is no value of the attribute, and casting it would fail; as text, everything can be read.
function typed(value: Value, { type }: Attribute): Value {
  switch (type) {
    case 'complex':
      return sql`case when jsonb_typeof(${value}) = 'object' then ${value} end`
    case 'boolean':
      return sql`case when jsonb_typeof(${value}) = 'boolean' then ${value}::boolean end`
    case 'integer':
    case 'decimal':
      return sql`case when jsonb_typeof(${value}) = 'number' then ${value}::numeric end`
    default:
      return sql`(${value} #>> '{}')`
  }
}
