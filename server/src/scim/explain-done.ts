/** What a call that succeeded did, in a sentence. */
import { isRecord, type Json, type JsonObject } from '@keydesk/scim'
import { attributeIn, nameOfAttribute } from './attribute-names.ts'

/** What is known of a call when it is told of. */
export interface ExplainedCall {
  method: string
  /** Below the workspace, with its query, as it came. */
  path: string
  status: number
  request: string | null
  answer: string | null
  subject: string | null
  times: number
  held: boolean
  shadow: boolean
  /** Why it was refused at the door. */
  reason?: string | null
}

interface Told {
  /** The client. */
  who: string
  /** The person or group. */
  whom: string
  request: JsonObject | undefined
  answer: JsonObject | undefined
  query: URLSearchParams
  status: number
}

type Sentence = (told: Told) => string

/** By method, endpoint and whether an id follows. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  'GET Users': (told) => describeSearch(told, 'user', 'users'),
  'POST Users': ({ who, whom, request }) =>
    `${who} added ${whom}${isOff(fieldOf(request, 'active')) ? ', without letting them in yet' : ''}.`,
  'GET Users/:id': ({ who, whom, status }) =>
    status === 304
      ? `${who} asked whether ${whom} has changed; nothing has.`
      : `${who} read the profile of ${whom}.`,
  'PUT Users/:id': ({ who, whom, request }) =>
    isOff(fieldOf(request, 'active'))
      ? `${who} deactivated ${whom}, with the whole profile as it is there.`
      : `${who} sent the whole profile of ${whom}.`,
  'PATCH Users/:id': describeUserPatch,
  'DELETE Users/:id': ({ who, whom }) => `${who} removed ${whom}.`,
  'GET Groups': (told) => describeSearch(told, 'group', 'groups'),
  'POST Groups': ({ who, whom, request }) =>
    `${who} made the group ${whom}, with ${people(countOf(fieldOf(request, 'members')))}.`,
  'GET Groups/:id': ({ who, whom, status }) =>
    status === 304
      ? `${who} asked whether the group ${whom} has changed; nothing has.`
      : `${who} read the group ${whom} and who is in it.`,
  'PUT Groups/:id': ({ who, whom, request }) => {
    const members = fieldOf(request, 'members')
    return members === undefined
      ? `${who} sent the group ${whom}.`
      : `${who} sent the group ${whom} with all its members: ${people(countOf(members))}.`
  },
  'PATCH Groups/:id': describeGroupPatch,
  'DELETE Groups/:id': ({ who, whom }) =>
    `${who} deleted the group ${whom}: whoever had the role by it has it no more.`,
  'GET Roles': ({ who }) => `${who} read the roles that can be assigned.`,
  'GET Roles/:id': ({ who, whom }) => `${who} read the role ${whom}.`,
  'GET Entitlements': ({ who }) => `${who} read the entitlements that can be assigned.`,
  'GET Entitlements/:id': ({ who }) => `${who} read an entitlement.`,
  'GET ServiceProviderConfig': ({ who }) => `${who} asked what this service can do.`,
  'GET ResourceTypes': ({ who }) => `${who} asked what kinds of things there are here.`,
  'GET ResourceTypes/:id': ({ who }) => `${who} asked about one kind of thing.`,
  'GET Schemas': ({ who }) => `${who} asked which attributes there are.`,
  'GET Schemas/:id': ({ who }) => `${who} asked which attributes one schema has.`,
  'GET Me': ({ who }) => `${who} asked who it is itself.`,
  'POST Bulk': ({ who, request, answer }) => {
    const done = countOf(fieldOf(answer, 'Operations'))
    const sent = countOf(fieldOf(request, 'Operations'))
    return `${who} sent ${sent === 1 ? '1 call' : `${sent} calls`} in one${done === sent ? '' : `, of which ${done} were answered`}.`
  },
  'GET ': ({ who }) => `${who} searched users and groups.`,
  'GET .search': ({ who }) => `${who} searched users and groups.`,
}

/** @param client who calls, as people know it */
export function describeDone(call: ExplainedCall, client: string): string {
  const [path = '', query = ''] = call.path.split('?', 2)
  const request = bodyOf(call.request)
  const answer = bodyOf(call.answer)
  const route = routeOf(call.method, path)
  const whom =
    call.subject ??
    nameIn(request) ??
    nameIn(answer) ??
    (route.includes('Groups') ? 'somebody’s' : 'somebody')
  const told = { who: client, whom, request, answer, query: new URLSearchParams(query), status: call.status }
  // A search is the same whether it comes in the address or in a body.
  if (/\/\.search$/.test(path)) return (SENTENCES[searchRoute(path)] ?? other(call))(withSearch(told))
  return (SENTENCES[route] ?? other(call))(told)
}

function routeOf(method: string, path: string): string {
  const [endpoint = '', id] = path.split('/').filter(Boolean)
  return `${method === 'HEAD' ? 'GET' : method} ${endpoint}${id === undefined ? '' : '/:id'}`
}

function searchRoute(path: string): string {
  const [endpoint = '.search'] = path.split('/').filter(Boolean)
  return `GET ${endpoint}`
}

function withSearch(told: Told): Told {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(told.request ?? {}))
    if (typeof value === 'string' || typeof value === 'number') query.set(name, String(value))
  return { ...told, query }
}

function other({ method, path }: ExplainedCall): Sentence {
  return ({ who }) => `${who} called ${method} ${path.split('?', 1)[0]}.`
}

