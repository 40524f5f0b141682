import { expect } from 'vitest'
import { findPerson } from '#directory'
import { type Context, transact } from '#platform'
import { test } from '../../test/tenant.ts'
import { deleteConnection } from './connections.ts'
import { getOktaUserState, statusHint } from './live.ts'
import { connect, importAll, openTestOkta, type TestOkta } from './test/okta.ts'

const ADA = 'ada.kingsley@acme.example'

async function imported(ctx: Context, okta: TestOkta) {
  const connection = await connect(ctx, okta)
  await importAll(ctx, connection)
  const oktaUserId = await okta.userId(ADA)
  const person = await transact(ctx, (tx) => findPerson(tx, { oktaUserId }))
  if (!person) throw new Error('Ada was not imported.')
  return { connection, oktaUserId, personId: person.id }
}

test('a person is shown as Okta has them now, and the directory follows', async ({ ctx }) => {
  await using okta = await openTestOkta()
  const { oktaUserId, personId } = await imported(ctx, okta)
  await okta.setUser(oktaUserId, { status: 'SUSPENDED' })

  const state = await getOktaUserState(ctx, personId)

  expect(state).toMatchObject({
    oktaUserId,
    login: ADA,
    displayName: 'Ada Kingsley',
    status: 'SUSPENDED',
    statusHint: 'They cannot sign in. Their groups and apps are kept.',
    provider: 'OKTA',
  })
  expect(state.factors.map(({ name }) => name)).toEqual([
    'Okta Verify push (Phone of Ada)',
    'Okta Verify code',
    expect.stringContaining('SMS (+'),
  ])
  expect(state.groups).toContainEqual({ id: expect.any(String), name: 'Engineering', type: 'OKTA_GROUP' })
  expect(state.apps).toContainEqual({
    id: expect.any(String),
    name: 'Slack',
    scope: 'GROUP',
    status: 'ACTIVE',
  })
  expect((await transact(ctx, (tx) => findPerson(tx, { id: personId })))?.status).toBe('SUSPENDED')
})

test.for(['factors', 'groups', 'apps'] as const)(
  '%s that Okta refuses are empty, and the rest is shown',
  async (part, { ctx }) => {
    await using okta = await openTestOkta()
    const { oktaUserId, personId } = await imported(ctx, okta)
    const path = part === 'apps' ? '/api/v1/apps' : `/api/v1/users/${oktaUserId}/${part}`
    await okta.fault('status', { status: 403, match: { path } })

    const state = await getOktaUserState(ctx, personId)

    for (const one of ['factors', 'groups', 'apps'] as const)
      expect(state[one].length > 0, one).toBe(one !== part)
  },
)

test('an Okta that is away, a user who is gone, and a connection that is over are told apart', async ({
  ctx,
  otherTenant,
}) => {
  await using okta = await openTestOkta()
  const { connection, oktaUserId, personId } = await imported(ctx, okta)
  await expect(getOktaUserState(otherTenant, personId)).rejects.toMatchObject({ code: 'not_found' })

  await okta.fault('cut-before-effect', { match: { path: '/api/v1/users' } })
  await expect(getOktaUserState(ctx, personId)).rejects.toMatchObject({ code: 'okta_unreachable' })
  await okta.control('DELETE', '/faults')

  await okta.control('POST', '/state', { op: 'remove-user', user: oktaUserId })
  await expect(getOktaUserState(ctx, personId)).rejects.toMatchObject({
    code: 'not_found',
    message: 'Okta no longer has Ada Kingsley.',
  })

  await deleteConnection(ctx, connection)
  await expect(getOktaUserState(ctx, personId)).rejects.toMatchObject({ code: 'not_ready' })
})

test('a status that nobody has heard of is shown as Okta writes it', () => {
  expect(statusHint({ id: '00u1', status: 'HIBERNATING', profile: {} })).toBe('Okta calls this HIBERNATING.')
})
