/**
 * Does in a workspace what a connection did in its shadow. By the same functions as a call, so that what a
 * change means for a person's access holds here too; with the ids of the shadow, which the provider knows.
 */

import { isDeepStrictEqual } from 'node:util'
import {
  changeRoleMembers,
  createPushedRole,
  deleteProvisioned,
  deletePushedRole,
  findPushableRole,
  forgetRendered,
  type LockedMember,
  lockNamed,
  lockProvisionable,
  type ProvisionedProfile,
  type Provisioner,
  provisionerOf,
  provisionMembers,
  renamePushedRole,
  resettleRoles,
  setRoleExternalId,
  updateProvisioned,
} from '#accounts'
import { AppError, type Tx } from '#platform'
import type { ShadowCounts } from './events.ts'
import * as store from './shadow.store.ts'
import { type MemberChange, memberChanges } from './shadow-changes.ts'

interface Going {
  tx: Tx
  by: Provisioner
  shadow: string
  counts: ShadowCounts
  /** What cannot be done, in words; nothing is done when there is any. */
  conflicts: string[]
  versions: Record<'members' | 'roles', { id: string; version: number }[]>
  /** Members whose text does not fit what they became, because others changed them too. */
  stale: string[]
}

/**
 * @returns how much was changed
 * @throws AppError `conflict`, naming what stands in the way
 */
export async function goLive(tx: Tx, connection: store.ConnectionRow, shadow: string): Promise<ShadowCounts> {
  const going: Going = {
    tx,
    by: provisionerOf(connection),
    shadow,
    counts: {
      ...{ created: 0, updated: 0, activated: 0, deactivated: 0 },
      ...{ deleted: 0, roles: 0, added: 0, removed: 0 },
    },
    conflicts: [],
    versions: { members: [], roles: [] },
    stale: [],
  }
  await deleteRoles(going)
  await changeRoles(going)
  refuse(going)
  await changeMembers(going)
  refuse(going)
  await changeHolders(going)
  refuse(going)
  await settle(going)
  return going.counts
}

function refuse({ conflicts }: Going): void {
  if (conflicts.length === 0) return
  const [some, more] = [conflicts.slice(0, 10), conflicts.length - 10]
  throw new AppError(
    'conflict',
    `Nothing was changed, because of what happened in the workspace meanwhile: ${some.join('; ')}` +
      `${more > 0 ? `; and ${more} more` : ''}. Undo that, or go live without what was done in shadow mode.`,
  )
}

async function deleteRoles({ tx, by, shadow, counts }: Going): Promise<void> {
  for (const id of await store.within(tx, shadow, (there) => store.listGone(there, 'role'))) {
    const role = await findPushableRole(tx, by, id, true)
    if (!role) continue
    await deletePushedRole(tx, by, role)
    counts.roles++
  }
}

async function changeRoles(going: Going): Promise<void> {
  const { tx, by, shadow, counts, conflicts, versions } = going
  const touched = await store.within(tx, shadow, store.listTouchedRoles)
  const before = await store.roleVersions(
    tx,
    touched.map(({ id }) => id),
  )
  const renamed = touched.filter(({ was, name }) => was && was.name !== name)
  await untilNothingMoves(renamed, conflicts, async ({ id, name }) => {
    const role = await findPushableRole(tx, by, id, true)
    if (!role) return `the role ${name} was removed`
    return whyNot(() => renamePushedRole(tx, role, name))
  })
  const created = touched.filter(({ was }) => !was)
  for (const { id, name, externalId } of created)
    if (!(await createPushedRole(tx, by, { id, name, externalId })))
      conflicts.push(`there is a role named ${name} already`)
  for (const { id, externalId, was } of touched)
    if (was && was.externalId !== externalId) await setRoleExternalId(tx, id, externalId)

  counts.roles += renamed.length + created.length
  for (const { id, version, baseVersion } of touched) {
    const isOwn = baseVersion === null || before.get(id) === baseVersion
    versions.roles.push({ id, version: isOwn ? version : version + 1 })
  }
}

/**
 * Does things of which one may have to wait for another, such as a name that is freed first: in rounds,
 * until nothing moves any more. What is left then are conflicts.
 * @param attempt answers why a thing cannot be done yet
 */
async function untilNothingMoves<T>(
  things: readonly T[],
  conflicts: string[],
  attempt: (thing: T) => Promise<string | undefined>,
): Promise<void> {
  let left = things
  for (;;) {
    const stuck: { thing: T; reason: string }[] = []
    for (const thing of left) {
      const reason = await attempt(thing)
      if (reason !== undefined) stuck.push({ thing, reason })
    }
    if (stuck.length === 0) return
    if (stuck.length === left.length) {
      conflicts.push(...stuck.map(({ reason }) => reason))
      return
    }
    left = stuck.map(({ thing }) => thing)
  }
}

async function whyNot(act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act()
    return undefined
  } catch (error) {
    if (error instanceof AppError && error.code === 'conflict') return withoutStop(error)
    throw error
  }
}

function withoutStop({ message }: AppError): string {
  return message.replace(/\.$/, '')
}

async function changeMembers(going: Going): Promise<void> {
  const { tx, shadow, conflicts } = going
  const ownRoles = new Set(
    (await store.within(tx, shadow, (there) => store.listGrantChanges(there, 'scim_role'))).map(
      ({ memberId }) => memberId,
    ),
  )
  // Names that are taken may be free once the others have theirs.
  const waiting: Update[] = []
  let isCreating = false
  for await (const page of memberChanges(tx, shadow)) {
    if (!isCreating && page.some(({ kind }) => kind === 'created')) {
      isCreating = true
      await untilNothingMoves(waiting, conflicts, async (one) => (await update(going, [one]))[0]?.reason)
    }
    await deleteMembers(
      going,
      page.filter((one) => one.kind === 'deleted'),
    )
    const updates = await updatesOf(
      going,
      page.filter((one) => one.kind === 'changed'),
      ownRoles,
    )
    waiting.push(...(await update(going, updates)).map(({ one }) => one))
    await createMembers(
      going,
      page.filter((one) => one.kind === 'created'),
    )
  }
  if (!isCreating)
    await untilNothingMoves(waiting, conflicts, async (one) => (await update(going, [one]))[0]?.reason)
}

