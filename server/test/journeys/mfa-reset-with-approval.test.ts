/**
 * The main job, through all of it: Ada asks for an MFA reset, Sam plans it, her manager Grace approves
 * exactly what she was shown, Okta carries it out once, and the timeline tells the story.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createServiceUser, createToken } from '#accounts'
import { type Caller, callerWith, type Json, openWorld, until, type World } from '../world.ts'

let world: World
let sam: Caller
let ada: Caller
let grace: Caller

beforeAll(async () => {
  world = await openWorld()
  await world.invite('sam.okafor@acme.example', 'Owner')
  sam = await world.signIn('sam.okafor@acme.example')
  ada = await world.signIn('ada.kingsley@acme.example')
  grace = await world.signIn('grace.moreau@acme.example')
})
afterAll(() => world.close())

async function fileRequest(caller: Caller, key: string, answers: Record<string, string>): Promise<Json> {
  const services = (await caller.get('/api/v1/services')).body.items as Json[]
  const service = services.find((one) => one.key === key)
  const answer = await caller.post('/api/v1/requests', { serviceId: service.id, answers })
  expect(answer.status).toBe(201)
  return answer.body
}

async function oktaIdOf(personId: string): Promise<string> {
  return (await sam.get(`/api/v1/people/${personId}`)).body.oktaUserId
}

async function ledger(kind: string, target: string): Promise<Json[]> {
  const answer = await fetch(`${world.sandbox.url}/_sandbox/ledger?kind=${kind}&target=${target}`)
  const body = (await answer.json()) as Json
  return Array.isArray(body) ? body : body.entries
}

async function requestOf(caller: Caller, number: number): Promise<Json> {
  return (await caller.get(`/api/v1/requests/${number}`)).body
}

test('an MFA reset is asked, planned, approved, done once, and told', async () => {
  const request = await fileRequest(ada, 'reset-mfa', { what: 'I have a new phone' })
  const user = await oktaIdOf(request.requester.id)
  const proposal = { actionId: 'okta.user.reset_mfa', input: { user }, requestId: request.id }

  const plan = (await sam.post('/api/v1/action-plans', proposal)).body
  expect(plan).toMatchObject({ verdict: 'ready', gate: 'manager', approver: 'Grace Moreau' })
  const run = (await sam.post('/api/v1/action-runs', { ...proposal, digest: plan.digest })).body
  expect(run.state).toBe('waiting')
  expect(await ledger('user.reset_factors', user)).toEqual([])
  await until(async () => (await requestOf(ada, request.number)).status === 'waiting')

  const [asked] = (await grace.get('/api/v1/approvals')).body.items
  expect(asked).toMatchObject({
    mayDecide: true,
    shown: { target: 'Ada Kingsley', requestNumber: request.number },
  })
  expect(asked.shown.reason).toContain('I have a new phone')
  const decision = { decision: 'approved', digest: asked.digest }

  // Neither who asked nor the one it is done to may answer.
  for (const caller of [sam, ada])
    expect((await caller.put(`/api/v1/approvals/${asked.id}/decision`, decision)).status).toBe(403)
  expect(
    (await grace.put(`/api/v1/approvals/${asked.id}/decision`, { ...decision, digest: 'other' })).status,
  ).toBe(409)
  expect((await grace.put(`/api/v1/approvals/${asked.id}/decision`, decision)).status).toBe(200)

  await until(async () => (await sam.get(`/api/v1/action-runs/${run.id}`)).body.state === 'acked')
  expect(await ledger('user.reset_factors', user)).toHaveLength(1)

  await until(async () => (await requestOf(sam, request.number)).status === 'open')
  const told = (await requestOf(sam, request.number)).timeline.map(
    (entry: Json) => entry.event?.type ?? entry.kind,
  )
  expect(told).toEqual([
    'request.submitted',
    'action.planned',
    'approval.asked',
    'request.waiting',
    'approval.decided',
    expect.stringMatching(/request.resumed|action.sent/),
    expect.stringMatching(/request.resumed|action.sent|action.done/),
    expect.stringMatching(/request.resumed|action.done/),
  ])
  expect((await sam.get('/api/v1/events/integrity')).body).toMatchObject({ intact: true })
})

test('what was approved is not done when it would do something else by then', async () => {
  const request = await fileRequest(ada, 'group-access', { group: await groupId('Legal'), reason: 'A case' })
  const user = await oktaIdOf(request.requester.id)
  const group = (await sam.get(`/api/v1/groups/${request.answers[0].value}`)).body.oktaGroupId
  const proposal = { actionId: 'okta.group.add_member', input: { user, group }, requestId: request.id }
  const plan = (await sam.post('/api/v1/action-plans', proposal)).body
  const run = (await sam.post('/api/v1/action-runs', { ...proposal, digest: plan.digest })).body

  await setState({ op: 'set-user', user, status: 'DEPROVISIONED' })
  const [asked] = (await grace.get('/api/v1/approvals')).body.items
  await grace.put(`/api/v1/approvals/${asked.id}/decision`, { decision: 'approved', digest: asked.digest })

  await until(async () => (await sam.get(`/api/v1/action-runs/${run.id}`)).body.state === 'failed')
  expect(await ledger('group.add_member', group)).toEqual([])
  await setState({ op: 'set-user', user, status: 'ACTIVE' })
})

test('joining a group can be taken back from its receipt', async () => {
  await sam.put('/api/v1/actions/okta.group.add_member/gate', { gate: 'none' })
  const person = (await sam.get('/api/v1/people?search=noor%20haddad')).body.items[0]
  const user = await oktaIdOf(person.id)
  const group = (await sam.get(`/api/v1/groups/${await groupId('Legal')}`)).body.oktaGroupId
  const proposal = { actionId: 'okta.group.add_member', input: { user, group } }
  const plan = (await sam.post('/api/v1/action-plans', proposal)).body
  const run = (await sam.post('/api/v1/action-runs', { ...proposal, digest: plan.digest })).body
  const stateOf = async (id: string) => (await sam.get(`/api/v1/action-runs/${id}`)).body.state
  await until(async () => (await stateOf(run.id)) === 'acked')

  const undo = (await sam.put(`/api/v1/action-runs/${run.id}/reversal`, {})).body

  await until(async () => (await stateOf(undo.id)) === 'acked')
  expect(await stateOf(run.id)).toBe('undone')
  expect(await ledger('group.add_member', group)).toHaveLength(1)
  expect(await ledger('group.remove_member', group)).toHaveLength(1)
})

test("a requester sees his own requests, without notes and without anybody else's", async () => {
  const request = await fileRequest(ada, 'something-else', { subject: 'A chair' })
  await sam.post(`/api/v1/requests/${request.number}/messages`, { body: 'She asks often', internal: true })
  await sam.post(`/api/v1/requests/${request.number}/messages`, { body: 'Which colour?' })

  const seen = await requestOf(ada, request.number)
  expect(
    seen.timeline.filter((entry: Json) => entry.kind === 'message').map((entry: Json) => entry.body),
  ).toEqual(['Which colour?'])
  expect((await grace.get(`/api/v1/requests/${request.number}`)).status).toBe(404)
  expect((await grace.get('/api/v1/requests')).body.total).toBe(0)
})

test('a POST repeated with its Idempotency-Key happens once and is answered the same', async () => {
  const services = (await ada.get('/api/v1/services')).body.items as Json[]
  const body = {
    serviceId: services.find((one) => one.key === 'something-else').id,
    answers: { subject: 'Twice' },
  }
  const key = { 'idempotency-key': crypto.randomUUID() }

  const [first, second] = [
    await ada.post('/api/v1/requests', body, key),
    await ada.post('/api/v1/requests', body, key),
  ]
  const other = await ada.post('/api/v1/requests', { ...body, answers: { subject: 'Thrice' } }, key)

  expect(second.headers.get('idempotency-replayed')).toBe('true')
  expect(second.body).toEqual(first.body)
  expect(other).toMatchObject({ status: 422, body: { code: 'key_reused' } })
})

test('what a program may approve by its permissions, it may not approve at all', async () => {
  const user = await createServiceUser(world.acme, {
    name: 'Bot',
    kind: 'api',
    permissions: ['requests.read', 'people.read', 'actions.run', 'approvals.decide'],
    defaultRoleId: null,
  })
  const { token } = await createToken(world.acme, user.id, 1)
  const bot = callerWith(world.url, { authorization: `Bearer ${token}` })
  // Nobody manages this person, so anyone who may decide is asked.
  const people = (await sam.get('/api/v1/people?status=ACTIVE&limit=200')).body.items as Json[]
  const loner = people.find((person) => person.managerName === null)
  const proposal = { actionId: 'okta.user.reset_mfa', input: { user: await oktaIdOf(loner.id) } }
  const plan = (await bot.post('/api/v1/action-plans', proposal)).body
  const run = (await bot.post('/api/v1/action-runs', { ...proposal, digest: plan.digest })).body
  const approval = (await sam.get(`/api/v1/approvals/${run.approvalId}`)).body

  const decision = { decision: 'approved', digest: approval.digest }
  expect((await bot.put(`/api/v1/approvals/${approval.id}/decision`, decision)).status).toBe(403)
  expect((await sam.put(`/api/v1/approvals/${approval.id}/decision`, decision)).status).toBe(200)
})

test.for([
  ['/api/v1/people?search=%00', 'a NUL'],
  ['/api/v1/requests/99999999999', 'a number past its range'],
  ['/api/v1/requests?cursor=99999999999', 'a cursor past its range'],
  ['/api/v1/people?cursor=zzz', 'a cursor of somebody else'],
] as const)('%s is refused in words: %s', async ([path]) => {
  const answer = await sam.get(path)

  expect(answer.status).toBe(400)
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  expect(answer.body).toMatchObject({ code: 'invalid_input' })
})

async function groupId(name: string): Promise<string> {
  const groups = (await sam.get(`/api/v1/groups?search=${name}&type=OKTA_GROUP`)).body.items as Json[]
  const group = groups.find((one) => one.name.includes(name))
  if (!group)
    throw new Error(
      `There is no group ${name}: ${JSON.stringify((await sam.get('/api/v1/groups')).body.items.map((g: Json) => g.name))}`,
    )
  return group.id
}

async function setState(change: object): Promise<void> {
  const answer = await fetch(`${world.sandbox.url}/_sandbox/state`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  })
  expect(answer.ok).toBe(true)
}
