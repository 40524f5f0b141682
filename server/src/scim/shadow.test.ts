import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, vi } from 'vitest'
import {
  changeRoleMembers,
  createPushedRole,
  createServiceUser,
  createWorkspace,
  deleteProvisioned,
  deletePushedRole,
  findPushableRole,
  listRoles,
  lockNamed,
  lockProvisionable,
  type ProvisionedProfile,
  type Provisioner,
  provisionMembers,
  renamePushedRole,
  setRoleExternalId,
  touchRoles,
  updateProvisioned,
} from '#accounts'
import { sendMail } from '#messages'
import {
  AppError,
  type Context,
  defineJob,
  enqueue,
  findTenant,
  listEvents,
  listTenants,
  newId,
  systemContext,
  type Tx,
  transact,
} from '#platform'
import { test } from '../../test/tenant.ts'
import { ScimSettings } from '../accounts/contract.ts'
import { checkBrake } from './brake.ts'
import { endShadow, getShadow, startShadow } from './shadow.ts'

/** What a provider is: a connection, the place it writes to, and the ids it learned, by its own names. */
interface Provider {
  ctx: Context
  by: Provisioner
  users: Map<string, string>
  groups: Map<string, string>
}

async function connect(ctx: Context, settings: object = {}): Promise<Provider> {
  const auditor = (await listRoles(ctx)).find((role) => role.name === 'Auditor')
  const user = await createServiceUser(ctx, {
    name: 'Okta',
    kind: 'scim',
    permissions: [],
    defaultRoleId: auditor?.id ?? null,
  })
  const by = {
    serviceUserId: user.id,
    name: 'Okta',
    defaultRoleId: user.defaultRoleId,
    settings: ScimSettings.parse(settings),
  }
  await transact(ctx, (tx) =>
    tx.db
      .updateTable('serviceUsers')
      .set({ scim: JSON.stringify(by.settings) })
      .where('id', '=', user.id)
      .execute(),
  )
  return { ctx, by, users: new Map(), groups: new Map() }
}

/** Puts a provider into shadow mode: from then on it writes to the copy. */
async function intoShadow(provider: Provider): Promise<void> {
  await startShadow(provider.ctx, provider.by.serviceUserId)
  provider.ctx = { ...provider.ctx, tenantId: await shadowOf(provider) }
}

async function shadowOf({ ctx, by }: Provider): Promise<string> {
  const row = await transact(ctx, (tx) =>
    tx.db
      .selectFrom('serviceUsers')
      .select('shadowTenantId')
      .where('id', '=', by.serviceUserId)
      .executeTakeFirstOrThrow(),
  )
  return row.shadowTenantId ?? ''
}

/** What a provider says of a user, with everything it says among the attributes that are kept. */
function profile(
  userName: string,
  more: Partial<ProvisionedProfile> = {},
  kept: object = {},
): ProvisionedProfile {
  const { title, roles } = more
  const scim = {
    ...kept,
    ...{ schemas: [], userName, name: { givenName: userName } },
    ...(title ? { title } : {}),
    ...(roles ? { roles } : {}),
  }
  return {
    userName,
    email: `${userName}@acme.example`,
    displayName: userName,
    title: null,
    active: true,
    externalId: null,
    scim,
    rendered: JSON.stringify(scim),
    defaultRole: null,
    roles: null,
    ...more,
  }
}

type Change = Partial<ProvisionedProfile> | { remove: true }

/** What changes when somebody is called something else: the roles that are named on the user are no part of it. */
function renamed(userName: string): Change {
  const { email, displayName, title, active, defaultRole } = profile(userName)
  return { userName, email, displayName, title, active, defaultRole }
}

async function create(
  provider: Provider,
  name: string,
  more: Partial<ProvisionedProfile> = {},
): Promise<string> {
  const [row] = await transact(provider.ctx, (tx) => provisionMembers(tx, provider.by, [profile(name, more)]))
  if (row instanceof AppError) throw row
  if (row) provider.users.set(name, row.id)
  return row?.id ?? ''
}

