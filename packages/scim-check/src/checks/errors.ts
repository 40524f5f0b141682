/** Errors and refusals (RFC 7644 §3.12), and requests that mean harm. */
import { isRecord } from '@keydesk/scim'
import { type CheckBody, checksOf } from '../check.ts'
import { answered, at, ERROR, isUnset, must, same, show, skip } from '../expect.ts'
import type { Session } from '../session.ts'
import type { Reply } from '../wire.ts'

const SECTION = 'RFC 7644 §3.12'

/** Requests that are refused, and whose refusal has to be a SCIM error. */
const REFUSALS: [id: string, what: string, statuses: number[], ask: (s: Session) => Promise<Reply>][] = [
  ['unknown-user', 'an unknown user', [404], (s) => s.get(`/Users/${s.mark}-nobody`)],
  ['unknown-endpoint', 'an unknown endpoint', [404], (s) => s.get('/NoSuchEndpoint')],
  [
    'unknown-below',
    'a path below a user that does not exist',
    [404, 405],
    (s) => s.get(`/Users/${s.mark}/nothing`),
  ],
  ['bad-filter', 'a filter that cannot be read', [400], (s) => s.get('/Users', { filter: 'userName eq' })],
  ['wrong-token', 'a wrong token', [401], (s) => stranger(s, 'Bearer keydesk-check-wrong-token')],
  ['no-token', 'no token', [401], (s) => stranger(s, undefined)],
  ['junk-token', 'an Authorization that is none', [401], (s) => stranger(s, 'non-token')],
  [
    'wrong-method',
    'a method that a list does not take',
    [405, 404, 501],
    (s) => s.send('PUT', '/Users', { body: {} }),
  ],
  ['junk-body', 'a body that is not JSON', [400], (s) => s.send('POST', '/Users', { body: '{{{' })],
  ['no-body', 'a POST without a body', [400, 415], (s) => s.send('POST', '/Users')],
  [
    'deep-body',
    'a body of 5,000 brackets',
    [400, 413],
    (s) => s.send('POST', '/Users', { body: `${'['.repeat(5000)}${']'.repeat(5000)}` }),
  ],
  [
    'strange-path',
    'a path with an encoded slash and dots',
    [400, 404],
    (s) => s.get('/Users/..%2f..%2fSchemas'),
  ],
  ['null-byte', 'an id with a null byte', [400, 404], (s) => s.get('/Users/a%00b')],
  ['bad-encoding', 'an id that is not valid UTF-8', [400, 404], (s) => s.get('/Users/%ff%fe')],
]

const WRITING = ['wrong-method', 'junk-body', 'no-body', 'deep-body']

const refusals = REFUSALS.map(
  ([id, what, statuses, ask]): CheckBody => ({
    id: `errors.${id}`,
    title: `For ${what} the answer is ${statuses.join(' or ')}, as a SCIM error`,
    requirement: 'MUST',
    source: SECTION,
    remedy:
      'Answer every refusal with the SCIM error: also the ones of the router, the proxy and the body parser.',
    writes: WRITING.includes(id),
    async run(s) {
      const reply = await ask(s)
      answered(reply, ...statuses)
      expectError(reply)
    },
  }),
)

