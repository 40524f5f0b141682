/** Many operations in one request (RFC 7644 §3.7). */
import type { JsonObject } from '@keydesk/scim'
import { type CheckBody, checksOf } from '../check.ts'
import {
  answered,
  at,
  fail,
  isUnset,
  membersOf,
  must,
  objects,
  refused,
  resourceOf,
  same,
  show,
  skip,
} from '../expect.ts'
import type { Session } from '../session.ts'

const REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
const RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse'
const SECTION = 'RFC 7644 §3.7'

const checks: Omit<CheckBody, 'needs' | 'writes'>[] = [
  {
    id: 'bulk.create',
    title: 'A POST in a bulk makes the account',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Answer 200 with one result for each operation.',
    async run(s) {
      const [result] = await bulk(s, [post('/Users', 'u1', s.newUser())])
      same(result?.['status'], '201', 'status')
      same((await s.read(pathOf(result)))['active'], true, 'active of the new account')
    },
  },
  {
    id: 'bulk.schemas',
    title: 'The answer names the schema of BulkResponse',
    requirement: 'MUST',
    source: SECTION,
    remedy: `Put ${RESPONSE} into schemas.`,
    async run(s) {
      const reply = await send(s, [post('/Users', 'u1', s.newUser())])
      same(resourceOf(reply)['schemas'], [RESPONSE], 'schemas')
    },
  },
  {
    id: 'bulk.result',
    title: 'A result has method, bulkId, location and status',
    requirement: 'MUST',
    source: `${SECTION}.3`,
    remedy: 'Repeat method and bulkId; give location, except for a POST that failed.',
    async run(s) {
      const [result] = await bulk(s, [post('/Users', 'u1', s.newUser())])
      same([result?.['method'], result?.['bulkId']], ['POST', 'u1'], 'method and bulkId')
      must(!isUnset(result?.['location']), 'There is no location.')
      must(typeof result?.['status'] === 'string', `status is ${show(result?.['status'])}, not a string.`)
    },
  },
  {
    id: 'bulk.change',
    title: 'PUT, PATCH and DELETE in a bulk are carried out in their order',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Carry out each operation as the single request would be.',
    async run(s) {
      const body = s.newUser()
      const [a, b] = [await s.user(body), await s.user()]
      const results = await bulk(s, [
        { method: 'PUT', path: `/Users/${a.id}`, data: { ...body, displayName: 'By bulk' } },
        {
          method: 'PATCH',
          path: `/Users/${a.id}`,
          data: patchOf({ op: 'replace', path: 'title', value: 'Bulk' }),
        },
        { method: 'DELETE', path: `/Users/${b.id}` },
      ])
      same(results.length, 3, 'The number of results')
      const user = await s.read(`/Users/${a.id}`)
      same([user['displayName'], user['title']], ['By bulk', 'Bulk'], 'displayName and title')
      refused(await s.get(`/Users/${b.id}`), 404)
    },
  },
  {
    id: 'bulk.reference',
    title: 'bulkId: stands for an id that the same bulk makes',
    requirement: 'MUST',
    source: `${SECTION}.2`,
    remedy: 'Put the new id in the place of "bulkId:…".',
    async run(s) {
      const members = [{ value: 'bulkId:u1' }]
      const results = await bulk(s, [
        post('/Users', 'u1', s.newUser()),
        post('/Groups', 'g1', { ...s.newGroup(), members }),
      ])
      await expectMember(s, results)
    },
  },
  {
    id: 'bulk.reference-forward',
    title: 'bulkId: may stand for what a later operation makes',
    requirement: 'MUST',
    source: `${SECTION}.1`,
    remedy: 'Resolve references before, or finish operations that wait for one.',
    async run(s) {
      const members = [{ value: 'bulkId:u1' }]
      const results = await bulk(s, [
        post('/Groups', 'g1', { ...s.newGroup(), members }),
        post('/Users', 'u1', s.newUser()),
      ])
      await expectMember(s, results)
    },
  },
  {
    id: 'bulk.reference-unknown',
    title: 'A reference to nothing fails that operation',
    requirement: 'MUST',
    source: `${SECTION}.2`,
    remedy: 'Answer 400 or 409 for the operation.',
    async run(s) {
      const members = [{ value: 'bulkId:nowhere' }]
      const [result] = await bulk(s, [post('/Groups', 'g1', { ...s.newGroup(), members })])
      must(/^4/.test(String(result?.['status'])), `Its status is ${show(result?.['status'])}.`)
    },
  },
  {
    id: 'bulk.circular',
    title: 'Two groups that name each other are made, or refused with 409',
    requirement: 'MUST',
    source: `${SECTION}.1`,
    remedy: 'Try to resolve circular references; answer 409 when it cannot be done.',
    async run(s) {
      const group = (id: string, other: string) =>
        post('/Groups', id, { ...s.newGroup(), members: [{ value: `bulkId:${other}`, type: 'Group' }] })
      const reply = await send(s, [group('g1', 'g2'), group('g2', 'g1')])
      must([200, 409].includes(reply.status), `It answered ${reply.status}.`)
      if (reply.status === 409) return
      const statuses = objects(at(reply.body, 'Operations')).map(({ status }) => String(status))
      must(
        statuses.every((status) => /^(201|4\d\d)$/.test(status)),
        `The statuses are ${statuses.join(', ')}.`,
      )
    },
  },
  {
    id: 'bulk.continues',
    title: 'After a failure it goes on',
    requirement: 'MUST',
    source: `${SECTION}.3`,
    remedy: 'Go on unless failOnErrors is reached.',
    async run(s) {
      const results = await bulk(s, [
        post('/Users', 'bad', { ...s.newUser(), userName: undefined }),
        post('/Users', 'good', s.newUser()),
      ])
      same(
        results.map(({ status }) => status),
        ['400', '201'],
        'The statuses',
      )
    },
  },
  {
    id: 'bulk.error',
    title: 'What failed has the error in response',
    requirement: 'MUST',
    source: `${SECTION}.3`,
    remedy: 'Put the SCIM error into response.',
    async run(s) {
      const [result] = await bulk(s, [post('/Users', 'bad', { ...s.newUser(), userName: undefined })])
      same(at(result, 'response', 'status'), '400', 'response.status')
      must(result?.['location'] === undefined, 'A POST that failed has a location.')
    },
  },
  {
    id: 'bulk.fail-on-errors',
    title: 'failOnErrors: 1 stops after the first failure',
    requirement: 'MUST',
    source: `${SECTION}.3`,
    remedy: 'Stop when that many operations have failed.',
    async run(s) {
      const never = s.newUser()
      const operations = [
        post('/Users', 'bad', { ...s.newUser(), userName: undefined }),
        post('/Users', 'good', never),
      ]
      const reply = await send(s, operations, { failOnErrors: 1 })
      must(reply.status < 500, `It answered ${reply.status}.`)
      const { total } = await s.find('/Users', `userName eq "${never.userName}"`)
      must(total === 0, 'The operation after the failure was carried out.')
    },
  },
  {
    id: 'bulk.duplicate-id',
    title: 'A bulkId that is there twice is refused',
    requirement: 'MUST',
    source: `${SECTION}.2`,
    remedy: 'Answer 400 for the request, or for the second one.',
    async run(s) {
      const reply = await send(s, [post('/Users', 'u1', s.newUser()), post('/Users', 'u1', s.newUser())])
      if (reply.status === 400) return
      const statuses = objects(at(resourceOf(reply), 'Operations')).map(({ status }) => status)
      must(statuses.includes('400') || statuses.includes('409'), `The statuses are ${show(statuses)}.`)
    },
  },
  {
    id: 'bulk.no-id',
    title: 'A POST without bulkId is refused',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Answer 400 for the request or for the operation.',
    async run(s) {
      const reply = await send(s, [{ method: 'POST', path: '/Users', data: s.newUser() }])
      if (reply.status === 400) return
      same(at(resourceOf(reply), 'Operations', 0, 'status'), '400', 'status')
    },
  },
  {
    id: 'bulk.too-many',
    title: 'More than maxOperations are refused with 413',
    requirement: 'MUST',
    source: `${SECTION}.4`,
    remedy: 'Answer 413, and name the limit in detail.',
    async run(s) {
      const { config } = await s.discovery()
      const limit = at(config.body, 'bulk', 'maxOperations')
      if (typeof limit !== 'number' || limit > 5000) skip(`maxOperations is ${show(limit)}.`)
      const operations = Array.from({ length: limit + 1 }, (_, n) => ({
        method: 'DELETE',
        path: `/Users/${s.mark}-${n}`,
      }))
      answered(await send(s, operations), 413)
    },
  },
  {
    id: 'bulk.unknown-path',
    title: 'An operation on an unknown path fails alone',
    requirement: 'MUST',
    source: `${SECTION}.3`,
    remedy: 'Answer 404 for that operation.',
    async run(s) {
      const [first, second] = await bulk(s, [post('/Nothings', 'n1', {}), post('/Users', 'u1', s.newUser())])
      must(/^4/.test(String(first?.['status'])), `Its status is ${show(first?.['status'])}.`)
      same(second?.['status'], '201', 'status of the other one')
    },
  },
]

