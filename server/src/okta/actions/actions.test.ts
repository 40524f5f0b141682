import { describe, expect } from 'vitest'
import type { Action } from '#actions'
import { findPerson } from '#directory'
import { type Context, transact } from '#platform'
import { test } from '../../../test/tenant.ts'
import { connect, importAll, openTestOkta, type TestOkta } from '../test/okta.ts'
import { addToGroup } from './add-to-group.ts'
import { oktaActions } from './all.ts'
import { resetMfa } from './reset-mfa.ts'
import { resetPassword } from './reset-password.ts'
import { suspend } from './suspend.ts'

const ADA = 'ada.kingsley@acme.example'
const passes = async () => {}
const STATUSES = [
  'STAGED',
  'PROVISIONED',
  'ACTIVE',
  'RECOVERY',
  'PASSWORD_EXPIRED',
  'LOCKED_OUT',
  'SUSPENDED',
  'DEPROVISIONED',
] as const

async function withAda(ctx: Context, okta: TestOkta) {
  await connect(ctx, okta)
  const user = await okta.userId(ADA)
  return { user, inputOf: async (action: Action) => inputFor(okta, action, user) }
}

async function groupId(okta: TestOkta, name: string): Promise<string> {
  const headers = { authorization: `SSWS ${okta.sandbox.credentials.ssws.token}` }
  const groups = await (
    await fetch(`${okta.url}/api/v1/groups?q=${encodeURIComponent(name)}`, { headers })
  ).json()
  return (groups as { id: string }[])[0]?.id ?? ''
}

async function inputFor(okta: TestOkta, action: Action, user: string): Promise<object> {
  return action === addToGroup ? { user, group: await groupId(okta, 'Leadership') } : { user }
}

/** What an action may change of a user, as Okta tells it. */
async function worldOf(okta: TestOkta, user: string) {
  const read = async (path: string) =>
    (
      await fetch(`${okta.url}/api/v1/users/${user}${path}`, {
        headers: { authorization: `SSWS ${okta.sandbox.credentials.ssws.token}` },
      })
    ).json() as Promise<never>
  const { status } = (await read('')) as { status: string }
  const ids = (list: { id: string }[]) => list.map(({ id }) => id)
  return { status, factors: ids(await read('/factors')), groups: ids(await read('/groups')) }
}

