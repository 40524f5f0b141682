import fc from 'fast-check'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { createServiceUser, inviteMember, listRoles, type Provisioner } from '#accounts'
import { type Context, listEvents, newId, type Platform, systemContext, transact } from '#platform'
import { test as base, openTestPlatform } from '../../test/tenant.ts'
import { ScimSettings } from '../accounts/contract.ts'
import { type CutInput, checkBrake, checkBrakes, HeldBack } from './brake.ts'
import { decideHolds, holdCall, listHolds, supersede, sweepHolds } from './holds.ts'

const test = base.extend<{ secondPlatform: Platform }>({
  secondPlatform: [
    async ({ database }, use) => {
      const platform = await openTestPlatform(database.url)
      await use(platform)
      await platform.close()
    },
    { scope: 'file' },
  ],
})

type Brake = Partial<Provisioner['settings']['brake']>

async function connection(ctx: Context, brake: Brake = {}): Promise<Provisioner> {
  const input = { name: 'Okta', kind: 'scim', permissions: [], defaultRoleId: null } as const
  const { id } = await createServiceUser(ctx, { ...input, permissions: [] })
  return { serviceUserId: id, name: 'Okta', defaultRoleId: null, settings: ScimSettings.parse({ brake }) }
}

async function invite(ctx: Context, email: string, role: string): Promise<string> {
  const roleIds = (await listRoles(ctx)).filter(({ name }) => name === role).map(({ id }) => id)
  return (await inviteMember(ctx, { email, displayName: 'Noor Haddad', roleIds }, async () => undefined)).id
}

/** Active members of a connection, as rows only: the brake looks at nothing else. */
function people(ctx: Context, by: Provisioner, count: number, active = true): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('mem'))
  return transact(ctx, async (tx) => {
    await tx.db
      .insertInto('members')
      .values(
        ids.map((id) => ({
          tenantId: tx.tenantId,
          id,
          userName: id,
          userNameKey: id,
          email: id,
          emailKey: id,
          displayName: `Person ${id.slice(-4)}`,
          source: 'scim',
          serviceUserId: by.serviceUserId,
          active,
        })),
      )
      .execute()
    return ids
  })
}

function cut(memberId: string, kind: CutInput['kind'] = 'deactivation'): CutInput {
  return {
    kind,
    memberId,
    member: `Name of ${memberId.slice(-4)}`,
    role: kind === 'role_loss' ? 'Agents' : null,
  }
}

/** Whether one call passes, in a transaction of its own. */
function passes(ctx: Context, by: Provisioner, cuts: readonly CutInput[]): Promise<boolean> {
  return transact(ctx, (tx) => checkBrake(tx, by, cuts)).then(
    () => true,
    (error: unknown) => {
      if (error instanceof HeldBack) return false
      throw error
    },
  )
}

async function passOneByOne(ctx: Context, by: Provisioner, ids: readonly string[]): Promise<number> {
  let passed = 0
  for (const id of ids) if (await passes(ctx, by, [cut(id)])) passed++
  return passed
}

/** What the brake says of cuts that it does not let pass. */
async function heldBack(ctx: Context, by: Provisioner, cuts: readonly CutInput[]): Promise<HeldBack> {
  const error = await transact(ctx, (tx) => checkBrake(tx, by, cuts)).catch((reason: unknown) => reason)
  if (!(error instanceof HeldBack)) throw new Error('The brake let it pass.')
  return error
}

function windowGoesBy(ctx: Context, minutes: number): Promise<unknown> {
  return transact(ctx, (tx) =>
    sql`update scim_cuts set at = at - make_interval(mins => ${minutes})`.execute(tx.db),
  )
}

test.for([
  { members: 4, brake: {}, allowed: 3, why: 'three always may' },
  { members: 40, brake: {}, allowed: 10, why: 'a quarter of them' },
  { members: 43, brake: { share: 0.1 }, allowed: 4, why: 'a share that is rounded down' },
  { members: 100, brake: { share: 0.29 }, allowed: 29, why: 'a share that floating point would round away' },
  { members: 60, brake: { people: 12 }, allowed: 12, why: 'the number, when it is less than the share' },
])('of $members people $allowed may be cut: $why', async ({ members, brake, allowed }, { ctx }) => {
  const by = await connection(ctx, brake)
  const ids = await people(ctx, by, members)

  expect(await passOneByOne(ctx, by, ids.slice(0, allowed + 2))).toBe(allowed)
})

test('those who were locked out long ago make the share no larger', async ({ ctx }) => {
  const by = await connection(ctx)
  const ids = await people(ctx, by, 20)
  await people(ctx, by, 400, false)

  expect(await passOneByOne(ctx, by, ids)).toBe(5)
})

