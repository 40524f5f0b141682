/** What Okta sends: custom apps (AIW) with PUT, and apps of the integration network (OIN) with PATCH. */
import type { JsonObject } from '@keydesk/scim'
import { type Capability, type CheckBody, checksOf } from '../check.ts'
import {
  answered,
  at,
  isUnset,
  listOf,
  must,
  objects,
  refused,
  resourceOf,
  same,
  show,
  skip,
  USER,
  warn,
} from '../expect.ts'
import type { Session } from '../session.ts'
import type { Reply } from '../wire.ts'
import { expectError } from './errors.ts'
import { expectMembers, patched } from './groups.ts'

type Body = Omit<CheckBody, 'source' | 'requirement'> & { requirement?: CheckBody['requirement'] }

const GROUPS: readonly Capability[] = ['groups']

const aiw: Body[] = [
  {
    id: 'okta-aiw.test-connector',
    title: '“Test Connector Configuration” succeeds',
    remedy: 'Answer GET /Users?startIndex=1&count=2 with a list: that is the whole test.',
    async run(s) {
      const { resources } = listOf(await okta(s, 'GET', '/Users?startIndex=1&count=2'))
      must(resources.length <= 2, `It returned ${resources.length}.`)
    },
  },
  {
    id: 'okta-aiw.spec-list',
    title: 'A row of the list has id, names, userName, active and an e-mail address',
    remedy: 'Okta’s SPEC test looks at the first account of the list.',
    async run(s) {
      await s.sample()
      const { body, resources } = listOf(await okta(s, 'GET', '/Users?count=1&startIndex=1'))
      for (const name of ['itemsPerPage', 'startIndex', 'totalResults'])
        must(typeof body[name] === 'number', `${name} is ${show(body[name])}.`)
      const [first] = resources
      if (!first) skip('There is no account.')
      expectProfile(first)
    },
  },
  {
    id: 'okta-aiw.spec-get',
    title: 'The same account, read by its id, has the same',
    remedy: 'Return the whole account.',
    async run(s) {
      const { id } = await s.sample()
      const user = resourceOf(await okta(s, 'GET', `/Users/${id}`))
      same(user['id'], id, 'id')
      expectProfile(user)
    },
  },
  {
    id: 'okta-aiw.lookup-nothing',
    title: 'A lookup that finds nobody is an empty list',
    remedy: 'Answer 200 with totalResults 0; a 400 blocks the assignment.',
    async run(s) {
      const { total } = listOf(await okta(s, 'GET', lookup(`${s.mark}-nobody@example.com`)))
      same(total, 0, 'totalResults')
    },
  },
  {
    id: 'okta-aiw.unknown-id',
    title: 'An id that nobody has is 404 with detail and status',
    remedy: 'The SPEC test asks for two such ids, and reads schemas, detail and status.',
    async run(s) {
      for (const id of ['010101001010101011001010101011', '00919288221112222']) {
        const reply = await okta(s, 'GET', `/Users/${id}`)
        refused(reply, 404)
        expectError(reply)
        must(!isUnset(at(reply.body, 'detail')), 'There is no detail.')
      }
    },
  },
  {
    id: 'okta-aiw.wrong-token',
    title: 'Authorization: non-token is 401 with detail and status',
    remedy: 'Answer 401 with a SCIM error.',
    async run(s) {
      const reply = await s.send('GET', lookup(`${s.mark}@example.com`), {
        headers: { ...HEADERS, authorization: 'non-token' },
      })
      refused(reply, 401)
      expectError(reply)
      must(!isUnset(at(reply.body, 'detail')), 'There is no detail.')
    },
  },
  {
    id: 'okta-aiw.create',
    title: 'An assignment creates the account, with placeholder password and empty groups',
    remedy: 'Take groups: [] and password; Okta sends both always.',
    writes: true,
    async run(s) {
      const body = person(s)
      const user = resourceOf(await okta(s, 'POST', '/Users', body), 201)
      must(!isUnset(user['id']), 'There is no id.')
      same(user['userName'], body.userName, 'userName')
      same(user['active'], true, 'active')
      must(Array.isArray(user['schemas']) && user['schemas'].includes(USER), 'schemas lacks the core User.')
    },
  },
  {
    id: 'okta-aiw.create-json',
    title: 'The same with Content-Type: application/json, as the SPEC test sends it',
    remedy: 'Take application/json.',
    writes: true,
    async run(s) {
      const headers = { accept: 'application/scim+json; charset=utf-8', 'content-type': 'application/json' }
      answered(await s.send('POST', '/Users', { headers, body: person(s) }), 201)
    },
  },
  {
    id: 'okta-aiw.create-again',
    title: 'A creation that is repeated after a timeout is 409',
    remedy: 'Answer 409 uniqueness with detail; Okta then looks the account up and links it.',
    writes: true,
    async run(s) {
      const body = person(s)
      answered(await okta(s, 'POST', '/Users', body), 201)
      const reply = await okta(s, 'POST', '/Users', body)
      refused(reply, 409)
      expectError(reply)
    },
  },
  {
    id: 'okta-aiw.lookup-upper-case',
    title: 'A lookup in upper case finds the account, and its userName as it was sent',
    remedy: 'Compare without case; never change the case.',
    writes: true,
    async run(s) {
      const user = await s.user(person(s))
      const { resources } = listOf(await okta(s, 'GET', lookup(String(user['userName']).toUpperCase())))
      same(
        resources.map((one) => one['userName']),
        [user['userName']],
        'The userNames found',
      )
    },
  },
  {
    id: 'okta-aiw.link',
    title: 'An account that is there is linked: lookup, GET, PUT',
    remedy: 'Take the PUT of a merged profile with id, meta and groups in it.',
    writes: true,
    async run(s) {
      const made = await s.user()
      const { ids } = listOf(await okta(s, 'GET', lookup(String(made['userName']))))
      same(ids, [made.id], 'The ids found')
      const user = await s.read(`/Users/${made.id}`)
      const merged = { ...user, externalId: `00u${s.mark}`, groups: [], displayName: 'Linked by Okta' }
      same(
        resourceOf(await okta(s, 'PUT', `/Users/${made.id}`, merged))['displayName'],
        'Linked by Okta',
        'displayName',
      )
    },
  },
  {
    id: 'okta-aiw.update',
    title: 'A change of the profile is taken, with a stale name.formatted beside it',
    remedy: 'Keep givenName and familyName; a stale name.formatted must not undo them.',
    writes: true,
    async run(s) {
      const body = person(s)
      const { id } = await s.user(body)
      const name = { givenName: 'Ada', familyName: 'Lovelace', formatted: 'Check Before' }
      answered(await okta(s, 'PUT', `/Users/${id}`, { ...body, id, name }), 200)
      const user = await s.read(`/Users/${id}`)
      same([at(user, 'name', 'givenName'), at(user, 'name', 'familyName')], ['Ada', 'Lovelace'], 'The name')
    },
  },
  {
    id: 'okta-aiw.empty-values',
    title: 'Empty texts in a profile are no error',
    remedy: 'Treat "" as not assigned (test C9337 of Okta’s plan).',
    writes: true,
    async run(s) {
      const body = person(s)
      const { id } = await s.user(body)
      const empty = { title: '', nickName: '', phoneNumbers: [], locale: '' }
      answered(await okta(s, 'PUT', `/Users/${id}`, { ...body, ...empty }), 200)
    },
  },
  {
    id: 'okta-aiw.deactivate',
    title: 'Unassigning deactivates, assigning again activates the same account',
    remedy: 'Carry out PUT with active: false and active: true, and keep the id.',
    writes: true,
    async run(s) {
      const body = person(s)
      const { id } = await s.user(body)
      for (const active of [false, true]) {
        const answer = resourceOf(
          await okta(s, 'PUT', `/Users/${id}`, { ...(await s.read(`/Users/${id}`)), active }),
        )
        same(answer['active'], active, 'active in the answer')
        const { resources } = listOf(await okta(s, 'GET', lookup(body.userName)))
        same(
          [resources[0]?.['id'], resources[0]?.['active']],
          [id, active],
          'id and active when it is looked up',
        )
      }
    },
  },
  {
    id: 'okta-aiw.import',
    title: 'An import reads page by page until totalResults',
    remedy: 'Keep totalResults and the order the same between pages.',
    async run(s) {
      const seen = new Set<string>()
      for (let startIndex = 1, total = 1; startIndex <= Math.min(total, 500); startIndex += 100) {
        const list = listOf(await okta(s, 'GET', `/Users?startIndex=${startIndex}&count=100`))
        total = list.total
        if (list.ids.length === 0) must(startIndex > total, `The page at ${startIndex} of ${total} is empty.`)
        if (list.ids.length < 100 && startIndex + list.ids.length <= total)
          warn(
            `The page at ${startIndex} has ${list.ids.length} of 100, and there are more: Okta goes on at ${startIndex + 100}.`,
          )
        for (const id of list.ids) must(!seen.has(id), `${id} is on two pages.`)
        for (const id of list.ids) seen.add(id)
      }
    },
  },
  {
    id: 'okta-aiw.group-push',
    title: 'A pushed group is looked up, created and filled by PUT',
    remedy: 'Take the PUT of the whole member list.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const user = await s.user()
      const body = s.newGroup()
      const filter = encodeURIComponent(`displayName eq "${body.displayName}"`)
      same(
        listOf(await okta(s, 'GET', `/Groups?filter=${filter}&startIndex=1&count=100`)).total,
        0,
        'totalResults',
      )
      const { id } = resourceOf(await okta(s, 'POST', '/Groups', body), 201)
      const group = resourceOf(await okta(s, 'GET', `/Groups/${id}`))
      const members = [{ value: user.id, display: user['userName'] }]
      answered(await okta(s, 'PUT', `/Groups/${id}`, { ...group, members }), 200)
      await expectMembers(s, String(id), [user.id])
    },
  },
  {
    id: 'okta-aiw.group-shrinks',
    title: 'A PUT with fewer members removes the others',
    remedy: 'members.value is immutable in one member; that must not block a new list.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const body = s.newGroup([a.id, b.id])
      const { id } = await s.group([], body)
      answered(
        await okta(s, 'PUT', `/Groups/${id}`, {
          ...body,
          id,
          members: [{ value: b.id, display: b['userName'] }],
        }),
        200,
      )
      await expectMembers(s, id, [b.id])
    },
  },
  {
    id: 'okta-aiw.group-unlink',
    title: 'Unlinking with “delete” deletes the group',
    remedy: 'Answer 204.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const { id } = await s.group()
      answered(await okta(s, 'DELETE', `/Groups/${id}`), 204)
    },
  },
  {
    id: 'okta-aiw.groups-refresh',
    title: '“Refresh App Groups” reads the groups',
    remedy: 'Answer GET /Groups?startIndex=1&count=100, in less than 600 ms.',
    needs: GROUPS,
    async run(s) {
      const reply = await okta(s, 'GET', '/Groups?startIndex=1&count=100')
      listOf(reply)
      if (reply.ms > 600) warn(`It took ${reply.ms} ms.`)
    },
  },
  {
    id: 'okta-aiw.raw-token',
    title: 'The token is taken without the word Bearer',
    requirement: 'MAY',
    remedy: 'Some apps of Okta’s network send the token alone. Take it when its form leaves no doubt.',
    async run(s) {
      if (s.bearer === undefined) skip('This run has no bearer token.')
      const reply = await s.send('GET', '/Users?startIndex=1&count=1', {
        headers: { authorization: s.bearer },
      })
      s.note('rawToken', reply.status === 200)
      answered(reply, 200)
    },
  },
]

