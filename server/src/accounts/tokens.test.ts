import { expect } from 'vitest'
import { type Context, listEvents, type Platform, type Tx, transact } from '#platform'
import { test } from '../../test/tenant.ts'
import { PERMISSIONS } from './contract.ts'
import { readCredential } from './credentials.ts'
import { warnOfExpiry } from './expiry.ts'
import { inviteMember } from './members.ts'
import { createOauthClient } from './oauth-clients.ts'
import { recogniseProgram } from './programs.ts'
import { createRole, listRoles } from './roles.ts'
import {
  createBasicCredential,
  createServiceUser,
  createToken,
  listServiceUsers,
  revokeToken,
} from './tokens.ts'

const DAY_MS = 86_400_000

function connection(ctx: Context, kind: 'api' | 'scim' = 'scim') {
  return createServiceUser(ctx, { name: 'Okta', kind, permissions: [], defaultRoleId: null })
}

function asAdmin(ctx: Context): Context {
  const permissions = new Set(Object.keys(PERMISSIONS).filter((permission) => permission !== 'roles.manage'))
  return { ...ctx, principal: { sessionId: null, memberId: null, personId: null, permissions } }
}

async function stateOf(platform: Platform, token: string): Promise<string | undefined> {
  const credential = readCredential(token)
  return credential && (await recogniseProgram(platform, credential))?.program.state
}

test('a connection has two live tokens and two live passwords at most', async ({ ctx }) => {
  const { id } = await connection(ctx)
  const first = await createToken(ctx, id, null)
  await createToken(ctx, id, null, first.details.id)
  await createBasicCredential(ctx, id, null)
  await createBasicCredential(ctx, id, null)

  await expect(createToken(ctx, id, null)).rejects.toMatchObject({ code: 'conflict' })
  await expect(createBasicCredential(ctx, id, null)).rejects.toMatchObject({ code: 'conflict' })
  await revokeToken(ctx, first.details.id)
  await createToken(ctx, id, null)

  const tokens = (await listServiceUsers(ctx))[0]?.tokens ?? []
  expect(
    tokens
      .filter((token) => token.revokedAt === null)
      .map(({ use }) => use)
      .toSorted(),
  ).toEqual(['basic', 'basic', 'bearer', 'bearer'])
})

test('of many that are made at once, two live', async ({ ctx }) => {
  const { id } = await connection(ctx)

  const made = await Promise.allSettled(Array.from({ length: 6 }, () => createToken(ctx, id, null)))

  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
})

test('a token takes over from a live one of the same connection and the same use only', async ({ ctx }) => {
  const { id } = await connection(ctx)
  const other = await connection(ctx)
  const gone = await createToken(ctx, id, null)
  await revokeToken(ctx, gone.details.id)
  const password = await createBasicCredential(ctx, id, null)
  const foreign = await createToken(ctx, other.id, null)

  for (const replaced of [gone.details.id, password.details.id, foreign.details.id])
    await expect(createToken(ctx, id, null, replaced)).rejects.toMatchObject({ code: 'invalid_input' })
})

test('passwords and OAuth clients are for SCIM connections', async ({ ctx }) => {
  const { id } = await connection(ctx, 'api')

  const acts = [
    createBasicCredential(ctx, id, null),
    createOauthClient(ctx, id, { redirectUris: [], confidential: true }),
  ]
  for (const result of await Promise.allSettled(acts))
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'invalid_input' } })
})

test('nobody gets powers by a connection that can give them', async ({ ctx }) => {
  const { id } = await connection(ctx)
  const admin = asAdmin(ctx)
  await createToken(admin, id, null)

  const role = await createRole(ctx, { name: 'Keeper', description: '', permissions: ['roles.manage'] })
  const acts = () => [
    createToken(admin, id, null),
    createBasicCredential(admin, id, null),
    createOauthClient(admin, id, { redirectUris: [], confidential: true }),
  ]
  for (const result of await Promise.allSettled(acts()))
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'forbidden' } })

  const without = (await listRoles(ctx)).filter((one) => one.id !== role.id).map((one) => one.id)
  await transact(ctx, (tx) =>
    tx.db
      .updateTable('serviceUsers')
      .set({ scim: JSON.stringify({ roleIds: without }) })
      .where('id', '=', id)
      .execute(),
  )
  // A list that names Owner gives no Owner.
  for (const result of await Promise.allSettled(acts())) expect(result).toMatchObject({ status: 'fulfilled' })
})