test('deactivating people does not make the limit smaller within the window', async ({ ctx }) => {
  const by = await connection(ctx)
  const ids = await people(ctx, by, 40)
  for (const id of ids.slice(0, 10))
    await transact(ctx, async (tx) => {
      await checkBrake(tx, by, [cut(id)])
      await tx.db.updateTable('members').set({ active: false }).where('id', '=', id).execute()
    })

  expect(await passes(ctx, by, [cut(ids[10] ?? '')])).toBe(false)
})

test('a person counts once, also when let in again and cut again in another way', async ({ ctx }) => {
  const by = await connection(ctx)
  const [first = '', second = '', third = '', fourth = ''] = await people(ctx, by, 4)
  await passOneByOne(ctx, by, [first, second, third])

  expect(await passes(ctx, by, [cut(first), cut(first, 'role_loss'), cut(second, 'deletion')])).toBe(true)
  expect(await passes(ctx, by, [cut(fourth)])).toBe(false)
})

test('a call is held whole: of its cuts none passes and none is counted', async ({ ctx }) => {
  const by = await connection(ctx)
  const ids = await people(ctx, by, 10)

  expect(
    await passes(
      ctx,
      by,
      ids.slice(0, 4).map((id) => cut(id, 'role_loss')),
    ),
  ).toBe(false)
  expect(await passOneByOne(ctx, by, ids.slice(0, 3))).toBe(3)
})

test('when the window has gone by, as many may again', async ({ ctx }) => {
  const by = await connection(ctx, { minutes: 30 })
  const ids = await people(ctx, by, 10)
  await passOneByOne(ctx, by, ids.slice(0, 3))
  expect(await passes(ctx, by, [cut(ids[3] ?? '')])).toBe(false)

  await windowGoesBy(ctx, 31)

  expect(await passOneByOne(ctx, by, ids.slice(3))).toBe(3)
})

test('calls of a batch are decided in order, and one that is too large lets a later one pass', async ({
  ctx,
}) => {
  const by = await connection(ctx)
  const [a = '', b = '', c = '', d = '', e = ''] = await people(ctx, by, 10)
  const calls = [[cut(a)], [], [cut(b), cut(c), cut(d)], [cut(a), cut(b)], [cut(e)], [cut(c)]]

  const verdicts = await transact(ctx, (tx) => checkBrakes(tx, by, calls))

  expect(verdicts.map((held) => held === null)).toEqual([true, true, false, true, true, false])
})

test('another connection counts for itself', async ({ ctx }) => {
  const okta = await connection(ctx)
  const entra = await connection(ctx)
  const ids = await people(ctx, okta, 10)

  expect(await passOneByOne(ctx, okta, ids)).toBe(3)
  expect(await passOneByOne(ctx, entra, ids)).toBe(3)
})

test('what is rolled back does not count', async ({ ctx }) => {
  const by = await connection(ctx)
  const ids = await people(ctx, by, 10)
  const failing = transact(ctx, async (tx) => {
    await checkBrake(
      tx,
      by,
      ids.slice(0, 3).map((id) => cut(id)),
    )
    throw new Error('The user name is taken.')
  })
  await expect(failing).rejects.toThrow('taken')

  expect(await passOneByOne(ctx, by, ids)).toBe(3)
})

test('over two processes at once no more than the limit are cut in a window, whatever comes', async ({
  ctx,
  platform,
  secondPlatform,
}) => {
  const step = fc.record({
    who: fc.array(fc.nat({ max: 19 }), { minLength: 1, maxLength: 3 }),
    kind: fc.constantFrom('deactivation', 'deletion', 'role_loss'),
  })
  const lane = fc.array(step, { minLength: 1, maxLength: 12 })
  const limits = fc.record({
    people: fc.integer({ min: 3, max: 8 }),
    share: fc.constantFrom(0.05, 0.25, 0.4, 1),
  })

  await fc.assert(
    fc.asyncProperty(fc.array(lane, { minLength: 2, maxLength: 6 }), limits, async (lanes, brake) => {
      const by = await connection(ctx, brake)
      const ids = await people(ctx, by, 20)
      const allowed = Math.min(brake.people, Math.max(3, Math.floor(brake.share * 20)))
      const passed = new Set<string>()
      let held = false
      await Promise.all(
        lanes.map(async (steps, at) => {
          const there = systemContext(at % 2 ? secondPlatform : platform, ctx.tenantId)
          for (const { who, kind } of steps) {
            const cuts = who.map((nth) => cut(ids[nth] ?? '', kind))
            if (await passes(there, by, cuts)) for (const { memberId } of cuts) passed.add(memberId)
            else held = true
          }
        }),
      )
      expect(passed.size).toBeLessThanOrEqual(allowed)
      // Nothing is held that need not be.
      const wanted = new Set(lanes.flat().flatMap(({ who }) => who))
      if (wanted.size <= allowed) expect(held).toBe(false)
    }),
    { numRuns: 40 },
  )
})

