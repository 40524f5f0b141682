/** Deleting accounts (RFC 7644 §3.6). */
import { type CheckBody, checksOf } from '../check.ts'
import { answered, at, must, objects, refused, same } from '../expect.ts'

const SECTION = 'RFC 7644 §3.6'

const checks: Omit<CheckBody, 'writes'>[] = [
  {
    id: 'deleting.status',
    title: 'DELETE answers 204 without a body',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Answer 204 and nothing else.',
    async run(s) {
      const { id } = await s.user()
      const reply = await s.remove(`/Users/${id}`)
      answered(reply, 204)
      same(reply.text, '', 'The body')
    },
  },
  ...(['GET', 'PUT', 'PATCH', 'DELETE'] as const).map(
    (method): Omit<CheckBody, 'writes'> => ({
      id: `deleting.then-${method.toLowerCase()}`,
      title: `After a DELETE, ${method} answers 404`,
      requirement: 'MUST',
      source: SECTION,
      remedy: 'Answer 404 to everything about an account that is gone.',
      async run(s) {
        const body = s.newUser()
        const { id } = await s.user(body)
        answered(await s.remove(`/Users/${id}`), 204, 200)
        if (method === 'GET') refused(await s.get(`/Users/${id}`), 404)
        if (method === 'PUT') refused(await s.put(`/Users/${id}`, body), 404)
        if (method === 'PATCH')
          refused(await s.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false }), 404)
        if (method === 'DELETE') refused(await s.remove(`/Users/${id}`), 404)
      },
    }),
  ),
  {
    id: 'deleting.unlisted',
    title: 'A deleted account is in no list',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Leave deleted accounts out of every query.',
    async run(s) {
      const { id, userName } = await s.user()
      answered(await s.remove(`/Users/${id}`), 204, 200)
      const { total } = await s.find('/Users', `userName eq ${JSON.stringify(userName)}`)
      must(total === 0, 'The filter by userName still finds it.')
    },
  },
  {
    id: 'deleting.name-free',
    title: 'The userName of a deleted account can be used again',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Do not let a deleted account hold its userName: a new one must not be answered 409.',
    async run(s) {
      const body = s.newUser()
      const { id } = await s.user(body)
      answered(await s.remove(`/Users/${id}`), 204, 200)
      answered(await s.post('/Users', body), 201)
    },
  },
  {
    id: 'deleting.unknown',
    title: 'DELETE of an id that nobody has answers 404',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12',
    remedy: 'Answer 404.',
    async run(s) {
      refused(await s.remove(`/Users/${s.mark}-nobody`), 404)
    },
  },
  {
    id: 'deleting.out-of-groups',
    title: 'A deleted account is in no group any more',
    requirement: 'SHOULD',
    source: 'Okta, Entra',
    remedy: 'Take deleted accounts out of members, so that no list names somebody who is not there.',
    needs: ['groups'],
    async run(s) {
      const [gone, stays] = [await s.user(), await s.user()]
      const group = await s.group([gone.id, stays.id])
      answered(await s.remove(`/Users/${gone.id}`), 204, 200)
      const members = objects(at(await s.read(`/Groups/${group.id}`), 'members')).map(({ value }) => value)
      must(members.includes(stays.id), 'The other member was lost as well.')
      must(!members.includes(gone.id), 'The group still names the deleted account.')
    },
  },
]

export const deleting = checksOf(
  'Deleting',
  checks.map((check) => ({ ...check, writes: true })),
)