async function change(provider: Provider, name: string, wanted: Change): Promise<void> {
  const id = provider.users.get(name)
  if (!id) return
  await transact(provider.ctx, async (tx) => {
    const [row] = await lockProvisionable(tx, [id])
    if (!row) return
    if ('remove' in wanted) return deleteProvisioned(tx, [row])
    const { userName, title, active } = row
    const { roles } = row.scim as { roles?: string[] }
    const full = profile(wanted.userName ?? userName, { title, active, ...wanted }, roles ? { roles } : {})
    const same = isDeepStrictEqual(full.scim, row.scim)
    const [result] = await updateProvisioned(tx, provider.by, [
      { row, profile: same ? { ...full, scim: row.scim as object } : full },
    ])
    if (result instanceof AppError) throw result
  })
  if ('remove' in wanted) provider.users.delete(name)
}

async function createGroup(provider: Provider, name: string): Promise<void> {
  const { ctx, by, groups } = provider
  const role = await transact(ctx, (tx) => createPushedRole(tx, by, { name, externalId: null }))
  if (role) groups.set(name, role.id)
}

async function push(
  provider: Provider,
  group: string,
  add: string[],
  remove: string[] | 'others',
): Promise<void> {
  const { ctx, by, users, groups } = provider
  const ids = (names: string[]) => names.flatMap((name) => users.get(name) ?? [])
  await transact(ctx, async (tx) => {
    const role = await findPushableRole(tx, by, groups.get(group) ?? '', true)
    if (!role) return
    const known = [...(await lockNamed(tx, role, ids(add)))].sort(
      (a, b) => ids(add).indexOf(a) - ids(add).indexOf(b),
    )
    const changed = await changeRoleMembers(
      tx,
      by,
      role,
      remove === 'others' ? { add: known, removeAllBut: known } : { add: known, remove: ids(remove) },
    )
    if (changed) await touchRoles(tx, [role.id])
  })
}

async function changeGroup(
  provider: Provider,
  group: string,
  wanted: { name: string } | { externalId: string } | 'delete',
): Promise<void> {
  const { ctx, by, groups } = provider
  await transact(ctx, async (tx) => {
    const role = await findPushableRole(tx, by, groups.get(group) ?? '', true)
    if (!role) return
    if (wanted === 'delete') await deletePushedRole(tx, by, role)
    else if ('name' in wanted) await renamePushedRole(tx, role, wanted.name)
    else await setRoleExternalId(tx, role.id, wanted.externalId)
  })
}

/** Everything that members may do and are, by names instead of ids and times. */
function accessOf(ctx: Context): Promise<unknown> {
  return transact(ctx, async (tx) => {
    const { rows: members } = await sql`
      select m.user_name, m.user_name_key, m.email, m.email_key, m.display_name, m.title, m.active, m.source,
        m.external_id, m.scim, m.break_glass, s.name as connection, d.name as default_role,
        (select coalesce(json_agg(json_build_array(r.name, g.source, g.effective) order by r.name, g.source), '[]')
          from member_roles g join roles r on r.id = g.role_id where g.member_id = m.id) as roles
      from members m left join service_users s on s.id = m.service_user_id left join roles d on d.id = m.default_role_id
      order by m.user_name_key`.execute(tx.db)
    const { rows: roles } = await sql`
      select r.name, r.name_key, r.description, r.permissions, r.external_id, r.system_key, s.name as connection
      from roles r left join service_users s on s.id = r.service_user_id order by r.name_key`.execute(tx.db)
    return { members, roles }
  })
}

const TABLES = [
  'members',
  'member_roles',
  'roles',
  'scim_schemas',
  'sessions',
  'mails',
  'approvals',
  'scim_holds',
  'scim_cuts',
]

/** Every byte of a workspace's accounts. */
function bytesOf(ctx: Context): Promise<string> {
  return transact(ctx, async (tx) => {
    const texts: string[] = []
    for (const table of TABLES) {
      const { rows } = await sql<{
        text: string
      }>`select t::text from ${sql.table(table)} t order by 1`.execute(tx.db)
      texts.push(...rows.map(({ text }) => `${table}: ${text}`))
    }
    return texts.join('\n')
  })
}

async function eventsSince(ctx: Context, type?: string): Promise<string[]> {
  return (await listEvents(ctx, { limit: 200, ...(type ? { type } : {}) })).map((event) => event.type)
}