export const bulking = checksOf(
  'Bulk',
  checks.map((check): CheckBody => ({ ...check, needs: ['bulk'], writes: true })),
)

interface Operation {
  method: string
  path: string
  bulkId?: string
  data?: object
}

function post(path: string, bulkId: string, data: object): Operation {
  return { method: 'POST', path, bulkId, data }
}

function patchOf(...Operations: object[]): object {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }
}

function send(s: Session, Operations: readonly Operation[], more: object = {}) {
  return s.post('/Bulk', { schemas: [REQUEST], ...more, Operations })
}

async function bulk(s: Session, operations: readonly Operation[]): Promise<JsonObject[]> {
  return objects(resourceOf(await send(s, operations))['Operations'])
}

function pathOf(result: JsonObject | undefined): string {
  return (
    /\/(?:Users|Groups)\/[^/]+$/.exec(String(result?.['location']))?.[0] ??
    fail('The result has no location.')
  )
}

async function expectMember(s: Session, results: readonly JsonObject[]): Promise<void> {
  const find = (id: string) => results.find(({ bulkId }) => bulkId === id)
  for (const id of ['u1', 'g1']) same(find(id)?.['status'], '201', `status of ${id}`)
  const userId = pathOf(find('u1')).split('/').at(-1)
  same(membersOf(await s.read(pathOf(find('g1')))), [userId], 'The members of the group')
}
