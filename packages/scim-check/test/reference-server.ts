/**
 * A correct SCIM server in memory, as small as it can be, on loopback. The suite passes on it; each fault of
 * `faults.ts` breaks one thing, and the suite has to notice. Its semantics are the kernel's.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  applyPatch,
  discoverySchemas,
  enterpriseUserSchema,
  groupResourceType,
  groupSchema,
  isRecord,
  type Json,
  type JsonObject,
  matches,
  parseFilter,
  project,
  type Resource,
  type ResourceType,
  readPatch,
  readProjection,
  readResource,
  resourceTypeResource,
  ScimError,
  schemaResource,
  schemaUrns,
  serviceProviderConfig,
  userResourceType,
  userSchema,
} from '@keydesk/scim'

export const TOKEN = 'reference-token-4711'

export interface Request {
  method: string
  /** Below the base URL, decoded; `/Users/7` is `['Users', '7']`. */
  path: string[]
  query: Record<string, string>
  headers: Record<string, string | undefined>
  text: string
}

export interface Answer {
  status: number
  headers: Record<string, string>
  body: JsonObject | string | undefined
}

export interface Row {
  kind: 'User' | 'Group'
  resource: Resource
  version: number
  created: number
  modified: number
}

export interface Store {
  rows: Map<string, Row>
  base: string
  config: JsonObject
}

export type Next = (request: Request) => Answer
/** Stands before the correct server, and may change what goes in and what comes out. */
export type Fault = (request: Request, next: Next, store: Store) => Answer | Promise<Answer>

const KINDS = { Users: userResourceType, Groups: groupResourceType } as const
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
const SCHEMAS = [userSchema, enterpriseUserSchema, groupSchema, ...discoverySchemas]
const MAX_RESULTS = 200
const MAX_OPERATIONS = 50

export interface Reference {
  url: string
  store: Store
  requests: Request[]
  close(): Promise<void>
}

