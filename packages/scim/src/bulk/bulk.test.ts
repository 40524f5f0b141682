import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { notFound, preconditionFailed } from '../error.ts'
import { isRecord, type Json, type JsonObject } from '../json.ts'
import { applyPatch } from '../patch/apply-patch.ts'
import { PATCH_URN, readPatch } from '../patch/read-patch.ts'
import type { Resource } from '../resource.ts'
import { enterpriseUserSchema } from '../schema/enterprise-user.ts'
import { groupResourceType, userResourceType } from '../schema/resource-type.ts'
import { readResource } from '../schema/validate.ts'
import { BULK_REQUEST_URN, type BulkRequest, readBulk } from './read-bulk.ts'
import { type BulkAnswer, type BulkCall, type BulkResult, runBulk } from './run-bulk.ts'

const base = 'https://desk.example/scim/v2/t1'
const schemas = [BULK_REQUEST_URN]
const urn = enterpriseUserSchema.id
const USER = ['urn:ietf:params:scim:schemas:core:2.0:User']
const GROUP = ['urn:ietf:params:scim:schemas:core:2.0:Group']

function bulkOf(operations: Json[], more: JsonObject = {}): BulkRequest {
  return readBulk({ schemas, ...more, Operations: operations }, { maxOperations: 1000 })
}

/** A service small enough to see through: it knows users and groups, and keeps what it was sent. */
function service(refuses: (call: BulkCall) => BulkAnswer | undefined = () => undefined) {
  const stored = new Map<string, Resource>()
  const calls: BulkCall[] = []
  return { stored, calls, execute }

  async function execute(call: BulkCall): Promise<BulkAnswer> {
    calls.push(call)
    const refused = refuses(call)
    if (refused) return refused
    const [collection = '', id = `${collection.toLowerCase()}-${stored.size + 1}`] = call.path
    const type = collection === 'Users' ? userResourceType : groupResourceType
    const location = `${base}/${collection}/${id}`
    if (call.method === 'POST') {
      const { resource } = readResource(call.data ?? null, type)
      stored.set(id, Object.assign(resource, { id }))
      return { status: 201, location, version: 'W/"1"', body: resource }
    }
    const before = stored.get(id)
    if (!before) throw notFound('This resource')
    if (call.version !== undefined && call.version !== 'W/"1"') throw preconditionFailed()
    if (call.method === 'DELETE') {
      stored.delete(id)
      return { status: 204 }
    }
    const { resource } =
      call.method === 'PATCH'
        ? applyPatch(before, readPatch(call.data ?? null, type).ops, type)
        : readResource(call.data ?? null, type)
    stored.set(id, Object.assign(resource, { id }))
    return { status: 200, location, version: 'W/"2"', body: resource }
  }
}

async function resultsOf(request: BulkRequest, to = service()): Promise<BulkResult[]> {
  const { status, body } = await runBulk(request, to.execute, { base })
  expect(status).toBe(200)
  expect(body.schemas).toEqual(['urn:ietf:params:scim:api:messages:2.0:BulkResponse'])
  return body.Operations
}

const alice = { method: 'POST', path: '/Users', bulkId: 'qwerty', data: { schemas: USER, userName: 'Alice' } }

function group(bulkId: string, ...members: string[]): JsonObject {
  const data = { schemas: GROUP, displayName: bulkId, members: members.map((value) => ({ value })) }
  return { method: 'POST', path: '/Groups', bulkId, data }
}

