/** Faults of servers in the field, one by one, each with the checks that have to find it. */
import { isRecord, type JsonObject } from '@keydesk/scim'
import { type Answer, type Fault, members, type Request, type Row, type Store } from './reference-server.ts'

export interface ClassicFault {
  name: string
  /** Every one of these has to fail, or to warn. */
  foundBy: string[]
  fault: Fault
}

type Change = (answer: Answer, request: Request, store: Store) => Answer

export const FAULTS: ClassicFault[] = [
  {
    name: 'members are lost when a group is renamed by PATCH',
    foundBy: [
      'groups.rename-keeps-members',
      'groups.rename-without-path',
      'okta-oin.rename',
      'entra.rename-group',
    ],
    fault: async (request, next, store) => {
      const answer = next(request)
      if (isPatchOf('Groups', request) && !request.text.includes('members'))
        rowAt(request, store).resource['members'] = []
      return answer
    },
  },
  {
    name: 'PATCH of a user answers 200 and does nothing',
    foundBy: [
      'patching.deactivate',
      'patching.replace-displayname',
      'okta-oin.deactivate',
      'entra.text-boolean',
    ],
    fault: (request, next) => next(isPatchOf('Users', request) ? { ...request, method: 'GET' } : request),
  },
  {
    name: 'PUT answers 200 with what was sent, and keeps what it had',
    foundBy: ['replacing.user', 'okta-aiw.deactivate'],
    fault: (request, next) => {
      if (request.method !== 'PUT' || request.path[0] !== 'Users') return next(request)
      const answer = next({ ...request, method: 'GET' })
      return answer.status === 200 && isRecord(answer.body)
        ? { ...answer, body: { ...answer.body, ...(JSON.parse(request.text) as JsonObject) } }
        : answer
    },
  },
  {
    name: 'pages have no order',
    foundBy: ['paging.same-order'],
    fault: lists((answer, _, store) => {
      const turned = (turns.get(store) ?? 0) + 1
      turns.set(store, turned)
      return turned % 2 === 0
        ? change(answer, (body) => ({ ...body, Resources: listed(body).toReversed() }))
        : answer
    }),
  },
  {
    name: 'pages overlap by one',
    foundBy: ['paging.every-one-once', 'paging.last-page'],
    fault: (request, next) => {
      const startIndex = Number(request.query['startIndex'] ?? 1)
      if (request.method !== 'GET' || startIndex < 2) return next(request)
      const answer = next({ ...request, query: { ...request.query, startIndex: String(startIndex - 1) } })
      return change(answer, (body) => ({ ...body, startIndex }))
    },
  },
  {
    name: 'totalResults is the length of the page',
    foundBy: ['paging.total', 'paging.count-zero'],
    fault: lists((answer) => change(answer, (body) => ({ ...body, totalResults: listed(body).length }))),
  },
  {
    name: 'itemsPerPage is what was asked for',
    foundBy: ['paging.items-per-page', 'paging.past-the-end'],
    fault: lists((answer, { query }) =>
      change(answer, (body) => ({ ...body, itemsPerPage: Number(query['count'] ?? 100) })),
    ),
  },
  {
    name: 'userName is made lower case',
    foundBy: ['creating.user-name-as-sent'],
    fault: (request, next) =>
      next(rewrite(request, ['POST', 'PUT'], (body) => ({ ...body, userName: lower(body['userName']) }))),
  },
  {
    name: 'a filter that finds nobody answers 404',
    foundBy: ['filters.nothing', 'entra.test-connection', 'okta-aiw.lookup-nothing'],
    fault: lists((answer, { query }) =>
      query['filter'] !== undefined && at(answer, 'totalResults') === 0
        ? error(404, 'Nobody was found.')
        : answer,
    ),
  },
  {
    name: 'filters are ignored',
    foundBy: ['filters.eq', 'filters.nothing', 'filters.total', 'filters.invalid-no-value'],
    fault: (request, next) => next({ ...request, query: omit(request.query, 'filter') }),
  },
  {
    name: 'userName is compared with case',
    foundBy: ['filters.user-name-case', 'okta-aiw.lookup-upper-case'],
    fault: lists((answer, { query }) => {
      const wanted = /^userName eq "([^"\\]*)"$/.exec(query['filter'] ?? '')?.[1]
      return wanted === undefined ? answer : keepRows(answer, (row) => row['userName'] === wanted)
    }),
  },
  {
    name: 'externalId is compared without case',
    foundBy: ['filters.external-id-case'],
    fault: (request, next, store) => {
      const wanted = /externalId eq "([^"]*)"/.exec(request.query['filter'] ?? '')?.[1]
      const row = [...store.rows.values()].find(
        ({ resource }) => lower(resource['externalId']) === lower(wanted),
      )
      if (wanted === undefined || !row) return next(request)
      const filter = String(request.query['filter']).replace(wanted, String(row.resource['externalId']))
      return next({ ...request, query: { ...request.query, filter } })
    },
  },
  {
    name: 'conditions in brackets are taken from different values',
    foundBy: ['filters.value-path-same-element'],
    fault: (request, next) => {
      const filter = request.query['filter']?.replace(
        /^emails\[type eq ("[^"]*") and value eq ("[^"]*")\]$/,
        'emails.type eq $1 and emails.value eq $2',
      )
      return next(filter === undefined ? request : { ...request, query: { ...request.query, filter } })
    },
  },
  {
    name: 'a wrong filter is a crash',
    foundBy: ['filters.invalid-no-value', 'filters.invalid-open-bracket', 'errors.bad-filter'],
    fault: (request, next) => {
      const answer = next(request)
      return at(answer, 'scimType') === 'invalidFilter' ? error(500, 'Internal Server Error') : answer
    },
  },
  {
    name: 'errors are pages of HTML',
    foundBy: ['errors.unknown-user', 'errors.media-type', 'errors.detail', 'okta-aiw.unknown-id'],
    fault: answers((answer) =>
      answer.status < 400
        ? answer
        : {
            ...answer,
            headers: { ...answer.headers, 'content-type': 'text/html' },
            body: `<h1>${answer.status}</h1>`,
          },
    ),
  },
  {
    name: 'status of an error is a number',
    foundBy: ['errors.status-text'],
    fault: answers((answer) =>
      answer.status < 400 ? answer : change(answer, (body) => ({ ...body, status: answer.status })),
    ),
  },
  {
    name: 'a duplicate is answered 200 with the account that is there',
    foundBy: ['creating.duplicate', 'creating.duplicate-case', 'okta-aiw.create-again'],
    fault: (request, next, store) => {
      const answer = next(request)
      if (request.method !== 'POST' || answer.status !== 409) return answer
      const userName = lower((JSON.parse(request.text) as JsonObject)['userName'])
      const row = [...store.rows.values()].find(({ resource }) => lower(resource['userName']) === userName)
      return row ? next({ ...request, method: 'GET', path: ['Users', String(row.resource['id'])] }) : answer
    },
  },
  {
    name: 'two equal POSTs at one time are both carried out',
    foundBy: ['creating.duplicate-race'],
    fault: (() => {
      let side = 0
      return async (request: Request, next, store: Store) => {
        const answer = next(request)
        if (answer.status !== 409 || request.method !== 'POST') return answer
        const copy = next(
          rewrite(request, ['POST'], (body) => ({ ...body, userName: `${body['userName']}-${++side}` })),
        )
        const row = store.rows.get(String(at(copy, 'id')))
        if (row) row.resource['userName'] = (JSON.parse(request.text) as JsonObject)['userName'] ?? null
        return copy
      }
    })(),
  },
  {
    name: 'a duplicate is answered 400',
    foundBy: ['creating.duplicate', 'replacing.uniqueness', 'patching.uniqueness'],
    fault: answers((answer) => (answer.status === 409 ? { ...answer, status: 400 } : answer)),
  },
  {
    name: 'POST answers 200',
    foundBy: ['creating.status', 'groups.create', 'okta-aiw.create'],
    fault: answers((answer) => (answer.status === 201 ? { ...answer, status: 200 } : answer)),
  },
  {
    name: 'POST answers without a body',
    foundBy: ['creating.body', 'okta-aiw.create'],
    fault: answers((answer) => (answer.status === 201 ? { ...answer, body: undefined } : answer)),
  },
  {
    name: 'there is no Location',
    foundBy: ['creating.location', 'groups.create'],
    fault: answers((answer) => ({ ...answer, headers: omit(answer.headers, 'location') })),
  },
  {
    name: 'meta.location is that of the machine behind the proxy',
    foundBy: ['creating.location'],
    fault: answers(relocate),
  },
  {
    name: 'PUT makes what is not there',
    foundBy: ['replacing.no-create'],
    fault: (request, next) => {
      const answer = next(request)
      return request.method === 'PUT' && answer.status === 404 && request.path[0] === 'Users'
        ? next({ ...request, method: 'POST', path: ['Users'] })
        : answer
    },
  },
  {
    name: 'PUT with another id in the body is refused',
    foundBy: ['replacing.read-only'],
    fault: (request, next) => {
      const answer = next(request)
      if (request.method !== 'PUT' || answer.status !== 200) return answer
      const { id } = JSON.parse(request.text) as JsonObject
      return typeof id === 'string' && id !== request.path[1] ? error(400, 'The id is another one.') : answer
    },
  },
  {
    name: 'groups: [] in a PUT takes the user out of the groups',
    foundBy: ['replacing.groups-kept'],
    fault: (request, next, store) => {
      if (request.method === 'PUT' && /"groups":\[\]/.test(request.text)) takeOut(store, request.path[1])
      return next(request)
    },
  },
  {
    name: 'remove of members with a value removes all',
    foundBy: ['groups.remove-by-value', 'entra.remove-member', 'jumpcloud.remove-by-value'],
    fault: (request, next) =>
      next(operations(request, (op) => (lower(op['op']) === 'remove' ? omit(op, 'value') : op))),
  },
  {
    name: 'a filter in the path of a remove is ignored',
    foundBy: ['groups.remove-by-path', 'okta-oin.membership', 'patching.remove-value-path'],
    fault: (request, next) =>
      next(
        operations(request, (op) =>
          lower(op['op']) === 'remove' ? { ...op, path: String(op['path']).replace(/\[.*\]/, '') } : op,
        ),
      ),
  },
  {
    name: 'add of members replaces them',
    foundBy: ['groups.patch-add', 'entra.add-member'],
    fault: (request, next) =>
      next(
        operations(request, (op) =>
          lower(op['op']) === 'add' && op['path'] === 'members' ? { ...op, op: 'replace' } : op,
        ),
      ),
  },
  {
    name: 'only the first operation of a PATCH is carried out',
    foundBy: ['patching.sequence', 'groups.remove-many-by-path', 'okta-oin.membership', 'entra.several'],
    fault: (request, next) =>
      next(
        request.method === 'PATCH'
          ? rewrite(request, ['PATCH'], (body) => ({
              ...body,
              Operations: Array.isArray(body['Operations']) ? body['Operations'].slice(0, 1) : [],
            }))
          : request,
      ),
  },
  {
    name: 'PATCH stops at the operation that fails, and keeps what it did before',
    foundBy: ['patching.atomic', 'groups.patch-atomic'],
    fault: (request, next) => {
      const answer = next(request)
      if (request.method !== 'PATCH' || answer.status !== 400) return answer
      const body = JSON.parse(request.text) as JsonObject
      const all = Array.isArray(body['Operations']) ? body['Operations'] : []
      next({ ...request, text: JSON.stringify({ ...body, Operations: all.slice(0, 1) }) })
      return answer
    },
  },
  {
    name: 'one unknown member empties the group',
    foundBy: ['groups.put-unknown-member', 'groups.replace-with-unknown'],
    fault: (request, next, store) => {
      const answer = next(request)
      if (answer.status === 400 && request.path[0] === 'Groups' && /nobody/.test(request.text))
        rowAt(request, store).resource['members'] = []
      return answer
    },
  },
  {
    name: 'PATCHes at one time undo each other',
    foundBy: ['groups.patch-together', 'patching.together'],
    fault: async (request, next, store) => {
      const row = request.method === 'PATCH' ? store.rows.get(request.path[1] ?? '') : undefined
      if (!row) return next(request)
      const rival = rivals.get(row)
      if (rival) {
        const answer = next(request)
        rival.resolve()
        return answer
      }
      // The first one reads, waits until another one has written, and writes what it read.
      const waiting = Promise.withResolvers<void>()
      rivals.set(row, waiting)
      const before = structuredClone(row.resource)
      await waiting.promise
      row.resource = before
      return next(request)
    },
  },
  {
    name: 'op is compared with case',
    foundBy: ['entra.capital-operations', 'entra.add-member'],
    fault: (request, next) =>
      request.method === 'PATCH' && /"op":"[A-Z]/.test(request.text)
        ? error(400, 'Unknown operation.')
        : next(request),
  },
  {
    name: '"False" is taken for true',
    foundBy: ['entra.text-boolean'],
    fault: (request, next) =>
      next({ ...request, text: request.text.replace('"value":"False"', '"value":true') }),
  },
  {
    name: 'the password is returned',
    foundBy: ['creating.password'],
    fault: answers((answer, { method, text }) => {
      const password = /"password":"([^"]*)"/.exec(text)?.[1]
      return method === 'POST' && password !== undefined
        ? change(answer, (body) => ({ ...body, password }))
        : answer
    }),
  },
  {
    name: 'the password can be guessed by a filter',
    foundBy: ['filters.password'],
    fault: (request, next) => {
      const filter = request.query['filter']
      return next(
        filter?.startsWith('password')
          ? { ...request, query: { ...request.query, filter: filter.replace(/^.* and /, '') } }
          : request,
      )
    },
  },
  {
    name: 'numbers are written as texts',
    foundBy: ['reading.list-numbers', 'okta-aiw.spec-list'],
    fault: lists((answer) =>
      change(answer, (body) => ({
        ...body,
        totalResults: String(body['totalResults']),
        startIndex: String(body['startIndex']),
      })),
    ),
  },
  {
    name: 'booleans are written as texts',
    foundBy: ['reading.active-boolean', 'patching.deactivate'],
    fault: answers((answer) =>
      change(answer, (body) =>
        body['active'] === undefined ? body : { ...body, active: String(body['active']) },
      ),
    ),
  },
  {
    name: 'GET of a group has no members',
    foundBy: ['groups.members-in-get', 'groups.create-with-members'],
    fault: answers((answer, { path }) =>
      path[0] === 'Groups' ? change(answer, (body) => omit(body, 'members')) : answer,
    ),
  },
  {
    name: 'attributes and excludedAttributes are ignored',
    foundBy: [
      'reading.attributes',
      'reading.excluded',
      'groups.excluded-members',
      'entra.group-without-members',
    ],
    fault: (request, next) =>
      next({ ...request, query: omit(omit(request.query, 'attributes'), 'excludedAttributes') }),
  },
  {
    name: 'DELETE deactivates only',
    foundBy: ['deleting.then-get', 'deleting.name-free', 'deleting.unlisted'],
    fault: (request, next, store) => {
      const row = request.method === 'DELETE' ? store.rows.get(request.path[1] ?? '') : undefined
      if (row?.kind !== 'User') return next(request)
      row.resource['active'] = false
      return { status: 204, headers: {}, body: undefined }
    },
  },
  {
    name: 'inactive accounts are hidden',
    foundBy: ['creating.inactive', 'entra.inactive-readable'],
    fault: lists((answer) => keepRows(answer, (row) => row['active'] !== false)),
  },
  {
    name: 'sorting is advertised, and ignored',
    foundBy: ['sorting.ascending', 'sorting.descending'],
    fault: (request, next) => next({ ...request, query: omit(request.query, 'sortBy') }),
  },
  {
    name: 'bulk is advertised, and not there',
    foundBy: ['bulk.create', 'bulk.reference'],
    fault: (request, next) =>
      request.path[0] === 'Bulk' ? error(404, 'There is no such endpoint.') : next(request),
  },
  {
    name: 'bulk stops at the first failure',
    foundBy: ['bulk.continues'],
    fault: (request, next) =>
      next(
        request.path[0] === 'Bulk'
          ? rewrite(request, ['POST'], (body) => ({ ...body, failOnErrors: 1 }))
          : request,
      ),
  },
  {
    name: 'ETags are advertised, and If-Match is ignored',
    foundBy: ['versions.put-stale', 'versions.patch-stale', 'versions.delete-stale', 'versions.race'],
    fault: (request, next) => next({ ...request, headers: omit(request.headers, 'if-match') }),
  },
  {
    name: 'cursors are advertised, and the last page has one, too',
    foundBy: ['paging.cursor-walk'],
    fault: lists((answer, { query }) =>
      query['cursor'] === undefined ? answer : change(answer, (body) => ({ nextCursor: 'c-1', ...body })),
    ),
  },
  {
    name: 'a wrong token is answered 403',
    foundBy: ['errors.wrong-token', 'errors.no-token', 'okta-aiw.wrong-token'],
    fault: answers((answer) => (answer.status === 401 ? error(403, 'Forbidden') : answer)),
  },
  {
    name: 'the wrong token is let in',
    foundBy: ['errors.wrong-token', 'errors.no-token'],
    fault: (request, next) =>
      next({ ...request, headers: { ...request.headers, authorization: 'Bearer reference-token-4711' } }),
  },
  {
    name: '/Schemas is a bare array',
    foundBy: ['discovery.schemas', 'discovery.schemas-user'],
    fault: answers((answer, { path }) =>
      path[0] === 'Schemas' && path.length === 1
        ? { ...answer, body: JSON.stringify(at(answer, 'Resources')) }
        : answer,
    ),
  },
  {
    name: 'limits in the configuration are texts',
    foundBy: ['discovery.config-limits'],
    fault: answers((answer, { path }) =>
      path[0] === 'ServiceProviderConfig'
        ? change(answer, (body) => ({ ...body, filter: { supported: true, maxResults: '200' } }))
        : answer,
    ),
  },
  {
    name: 'names come back in another encoding',
    foundBy: ['reading.utf8'],
    fault: (request, next) =>
      next({ ...request, text: Buffer.from(request.text, 'utf8').toString('latin1') }),
  },
  {
    name: 'unknown attributes are refused',
    foundBy: ['creating.unknown-attributes', 'entra.misspelt-put'],
    fault: (request, next) =>
      /shoeSize|dispalyName/.test(request.text) ? error(400, 'Unknown attribute.') : next(request),
  },
  {
    name: 'groups and users share an id',
    foundBy: ['search.one-id'],
    fault: (request, next) => {
      const answer = next(request)
      if (request.path.length !== 1 || request.path[0] !== '.search') return answer
      return change(answer, (body) => ({
        ...body,
        totalResults: 2,
        Resources: listed(body).flatMap((row) => [row, { ...row, meta: { resourceType: 'Role' } }]),
      }))
    },
  },
]