function jobs(tx: Tx): Promise<number> {
  return sql<{ n: number }>`select count(*)::int as n from pgboss.job`
    .execute(tx.db)
    .then(({ rows }) => rows[0]?.n ?? 0)
}

async function role(ctx: Context, name: string): Promise<string> {
  return (await listRoles(ctx)).find((one) => one.name === name)?.id ?? ''
}

/** A workspace in which a connection has done something before. */
async function settled(ctx: Context, settings: object = {}): Promise<Provider> {
  const provider = await connect(ctx, settings)
  for (const name of ['ada', 'ben', 'cleo', 'dan']) await create(provider, name)
  for (const name of ['support', 'leads']) await createGroup(provider, name)
  await push(provider, 'support', ['ada', 'ben'], [])
  await push(provider, 'leads', ['ada'], [])
  await change(provider, 'dan', { active: false })
  return provider
}

test('in shadow mode a provider sees what it wrote, and the workspace keeps every byte', async ({ ctx }) => {
  const provider = await settled(ctx)
  const [before, events] = [await bytesOf(ctx), (await eventsSince(ctx)).length]
  await intoShadow(provider)

  const eve = await create(provider, 'eve', { title: 'Agent' })
  await change(provider, 'ada', { active: false })
  await change(provider, 'ben', { remove: true })
  await createGroup(provider, 'pushed')
  await push(provider, 'pushed', ['eve', 'cleo'], [])
  await changeGroup(provider, 'leads', { name: 'managers' })

  expect(await bytesOf(ctx)).toBe(before)
  expect(await eventsSince(ctx)).toHaveLength(events + 1)
  expect(await eventsSince(ctx, 'scim.shadow_started')).toHaveLength(1)
  const [row] = await transact(provider.ctx, (tx) => lockProvisionable(tx, [eve]))
  expect(row).toMatchObject({ userName: 'eve', title: 'Agent', active: true })
  const shadow = (await accessOf(provider.ctx)) as { members: { userName: string; roles: unknown }[] }
  expect(shadow.members.map(({ userName, roles }) => [userName, roles])).toEqual([
    [
      'ada',
      [
        ['managers', 'scim_group', true],
        ['support', 'scim_group', true],
      ],
    ],
    ['cleo', [['pushed', 'scim_group', true]]],
    ['dan', [['Auditor', 'scim_default', true]]],
    ['eve', [['pushed', 'scim_group', true]]],
  ])
})

test('what would have changed is shown by name, what takes something first', async ({ ctx }) => {
  const provider = await settled(ctx)
  await intoShadow(provider)
  await create(provider, 'eve', { title: 'Agent' })
  await change(provider, 'ada', { active: false })
  await change(provider, 'ben', { remove: true })
  await change(provider, 'cleo', { title: 'Lead' })
  await change(provider, 'dan', { active: true })
  await createGroup(provider, 'pushed')
  await push(provider, 'pushed', ['eve', 'cleo'], [])
  await changeGroup(provider, 'leads', { name: 'managers' })
  await push(provider, 'support', [], 'others')

  const diff = await getShadow(ctx, provider.by.serviceUserId)

  expect(diff.more).toBe(0)
  expect(diff.members.map(({ name, change }) => [name, change])).toEqual([
    ['ben', 'delete'],
    ['ada', 'deactivate'],
    ['dan', 'activate'],
    ['eve', 'create'],
    ['cleo', 'update'],
  ])
  expect(diff.members[1]?.details).toEqual([{ field: 'state', from: 'active', to: 'deactivated' }])
  expect(diff.members[4]?.details).toEqual([{ field: 'job title', from: null, to: 'Lead' }])
  expect(diff.members[3]?.details).toContainEqual({ field: 'name.givenName', from: null, to: 'eve' })
  expect(diff.roles.map(({ name, change, added, removed }) => [name, change, added, removed])).toEqual([
    ['managers (was leads)', 'update', [], []],
    ['pushed', 'create', ['cleo', 'eve'], []],
    ['Auditor', 'members', [], ['cleo']],
    ['support', 'members', [], ['ada']],
  ])
})

