/**
 * Okta's provisioning of the Keydesk app: it hears of every effect in the organisation, and does one
 * thing after another to the app. A failure is kept beside the person or group it happened to.
 */
import { findAppUser, type Group, isMember, type LedgerEntry, membersOf, type User } from '../org.ts'
import { carryOut, now, SYSTEM, type World } from '../world.ts'
import {
  type Config,
  configOf,
  type Link,
  linkOf,
  type Push,
  pushesOf,
  pushOf,
  wantedMembers,
} from './links.ts'
import { type Sent, scimClient } from './scim-client.ts'
import * as sequences from './sequences.ts'

const KEPT_CALLS = 1000

export type Provisioner = {
  calls: Sent[]
  pending: number
  /** Runs after everything that waits; resolves when it is done, and rejects when it failed. */
  enqueue(work: (ready: sequences.Ready) => Promise<void>): Promise<void>
  settled(): Promise<void>
  hear(entry: LedgerEntry): void
}

export function makeProvisioner(world: World): Provisioner {
  let last: Promise<unknown> = Promise.resolve()
  const self: Provisioner = {
    calls: [],
    pending: 0,
    enqueue(work) {
      self.pending += 1
      const run = async () => {
        const config = configOf(world.org)
        if (config) await work({ org: world.org, config, scim: clientFor(self, config) })
      }
      const done = last.then(run).finally(() => {
        self.pending -= 1
      })
      last = done.catch(() => {})
      return done
    },
    async settled() {
      while (self.pending > 0) await last
    },
    hear: (entry) => hear(world, self, entry),
  }
  return self
}

function clientFor(self: Provisioner, config: Config) {
  return scimClient(config, (sent) => {
    self.calls.push(sent)
    if (self.calls.length > KEPT_CALLS) self.calls.shift()
  })
}

// ---- what an effect sets off --------------------------------------------------------------------

function hear(world: World, self: Provisioner, entry: LedgerEntry): void {
  const { org } = world
  if (!configOf(org) || entry.kind.startsWith('provisioning.')) return
  const [what, verb] = entry.kind.split('.')
  if (what === 'app' && entry.target !== org.keydeskApp) return
  const userId = what === 'user' || what === 'state' ? entry.target : String(entry.detail['user'] ?? '')
  const groupId = what === 'group' ? entry.target : String(entry.detail['group'] ?? '')
  const group = org.groups.byId.get(groupId)
  const pushes = pushesOf(org).filter((push) => push.groupId === groupId)

  if (what === 'app' && group)
    for (const { id } of membersOf(org, group)) void syncUser(world, self, id, false)
  else if (userId !== '') {
    // A rule may have moved them into a group that grants the app: then they are assigned, not only changed.
    if (verb === 'update' && 'movedByRules' in entry.detail) void syncUser(world, self, userId, false)
    void syncUser(world, self, userId, verb === 'update')
  }
  if (entry.kind === 'user.update' || entry.kind === 'user.create')
    for (const push of pushesOf(org)) void syncMembers(world, self, push.id)
  if (what !== 'group') return
  for (const push of pushes)
    void (verb === 'update' ? rename(world, self, push.id) : syncMembers(world, self, push.id))
}

/** Suspension sends nothing; a staged person is not provisioned yet (facts S6). */
function deserves(world: World, user: User | undefined): user is User {
  return (
    user !== undefined &&
    user.status !== 'STAGED' &&
    findAppUser(world.org, world.org.keydeskApp, user) !== undefined
  )
}

/** Brings one account in line: makes or revives it, updates it, or takes its life. */
export function syncUser(
  world: World,
  self: Provisioner,
  userId: string,
  profileChanged: boolean,
): Promise<void> {
  return self
    .enqueue(async (ready) => {
      const user = world.org.users.byId.get(userId)
      const link = linkOf(world.org, userId)
      if (deserves(world, user)) {
        if (!link?.active && !(profileChanged && !link)) await provision(world, self, ready, user)
        else if (profileChanged && link?.externalId != null) await update(world, ready, user, link)
      } else if (link?.active) await deprovision(world, ready, link)
    })
    .catch(() => {})
}