describe.for(oktaActions.map((action) => [action.id, action] as const))('%s', ([id, action]) => {
  test('plan, run, plan says already, undo, world as before', async ({ ctx }) => {
    await using okta = await openTestOkta()
    const { user, inputOf } = await withAda(ctx, okta)
    const input = await inputOf(action)
    const before = await worldOf(okta, user)
    expect(action.input.safeParse(input).success).toBe(true)

    const plan = await action.plan(ctx, input)
    expect(plan).toMatchObject({ verdict: 'ready', target: { oktaUserId: user, name: 'Ada Kingsley' } })
    expect(plan.effects.length).toBeGreaterThan(0)
    expect(await worldOf(okta, user)).toEqual(before)
    expect(await action.plan(ctx, input)).toEqual(plan)

    let checks = 0
    const receipt = await action.run(ctx, input, async () => {
      checks += 1
    })
    expect(checks).toBe(1)
    expect(await worldOf(okta, user)).not.toEqual(before)
    expect(await action.plan(ctx, input)).toMatchObject({ verdict: 'already', effects: [] })
    expect(await action.reconcile(ctx, input, new Date(Date.now() - 1000))).toMatchObject({ verdict: 'done' })

    if (!action.undo) return
    await action.undo(ctx, receipt, passes)
    expect(await worldOf(okta, user)).toEqual(before)
    expect((await action.plan(ctx, input)).verdict).toBe('ready')
  })

  test('the last check that says no leaves the world as it was', async ({ ctx }) => {
    await using okta = await openTestOkta()
    const { user, inputOf } = await withAda(ctx, okta)
    const before = await worldOf(okta, user)
    const refusal = new Error('no longer yours')

    await expect(action.run(ctx, await inputOf(action), () => Promise.reject(refusal))).rejects.toBe(refusal)

    expect(await worldOf(okta, user)).toEqual(before)
  })

  test.for([
    ['cut-before-effect', 'unknown', 'not_done'],
    ['cut-after-effect', 'unknown', 'done'],
    ['500', 'unknown', 'not_done'],
    ['429', 'not_done', 'not_done'],
  ] as const)('%s on the way: %s, and a look finds it %s', async ([kind, outcome, verdict], { ctx }) => {
    await using okta = await openTestOkta()
    const { user, inputOf } = await withAda(ctx, okta)
    const input = await inputOf(action)
    await okta.fault(kind, {
      match: { path: action === addToGroup ? '^/api/v1/groups/.*/users/' : '^.*/lifecycle/' },
    })
    let sentAt = new Date()

    const failed = action.run(ctx, input, async () => {
      sentAt = new Date()
    })

    await expect(failed).rejects.toMatchObject({
      name: 'ActionFailure',
      outcome,
      failure: { message: expect.any(String), remedy: expect.any(String) },
    })
    expect(await action.reconcile(ctx, input, sentAt)).toMatchObject({ verdict })
    expect((await worldOf(okta, user)).status).toEqual(expect.any(String))
  })

  test("a missing scope is Okta's refusal, by name", async ({ ctx }) => {
    await using okta = await openTestOkta()
    const { inputOf } = await withAda(ctx, okta)
    const input = await inputOf(action)
    await okta.fault('status', {
      status: 403,
      match: { path: action === addToGroup ? '^/api/v1/groups/.*/users/' : '^.*/lifecycle/' },
    })

    await expect(action.run(ctx, input, passes)).rejects.toMatchObject({
      outcome: 'not_done',
      failure: { status: 403, remoteRequestId: expect.stringMatching(/^[0-9a-f]{32}$/) },
    })
  })

  test('an Okta admin is left alone', async ({ ctx }) => {
    await using okta = await openTestOkta()
    await connect(ctx, okta)
    const sam = await okta.userId('sam.okafor@acme.example')

    const plan = await action.plan(ctx, await inputFor(okta, action, sam))

    expect(plan).toMatchObject({ verdict: 'refused', effects: [] })
    expect(plan.summary).toContain('Sam Okafor is an Okta admin (Super Administrator)')
  })

  test('when roles cannot be read, the plan says so', async ({ ctx }) => {
    await using okta = await openTestOkta()
    const scopes = ['okta.users.manage', 'okta.groups.manage', 'okta.apps.read']
    await connect(ctx, okta, { scopes })
    const ada = await okta.userId(ADA)

    const plan = await action.plan(ctx, await inputFor(okta, action, ada))

    expect(plan.effects.at(-1)).toBe('Keydesk could not check whether Ada Kingsley is an Okta admin.')
  })

  test('a user whom Okta does not have, and one whom it is changing, are refused', async ({ ctx }) => {
    await using okta = await openTestOkta()
    const { user, inputOf } = await withAda(ctx, okta)
    const input = await inputOf(action)
    await okta.control('POST', '/state', { op: 'set-transition', user, to: 'DEPROVISIONED', reads: 1 })

    expect(await action.plan(ctx, input)).toMatchObject({
      verdict: 'refused',
      summary: expect.stringContaining('to DEPROVISIONED at the moment'),
    })
    expect(await action.plan(ctx, { ...input, user: '00unobodyofthisorg' })).toMatchObject({
      verdict: 'refused',
    })
  })

  test('without a connected Okta nothing is planned, and nothing was done', async ({ ctx }) => {
    const input = { user: '00u1234567', group: '00g1234567' }

    await expect(action.plan(ctx, input)).rejects.toMatchObject({ code: 'not_ready' })
    await expect(action.run(ctx, input, passes)).rejects.toMatchObject({ outcome: 'not_done' })
    expect(await action.reconcile(ctx, input, new Date())).toMatchObject({ verdict: 'unclear' })
    expect(id).toMatch(/^okta\.[a-z]+\.[a-z_]+$/)
  })

  test.for(['', '00u', '00u../../x', 'ada.kingsley@acme.example', '00g1234567'])('%j is no user', (user) => {
    expect(action.input.safeParse({ user, group: '00g1234567' }).success).toBe(false)
  })
})

/** The verdict of each action in each status, in the order of `STATUSES`. */
const MATRIX = [
  [suspend, 'refused ready ready refused ready refused already refused'],
  [resetMfa, 'ready ready ready refused ready ready ready already'],
  [resetPassword, 'refused ready ready already ready ready refused refused'],
  [addToGroup, 'ready ready ready ready ready ready ready refused'],
] as const

