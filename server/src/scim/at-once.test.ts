/** Calls that meet: in one batch, on one lock, before one decision. */
import { sql } from 'kysely'
import { expect } from 'vitest'
import { BRAKE_OFF, listRoles } from '#accounts'
import { inBatches, type Lane, transact } from '#platform'
import { setBreakGlass, setMemberRoles } from '../accounts/members.ts'
import {
  type Body,
  type Client,
  create,
  createGroup,
  find,
  memberIds,
  oktaUser,
  patchOf,
  rolesOf,
  rowOf,
  settingsOf,
  test,
} from './test-client.ts'

const off = patchOf({ op: 'replace', value: { active: false } })
const memberUrn = 'urn:keydesk:params:scim:schemas:extension:member:2.0:User'

const add = (...ids: string[]) =>
  patchOf({ op: 'add', path: 'members', value: ids.map((value) => ({ value })) })
const remove = (id: string) => patchOf({ op: 'remove', path: `members[value eq "${id}"]` })

async function people(scim: Client, count: number): Promise<string[]> {
  const made = await Promise.all(
    Array.from({ length: count }, (_, at) => create(scim, `u${at}@acme.example`)),
  )
  return made.map(({ id }) => id)
}

function holdsOf({ ctx }: Client): Promise<Body[]> {
  return transact(ctx, (tx) => tx.db.selectFrom('scimHolds').selectAll().orderBy('createdAt').execute())
}

test('a batch runs on the lane of what it does, also while others keep it going', async ({ platform }) => {
  const seen: [string, number][] = []
  let release = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const work = inBatches<Lane & { by: string }, number, number>({
    most: 2,
    atOnce: 1,
    run: async ({ by }, items) => {
      for (const item of items) seen.push([by, item])
      await gate
      return items
    },
  })
  const lane = (by: string) => ({ platform, tenantId: 'wsp_x', by })
  const first = [1, 2].map((item) => work(lane('first'), item))
  await expect.poll(() => seen.length).toBe(2)
  const later = [3, 4].map((item) => work(lane('later'), item))
  release()
  expect(await Promise.all([...first, ...later])).toEqual([1, 2, 3, 4])
  expect(seen).toEqual([
    ['first', 1],
    ['first', 2],
    ['later', 3],
    ['later', 4],
  ])
})

let names = 0

test('who became an owner or a break-glass account while we waited is out of reach', async ({
  scim,
  ctx,
}) => {
  const owner = (await listRoles(ctx)).find(({ name }) => name === 'Owner')?.id ?? ''
  for (const protect of [
    (id: string) => (tx: typeof ctx) => setMemberRoles(tx, id, [owner]),
    (id: string) => (tx: typeof ctx) => setBreakGlass(tx, id, true),
  ])
    for (const [method, body] of [
      ['DELETE', undefined],
      ['PATCH', off],
    ] as const) {
      const { id } = await create(scim, `u${++names}@acme.example`)
      const before = await rowOf(ctx, id)
      let reply: Promise<Body> | undefined
      await transact(ctx, async (tx) => {
        await protect(id)(tx)
        reply = scim.send(method, `/Users/${id}`, body)
        // It waits for the lock that this transaction holds.
        await expect
          .poll(async () => {
            const { rows } = await sql<{
              n: number
            }>`select count(*) as n from pg_locks where not granted`.execute(tx.db)
            return Number(rows[0]?.n)
          })
          .toBeGreaterThan(0)
      })
      expect((await reply)?.status).toBe(404)
      expect(await rowOf(ctx, id)).toMatchObject({ active: true, version: before.version })
    }
})