function describeSearch({ who, query, answer }: Told, one: string, many: string): string {
  const filter = query.get('filter')
  const total = fieldOf(answer, 'totalResults')
  if (filter === null) return describePage(who, query, many)
  const wanted = LOOK_UP.exec(filter)?.[1]
  if (wanted === undefined)
    return `${who} searched ${many} by ${filter}${typeof total === 'number' ? `; found: ${total}` : ''}.`
  const asked = `${who} asked whether the ${one} ${wanted} is here`
  if (typeof total !== 'number') return `${asked}.`
  if (total > 0) return `${asked}; yes.`
  return one === 'user'
    ? `${asked}; no. This is how an identity provider tests the connection and begins an assignment.`
    : `${asked}; no. This is how an identity provider begins to push a group.`
}

/** One person or group, by what they are looked up by. */
const LOOK_UP =
  /^\s*(?:userName|displayName|externalId|nickName|emails(?:\.value)?)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*$/i

function describePage(who: string, query: URLSearchParams, many: string): string {
  const start = Number(query.get('startIndex') ?? 1)
  const count = query.get('count')
  if (start === 1 && (count === '1' || count === '2'))
    return `${who} read the first few ${many}: this is how a connection is tested.`
  if (query.has('cursor')) return `${who} read the next page of ${many}.`
  const from = Number.isSafeInteger(start) && start > 0 ? start : 1
  return count && Number(count) > 0
    ? `${who} read ${many} from number ${from}, up to ${count} of them.`
    : `${who} read the list of ${many}.`
}

function describeUserPatch({ who, whom, request }: Told): string {
  const operations = operationsOf(request)
  const values = operations.flatMap(assignmentsOf)
  const active = values.find(([name]) => name.toLowerCase() === 'active')?.[1]
  const rest = [...new Set(values.map(([name]) => name).filter((name) => name.toLowerCase() !== 'active'))]
  const changed = rest.map(nameOfAttribute).join(', ')
  const verb = active === undefined ? undefined : isOff(active) ? 'deactivated' : 'activated'
  if (verb) return `${who} ${verb} ${whom}${changed ? `, and changed ${changed}` : ''}.`
  return changed ? `${who} changed ${whom}: ${changed}.` : `${who} changed ${whom}.`
}

/** What an operation sets: by its path, or by each key of its value. */
function assignmentsOf(operation: JsonObject): [string, Json | undefined][] {
  const path = fieldOf(operation, 'path')
  const value = fieldOf(operation, 'value')
  if (typeof path === 'string' && path !== '') {
    const isWholeExtension = /^urn:.*:User$/i.test(path)
    if (isWholeExtension && isRecord(value)) return Object.entries(value)
    return [[attributeIn(path), value]]
  }
  if (!isRecord(value)) return []
  return Object.entries(value)
    .filter(([name]) => !/^(?:id|schemas|meta)$/i.test(name))
    .flatMap(([name, item]): [string, Json][] =>
      /^urn:/i.test(name) && isRecord(item) ? Object.entries(item) : [[attributeIn(name), item]],
    )
}

function describeGroupPatch({ who, whom, request }: Told): string {
  const parts: string[] = []
  const counts = { add: 0, remove: 0 }
  for (const operation of operationsOf(request)) {
    const op = String(fieldOf(operation, 'op') ?? '').toLowerCase()
    const path = String(fieldOf(operation, 'path') ?? '')
    const value = fieldOf(operation, 'value')
    const members = path === '' && isRecord(value) ? fieldOf(value, 'members') : undefined
    if (/^members\s*\[/i.test(path)) counts.remove++
    else if (/^members$/i.test(path) || members !== undefined) {
      const size = countOf(members ?? value)
      if (op === 'add') counts.add += size
      else if (op === 'remove' && size > 0) counts.remove += size
      else parts.push(op === 'remove' ? 'took everybody out' : `set its members: ${people(size)}`)
    }
    const name = /^displayName$/i.test(path)
      ? value
      : isRecord(value)
        ? fieldOf(value, 'displayName')
        : undefined
    if (typeof name === 'string') parts.push(`named it ${name}`)
  }
  if (counts.add > 0) parts.push(`added ${people(counts.add)}`)
  if (counts.remove > 0) parts.push(`took out ${people(counts.remove)}`)
  return `${who} changed the group ${whom}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.`
}

function operationsOf(request: JsonObject | undefined): JsonObject[] {
  const operations = fieldOf(request, 'Operations')
  return Array.isArray(operations) ? operations.filter(isRecord) : []
}

function fieldOf(object: JsonObject | undefined, name: string): Json | undefined {
  if (!object) return undefined
  const key = Object.keys(object).find((one) => one.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : object[key]
}

function nameIn(body: JsonObject | undefined): string | undefined {
  for (const field of ['displayName', 'userName']) {
    const name = fieldOf(body, field)
    if (typeof name === 'string' && name !== '') return name
  }
  return undefined
}

function isOff(active: Json | undefined): boolean {
  return active === false || (typeof active === 'string' && active.toLowerCase() === 'false')
}

function countOf(list: Json | undefined): number {
  return Array.isArray(list) ? list.length : isRecord(list) ? 1 : 0
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`
}

/** A kept body as an object; undefined for none, and for one that was cut. */
export function bodyOf(text: string | null): JsonObject | undefined {
  if (text === null) return undefined
  try {
    const body: unknown = JSON.parse(text)
    return isRecord(body) ? body : undefined
  } catch {
    return undefined
  }
}