test.for(MATRIX.map(([action, verdicts]) => [action.id, action, verdicts.split(' ')] as const))(
  '%s in every status',
  async ([, action, verdicts], { ctx }) => {
    await using okta = await openTestOkta()
    const { user, inputOf } = await withAda(ctx, okta)
    const input = await inputOf(action)
    const found: string[] = []
    for (const status of STATUSES) {
      await okta.setUser(user, { status, factors: status === 'DEPROVISIONED' ? [] : ['push', 'sms'] })
      found.push((await action.plan(ctx, input)).verdict)
    }
    expect(Object.fromEntries(STATUSES.map((status, i) => [status, found[i]]))).toEqual(
      Object.fromEntries(STATUSES.map((status, i) => [status, verdicts[i]])),
    )
  },
)

test('resetting MFA names every factor, and the receipt keeps them', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const { user } = await withAda(ctx, okta)

  const plan = await resetMfa.plan(ctx, { user })
  const receipt = await resetMfa.run(ctx, { user }, passes)

  expect(plan.summary).toBe('Remove all 3 MFA factors of Ada Kingsley.')
  expect(plan.effects).toEqual([
    'Until Ada Kingsley enrols again, the password alone protects the account.',
    'Okta Verify code is removed.',
    'Okta Verify push (Phone of Ada) is removed.',
    expect.stringMatching(/^SMS \(\+\d+\) is removed\.$/),
    'Ada Kingsley is asked to enrol again at the next sign-in.',
  ])
  expect(receipt).toEqual({ user, removed: expect.arrayContaining(['Okta Verify push (Phone of Ada)']) })
})

test('somebody without factors needs no reset', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const { user } = await withAda(ctx, okta)
  await okta.setUser(user, { factors: [] })

  expect(await resetMfa.plan(ctx, { user })).toMatchObject({ verdict: 'already' })
})

test.for([
  ['FEDERATION', 'refused'],
  ['SOCIAL', 'refused'],
  ['IMPORT', 'refused'],
  ['ACTIVE_DIRECTORY', 'ready'],
  ['OKTA', 'ready'],
] as const)('the password of a user of %s: %s', async ([provider, verdict], { ctx }) => {
  await using okta = await openTestOkta()
  const { user } = await withAda(ctx, okta)
  await okta.setUser(user, { provider })

  expect(await resetPassword.plan(ctx, { user })).toMatchObject({ verdict })
})

test('Active Directory without an agent: Okta refuses, and surely nothing was done', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const { user } = await withAda(ctx, okta)
  await okta.setUser(user, { provider: 'ACTIVE_DIRECTORY' })

  await expect(resetPassword.run(ctx, { user }, passes)).rejects.toMatchObject({
    outcome: 'not_done',
    failure: { code: 'E0000241', remedy: expect.stringContaining('agent') },
  })
})

test.for([
  ['Leadership', 'ready'],
  ['Engineering', 'already'],
  ['AD Printers', 'refused'],
  ['Everyone', 'refused'],
] as const)('adding Ada to %s: %s', async ([group, verdict], { ctx }) => {
  await using okta = await openTestOkta()
  const { user } = await withAda(ctx, okta)

  const plan = await addToGroup.plan(ctx, { user, group: await groupId(okta, group) })

  expect(plan).toMatchObject({ verdict })
})

test('the approver reads which apps a group gives', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const { user } = await withAda(ctx, okta)

  const plan = await addToGroup.plan(ctx, { user, group: await groupId(okta, 'Design') })

  expect(plan).toMatchObject({ summary: 'Add Ada Kingsley to Design.', effects: ['Design gives Figma.'] })
})

test('undoing a suspension that somebody ended already sends nothing', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const { user } = await withAda(ctx, okta)
  const receipt = await suspend.run(ctx, { user }, passes)
  await okta.setUser(user, { status: 'ACTIVE' })

  await suspend.undo?.(ctx, receipt, () => Promise.reject(new Error('it should not get here')))

  expect(await okta.effects('user.unsuspend')).toEqual([])
})

test('a suspension that became a deactivation is not undone into something else', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const { user } = await withAda(ctx, okta)
  const receipt = await suspend.run(ctx, { user }, passes)
  await okta.setUser(user, { status: 'DEPROVISIONED' })

  await expect(suspend.undo?.(ctx, receipt, passes)).rejects.toMatchObject({ outcome: 'not_done' })
})

test('the directory follows what was done, and the target is the person it knows', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const user = await okta.userId(ADA)
  await importAll(ctx, await connect(ctx, okta))

  const { target } = await suspend.plan(ctx, { user })
  await suspend.run(ctx, { user }, passes)

  const person = await transact(ctx, (tx) => findPerson(tx, { oktaUserId: user }))
  expect(person).toMatchObject({ id: target.personId, status: 'SUSPENDED' })
})
