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
export function namesOf(resource: Resource): GroupNames {
  const { displayName, externalId } = resource
  const name = typeof displayName === 'string' ? displayName : ''
  if (name.trim() === '' || [...name].length > 80 || /\p{Cc}/u.test(name))
    throw new ScimError(
      'invalidValue',
      'displayName must have 1 to 80 characters, and no control characters.',
    )
  if (typeof externalId === 'string' && externalId.length > 500)
    throw new ScimError('invalidValue', 'externalId must have 500 characters at most.')
  return { displayName: name, externalId: typeof externalId === 'string' ? externalId : null }
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
 * The ids after the operations on members, in their order. The usual ones are steps on a set; any other
 * is left to the kernel, on the members as they are at that point.
 */
export function idsAfter(before: Members, ops: readonly PatchOp[], base: string): Set<string> {
  let ids = new Set(before.keys())
  for (const op of ops) {
    const one = op.path.sub === undefined ? pickedId(op) : undefined
    if (op.op === 'remove' && one !== undefined) ids.delete(one)
    else if (op.op === 'add' && isWhole(op)) for (const id of idsIn(op.value)) ids.add(id)
    else if (op.op === 'replace' && isWhole(op)) ids = new Set(idsIn(op.value))
    else if (op.op === 'remove' && isWhole(op)) ids.clear()
    else ids = new Set(idsByKernel(ids, before, op, base))
  }
  return ids
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