describe('readBulk', () => {
  test('reads what the RFC shows', () => {
    const read = bulkOf([alice, { method: 'DELETE', path: '/Users/e902', version: 'W/"0ee8"' }], {
      failOnErrors: 1,
    })
    expect(read).toEqual({
      failOnErrors: 1,
      operations: [
        { method: 'POST', path: ['Users'], bulkId: 'qwerty', data: alice.data },
        { method: 'DELETE', path: ['Users', 'e902'], version: 'W/"0ee8"' },
      ],
      deviations: [],
    })
  })

  test('RFC 7644 §3.7.4: more operations than maxOperations are 413, and the limit is told', () => {
    const operations = [1, 2, 3].map((at) => ({ method: 'DELETE', path: `/Users/${at}` }))
    expect(readBulk({ schemas, Operations: operations }, { maxOperations: 3 }).operations).toHaveLength(3)
    expect(() => readBulk({ schemas, Operations: operations }, { maxOperations: 2 })).toThrow(
      expect.objectContaining({ status: 413, message: 'The request exceeds maxOperations (2).' }),
    )
  })

  test('RFC 7644 §3.7: a POST needs a bulkId', () => {
    const { bulkId: _, ...nameless } = alice
    expect(() => bulkOf([nameless])).toThrow(
      expect.objectContaining({
        scimType: 'invalidValue',
        message: expect.stringContaining('Operations[0]'),
      }),
    )
    expect(bulkOf([{ method: 'PUT', path: '/Users/1', data: {} }]).operations[0]).not.toHaveProperty('bulkId')
  })

  test('RFC 7644 §3.7: a bulkId is unique within the request', () => {
    expect(() => bulkOf([alice, { ...alice, path: '/Groups' }])).toThrow(
      expect.objectContaining({
        scimType: 'invalidValue',
        message: expect.stringContaining('Operations[1]'),
      }),
    )
  })

  test.for<[string, Json, string]>([
    ['a list', [], 'invalidSyntax'],
    ['no operations', { schemas }, 'invalidSyntax'],
    ['an empty list of operations', { schemas, Operations: [] }, 'invalidSyntax'],
    ['an operation that is none', { schemas, Operations: ['POST'] }, 'invalidSyntax'],
    ['a method that reads', { schemas, Operations: [{ ...alice, method: 'GET' }] }, 'invalidSyntax'],
    ['no data', { schemas, Operations: [{ ...alice, data: null }] }, 'invalidSyntax'],
    ['data of another type', { schemas, Operations: [{ ...alice, data: [alice.data] }] }, 'invalidSyntax'],
    ['no path', { schemas, Operations: [{ ...alice, path: null }] }, 'invalidValue'],
    ['a POST to a resource', { schemas, Operations: [{ ...alice, path: '/Users/1' }] }, 'invalidValue'],
    ['a PUT to an endpoint', { schemas, Operations: [{ ...alice, method: 'PUT' }] }, 'invalidValue'],
    [
      'a path that climbs',
      { schemas, Operations: [{ method: 'DELETE', path: '/Users/..' }] },
      'invalidValue',
    ],
    ['a hidden slash', { schemas, Operations: [{ method: 'DELETE', path: '/Users/a%2Fb' }] }, 'invalidValue'],
    ['a query', { schemas, Operations: [{ method: 'DELETE', path: '/Users/1?x=1' }] }, 'invalidValue'],
    ['a broken escape', { schemas, Operations: [{ method: 'DELETE', path: '/Users/%zz' }] }, 'invalidValue'],
    ['a bulkId that is a number', { schemas, Operations: [{ ...alice, bulkId: 5 }] }, 'invalidValue'],
    [
      'a version that is a number',
      { schemas, Operations: [{ method: 'DELETE', path: '/Users/1', version: 1 }] },
      'invalidValue',
    ],
    ['failOnErrors of 0', { schemas, failOnErrors: 0, Operations: [alice] }, 'invalidValue'],
    ['failOnErrors in words', { schemas, failOnErrors: '1', Operations: [alice] }, 'invalidValue'],
  ])('%s is refused', ([, body, scimType]) => {
    expect(() => readBulk(body, { maxOperations: 10 })).toThrow(
      expect.objectContaining({ name: 'ScimError', scimType, status: 400 }),
    )
  })

  test('tolerates other spellings, and tells them', () => {
    const read = readBulk(
      {
        operations: [
          { Method: 'delete', path: 'Users/1/' },
          { method: 'PATCH', path: '/Users/a%20b', data: [{ op: 'remove', path: 'nickName' }] },
        ],
      },
      { maxOperations: 2 },
    )
    expect(read.operations).toEqual([
      { method: 'DELETE', path: ['Users', '1'] },
      {
        method: 'PATCH',
        path: ['Users', 'a b'],
        data: { schemas: [PATCH_URN], Operations: [{ op: 'remove', path: 'nickName' }] },
      },
    ])
    expect(read.deviations).toHaveLength(6)
  })
})

