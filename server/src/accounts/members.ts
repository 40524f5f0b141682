/**
 * Members: the admins and agents of a workspace. Deactivation ends what they hold in the same
 * transaction: the very next request of theirs finds no session and no active account.
 */
import { AppError, type Context, newId, notFound, type Tx, transact } from '#platform'
import { settleMember } from './connection-roles.ts'
import type { Member } from './contract.ts'
import {
  memberBreakGlass,
  memberDeactivated,
  memberInvited,
  memberReactivated,
  memberRolesChanged,
  pushedRolesDropped,
} from './events.ts'
import { comparisonKey } from './keys.ts'
import * as store from './members.store.ts'
import * as roles from './roles.store.ts'
import { endSessionsAndLinks } from './sessions.store.ts'
import { type Deliver, issueSignInLink } from './sign-in.ts'
import { listServiceUsers } from './tokens.store.ts'

export async function listMembers(
  ctx: Context,
  query: { search?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<{ items: Member[]; total: number; nextCursor?: string }> {
  return transact(ctx, async (tx) => {
    const where: store.MemberCondition[] = []
    if (query.search) {
      const like = `%${query.search.replace(/[\\%_]/g, (c) => `\\${c}`)}%`
      where.push((eb) => eb.or([eb('displayName', 'ilike', like), eb('email', 'ilike', like)]))
    }
    const after = query.cursor ? readCursor(query.cursor) : undefined
    const { rows, total } = await store.listMembers(tx, {
      where,
      limit: query.limit,
      ...(after ? { after } : {}),
    })
    const last = rows.at(-1)
    const items = await viewsOf(tx, rows)
    return rows.length === query.limit && last
      ? { items, total, nextCursor: cursorOf(last) }
      : { items, total }
  })
}

export function getMember(ctx: Context, id: string): Promise<Member> {
  return transact(ctx, async (tx) => viewOf(tx, await existing(tx, id)))
}

/** Invites a member; the mail with the sign-in link goes out when this commits. */
export function inviteMember(
  ctx: Context,
  input: { email: string; displayName: string; roleIds: string[] },
  deliver: Deliver,
): Promise<Member> {
  return transact(ctx, async (tx) => {
    const [row] = await store.insertMembers(tx, [
      {
        id: newId('mem'),
        userName: input.email,
        userNameKey: comparisonKey(input.email),
        email: input.email,
        emailKey: comparisonKey(input.email),
        displayName: input.displayName,
        title: null,
        active: true,
        source: 'invited',
        serviceUserId: null,
        externalId: null,
        scim: {},
        rendered: null,
        defaultRoleId: null,
      },
    ])
    if (!row) throw new AppError('conflict', `${input.email} is a member of this workspace already.`)
    await replaceManualRoles(tx, row, input.roleIds)
    memberInvited(tx, [row.id], { name: row.displayName })
    await issueSignInLink(
      tx,
      { email: row.email, displayName: row.displayName, memberId: row.id, personId: null },
      deliver,
    )
    return viewOf(tx, row)
  })
}

/** Replaces the roles that were given by hand. Roles from pushed groups and defaults are the provider's to change. */
export function setMemberRoles(ctx: Context, id: string, roleIds: string[]): Promise<Member> {
  return transact(ctx, async (tx) => {
    const row = await lockWithGroups(tx, id)
    await replaceManualRoles(tx, row, roleIds)
    return viewOf(tx, row)
  })
}

async function replaceManualRoles(tx: Tx, member: store.MemberRow, roleIds: string[]): Promise<void> {
  const wanted = await Promise.all(
    [...new Set(roleIds)].map(async (roleId) => {
      const role = await roles.findRole(tx, roleId)
      if (!role) throw notFound('role')
      return role
    }),
  )
  const held = await store.listGrants(tx, [member.id])
  await refuseWhatIsAboveMe(tx, [...wanted, ...(await rolesOf(tx, held, 'manual'))])
  const losesOwner =
    held.some((grant) => grant.systemKey === 'owner') && !wanted.some((role) => role.systemKey === 'owner')
  if (losesOwner && member.active) await refuseLastOwner(tx, member.displayName)

  await store.removeGrants(tx, { source: 'manual', memberIds: [member.id] })
  store.addGrants(
    tx,
    wanted.map((role) => ({ memberId: member.id, roleId: role.id, source: 'manual' })),
  )
  memberRolesChanged(tx, [member.id], { name: member.displayName, roles: wanted.map((role) => role.name) })
  if (losesOwner && !member.breakGlass) await dropPushedRoles(tx, member)
  await settleMember(tx, member)
}

// Groups before members, as a change of a group takes its locks.
async function lockWithGroups(tx: Tx, id: string): Promise<store.MemberRow> {
  const grants = await store.listGrants(tx, [id])
  await roles.lockRoles(
    tx,
    grants.filter(({ source }) => source === 'scim_group').map(({ roleId }) => roleId),
  )
  return existing(tx, id, true)
}

/**
 * What a provider gave to somebody whom it can see again. Nothing that it took away meanwhile reached the
 * account, so nobody knows what of it still holds: it is dropped, and the provider pushes it again.
 */
async function dropPushedRoles(tx: Tx, member: store.MemberRow): Promise<void> {
  const grants = (await store.listGrants(tx, [member.id])).filter(({ source }) => PUSHED.has(source))
  if (grants.length === 0) return
  await store.dropPushed(tx, member.id)
  await roles.touchRoles(
    tx,
    grants.filter(({ source }) => source === 'scim_group').map(({ roleId }) => roleId),
  )
  const names = [...new Set(grants.map(({ name }) => name))]
  pushedRolesDropped(tx, [member.id], { name: member.displayName, roles: names })
}

const PUSHED = new Set(['scim_group', 'scim_role'])

async function rolesOf(tx: Tx, grants: store.GrantRow[], source: string): Promise<roles.RoleRow[]> {
  const found = await Promise.all(
    grants.filter((grant) => grant.source === source).map((grant) => roles.findRole(tx, grant.roleId)),
  )
  return found.filter((role) => role !== undefined)
}

// Whoever may give roles may give no more than he has, and take away no more either.
async function refuseWhatIsAboveMe(tx: Tx, wanted: roles.RoleRow[]): Promise<void> {
  const mine = tx.principal?.permissions
  if (!mine) return
  const above = wanted.find((role) => role.permissions.some((permission) => !mine.has(permission)))
  if (above)
    throw new AppError(
      'forbidden',
      `The role ${above.name} allows more than you may do yourself, so you cannot give or take it.`,
    )
}

async function refuseLastOwner(tx: Tx, name: string): Promise<void> {
  if ((await store.countActiveOwners(tx)) <= 1)
    throw new AppError('conflict', `${name} is the last owner. Make somebody else an owner first.`)
}

export function deactivateMember(ctx: Context, id: string): Promise<Member> {
  return transact(ctx, async (tx) => {
    const row = await existing(tx, id, true)
    if (tx.principal?.memberId === id)
      throw new AppError('conflict', 'You cannot deactivate yourself. Ask another admin.')
    const grants = await store.listGrants(tx, [id])
    await refuseWhatIsAboveMe(tx, await rolesOf(tx, grants, 'manual'))
    if (row.active && grants.some((grant) => grant.systemKey === 'owner'))
      await refuseLastOwner(tx, row.displayName)
    await lockOut(tx, [row])
    return viewOf(tx, row)
  })
}

export function reactivateMember(ctx: Context, id: string): Promise<Member> {
  return transact(ctx, async (tx) => {
    const row = await existing(tx, id, true)
    await refuseWhatIsAboveMe(tx, await rolesOf(tx, await store.listGrants(tx, [id]), 'manual'))
    await letIn(tx, row)
    return viewOf(tx, row)
  })
}

/** Deactivates and ends all that these members hold, in the caller's transaction. Twice is once. */
async function lockOut(tx: Tx, rows: readonly store.MemberRow[]): Promise<void> {
  const active = rows.filter((row) => row.active)
  if (active.length === 0) return
  await store.setActive(
    tx,
    active.map((row) => row.id),
    false,
  )
  await endAccess(tx, active)
}

/**
 * Ends what members hold: sessions, sign-in links, and whatever folders right of this one have registered.
 * The event of each is the receipt: what was cut, and how many milliseconds after the call began.
 */
export async function endAccess(tx: Tx, rows: readonly store.MemberRow[]): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.map((row) => row.id)
  const [{ sessions, links }, ...others] = await Promise.all([
    endSessionsAndLinks(tx, ids),
    ...[...tx.platform.endings].map(async ([what, end]) => [what, await end(tx, ids)] as const),
  ])
  const ended = [['sessions', sessions] as const, ['links', links] as const, ...others]
  const ms = tx.beganAt === undefined ? {} : { ms: Date.now() - tx.beganAt }
  for (const row of rows)
    memberDeactivated(tx, [row.id], {
      name: row.displayName,
      ended: Object.fromEntries(ended.map(([what, counts]) => [what, counts.get(row.id) ?? 0])),
      ...ms,
    })
}

async function letIn(tx: Tx, row: store.MemberRow): Promise<void> {
  if (row.active) return
  await store.setActive(tx, [row.id], true)
  memberReactivated(tx, [row.id], { name: row.displayName })
}

/** Puts an account out of every provider's sight, or back into it. Only who may change roles may. */
export function setBreakGlass(ctx: Context, id: string, breakGlass: boolean): Promise<Member> {
  return transact(ctx, async (tx) => {
    const row = await lockWithGroups(tx, id)
    if (row.breakGlass !== breakGlass) {
      await store.setBreakGlass(tx, id, breakGlass)
      memberBreakGlass(tx, [id], { name: row.displayName, breakGlass })
      if (!breakGlass) await showAgain(tx, row)
    }
    return viewOf(tx, row)
  })
}

async function showAgain(tx: Tx, row: store.MemberRow): Promise<void> {
  const grants = await store.listGrants(tx, [row.id])
  // An owner stays out of sight.
  if (grants.some(({ systemKey }) => systemKey === 'owner')) return
  await dropPushedRoles(tx, row)
  await settleMember(tx, row)
}

async function existing(tx: Tx, id: string, lock = false): Promise<store.MemberRow> {
  const row = await store.findMember(tx, id, lock)
  if (!row) throw notFound('member')
  return row
}

async function viewOf(tx: Tx, row: store.MemberRow): Promise<Member> {
  const fresh = (await store.findMember(tx, row.id)) ?? row
  const [view] = await viewsOf(tx, [fresh])
  if (!view) throw notFound('member')
  return view
}

async function viewsOf(tx: Tx, rows: store.MemberRow[]): Promise<Member[]> {
  const grants = await store.listGrants(
    tx,
    rows.map((row) => row.id),
  )
  const connections = new Map((await listServiceUsers(tx)).map((user) => [user.id, user.name]))
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    displayName: row.displayName,
    active: row.active,
    source: row.source as Member['source'],
    title: row.title,
    breakGlass: row.breakGlass,
    roles: grants
      .filter((grant) => grant.memberId === row.id)
      .map((grant) => ({
        roleId: grant.roleId,
        name: grant.name,
        source: grant.source as 'manual',
        sourceName: sourceName(grant, connections.get(row.serviceUserId ?? '')),
        effective: grant.effective,
        since: grant.createdAt.toISOString(),
      })),
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  }))
}

// What gave the role: the group by its name, which is the role's, or the connection whose default it is.
function sourceName(grant: store.GrantRow, connection: string | undefined): string | null {
  if (grant.source === 'scim_group') return grant.name
  return grant.source === 'manual' ? null : (connection ?? null)
}

function cursorOf(row: store.MemberRow): string {
  return Buffer.from(JSON.stringify([row.createdAt.toISOString(), row.id])).toString('base64url')
}

function readCursor(text: string): { createdAt: Date; id: string } {
  try {
    const [createdAt, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [string, string]
    const at = new Date(createdAt)
    if (Number.isNaN(at.getTime()) || typeof id !== 'string') throw new Error('not a cursor')
    return { createdAt: at, id }
  } catch (cause) {
    throw new AppError(
      'invalid_input',
      'The cursor is not one that this list gave. Begin again without it.',
      { cause },
    )
  }
}
