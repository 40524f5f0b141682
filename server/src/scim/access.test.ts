import { expect } from 'vitest'
import { listRoles } from '#accounts'
import { savePeople } from '#directory'
import { type LoggedEvent, newId, transact } from '#platform'
import { signedIn } from '../accounts/events.ts'
import { setMemberRoles } from '../accounts/members.ts'
import { attributesOf, giversIn } from './access.ts'
import { type Body, create, createGroup, ENTERPRISE, invite, oktaUser, patchOf } from './test-client.ts'
import { deskOf, test } from './test-desk.ts'

const PERSON = {
  oktaUserId: '00u1',
  login: 'noor@acme.example',
  email: 'noor@acme.example',
  displayName: 'Noor Haddad',
  title: null,
  department: null,
  location: null,
  employeeNumber: null,
  status: 'ACTIVE',
  managerId: null,
  manager: null,
  attributes: {},
  provider: 'OKTA',
  statusChangedAt: null,
  lastLoginAt: null,
  remoteUpdatedAt: null,
}

test('each role of a member has its reason', async ({ ctx, desk, scim }) => {
  const ada = await create(scim, 'ada.kingsley@acme.example')
  const sentences = async () => {
    const { body } = await desk.call('GET', `/members/${ada.id}/access`)
    return body.roles.map((role: Body) => role.sentence.replace(/since \d+ \w+ \d{4}/, 'since then'))
  }
  expect(await sentences()).toEqual([
    'Auditor by default, since then: ada kingsley has no other role, and Okta then gives Auditor.',
  ])

  await createGroup(scim, 'IT Admins', [ada.id])
  const agent = (await listRoles(ctx)).find(({ name }) => name === 'Agent')
  await setMemberRoles({ ...ctx, actor: { kind: 'member', id: 'mem_x', name: 'Sam Okafor' } }, ada.id, [
    agent?.id ?? '',
  ])
  expect(await sentences()).toEqual([
    'Agent, because Sam Okafor gave it by hand, since then.',
    'IT Admins, because the pushed group IT Admins has ada kingsley as a member, since then (Okta).',
  ])
})

test('a default role that the provider named for one person is told as such', async ({ desk, scim }) => {
  const member = 'urn:keydesk:params:scim:schemas:extension:member:2.0:User'
  const ada = await create(scim, 'ada.kingsley@acme.example', { [member]: { defaultRole: 'Agent' } })
  const { body } = await desk.call('GET', `/members/${ada.id}/access`)

  expect(body.roles[0].sentence).toMatch(/Okta names Agent as the default role of this person\.$/)
})

test('everything that was sent is shown, with names that people read', async ({ desk, scim }) => {
  const ada = await create(scim, 'ada.kingsley@acme.example', {
    title: 'Lead',
    phoneNumbers: [
      { value: '+44 20 1', type: 'work', primary: true },
      { value: '+44 20 2', type: 'mobile' },
    ],
    preferredLanguage: 'en-GB',
    addresses: [{ type: 'work', locality: 'London', country: 'GB' }],
    [ENTERPRISE]: { department: 'R&D', manager: { value: 'm1', displayName: 'Grace Moreau' } },
  })
  const { body } = await desk.call('GET', `/members/${ada.id}/access`)

  const lines = body.attributes.map(({ path, value }: Body) => `${path}: ${value}`)
  expect(lines.slice(0, 6)).toEqual([
    'display name: ada kingsley',
    'job title: Lead',
    'e-mail addresses (work, preferred): ada.kingsley@acme.example',
    'phone numbers (work, preferred): +44 20 1',
    'phone numbers (mobile): +44 20 2',
    'preferred language: en-GB',
  ])
  expect(lines).toEqual(
    expect.arrayContaining([
      'department: R&D',
      'addresses (work): locality: London',
      'name: given name: ada',
    ]),
  )
  expect(lines.join()).not.toMatch(/password|canary|urn:/)
})

