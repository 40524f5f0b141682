/**
 * Writing users. What one connection asks for at the same moment is done in one transaction and one
 * commit; each call still succeeds or fails by itself, and nothing is answered before the commit.
 *
 * Locks are taken in one order everywhere: roles, then members, then the count of the brake.
 */
import { notFound, preconditionFailed, ScimError, uniqueness } from '@keydesk/scim'
import {
  applyUpdates,
  deleteProvisioned,
  type LockedMember,
  listMemberRoles,
  lockProvisionable,
  type MemberRow,
  type PlannedUpdate,
  type ProvisionedProfile,
  type Provisioner,
  planUpdates,
  provisionMembers,
  touchRoles,
} from '#accounts'
import { AppError, inBatches, type Tx } from '#platform'
import { type CutInput, checkBrake, checkBrakes } from './brake.ts'
import { change } from './change.ts'
import { supersede } from './holds.ts'
import { togetherOrAlone, type WriteLane } from './lanes.ts'
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
      /** Whether the call says who may come in and with which roles: then it takes the place of what is held. */
      decidesAccess: boolean
    }

/** The member as it is now, and the roles held by groups. */
export interface WrittenUser {
  row: MemberRow
  groups: [id: string, name: string][]
  /** What the provider owns of it, as text; undefined when nothing was written. */
  rendered: string | undefined
}

/** Writes a user, together with what else is asked for at this moment. Throws ScimError. */
export const writeUser = inBatches<WriteLane, UserWrite, WrittenUser>({
  most: 64,
  atOnce: 2,
  run: ({ ctx, by, isReleased }, writes) =>
    togetherOrAlone(writes, (some) => change(ctx, (tx) => writeAll(tx, by, some, isReleased))),
})

type Outcome = WrittenUser | Error
type Put = (at: number, outcome: Outcome) => void

async function writeAll(
  tx: Tx,
  by: Provisioner,
  writes: readonly UserWrite[],
  isReleased: boolean,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const put: Put = (at, outcome) => {
    outcomes[at] = outcome
  }
  const creates = writes.flatMap((write, at) => (write.kind === 'create' ? [{ ...write, at }] : []))
  if (creates.length > 0) await createAll(tx, by, creates, put)
  // Two changes of one member are two steps.
  let rest = writes.flatMap((write, at) => (write.kind === 'update' ? [{ ...write, at }] : []))
  while (rest.length > 0) {
    const step = rest.filter(({ id }, at) => rest.findIndex((other) => other.id === id) === at)
    rest = rest.filter((one) => !step.includes(one))
    await updateAll(tx, by, step, isReleased, put)
  }
  return writes.map((_, at) => outcomes[at] ?? new Error('Nothing was written.'))
}

type Create = Extract<UserWrite, { kind: 'create' }> & { at: number }
type Update = Extract<UserWrite, { kind: 'update' }> & { at: number }

async function createAll(tx: Tx, by: Provisioner, creates: readonly Create[], put: Put): Promise<void> {
  const made = await provisionMembers(
    tx,
    by,
    creates.map(({ profile }) => profile),
  )
  creates.forEach(({ profile, at }, index) => {
    const row = made[index]
    if (row instanceof AppError) put(at, told(row))
    else if (row) put(at, { row, groups: [], rendered: profile.rendered })
    else put(at, uniqueness('userName', profile.userName))
  })
}

async function updateAll(
  tx: Tx,
  by: Provisioner,
  updates: readonly Update[],
  isReleased: boolean,
  put: Put,
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
  const changes = wishes.flatMap((wish) => (wish.profile ? [{ ...wish, profile: wish.profile }] : []))
  const plans = await planUpdates(tx, by, changes)
  const held = isReleased ? [] : await checkBrakes(tx, by, plans.map(cutsOf))
  const refused = new Map<string, Error>()
  plans.forEach((plan, index) => {
    const error = plan instanceof AppError ? told(plan) : held[index]
    const { id = '', at = -1 } = changes[index] ?? {}
    if (error) {
      refused.set(id, error)
      put(at, error)
    }
  })
  const possible = plans.filter(
    (plan): plan is PlannedUpdate => !(plan instanceof AppError) && !refused.has(plan.row.id),
  )
  const accepted = wishes.filter(({ id }) => !refused.has(id))
  const deciding = accepted.filter(({ decidesAccess }) => decidesAccess)
  supersede(
    tx,
    by.serviceUserId,
    deciding.map(({ id }) => ({ kind: 'Users', id })),
  )
  const written = new Map((await applyUpdates(tx, by, possible)).map((row) => [row.id, row]))
  for (const { at, row, profile } of accepted)
    put(at, { row: written.get(row.id) ?? row, groups: groupsOf(row), rendered: profile?.rendered })
}

function told({ code, message }: AppError): ScimError {
  return new ScimError(code === 'conflict' ? 'uniqueness' : 'invalidValue', message)
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
function cutsOf(plan: PlannedUpdate | AppError): CutInput[] {
  if (plan instanceof AppError) return []
  const { row, profile, lost } = plan
  const cut = { memberId: row.id, member: row.displayName }
  if (row.active && !profile.active) return [{ ...cut, kind: 'deactivation', role: null }]
  return lost.map((role) => ({ ...cut, kind: 'role_loss', role }))
}

/** Removes a member for good. */
export function removeUser(
  { ctx, by, isReleased }: WriteLane,
  id: string,
  ifMatch: string | undefined,
): Promise<MemberRow> {
  return change(ctx, async (tx) => {
    const grants = await listMemberRoles(tx, [id])
    await touchRoles(
      tx,
      grants.filter(({ source }) => source === 'scim_group').map(({ roleId }) => roleId),
    )
    const [row] = await lockProvisionable(tx, [id], 'deletion')
    if (!row) throw notFound('This user')
    requireMatch(ifMatch, row.version)
    const cut = { kind: 'deletion', memberId: id, member: row.displayName, role: null } as const
    if (!isReleased) await checkBrake(tx, by, [cut])
    await deleteProvisioned(tx, [row])
    supersede(tx, by.serviceUserId, { kind: 'Users', id })
    return row
  })
}

function groupsOf({ roles }: LockedMember): [id: string, name: string][] {
  return roles.flatMap(({ id, name, source }) => (source === 'scim_group' ? [[id, name]] : []))
}
