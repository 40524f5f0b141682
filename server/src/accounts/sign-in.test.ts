import { expect } from 'vitest'
import { type Context, transact } from '#platform'
import { test } from '../../test/tenant.ts'
import { deactivateMember, inviteMember, reactivateMember } from './members.ts'
import { listRoles } from './roles.ts'
import { signInByLink, signInByPassword } from './sign-in.ts'

const nobody = async () => undefined

async function invited(ctx: Context, role = 'Agent') {
  let link = ''
  const roles = await listRoles(ctx)
  const member = await inviteMember(
    ctx,
    {
      email: 'Noor@acme.example',
      displayName: 'Noor',
      roleIds: roles.filter((r) => r.name === role).map((r) => r.id),
    },
    async (_tx, mail) => {
      link = mail.link
    },
  )
  return { member, token: link.split('token=')[1] ?? '' }
}

test('a sign-in link works once', async ({ ctx, platform, eventsOf }) => {
  const { member, token } = await invited(ctx)

  await signInByLink(platform, token, nobody)

  await expect(signInByLink(platform, token, nobody)).rejects.toMatchObject({ code: 'sign_in_failed' })
  expect(await eventsOf(member.id)).toEqual([
    'member.roles_changed',
    'member.invited',
    'sign_in_link.sent',
    'session.started',
  ])
})

test('a deactivated member cannot use a link sent before', async ({ ctx, platform }) => {
  const { member, token } = await invited(ctx)

  await deactivateMember(ctx, member.id)

  await expect(signInByLink(platform, token, nobody)).rejects.toMatchObject({ code: 'sign_in_failed' })
})

test('deactivation ends sessions in its own transaction, and letting in again does not revive them', async ({
  ctx,
  platform,
}) => {
  const { member, token } = await invited(ctx)
  await signInByLink(platform, token, nobody)

  await deactivateMember(ctx, member.id)
  await reactivateMember(ctx, member.id)

  const sessions = await transact(ctx, (tx) => tx.db.selectFrom('sessions').selectAll().execute())
  expect(sessions).toEqual([])
})

test('the last owner cannot be deactivated', async ({ ctx }) => {
  const { member } = await invited(ctx, 'Owner')

  await expect(deactivateMember(ctx, member.id)).rejects.toMatchObject({ code: 'conflict' })
})

test("another tenant's member does not exist", async ({ ctx, otherTenant }) => {
  const { member } = await invited(ctx)

  await expect(deactivateMember(otherTenant, member.id)).rejects.toMatchObject({ code: 'not_found' })
})

test('guessing a password ends after a few tries, for known and unknown addresses alike', async ({
  ctx,
  platform,
}) => {
  await invited(ctx)
  const workspace = await transact(ctx, (tx) =>
    tx.db.selectFrom('tenants').select('slug').where('id', '=', ctx.tenantId).executeTakeFirstOrThrow(),
  )
  const guess = (email: string) =>
    signInByPassword(platform, { workspace: workspace.slug, email, password: 'a guess' }, nobody).then(
      () => 'in',
      (error: { code: string }) => error.code,
    )

  for (const email of ['noor@acme.example', 'nobody@acme.example']) {
    const answers = await Promise.all(Array.from({ length: 14 }, () => guess(email)))
    expect(answers.toSorted()).toEqual([...Array(10).fill('sign_in_failed'), ...Array(4).fill('too_many')])
  }
})
