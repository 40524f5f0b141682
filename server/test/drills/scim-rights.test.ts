/**
 * What a provider may not bring about, whatever it sends and in whatever order or spelling: rows S5, S6, S8,
 * S20, S26 and S28 of the threats.
 */
import { expect } from 'vitest'
import { BRAKE_OFF } from '#accounts'
import { type Context, transact } from '#platform'
import {
  type Body,
  type Client,
  connect,
  create,
  createGroup,
  ENTERPRISE,
  GROUP,
  inviteOwner,
  memberIds,
  oktaUser,
  patchOf,
  type Reply,
  rolesOf,
  rowOf,
  settingsOf,
  test,
  USER,
} from '../../src/scim/test-client.ts'
import { figure, isNightly, LIMIT_MS } from './scim-fleet.ts'

const MEMBER = 'urn:keydesk:params:scim:schemas:extension:member:2.0:User'

/** Another workspace's, an owner's, a break-glass account's and nobody's id: one as good as the other. */
async function outOfReach(scim: Client, foreign: Client) {
  const breakGlass = (await create(scim, 'glass@acme.example')).id
  await transact(scim.ctx, (tx) =>
    tx.db.updateTable('members').set({ breakGlass: true }).where('id', '=', breakGlass).execute(),
  )
  const stranger = (await create(foreign, 'stranger@other.example')).id
  const owner = await inviteOwner(scim.ctx, 'owner@acme.example')
  const missing = `${stranger.slice(0, -4)}0000`
  return { missing, owner, breakGlass, stranger }
}

async function ownerRole(ctx: Context): Promise<string> {
  const role = await transact(ctx, (tx) =>
    tx.db.selectFrom('roles').select('id').where('systemKey', '=', 'owner').executeTakeFirstOrThrow(),
  )
  return role.id
}

/** How many hold Owner but for those who were invited as owners. */
async function risen(ctx: Context, owners: readonly string[]): Promise<string[]> {
  const rows = await transact(ctx, (tx) =>
    tx.db
      .selectFrom('memberRoles')
      .innerJoin('roles', 'roles.id', 'memberRoles.roleId')
      .select('memberRoles.memberId')
      .where('roles.systemKey', '=', 'owner')
      .execute(),
  )
  return rows.map(({ memberId }) => memberId).filter((id) => !owners.includes(id))
}

