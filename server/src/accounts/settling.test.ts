/** Which roles a connection can give, and which a member of it has, whoever changes what. */
import { expect } from 'vitest'
import { BRAKE_OFF } from '#accounts'
import { type Context, listEvents, sentenceOf, transact } from '#platform'
import {
  type Body,
  type Client,
  connect,
  create,
  createGroup,
  find,
  invite,
  patchOf,
  rolesOf,
  settingsOf,
  test,
} from '../scim/test-client.ts'
import { deskOf, test as deskTest } from '../scim/test-desk.ts'
import { PERMISSIONS, type Permission } from './contract.ts'
import { listEffectivePermissions } from './members.store.ts'
import { setBreakGlass, setMemberRoles } from './members.ts'
import { createRole, listRoles, updateRole } from './roles.ts'
import { createToken } from './tokens.ts'

const ALL = Object.keys(PERMISSIONS) as Permission[]

async function roleId(ctx: Context, name: string): Promise<string> {
  const role = (await listRoles(ctx)).find((one) => one.name === name)
  if (!role) throw new Error(`There is no role ${name}.`)
  return role.id
}

/** Somebody with what a role allows, and tokens. */
async function as(ctx: Context, name: string): Promise<Context> {
  const role = (await listRoles(ctx)).find((one) => one.name === name)
  const permissions = new Set([...(role?.permissions ?? []), 'tokens.manage'])
  return { ...ctx, principal: { sessionId: null, memberId: null, personId: null, permissions } }
}

async function allow(ctx: Context, id: string, permissions: Permission[]): Promise<void> {
  const role = (await listRoles(ctx)).find((one) => one.id === id)
  await updateRole(ctx, id, { name: role?.name ?? '', description: '', permissions })
}

async function allowedTo(ctx: Context, memberId: string): Promise<string[]> {
  const allowed = await transact(ctx, (tx) => listEffectivePermissions(tx, [memberId]))
  return [...new Set(allowed.get(memberId))].sort()
}

async function setMembers(scim: Client, groupId: string, ...ids: string[]): Promise<void> {
  const value = ids.map((id) => ({ value: id }))
  const { status } = await scim.send(
    'PATCH',
    `/Groups/${groupId}`,
    patchOf({ op: 'replace', path: 'members', value }),
  )
  expect(status).toBe(204)
}

const brake = BRAKE_OFF

test('a role that a connection made counts to what its credential can reach', async ({ ctx, scim }) => {
  await settingsOf(ctx, scim.serviceUserId, { brake, roleIds: [await roleId(ctx, 'Auditor')] })
  const { id } = await createGroup(scim, 'Engineers')
  await allow(ctx, id, ALL)

  await expect(createToken(await as(ctx, 'Auditor'), scim.serviceUserId, 1)).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('the role Engineers'),
  })
  // It is what SCIM lets the connection give.
  const ada = await create(scim, 'ada@acme.example')
  await setMembers(scim, id, ada.id)
  expect(await allowedTo(ctx, ada.id)).toEqual([...ALL].sort())
})

test('a role that another connection made does not count', async ({ app, ctx, scim }) => {
  const other = await connect(app, ctx)
  const { id } = await createGroup(other, 'Engineers')
  await allow(ctx, id, ALL)
  await settingsOf(ctx, scim.serviceUserId, { brake, roleIds: [await roleId(ctx, 'Auditor')] })

  await createToken(await as(ctx, 'Auditor'), scim.serviceUserId, 1)
  expect(await scim.send('GET', `/Groups/${id}`)).toMatchObject({ status: 404 })
})

test.for([
  { chosen: 'Admin', clerk: 'Agent' },
  { chosen: null, clerk: 'nobody' },
])(
  'the default role $chosen counts, whatever else may be given',
  async ({ chosen, clerk }, { ctx, scim }) => {
    const defaultRoleId = chosen && (await roleId(ctx, chosen))
    await transact(ctx, (tx) =>
      tx.db.updateTable('serviceUsers').set({ defaultRoleId }).where('id', '=', scim.serviceUserId).execute(),
    )
    await settingsOf(ctx, scim.serviceUserId, { brake, roleIds: [] })

    await expect(createToken(await as(ctx, clerk), scim.serviceUserId, 1)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining(`the role ${chosen ?? 'Auditor'}`),
    })
    await createToken(await as(ctx, chosen ?? 'Auditor'), scim.serviceUserId, 1)
  },
)