const oin: Body[] = [
  {
    id: 'okta-oin.deactivate',
    title: 'PATCH replace {active: false} without a path deactivates; the same with true activates',
    remedy: 'Read the value as a bag of attributes.',
    writes: true,
    async run(s) {
      const { id } = await s.user(person(s))
      for (const active of [false, true]) {
        answered(await patchUser(s, id, { op: 'replace', value: { active } }), 200, 204)
        same((await s.read(`/Users/${id}`))['active'], active, 'active')
      }
    },
  },
  {
    id: 'okta-oin.password',
    title: 'PATCH replace {password} is taken',
    remedy: 'Take it, or ignore it with a success.',
    writes: true,
    async run(s) {
      const { id } = await s.user(person(s))
      answered(await patchUser(s, id, { op: 'replace', value: { password: 'dQ6-Synced-2026!' } }), 200, 204)
    },
  },
  {
    id: 'okta-oin.profile',
    title: 'PATCH of a profile without a path changes what it names',
    remedy: 'Merge name; replace lists.',
    writes: true,
    async run(s) {
      const { id } = await s.user(person(s))
      const emails = [{ value: `${s.mark}.oin@example.com`, type: 'work', primary: true }]
      answered(
        await patchUser(s, id, { op: 'replace', value: { name: { familyName: 'Oin' }, emails } }),
        200,
        204,
      )
      const user = await s.read(`/Users/${id}`)
      same(
        [at(user, 'name', 'familyName'), at(user, 'emails', 0, 'value')],
        ['Oin', emails[0]?.value],
        'familyName and address',
      )
    },
  },
  {
    id: 'okta-oin.rename',
    title: 'A rename with the group’s id in the value succeeds and keeps the members',
    remedy: 'Ignore id in the value when it is the group’s own.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      const { displayName } = s.newGroup()
      await patched(s, id, { op: 'replace', value: { id, displayName } })
      same((await s.read(`/Groups/${id}`))['displayName'], displayName, 'displayName')
      await expectMembers(s, id, [user.id])
    },
  },
  {
    id: 'okta-oin.membership',
    title: 'One PATCH removes by filter and adds by list',
    remedy: 'Carry out all operations of the request.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const [a, b, c] = [await s.user(), await s.user(), await s.user()]
      const { id } = await s.group([a.id, b.id])
      await patched(
        s,
        id,
        { op: 'remove', path: `members[value eq "${a.id}"]` },
        { op: 'add', path: 'members', value: [{ value: c.id, display: c['userName'] }] },
      )
      await expectMembers(s, id, [b.id, c.id])
    },
  },
  {
    id: 'okta-oin.rename-with-members',
    title: 'Rename and memberships may come in one PATCH',
    remedy: 'Carry out all operations of the request.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id])
      const { displayName } = s.newGroup()
      await patched(
        s,
        id,
        { op: 'replace', value: { id, displayName } },
        { op: 'add', path: 'members', value: [{ value: b.id, display: b['userName'] }] },
      )
      same((await s.read(`/Groups/${id}`))['displayName'], displayName, 'displayName')
      await expectMembers(s, id, [a.id, b.id])
    },
  },
  {
    id: 'okta-oin.push-now',
    title: '“Push now” replaces the members',
    remedy: 'Replace the list.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id])
      await patched(s, id, {
        op: 'replace',
        path: 'members',
        value: [{ value: b.id, display: b['userName'] }],
      })
      await expectMembers(s, id, [b.id])
    },
  },
  {
    id: 'okta-oin.push-nobody',
    title: '“Push now” of an empty group empties it',
    remedy: 'Take value: [].',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const { id } = await s.group([(await s.user()).id])
      await patched(s, id, { op: 'replace', path: 'members', value: [] })
      await expectMembers(s, id, [])
    },
  },
  {
    id: 'okta-oin.add-again',
    title: 'A push that is repeated lists nobody twice',
    remedy: 'Make add idempotent.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const user = await s.user()
      const { id } = await s.group()
      const add = { op: 'add', path: 'members', value: [{ value: user.id, display: user['userName'] }] }
      await patched(s, id, add)
      await patched(s, id, add)
      await expectMembers(s, id, [user.id])
    },
  },
  {
    id: 'okta-oin.remove-again',
    title: 'A removal that is repeated is a success',
    remedy: 'Who is not there is removed already.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id, b.id])
      const remove = { op: 'remove', path: `members[value eq "${a.id}"]` }
      await patched(s, id, remove)
      await patched(s, id, remove)
      await expectMembers(s, id, [b.id])
    },
  },
]

