import { expect, vi } from 'vitest'
import { createOauthClient, createToken, listRoles, listServiceUsers } from '#accounts'
import { type Context, listEvents, sentenceOf, transact } from '#platform'
import { connect, create, createGroup, invite, oktaUser, rolesOf, rowOf } from './test-client.ts'
import { deskOf, test } from './test-desk.ts'

const ABSENT = `svc_${'0'.repeat(26)}`

async function roleId(ctx: Context, name: string): Promise<string> {
  const role = (await listRoles(ctx)).find((one) => one.name === name)
  if (!role) throw new Error(`There is no role ${name}.`)
  return role.id
}

async function lastSentence(ctx: Context, subject: string): Promise<string | undefined> {
  const [event] = await listEvents(ctx, { subject, limit: 1 })
  return event && sentenceOf(event)
}

test('a new connection waits for its credential, and then for its first call', async ({ ctx, desk }) => {
  const auditor = await roleId(ctx, 'Auditor')
  const made = await desk.call('POST', '/scim-connections', { name: 'Okta', defaultRoleId: auditor })

  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    name: 'Okta',
    mode: 'live',
    defaultRoleId: auditor,
    settings: { client: 'auto', severalGroups: 'union', brake: { people: 50 } },
    client: { key: 'generic', confidence: 'none' },
    health: { state: 'no_credential', calls: 0, lastCallAt: null },
    tokens: [],
    counts: { members: 0, active: 0, roles: 0, held: 0 },
  })
  expect(made.body.baseUrl).toMatch(/^http:\/\/localhost:3000\/scim\/v2\/test-\d+$/)
  expect(await lastSentence(ctx, made.body.id)).toBe('Desk created the SCIM connection Okta')

  await createToken(ctx, made.body.id, null)
  const equipped = await desk.call('GET', `/scim-connections/${made.body.id}`)
  expect(equipped.body).toMatchObject({ health: { state: 'waiting' }, tokens: [{ use: 'bearer' }] })
})

test('a connection shows who calls, how much, and whom it manages', async ({ desk, scim }) => {
  const agent = { 'user-agent': 'Okta SCIM Client 1.0.0' }
  const { body: ada } = await scim.send('POST', '/Users', oktaUser('ada.kingsley@acme.example'), agent)
  await create(scim, 'ben.okafor@acme.example', { active: false })
  await createGroup(scim, 'IT', [ada.id])
  await scim.send('GET', '/Users/nobody', undefined, agent)

  const { body } = await desk.call('GET', '/scim-connections')

  expect(body.items).toHaveLength(1)
  expect(body.items[0]).toMatchObject({
    id: scim.serviceUserId,
    client: { key: 'okta-aiw', confidence: 'likely', because: expect.stringContaining('Okta') },
    health: { state: 'ok', calls: 4, failures: 1, sentence: 'Last call just now.' },
    counts: { members: 2, active: 1, roles: 1, held: 0 },
  })
})

test('a chosen client is believed', async ({ desk }) => {
  const { body } = await desk.call('POST', '/scim-connections', { name: 'HR', client: 'onelogin' })

  expect(body.client).toMatchObject({ key: 'onelogin', name: 'OneLogin', confidence: 'chosen' })
})

test.for([
  [{ client: 'keycloak' }, /There is no client keycloak\. Choose one of: auto, okta-aiw/],
  [
    { allowedNetworks: ['192.0.2.0/24', '10.0.0.0/33'] },
    /10\.0\.0\.0\/33 is neither an address nor a network/,
  ],
  [{ allowedNetworks: ['acme.example'] }, /acme\.example is neither/],
  [{ requestsPerMinute: 1 }, /requestsPerMinute/],
  [{ brake: { people: 1 } }, /brake/],
  [{ roleIds: ['owner'] }, /Owner can never be given/],
  [{ roleIds: ['agent'] }, /default role is not among the roles/],
] as const)('settings %j are refused', async ([given, reason], { ctx, desk, scim }) => {
  const named = { owner: await roleId(ctx, 'Owner'), agent: await roleId(ctx, 'Agent') } as const
  const roleIds = 'roleIds' in given ? given.roleIds.map((name) => named[name]) : null
  const input = {
    name: 'Okta',
    defaultRoleId: await roleId(ctx, 'Auditor'),
    settings: { ...given, roleIds },
  }
  const { status, body } = await desk.call('PUT', `/scim-connections/${scim.serviceUserId}`, input)

  expect(status).toBe(400)
  expect(body.detail).toMatch(reason)
})

test('Owner is no default, and a role of nowhere is none', async ({ ctx, desk, otherTenant }) => {
  const owner = await roleId(ctx, 'Owner')
  const elsewhere = await roleId(otherTenant, 'Agent')
  const make = (defaultRoleId: string) => desk.call('POST', '/scim-connections', { name: 'x', defaultRoleId })

  expect((await make(owner)).status).toBe(400)
  expect((await make(elsewhere)).status).toBe(404)
})