test('the answer says what, how many, the limit, where to decide, and that nothing was done', async ({
  ctx,
}) => {
  const by = await connection(ctx)
  const ids = await people(ctx, by, 12)
  await passOneByOne(ctx, by, ids.slice(0, 3))

  const held = await heldBack(
    ctx,
    by,
    ids.slice(3, 12).map((id) => cut(id, 'role_loss')),
  )

  expect(held.toJSON()).toMatchObject({ status: '403' })
  const names = ids.slice(3, 8).map((id) => `Name of ${id.slice(-4)}`)
  expect(held.message).toContain(`It would take the role Agents from ${names.join(', ')} and 4 more.`)
  expect(held.message).toContain('Nothing was changed')
  expect(held.message).toContain('3 people lost access by Okta within 60 minutes, and 3 may')
  expect(held.message).toContain(`/settings/provisioning/${by.serviceUserId}?tab=holds`)
})

async function hold(ctx: Context, by: Provisioner, memberId: string, body: object = { active: false }) {
  const call = { method: 'PUT', path: `/Users/${memberId}`, body: body as never }
  await holdCall(ctx, by, call, await heldBack(ctx, by, [cut(memberId)]))
}

async function braked(ctx: Context): Promise<{ by: Provisioner; ids: string[] }> {
  const by = await connection(ctx)
  const ids = await people(ctx, by, 10)
  await passOneByOne(ctx, by, ids.slice(0, 3))
  return { by, ids: ids.slice(3) }
}

function mails(ctx: Context) {
  return transact(ctx, (tx) => tx.db.selectFrom('mails').select(['recipient', 'subject']).execute())
}

test('a wave of held calls tells the owners once, and the same call is held once', async ({ ctx }) => {
  await invite(ctx, 'noor@acme.example', 'Owner')
  await invite(ctx, 'agent@acme.example', 'Agent')
  const { by, ids } = await braked(ctx)
  const [first = '', second = ''] = ids

  await Promise.all([hold(ctx, by, first), hold(ctx, by, second), hold(ctx, by, first)])

  expect(await mails(ctx)).toEqual([
    { recipient: 'noor@acme.example', subject: 'Held back: Okta would cut somebody off' },
  ])
  expect(await listEvents(ctx, { type: 'scim.change_held', limit: 10 })).toHaveLength(1)
  const holds = await listHolds(ctx, by.serviceUserId, 'held')
  expect(holds.map(({ path }) => path).sort()).toEqual([`/Users/${first}`, `/Users/${second}`].sort())
  expect(holds[0]).toMatchObject({ method: 'PUT', state: 'held', cuts: [{ kind: 'deactivation' }] })
})