const others: CheckBody[] = [
  {
    id: 'errors.status-text',
    title: 'status of an error is a string with the HTTP status',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Write "status": "404", in quotes.',
    async run(s) {
      const reply = await s.get(`/Users/${s.mark}-nobody`)
      same(at(reply.body, 'status'), String(reply.status), 'status')
    },
  },
  {
    id: 'errors.detail',
    title: 'An error says in words what is wrong',
    requirement: 'CLIENT',
    source: 'Okta',
    remedy: 'Fill detail. Okta shows it to the admin, word for word.',
    async run(s) {
      const reply = await s.get(`/Users/${s.mark}-nobody`)
      const detail = at(reply.body, 'detail')
      must(typeof detail === 'string' && detail.trim() !== '', `detail is ${show(detail)}.`)
    },
  },
  {
    id: 'errors.media-type',
    title: 'An error is application/scim+json, never HTML',
    requirement: 'MUST',
    source: 'RFC 7644 §3.8',
    remedy: 'Set the Content-Type of errors. Okta says "Invalid JSON" when it gets a page of HTML.',
    async run(s) {
      const reply = await s.get('/NoSuchEndpoint')
      const type = reply.headers['content-type'] ?? ''
      must(/^application\/(scim\+)?json/.test(type), `Content-Type is ${show(type)}.`)
    },
  },
  {
    id: 'errors.www-authenticate',
    title: '401 says with WWW-Authenticate how to sign in',
    requirement: 'MUST',
    source: 'RFC 7644 §2, RFC 9110 §11.6.1',
    remedy: 'Send WWW-Authenticate: Bearer.',
    async run(s) {
      const reply = await stranger(s, undefined)
      answered(reply, 401)
      must(!isUnset(reply.headers['www-authenticate']), 'There is no WWW-Authenticate.')
    },
  },
  {
    id: 'errors.stranger-learns-nothing',
    title: 'Without a token, a path that exists and one that does not are answered alike',
    requirement: 'SHOULD',
    source: 'RFC 7644 §7',
    remedy: 'Ask who it is before anything else.',
    async run(s) {
      const headers = { authorization: 'Bearer keydesk-check-wrong-token' }
      const real = await s.send('GET', `/Users/${(await s.sample()).id}`, { headers })
      const none = await s.send('GET', `/Users/${s.mark}-nobody`, { headers })
      same(
        [none.status, at(none.body, 'detail')],
        [real.status, at(real.body, 'detail')],
        'Status and detail',
      )
    },
  },
  {
    id: 'errors.method-allow',
    title: '405 says with Allow what is taken',
    requirement: 'MUST',
    source: 'RFC 9110 §15.5.6',
    remedy: 'Send Allow.',
    writes: true,
    async run(s) {
      const reply = await s.send('PUT', '/Users', { body: {} })
      if (reply.status !== 405) skip(`It answered ${reply.status}.`)
      must(!isUnset(reply.headers['allow']), 'There is no Allow.')
    },
  },
  {
    id: 'errors.long-query',
    title: 'A filter of 20,000 characters does no harm',
    requirement: 'SHOULD',
    source: 'RFC 7644 §7',
    remedy: 'Limit the length, and answer 400 or 414.',
    async run(s) {
      const reply = await s.get('/Users', { filter: `userName eq "${'x'.repeat(20_000)}"` })
      must(reply.status < 500, `It answered ${reply.status}.`)
    },
  },
  {
    id: 'errors.big-body',
    title: 'A body of three megabytes is taken or refused, as a SCIM error',
    requirement: 'SHOULD',
    source: SECTION,
    remedy: 'Answer 413 as a SCIM error.',
    writes: true,
    async run(s) {
      const reply = await s.post('/Users', s.newUser({ title: 'x'.repeat(3 * 1024 * 1024) }))
      must(reply.status < 500, `It answered ${reply.status}.`)
      if (reply.status >= 400) expectError(reply)
    },
  },
]

export const errors = checksOf('Errors', [...refusals, ...others])

/** The body is a SCIM error. */
export function expectError(reply: Reply): void {
  must(
    isRecord(reply.body),
    `${reply.asked} answered ${reply.status} with ${reply.text === '' ? 'nothing' : 'something that is not JSON'}.`,
  )
  must(
    at(reply.body, 'schemas', 0) === ERROR,
    `${reply.asked} answered ${reply.status}, and schemas is ${show(at(reply.body, 'schemas'))}.`,
  )
  must(
    Number(at(reply.body, 'status')) === reply.status,
    `status is ${show(at(reply.body, 'status'))}, and the answer's is ${reply.status}.`,
  )
}

function stranger(s: Session, authorization: string | undefined): Promise<Reply> {
  return s.send('GET', '/Users?startIndex=1&count=1', { headers: { authorization } })
}