test('what was done and taken back is no change', async ({ ctx }) => {
  const provider = await settled(ctx)
  await intoShadow(provider)
  await change(provider, 'ada', { title: 'Lead' })
  await change(provider, 'ada', { title: null })
  await create(provider, 'eve')
  await change(provider, 'eve', { remove: true })
  await push(provider, 'leads', ['cleo'], [])
  await push(provider, 'leads', [], ['cleo'])

  expect(await getShadow(ctx, provider.by.serviceUserId)).toMatchObject({ members: [], roles: [], more: 0 })
})

test('of many changes the first five hundred are shown and the rest is counted', async ({ ctx }) => {
  const provider = await connect(ctx)
  await intoShadow(provider)
  const names = Array.from({ length: 620 }, (_, at) => profile(`user-${at}`))
  await transact(provider.ctx, (tx) => provisionMembers(tx, provider.by, names))

  const diff = await getShadow(ctx, provider.by.serviceUserId)

  expect(diff.members.length + diff.roles.length).toBe(500)
  expect(diff.more).toBe(121)
  expect(diff.roles[0]).toMatchObject({ name: 'Auditor', change: 'members' })
  expect(diff.roles[0]?.added.at(-1)).toBe('and 520 more')
})

test('going live keeps the ids that the provider learned, and versions that name one content', async ({
  ctx,
}) => {
  const provider = await settled(ctx)
  await intoShadow(provider)
  const eve = await create(provider, 'eve')
  for (const title of ['a', 'b', 'c']) await change(provider, 'eve', { title })
  await createGroup(provider, 'pushed')
  await push(provider, 'pushed', ['eve'], [])
  const versions = (where: Context) =>
    transact(where, async (tx) => {
      const members = await tx.db.selectFrom('members').select(['id', 'version']).orderBy('id').execute()
      return [
        ...members,
        ...(await tx.db.selectFrom('roles').select(['id', 'version']).orderBy('id').execute()),
      ]
    })
  const learned = await versions(provider.ctx)

  await endShadow(ctx, provider.by.serviceUserId, true)

  expect(await versions(ctx)).toEqual(learned)
  const live: Provider = { ...provider, ctx }
  await change(live, 'eve', { title: 'd' })
  const [row] = await transact(ctx, (tx) => lockProvisionable(tx, [eve]))
  expect(row).toMatchObject({ title: 'd' })
  const [event] = await listEvents(ctx, { type: 'scim.shadow_ended', limit: 1 })
  expect(event?.facts).toMatchObject({ kept: true, counts: { created: 1, roles: 1, added: 1, deleted: 0 } })
})

const NAMES = ['ada', 'ben', 'cleo', 'dan', 'eve', 'finn']
const GROUPS = ['support', 'leads', 'pushed', 'other']
const name = fc.constantFrom(...NAMES)
const group = fc.constantFrom(...GROUPS)
const some = fc.uniqueArray(name, { maxLength: 4 })

/** One thing a provider may do, by its own names of things. */
const step: fc.Arbitrary<(provider: Provider) => Promise<unknown>> = fc.oneof(
  name.map((who) => (p: Provider) => create(p, who)),
  fc.tuple(name, fc.constantFrom('Agent', 'Lead', null)).map(
    ([who, title]) =>
      (p: Provider) =>
        change(p, who, { title }),
  ),
  fc.tuple(name, fc.boolean()).map(
    ([who, active]) =>
      (p: Provider) =>
        change(p, who, { active }),
  ),
  fc.tuple(name, fc.constantFrom(...NAMES, 'zoe')).map(
    ([who, userName]) =>
      (p: Provider) =>
        change(p, who, renamed(userName)),
  ),
  name.map((who) => (p: Provider) => change(p, who, { remove: true })),
  fc.tuple(name, fc.constantFrom('Agent', 'Admin', null)).map(
    ([who, defaultRole]) =>
      (p: Provider) =>
        change(p, who, { defaultRole }),
  ),
  fc.tuple(name, fc.subarray(['Agent', 'Admin'])).map(
    ([who, roles]) =>
      (p: Provider) =>
        change(p, who, { roles, title: `has ${roles.length}` }),
  ),
  group.map((which) => (p: Provider) => createGroup(p, which)),
  fc.tuple(group, some, some).map(
    ([which, add, remove]) =>
      (p: Provider) =>
        push(p, which, add, remove),
  ),
  fc.tuple(group, some).map(
    ([which, all]) =>
      (p: Provider) =>
        push(p, which, all, 'others'),
  ),
  fc.tuple(group, fc.constantFrom(...GROUPS, 'new')).map(
    ([which, to]) =>
      (p: Provider) =>
        changeGroup(p, which, { name: to }),
  ),
  group.map((which) => (p: Provider) => changeGroup(p, which, { externalId: `ext-${which}` })),
  group.map((which) => (p: Provider) => changeGroup(p, which, 'delete')),
)

