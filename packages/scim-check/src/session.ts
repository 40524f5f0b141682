/**
 * What a check speaks through. It knows the server's base URL, makes throw-away accounts and groups,
 * remembers what it made, and refuses to change anything else.
 */
import { randomBytes } from 'node:crypto'
import { isRecord, type Json, type JsonObject } from '@keydesk/scim'
import type { Capability } from './check.ts'
import {
  at,
  ENTERPRISE,
  GROUP,
  type Listed,
  listOf,
  objects,
  PATCH,
  resourceOf,
  skip,
  USER,
} from './expect.ts'
import { type Exchange, openWire, type Reply, type Sending, type WireOptions } from './wire.ts'

/** Every account and group that a run makes has a name that begins so. */
const PREFIX = 'keydesk-check'

export interface Query {
  [name: string]: string | number | undefined
}

/** A resource that this run made. */
export interface Made extends JsonObject {
  id: string
}

export interface Session {
  /** `keydesk-check-` and some letters that no other run has. */
  mark: string
  readOnly: boolean
  /** The token of the run, when it has one, to send it in another form. */
  bearer: string | undefined
  send(method: string, path: string, sending?: Sending): Promise<Reply>
  get(path: string, query?: Query): Promise<Reply>
  post(path: string, body: unknown, query?: Query): Promise<Reply>
  put(path: string, body: unknown, query?: Query): Promise<Reply>
  /** A PatchOp with these operations. */
  patch(path: string, ...operations: object[]): Promise<Reply>
  remove(path: string): Promise<Reply>
  /** Lists what a filter finds. */
  find(path: string, filter: string, query?: Query): Promise<Listed>
  /** Reads one resource; fails when it is not there. */
  read(path: string): Promise<JsonObject>
  /** A body for a new account, as a plain RFC client writes it. It is not sent. */
  newUser(more?: object): JsonObject & { userName: string }
  newGroup(members?: readonly string[], more?: object): JsonObject & { displayName: string }
  /** Makes an account or a group for one check. Skips the check when the server does not let it. */
  user(more?: object): Promise<Made>
  group(members?: readonly string[], more?: object): Promise<Made>
  /** An account that the whole run reads and nobody changes; in a read-only run, one that is there. */
  sample(): Promise<Made>
  sampleGroup(): Promise<Made>
  /** Ids of that many accounts, which the whole run shares. */
  crowd(size: number): Promise<string[]>
  /** What userName of everyone in the crowd begins with. */
  crowdPrefix: string
  discovery(): Promise<Discovery>
  /** True, false, or undefined when the server does not say. */
  offers(capability: Capability): Promise<boolean | undefined>
  /** Whether a client may write an attribute, as `/Schemas` tells; true when there is no telling. */
  knows(schema: string, name: string): Promise<boolean>
  /** Runs something once in a run; the evidence of it goes to every check that asks. */
  once<T>(key: string, make: () => Promise<T>): Promise<T>
  /** Puts a figure into the capability profile. */
  note(key: string, value: Json): void
}

interface Discovery {
  config: Reply
  types: Reply
  schemas: Reply
}

/** What the run itself needs of a session. */
export interface Backstage {
  session: Session
  notes: Map<string, Json>
  /** Begins the evidence of a check. */
  begin(): void
  /** Ends it, and gives it. */
  end(): Exchange[]
  /** Deletes what the check made that nobody shares. */
  sweep(): Promise<void>
  /** Deletes everything that is left, and tells what could not be deleted. */
  close(): Promise<string[]>
}

export interface SessionOptions extends Omit<WireOptions, 'keep'> {
  readOnly: boolean
  domain: string
  signal: AbortSignal
}

const MAX_EVIDENCE = 40
const CLEANING_MS = 120_000

