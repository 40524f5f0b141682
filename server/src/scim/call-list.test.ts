import { sql } from 'kysely'
import { expect } from 'vitest'
import { transact } from '#platform'
import { flushCalls } from './calls.ts'
import { decideHolds } from './holds.ts'
import { replayFor } from './replay.ts'
import { type Body, type Client, create, createGroup, oktaUser, patchOf } from './test-client.ts'
import { type Desk, deskOf, test } from './test-desk.ts'

async function callsOf(desk: Desk, scim: Client, query = ''): Promise<Body> {
  const { status, body } = await desk.call('GET', `/scim-connections/${scim.serviceUserId}/calls${query}`)
  expect(status).toBe(200)
  return body
}

test('the log tells what Okta did, newest first', async ({ desk, scim }) => {
  const look = `/Users?filter=${encodeURIComponent('userName eq "ada.kingsley@acme.example"')}&startIndex=1&count=100`
  await scim.send('GET', look)
  const ada = await create(scim, 'ada.kingsley@acme.example')
  await scim.send('PATCH', `/Users/${ada.id}`, patchOf({ op: 'replace', path: 'title', value: 'Lead' }))
  await scim.send('PATCH', `/Users/${ada.id}`, patchOf({ op: 'replace', value: { active: false } }))
  await scim.send('POST', '/Users', oktaUser('ada.kingsley@acme.example'))
  const it = await createGroup(scim, 'IT')
  await scim.send(
    'PATCH',
    `/Groups/${it.id}`,
    patchOf({ op: 'add', path: 'members', value: [{ value: 'x' }] }),
  )

  const { items, total } = await callsOf(desk, scim)

  expect(total).toBe(7)
  expect(items.map((line: Body) => [line.status, line.outcome, line.explanation])).toEqual([
    [400, 'refused', expect.stringMatching(/^Refused: the group names people who are no users here/)],
    [201, 'done', 'Okta made the group IT, with 0 people.'],
    [409, 'refused', expect.stringMatching(/user name that belongs to another member/)],
    [200, 'done', 'Okta deactivated ada kingsley.'],
    [200, 'done', 'Okta changed ada kingsley: job title.'],
    [201, 'done', 'Okta added ada kingsley.'],
    [200, 'done', expect.stringMatching(/asked whether the user ada\.kingsley@acme\.example is here; no\./)],
  ])
  expect(items[3]).toMatchObject({ memberId: ada.id, subject: 'ada kingsley', remedy: null })
  expect(items[2].remedy).toMatch(/In Okta, give one of the two another user name/)
})

test('the log is read in parts and by what is looked for', async ({ desk, scim }) => {
  const ada = await create(scim, 'ada.kingsley@acme.example')
  const ben = await create(scim, 'ben.okafor@acme.example')
  for (const { id } of [ada, ben, ada]) await scim.send('GET', `/Users/${id}`)
  await scim.send('GET', '/Users/nobody')
  const paths = (page: Body) => page.items.map((line: Body) => line.path)

  expect(await callsOf(desk, scim, '?method=POST')).toMatchObject({ total: 2 })
  expect(await callsOf(desk, scim, '?outcome=refused')).toMatchObject({ total: 1 })
  expect(await callsOf(desk, scim, `?memberId=${ada.id}`)).toMatchObject({ total: 3 })
  expect(await callsOf(desk, scim, '?search=BEN%20okafor')).toMatchObject({ total: 2 })

  const seen: string[] = []
  for (let cursor = ''; ; ) {
    const page = await callsOf(desk, scim, `?limit=4${cursor && `&cursor=${cursor}`}`)
    seen.push(...paths(page))
    cursor = page.nextCursor ?? ''
    if (!cursor) break
  }
  expect(seen).toEqual(paths(await callsOf(desk, scim)))
  const bad = await desk.call('GET', `/scim-connections/${scim.serviceUserId}/calls?cursor=x`)
  expect(bad).toMatchObject({ status: 400, body: { code: 'invalid_input' } })
})

test('one call shows its bodies, what was tolerated, and how to do it again', async ({
  app,
  ctx,
  desk,
  scim,
}) => {
  const body = { ...oktaUser('ada.kingsley@acme.example'), title: "Ada's title", favouriteColour: 'blue' }
  await scim.send('POST', '/Users', body, { 'user-agent': 'Okta SCIM Client 1.0.0' })
  const [line] = (await callsOf(desk, scim)).items
  const { body: call } = await desk.call('GET', `/scim-calls/${line.id}`)

  expect(call).toMatchObject({ ...line, userAgent: 'Okta SCIM Client 1.0.0', ip: '127.0.0.1' })
  expect(JSON.parse(call.request)).toMatchObject({
    userName: 'ada.kingsley@acme.example',
    password: '[redacted]',
  })
  expect(JSON.parse(call.answer)).toMatchObject({ id: line.memberId, userName: 'ada.kingsley@acme.example' })
  expect(call.tolerated.join()).toContain('favouriteColour')
  expect(call.curl).toMatch(
    /^curl --globoff -X POST 'http:\/\/localhost:3000\/scim\/v2\/test-\d+\/Users' \\\n/,
  )
  expect(call.curl).toContain("-H 'Authorization: Bearer <token>'")
  expect(call.curl).toContain(String.raw`Ada'\''s title`)

  const agent = await deskOf(app, ctx, ['requests.read'])
  expect((await agent.call('GET', `/scim-calls/${line.id}`)).status).toBe(403)
})

