/** The requests that Okta's provisioning sends, in its order: custom apps (PUT) and catalogue apps (PATCH). */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import {
  type Body,
  type Client,
  create,
  find,
  GROUP,
  memberIds,
  oktaUser,
  patchOf,
  test,
} from './test-client.ts'

const NOBODY = { status: 200, body: { totalResults: 0, itemsPerPage: 0, startIndex: 1, Resources: [] } }
const ada = 'ada.king@acme.example'

function users(scim: Client, name: string) {
  return find(scim, 'Users', `userName eq "${name}"`)
}

async function assign(scim: Client, name: string): Promise<string> {
  expect(await users(scim, name)).toMatchObject(NOBODY)
  const created = await scim.send('POST', '/Users', oktaUser(name))
  expect(created).toMatchObject({ status: 201, body: { userName: name, active: true } })
  return created.body.id
}

/** GET, then PUT of what was read with the change laid over: what a custom app does for every change. */
async function putOver(scim: Client, path: string, change: object): Promise<Body> {
  const { status, body } = await scim.send('GET', path)
  expect(status).toBe(200)
  const put = await scim.send('PUT', path, { ...body, ...change })
  expect(put).toMatchObject({ status: 200 })
  return put.body
}

test('a custom app: probe, assign, update, unassign, assign again', async ({ scim, eventsOf }) => {
  expect(await scim.send('GET', '/Users?startIndex=1&count=2')).toMatchObject(NOBODY)
  const id = await assign(scim, ada)
  const path = `/Users/${id}`

  const name = { givenName: 'Ada', familyName: 'Lovelace', formatted: 'Ada King' }
  expect(await putOver(scim, path, { name, groups: [], nickName: '' })).toMatchObject({ id, name })
  expect(await putOver(scim, path, { active: false, password: 'canary' })).toMatchObject({
    id,
    active: false,
  })
  const linked = await users(scim, ada.toUpperCase())
  expect(linked.body.Resources).toMatchObject([{ id, active: false, userName: ada }])
  expect(await putOver(scim, path, { active: true })).toMatchObject({ id, active: true, name })

  expect(await eventsOf(id)).toEqual([
    'member.provisioned',
    'member.updated',
    'member.deactivated',
    'member.reactivated',
  ])
  expect(await users(scim, ada)).toMatchObject({ body: { totalResults: 1 } })
})

test('a custom app: a lost answer to a create is found by the next try', async ({ scim }) => {
  const id = await assign(scim, ada)
  expect(await scim.send('POST', '/Users', oktaUser(ada))).toMatchObject({ status: 409 })
  expect((await users(scim, ada)).body.Resources).toMatchObject([{ id }])
  expect(await putOver(scim, `/Users/${id}`, oktaUser(ada))).toMatchObject({ id })
})

test('a custom app: push a group, change its members, rename it, delete it', async ({ scim }) => {
  const [a, b] = [await assign(scim, ada), await assign(scim, 'bob.ray@acme.example')]
  expect(await find(scim, 'Groups', 'displayName eq "Eng"')).toMatchObject(NOBODY)
  const created = await scim.send('POST', '/Groups', { schemas: [GROUP], displayName: 'Eng', members: [] })
  expect(created).toMatchObject({ status: 201, body: { displayName: 'Eng', members: [] } })
  const path = `/Groups/${created.body.id}`

  await putOver(scim, path, { members: [{ value: a, display: ada }] })
  expect(await memberIds(scim, created.body.id)).toEqual([a])
  const both = [
    { value: a, display: ada },
    { value: b, display: 'bob.ray@acme.example' },
  ]
  await putOver(scim, path, { members: both })
  const renamed = await putOver(scim, path, { displayName: 'Engineering' })
  expect(renamed).toMatchObject({ id: created.body.id, displayName: 'Engineering' })
  expect(await memberIds(scim, created.body.id)).toEqual([a, b].sort())

  // Who is deactivated stays in the group's list, and the echo of it is accepted.
  await putOver(scim, `/Users/${a}`, { active: false })
  await putOver(scim, path, { members: both })
  expect(await memberIds(scim, created.body.id)).toEqual([a, b].sort())
  await putOver(scim, `/Users/${a}`, { groups: [] })
  expect((await scim.send('GET', `/Users/${a}`)).body.groups).toMatchObject([{ display: 'Engineering' }])

  expect(await scim.send('GET', '/Groups?startIndex=1&count=100')).toMatchObject({
    body: { totalResults: 4, itemsPerPage: 4 },
  })
  expect(await scim.send('GET', '/Groups?startIndex=101&count=100')).toMatchObject({
    body: { totalResults: 4, itemsPerPage: 0, Resources: [] },
  })
  expect(await scim.send('DELETE', path)).toMatchObject({ status: 204 })
  expect(await scim.send('GET', path)).toMatchObject({ status: 404 })
})

