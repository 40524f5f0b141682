/** `/Me` (RFC 7644 §3.11). */
import { checksOf } from '../check.ts'
import { answered, at, must, resourceOf, show, skip } from '../expect.ts'

const SECTION = 'RFC 7644 §3.11'

export const me = checksOf('Me', [
  {
    id: 'me.answer',
    title: '/Me answers the account, a redirect (308), or 501',
    requirement: 'SHOULD',
    source: SECTION,
    remedy: 'Answer 501 when there is no such thing, so that a client can tell it from a wrong address.',
    async run(s) {
      // A token that stands for no account has no /Me: 404 with a SCIM error says so.
      answered(await s.get('/Me'), 200, 308, 501)
    },
  },
  {
    id: 'me.location',
    title: '/Me says where the account lives',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Send Location with the permanent URL.',
    async run(s) {
      const reply = await s.get('/Me')
      if (![200, 308].includes(reply.status)) skip(`not offered: it answered ${reply.status}.`)
      const { location } = reply.headers
      const isSaid = /\/Users\/[^/]+$/.test(location ?? String(at(reply.body, 'meta', 'location')))
      must(isSaid, `Location is ${show(location)}.`)
    },
  },
  {
    id: 'me.account',
    title: 'What /Me answers is a user',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Answer the resource as GET /Users/{id} does.',
    async run(s) {
      const reply = await s.get('/Me')
      if (reply.status !== 200) skip(`not offered: it answered ${reply.status}.`)
      must(typeof resourceOf(reply)['userName'] === 'string', 'It has no userName.')
    },
  },
])
