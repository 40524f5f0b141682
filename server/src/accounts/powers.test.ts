/** Nobody raises himself, by any door. */
import { expect } from 'vitest'
import { type Context, transact } from '#platform'
import { test } from '../../test/tenant.ts'
import { PERMISSIONS, type Permission } from './contract.ts'
import { deactivateMember, inviteMember, reactivateMember, setMemberRoles } from './members.ts'
import { createRole, listRoles } from './roles.ts'
import { createServiceUser, createToken } from './tokens.ts'

/** An admin: everything but changing what roles allow. */
function asAdmin(ctx: Context): Context {
  const permissions = new Set(Object.keys(PERMISSIONS).filter((permission) => permission !== 'roles.manage'))
  return { ...ctx, principal: { sessionId: null, memberId: 'mem_admin', personId: null, permissions } }
}

async function anOwner(ctx: Context) {
  const owner = (await listRoles(ctx)).find((role) => role.name === 'Owner')
  const invite = (email: string) =>
    inviteMember(ctx, { email, displayName: email, roleIds: [owner?.id ?? ''] }, async () => {})
  await invite('first@acme.example')
  return { member: await invite('second@acme.example'), roleId: owner?.id ?? '' }
}

test('an admin can neither make nor unmake an owner, nor lock one out or let one in', async ({ ctx }) => {
  const { member, roleId } = await anOwner(ctx)
  const admin = asAdmin(ctx)

  const acts = [
    inviteMember(admin, { email: 'x@acme.example', displayName: 'X', roleIds: [roleId] }, async () => {}),
    setMemberRoles(admin, member.id, []),
    deactivateMember(admin, member.id),
    deactivateMember(ctx, member.id).then(() => reactivateMember(admin, member.id)),
  ]
  for (const result of await Promise.allSettled(acts))
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'forbidden' } })
})

test('a permission that one does not hold cannot be given to a role, a program or a token', async ({
  ctx,
}) => {
  const admin = asAdmin(ctx)
  const above: Permission[] = ['roles.manage']
  const program = await createServiceUser(ctx, {
    name: 'p',
    kind: 'api',
    permissions: above,
    defaultRoleId: null,
  })

  const acts = [
    createRole(admin, { name: 'Mine', description: '', permissions: above }),
    createServiceUser(admin, { name: 'q', kind: 'api', permissions: above, defaultRoleId: null }),
    createToken(admin, program.id, 1),
  ]
  for (const result of await Promise.allSettled(acts))
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'forbidden' } })
  expect(await transact(ctx, (tx) => tx.db.selectFrom('tokens').selectAll().execute())).toEqual([])
})
