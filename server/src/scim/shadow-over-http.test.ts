/** A new Okta app in shadow mode, over the wire: what it is told there is what it is told afterwards. */
import { sql } from 'kysely'
import { expect } from 'vitest'
import { transact } from '#platform'
import { endShadow, getShadow, startShadow } from './shadow.ts'
import {
  type Body,
  type Client,
  create,
  createGroup,
  find,
  memberIds,
  oktaUser,
  patchOf,
  settingsOf,
  test,
} from './test-client.ts'

/** Everything of a workspace's members and roles, to the byte. */
function bytesOf({ ctx }: Client): Promise<string> {
  return transact(ctx, async (tx) => {
    const { rows } = await sql<{ text: string }>`
      select m::text as text from members m union all select r::text from roles r
      union all select g::text from member_roles g union all select t::text from member_tallies t
      order by 1`.execute(tx.db)
    return rows.map(({ text }) => text).join('\n')
  })
}

/** What a provider reads of everything, but for the times at which it was written. */
async function readAll(scim: Client): Promise<Body[]> {
  const read: Body[] = []
  for (const kind of ['Users', 'Groups']) {
    const { body } = await scim.send('GET', `/${kind}?startIndex=1&count=100`)
    for (const one of body.Resources) {
      const alone = await scim.send('GET', `/${kind}/${one.id}`)
      expect(alone.body).toEqual(one)
      expect(alone.headers['etag']).toBe(one.meta.version)
      const { created: _, lastModified: __, ...meta } = one.meta
      read.push({ ...one, meta })
    }
  }
  return read.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Assigns, updates, pushes, unassigns: what an Okta app does in its first days. */
async function firstDays(scim: Client, known: { ada: string; group: string }): Promise<void> {
  expect((await find(scim, 'Users', 'userName eq "eve.adams@acme.example"')).body.totalResults).toBe(0)
  const eve = await create(scim, 'eve.adams@acme.example')
  const finn = await create(scim, 'finn.berg@acme.example')
  expect((await scim.send('GET', `/Users/${eve.id}`)).body.userName).toBe('eve.adams@acme.example')
  expect((await find(scim, 'Users', 'userName eq "EVE.adams@acme.example"')).body.Resources).toHaveLength(1)
  const renamed = oktaUser('eve.baker@acme.example', { title: 'Lead', roles: [{ value: 'Agent' }] })
  expect((await scim.send('PUT', `/Users/${eve.id}`, renamed)).body).toMatchObject({ title: 'Lead' })
  expect((await scim.send('POST', '/Users', oktaUser('finn.berg@acme.example'))).status).toBe(409)

  const pushed = await createGroup(scim, 'On call', [eve.id, finn.id])
  await scim.send(
    'PATCH',
    `/Groups/${pushed.id}`,
    patchOf({ op: 'add', path: 'members', value: [{ value: known.ada }] }),
  )
  await scim.send(
    'PATCH',
    `/Groups/${pushed.id}`,
    patchOf({ op: 'remove', path: `members[value eq "${finn.id}"]` }),
  )
  expect(await memberIds(scim, pushed.id)).toEqual([known.ada, eve.id].sort())
  await scim.send(
    'PATCH',
    `/Groups/${known.group}`,
    patchOf({ op: 'replace', value: { displayName: 'Second line' } }),
  )
  const off = patchOf({ op: 'replace', value: { active: false } })
  expect((await scim.send('PATCH', `/Users/${known.ada}`, off)).body.active).toBe(false)
  await scim.send('DELETE', `/Users/${finn.id}`)
  expect((await scim.send('GET', `/Users/${finn.id}`)).status).toBe(404)
}

test('an app in shadow mode changes no byte, and goes live with the ids and answers it knows', async ({
  scim,
}) => {
  const ada = await create(scim, 'ada.kingsley@acme.example')
  await create(scim, 'ben.okafor@acme.example')
  const group = await createGroup(scim, 'First line', [ada.id])
  const known = { ada: ada.id, group: group.id }
  const before = await bytesOf(scim)
  const answers = await readAll(scim)

  await startShadow(scim.ctx, scim.serviceUserId)
  expect(await readAll(scim)).toEqual(answers)
  await firstDays(scim, known)
  expect(await bytesOf(scim)).toBe(before)
  const told = await readAll(scim)

  const diff = await getShadow(scim.ctx, scim.serviceUserId)
  expect(diff.members.map(({ name, change }) => [name, change])).toEqual([
    ['ada kingsley', 'deactivate'],
    ['eve baker', 'create'],
  ])
  expect(diff.roles.map(({ name, change }) => [name, change])).toEqual([
    ['Second line (was First line)', 'update'],
    ['On call', 'create'],
    ['Agent', 'members'],
  ])

  await endShadow(scim.ctx, scim.serviceUserId, true)

  expect(await readAll(scim)).toEqual(told)
})

test('an app that goes live without what it did finds the workspace as it was', async ({ scim }) => {
  const ada = await create(scim, 'ada.kingsley@acme.example')
  const group = await createGroup(scim, 'First line', [ada.id])
  const before = await readAll(scim)
  await startShadow(scim.ctx, scim.serviceUserId)
  await firstDays(scim, { ada: ada.id, group: group.id })

  await endShadow(scim.ctx, scim.serviceUserId, false)

  expect(await readAll(scim)).toEqual(before)
})

test('the brake lets everything pass in shadow mode, and holds the same calls afterwards', async ({
  scim,
}) => {
  await settingsOf(scim.ctx, scim.serviceUserId, {})
  const users: Body[] = []
  for (let at = 0; at < 6; at++) users.push(await create(scim, `user.${at}@acme.example`))
  const off = patchOf({ op: 'replace', value: { active: false } })
  const deactivateAll = async () => {
    const statuses = []
    for (const { id } of users) statuses.push((await scim.send('PATCH', `/Users/${id}`, off)).status)
    return statuses
  }

  await startShadow(scim.ctx, scim.serviceUserId)
  expect(await deactivateAll()).toEqual([200, 200, 200, 200, 200, 200])
  await endShadow(scim.ctx, scim.serviceUserId, false)

  expect(await deactivateAll()).toEqual([200, 200, 200, 403, 403, 403])
})