test('a user who is deleted while being added spoils it for nobody else', async ({ scim }) => {
  const group = await createGroup(scim, 'Team')
  for (let round = 0; round < 8; round++) {
    const ids = (
      await Promise.all([0, 1, 2, 3].map((at) => create(scim, `r${round}u${at}@acme.example`)))
    ).map(({ id }) => id)
    const [doomed = '', ...others] = ids
    const replies = await Promise.all([
      scim.send('DELETE', `/Users/${doomed}`),
      ...ids.map((id) => scim.send('PATCH', `/Groups/${group.id}`, add(id))),
    ])
    expect(replies[0]?.status).toBe(204)
    expect([204, 400]).toContain(replies[1]?.status)
    expect(replies.slice(2).map(({ status }) => status)).toEqual([204, 204, 204])
    expect(await memberIds(scim, group.id)).toEqual(expect.arrayContaining(others))
    expect(await memberIds(scim, group.id)).not.toContain(doomed)
  }
})

test('deactivating people and taking them out of their group at the same moment never fails', async ({
  scim,
  ctx,
}) => {
  const ids = await people(scim, 24)
  const group = await createGroup(scim, 'Team', ids)
  const replies = await Promise.all(
    ids.flatMap((id) => [
      scim.send('PATCH', `/Users/${id}`, off),
      scim.send('PATCH', `/Groups/${group.id}`, remove(id)),
    ]),
  )
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 204]))
  expect(await memberIds(scim, group.id).catch(() => [])).toEqual([])
  for (const id of ids) expect(await rowOf(ctx, id)).toMatchObject({ active: false })
})

test('one call that is refused leaves the others of its batch alone', async ({ scim }) => {
  const bodies = Array.from({ length: 20 }, (_, at) =>
    oktaUser(`u${at}@acme.example`, at % 5 === 2 ? { roles: [{ value: 'no such role' }] } : {}),
  )
  const replies = await Promise.all(bodies.map((body) => scim.send('POST', '/Users', body)))
  expect(replies.map(({ status }) => status)).toEqual(bodies.map((_, at) => (at % 5 === 2 ? 400 : 201)))
  expect((await scim.send('GET', '/Users?count=0')).body.totalResults).toBe(16)
})

test('adding a role to those who have one by its id takes nothing from anybody', async ({ scim, ctx }) => {
  const picks = (await scim.send('GET', '/Roles')).body.Resources
  const picked = (name: string) => picks.find((one: Body) => one.displayName === name).id
  const made = await Promise.all(
    [0, 1, 2, 3, 4, 5].map((at) =>
      create(scim, `u${at}@acme.example`, { roles: [{ value: picked('Agent') }] }),
    ),
  )
  await settingsOf(ctx, scim.serviceUserId, { brake: { minutes: 60, people: 3, share: 0.01 } })
  for (const { id } of made) {
    const both = patchOf({ op: 'add', path: 'roles', value: [{ value: picked('Auditor') }] })
    expect((await scim.send('PATCH', `/Users/${id}`, both)).status).toBe(200)
    expect(await rolesOf(ctx, id)).toEqual(['Agent (scim_role)', 'Auditor (scim_role)'])
  }
  const byName = patchOf({ op: 'replace', path: 'roles', value: [{ value: 'Agent' }, { value: 'Auditor' }] })
  for (const { id } of made) expect((await scim.send('PATCH', `/Users/${id}`, byName)).status).toBe(200)
  const statuses: number[] = []
  for (const { id } of made)
    statuses.push((await scim.send('PATCH', `/Users/${id}`, patchOf({ op: 'remove', path: 'roles' }))).status)
  expect(statuses).toEqual([200, 200, 200, 403, 403, 403])
})

test('the brake holds a lesser default role like any other loss', async ({ scim, ctx }) => {
  const made = await Promise.all(
    [0, 1, 2, 3, 4].map((at) =>
      create(scim, `u${at}@acme.example`, { [memberUrn]: { defaultRole: 'Admin' } }),
    ),
  )
  await settingsOf(ctx, scim.serviceUserId, { brake: { minutes: 60, people: 3, share: 0.01 } })
  const statuses: number[] = []
  for (const { id } of made) {
    const lesser = patchOf({ op: 'replace', path: `${memberUrn}:defaultRole`, value: 'Auditor' })
    statuses.push((await scim.send('PATCH', `/Users/${id}`, lesser)).status)
  }
  expect(statuses).toEqual([200, 200, 200, 403, 403])
  expect(await rolesOf(ctx, made[4]?.id)).toEqual(['Admin (scim_default)'])
})