deskTest('a default role outside of the roles of a connection is not saved', async ({ ctx, desk, scim }) => {
  const defaultRoleId = await roleId(ctx, 'Admin')
  const settings = { roleIds: [await roleId(ctx, 'Auditor')] }
  const saved = await desk.call('PUT', `/scim-connections/${scim.serviceUserId}`, {
    name: 'Okta',
    defaultRoleId,
    settings,
  })

  expect(saved).toMatchObject({ status: 400 })
  expect(saved.body.detail).toContain('The default role is not among the roles')
})

deskTest('nobody saves a connection whose default role is above him', async ({ app, ctx, scim }) => {
  const made = (await listRoles(ctx)).find(({ name }) => name === 'Agent')
  const desk = await deskOf(app, ctx, ['tokens.manage'])
  await transact(ctx, (tx) =>
    tx.db
      .updateTable('serviceUsers')
      .set({ defaultRoleId: made?.id ?? null })
      .where('id', '=', scim.serviceUserId)
      .execute(),
  )

  const saved = await desk.call('PUT', `/scim-connections/${scim.serviceUserId}`, {
    name: 'Okta',
    defaultRoleId: null,
    settings: { roleIds: [] },
  })

  expect(saved).toMatchObject({ status: 403 })
  expect(saved.body.detail).toContain('the role Auditor')
})

test('who loses the last role given by hand has the default again', async ({ ctx, scim }) => {
  const ada = await create(scim, 'ada@acme.example')
  const group = await createGroup(scim, 'Engineers')
  await setMemberRoles(ctx, ada.id, [await roleId(ctx, 'Agent')])
  expect(await rolesOf(ctx, ada.id)).toEqual(['Agent (manual)'])
  await setMembers(scim, group.id, ada.id)
  await setMembers(scim, group.id)
  expect(await rolesOf(ctx, ada.id)).toEqual(['Agent (manual)'])

  await setMemberRoles(ctx, ada.id, [])

  expect(await rolesOf(ctx, ada.id)).toEqual(['Auditor (scim_default)'])
})

test('a member of no connection can be left without a role', async ({ ctx }) => {
  const noor = await invite(ctx, 'noor@acme.example', 'Agent')

  await setMemberRoles(ctx, noor, [])

  expect(await rolesOf(ctx, noor)).toEqual([])
})

test('the highest role is another one as soon as a role allows more', async ({ ctx, scim }) => {
  await settingsOf(ctx, scim.serviceUserId, { brake, severalGroups: 'highest' })
  const ada = await create(scim, 'ada@acme.example')
  const noor = await invite(ctx, 'noor@acme.example', 'nothing')
  const [low, high] = [await createGroup(scim, 'Low'), await createGroup(scim, 'High')]
  await allow(ctx, low.id, ['requests.read'])
  await allow(ctx, high.id, ['requests.read', 'members.manage'])
  for (const { id } of [low, high]) await setMembers(scim, id, ada.id, noor)
  expect(await allowedTo(ctx, ada.id)).toEqual(['members.manage', 'requests.read'])

  await allow(ctx, high.id, [])
  for (const id of [ada.id, noor]) expect(await allowedTo(ctx, id)).toEqual(['requests.read'])
  await allow(ctx, high.id, ['roles.manage', 'members.manage'])
  for (const id of [ada.id, noor])
    expect(await allowedTo(ctx, id)).toEqual(['members.manage', 'roles.manage'])
})

test('a role that somebody made is neither deleted nor renamed by its group', async ({ ctx, scim }) => {
  const permissions: Permission[] = ['requests.read']
  const role = await createRole(ctx, { name: 'Leads', description: '', permissions })
  const ada = await create(scim, 'ada@acme.example')
  const put = await scim.send('PUT', `/Groups/${role.id}`, {
    displayName: 'Okta Leads',
    members: [{ value: ada.id }],
  })
  expect(put).toMatchObject({ status: 200, body: { displayName: 'Leads', members: [{ value: ada.id }] } })

  expect(await scim.send('DELETE', `/Groups/${role.id}`)).toMatchObject({ status: 204 })

  expect((await listRoles(ctx)).find(({ id }) => id === role.id)).toMatchObject({
    name: 'Leads',
    permissions,
  })
  expect(await rolesOf(ctx, ada.id)).toEqual(['Auditor (scim_default)'])
})