test('no secret is stored, and what is stored opens nothing', async ({ ctx, platform }) => {
  const { id } = await connection(ctx)
  const { token } = await createToken(ctx, id, null)
  const { password } = await createBasicCredential(ctx, id, null)
  const { clientSecret } = await createOauthClient(ctx, id, { redirectUris: [], confidential: true })
  const secrets = [readCredential(token)?.secret ?? '', password, clientSecret ?? '']

  const rows = await transact(ctx, async (tx) => [
    ...(await tx.db.selectFrom('tokens').selectAll().execute()),
    ...(await tx.db.selectFrom('oauthClients').selectAll().execute()),
  ])
  const stored = [...rows.flatMap((row) => Object.values(row)), ...(await listEvents(ctx, { limit: 50 }))]
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThanOrEqual(43)
    for (const value of stored) {
      const texts = Buffer.isBuffer(value)
        ? [
            value.toString('hex'),
            value.toString('base64'),
            value.toString('base64url'),
            value.toString('latin1'),
          ]
        : [JSON.stringify(value) ?? '']
      for (const text of texts) expect(text).not.toContain(secret)
    }
  }
  // The MAC as the secret, in every spelling that fits.
  for (const { mac } of rows) {
    const forged = token.replace(
      /_[\w-]{43}_[0-9a-f]{8}$/,
      `_${(mac ?? Buffer.alloc(32)).toString('base64url')}_00000000`,
    )
    expect(await stateOf(platform, forged)).toBeUndefined()
  }
})

test('owners are told 30, 7 and 1 day before a token ends, once each, and of nothing that ended', async ({
  ctx,
  platform,
  eventsOf,
}) => {
  const roles = await listRoles(ctx)
  for (const [email, role] of [
    ['owner@acme.example', 'Owner'],
    ['admin@acme.example', 'Admin'],
  ] as const) {
    const roleIds = roles.filter(({ name }) => name === role).map((one) => one.id)
    await inviteMember(ctx, { email, displayName: email, roleIds }, async () => {})
  }
  const { id } = await connection(ctx)
  const { details } = await createToken(ctx, id, 365)
  const revoked = await createToken(ctx, id, 1)
  await revokeToken(ctx, revoked.details.id)

  const mails: { to: string; subject: string; text: string }[] = []
  const tell = async (_: Tx, mail: (typeof mails)[number]) => void mails.push(mail)
  const sweep = () => warnOfExpiry(platform, ctx.tenantId, tell)
  const endsIn = (days: number) =>
    transact(ctx, (tx) =>
      tx.db
        .updateTable('tokens')
        .set({
          expiresAt: new Date(Date.now() + days * DAY_MS),
          createdAt: new Date(Date.now() - 300 * DAY_MS),
        })
        .where('id', '=', details.id)
        .execute(),
    )

  expect(await sweep()).toBe(0)
  for (const [days, told] of [
    [31, 0],
    [29.5, 1],
    [8, 0],
    [6.9, 1],
    [2, 0],
    [0.9, 1],
    [-1, 0],
  ] as const) {
    await endsIn(days)
    // Two processes look at the same moment, and one of them again.
    const sums = await Promise.all([sweep(), sweep()])
    expect([days, sums.reduce((a, b) => a + b, 0), await sweep()]).toEqual([days, told, 0])
  }

  expect(mails.map(({ to }) => to)).toEqual(Array(3).fill('owner@acme.example'))
  expect(mails[0]?.text).toContain(details.hint)
  expect((await eventsOf(details.id)).filter((type) => type === 'token.expiring')).toHaveLength(3)
})

test('a token that was forgotten to its last day is told of once', async ({ ctx, platform }) => {
  const { id } = await connection(ctx)
  await createToken(ctx, id, 1)
  const sweep = () => warnOfExpiry(platform, ctx.tenantId, async () => {})

  expect([await sweep(), await sweep()]).toEqual([1, 0])
})