type Of<Kind> = Extract<MemberChange, { kind: Kind }>

async function deleteMembers({ tx, counts }: Going, gone: readonly Of<'deleted'>[]): Promise<void> {
  const rows = await lockProvisionable(
    tx,
    gone.map(({ real }) => real.id),
  )
  const found = rows.filter((row) => row !== undefined)
  await deleteProvisioned(tx, found)
  counts.deleted += found.length
}

interface Update {
  row: LockedMember
  profile: ProvisionedProfile
}

async function updatesOf(
  going: Going,
  changes: readonly Of<'changed'>[],
  ownRoles: ReadonlySet<string>,
): Promise<Update[]> {
  const { tx, shadow, conflicts } = going
  const ids = changes.map(({ row }) => row.id)
  const rows = await lockProvisionable(tx, ids)
  const own = await store.within(tx, shadow, (there) => store.listOwnRoles(there, ids))
  return changes.flatMap(({ row: there, real, target }, at) => {
    const row = rows[at]
    if (!row) {
      conflicts.push(`${there.displayName} was removed`)
      return []
    }
    const isOwn = real?.version === there.baseVersion
    going.versions.members.push({ id: row.id, version: isOwn ? there.version : there.version + 1 })
    if (!isOwn || there.rendered === null) going.stale.push(row.id)
    const roles = ownRoles.has(row.id) ? (own.get(row.id) ?? []) : null
    const profile = profileOf(target, there.rendered, roles)
    // The very object of the row is what says that the attributes did not change.
    const scim = isDeepStrictEqual(row.scim, target.scim) ? (row.scim as object) : profile.scim
    return [{ row, profile: { ...profile, scim } }]
  })
}

function profileOf(
  content: store.Content,
  rendered: string | null,
  roles: readonly string[] | null,
): ProvisionedProfile {
  const { defaultRoleId, scim, ...rest } = content
  const { userName, email, displayName, title, active, externalId } = rest
  return {
    ...{ userName, email, displayName, title, active, externalId },
    scim: scim as object,
    rendered: rendered ?? '',
    defaultRole: defaultRoleId,
    roles,
  }
}

/** @returns those that could not be done, with the reason */
async function update(
  { tx, by, counts }: Going,
  updates: readonly Update[],
): Promise<{ one: Update; reason: string }[]> {
  const results = await updateProvisioned(tx, by, updates)
  return updates.flatMap((one, at) => {
    const result = results[at]
    if (result instanceof AppError) return [{ one, reason: withoutStop(result) }]
    const { row, profile } = one
    if (row.active === profile.active) counts.updated++
    else counts[profile.active ? 'activated' : 'deactivated']++
    return []
  })
}

async function createMembers(going: Going, created: readonly Of<'created'>[]): Promise<void> {
  if (created.length === 0) return
  const { tx, by, shadow, counts, conflicts, versions, stale } = going
  const ids = created.map(({ row }) => row.id)
  const own = await store.within(tx, shadow, (there) => store.listOwnRoles(there, ids))
  const profiles = created.map(({ row }) => ({
    ...profileOf(row, row.rendered, own.get(row.id) ?? null),
    id: row.id,
  }))
  const made = await provisionMembers(tx, by, profiles)
  created.forEach(({ row }, at) => {
    const one = made[at]
    if (!one) conflicts.push(`the user name ${row.userName} is taken`)
    if (one instanceof AppError) conflicts.push(withoutStop(one))
    versions.members.push({ id: row.id, version: row.version })
    if (row.rendered === null) stale.push(row.id)
  })
  counts.created += made.length
}

async function changeHolders({ tx, by, shadow, counts, conflicts }: Going): Promise<void> {
  const changes = await store.within(tx, shadow, (there) => store.listGrantChanges(there, 'scim_group'))
  for (const [roleId, some] of Map.groupBy(changes, (one) => one.roleId)) {
    const ids = (which: 'added' | 'removed') =>
      some.filter((one) => one.change === which).map(({ memberId }) => memberId)
    const role = await findPushableRole(tx, by, roleId, true)
    if (!role) {
      if (ids('added').length > 0) conflicts.push('a role that was given to people was removed')
      continue
    }
    const addable = await lockNamed(tx, role, ids('added'))
    await changeRoleMembers(tx, by, role, { add: [...addable], remove: ids('removed') })
    counts.added += addable.size
    counts.removed += ids('removed').length
  }
}

/** What is left when all is done: roles by hand that a return took, which role counts, and the versions. */
async function settle({ tx, by, shadow, versions, stale }: Going): Promise<void> {
  const { manual, times, regranted } = await store.within(tx, shadow, async (there) => ({
    manual: await store.listGrantChanges(there, 'manual'),
    times: by.settings.severalGroups === 'first' ? await store.listGrantTimes(there) : [],
    regranted: await store.listRegranted(there),
  }))
  await store.removeManualGrants(
    tx,
    manual.filter(({ change }) => change === 'removed'),
  )
  await store.setGrantTimes(tx, times)
  await resettleRoles(tx, by, [...new Set([...regranted, ...times.map(({ memberId }) => memberId)])])
  await forgetRendered(tx, stale)
  await store.raiseVersions(tx, 'members', versions.members)
  await store.raiseVersions(tx, 'roles', versions.roles)
}