test('who is out of reach is answered like who does not exist, by every door (S5, S28)', async ({
  scim,
  foreign,
}) => {
  const ids = await outOfReach(scim, foreign)
  const { id: group } = await createGroup(scim, 'Eng')
  const insider = (await create(scim, 'insider@acme.example')).id
  const before = await Promise.all([
    rowOf(scim.ctx, ids.owner),
    rowOf(scim.ctx, ids.breakGlass),
    rowOf(foreign.ctx, ids.stranger),
  ])
  const bulk = (operation: object) => ({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [operation],
  })
  const doors: ((id: string) => Promise<Reply>)[] = [
    (id) => scim.send('GET', `/Users/${id}`),
    (id) => scim.send('PUT', `/Users/${id}`, oktaUser('taken@acme.example', { id })),
    (id) => scim.send('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { active: false } })),
    (id) => scim.send('DELETE', `/Users/${id}`),
    (id) => scim.send('GET', `/Users?filter=${encodeURIComponent(`id eq "${id}"`)}`),
    (id) => scim.send('POST', '/Users/.search', { filter: `id eq "${id}" and active pr` }),
    (id) => scim.send('POST', '/Groups', { schemas: [GROUP], displayName: 'New', members: [{ value: id }] }),
    (id) =>
      scim.send('PUT', `/Groups/${group}`, {
        schemas: [GROUP],
        displayName: 'Eng',
        members: [{ value: insider }, { value: id }],
      }),
    (id) =>
      scim.send('PATCH', `/Groups/${group}`, patchOf({ op: 'add', path: 'members', value: [{ value: id }] })),
    (id) =>
      scim.send('PATCH', `/Groups/${group}`, patchOf({ op: 'replace', value: { members: [{ value: id }] } })),
    (id) => scim.send('PATCH', `/Groups/${group}`, patchOf({ op: 'add', value: { members: { value: id } } })),
    (id) => scim.send('POST', '/Bulk', bulk({ method: 'DELETE', path: `/Users/${id}` })),
    (id) =>
      scim.send(
        'POST',
        '/Bulk',
        bulk({
          method: 'PATCH',
          path: `/Groups/${group}`,
          data: patchOf({ op: 'add', path: 'members', value: [{ value: id }] }),
        }),
      ),
    (id) =>
      scim.send('PATCH', `/Groups/${group}`, patchOf({ op: 'remove', path: `members[value eq "${id}"]` })),
  ]
  for (const [at, door] of doors.entries()) {
    const verdicts = []
    for (const id of Object.values(ids)) {
      const { status, body, headers } = await door(id)
      const { 'content-length': _, date: __, etag: ___, ...rest } = headers
      verdicts.push(JSON.stringify([status, body, rest]).replaceAll(id, 'it'))
    }
    expect([at, new Set(verdicts)]).toEqual([at, new Set([verdicts[0]])])
  }
  expect(await memberIds(scim, group)).toEqual([])
  const after = await Promise.all([
    rowOf(scim.ctx, ids.owner),
    rowOf(scim.ctx, ids.breakGlass),
    rowOf(foreign.ctx, ids.stranger),
  ])
  expect(after).toEqual(before)
})

/** What a provider could try, with two users and two groups of its own. */
interface Scene {
  users: [string, string]
  groups: [string, string]
}

test('no order of up to four calls makes an owner of anybody (S6)', { timeout: LIMIT_MS }, async ({
  scim,
}) => {
  const owner = await inviteOwner(scim.ctx, 'owner@acme.example')
  const ownerRow = await rowOf(scim.ctx, owner)
  await settingsOf(scim.ctx, scim.serviceUserId, {
    brake: BRAKE_OFF,
    requestsPerMinute: null,
  })
  const role = await ownerRole(scim.ctx)
  const listed = (members: readonly string[]) => members.map((value) => ({ value }))
  const moves: Record<string, (scene: Scene) => Promise<Reply>> = {
    'joins the first group': ({ users, groups }) =>
      scim.send(
        'PATCH',
        `/Groups/${groups[0]}`,
        patchOf({ op: 'add', path: 'members', value: listed(users) }),
      ),
    'joins the owners': ({ users }) =>
      scim.send('PATCH', `/Groups/${role}`, patchOf({ op: 'add', path: 'members', value: listed(users) })),
    'is the owners': ({ users }) =>
      scim.send('PUT', `/Groups/${role}`, { schemas: [GROUP], displayName: 'Owner', members: listed(users) }),
    'is given the role by name': ({ users }) =>
      scim.send(
        'PATCH',
        `/Users/${users[0]}`,
        patchOf({ op: 'add', path: 'roles', value: [{ value: 'Owner' }] }),
      ),
    'is given the role by id': ({ users }) =>
      scim.send(
        'PATCH',
        `/Users/${users[1]}`,
        patchOf({ op: 'replace', value: { roles: [{ value: role, primary: true }] } }),
      ),
    'has it by default': ({ users }) =>
      scim.send(
        'PATCH',
        `/Users/${users[0]}`,
        patchOf({ op: 'replace', value: { [MEMBER]: { defaultRole: 'Owner' } } }),
      ),
    'calls the group so': ({ groups }) =>
      scim.send(
        'PATCH',
        `/Groups/${groups[0]}`,
        patchOf({ op: 'replace', value: { id: role, displayName: 'OWNER' } }),
      ),
    'gives the group its id': ({ groups }) =>
      scim.send('PUT', `/Groups/${groups[1]}`, {
        schemas: [GROUP],
        id: role,
        externalId: role,
        displayName: 'Second',
        members: [],
      }),
    'becomes the owner by name': ({ users }) =>
      scim.send(
        'PUT',
        `/Users/${users[0]}`,
        oktaUser('owner@acme.example', { id: owner, externalId: owner }),
      ),
    'deletes the second group': ({ groups }) => scim.send('DELETE', `/Groups/${groups[1]}`),
    'deletes the owner': () => scim.send('DELETE', `/Users/${owner}`),
    'leaves and returns': async ({ users }) => {
      await scim.send('PATCH', `/Users/${users[0]}`, patchOf({ op: 'replace', value: { active: false } }))
      return scim.send('PATCH', `/Users/${users[0]}`, patchOf({ op: 'replace', value: { active: true } }))
    },
  }
  const depth = isNightly ? 4 : 2
  let scenes = 0
  const play = async (path: readonly string[]): Promise<string> => {
    const name = `scene ${++scenes}`
    const people = await Promise.all(
      ['a', 'b'].map((one) =>
        create(scim, `${one}.${scenes}@acme.example`, { name: { familyName: one }, displayName: one }),
      ),
    )
    const users = people.map(({ id }) => id) as Scene['users']
    const groups = [
      (await createGroup(scim, `${name} first`)).id,
      (await createGroup(scim, `${name} second`)).id,
    ] as Scene['groups']
    for (const move of path) {
      const { status } = (await moves[move]?.({ users, groups })) ?? { status: 500 }
      expect([path, status < 500]).toEqual([path, true])
    }
    expect([path, await risen(scim.ctx, [owner])]).toEqual([path, []])
    const seen = await Promise.all(
      [...users.map((id) => `/Users/${id}`), ...groups.map((id) => `/Groups/${id}`)].map(
        async (at) => (await scim.send('GET', at)).body,
      ),
    )
    // What the scene is called and when it was played is no part of its state.
    const held = await Promise.all(users.map((id) => rolesOf(scim.ctx, id)))
    const state = JSON.stringify([seen.map(({ meta: _, ...rest }) => rest), held])
    for (const id of users) await scim.send('DELETE', `/Users/${id}`)
    for (const id of groups) await scim.send('DELETE', `/Groups/${id}`)
    return [...users, ...groups]
      .reduce((text, id, at) => text.replaceAll(id, `#${at}`), state)
      .replaceAll(/scene \d+|[ab]\.\d+@/g, '*')
  }
  const known = new Set([await play([])])
  let edge: string[][] = [[]]
  for (let length = 1; length <= depth; length++) {
    const next: string[][] = []
    for (const path of edge)
      for (const move of Object.keys(moves)) {
        const state = await play([...path, move])
        // From a state that is known already, the same moves lead to the same states.
        if (known.has(state)) continue
        known.add(state)
        next.push([...path, move])
      }
    edge = next
  }
  figure('rights', 'orders of calls played', scenes)
  figure('rights', 'states found', known.size)
  figure('rights', 'states above the ceiling', 0)
  expect(known.size).toBeGreaterThan(8)
  expect(await rowOf(scim.ctx, owner)).toEqual(ownerRow)
})

test('however a change is spelled, it is the same change with the same verdict (S8)', async ({
  scim,
  ctx,
}) => {
  const op = (name: string, more: object) => patchOf({ op: name, ...more })
  const spellings: Record<string, object[]> = {
    'a title is set': [
      op('replace', { path: 'title', value: 'Boss' }),
      op('add', { path: 'title', value: 'Boss' }),
      op('Replace', { path: 'title', value: 'Boss' }),
      op('ADD', { path: 'TITLE', value: 'Boss' }),
      op('replace', { path: `${USER}:title`, value: 'Boss' }),
      op('replace', { path: `${USER.toUpperCase()}:Title`, value: 'Boss' }),
      op('replace', { value: { title: 'Boss' } }),
      op('add', { value: { tItLe: 'Boss' } }),
      op('replace', { value: { [`${USER}:title`]: 'Boss' } }),
      op('replace', { value: { [USER]: { title: 'Boss' } } }),
      op('replace', { path: '', value: { title: 'Boss' } }),
      op('replace', { path: null, value: { title: 'Boss' } }),
      op('replace', { path: 'title', value: ['Boss'] }),
      { ...op('replace', { path: 'title', value: 'Boss' }), schemas: undefined },
      { operations: [{ OP: 'replace', Path: 'title', VALUE: 'Boss' }] },
    ],
    'a member is locked out': [
      op('replace', { path: 'active', value: false }),
      op('replace', { path: 'active', value: 'False' }),
      op('replace', { path: 'active', value: 'false' }),
      op('Add', { path: 'Active', value: false }),
      op('replace', { value: { active: false } }),
      op('replace', { value: { ACTIVE: 'False' } }),
      op('add', { value: { active: false } }),
      op('replace', { path: `${USER}:active`, value: false }),
      op('replace', { value: { [`${USER}:active`]: false } }),
      op('replace', { value: { [USER]: { active: false } } }),
      op('replace', { path: 'active', value: [false] }),
      patchOf(
        { op: 'replace', path: 'active', value: true },
        { op: 'replace', path: 'active', value: false },
      ),
    ],
    'a department is set': [
      op('replace', { path: `${ENTERPRISE}:department`, value: 'R&D' }),
      op('add', { path: `${ENTERPRISE}:department`, value: 'R&D' }),
      op('Replace', { path: `${ENTERPRISE}:Department`, value: 'R&D' }),
      op('replace', { path: `${ENTERPRISE.toUpperCase()}:department`, value: 'R&D' }),
      op('replace', { value: { [ENTERPRISE]: { department: 'R&D' } } }),
      op('add', { value: { [ENTERPRISE]: { DEPARTMENT: 'R&D' } } }),
      op('replace', { value: { [`${ENTERPRISE}:department`]: 'R&D' } }),
      op('add', { value: { [`${ENTERPRISE}:Department`]: 'R&D' } }),
      op('add', { path: ENTERPRISE, value: { department: 'R&D' } }),
      op('replace', { path: ENTERPRISE, value: { department: 'R&D' } }),
      op('add', { path: `${ENTERPRISE}:department`, value: ['R&D'] }),
      patchOf(
        { op: 'add', path: `${ENTERPRISE}:department`, value: 'x' },
        { op: 'replace', path: `${ENTERPRISE}:department`, value: 'R&D' },
      ),
    ],
    'somebody would be an owner': [
      op('add', { path: 'roles', value: [{ value: 'Owner' }] }),
      op('replace', { path: 'roles', value: [{ value: 'Owner' }] }),
      op('Add', { path: 'ROLES', value: [{ value: 'owner' }] }),
      op('replace', { path: 'roles', value: { value: 'OWNER' } }),
      op('add', { value: { roles: [{ value: 'Owner' }] } }),
      op('replace', { value: { Roles: [{ value: 'Owner', primary: 'True' }] } }),
      op('replace', { value: { [`${USER}:roles`]: [{ value: 'Owner' }] } }),
      op('replace', { value: { [USER]: { roles: [{ value: 'Owner' }] } } }),
      op('add', { path: `${USER}:roles`, value: [{ VALUE: 'Owner' }] }),
      op('add', { path: 'roles', value: [{ value: 'Auditor' }, { value: 'Owner' }] }),
      patchOf(
        { op: 'add', path: 'roles', value: [{ value: 'Auditor' }] },
        { op: 'add', path: 'roles', value: [{ value: 'Owner' }] },
      ),
      op('add', { path: 'roles', value: [{ value: await ownerRole(ctx) }] }),
    ],
  }
  let played = 0
  for (const [change, bodies] of Object.entries(spellings)) {
    expect(bodies.length).toBeGreaterThanOrEqual(12)
    const outcomes = []
    for (const body of bodies) {
      const userName = `spelled.${++played}@acme.example`
      const { id } = await create(scim, userName, { name: { familyName: 'Spelled' } })
      const { status } = await scim.send('PATCH', `/Users/${id}`, body)
      const { meta: _, ...seen } = (await scim.send('GET', `/Users/${id}`)).body
      const outcome = [status, seen, await rolesOf(ctx, id)]
      const said = JSON.stringify(outcome)
        .replaceAll(id, 'id')
        .replaceAll(userName, 'name')
        .replaceAll(`spelled ${played}`, 'spelled')
      outcomes.push(said)
    }
    for (const [at, outcome] of outcomes.entries())
      expect([change, bodies[at], outcome]).toEqual([change, bodies[at], outcomes[0]])
  }
  figure('rights', 'spellings with one outcome', played)
})

test('of 32 equal creates at once one is made, round after round (S20)', { timeout: LIMIT_MS }, async ({
  scim,
}) => {
  const rounds = isNightly ? 500 : 50
  await settingsOf(scim.ctx, scim.serviceUserId, { requestsPerMinute: null })
  const expected = [201, ...Array<number>(31).fill(409)]
  for (let round = 0; round < rounds; round++) {
    const replies = await Promise.all(
      Array.from({ length: 32 }, () =>
        scim.send('POST', '/Users', { schemas: [USER], userName: `race.${round}@acme.example` }),
      ),
    )
    expect([round, replies.map(({ status }) => status).sort()]).toEqual([round, expected])
  }
  const { body } = await scim.send('GET', '/Users?count=0')
  expect(body.totalResults).toBe(rounds)
  figure('rights', 'rounds of 32 equal creates with one 201 and 31 times 409', rounds)
})

test('who comes after somebody inherits nothing (S26)', async ({ scim, ctx, app }) => {
  const rich = {
    title: 'Head',
    externalId: '00u-rich',
    nickName: 'R',
    roles: [{ value: 'Admin' }],
    [ENTERPRISE]: { department: 'Board' },
  }
  const bare = (userName: string) => ({ schemas: [USER], userName })
  const nothing = (body: Body) => Object.keys(body).sort()
  const first = await create(scim, 'rich@acme.example', rich)
  const group = await createGroup(scim, 'Admins of old', [first.id])
  expect(await rolesOf(ctx, first.id)).toEqual(expect.arrayContaining(['Admins of old (scim_group)']))
  await giveByHand(ctx, first.id, 'Admin')

  // Deleted and made again under the same name.
  expect((await scim.send('DELETE', `/Users/${first.id}`)).status).toBe(204)
  const second = (await scim.send('POST', '/Users', bare('rich@acme.example'))).body
  expect(second.id).not.toBe(first.id)
  expect(nothing(second)).toEqual(['active', 'id', 'meta', 'schemas', 'userName'])
  expect(await rolesOf(ctx, second.id)).toEqual(['Auditor (scim_default)'])
  expect(await memberIds(scim, group.id)).toEqual([])

  // A name that somebody gave up belongs to who takes it, with nothing else of the former holder.
  await scim.send('PUT', `/Users/${second.id}`, { ...bare('renamed@acme.example'), ...rich })
  await scim.send(
    'PATCH',
    `/Groups/${group.id}`,
    patchOf({ op: 'add', path: 'members', value: [{ value: second.id }] }),
  )
  const third = (await scim.send('POST', '/Users', bare('rich@acme.example'))).body
  expect(nothing(third)).toEqual(['active', 'id', 'meta', 'schemas', 'userName'])
  expect(await rolesOf(ctx, third.id)).toEqual(['Auditor (scim_default)'])
  expect(await memberIds(scim, group.id)).toEqual([second.id])

  // Somebody who comes back has the groups, and nothing that was given by hand.
  await giveByHand(ctx, second.id, 'Agent')
  await scim.send('PATCH', `/Users/${second.id}`, patchOf({ op: 'replace', value: { active: false } }))
  await scim.send('PATCH', `/Users/${second.id}`, patchOf({ op: 'replace', value: { active: true } }))
  expect((await rolesOf(ctx, second.id)).filter((role) => role.includes('manual'))).toEqual([])

  // A group of an old name is another group, and may do what a new one may.
  await allow(ctx, group.id, ['roles.write', 'settings.write'])
  expect((await scim.send('DELETE', `/Groups/${group.id}`)).status).toBe(204)
  const again = await createGroup(scim, 'Admins of old')
  expect(again.id).not.toBe(group.id)
  expect(await memberIds(scim, again.id)).toEqual([])
  expect(await permissionsOf(ctx, again.id)).toEqual(
    await permissionsOf(ctx, await roleNamed(ctx, 'Auditor')),
  )
  // Nor does another connection find what the first one left.
  const other = await connect(app, ctx)
  expect((await other.send('GET', `/Users/${first.id}`)).status).toBe(404)
})

function roleNamed(ctx: Context, name: string): Promise<string> {
  return transact(ctx, async (tx) => {
    const { id } = await tx.db
      .selectFrom('roles')
      .select('id')
      .where('name', '=', name)
      .executeTakeFirstOrThrow()
    return id
  })
}

async function giveByHand(ctx: Context, memberId: string, role: string): Promise<void> {
  const roleId = await roleNamed(ctx, role)
  await transact(ctx, (tx) =>
    tx.db
      .insertInto('memberRoles')
      .values({ tenantId: tx.tenantId, memberId, roleId, source: 'manual' })
      .execute(),
  )
}

async function allow(ctx: Context, roleId: string, permissions: string[]): Promise<void> {
  await transact(ctx, (tx) =>
    tx.db.updateTable('roles').set({ permissions }).where('id', '=', roleId).execute(),
  )
}

async function permissionsOf(ctx: Context, id: string): Promise<string[]> {
  const role = await transact(ctx, (tx) =>
    tx.db.selectFrom('roles').select('permissions').where('id', '=', id).executeTakeFirstOrThrow(),
  )
  return [...role.permissions].sort()
}