async function provision(world: World, self: Provisioner, ready: sequences.Ready, user: User): Promise<void> {
  const before = linkOf(world.org, user.id)
  const blank: Link = {
    userId: user.id,
    externalId: before?.externalId ?? null,
    active: false,
    error: null,
    lastSync: null,
  }
  await attempt(world, blank, async () => ({
    ...blank,
    externalId: await sequences.assign(ready, user, before),
    active: true,
  }))
  for (const push of pushesOf(world.org)) {
    const group = world.org.groups.byId.get(push.groupId)
    if (group && isMember(world.org, group, user.id)) void syncMembers(world, self, push.id)
  }
}

function update(world: World, ready: sequences.Ready, user: User, link: Link): Promise<void> {
  return attempt(world, link, async () => {
    await sequences.putUser(ready, user, link.externalId ?? '')
    return link
  })
}

function deprovision(world: World, ready: sequences.Ready, link: Link): Promise<void> {
  return attempt(world, link, async () => {
    if (link.externalId !== null) await sequences.deactivate(ready, link.externalId)
    return { ...link, active: false }
  })
}

async function attempt(world: World, link: Link, work: () => Promise<Link>): Promise<void> {
  let after: Link
  try {
    after = { ...(await work()), error: null, lastSync: now() }
  } catch (error) {
    after = { ...link, error: (error as Error).message }
  }
  await remember(world, 'provisioning.user', `link/${link.userId}`, after, link.userId)
}

export async function remember(
  world: World,
  kind: string,
  key: string,
  row: unknown,
  target: string,
): Promise<void> {
  const detail = { ...(row as object | null) }
  if ('token' in detail) detail.token = 'kept'
  const requestId = `provisioner${world.org.ledger.length}`
  await carryOut(
    { world, actor: SYSTEM, requestId },
    { kind, target, detail, writes: [{ t: 'provisioning', key, row }] },
  )
}

// ---- groups -------------------------------------------------------------------------------------

type GroupWork = (ready: sequences.Ready, push: Push, group: Group) => Promise<Partial<Push>>

/** Does something to a pushed group, and keeps what came of it. */
function withPush(world: World, self: Provisioner, id: string, work: GroupWork): Promise<void> {
  return self
    .enqueue(async (ready) => {
      const push = pushOf(world.org, id)
      const group = push && world.org.groups.byId.get(push.groupId)
      if (!push || !group) return
      let after: Push
      try {
        after = { ...push, ...(await work(ready, push, group)), status: 'ACTIVE', error: null }
      } catch (error) {
        after = { ...push, status: 'ERROR', error: errorText(push, error) }
      }
      await remember(world, 'provisioning.group', `push/${id}`, after, push.groupId)
    })
    .catch(() => {})
}

function errorText(push: Push, error: unknown): string {
  return `Unable to update Group Push mapping target App group ${push.name}: ${(error as Error).message}`
}

/** Creates or links the group in the app, by its name. */
export function firstPush(world: World, self: Provisioner, id: string): Promise<void> {
  return withPush(world, self, id, async (ready, push, group) => {
    const members = wantedMembers(world.org, group, push)
    return { externalId: await sequences.pushGroup(ready, group.name, members), members, name: group.name }
  })
}

export function pushNow(world: World, self: Provisioner, id: string): Promise<void> {
  if (pushOf(world.org, id)?.externalId === null) return firstPush(world, self, id)
  return withPush(world, self, id, async (ready, push, group) => {
    const members = wantedMembers(world.org, group, push)
    await sequences.pushNow(ready, push, members)
    return { members }
  })
}

function syncMembers(world: World, self: Provisioner, id: string): Promise<void> {
  return withPush(world, self, id, async (ready, push, group) => {
    const members = wantedMembers(world.org, group, push)
    if (push.externalId === null || same(members, push.members)) return {}
    await sequences.changeMembership(ready, push, members)
    return { members }
  })
}

function rename(world: World, self: Provisioner, id: string): Promise<void> {
  return withPush(world, self, id, async (ready, push, group) => {
    if (push.externalId === null || push.name === group.name) return {}
    await sequences.renameGroup(ready, push, group.name)
    return { name: group.name }
  })
}

function same(a: Push['members'], b: Push['members']): boolean {
  return Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => a[key] === b[key])
}