test('what was changed is told in words, and nothing when nothing was', async ({ ctx, desk, scim }) => {
  const path = `/scim-connections/${scim.serviceUserId}`
  const { body: before } = await desk.call('GET', path)
  const same = { name: before.name, defaultRoleId: before.defaultRoleId, settings: before.settings }
  const events = async () => (await listEvents(ctx, { subject: scim.serviceUserId, limit: 50 })).length
  const count = await events()
  await desk.call('PUT', path, same)
  expect(await events()).toBe(count)

  const settings = {
    ...before.settings,
    client: 'entra',
    requestsPerMinute: 100,
    allowedNetworks: ['192.0.2.0/24'],
    unknownMembers: 'skip',
    brake: { minutes: 30, people: 5, share: 0.5 },
  }
  const changed = await desk.call('PUT', path, {
    name: 'Entra',
    defaultRoleId: await roleId(ctx, 'Agent'),
    settings,
  })

  expect(changed.body).toMatchObject({ name: 'Entra', settings, client: { key: 'entra' } })
  expect(await lastSentence(ctx, scim.serviceUserId)).toBe(
    'Desk changed the SCIM connection Entra: name from Okta to Entra; default role from Auditor to Agent; ' +
      'client from found by its traffic to Microsoft Entra ID; networks that may call from all to 192.0.2.0/24; ' +
      'calls per minute from 6000 to 100; group members who are no users here from refused to skipped; ' +
      'the safety brake from 1000000 people or 100 % in 60 min to 5 people or 50 % in 30 min',
  )
})

