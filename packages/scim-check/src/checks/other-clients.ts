/** What OneLogin, JumpCloud and Ping send. */
import { type CheckBody, checksOf } from '../check.ts'
import { answered, at, ENTERPRISE, listOf, must, resourceOf, same } from '../expect.ts'
import { expectMembers, patched } from './groups.ts'

type Body = Omit<CheckBody, 'source' | 'requirement'>

const oneLoginBodies: Body[] = [
  {
    id: 'onelogin.connect',
    title: 'Connecting looks up somebody who is not there: an empty list, or 404',
    remedy: 'Answer 200 with an empty list.',
    async run(s) {
      const reply = await s.get('/Users', { filter: `userName eq "${s.mark}-nobody"` })
      answered(reply, 200, 404)
      if (reply.status === 200) same(listOf(reply).total, 0, 'totalResults')
    },
  },
  {
    id: 'onelogin.template',
    title: 'A template with "id": null, texts for booleans and meta creates an account',
    remedy: 'Admins write the JSON by hand: read "true" as true, and ignore id and meta.',
    writes: true,
    async run(s) {
      const body = s.newUser({ id: null, active: 'true', meta: { resourceType: 'User' } })
      const { id } = resourceOf(await s.post('/Users', body), 201)
      same((await s.read(`/Users/${id}`))['active'], true, 'active')
    },
  },
  {
    id: 'onelogin.old-urns',
    title: 'Schema URNs of SCIM 1.0 beside or instead of those of 2.0 do not stop it',
    remedy: 'Go by the endpoint, not by schemas, when it names the core of 1.0.',
    writes: true,
    async run(s) {
      const schemas = ['urn:scim:schemas:core:1.0', 'urn:scim:schemas:extension:enterprise:1.0']
      answered(await s.post('/Users', s.newUser({ schemas })), 201)
    },
  },
  {
    id: 'onelogin.manager-id',
    title: 'manager.managerId in the extension does not stop it',
    remedy: 'Ignore sub-attributes that are not known.',
    writes: true,
    async run(s) {
      const user = s.newUser({ [ENTERPRISE]: { department: 'IT', manager: { managerId: '' } } })
      answered(await s.post('/Users', user), 201)
    },
  },
  {
    id: 'onelogin.lifecycle',
    title: 'Lookup, POST, GET, PUT and DELETE go through',
    remedy: 'See the checks of creating, replacing and deleting.',
    writes: true,
    async run(s) {
      const body = s.newUser()
      same((await s.find('/Users', `userName eq "${body.userName}"`)).total, 0, 'totalResults')
      const { id } = resourceOf(await s.post('/Users', body), 201)
      const user = await s.read(`/Users/${id}`)
      answered(await s.put(`/Users/${id}`, { ...user, active: 'false' }), 200)
      same((await s.read(`/Users/${id}`))['active'], false, 'active after "false"')
      answered(await s.remove(`/Users/${id}`), 204)
    },
  },
  {
    id: 'onelogin.json',
    title: 'Requests in application/json are answered in JSON',
    remedy: 'Take application/json in both directions.',
    async run(s) {
      const headers = { accept: 'application/json', 'content-type': 'application/json' }
      listOf(await s.send('GET', '/Users?startIndex=1&count=1', { headers }))
    },
  },
]

const jumpCloudBodies: Body[] = [
  {
    id: 'jumpcloud.activation',
    title: 'Activation makes a test user and a test group, and deletes both',
    remedy: 'Let DELETE work for users and groups.',
    needs: ['groups'],
    writes: true,
    async run(s) {
      const user = await s.user()
      const group = await s.group([user.id])
      answered(await s.remove(`/Groups/${group.id}`), 204)
      answered(await s.remove(`/Users/${user.id}`), 204)
      answered(await s.get(`/Users/${user.id}`), 404)
    },
  },
  {
    id: 'jumpcloud.add-again',
    title: 'Adding the same member again is a success',
    remedy: 'Make add idempotent: JumpCloud repeats it.',
    needs: ['groups', 'patch'],
    writes: true,
    async run(s) {
      const user = await s.user()
      const { id } = await s.group()
      const add = { op: 'add', path: 'members', value: [{ value: user.id }] }
      await patched(s, id, add)
      await patched(s, id, add)
      await expectMembers(s, id, [user.id])
    },
  },
  {
    id: 'jumpcloud.remove-by-value',
    title: 'A removal with the member in value removes that member alone',
    remedy: 'Remove those in value.',
    needs: ['groups', 'patch'],
    writes: true,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id, b.id])
      await patched(s, id, { op: 'remove', path: 'members', value: [{ value: a.id }] })
      await expectMembers(s, id, [b.id])
    },
  },
  {
    id: 'jumpcloud.suspend',
    title: 'Suspending is a PUT with active: false and without a password',
    remedy: 'Keep what the PUT does not know, and deactivate.',
    writes: true,
    async run(s) {
      const body = s.newUser()
      const { id } = await s.user({ ...body, password: 'eR5-Jump-2026!' })
      same(resourceOf(await s.put(`/Users/${id}`, { ...body, active: false }))['active'], false, 'active')
    },
  },
]

const pingBodies: Body[] = [
  {
    id: 'ping.mail-filter',
    title: 'emails eq "…", without a sub-attribute, finds the account',
    remedy: 'Read emails as emails.value.',
    writes: true,
    async run(s) {
      const user = await s.user()
      const mail = String(at(user, 'emails', 0, 'value') ?? user['userName'])
      same((await s.find('/Users', `emails eq "${mail}"`)).ids, [user.id], 'The ids found')
    },
  },
  {
    id: 'ping.name-filter',
    title: 'userName eq "…" finds the account',
    remedy: 'Answer the filter.',
    writes: true,
    async run(s) {
      const { id, userName } = await s.user()
      same((await s.find('/Users', `userName eq ${JSON.stringify(userName)}`)).ids, [id], 'The ids found')
    },
  },
  {
    id: 'ping.disable',
    title: 'Disabling by PUT of the whole account works, and the account stays',
    remedy: 'Carry out active: false.',
    writes: true,
    async run(s) {
      const { id } = await s.user()
      answered(await s.put(`/Users/${id}`, { ...(await s.read(`/Users/${id}`)), active: false }), 200)
      const user = await s.read(`/Users/${id}`)
      same(user['active'], false, 'active')
    },
  },
  {
    id: 'ping.user-agent',
    title: 'A request of a plain HTTP client, without Accept, is served',
    remedy: 'Do not ask for a certain User-Agent or Accept.',
    async run(s) {
      const headers = { accept: undefined, 'user-agent': 'Apache-HttpClient/4.5' }
      const { resources } = listOf(await s.send('GET', '/Users?startIndex=1&count=1', { headers }))
      must(resources.length <= 1, `It returned ${resources.length}.`)
    },
  },
]

export const oneLogin = checksOf(
  'OneLogin',
  oneLoginBodies.map((body) => client('OneLogin', body)),
)
export const jumpCloud = checksOf(
  'JumpCloud',
  jumpCloudBodies.map((body) => client('JumpCloud', body)),
)
export const ping = checksOf(
  'Ping',
  pingBodies.map((body) => client('Ping', body)),
)

function client(source: string, body: Body): CheckBody {
  return { ...body, requirement: 'CLIENT', source }
}
