/**
 * What a PATCH does to a resource (RFC 7644 §3.5.2). Clients' dialects end in `readPatch`; here an
 * operation means what the RFC says.
 */
import { ScimError } from '../error.ts'
import type { Path } from '../filter/ast.ts'
import { elementMatcher } from '../filter/matches.ts'
import { printPath } from '../filter/print.ts'
import { cloneJson, isRecord, type Json, type JsonObject, record, sameJson } from '../json.ts'
import type { Resource } from '../resource.ts'
import type { Attribute } from '../schema/attribute.ts'
import { findTarget, type ResourceType } from '../schema/resource-type.ts'
import { assign, isBare, merge, refuse, settleSchemas, unassign } from './edit.ts'
import { appendValues, elementFrom, replaceValues, settlePrimary } from './values.ts'

/** One operation on one attribute, in the schema's spelling. `null` inside a value unassigns. */
export type PatchOp = { op: 'add' | 'replace'; path: Path; value: Json } | { op: 'remove'; path: Path }

export type PatchOptions = {
  /** Let `replace` make the value its path asks for when none matches, as Entra ID expects. */
  createOnNoMatch?: boolean
}

/**
 * Applies the operations in order to a copy: all of them, or an error and no change. `changed` is
 * false when the resource already was what was asked for, so that its version can stay (§3.5.2.1).
 */
export function applyPatch(
  resource: Resource,
  ops: readonly PatchOp[],
  type: ResourceType,
  options: PatchOptions = {},
): { resource: Resource; changed: boolean } {
  const draft = cloneJson(resource)
  for (const op of ops) applyOne(draft, op, type, options)
  settleSchemas(draft, type)
  return { resource: draft, changed: !sameJson(draft, resource) }
}

type Edit = PatchOp & { attribute: Attribute; sub: Attribute | undefined; options: PatchOptions }

function applyOne(draft: Resource, op: PatchOp, type: ResourceType, options: PatchOptions): void {
  const target = findTarget(type, op.path)
  if (!target)
    throw new ScimError('invalidPath', `${printPath(op.path)} is not an attribute of a ${type.name}.`)
  const { attribute, sub, extension } = target
  const readOnly = [attribute, sub].find((part) => part?.mutability === 'readOnly')
  if (readOnly) throw refuse(readOnly, 'is read-only')

  // The value goes into the draft, where a later operation may change it, so the caller keeps its own.
  const own: PatchOp = op.op === 'remove' ? op : { ...op, value: cloneJson(op.value) }
  const edit: Edit = { ...own, attribute, sub, options }
  const holder = extension ? holderOf(draft, extension.id) : draft
  if (attribute.multiValued && (edit.path.where || sub)) editValues(holder, edit)
  else if (edit.path.where)
    throw new ScimError('invalidPath', `${attribute.name} has one value, so a path cannot pick from it.`)
  else if (sub) editSub(holder, edit, sub)
  else editWhole(holder, edit)
}

function holderOf(draft: Resource, urn: string): JsonObject {
  const holder = draft[urn]
  if (isRecord(holder)) return holder
  const made = record()
  draft[urn] = made
  return made
}

function editWhole(holder: JsonObject, edit: Edit): void {
  const { attribute } = edit
  const before = holder[attribute.name]
  if (edit.op === 'remove') {
    unassign(holder, attribute)
  } else if (attribute.multiValued) {
    const change = edit.op === 'add' ? appendValues : replaceValues
    const given = Array.isArray(edit.value) ? edit.value : [edit.value]
    const { values, touched } = change(attribute, valuesOf(holder, attribute), given)
    setValues(holder, attribute, values, touched)
  } else if (attribute.subAttributes && isRecord(edit.value)) {
    setWhole(holder, attribute, merge(isRecord(before) ? before : record(), edit.value, attribute))
  } else {
    assign(holder, attribute, edit.value)
  }
}

function editSub(holder: JsonObject, edit: Edit, sub: Attribute): void {
  const before = holder[edit.attribute.name]
  const whole = isRecord(before) ? before : record()
  if (edit.op === 'remove') unassign(whole, sub)
  else assign(whole, sub, edit.value)
  setWhole(holder, edit.attribute, whole)
}

// §3.5.2.2: what has no value left is unassigned. A manager of whom only the name is left has none.
function setWhole(holder: JsonObject, attribute: Attribute, whole: JsonObject): void {
  if (!isBare(whole, attribute)) holder[attribute.name] = whole
  else if (Object.hasOwn(holder, attribute.name)) unassign(holder, attribute)
}

/** `emails[type eq "work"]`, `emails[type eq "work"].value`, or `emails.type` for all of them. */
function editValues(holder: JsonObject, edit: Edit): void {
  const { attribute, path, sub } = edit
  const values = valuesOf(holder, attribute)
  const picked = new Set(path.where ? values.filter(elementMatcher(path.where, attribute)) : values)
  if (edit.op === 'remove') {
    removePicked(holder, edit, values, picked)
    return
  }
  const given: Json = sub ? Object.assign(record(), { [sub.name]: edit.value }) : edit.value
  const edited = values.map((value) => (picked.has(value) ? editValue(value, given, attribute) : value))
  const touched = edited.filter((value) => picked.has(value))
  if (picked.size === 0) touched.push(madeFor(edit, given))
  setValues(holder, attribute, picked.size === 0 ? [...edited, ...touched] : edited, touched)
}

// §3.5.2.2: to remove what is not there is a success.
function removePicked(holder: JsonObject, edit: Edit, values: Json[], picked: ReadonlySet<Json>): void {
  const { attribute, sub } = edit
  if (sub) for (const value of picked) if (isRecord(value)) unassign(value, sub)
  // What is left of a mail address without its value is not one: fixtures/entra/clear-work-email.json.
  const isWhole = sub === undefined || sub.name === 'value'
  setValues(holder, attribute, isWhole ? values.filter((value) => !picked.has(value)) : values)
}

// §3.5.2.3: a value is complex, so the sub-attributes that are not given stay.
function editValue(value: Json, given: Json, attribute: Attribute): Json {
  return isRecord(value) && isRecord(given) ? merge(value, given, attribute) : given
}

// §3.5.2.3 asks for noTarget when `replace` picks nothing; about `add` the RFC is silent, and Entra
// ID relies on the value being made (fixtures/entra/add-work-email-when-absent.json).
function madeFor({ op, path, attribute, options }: Edit, given: Json): Json {
  const mayCreate = op === 'add' || !path.where || options.createOnNoMatch === true
  const made = mayCreate ? elementFrom(path.where, given, attribute) : undefined
  if (made === undefined)
    throw new ScimError('noTarget', `No value of ${attribute.name} matches ${printPath(path)}.`)
  return made
}

function valuesOf(holder: JsonObject, attribute: Attribute): Json[] {
  const values = holder[attribute.name]
  return Array.isArray(values) ? values : []
}

function setValues(holder: JsonObject, attribute: Attribute, values: Json[], touched: Json[] = []): void {
  const kept = values.filter((value) => !isRecord(value) || !isBare(value, attribute))
  settlePrimary(attribute, kept, touched)
  if (kept.length > 0) holder[attribute.name] = kept
  else if (Object.hasOwn(holder, attribute.name)) unassign(holder, attribute)
}