test('a catalogue app: deactivate, set a password, activate', async ({ scim, eventsOf }) => {
  const id = await assign(scim, ada)
  const patch = (value: object) => scim.send('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value }))

  expect(await patch({ active: false })).toMatchObject({ status: 200, body: { id, active: false } })
  expect(await patch({ password: 'canary' })).toMatchObject({ status: 200 })
  expect(await patch({ active: true })).toMatchObject({ status: 200, body: { id, active: true } })
  expect(await eventsOf(id)).toEqual(['member.provisioned', 'member.deactivated', 'member.reactivated'])
})

test('a catalogue app: push a group, its members and its name', async ({ scim }) => {
  const people = [
    await assign(scim, ada),
    await assign(scim, 'bob.ray@acme.example'),
    await assign(scim, 'cyd@acme.example'),
  ]
  const [a = '', b = '', c = ''] = people
  const { body } = await scim.send('POST', '/Groups', {
    schemas: [GROUP],
    displayName: 'Eng',
    members: [{ value: a, display: ada }],
  })
  const patch = async (...operations: object[]) => {
    const reply = await scim.send('PATCH', `/Groups/${body.id}`, patchOf(...operations))
    expect([200, 204]).toContain(reply.status)
  }
  const add = (...ids: string[]) => ({
    op: 'add',
    path: 'members',
    value: ids.map((value) => ({ value, display: 'x' })),
  })
  const remove = (value: string) => ({ op: 'remove', path: `members[value eq "${value}"]` })

  await patch({ op: 'replace', value: { id: body.id, displayName: 'Eng' } })
  await patch(remove(a), add(b, c))
  expect(await memberIds(scim, body.id)).toEqual([b, c].sort())
  await patch({ op: 'replace', value: { id: body.id, displayName: 'Engineering' } }, add(a))
  await patch({ op: 'replace', path: 'members', value: [{ value: c, display: 'x' }] })
  expect(await memberIds(scim, body.id)).toEqual([c])
  await patch({ op: 'replace', path: 'members', value: [] })
  expect((await scim.send('GET', `/Groups/${body.id}`)).body).toMatchObject({
    displayName: 'Engineering',
    members: [],
  })
})

test('a group of two thousand removals is one request', async ({ scim }) => {
  const id = await assign(scim, ada)
  const { body } = await scim.send('POST', '/Groups', { displayName: 'Eng', members: [{ value: id }] })
  const gone = Array.from({ length: 2000 }, (_, n) => ({
    op: 'remove',
    path: `members[value eq "mem_${n}"]`,
  }))
  expect(await scim.send('PATCH', `/Groups/${body.id}`, patchOf(...gone))).toMatchObject({ status: 204 })
  expect(await memberIds(scim, body.id)).toEqual([id])
})

test('an import reads everybody in pages of a hundred', async ({ scim }) => {
  for (let n = 0; n < 12; n++) await create(scim, `user.${n}@acme.example`)
  const first = await scim.send('GET', '/Users?startIndex=1&count=100')
  expect(first.body).toMatchObject({ totalResults: 12, itemsPerPage: 12, startIndex: 1 })
  expect(await scim.send('GET', '/Users?startIndex=101&count=100')).toMatchObject({
    body: { totalResults: 12, itemsPerPage: 0, Resources: [] },
  })
})

const SPEC = new URL('../../../../shared/data/scim/Okta-SCIM-20-SPEC-Test.json', import.meta.url)

test.skipIf(!existsSync(SPEC))("Okta's own SPEC test passes, step by step", async ({ scim, app }) => {
  await create(scim, 'first.person@acme.example')
  const spec: Body = JSON.parse(await readFile(SPEC, 'utf8'))
  const vars: Record<string, string> = {
    SCIMBaseURL: scim.path,
    auth: `Bearer ${scim.token}`,
    InvalidUserEmail: 'abcdefgh@atko.com',
    UserIdThatDoesNotExist: '010101001010101011001010101011',
    randomEmail: 'Xabcdefgh123@atko.com',
    randomUsername: 'Runscope123Xabcdefgh123@atko.com',
    randomUsernameCaps: 'RUNSCOPE123XABCDEFGH123@ATKO.COM',
    randomGivenName: 'Runscope123',
    randomFamilyName: 'Xabcdefgh123',
  }
  const fill = (text: string) =>
    text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => vars[name] ?? `<${name}>`)
  let assertions = 0
  for (const step of spec.steps.filter((one: Body) => one.step_type === 'request')) {
    const headers = Object.entries(step.headers).map(([name, values]) => [
      name.toLowerCase(),
      fill((values as string[])[0] ?? ''),
    ])
    const started = performance.now()
    const reply = await app.inject({
      method: step.method,
      url: encodeURI(fill(step.url)),
      headers: Object.fromEntries(headers),
      ...(step.body ? { payload: Buffer.from(fill(step.body)) } : {}),
    })
    const json = JSON.parse(reply.body)
    const seen = { response_status: reply.statusCode, response_time: performance.now() - started }
    for (const { source, property, comparison, value } of step.assertions) {
      const actual = source === 'response_json' ? valueAt(json, property) : seen[source as keyof typeof seen]
      expect([
        step.note,
        property ?? source,
        holds(comparison, actual, fill(value ?? '')),
        reply.body,
      ]).toEqual([step.note, property ?? source, true, reply.body])
      assertions++
    }
    for (const { name, property } of step.variables) vars[name] = String(valueAt(json, property))
  }
  expect(assertions).toBe(52)
})

function valueAt(json: Body, path: string): Body {
  return path
    .split(/[.[\]]+/)
    .filter(Boolean)
    .reduce((value, key) => value?.[key], json)
}

function holds(comparison: string, actual: Body, expected: string): boolean {
  switch (comparison) {
    case 'equal':
      return String(actual) === expected
    case 'equal_number':
      return Number(actual) === Number(expected)
    case 'is_a_number':
      return typeof actual === 'number'
    case 'is_less_than':
      return actual < Number(expected)
    case 'not_empty':
      return actual !== undefined && actual !== null && String(actual) !== ''
    case 'has_value':
    case 'contains':
      return Array.isArray(actual) && actual.includes(expected)
    default:
      throw new Error(`The comparison ${comparison} is not known.`)
  }
}