const turns = new WeakMap<Store, number>()
const rivals = new WeakMap<Row, PromiseWithResolvers<void>>()

function answers(alter: Change): Fault {
  return (request, next, store) => alter(next(request), request, store)
}

/** Alters the answers that are lists of users or groups. */
function lists(alter: Change): Fault {
  return answers((answer, request, store) =>
    request.method === 'GET' &&
    request.path.length === 1 &&
    answer.status === 200 &&
    ['Users', 'Groups'].includes(request.path[0] ?? '')
      ? alter(answer, request, store)
      : answer,
  )
}

function change(answer: Answer, alter: (body: JsonObject) => object): Answer {
  return isRecord(answer.body) ? { ...answer, body: alter(answer.body) as JsonObject } : answer
}

function listed(body: JsonObject): JsonObject[] {
  return Array.isArray(body['Resources']) ? body['Resources'].filter(isRecord) : []
}

function keepRows(answer: Answer, keep: (row: JsonObject) => boolean): Answer {
  return change(answer, (body) => {
    const Resources = listed(body).filter(keep)
    return { ...body, totalResults: Resources.length, itemsPerPage: Resources.length, Resources }
  })
}

function at(answer: Answer, name: string) {
  return isRecord(answer.body) ? answer.body[name] : undefined
}