test('a role that a group made is renamed and deleted by it', async ({ ctx, scim }) => {
  const { id } = await createGroup(scim, 'Engineers')
  const put = await scim.send('PUT', `/Groups/${id}`, { displayName: 'Builders' })
  expect(put).toMatchObject({ status: 200, body: { displayName: 'Builders' } })

  await scim.send('DELETE', `/Groups/${id}`)

  expect((await listRoles(ctx)).map((role) => role.id)).not.toContain(id)
})

/** Ada in a group and with a role of her own, by SCIM. */
async function adaWithRoles(scim: Client): Promise<{ ada: Body; group: Body }> {
  const ada = await create(scim, 'ada@acme.example', { roles: [{ value: 'Agent' }] })
  return { ada, group: await createGroup(scim, 'Engineers', [ada.id]) }
}

async function showsHerAgain(
  ctx: Context,
  scim: Client,
  hide: (id: string) => Promise<unknown>,
  show: (id: string) => Promise<unknown>,
): Promise<void> {
  const { ada, group } = await adaWithRoles(scim)
  await hide(ada.id)
  const { headers } = await scim.send('GET', `/Groups/${group.id}`)
  await setMembers(scim, group.id)
  expect(await rolesOf(ctx, ada.id)).toContain('Engineers (scim_group)')

  await show(ada.id)

  expect(await rolesOf(ctx, ada.id)).toEqual(['Auditor (scim_default)'])
  const [event] = await listEvents(ctx, { subject: ada.id, type: 'member.pushed_roles_dropped', limit: 5 })
  expect(event && sentenceOf(event)).toBe(
    'The identity provider can see ada  again, so what it gave before was dropped until it says so anew: Agent, Engineers',
  )
  // A provider that asks whether anything changed must hear that it has.
  expect((await scim.send('GET', `/Groups/${group.id}`)).headers['etag']).not.toBe(headers['etag'])

  const { body } = await scim.send('GET', `/Users/${ada.id}`)
  expect(body).not.toHaveProperty('roles')
  await scim.send('PUT', `/Users/${ada.id}`, { ...body, roles: [{ value: 'Agent' }] })
  await setMembers(scim, group.id, ada.id)
  expect(await rolesOf(ctx, ada.id)).toEqual(['Agent (scim_role)', 'Engineers (scim_group)'])
}

test('who is no break-glass account any more holds nothing that a provider took meanwhile', ({ ctx, scim }) =>
  showsHerAgain(
    ctx,
    scim,
    (id) => setBreakGlass(ctx, id, true),
    (id) => setBreakGlass(ctx, id, false),
  ))

test('who is no owner any more holds nothing that a provider took meanwhile', async ({ ctx, scim }) => {
  const owner = await roleId(ctx, 'Owner')
  await invite(ctx, 'root@acme.example', 'Owner')
  await showsHerAgain(
    ctx,
    scim,
    (id) => setMemberRoles(ctx, id, [owner]),
    (id) => setMemberRoles(ctx, id, []),
  )
})

test('who stays hidden keeps everything until he is seen', async ({ ctx, scim }) => {
  const owner = await roleId(ctx, 'Owner')
  await invite(ctx, 'root@acme.example', 'Owner')
  const { ada } = await adaWithRoles(scim)
  await setBreakGlass(ctx, ada.id, true)
  await setMemberRoles(ctx, ada.id, [owner])
  const held = ['Agent (scim_role)', 'Engineers (scim_group)']

  await setBreakGlass(ctx, ada.id, false)
  expect(await rolesOf(ctx, ada.id)).toEqual([...held, 'Owner (manual)'])
  await setBreakGlass(ctx, ada.id, true)
  await setMemberRoles(ctx, ada.id, [])
  expect(await rolesOf(ctx, ada.id)).toEqual(held)

  await setBreakGlass(ctx, ada.id, false)
  expect(await rolesOf(ctx, ada.id)).toEqual(['Auditor (scim_default)'])
  expect((await find(scim, 'Users', 'userName eq "ada@acme.example"')).body.totalResults).toBe(1)
})
