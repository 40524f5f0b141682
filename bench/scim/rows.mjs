/**
 * The rows of the table: what a client sends. Every contestant gets the same requests, as Okta sends
 * them; only addresses, ids and the token differ. A row's `next` makes the next request of one
 * connection, and `check` looks into an answer, so that a 2xx without its effect does not count.
 */
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
export const PAGE = 100

/**
 * @typedef {object} Target where a contestant listens and whom it knows
 * @property {number} port on 127.0.0.1
 * @property {string} path what stands before `/Users`
 * @property {string} authorization
 * @property {number} size how many users it has
 * @property {{ id: string, userName: string }[]} users those in no group
 * @property {Record<string, string>} groups ids of the groups, by how many members they have
 *
 * @typedef {object} Row
 * @property {string} label
 * @property {(target: Target, turn: number, lane: number, lanes: number) => Request} next
 *   `turn` counts the requests of a connection from 0 and goes on in the next round; `lane` is the connection
 * @property {(answer: { status: number, body: unknown }, asked: Request) => string | undefined} check
 *   what is wrong with an answer, if anything is
 *
 * @typedef {{ method: string, path: string, body?: object, expect?: Record<string, unknown> }} Request
 */

/** @param {number} index from 0 */
export function userNameOf(index) {
  return `u${String(index).padStart(9, '0')}@bench.example`
}

/** A user as Okta's provisioning sends one, with what an admin usually maps. */
export function userResource(userName, more = {}) {
  const short = userName.split('@')[0]
  return {
    schemas: [USER, ENTERPRISE],
    externalId: `00u${short}`,
    userName,
    name: { givenName: 'Noor', familyName: `Haddad-${short}` },
    displayName: `Noor Haddad-${short}`,
    title: 'Support agent',
    emails: [{ primary: true, value: userName, type: 'work' }],
    phoneNumbers: [{ value: '+33 1 99 00 12 34', type: 'work' }],
    locale: 'en-US',
    [ENTERPRISE]: { department: 'Support', costCenter: '4130' },
    active: true,
    ...more,
  }
}

/** @type {Record<string, Row>} */
export const rows = {
  get: {
    label: 'Get a user',
    next(target) {
      const user = anyOf(target.users)
      return { method: 'GET', path: `/Users/${user.id}`, expect: { id: user.id } }
    },
    check: shows,
  },
  filter: {
    label: 'Find by userName',
    next(target) {
      const { id, userName } = anyOf(target.users)
      const filter = encodeURIComponent(`userName eq "${userName}"`)
      return { method: 'GET', path: `/Users?filter=${filter}&startIndex=1&count=100`, expect: { id } }
    },
    check({ body }, asked) {
      const found = body?.Resources ?? []
      return found.length === 1 ? shows({ body: found[0] }, asked) : `found ${found.length} users`
    },
  },
  page: {
    label: 'First page of 100',
    next: () => ({ method: 'GET', path: `/Users?startIndex=1&count=${PAGE}` }),
    check: ({ body }) =>
      body?.Resources?.length === PAGE ? undefined : `a page of ${body?.Resources?.length} users`,
  },
  create: {
    label: 'Create a user',
    next() {
      const userName = `n${stamp}${String(created++).padStart(7, '0')}@bench.example`
      return { method: 'POST', path: '/Users', body: userResource(userName), expect: { userName } }
    },
    check: shows,
  },
  patch: {
    label: 'PATCH active',
    next(target, turn, lane, lanes) {
      const { id } = ofLane(target.users, turn >> 1, lane, lanes)
      const active = turn % 2 === 1
      const body = { schemas: [PATCH], Operations: [{ op: 'replace', value: { active } }] }
      return { method: 'PATCH', path: `/Users/${id}`, body, expect: { id, active } }
    },
    check: shows,
  },
  put: {
    label: 'PUT a user',
    next(target, turn, lane, lanes) {
      const { id, userName } = ofLane(target.users, turn, lane, lanes)
      const title = `Support agent ${stamp}${turn}`
      return {
        method: 'PUT',
        path: `/Users/${id}`,
        body: userResource(userName, { id, title }),
        expect: { id, title },
      }
    },
    check: shows,
  },
  ...Object.fromEntries([10, 1000, 50_000].map((size) => [`group-${size}`, groupRow(size)])),
}

const stamp = Date.now().toString(36)
let created = 0

function groupRow(size) {
  return {
    label: `Add or remove a member, group of ${size.toLocaleString('en')}`,
    next(target, turn, lane, lanes) {
      const { id, userName } = ofLane(target.users, turn >> 1, lane, lanes)
      const op =
        turn % 2 === 0
          ? { op: 'add', path: 'members', value: [{ value: id, display: userName }] }
          : { op: 'remove', path: `members[value eq "${id}"]` }
      return {
        method: 'PATCH',
        path: `/Groups/${target.groups[size]}`,
        body: { schemas: [PATCH], Operations: [op] },
      }
    },
    check: ({ status }) => (status === 200 || status === 204 ? undefined : `answered ${status}`),
  }
}

/** The users of one connection, in turn: two connections never change the same one. */
function ofLane(users, turn, lane, lanes) {
  const share = Math.floor(users.length / lanes)
  return users[lane * share + (turn % share)]
}

function anyOf(users) {
  return users[Math.floor(Math.random() * users.length)]
}

function shows({ body, status }, { expect = {} }) {
  // A server may answer a change with 204 (RFC 7644 §3.5.2); then there is nothing to look into.
  if (status === 204) return undefined
  const wrong = Object.entries(expect).find(([name, value]) => body?.[name] !== value)
  return wrong && `${wrong[0]} is ${JSON.stringify(body?.[wrong[0]])} instead of ${JSON.stringify(wrong[1])}`
}