function error(status: number, detail: string): Answer {
  return {
    status,
    headers: {},
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status), detail },
  }
}

function relocate(answer: Answer): Answer {
  return change(answer, (body) =>
    isRecord(body['meta'])
      ? { ...body, meta: { ...body['meta'], location: `http://10.0.0.7:8080/Users/${body['id']}` } }
      : body,
  )
}

function omit<T extends object>(object: T, name: string): T {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name)) as T
}

function lower(value: unknown): string {
  return String(value).toLowerCase()
}

function isPatchOf(door: string, { method, path }: Request): boolean {
  return method === 'PATCH' && path[0] === door
}

function rowAt({ path }: Request, store: Store): Row {
  const row = store.rows.get(path[1] ?? '')
  if (!row) throw new Error(`There is no row ${path.join('/')}.`)
  return row
}

function takeOut(store: Store, id: string | undefined): void {
  for (const { resource, kind } of store.rows.values())
    if (kind === 'Group') resource['members'] = members(resource).filter(({ value }) => value !== id)
}

/** Rewrites a body, when it is one. */
function rewrite(request: Request, methods: string[], alter: (body: JsonObject) => object): Request {
  if (!methods.includes(request.method)) return request
  try {
    const body: unknown = JSON.parse(request.text)
    return isRecord(body) ? { ...request, text: JSON.stringify(alter(body)) } : request
  } catch {
    return request
  }
}

function operations(request: Request, alter: (operation: JsonObject) => object): Request {
  return rewrite(request, ['PATCH'], (body) => ({
    ...body,
    Operations: Array.isArray(body['Operations'])
      ? body['Operations'].filter(isRecord).map(alter)
      : body['Operations'],
  }))
}