async function doAll(provider: Provider, steps: readonly ((provider: Provider) => Promise<unknown>)[]) {
  for (const act of steps)
    await act(provider).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error
    })
}

test('going live gives what doing it live would have given, whatever was done', async ({
  platform,
  database,
}) => {
  let runs = 0
  const workspace = (twin: string) =>
    createWorkspace(platform, database.url, { slug: `${twin}-${++runs}`, name: twin })
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 14 }),
      fc.constantFrom('union', 'highest', 'first'),
      async (steps, severalGroups) => {
        const real = await settled(await workspace('real'), { severalGroups })
        const twin = await settled(await workspace('twin'), { severalGroups })
        const { ctx } = real
        await withManualRole(real, 'cleo')
        await withManualRole(twin, 'cleo')
        expect(await accessOf(ctx)).toEqual(await accessOf(twin.ctx))
        await intoShadow(real)
        await doAll(real, steps)
        await doAll(twin, steps)
        const shadow = await accessOf(real.ctx)

        await endShadow(ctx, real.by.serviceUserId, true)

        expect(shadow).toEqual(await accessOf(twin.ctx))
        expect(await accessOf(ctx)).toEqual(shadow)
      },
    ),
    { numRuns: 20 },
  )
}, 240_000)

/** A role that somebody gave by hand: it is lost when the person goes and comes back. */
async function withManualRole({ ctx, users }: Provider, who: string): Promise<void> {
  const roleId = await role(ctx, 'Agent')
  await transact(ctx, (tx) =>
    tx.db
      .insertInto('memberRoles')
      .values({ tenantId: tx.tenantId, memberId: users.get(who) ?? '', roleId, source: 'manual' })
      .execute(),
  )
}

test('what others did in the workspace meanwhile stays', async ({ ctx }) => {
  const provider = await settled(ctx)
  await intoShadow(provider)
  await change(provider, 'ada', { title: 'Lead' })
  await change(provider, 'ben', { title: 'Agent' })
  await push(provider, 'leads', ['cleo'], [])
  const live: Provider = { ...provider, ctx }
  await change(live, 'ada', { active: false })
  await push(live, 'leads', ['ben'], [])
  await create(live, 'finn')

  const diff = await getShadow(ctx, provider.by.serviceUserId)
  await endShadow(ctx, provider.by.serviceUserId, true)

  expect(
    diff.members.map(({ name, change, details }) => [name, change, details.map(({ field }) => field)]),
  ).toEqual([
    ['ada', 'update', ['job title']],
    ['ben', 'update', ['job title']],
  ])
  const { members } = (await accessOf(ctx)) as {
    members: { userName: string; title: string | null; active: boolean; roles: [string, string][] }[]
  }
  expect(
    members.map((one) => [one.userName, one.title, one.active, one.roles.map(([held]) => held)]),
  ).toEqual([
    ['ada', 'Lead', false, ['leads', 'support']],
    ['ben', 'Agent', true, ['leads', 'support']],
    ['cleo', null, true, ['leads']],
    ['dan', null, false, ['Auditor']],
    ['finn', null, true, ['Auditor']],
  ])
})