test('another default role, and another rule for several groups, reach everybody at once', async ({
  ctx,
  desk,
  scim,
}) => {
  const ada = await create(scim, 'ada.kingsley@acme.example')
  const ben = await create(scim, 'ben.okafor@acme.example')
  for (const name of ['Admin', 'Agent']) {
    const { body } = await scim.send(
      'GET',
      `/Groups?filter=${encodeURIComponent(`displayName eq "${name}"`)}`,
    )
    await scim.send('PATCH', `/Groups/${body.Resources[0].id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'add', path: 'members', value: [{ value: ben.id }] }],
    })
  }
  const path = `/scim-connections/${scim.serviceUserId}`
  const { body: before } = await desk.call('GET', path)
  const settings = { ...before.settings, severalGroups: 'highest' }
  await desk.call('PUT', path, { name: 'Okta', defaultRoleId: await roleId(ctx, 'Agent'), settings })

  expect(await rolesOf(ctx, ada.id)).toEqual(['Agent (scim_default)'])
  const { body } = await desk.call('GET', `/members/${ben.id}/access`)
  const told = Object.fromEntries(
    body.roles.map((role: { name: string; sentence: string }) => [role.name, role.sentence]),
  )
  expect(told['Admin']).toMatch(
    /^Admin, because the pushed group Admin has ben okafor as a member, since .* \(Okta\)\.$/,
  )
  expect(told['Agent']).toMatch(/ It does not count, because of several only the highest counts: Admin\.$/)
})

test('a removed connection lets nobody in from the moment it is answered; its members stay', async ({
  ctx,
  desk,
  scim,
  eventsOf,
}) => {
  const ada = await create(scim, 'ada.kingsley@acme.example')
  await createOauthClient(ctx, scim.serviceUserId, { redirectUris: [], confidential: true })
  const path = `/scim-connections/${scim.serviceUserId}`
  const removed = await desk.call('DELETE', path)

  expect(removed.status).toBe(200)
  expect((await scim.send('GET', '/Users')).status).toBe(401)
  expect((await desk.call('GET', path)).status).toBe(404)
  expect((await desk.call('GET', '/scim-connections')).body.items).toEqual([])
  expect((await desk.call('DELETE', path)).status).toBe(404)
  const live = await transact(ctx, (tx) =>
    tx.db
      .selectFrom('tokens')
      .select('id')
      .where('serviceUserId', '=', scim.serviceUserId)
      .where('revokedAt', 'is', null)
      .execute(),
  )
  expect(live).toEqual([])
  await expect(createToken(ctx, scim.serviceUserId, null)).rejects.toMatchObject({ code: 'not_found' })
  expect((await listServiceUsers(ctx)).map(({ name }) => name)).not.toContain('Okta')
  expect(await rowOf(ctx, ada.id)).toMatchObject({ active: true, source: 'scim' })
  expect(await eventsOf(scim.serviceUserId)).toContain('scim.connection_removed')
  expect(await lastSentence(ctx, scim.serviceUserId)).toMatch(
    /2 credentials ended at once, its members stay$/,
  )
})

test('a token that has expired is told of in the health of its connection', async ({ ctx, desk, scim }) => {
  await scim.send('GET', '/Users?count=1')
  await transact(ctx, (tx) =>
    tx.db
      .updateTable('tokens')
      .set({ expiresAt: new Date(0) })
      .where('serviceUserId', '=', scim.serviceUserId)
      .execute(),
  )
  const next = await createToken(ctx, scim.serviceUserId, null)
  for (let n = 0; n < 5; n++) await scim.send('GET', '/Users?count=1')
  const health = async () => (await desk.call('GET', `/scim-connections/${scim.serviceUserId}`)).body.health

  expect(await health()).toMatchObject({
    state: 'failing',
    sentence: 'The last 5 calls were refused: the token has expired.',
  })
  await scim.send('GET', '/Users?count=1', undefined, { authorization: `Bearer ${next.token}` })
  expect(await health()).toMatchObject({ state: 'ok' })
})

test('a widened connection cannot be had from somebody who may not do what it could', async ({
  app,
  ctx,
  desk,
  scim,
}) => {
  await desk.call('GET', '/scim-connections')
  const admin = await deskOf(app, ctx, ['tokens.manage'])
  const path = `/scim-connections/${scim.serviceUserId}`
  const { body: before } = await desk.call('GET', path)
  const input = {
    name: 'Okta',
    defaultRoleId: before.defaultRoleId,
    settings: { ...before.settings, strict: true },
  }

  expect(await admin.call('PUT', path, input)).toMatchObject({ status: 403 })
})

test('the endpoints of connections need their permissions', async ({ app, ctx, scim }) => {
  const agent = await deskOf(app, ctx, ['requests.read', 'audit.read'])
  const path = `/scim-connections/${scim.serviceUserId}`
  const memberId = await invite(ctx, 'ada@acme.example', 'Agent')
  const settings = {}
  const calls = [
    agent.call('GET', '/scim-connections'),
    agent.call('POST', '/scim-connections', { name: 'x' }),
    agent.call('GET', path),
    agent.call('PUT', path, { name: 'x', defaultRoleId: null, settings }),
    agent.call('DELETE', path),
    agent.call('GET', `${path}/calls`),
    agent.call('GET', `${path}/holds`),
    agent.call('GET', '/scim-schemas'),
    agent.call('GET', `/members/${memberId}/access`),
    agent.call('GET', `/members/${memberId}/history`),
  ]

  for (const { status, body } of await Promise.all(calls)) {
    expect(status).toBe(403)
    expect(body.facts.permission).toMatch(/^(?:tokens|members)\.manage$/)
  }
})

test("another workspace's connection is not there", async ({ app, desk, otherTenant, scim }) => {
  const foreign = await deskOf(app, otherTenant)
  const { body: before } = await desk.call('GET', `/scim-connections/${scim.serviceUserId}`)
  await scim.send('GET', '/Users')
  const path = `/scim-connections/${scim.serviceUserId}`
  const { name, defaultRoleId, settings } = before

  expect((await foreign.call('GET', path)).status).toBe(404)
  expect((await foreign.call('PUT', path, { name, defaultRoleId, settings })).status).toBe(404)
  expect((await foreign.call('DELETE', path)).status).toBe(404)
  expect((await foreign.call('GET', `${path}/calls`)).status).toBe(404)
  expect((await foreign.call('GET', '/scim-connections')).body.items).toEqual([])
  expect((await desk.call('GET', `/scim-connections/${ABSENT}`)).status).toBe(404)
  expect((await desk.call('GET', path)).status).toBe(200)
})

test('a connection that begins in shadow mode changes nothing, and is removed with its copy', async ({
  ctx,
  desk,
  app,
  platform,
}) => {
  const { body } = await desk.call('POST', '/scim-connections', { name: 'New', shadow: true })
  expect(body).toMatchObject({ mode: 'shadow', shadowSince: expect.any(String) })
  const { token } = await createToken(ctx, body.id, null)
  const { send } = await connect(app, ctx)
  const headers = { authorization: `Bearer ${token}` }
  expect((await send('POST', '/Users', oktaUser('ada.kingsley@acme.example'), headers)).status).toBe(201)

  const { body: calls } = await desk.call('GET', `/scim-connections/${body.id}/calls`)
  expect(calls.items[0]).toMatchObject({ shadow: true, explanation: expect.stringContaining('shadow copy') })
  const shadows = () =>
    platform.db.selectFrom('tenants').select('id').where('shadowOf', '=', ctx.tenantId).execute()
  expect(await shadows()).toHaveLength(1)
  await desk.call('DELETE', `/scim-connections/${body.id}`)
  expect(await shadows()).toEqual([])
})

test('a call is on the log of its connection a moment later, without being asked to be', async ({
  ctx,
  scim,
}) => {
  await scim.send('GET', '/Users?count=1')

  await vi.waitUntil(
    () =>
      transact(ctx, async (tx) => (await tx.db.selectFrom('scimCalls').select('id').execute()).length === 1),
    { timeout: 5000, interval: 20 },
  )
})