test('no password of a held call is kept', async ({ ctx }) => {
  const { by, ids } = await braked(ctx)
  const value = { active: false, password: 'canary-1', nested: { Password: 'canary-2' } }
  await hold(ctx, by, ids[0] ?? '', {
    Operations: [
      { op: 'replace', value },
      { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:password', value: 'canary-3' },
    ],
  })

  const row = await transact(ctx, (tx) =>
    tx.db.selectFrom('scimHolds').select('body').executeTakeFirstOrThrow(),
  )

  expect(row.body).toEqual({ Operations: [{ op: 'replace', value: { active: false, nested: {} } }] })
})

test('released calls are done in the order they came, and a failure is kept and stops nothing', async ({
  ctx,
}) => {
  const { by, ids } = await braked(ctx)
  const [first = '', second = '', third = ''] = ids
  for (const id of [second, first, third]) await hold(ctx, by, id)
  const holds = await listHolds(ctx, by.serviceUserId, 'held')
  const seen: string[] = []

  const decided = await decideHolds(
    ctx,
    { connectionId: by.serviceUserId, holdIds: holds.map(({ id }) => id).reverse(), decision: 'release' },
    async ({ method, path, body }) => {
      seen.push(`${method} ${path} ${JSON.stringify(body)}`)
      if (path.endsWith(first)) throw new Error('The database went away.')
      return path.endsWith(third)
        ? { status: 404, detail: 'This user does not exist.' }
        : { status: 200, detail: null }
    },
  )

  expect(seen).toEqual([second, first, third].map((id) => `PUT /Users/${id} {"active":false}`))
  expect(decided.map(({ state, outcome }) => [state, outcome])).toEqual([
    ['released', 'Done (200).'],
    ['released', 'Failed (500): The database went away.'],
    ['released', 'Failed (404): This user does not exist.'],
  ])
  const [event] = await listEvents(ctx, { type: 'scim.holds_decided', limit: 1 })
  expect(event?.facts).toMatchObject({ decision: 'release', calls: 3, failed: 2 })
})

test('what was dropped is never done, and a decision is made once', async ({ ctx }) => {
  const { by, ids } = await braked(ctx)
  await hold(ctx, by, ids[0] ?? '')
  const holdIds = (await listHolds(ctx, by.serviceUserId, 'held')).map(({ id }) => id)
  const refuse = async (): Promise<never> => {
    throw new Error('Nothing is to be done.')
  }
  const decide = (decision: 'release' | 'discard') =>
    decideHolds(ctx, { connectionId: by.serviceUserId, holdIds, decision }, refuse)

  expect(await decide('discard')).toMatchObject([{ state: 'discarded', outcome: null }])
  expect(await decide('release')).toMatchObject([{ state: 'discarded', outcome: null }])
  expect(await listHolds(ctx, by.serviceUserId, 'all')).toHaveLength(1)
})

test('only an owner decides, whatever else somebody may do', async ({ ctx }) => {
  const { by, ids } = await braked(ctx)
  await hold(ctx, by, ids[0] ?? '')
  const [held] = await listHolds(ctx, by.serviceUserId, 'held')
  const owner = await invite(ctx, 'owner@acme.example', 'Owner')
  const admin = await invite(ctx, 'admin@acme.example', 'Admin')
  const permissions = new Set((await listRoles(ctx)).flatMap((role) => role.permissions))
  const as = (memberId: string): Context => ({
    ...ctx,
    actor: { kind: 'member', id: memberId, name: 'Noor Haddad' },
    principal: { sessionId: 'ses', memberId, personId: null, permissions },
  })
  const input = { connectionId: by.serviceUserId, holdIds: [held?.id ?? ''], decision: 'discard' } as const
  const never = async () => ({ status: 200, detail: null })

  await expect(decideHolds(as(admin), input, never)).rejects.toMatchObject({ code: 'forbidden' })
  expect(await decideHolds(as(owner), input, never)).toMatchObject([{ decidedBy: { id: owner } }])
})

test("another workspace's holds do not exist", async ({ ctx, otherTenant }) => {
  const { by, ids } = await braked(ctx)
  await hold(ctx, by, ids[0] ?? '')

  await expect(listHolds(otherTenant, by.serviceUserId, 'held')).rejects.toMatchObject({ code: 'not_found' })
})

test('a later write on the same resource makes a hold void, and no other', async ({ ctx }) => {
  const { by, ids } = await braked(ctx)
  const [first = '', second = ''] = ids
  for (const id of [first, second]) await hold(ctx, by, id)

  await transact(ctx, async (tx) => supersede(tx, by.serviceUserId, { kind: 'Users', id: first }))

  const holds = await listHolds(ctx, by.serviceUserId, 'all')
  expect(holds.map(({ path, state }) => [path, state])).toEqual([
    [`/Users/${first}`, 'superseded'],
    [`/Users/${second}`, 'held'],
  ])
})

test('what nobody decides for a fortnight is dropped, with a line in the log', async ({ ctx, platform }) => {
  const { by, ids } = await braked(ctx)
  const [old = '', young = ''] = ids
  for (const id of [old, young]) await hold(ctx, by, id)
  const age = (path: string, days: number) =>
    transact(ctx, (tx) =>
      tx.db
        .updateTable('scimHolds')
        .set({ createdAt: new Date(Date.now() - days * 86_400_000) })
        .where('path', '=', path)
        .execute(),
    )
  await age(`/Users/${old}`, 15)
  await age(`/Users/${young}`, 13)

  await sweepHolds(platform, ctx.tenantId)

  expect((await listHolds(ctx, by.serviceUserId, 'all')).map(({ state }) => state)).toEqual([
    'discarded',
    'held',
  ])
  const [event] = await listEvents(ctx, { type: 'scim.holds_expired', limit: 1 })
  expect(event?.facts).toMatchObject({ calls: 1, days: 14 })
})

test('a release that was cut off in the middle is held again', async ({ ctx, platform }) => {
  const { by, ids } = await braked(ctx)
  await hold(ctx, by, ids[0] ?? '')
  const cutOff = { state: 'released', decidedAt: new Date(Date.now() - 11 * 60_000) }
  await transact(ctx, (tx) => tx.db.updateTable('scimHolds').set(cutOff).execute())

  await sweepHolds(platform, ctx.tenantId)

  expect(await listHolds(ctx, by.serviceUserId, 'held')).toHaveLength(1)
})