test("another workspace's call is not there", async ({ app, desk, otherTenant, scim }) => {
  await scim.send('GET', '/Users')
  const [line] = (await callsOf(desk, scim)).items
  const foreign = await deskOf(app, otherTenant)

  expect((await foreign.call('GET', `/scim-calls/${line.id}`)).status).toBe(404)
})

/** Every way in which a password can come to us, through the real door. */
test('a password that a client sends is nowhere in the log', async ({ ctx, scim }) => {
  const canary = 'kanarienvogel-7'
  const ada = await create(scim, 'ada.kingsley@acme.example', { password: canary })
  const path = `/Users/${ada.id}`
  const patch = (operation: object) => scim.send('PATCH', path, patchOf(operation))
  await scim.send('PUT', path, oktaUser('ada.kingsley@acme.example', { PassWord: canary }))
  await scim.send(
    'PUT',
    path,
    JSON.stringify(oktaUser('a@b.c', { password: canary })).replace('"password"', '"p\\u0061ssword"'),
  )
  await scim.send('PUT', path, `{"userName":"x","password":"${canary}","password":"${canary}"`)
  await patch({ op: 'replace', path: 'password', value: canary })
  await patch({ op: 'Replace', path: 'PASSWORD', value: canary })
  await patch({ op: 'replace', value: { password: canary } })
  await patch({ op: 'add', path: 'urn:ietf:params:scim:schemas:core:2.0:User:password', value: canary })
  await patch({ op: 'remove', path: `password[value eq "${canary}"]` })
  await patch({ op: 'replace', path: 'password', value: { deep: [canary] } })
  await scim.send('POST', '/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [
      {
        method: 'POST',
        path: '/Users',
        bulkId: 'b',
        data: oktaUser('ben@acme.example', { password: canary }),
      },
      { method: 'PATCH', path, data: patchOf({ op: 'replace', path: 'password', value: canary }) },
    ],
  })
  await scim.send('GET', `/Users?filter=${encodeURIComponent(`password eq "${canary}"`)}`)
  await scim.send('POST', '/Users/.search', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
    filter: `password eq "${canary}"`,
  })
  await scim.send('GET', `/Users?token=${scim.token}`, undefined, { 'user-agent': scim.token })
  await flushCalls(ctx.platform)

  const { rows } = await transact(ctx, (tx) =>
    sql<{ line: string }>`select to_jsonb(scim_calls)::text as line from scim_calls`.execute(tx.db),
  )
  expect(rows).toHaveLength(14)
  for (const { line } of rows) {
    expect(line).not.toContain(canary)
    expect(line).not.toContain(scim.token)
  }
})

test('what the brake held back is done when an owner releases it, by Okta and through the same door', async ({
  ctx,
  desk,
  scim,
}) => {
  const path = `/scim-connections/${scim.serviceUserId}`
  const ids: string[] = []
  for (let n = 0; n < 8; n++) ids.push((await create(scim, `person.${n}@acme.example`)).id)
  const { body: before } = await desk.call('GET', path)
  const settings = { ...before.settings, brake: { minutes: 60, people: 3, share: 1 } }
  await desk.call('PUT', path, { name: 'Okta', defaultRoleId: before.defaultRoleId, settings })
  for (const id of ids.slice(0, 5))
    await scim.send('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { active: false } }))
  const { body: holds } = await desk.call('GET', `${path}/holds`)
  expect(holds.items.map((hold: Body) => hold.cuts[0].memberId)).toEqual(ids.slice(3, 5))
  expect((await desk.call('GET', path)).body.counts.held).toBe(2)
  expect((await callsOf(desk, scim, '?outcome=held')).items[0]).toMatchObject({
    outcome: 'held',
    explanation: expect.stringMatching(
      /^Would deactivate person 4: held back by the safety brake\. 3 people .* asked\.$/,
    ),
    remedy: expect.stringContaining('release'),
  })

  const decided = await decideHolds(
    ctx,
    {
      connectionId: scim.serviceUserId,
      holdIds: holds.items.map((hold: Body) => hold.id),
      decision: 'release',
    },
    replayFor(ctx, scim.serviceUserId),
  )

  expect(decided.map(({ state, outcome }) => [state, outcome])).toEqual(
    Array(2).fill(['released', 'Done (200).']),
  )
  for (const id of ids.slice(0, 5)) expect((await scim.send('GET', `/Users/${id}`)).body.active).toBe(false)
  const [line] = (await callsOf(desk, scim, '?method=PATCH')).items
  expect(line).toMatchObject({ status: 200, outcome: 'done', memberId: ids[4] })
})

test('only an owner decides what is held', async ({ desk, scim }) => {
  const holdIds = [`hld_${'0'.repeat(26)}`]
  const decision = { holdIds, decision: 'release' }

  expect(
    (await desk.call('POST', `/scim-connections/${scim.serviceUserId}/holds/decision`, decision)).status,
  ).toBe(403)
})