test('somebody who became an owner meanwhile is out of reach', async ({ ctx }) => {
  const provider = await settled(ctx)
  await intoShadow(provider)
  await change(provider, 'ada', { active: false })
  const ben = provider.users.get('ben') ?? ''
  await change(provider, 'ben', { remove: true })
  await push(provider, 'support', [], 'others')
  const roleId = await role(ctx, 'Owner')
  const owners = [provider.users.get('ada') ?? '', ben].map((memberId) => ({
    memberId,
    roleId,
    source: 'manual',
  }))
  await transact(ctx, (tx) =>
    tx.db
      .insertInto('memberRoles')
      .values(owners.map((grant) => ({ tenantId: tx.tenantId, ...grant })))
      .execute(),
  )

  expect((await getShadow(ctx, provider.by.serviceUserId)).members).toEqual([])
  await endShadow(ctx, provider.by.serviceUserId, true)

  const { members } = (await accessOf(ctx)) as { members: { active: boolean; roles: [string][] }[] }
  expect(members.slice(0, 2).map(({ active, roles }) => [active, roles.map(([held]) => held)])).toEqual([
    [true, ['Owner', 'leads', 'support']],
    [true, ['Owner', 'support']],
  ])
})

test('names that were taken meanwhile are said, and nothing is done', async ({ ctx }) => {
  const provider = await settled(ctx)
  await intoShadow(provider)
  await change(provider, 'ada', { active: false })
  await create(provider, 'eve')
  await create(provider, 'finn')
  const live: Provider = { ...provider, ctx, users: new Map() }
  await create(live, 'eve')
  const before = await bytesOf(ctx)

  const failing = endShadow(ctx, provider.by.serviceUserId, true)

  await expect(failing).rejects.toMatchObject({ code: 'conflict' })
  await expect(failing).rejects.toThrow('the user name eve is taken')
  expect(await bytesOf(ctx)).toBe(before)
  // It is still in shadow mode, and goes live once that is mended.
  await change(live, 'eve', { remove: true })
  await endShadow(ctx, provider.by.serviceUserId, true)
  expect(await transact(ctx, (tx) => lockProvisionable(tx, [provider.users.get('eve') ?? '']))).toMatchObject(
    [{ userName: 'eve' }],
  )
})

test('a role name that was taken meanwhile is said, and nothing is done', async ({ ctx }) => {
  const provider = await settled(ctx)
  await intoShadow(provider)
  await createGroup(provider, 'pushed')
  await createGroup({ ...provider, ctx }, 'Pushed')
  const before = await bytesOf(ctx)

  await expect(endShadow(ctx, provider.by.serviceUserId, true)).rejects.toThrow(
    'there is a role named pushed',
  )
  expect(await bytesOf(ctx)).toBe(before)
})

test('names may be handed round: each is free by the time it is taken', async ({ ctx }) => {
  const provider = await settled(ctx)
  await intoShadow(provider)
  await change(provider, 'ada', { ...profile('old-ada') })
  await change(provider, 'ben', { ...profile('ada') })
  await change(provider, 'cleo', { ...profile('ben') })
  await create(provider, 'cleo')

  await endShadow(ctx, provider.by.serviceUserId, true)

  const { members } = (await accessOf(ctx)) as { members: { userName: string }[] }
  expect(members.map(({ userName }) => userName)).toEqual(['ada', 'ben', 'cleo', 'dan', 'old-ada'])
})

test('dropping the copy changes nothing, and the connection is live again', async ({ ctx }) => {
  const provider = await settled(ctx)
  const before = await bytesOf(ctx)
  await intoShadow(provider)
  await create(provider, 'eve')

  await endShadow(ctx, provider.by.serviceUserId, false)

  expect(await bytesOf(ctx)).toBe(before)
  await expect(getShadow(ctx, provider.by.serviceUserId)).rejects.toMatchObject({ code: 'conflict' })
  await startShadow(ctx, provider.by.serviceUserId)
  await expect(startShadow(ctx, provider.by.serviceUserId)).rejects.toMatchObject({ code: 'conflict' })
  expect((await getShadow(ctx, provider.by.serviceUserId)).members).toEqual([])
})

test('going live waits for a call under way, and a later one is sent away to come again', async ({
  ctx,
  platform,
}) => {
  const provider = await settled(ctx)
  await intoShadow(provider)
  const began = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const call = transact(provider.ctx, async (tx) => {
    await provisionMembers(tx, provider.by, [profile('eve')])
    began.resolve()
    await goOn.promise
  })
  await began.promise
  const ending = endShadow(ctx, provider.by.serviceUserId, true)
  await waits(platform.db).finally(goOn.resolve)
  await Promise.all([call, ending])

  const { members } = (await accessOf(ctx)) as { members: { userName: string }[] }
  expect(members.map(({ userName }) => userName)).toContain('eve')
  await expect(create(provider, 'finn')).rejects.toMatchObject({ code: 'not_ready', status: 503 })
})

