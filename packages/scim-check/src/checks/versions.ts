/** ETags and conditions (RFC 7644 §3.14). */
import { type CheckBody, checksOf } from '../check.ts'
import { answered, at, must, same, show } from '../expect.ts'
import type { Made, Session } from '../session.ts'
import type { Reply } from '../wire.ts'

const SECTION = 'RFC 7644 §3.14'
const STALE = 'W/"keydesk-check-stale"'

const checks: Omit<CheckBody, 'needs' | 'writes'>[] = [
  {
    id: 'versions.etag',
    title: 'ETag is sent, weak, and equal to meta.version',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Send ETag: W/"…" and the same text as meta.version.',
    async run(s) {
      const reply = await s.get(`/Users/${(await s.user()).id}`)
      const { etag } = reply.headers
      must(etag, 'There is no ETag.')
      same(at(reply.body, 'meta', 'version'), etag, 'meta.version')
      must(etag.startsWith('W/"'), `ETag is ${show(etag)}, which is not weak.`)
    },
  },
  {
    id: 'versions.etag-on-create',
    title: 'The answer of a POST has the ETag that a GET has',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Send ETag with every answer that is one resource.',
    async run(s) {
      const reply = await s.post('/Users', s.newUser())
      answered(reply, 201)
      const { etag } = (await s.get(`/Users/${at(reply.body, 'id')}`)).headers
      same(reply.headers['etag'], etag, 'ETag of the POST')
    },
  },
  {
    id: 'versions.in-list',
    title: 'Rows of a list have meta.version',
    requirement: 'SHOULD',
    source: SECTION,
    remedy: 'Give meta.version in lists, too.',
    async run(s) {
      const user = await s.user()
      const { resources } = await s.find('/Users', `userName eq ${JSON.stringify(user['userName'])}`)
      same(at(resources[0], 'meta', 'version'), (await current(s, user)).etag, 'meta.version')
    },
  },
  {
    id: 'versions.not-modified',
    title: 'GET with If-None-Match of the current version answers 304 without a body',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Answer 304.',
    async run(s) {
      const user = await s.user()
      const reply = await on(s, 'GET', user, { 'if-none-match': (await current(s, user)).etag })
      answered(reply, 304)
      same(reply.text, '', 'The body')
    },
  },
  {
    id: 'versions.modified',
    title: 'GET with If-None-Match of another version answers 200',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Compare with the version there is.',
    async run(s) {
      answered(await on(s, 'GET', await s.user(), { 'if-none-match': STALE }), 200)
    },
  },
  ...(['PUT', 'PATCH', 'DELETE'] as const).flatMap((method): Omit<CheckBody, 'needs' | 'writes'>[] => [
    {
      id: `versions.${method.toLowerCase()}-stale`,
      title: `${method} with If-Match of another version is refused with 412`,
      requirement: 'MUST',
      source: SECTION,
      remedy: 'Answer 412 and change nothing.',
      async run(s) {
        const user = await s.user()
        answered(await on(s, method, user, { 'if-match': STALE }), 412)
        same((await s.read(`/Users/${user.id}`))['displayName'], user['displayName'], 'displayName')
      },
    },
    {
      id: `versions.${method.toLowerCase()}-current`,
      title: `${method} with If-Match of the current version is carried out`,
      requirement: 'MUST',
      source: SECTION,
      remedy: 'Take the version as it was sent, with W/ and quotation marks.',
      async run(s) {
        const user = await s.user()
        answered(await on(s, method, user, { 'if-match': (await current(s, user)).etag }), 200, 204)
      },
    },
  ]),
  {
    id: 'versions.any',
    title: 'If-Match: * is carried out',
    requirement: 'MUST',
    source: 'RFC 9110 §13.1.1',
    remedy: 'Read * as: if there is one at all.',
    async run(s) {
      answered(await on(s, 'PUT', await s.user(), { 'if-match': '*' }), 200)
    },
  },
  {
    id: 'versions.list-of-etags',
    title: 'If-Match may name several versions',
    requirement: 'MUST',
    source: 'RFC 9110 §13.1.1',
    remedy: 'Carry it out when one of them is current.',
    async run(s) {
      const user = await s.user()
      const { etag } = await current(s, user)
      answered(await on(s, 'PUT', user, { 'if-match': `${STALE}, ${etag}` }), 200)
    },
  },
  {
    id: 'versions.changes',
    title: 'A change makes a new version',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Count versions; a time is too coarse.',
    async run(s) {
      const user = await s.user()
      const before = await current(s, user)
      answered(await on(s, 'PUT', user, {}), 200)
      must((await current(s, user)).etag !== before.etag, 'The ETag is the same.')
    },
  },
  {
    id: 'versions.no-change',
    title: 'A PATCH that changes nothing keeps the version',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.1',
    remedy: 'Compare before writing.',
    async run(s) {
      const user = await s.user()
      const before = await current(s, user)
      answered(
        await s.patch(`/Users/${user.id}`, { op: 'add', path: 'emails', value: before.body['emails'] }),
        200,
        204,
      )
      same((await current(s, user)).etag, before.etag, 'ETag')
    },
  },
  {
    id: 'versions.race',
    title: 'Of two PUTs with one If-Match, one is refused',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Compare and write in one step.',
    async run(s) {
      const user = await s.user()
      const { etag } = await current(s, user)
      const replies = await Promise.all(
        [1, 2, 3].map((n) => on(s, 'PUT', user, { 'if-match': etag }, `Writer ${n}`)),
      )
      const done = replies.filter(({ status }) => status < 300)
      must(done.length === 1, `${done.length} of 3 were carried out.`)
    },
  },
]

export const versions = checksOf(
  'Versions',
  checks.map((check): CheckBody => ({ ...check, needs: ['etag'], writes: true })),
)

async function current(s: Session, { id }: Made) {
  const reply = await s.get(`/Users/${id}`)
  const { etag } = reply.headers
  must(etag, 'There is no ETag.')
  return { etag, body: listless(reply) }
}

function listless(reply: Reply) {
  answered(reply, 200)
  return reply.body as { [name: string]: unknown }
}

async function on(
  s: Session,
  method: 'GET' | 'PUT' | 'PATCH' | 'DELETE',
  user: Made,
  headers: Record<string, string>,
  displayName = 'With a condition',
): Promise<Reply> {
  const { meta: _, ...writable } = user
  const operations = [{ op: 'replace', path: 'displayName', value: displayName }]
  const bodies = {
    GET: undefined,
    DELETE: undefined,
    PUT: { ...writable, displayName },
    PATCH: { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations },
  }
  return s.send(method, `/Users/${user.id}`, { headers, body: bodies[method] })
}