test('whatever shape an attribute has, it is shown in lines', () => {
  expect(
    attributesOf({
      schemas: ['x'],
      active: true,
      roles: ['a', { value: 'b' }, { type: 'c' }],
      'urn:x:2.0:User': { manager: { value: 'm' }, when: 7, none: null, deep: { list: [1, 2] } },
    }),
  ).toEqual([
    { path: 'manager', value: 'm' },
    { path: 'whether the account is active', value: 'yes' },
    { path: 'roles', value: 'a' },
    { path: 'roles', value: 'b' },
    { path: 'when', value: '7' },
    { path: 'deep: list', value: '1' },
    { path: 'deep: list', value: '2' },
  ])
  expect(attributesOf(null)).toEqual([])
})

test('the person of the directory who has the same address is the same person', async ({ ctx, desk }) => {
  const memberId = await invite(ctx, 'Noor@acme.example', 'Agent')
  const source = { connectionId: newId('con'), importId: newId('imp') }
  await transact(ctx, (tx) => savePeople(tx, source, [PERSON]))
  const { body } = await desk.call('GET', `/members/${memberId}/access`)

  expect(body.person).toEqual({ id: expect.stringMatching(/^per_/), name: 'Noor Haddad' })
})

test('a role was given by the oldest change from which on all name it', () => {
  const change = (name: string, roles: string[]) =>
    ({ actor: { name }, facts: { roles } }) as unknown as LoggedEvent
  const newestFirst = [
    change('D', ['a', 'c']),
    change('C', ['a']),
    change('B', ['a', 'b']),
    change('A', ['c']),
  ]

  expect(giversIn(newestFirst)).toEqual(
    new Map([
      ['a', 'B'],
      ['c', 'D'],
    ]),
  )
  expect(giversIn([])).toEqual(new Map())
})

test('the past of a member joins calls, roles, account and sessions, newest first', async ({
  ctx,
  desk,
  scim,
}) => {
  const ada = await create(scim, 'ada.kingsley@acme.example')
  await createGroup(scim, 'IT', [ada.id])
  await scim.send('PATCH', `/Users/${ada.id}`, patchOf({ op: 'replace', value: { active: false } }))
  await scim.send('PUT', `/Users/${ada.id}`, oktaUser('ada.kingsley@acme.example', { active: true }))
  await transact(ctx, async (tx) =>
    signedIn({ ...tx, actor: { kind: 'member', id: ada.id, name: 'Ada' } }, [ada.id], { with: 'a link' }),
  )
  const { body } = await desk.call('GET', `/members/${ada.id}/history?limit=50`)

  const times = body.items.map((line: Body) => Date.parse(line.at))
  expect(times).toEqual([...times].sort((a, b) => b - a))
  const of = (kind: string) => body.items.filter((line: Body) => line.kind === kind)
  expect(of('call').map((line: Body) => [line.status, line.actor])).toEqual([
    [200, 'Okta'],
    [200, 'Okta'],
    [201, 'Okta'],
  ])
  expect(of('call')[1]).toMatchObject({
    sentence: 'Okta deactivated ada kingsley.',
    callId: expect.stringMatching(/^cal_/),
  })
  expect(
    of('role')
      .map((line: Body) => line.sentence)
      .join(),
  ).toMatch(/role IT/)
  expect(
    of('account')
      .map((line: Body) => line.sentence)
      .join(),
  ).toMatch(/deactivated.*created the member/)
  expect(of('session')).toMatchObject([{ sentence: 'Ada signed in with a link', callId: null, status: null }])
  expect((await desk.call('GET', `/members/${ada.id}/history?limit=2`)).body.items).toEqual(
    body.items.slice(0, 2),
  )
})

test('the past of somebody who was removed is kept', async ({ app, desk, otherTenant, scim }) => {
  const ada = await create(scim, 'ada.kingsley@acme.example')
  await scim.send('DELETE', `/Users/${ada.id}`)
  const { status, body } = await desk.call('GET', `/members/${ada.id}/history`)
  const foreign = await deskOf(app, otherTenant)

  expect(status).toBe(200)
  expect(body.items[0].sentence).toMatch(/removed/)
  expect((await desk.call('GET', `/members/${ada.id}/access`)).status).toBe(404)
  expect((await foreign.call('GET', `/members/${ada.id}/history`)).status).toBe(404)
  expect((await foreign.call('GET', `/members/${ada.id}/access`)).status).toBe(404)
})