describe('runBulk', () => {
  test('RFC 7644 §3.7.2: a group refers to a user of the same request', async () => {
    const to = service()
    const guides = group('ytrewq', 'bulkId:qwerty')
    expect(await resultsOf(bulkOf([alice, guides]), to)).toEqual([
      {
        location: `${base}/Users/users-1`,
        method: 'POST',
        bulkId: 'qwerty',
        version: 'W/"1"',
        status: '201',
      },
      {
        location: `${base}/Groups/groups-2`,
        method: 'POST',
        bulkId: 'ytrewq',
        version: 'W/"1"',
        status: '201',
      },
    ])
    expect(to.stored.get('groups-2')?.['members']).toEqual([{ value: 'users-1' }])
  })

  test('RFC 7644 §3.7.2: an extension refers to a user of the same request', async () => {
    const to = service()
    const data = { schemas: [...USER, urn], userName: 'Bob', [urn]: { manager: { value: 'bulkId:qwerty' } } }
    await resultsOf(bulkOf([alice, { method: 'POST', path: '/Users', bulkId: 'bob', data }]), to)
    expect(to.stored.get('users-2')?.[urn]).toEqual({ manager: { value: 'users-1' } })
  })

  test('RFC 7644 §3.7: what is referred to is made first, and the answers keep the order', async () => {
    const to = service()
    const results = await resultsOf(bulkOf([group('g', 'bulkId:qwerty'), alice]), to)
    expect(to.calls.map(({ path }) => path[0])).toEqual(['Users', 'Groups'])
    expect(results.map(({ bulkId }) => bulkId)).toEqual(['g', 'qwerty'])
    expect(to.stored.get('groups-2')?.['members']).toEqual([{ value: 'users-1' }])
  })

  test('RFC 7644 §3.7: operations without references keep their order', async () => {
    const to = service()
    await to.execute({ method: 'POST', path: ['Users'], data: { userName: 'old' }, version: undefined })
    const rename = { method: 'PUT', path: '/Users/users-1', data: { schemas: USER, userName: 'older' } }
    const remove = { method: 'DELETE', path: '/Users/users-1' }
    const results = await resultsOf(bulkOf([group('g', 'bulkId:qwerty'), rename, remove, alice]), to)
    expect(to.calls.slice(1).map(({ method, path }) => `${method} ${path[0]}`)).toEqual([
      'PUT Users',
      'DELETE Users',
      'POST Users',
      'POST Groups',
    ])
    expect(results.map(({ status }) => status)).toEqual(['201', '200', '204', '201'])
  })

  test('RFC 7644 §3.7.1: two groups that are members of each other', async () => {
    const to = service()
    const results = await resultsOf(bulkOf([group('A', 'bulkId:B', 'x'), group('B', 'bulkId:A')]), to)
    expect(results.map(({ status }) => status)).toEqual(['201', '201'])
    const [a, b] = [...to.stored.values()]
    expect(a).toMatchObject({ displayName: 'A', members: [{ value: 'x' }, { value: b?.['id'] }] })
    expect(b).toMatchObject({ displayName: 'B', members: [{ value: a?.['id'] }] })
    expect(results[0]?.version).toBe('W/"2"')
    expect(to.calls).toHaveLength(3)
  })

  test('what refers to a circle waits for all of it', async () => {
    const to = service()
    const patch = {
      method: 'PATCH',
      path: '/Groups/bulkId:A',
      data: { schemas: [PATCH_URN], Operations: [{ op: 'add', path: 'externalId', value: 'x' }] },
    }
    const outer = group('C', 'bulkId:A', 'bulkId:B')
    const results = await resultsOf(
      bulkOf([patch, outer, group('A', 'bulkId:B'), group('B', 'bulkId:A')]),
      to,
    )
    expect(results.map(({ status }) => status)).toEqual(['200', '201', '201', '201'])
    expect(to.calls.map(({ method, path }) => `${method} ${path.join('/')}`)).toEqual([
      'POST Groups',
      'PATCH Groups/groups-1',
      'POST Groups',
      'PATCH Groups/groups-1',
      'POST Groups',
    ])
    expect(to.stored.get('groups-3')?.['members']).toHaveLength(2)
  })

  test('RFC 7644 §3.7.1: somebody who manages himself, and two who manage each other', async () => {
    const to = service()
    const user = (bulkId: string, manager: string) => ({
      method: 'POST',
      path: '/Users',
      bulkId,
      data: { userName: bulkId, [urn]: { department: 'R', manager: { value: `bulkId:${manager}` } } },
    })
    const results = await resultsOf(bulkOf([user('own', 'own'), user('a', 'b'), user('b', 'a')]), to)
    expect(results.map(({ status }) => status)).toEqual(['201', '201', '201'])
    const ids = new Map([...to.stored.values()].map((stored) => [stored['userName'], stored['id']]))
    for (const [name, manager] of [
      ['own', 'own'],
      ['a', 'b'],
      ['b', 'a'],
    ] as const)
      expect(to.stored.get(String(ids.get(name)))?.[urn]).toEqual({
        department: 'R',
        manager: { value: ids.get(manager) },
      })
  })

  test('RFC 7644 §3.7.1: a circle that cannot be closed is 409, and what was made is told', async () => {
    const to = service(({ data }) => (data?.['displayName'] === 'B' ? { status: 400, body: {} } : undefined))
    const results = await resultsOf(bulkOf([group('A', 'bulkId:B'), group('B', 'bulkId:A')]), to)
    expect(results[0]).toMatchObject({ status: '409', location: `${base}/Groups/groups-1` })
    expect(results[0]).not.toHaveProperty('version')
    expect(results[0]?.response).toMatchObject({ status: '409', detail: expect.stringContaining('not all') })
    expect(results[1]).toEqual({ method: 'POST', bulkId: 'B', status: '400', response: {} })

    const refusing = service(({ method }) =>
      method === 'PATCH' ? { status: 400, body: { detail: 'No nesting.' } } : undefined,
    )
    const [first] = await resultsOf(bulkOf([group('A', 'bulkId:A')]), refusing)
    expect(first).toMatchObject({
      status: '409',
      response: { detail: expect.stringContaining('No nesting.') },
    })
  })

  test('of a circle that cannot be closed, what can be added is added', async () => {
    const to = service(({ data }) => (data?.['displayName'] === 'C' ? { status: 400, body: {} } : undefined))
    const circle = [group('A', 'bulkId:B', 'bulkId:C'), group('B', 'bulkId:A'), group('C', 'bulkId:A')]
    const results = await resultsOf(bulkOf(circle), to)
    expect(results.map(({ status }) => status)).toEqual(['409', '201', '400'])
    expect(to.stored.get('groups-1')?.['members']).toEqual([{ value: 'groups-2' }])
  })

  test('RFC 7644 §3.7.2: a PATCH, a PUT and their paths refer to what is made', async () => {
    const to = service()
    const patch = (path: string, operation: JsonObject) => ({
      method: 'PATCH',
      path,
      data: { schemas: [PATCH_URN], Operations: [operation] },
    })
    const results = await resultsOf(
      bulkOf([
        patch('/Groups/bulkId:g', { op: 'add', path: 'members', value: [{ value: 'bulkId:qwerty' }] }),
        group('g', 'x'),
        patch('/Groups/bulkId:g', { op: 'remove', path: 'members[value eq "bulkId:qwerty"]' }),
        alice,
        { method: 'PUT', path: '/Users/bulkId:qwerty', data: { userName: 'Alice', title: 'Guide' } },
        patch('/Groups/bulkId:g', {
          op: 'add',
          path: 'members',
          value: [{ value: 'y', $ref: `${base}/Users/bulkId:qwerty` }],
        }),
      ]),
      to,
    )
    expect(results.map(({ status }) => status)).toEqual(['200', '201', '200', '201', '200', '200'])
    expect(results[4]?.location).toBe(`${base}/Users/users-2`)
    expect(to.stored.get('users-2')?.['title']).toBe('Guide')
    expect(to.stored.get('groups-1')?.['members']).toEqual([
      { value: 'x' },
      { value: 'y', $ref: `${base}/Users/users-2` },
    ])
  })

  test('RFC 7644 §3.7: goes on after an error, and tells each as its own', async () => {
    const to = service()
    const put = { method: 'PUT', path: '/Users/gone', data: { userName: 'x' } }
    const nameless = { ...alice, bulkId: 'bad', data: { schemas: USER } }
    expect(await resultsOf(bulkOf([nameless, put, alice]), to)).toMatchObject([
      {
        method: 'POST',
        bulkId: 'bad',
        status: '400',
        response: {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
          status: '400',
          scimType: 'invalidValue',
        },
      },
      { method: 'PUT', status: '404', location: `${base}/Users/gone`, response: { status: '404' } },
      { status: '201' },
    ])
  })

  test('RFC 7644 §3.7.3: every operation has a location, but a POST that failed', async () => {
    const operations = [
      { ...alice, bulkId: 'bad', data: {} },
      alice,
      { method: 'PATCH', path: '/Users/a b', data: {} },
      { method: 'DELETE', path: '/Users/bulkId:qwerty' },
      { method: 'DELETE', path: '/Users/gone' },
    ]
    const results = await resultsOf(bulkOf(operations))
    expect(results.map(({ location, status }) => [status, location])).toEqual([
      ['400', undefined],
      ['201', `${base}/Users/users-1`],
      ['404', `${base}/Users/a%20b`],
      ['204', `${base}/Users/users-1`],
      ['404', `${base}/Users/gone`],
    ])
    expect(results[0]).not.toHaveProperty('location')
  })

  test('RFC 7644 §3.7.3: an error has a response, also when there was no body', async () => {
    const to = service(() => ({ status: 503 }))
    const [result] = await resultsOf(bulkOf([alice]), to)
    expect(result?.response).toMatchObject({ status: '503', detail: 'The operation failed.' })
  })

  test('RFC 7644 §3.7: failOnErrors stops after that many errors, and answers what was done', async () => {
    const bad = (bulkId: string) => ({ ...alice, bulkId, data: {} })
    const operations = [alice, bad('1'), group('g'), bad('2'), group('h'), bad('3')]
    const count = async (failOnErrors: number) =>
      (await resultsOf(bulkOf(operations, { failOnErrors }))).map(({ status }) => status)
    expect(await count(1)).toEqual(['201', '400'])
    expect(await count(2)).toEqual(['201', '400', '201', '400'])
    expect(await count(9)).toEqual(['201', '400', '201', '400', '201', '400'])
  })

  test('failOnErrors does not hide that a circle was left open', async () => {
    const bad = { ...alice, bulkId: 'bad', data: {} }
    const request = bulkOf([bad, group('A', 'bulkId:B'), group('B', 'bulkId:A')], { failOnErrors: 2 })
    const refusing = service(({ data }) => (data?.['displayName'] === 'B' ? { status: 400 } : undefined))
    expect((await resultsOf(request, refusing)).map(({ status }) => status)).toEqual(['400', '409', '400'])
  })

  test('a reference to what could not be made is 409, and to what nobody makes 400', async () => {
    const to = service()
    const bad = { ...alice, data: {} }
    const results = await resultsOf(
      bulkOf([bad, group('g', 'bulkId:qwerty'), group('h', 'bulkId:nobody')]),
      to,
    )
    expect(results.map(({ status }) => status)).toEqual(['400', '409', '400'])
    expect(results[1]?.response).toMatchObject({ detail: expect.stringContaining('"qwerty"') })
    expect(results[2]?.response).toMatchObject({ scimType: 'invalidValue' })
    expect(to.calls).toHaveLength(1)
  })

  test('RFC 7644 §3.14: a version goes with the operation', async () => {
    const remove = { method: 'DELETE', path: '/Users/bulkId:qwerty', version: 'W/"9"' }
    expect((await resultsOf(bulkOf([alice, remove])))[1]).toMatchObject({ status: '412' })
  })

  test('what is no answer of SCIM ends the bulk', async () => {
    const broken = async () => {
      throw new TypeError('a bug')
    }
    await expect(runBulk(bulkOf([alice]), broken, { base })).rejects.toThrow('a bug')
  })

  test('__proto__ as a bulkId or a key is only a name', async () => {
    const data = JSON.parse('{"userName":"x","__proto__":{"value":"bulkId:__proto__"}}')
    const operation = { method: 'POST', path: '/Users', bulkId: '__proto__', data }
    const [result] = await resultsOf(bulkOf([operation]))
    expect(result?.status).toBe('201')
    expect(({} as Record<string, unknown>)['value']).toBeUndefined()
  })

  test('every operation is done once, with the right ids, unless what it needs failed', async () => {
    const graphs = fc.integer({ min: 1, max: 8 }).chain((size) =>
      fc.array(
        fc.record({
          needs: fc.uniqueArray(fc.nat({ max: size - 1 }), { maxLength: 3 }),
          isBad: fc.boolean(),
          weight: fc.nat({ max: 3 }),
        }),
        { minLength: size, maxLength: size },
      ),
    )
    let circles = 0
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        const isBad = (at: number) => graph[at]?.isBad === true && graph[at]?.weight === 0
        const names = new Map<string, number>(graph.map((_, at) => [`n${at}`, at]))
        const to = service(({ data }) =>
          isBad(names.get(String(data?.['displayName'])) ?? -1) ? { status: 400 } : undefined,
        )
        const operations = graph.map(({ needs }, at) => group(`n${at}`, ...needs.map((n) => `bulkId:n${n}`)))
        const results = await resultsOf(bulkOf(operations), to)

        expect(results.map(({ bulkId }) => bulkId)).toEqual([...names.keys()])
        const made = new Map([...to.stored.values()].map((stored) => [String(stored['displayName']), stored]))
        for (const [at, { needs }] of graph.entries()) {
          const posts = to.calls.filter(({ data }) => data?.['displayName'] === `n${at}`).length
          const stored = made.get(`n${at}`)
          const wanted = needs.flatMap((n) => made.get(`n${n}`)?.['id'] ?? [])
          if (results[at]?.status === '201') {
            expect(posts).toBe(1)
            expect(memberIds(stored)).toEqual(new Set(wanted))
            expect(wanted).toHaveLength(needs.length)
          } else if (stored) {
            // It was made within a circle, of which something else failed.
            circles++
            expect(results[at]?.status).toBe('409')
            expect(memberIds(stored)).toEqual(new Set(wanted))
            expect(wanted.length).toBeLessThan(needs.length)
          } else {
            expect(posts).toBe(isBad(at) && posts === 1 ? 1 : 0)
            expect(isBad(at) || needs.some((n) => !made.has(`n${n}`))).toBe(true)
          }
        }
      }),
      { numRuns: 500 },
    )
    expect(circles).toBeGreaterThan(5)
  })

  test('two hundred groups that are all members of all', async () => {
    const all = Array.from({ length: 200 }, (_, at) => `bulkId:${at}`)
    const to = service()
    const results = await resultsOf(bulkOf(all.map((_, at) => group(String(at), ...all))), to)
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['201']))
    for (const stored of to.stored.values()) expect(memberIds(stored).size).toBe(200)
  })
})

function memberIds(resource: Resource | undefined): Set<Json> {
  const members = resource?.['members']
  return new Set(
    Array.isArray(members)
      ? members.flatMap((member) => (isRecord(member) ? (member['value'] ?? []) : []))
      : [],
  )
}
