/**
 * Writing users. What one connection asks for at the same moment is done in one transaction and one
 * commit; each call still succeeds or fails by itself, and nothing is answered before the commit.
 */
import { notFound, preconditionFailed, type Resource, ScimError, uniqueness } from '@keydesk/scim'
import {
  deleteProvisioned,
  type LockedMember,
  listMemberRoles,
  lockProvisionable,
  type MemberRow,
  type ProvisionedProfile,
  type Provisioner,
  provisionMembers,
  touchRoles,
  updateProvisioned,
} from '#accounts'
import { type Context, inBatches, type Lane, type Tx } from '#platform'
import { type CutInput, checkBrakes } from './brake.ts'
import { change } from './change.ts'
import { supersede } from './holds.ts'
import { rolesIn } from './user-resource.ts'
import { requireMatch } from './versions.ts'

/** A user to write, as one call asks for it. */
export type UserWrite =
  | { kind: 'create'; profile: ProvisionedProfile }
  | {
      kind: 'update'
      id: string
      ifMatch: string | undefined
      /** What the member shall become, or undefined when it is that already. Throws what the caller is answered. */
      wanted: (row: MemberRow) => ProvisionedProfile | undefined
    }

/** The member as it is now, and the roles held by groups. */
export interface WrittenUser {
  row: MemberRow
  groups: [id: string, name: string][]
}

/** Whose writes go together: those of one connection. */
export interface WriteLane extends Lane {
  ctx: Context
  by: Provisioner
}

export function laneOf(
  ctx: Context,
  by: Provisioner,
  isReleased: boolean,
): WriteLane & { isReleased: boolean } {
  const { platform, tenantId } = ctx
  return { platform, tenantId, key: `${by.serviceUserId} ${isReleased}`, ctx, by, isReleased }
}

/** Writes a user, together with what else is asked for at this moment. Throws ScimError. */
export const writeUser = inBatches<ReturnType<typeof laneOf>, UserWrite, WrittenUser>({
  most: 64,
  atOnce: 1,
  async run({ ctx, by, isReleased }, writes) {
    try {
      return await change(ctx, (tx) => writeAll(tx, by, writes, isReleased))
    } catch (error) {
      if (writes.length === 1) throw error
      // One of them spoils it for all: each for itself, to find which.
      return Promise.all(
        writes.map((write) =>
          change(ctx, (tx) => writeAll(tx, by, [write], isReleased)).then(
            ([one]) => one ?? new Error('Nothing was written.'),
            (reason: Error) => reason,
          ),
        ),
      )
    }
  },
})

type Outcome = WrittenUser | Error

async function writeAll(
  tx: Tx,
  by: Provisioner,
  writes: readonly UserWrite[],
  isReleased: boolean,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = Array.from(writes, () => new Error('Nothing was written.'))
  const put = (at: number, outcome: Outcome) => {
    outcomes[at] = outcome
  }
  const creates = writes.flatMap((write, at) => (write.kind === 'create' ? [{ ...write, at }] : []))
  if (creates.length > 0) {
    const made = await provisionMembers(
      tx,
      by,
      creates.map(({ profile }) => profile),
    )
    creates.forEach(({ profile, at }, index) => {
      const row = made[index]
      put(at, row ? { row, groups: [] } : uniqueness('userName', profile.userName))
    })
  }
  // Two changes of one member are two steps.
  let rest = writes.flatMap((write, at) => (write.kind === 'update' ? [{ ...write, at }] : []))
  while (rest.length > 0) {
    const step = rest.filter(({ id }, at) => rest.findIndex((other) => other.id === id) === at)
    rest = rest.filter((one) => !step.includes(one))
    await updateAll(tx, by, step, isReleased, put)
  }
  return outcomes
}

type Update = Extract<UserWrite, { kind: 'update' }> & { at: number }

async function updateAll(
  tx: Tx,
  by: Provisioner,
  updates: readonly Update[],
  isReleased: boolean,
  put: (at: number, outcome: Outcome) => void,
): Promise<void> {
  const rows = await lockProvisionable(
    tx,
    updates.map(({ id }) => id),
  )
  const wishes = updates.flatMap((update, index) => {
    const wish = wishOf(update, rows[index])
    if (wish instanceof Error) put(update.at, wish)
    return wish instanceof Error ? [] : [{ ...update, ...wish }]
  })
  const held = isReleased
    ? []
    : await checkBrakes(
        tx,
        by,
        wishes.map(({ row, profile }) => cutsOf(row, profile)),
      )
  wishes.forEach(({ at }, index) => {
    const error = held[index]
    if (error) put(at, error)
  })
  const open = wishes.filter((_, index) => !held[index])
  const changes = open.flatMap(({ row, profile }) => (profile ? [{ row, profile }] : []))
  const done = changes.length > 0 ? await updateProvisioned(tx, by, changes) : []
  const outcomeOf = new Map(changes.map(({ row }, index) => [row.id, done[index]]))
  await supersede(
    tx,
    by.serviceUserId,
    open.map(({ row }) => ({ kind: 'Users', id: row.id })),
  )
  for (const { at, row } of open) {
    const outcome = outcomeOf.get(row.id) ?? row
    put(
      at,
      outcome instanceof Error
        ? new ScimError('uniqueness', outcome.message)
        : { row: outcome, groups: groupsOf(row) },
    )
  }
}

function wishOf(
  { ifMatch, wanted }: Update,
  row: LockedMember | undefined,
): { row: LockedMember; profile: ProvisionedProfile | undefined } | Error {
  if (!row) return notFound('This user')
  try {
    requireMatch(ifMatch, row.version)
    return { row, profile: wanted(row) }
  } catch (error) {
    return error instanceof Error ? error : preconditionFailed()
  }
}

/** What of a member's access a change takes away. */
function cutsOf(row: MemberRow, profile: ProvisionedProfile | undefined): CutInput[] {
  if (!profile) return []
  const cut = { memberId: row.id, member: row.displayName }
  if (row.active && !profile.active) return [{ ...cut, kind: 'deactivation', role: null }]
  const kept = new Set(profile.roles ?? [])
  const lost = profile.roles ? rolesIn(row.scim as Resource).filter((role) => !kept.has(role)) : []
  return lost.map((role) => ({ ...cut, kind: 'role_loss', role }))
}

/** Removes a member. Groups are locked before members, as a change of a group takes its locks. */
export function removeUser(
  { ctx, by, isReleased }: ReturnType<typeof laneOf>,
  id: string,
  ifMatch: string | undefined,
): Promise<MemberRow> {
  return change(ctx, async (tx) => {
    const grants = await listMemberRoles(tx, [id])
    await touchRoles(
      tx,
      grants.filter(({ source }) => source === 'scim_group').map(({ roleId }) => roleId),
    )
    const [row] = await lockProvisionable(tx, [id])
    if (!row) throw notFound('This user')
    requireMatch(ifMatch, row.version)
    const cut = { kind: 'deletion', memberId: id, member: row.displayName, role: null } as const
    const [held] = isReleased ? [] : await checkBrakes(tx, by, [[cut]])
    if (held) throw held
    await deleteProvisioned(tx, [row])
    await supersede(tx, by.serviceUserId, { kind: 'Users', id })
    return row
  })
}

function groupsOf({ roles }: LockedMember): [id: string, name: string][] {
  return roles.flatMap(({ id, name, source }) => (source === 'scim_group' ? [[id, name]] : []))
}