export const oktaAiw = checksOf(
  'Okta AIW',
  aiw.map((body) => client(body)),
)
export const oktaOin = checksOf(
  'Okta OIN',
  oin.map((body) => client({ ...body, needs: ['patch', ...(body.needs ?? [])] })),
)

function client(body: Body): CheckBody {
  return { requirement: 'CLIENT', source: 'Okta', ...body }
}

const HEADERS = {
  accept: 'application/scim+json',
  'accept-charset': 'utf-8',
  'user-agent': 'Okta SCIM Client 1.0.0',
}

function okta(s: Session, method: string, path: string, body?: unknown): Promise<Reply> {
  return s.send(method, path, { headers: HEADERS, body })
}

function patchUser(s: Session, id: string, ...Operations: object[]): Promise<Reply> {
  return okta(s, 'PATCH', `/Users/${id}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations,
  })
}

function lookup(userName: string): string {
  return `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}&startIndex=1&count=100`
}

function person(s: Session) {
  return s.newUser({ locale: 'en-US', groups: [], password: '8xQ-placeholder-2026!' })
}

function expectProfile(user: JsonObject): void {
  for (const steps of [['id'], ['name', 'familyName'], ['name', 'givenName'], ['userName'], ['active']])
    must(!isUnset(at(user, ...steps)), `${steps.join('.')} is missing.`)
  must(!isUnset(objects(user['emails'])[0]?.['value']), 'emails[0].value is missing.')
}
