/** A role as a SCIM group, and what a request makes of its members. */
import {
  applyPatch,
  groupResourceType,
  groupSchema,
  isRecord,
  type Json,
  type PatchOp,
  type Resource,
  ScimError,
} from '@keydesk/scim'
import type { RoleRow } from '#accounts'
import { refuseUnusable } from './usable.ts'
import { etagOf } from './versions.ts'

/** Ids of members and what they are shown as, in order. */
export type Members = ReadonlyMap<string, string>

export function groupOf(role: RoleRow, members: Members, base: string): Resource {
  const resource: Resource = {
    schemas: [groupSchema.id],
    id: role.id,
    displayName: role.name,
    members: membersJson(members, base),
    meta: {
      resourceType: 'Group',
      created: role.createdAt.toISOString(),
      lastModified: role.updatedAt.toISOString(),
      location: `${base}/Groups/${role.id}`,
      version: etagOf(role.version),
    },
  }
  if (role.externalId !== null) resource['externalId'] = role.externalId
  return resource
}

function membersJson(members: Members, base: string): Json[] {
  return [...members].map(([value, display]) => ({
    value,
    $ref: `${base}/Users/${value}`,
    type: 'User',
    display,
  }))
}

export interface GroupNames {
  displayName: string
  externalId: string | null
}

/** The names a resource gives a group. */
export function namesOf({ displayName, externalId }: Resource): GroupNames {
  const names = {
    displayName: typeof displayName === 'string' ? displayName : '',
    externalId: typeof externalId === 'string' ? externalId : null,
  }
  refuseUnusable('displayName', names.displayName, 255)
  if (names.externalId !== null) refuseUnusable('externalId', names.externalId, 500)
  return names
}

/**
 * The ids that a resource lists, or undefined when it does not speak of members at all: then they stay.
 * @param body what was sent, because the reading of it leaves out an empty list
 */
export function memberIdsOf(resource: Resource, body: Json): string[] | undefined {
  const names = isRecord(body) ? Object.keys(body) : []
  const speaks = names.some((name) => /(?:^|:)members$/i.test(name))
  return speaks ? idsIn(resource['members'] ?? []) : undefined
}

/**
 * What operations do to members, as a change of a set: what is added and what is removed, from the members
 * as they are or, after a whole replacement, from none. Its cost is that of the operations, not of the group.
 */
export interface NetChange {
  from: 'members' | 'none'
  add: Set<string>
  remove: Set<string>
}

/** The net of operations in their order; undefined when one of them has to see the members. */
export function netOf(ops: readonly PatchOp[]): NetChange | undefined {
  const net: NetChange = { from: 'members', add: new Set(), remove: new Set() }
  for (const op of ops) if (!follow(net, op)) return undefined
  return net
}

function follow(net: NetChange, op: PatchOp): boolean {
  const one = op.path.sub === undefined ? pickedId(op) : undefined
  if (op.op === 'remove' && one !== undefined) {
    net.add.delete(one)
    net.remove.add(one)
    return true
  }
  if (!isWhole(op)) return false
  if (op.op !== 'add') startOver(net)
  if (op.op === 'remove') return true
  for (const id of idsIn(op.value)) {
    net.remove.delete(id)
    net.add.add(id)
  }
  return true
}

function startOver(net: NetChange): void {
  net.from = 'none'
  net.add.clear()
  net.remove.clear()
}

/** The same for operations that have to see the members, one after another, by the kernel. */
export function netBySight(before: Members, ops: readonly PatchOp[], base: string): NetChange {
  let ids: string[] = [...before.keys()]
  for (const op of ops) ids = idsByKernel(new Set(ids), before, op, base)
  return { from: 'none', add: new Set(ids), remove: new Set() }
}

function isWhole({ path }: PatchOp): boolean {
  return path.sub === undefined && path.where === undefined
}

/** `members[value eq "…"]`: Okta sends one for each member that leaves. */
function pickedId({ path: { where } }: PatchOp): string | undefined {
  const isId = where?.kind === 'compare' && where.op === 'eq' && where.path.attr.toLowerCase() === 'value'
  return isId && typeof where.value === 'string' ? where.value : undefined
}

function idsByKernel(ids: ReadonlySet<string>, before: Members, op: PatchOp, base: string): string[] {
  const members = membersJson(new Map([...ids].map((id) => [id, before.get(id) ?? id])), base)
  const draft: Resource = { schemas: [groupSchema.id], displayName: 'group', members }
  return idsIn(applyPatch(draft, [op], groupResourceType).resource['members'] ?? [])
}

function idsIn(members: Json): string[] {
  return (Array.isArray(members) ? members : [members]).map((member) => {
    const value = isRecord(member) ? member['value'] : undefined
    if (typeof value !== 'string')
      throw new ScimError('invalidValue', 'Each of the members needs its id as value.')
    return value
  })
}