export function openSession(options: SessionOptions): Backstage {
  const mark = `${PREFIX}-${randomBytes(4).toString('hex')}`
  const crowdPrefix = `${mark}-crowd-`
  const notes = new Map<string, Json>()
  const memos = new Map<string, { value: Promise<unknown>; exchanges: Exchange[] }>()
  /** What this run made: its path, and whether later checks need it. */
  const made = new Map<string, { shared: boolean }>()
  /** Names that were sent in a POST whose answer did not say which id they got. */
  const unsettled = new Map<string, string>()
  let evidence: Exchange[] = []
  let serial = 0
  let sharing = false
  let signal = options.signal

  const wire = openWire({
    ...options,
    keep: (exchange) => {
      if (evidence.length < MAX_EVIDENCE) evidence.push(exchange)
    },
  })

  async function send(method: string, path: string, sending: Sending = {}): Promise<Reply> {
    refuseForeign(method, path)
    const isPost = method === 'POST' && /^\/(Users|Groups|Bulk)\b(?!\/\.search)/.test(path)
    if (isPost) for (const [name, kind] of namesIn(path, sending.body)) unsettled.set(name, kind)
    const reply = await wire(method, path, sending, signal)
    if (isPost) settle(path, sending.body, reply)
    return reply
  }

  // The server is somebody's: only what this run made, and names nobody has, may be changed.
  function refuseForeign(method: string, path: string): void {
    const target = /^\/(Users|Groups)\/([^/?]+)/.exec(path)
    if (!['PUT', 'PATCH', 'DELETE'].includes(method) || !target) return
    const [plain, kind, id = ''] = target
    if (made.has(decoded(plain)) || id.startsWith(PREFIX)) return
    throw new Error(`This run did not make ${kind}/${id}, so it does not ${method} it.`)
  }

  function settle(path: string, body: unknown, reply: Reply): void {
    const paths = path.startsWith('/Bulk')
      ? objects(at(reply.body, 'Operations')).flatMap((op) => pathIn(op['location']))
      : pathOf(path.split('?')[0] ?? path, at(reply.body, 'id')).concat(pathIn(reply.headers['location']))
    for (const one of new Set(paths)) made.set(one, { shared: sharing })
    const isClear = reply.status >= 400 && reply.status < 500
    if ((paths.length > 0 && !path.startsWith('/Bulk')) || isClear)
      for (const [name] of namesIn(path, body)) unsettled.delete(name)
  }

  const session: Session = {
    mark,
    crowdPrefix,
    readOnly: options.readOnly,
    bearer:
      options.authorization && 'bearer' in options.authorization ? options.authorization.bearer : undefined,
    send,
    get: (path, query) => send('GET', path + search(query)),
    post: (path, body, query) => send('POST', path + search(query), { body }),
    put: (path, body, query) => send('PUT', path + search(query), { body }),
    patch: (path, ...Operations) => send('PATCH', path, { body: { schemas: [PATCH], Operations } }),
    remove: (path) => send('DELETE', path),
    find: async (path, filter, query) => listOf(await session.get(path, { filter, ...query })),
    read: async (path) => resourceOf(await session.get(path)),

    newUser(more = {}) {
      const name = `${mark}-${++serial}`
      const userName = `${name}@${options.domain}`
      return {
        schemas: [USER],
        userName,
        name: { givenName: 'Check', familyName: `Keydesk ${name.slice(PREFIX.length + 1)}` },
        displayName: `Check ${name}`,
        emails: [{ value: userName, type: 'work', primary: true }],
        externalId: `ext-${name}`,
        active: true,
        ...more,
      }
    },
    newGroup(members = [], more = {}) {
      return {
        schemas: [GROUP],
        displayName: `${mark}-group-${++serial}`,
        members: members.map((value) => ({ value })),
        ...more,
      }
    },
    user: (more) => create('/Users', session.newUser(more)),
    async group(members, more) {
      return create('/Groups', session.newGroup(members, more))
    },

    sample: () => shared('/Users', () => session.user(SAMPLE)),
    sampleGroup: () => shared('/Groups', async () => session.group([(await session.sample()).id])),

    async crowd(size) {
      const all = await session.once('crowd', async () => [] as string[])
      const before = sharing
      sharing = true
      await aside(async () => {
        for (let tried = 0; all.length < size && tried < size; tried += 5) {
          const first = all.length
          const wanted = Array.from({ length: Math.min(5, size - first) }, (_, at) => member(first + at))
          all.push(...(await Promise.all(wanted)).map(({ id }) => id))
        }
      }).finally(() => {
        sharing = before
      })
      return all.slice(0, size)
    },

    discovery: () =>
      session.once('discovery', async () => ({
        config: await session.get('/ServiceProviderConfig'),
        types: await session.get('/ResourceTypes'),
        schemas: await session.get('/Schemas'),
      })),
    async offers(capability) {
      const { config, types } = await aside(session.discovery)
      return offered(capability, config, types)
    },
    async knows(schema, name) {
      const { schemas } = await aside(session.discovery)
      const found = objects(at(schemas.body, 'Resources')).find(({ id }) => same(id, schema))
      if (schemas.status !== 200 || objects(at(schemas.body, 'Resources')).length === 0) return true
      return objects(found?.['attributes']).some(
        (attribute) => same(attribute['name'], name) && attribute['mutability'] !== 'readOnly',
      )
    },

    async once(key, make) {
      const known = memos.get(key)
      if (known) {
        for (const exchange of known.exchanges) if (!evidence.includes(exchange)) evidence.push(exchange)
        return known.value as ReturnType<typeof make>
      }
      const from = evidence.length
      const memo = { value: make(), exchanges: [] as Exchange[] }
      memos.set(key, memo)
      try {
        return await memo.value
      } finally {
        memo.exchanges = evidence.slice(from)
      }
    },
    note: (key, value) => void notes.set(key, value),
  }

  /** Does something that is no evidence for the check that is running. */
  async function aside<T>(work: () => Promise<T>): Promise<T> {
    const kept = evidence
    evidence = []
    try {
      return await work()
    } finally {
      evidence = kept
    }
  }

  function member(number: number): Promise<Made> {
    const userName = `${crowdPrefix}${String(number).padStart(3, '0')}@${options.domain}`
    return session.user({ userName, emails: [{ value: userName, type: 'work', primary: true }] })
  }

  async function create(path: string, body: JsonObject): Promise<Made> {
    if (options.readOnly) skip('It needs something of its own, and this run changes nothing.')
    const reply = await session.post(path, body)
    if (reply.status < 200 || reply.status > 299)
      skip(`${reply.asked} answered ${reply.status}, so there is nothing to try it on.`)
    if (isRecord(reply.body) && typeof reply.body['id'] === 'string')
      return { ...reply.body, id: reply.body['id'] }
    // Other checks say that the answer has no body. Here the resource is needed.
    const where = pathIn(reply.headers['location'])[0]
    const found = where
      ? await session.get(where)
      : { body: (await session.find(path, nameFilter(path, body))).resources[0] }
    if (!isRecord(found.body) || typeof found.body['id'] !== 'string')
      skip(`${reply.asked} did not say which id the new resource has.`)
    made.set(`${path}/${found.body['id']}`, { shared: sharing })
    return { ...found.body, id: found.body['id'] }
  }

  async function shared(path: string, make: () => Promise<Made>): Promise<Made> {
    return session.once(`sample ${path}`, async () => {
      if (!options.readOnly) {
        const before = sharing
        sharing = true
        try {
          return await make()
        } finally {
          sharing = before
        }
      }
      const reply = await session.get(path, { startIndex: 1, count: 1 })
      const first = objects(at(reply.body, 'Resources'))[0]
      if (typeof first?.['id'] !== 'string') skip(`${path} has none to read.`)
      return { ...first, id: first['id'] }
    })
  }

  async function sweep(all = false): Promise<Map<string, string>> {
    const left = new Map<string, string>()
    // Groups go first: some servers keep a user whom a group names.
    const paths = [...made].filter(([, { shared }]) => all || !shared).map(([path]) => path)
    for (const path of paths.sort(
      (a, b) => Number(b.startsWith('/Groups')) - Number(a.startsWith('/Groups')),
    )) {
      const problem = await discard(path)
      if (problem === undefined) made.delete(path)
      else left.set(path, problem)
      // What cannot be deleted now is tried again at the end.
      if (problem !== undefined && !all) made.set(path, { shared: true })
    }
    return left
  }

  async function discard(path: string): Promise<string | undefined> {
    try {
      const { status } = await session.remove(encodeURI(path))
      if ((status >= 200 && status < 300) || status === 404 || status === 410) return undefined
      if (path.startsWith('/Users')) {
        const off = await session.patch(encodeURI(path), { op: 'replace', path: 'active', value: false })
        if (off.status < 300) return `DELETE answered ${status}; the account was deactivated instead`
      }
      return `DELETE answered ${status}`
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  // A POST whose answer was lost may have been carried out. Only exactly the name that was sent is ours:
  // a server that ignores the filter would give us everybody.
  async function findLost(): Promise<void> {
    for (const [name, path] of unsettled) {
      const reply = await session
        .get(path, { filter: nameFilter(path, { userName: name, displayName: name }) })
        .catch(() => undefined)
      for (const one of objects(at(reply?.body, 'Resources')))
        if (same(one['userName'] ?? one['displayName'], name) && typeof one['id'] === 'string')
          made.set(`${path}/${one['id']}`, { shared: true })
    }
  }

  return {
    session,
    notes,
    begin: () => {
      evidence = []
    },
    end: () => evidence,
    sweep: async () => void (await aside(() => sweep())),
    close: async () => {
      // Cleaning up goes on after the run was stopped.
      signal = AbortSignal.timeout(CLEANING_MS)
      evidence = []
      await findLost()
      const left = await sweep(true)
      return [...left].map(([path, problem]) => `${path}: ${problem}`)
    },
  }
}

/** Attributes that the checks of reading look for in the shared account. */
const SAMPLE = { title: 'Tester', nickName: 'Sample', active: true }

/** `?a=b`, with spaces as %20. */
export function search(query: Query = {}): string {
  const parts = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  )
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}

function offered(capability: Capability, config: Reply, types: Reply): boolean | undefined {
  if (capability === 'groups' || capability === 'enterprise') {
    const all = objects(at(types.body, 'Resources'))
    if (types.status !== 200 || all.length === 0) return undefined
    if (capability === 'groups')
      return all.some(({ schema, endpoint }) => same(schema, GROUP) || endpoint === '/Groups')
    return all.some((type) =>
      objects(type['schemaExtensions']).some(({ schema }) => same(schema, ENTERPRISE)),
    )
  }
  if (config.status !== 200 || !isRecord(config.body)) return undefined
  if (capability === 'cursor') return at(config.body, 'pagination', 'cursor') === true
  const supported = at(config.body, capability, 'supported')
  return supported === undefined ? undefined : supported === true || supported === 'true'
}

function namesIn(path: string, body: unknown): [string, string][] {
  const all = path.startsWith('/Bulk')
    ? objects(at(body, 'Operations')).map((op) => [op['data'], String(op['path'])] as const)
    : [[body, path.split('?')[0] ?? path] as const]
  return all.flatMap(([data, kind]) => {
    const name = at(data, 'userName') ?? at(data, 'displayName')
    return typeof name === 'string' && name.includes(PREFIX) ? [[name, kind] as [string, string]] : []
  })
}

function nameFilter(path: string, body: JsonObject): string {
  const attribute = path.startsWith('/Groups') ? 'displayName' : 'userName'
  return `${attribute} eq ${JSON.stringify(body[attribute])}`
}

function pathOf(kind: string, id: unknown): string[] {
  return typeof id === 'string' && id !== '' ? [`${kind}/${id}`] : []
}

function pathIn(location: unknown): string[] {
  const found = typeof location === 'string' ? /\/(Users|Groups)\/[^/?#]+$/.exec(location) : null
  return found ? [decoded(found[0])] : []
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function same(a: unknown, b: unknown): boolean {
  return typeof a === 'string' && typeof b === 'string' && a.toLowerCase() === b.toLowerCase()
}
