/** Paths, queries and answers of SCIM requests, without Fastify. */
import { type Json, type ResourceType, ScimError, type SearchQuery } from '@keydesk/scim'
import type { Caller } from './caller.ts'
import type { Foreseen } from './foresee.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Answer {
  status: number
  body?: object
  /** The body as text, where it is text already. */
  text?: string
  headers?: Record<string, string>
  about?: Subject
}

/** Whom or what a call was about, for its line in the log. */
interface Subject {
  memberId?: string
  roleId?: string
  name?: string
}

export type Query = SearchQuery

export interface Call extends Caller {
  method: Method
  /** What stands in the path for `:id`; empty where the path has none. */
  id: string
  query: Query
  /** The body as JSON. Throws 415 for a wrong type and 400 for what is not JSON. */
  body(): Json
  /** What a user is here: the standard schemas, ours, and those that the workspace added. */
  userType: ResourceType
  /** What is being read already, because this call will want it. */
  foreseen: Foreseen | undefined
  ifMatch: string | undefined
  ifNoneMatch: string | undefined
  userAgent: string | undefined
  /** Whether the safety brake is off, because an owner released this very call. */
  isReleased: boolean
  /** Takes down what was tolerated, for the log. */
  tolerated(deviations: readonly string[]): void
  /** Does another call of the same caller: an operation of a bulk, or what `/Me` stands for. */
  perform(method: Method, path: readonly string[], more?: PerformOptions): Promise<Answer>
}

interface PerformOptions {
  body?: Json | undefined
  query?: Query
  ifMatch?: string | undefined
  ifNoneMatch?: string | undefined
}

export type Handler = (call: Call) => Promise<Answer>

export interface Endpoint {
  /** Segments below the workspace; `:id` stands for any one. */
  path: readonly string[]
  methods: Partial<Record<Method, Handler>>
}

export interface ScimPath {
  slug: string | undefined
  /** What follows the workspace; undefined for a path that is not in its plain form. */
  segments: string[] | undefined
}

/**
 * Takes a raw URL apart. A segment that hides a slash, a dot segment or a control character is no path of
 * ours. An empty segment is allowed after the workspace, where a base URL with a slash at its end makes
 * one, and at the end.
 */
export function readPath(prefix: string, url = ''): ScimPath {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  if (!path.startsWith(`${prefix}/`)) return { slug: undefined, segments: undefined }
  const [slug, ...rest] = path.slice(prefix.length + 1).split('/')
  if (rest[0] === '' && rest.length > 1) rest.shift()
  if (rest.at(-1) === '') rest.pop()
  const segments = rest.map(plainSegment).filter((segment) => segment !== undefined)
  return { slug: slug || undefined, segments: segments.length === rest.length ? segments : undefined }
}

function plainSegment(raw: string): string | undefined {
  let text: string
  try {
    text = decodeURIComponent(raw)
  } catch {
    return undefined
  }
  return /^[^/\\\p{Cc}]+$/u.test(text) && !/^\.\.?$/.test(text) ? text : undefined
}

export function findEndpoint(
  endpoints: readonly Endpoint[],
  { segments }: ScimPath,
): { endpoint: Endpoint; id: string } | undefined {
  const endpoint = endpoints.find(
    ({ path }) =>
      path.length === segments?.length && path.every((part, at) => part === ':id' || part === segments[at]),
  )
  return endpoint && { endpoint, id: segments?.[endpoint.path.indexOf(':id')] ?? '' }
}

/** A path for a sentence. */
export function routeOf({ segments }: ScimPath): string {
  return segments ? `/${segments.join('/')}`.slice(0, 100) : 'of that form'
}

const PARAMETERS = [
  'filter',
  'startIndex',
  'count',
  'cursor',
  'sortBy',
  'sortOrder',
  'attributes',
  'excludedAttributes',
] as const

/** The parameters we know, each at most once. Unknown ones are ignored (RFC 7644 §3.4.2). */
export function readQuery(query: unknown): Query {
  const given = query as Record<string, string | string[] | undefined>
  const read: Query = {}
  for (const name of PARAMETERS) {
    const value = given[name]
    if (Array.isArray(value)) throw new ScimError('invalidValue', `Give ${name} once.`)
    if (value !== undefined) read[name] = value
  }
  return read
}