export async function startReference(fault: Fault = (request, next) => next(request)): Promise<Reference> {
  const store: Store = { rows: new Map(), base: '', config: {} }
  const requests: Request[] = []
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const request = readRequest(
      incoming.method ?? '',
      incoming.url ?? '',
      incoming.headers,
      Buffer.concat(chunks),
    )
    requests.push(request)
    let answer: Answer
    try {
      answer = await fault(request, (asked) => guarded(asked, store), store)
    } catch {
      outgoing.destroy()
      return
    }
    const text = typeof answer.body === 'string' ? answer.body : answer.body && JSON.stringify(answer.body)
    outgoing.writeHead(answer.status, {
      ...(text === undefined ? {} : { 'content-type': 'application/scim+json; charset=utf-8' }),
      ...answer.headers,
    })
    outgoing.end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  store.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/v2`
  store.config = config(store.base)
  return {
    url: store.base,
    store,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function readRequest(
  method: string,
  url: string,
  headers: Record<string, string | string[] | undefined>,
  body: Buffer,
): Request {
  const [path = '', search = ''] = url.split('?')
  const below = path.replace(/^\/scim\/v2\/*/, '').replace(/\/$/, '')
  return {
    method,
    path: below === '' ? [] : below.split('/').map((part) => decode(part)),
    query: Object.fromEntries(new URLSearchParams(search)),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()])),
    text: body.toString('utf8'),
  }
}

// A part that hides a slash or is no UTF-8 names nothing.
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return '\0'
  }
}

function guarded(request: Request, store: Store): Answer {
  try {
    return route(request, store)
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    return refusal(error)
  }
}

function refusal(error: ScimError, headers: Record<string, string> = {}): Answer {
  return { status: error.status, headers, body: error.toJSON() as JsonObject }
}

function route(request: Request, store: Store): Answer {
  const { method, path } = request
  const [door = '', id] = path
  if (door === 'ServiceProviderConfig' && path.length === 1)
    return method === 'GET' ? ok(store.config) : notAllowed('GET')
  if (request.headers['authorization'] !== `Bearer ${TOKEN}` && request.headers['authorization'] !== TOKEN)
    return refusal(new ScimError(undefined, 'Send a valid bearer token.', 401), {
      'www-authenticate': 'Bearer',
    })
  if (door === 'ResourceTypes' || door === 'Schemas') return discover(request, door, store)
  if (door === 'Bulk' && path.length === 1)
    return method === 'POST' ? bulk(request, store) : notAllowed('POST')
  if (door === 'Me') return refusal(new ScimError(undefined, 'The token stands for no account.', 501))
  if (path.length === 0 && method === 'GET') return list(request.query, ['Users', 'Groups'], store)
  if (path.length === 1 && door === '.search' && method === 'POST')
    return searched(request, ['Users', 'Groups'], store)
  if ((door !== 'Users' && door !== 'Groups') || path.length > 2)
    throw new ScimError(undefined, 'There is no such endpoint.', 404)
  if (id === '.search') return method === 'POST' ? searched(request, [door], store) : notAllowed('POST')
  if (id === undefined) {
    if (method === 'GET') return list(request.query, [door], store)
    return method === 'POST' ? create(request, door, store) : notAllowed('GET, POST')
  }
  return one(request, door, id, store)
}

function ok(body: JsonObject, headers: Record<string, string> = {}, status = 200): Answer {
  return { status, headers, body }
}

function notAllowed(allow: string): Answer {
  return refusal(new ScimError(undefined, `Only ${allow} is taken here.`, 405), { allow })
}

function discover(
  { method, path, query }: Request,
  door: 'ResourceTypes' | 'Schemas',
  { base }: Store,
): Answer {
  if (method !== 'GET') return notAllowed('GET')
  if (query['filter'] !== undefined) throw new ScimError(undefined, 'This list cannot be filtered.', 403)
  const all =
    door === 'Schemas'
      ? SCHEMAS.map((schema) => schemaResource(schema, base))
      : Object.values(KINDS).map((type) => resourceTypeResource(type, base))
  if (path.length === 1)
    return ok({
      schemas: [LIST],
      totalResults: all.length,
      startIndex: 1,
      itemsPerPage: all.length,
      Resources: all,
    })
  const found = all.find(({ id }) => id === path[1])
  if (!found) throw new ScimError(undefined, 'There is no such thing.', 404)
  return ok(found)
}

function one(request: Request, door: keyof typeof KINDS, id: string, store: Store): Answer {
  const { method, headers, query } = request
  const row = store.rows.get(id)
  if (!row || row.kind !== KINDS[door].name)
    throw new ScimError(undefined, `There is no ${KINDS[door].name} ${id}.`, 404)
  if (method === 'GET') {
    if (headers['if-none-match'] === etag(row))
      return { status: 304, headers: { etag: etag(row) }, body: undefined }
    return resourceAnswer(row, store, query)
  }
  const condition = headers['if-match']
  if (condition !== undefined && condition !== '*' && !condition.split(/,\s*/).includes(etag(row)))
    throw new ScimError(undefined, 'It has changed since it was read.', 412)
  if (method === 'DELETE') {
    store.rows.delete(id)
    for (const other of store.rows.values()) dropMember(other, id)
    return { status: 204, headers: {}, body: undefined }
  }
  if (method !== 'PUT' && method !== 'PATCH') return notAllowed('GET, PUT, PATCH, DELETE')
  const type = KINDS[door]
  const before = clean(row.resource)
  const after =
    method === 'PUT'
      ? { ...readResource(body(request), type).resource, id }
      : applyPatch(before, readPatch(body(request), type).ops, type).resource
  save(row, after as Resource, store)
  if (method === 'PATCH' && door === 'Groups' && query['attributes'] === undefined)
    return { status: 204, headers: { etag: etag(row) }, body: undefined }
  return resourceAnswer(row, store, query)
}

function create(request: Request, door: keyof typeof KINDS, store: Store): Answer {
  const row = insert(body(request), door, store)
  const answer = resourceAnswer(row, store, request.query)
  return {
    ...answer,
    status: 201,
    headers: { ...answer.headers, location: `${store.base}/${door}/${row.resource['id']}` },
  }
}

function insert(given: Json, door: keyof typeof KINDS, store: Store): Row {
  const { resource } = readResource(given, KINDS[door])
  const now = Date.now()
  const id = crypto.randomUUID()
  const row: Row = {
    kind: door === 'Users' ? 'User' : 'Group',
    resource: { schemas: [] },
    version: 0,
    created: now,
    modified: now,
  }
  save(
    row,
    { ...resource, id, ...(door === 'Users' ? { active: resource['active'] ?? true } : {}) } as Resource,
    store,
  )
  store.rows.set(id, row)
  return row
}

function save(row: Row, resource: Resource, store: Store): void {
  const name = row.kind === 'User' ? 'userName' : 'displayName'
  const wanted = String(resource[name] ?? '')
  if (wanted === '') throw new ScimError('invalidValue', `${name} is missing.`)
  for (const other of store.rows.values())
    if (
      other !== row &&
      other.kind === row.kind &&
      String(other.resource[name]).toLowerCase() === wanted.toLowerCase()
    )
      throw new ScimError('uniqueness', `${name} ${wanted} is taken.`)
  const unknown = members(resource).find(({ value }) => !store.rows.has(String(value)))
  if (unknown && row.kind === 'Group')
    throw new ScimError('invalidValue', `Nobody has the id ${unknown['value']}.`)
  if (JSON.stringify(sorted(clean(row.resource))) === JSON.stringify(sorted(clean(resource)))) return
  row.resource = clean(resource)
  row.version++
  row.modified = row.version === 1 ? row.created : Date.now()
}

/** Without what is worked out when it is read. */
function clean(resource: Resource): Resource {
  const { meta: _, groups: __, ...rest } = structuredClone(resource)
  return rest as Resource
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  )
}

export function members(resource: Resource | JsonObject): JsonObject[] {
  const list = resource['members']
  return Array.isArray(list) ? list.filter(isRecord) : []
}

function dropMember(row: Row, id: string): void {
  if (row.kind !== 'Group' || !members(row.resource).some(({ value }) => value === id)) return
  row.resource['members'] = members(row.resource).filter(({ value }) => value !== id)
  row.version++
}

function etag({ version }: Row): string {
  return `W/"${version}"`
}

/** As a client sees it. */
export function shown(row: Row, store: Store): Resource {
  const resource = structuredClone(row.resource)
  const id = String(resource['id'])
  const door = `${row.kind}s`
  if (row.kind === 'User') {
    const groups = [...store.rows.values()].filter((other) =>
      members(other.resource).some(({ value }) => value === id),
    )
    if (groups.length > 0)
      resource['groups'] = groups.map(({ resource: group }) => ({
        value: group['id'] ?? null,
        display: group['displayName'] ?? null,
        $ref: `${store.base}/Groups/${group['id']}`,
        type: 'direct',
      }))
  } else
    resource['members'] = members(resource).map((member) => ({
      ...member,
      $ref: `${store.base}/${store.rows.get(String(member['value']))?.kind ?? 'User'}s/${member['value']}`,
    }))
  resource['meta'] = {
    resourceType: row.kind,
    created: new Date(row.created).toISOString(),
    lastModified: new Date(row.modified).toISOString(),
    location: `${store.base}/${door}/${id}`,
    version: etag(row),
  }
  return resource
}

function resourceAnswer(row: Row, store: Store, query: Record<string, string>): Answer {
  const type: ResourceType = row.kind === 'User' ? userResourceType : groupResourceType
  return ok(project(shown(row, store), type, readProjection(query, type)), { etag: etag(row) })
}

function searched(request: Request, doors: (keyof typeof KINDS)[], store: Store): Answer {
  const given = body(request)
  if (!isRecord(given)) throw new ScimError('invalidSyntax', 'A search is an object.')
  const query = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]))
  return list(query, doors, store)
}

function list(query: Record<string, string>, doors: (keyof typeof KINDS)[], store: Store): Answer {
  const types = doors.map((door) => KINDS[door])
  const filter =
    query['filter'] === undefined
      ? undefined
      : parseFilter(query['filter'], { schemas: types.flatMap(schemaUrns) })
  const found = [...store.rows.values()].filter((row) => {
    const type = types.find(({ name }) => name === row.kind)
    return type && (!filter || matches(shown(row, store), filter, type))
  })
  const ordered =
    query['sortBy'] === undefined ? found : sortRows(found, query['sortBy'], query['sortOrder'], store)
  const count = Math.min(MAX_RESULTS, Math.max(0, integer(query['count'], 100)))
  const isCursor = query['cursor'] !== undefined
  const first = isCursor ? cursorStart(query['cursor'] ?? '') : Math.max(1, integer(query['startIndex'], 1))
  const page = ordered.slice(first - 1, first - 1 + count)
  const next = first + page.length
  return ok({
    schemas: [LIST],
    totalResults: ordered.length,
    ...(isCursor ? {} : { startIndex: first }),
    itemsPerPage: page.length,
    ...(isCursor && next <= ordered.length ? { nextCursor: `c-${next}` } : {}),
    Resources: page.map((row) => resourceAnswer(row, store, query).body as JsonObject),
  })
}

function integer(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^-?\d+$/.test(text)) throw new ScimError('invalidValue', 'That is no whole number.')
  return Number(text)
}

function cursorStart(cursor: string): number {
  if (cursor === '') return 1
  const found = /^c-(\d+)$/.exec(cursor)
  if (!found) throw new ScimError('invalidCursor', 'Use a cursor as it was given.')
  return Number(found[1])
}

function sortRows(rows: Row[], sortBy: string, sortOrder: string | undefined, store: Store): Row[] {
  const [name = '', sub] = sortBy.toLowerCase().split('.')
  const value = (row: Row): string | undefined => {
    const top = pick(shown(row, store), name)
    const best = Array.isArray(top)
      ? (top.filter(isRecord).find(({ primary }) => primary === true) ?? top[0])
      : top
    const leaf = sub === undefined || !isRecord(best) ? best : pick(best, sub)
    return leaf === undefined || leaf === null ? undefined : String(leaf).toLowerCase()
  }
  const ascending = rows.toSorted((a, b) => {
    const [x, y] = [value(a), value(b)]
    if (x === y) return 0
    return y === undefined || (x !== undefined && x < y) ? -1 : 1
  })
  return sortOrder === 'descending' ? ascending.reverse() : ascending
}

function pick(object: JsonObject, lower: string): Json | undefined {
  return Object.entries(object).find(([name]) => name.toLowerCase() === lower)?.[1]
}

function body({ text, headers }: Request): Json {
  if (!/^application\/(scim\+)?json\b/.test(headers['content-type'] ?? ''))
    throw new ScimError(undefined, 'Send application/scim+json.', 415)
  if (text.length > 1024 * 1024) throw new ScimError(undefined, 'That is more than a megabyte.', 413)
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new ScimError('invalidSyntax', 'That is no JSON.')
  }
}

function bulk(request: Request, store: Store): Answer {
  const given = body(request)
  const operations =
    isRecord(given) && Array.isArray(given['Operations']) ? given['Operations'].filter(isRecord) : []
  if (operations.length > MAX_OPERATIONS)
    throw new ScimError(undefined, `At most ${MAX_OPERATIONS} operations.`, 413)
  const ids = operations.flatMap(({ bulkId }) => (typeof bulkId === 'string' ? [bulkId] : []))
  if (new Set(ids).size < ids.length) throw new ScimError('invalidValue', 'A bulkId is there twice.')
  const limit =
    isRecord(given) && typeof given['failOnErrors'] === 'number' ? given['failOnErrors'] : Infinity
  const made = new Map<string, string>()
  const results = new Map<JsonObject, JsonObject>()
  let failures = 0
  // Who refers to what is not made yet waits for the next round; a round that makes nothing is the last.
  for (let waiting = operations, stuck = false; waiting.length > 0 && failures < limit; ) {
    const later: JsonObject[] = []
    for (const operation of waiting) {
      if (failures >= limit) break
      const data = resolve(operation['data'] ?? null, made)
      const open = /bulkId:([^"]+)/.exec(JSON.stringify(data))?.[1]
      if (open !== undefined && ids.includes(open) && !stuck) {
        later.push(operation)
        continue
      }
      const result = operate(operation, open === undefined ? data : undefined, store)
      if (!/^2/.test(String(result['status']))) failures++
      else if (typeof operation['bulkId'] === 'string')
        made.set(operation['bulkId'], String(result['location']).split('/').at(-1) ?? '')
      results.set(operation, result)
    }
    stuck = later.length === waiting.length
    waiting = later
  }
  const done = operations.flatMap((operation) => results.get(operation) ?? [])
  return ok({ schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'], Operations: done })
}

function resolve(value: Json, made: ReadonlyMap<string, string>): Json {
  const text = JSON.stringify(value).replace(/"bulkId:([^"]+)"/g, (whole, id) =>
    made.has(id) ? JSON.stringify(made.get(id)) : whole,
  )
  return JSON.parse(text) as Json
}

function operate(operation: JsonObject, data: Json | undefined, store: Store): JsonObject {
  const { method, path, bulkId } = operation
  const told: JsonObject = { method: method ?? null, ...(bulkId === undefined ? {} : { bulkId }) }
  const answer =
    data === undefined
      ? refusal(new ScimError('invalidValue', 'It refers to what cannot be made.', 409))
      : method === 'POST' && typeof bulkId !== 'string'
        ? refusal(new ScimError('invalidValue', 'A POST needs a bulkId.'))
        : guarded(
            {
              method: String(method),
              path: String(path)
                .split('/')
                .filter((part) => part !== ''),
              query: {},
              headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
              text: JSON.stringify(data),
            },
            store,
          )
  const location =
    answer.headers['location'] ?? (method === 'POST' ? undefined : `${store.base}${String(path)}`)
  const isBad = answer.status > 299
  return {
    ...told,
    ...(location === undefined ? {} : { location }),
    status: String(answer.status),
    ...(isBad ? { response: answer.body ?? null } : {}),
  }
}

function config(base: string): JsonObject {
  return {
    ...serviceProviderConfig(
      {
        patch: true,
        bulk: { maxOperations: MAX_OPERATIONS, maxPayloadSize: 1024 * 1024 },
        filter: { maxResults: MAX_RESULTS },
        sort: true,
        etag: true,
        authenticationSchemes: [{ type: 'oauthbearertoken', name: 'Bearer', description: 'A token.' }],
      },
      base,
    ),
    pagination: { cursor: true, index: true, defaultPaginationMethod: 'index', maxPageSize: MAX_RESULTS },
  }
}