test('what is held stays held until the provider says otherwise', async ({ scim, ctx }) => {
  const ids = await people(scim, 5)
  await settingsOf(ctx, scim.serviceUserId, { brake: { minutes: 60, people: 3, share: 0.01 } })
  for (const id of ids.slice(0, 3)) expect((await scim.send('PATCH', `/Users/${id}`, off)).status).toBe(200)
  const held = ids[3] ?? ''
  expect((await scim.send('PATCH', `/Users/${held}`, off)).status).toBe(403)
  expect(await holdsOf(scim)).toMatchObject([{ state: 'held', path: `/Users/${held}`, method: 'PATCH' }])

  const sameName = patchOf({ op: 'replace', path: 'userName', value: 'u3@acme.example' })
  expect((await scim.send('PATCH', `/Users/${held}`, sameName)).status).toBe(200)
  const title = patchOf({ op: 'replace', path: 'title', value: 'Lead' })
  expect((await scim.send('PATCH', `/Users/${held}`, title)).status).toBe(200)
  expect(await holdsOf(scim)).toMatchObject([{ state: 'held' }])

  const on = patchOf({ op: 'replace', value: { active: true } })
  expect((await scim.send('PATCH', `/Users/${held}`, on)).status).toBe(200)
  expect(await holdsOf(scim)).toMatchObject([{ state: 'superseded' }])
})

test('a base URL with a slash at its end is held by the same path', async ({ scim, ctx }) => {
  const ids = await people(scim, 5)
  await settingsOf(ctx, scim.serviceUserId, { brake: { minutes: 60, people: 3, share: 0.01 } })
  for (const id of ids.slice(0, 4)) await scim.send('PATCH', `//Users/${id}`, off)
  expect(await holdsOf(scim)).toMatchObject([{ path: `/Users/${ids[3]}` }])
})

test('a role can be taken away, and others kept, after the connection may no longer give it', async ({
  scim,
  ctx,
}) => {
  const { id } = await create(scim, 'ada@acme.example', { roles: [{ value: 'Agent' }, { value: 'Admin' }] })
  const roles = await listRoles(ctx)
  const only = roles.filter(({ name }) => name === 'Auditor').map((role) => role.id)
  await settingsOf(ctx, scim.serviceUserId, { roleIds: only, brake: BRAKE_OFF })
  const taken = patchOf({ op: 'remove', path: 'roles[value eq "Admin"]' })
  expect((await scim.send('PATCH', `/Users/${id}`, taken)).status).toBe(200)
  expect(await rolesOf(ctx, id)).toEqual(['Agent (scim_role)'])
  const again = patchOf({ op: 'add', path: 'roles', value: [{ value: 'Admin' }] })
  expect((await scim.send('PATCH', `/Users/${id}`, again)).status).toBe(400)
})

test('a user whose groups changed is another version', async ({ scim }) => {
  const { id } = await create(scim, 'ada@acme.example')
  const group = await createGroup(scim, 'Team')
  const { headers } = await scim.send('GET', `/Users/${id}`)
  const known = { 'if-none-match': String(headers['etag']) }
  expect((await scim.send('GET', `/Users/${id}`, undefined, known)).status).toBe(304)
  await scim.send('PATCH', `/Groups/${group.id}`, add(id))
  const changed = await scim.send('GET', `/Users/${id}`, undefined, known)
  expect(changed).toMatchObject({ status: 200, body: { groups: [{ display: 'Team' }] } })
  await scim.send('PATCH', `/Groups/${group.id}`, remove(id))
  expect((await scim.send('GET', `/Users/${id}`)).body.groups).toBeUndefined()
  expect(
    (await find(scim, 'Users', `meta.version eq ${JSON.stringify(headers['etag'])}`)).body.totalResults,
  ).toBe(0)
})