/** Until somebody waits for an advisory lock; fails when nobody does. */
function waits(db: Context['db']): Promise<unknown> {
  const isWaiting = async () => {
    const { rows } = await sql`select from pg_locks where locktype = 'advisory' and not granted`.execute(db)
    return rows.length > 0
  }
  return vi.waitUntil(isWaiting, { timeout: 10_000, interval: 10 })
}

test('nothing leaves a shadow: no mail, no job, no address, no brake', async ({ ctx, platform }) => {
  const provider = await settled(ctx)
  const before = (await listTenants(platform)).length
  await intoShadow(provider)
  const shadow = provider.ctx.tenantId
  const job = defineJob<{ n: number }>({ name: 'mail.deliver', retries: 0, run: async () => undefined })

  await transact(provider.ctx, async (tx) => {
    const had = await jobs(tx)
    await sendMail(tx, { to: 'x@acme.example', subject: 's', text: 't' })
    await enqueue(tx, job, { n: 1 })
    expect(await jobs(tx)).toBe(had)
    expect(await tx.db.selectFrom('mails').select('id').execute()).toEqual([])
    const cuts = Array.from({ length: 50 }, () => newId('mem'))
    await checkBrake(
      tx,
      provider.by,
      cuts.map((memberId) => ({ kind: 'deactivation', memberId, member: 'x', role: null })),
    )
  })

  expect(await listTenants(platform)).toHaveLength(before)
  expect(await findTenant(platform, `~${shadow}`)).toBeUndefined()
})

test('a shadow has neither passwords nor tokens', async ({ ctx }) => {
  const provider = await settled(ctx)
  await transact(ctx, (tx) => tx.db.updateTable('members').set({ passwordHash: 'canary' }).execute())
  await intoShadow(provider)

  await transact(provider.ctx, async (tx) => {
    const kept = await tx.db
      .selectFrom('members')
      .select('id')
      .where('passwordHash', 'is not', null)
      .execute()
    expect(kept).toEqual([])
    expect(await tx.db.selectFrom('members').select('id').execute()).toHaveLength(4)
    expect(await tx.db.selectFrom('tokens').select('id').execute()).toEqual([])
  })
})

test("the run-time role makes shadows of its own workspace and drops nobody else's", async ({
  ctx,
  otherTenant,
  platform,
}) => {
  const provider = await settled(ctx)
  await intoShadow(provider)
  const shadow = provider.ctx.tenantId
  const drop = (from: Context, what: string) =>
    transact(from, (tx) => sql`select drop_shadow(${what})`.execute(tx.db))
  await drop(otherTenant, shadow)
  await drop(otherTenant, otherTenant.tenantId)
  await drop(ctx, ctx.tenantId)
  const left = await platform.db.selectFrom('tenants').select('id').execute()
  for (const tenant of [shadow, ctx.tenantId, otherTenant.tenantId])
    expect(left).toContainEqual({ id: tenant })

  const make = (from: Context, what: string) =>
    transact(from, (tx) => sql`select make_shadow(${what})`.execute(tx.db))
  await expect(make(ctx, newId('wsp'))).rejects.toThrow('tenants_')
  await expect(make(provider.ctx, `${shadow}2`)).rejects.toThrow('Only a workspace')
  await expect(make(systemContext(platform, 'wsp_none'), `${shadow}3`)).rejects.toThrow('Only a workspace')
})

test("another workspace's connection has no shadow here", async ({ ctx, otherTenant }) => {
  const provider = await settled(ctx)

  await expect(startShadow(otherTenant, provider.by.serviceUserId)).rejects.toMatchObject({
    code: 'not_found',
  })
  await intoShadow(provider)
  await expect(getShadow(otherTenant, provider.by.serviceUserId)).rejects.toMatchObject({ code: 'not_found' })
  await expect(endShadow(otherTenant, provider.by.serviceUserId, true)).rejects.toMatchObject({
    code: 'not_found',
  })
})
