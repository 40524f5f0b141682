/**
 * Okta's rate limits: per-minute buckets shared by several routes, half of each for one token
 * (workforce figures), windows of 60 s that begin with the first call.
 */
import { RawAnswer } from './errors.ts'

export type Limits = {
  mode: 'workforce' | 'none'
  inFlight: number
  windows: Map<string, { used: number; resetAt: number }>
}

const WINDOW_SECONDS = 60
/** Requests at one time in a workforce organisation. */
const CONCURRENT = 75

export function makeLimits(mode: 'workforce' | 'none'): Limits {
  return { mode, inFlight: 0, windows: new Map() }
}

/** The bucket a request draws from, and its size for the whole organisation. */
function bucketOf(method: string, path: string): { name: string; size: number } | undefined {
  const [first = '', second, third, ...rest] = path.split('/').filter((part) => part !== '')
  if (first === 'oauth2') {
    if (third === 'keys') return undefined
    return third === 'clients' ? { name: 'oauth2/clients', size: 100 } : { name: 'oauth2', size: 2000 }
  }
  if (first !== 'api' || second !== 'v1') return undefined
  const one = rest.length === 1
  if (third === 'apps') return one && rest[0] ? { name: 'apps/{id}', size: 500 } : { name: 'apps', size: 100 }
  if (third === 'groups')
    return one && rest[0] !== 'rules' ? { name: 'groups/{id}', size: 1000 } : { name: 'groups', size: 500 }
  if (third === 'users') {
    if (!one) return { name: 'users', size: 600 }
    return method === 'GET' ? { name: 'users/{id}', size: 2000 } : { name: 'users/{id} writes', size: 600 }
  }
  return third === 'logs' ? { name: 'logs', size: 120 } : { name: 'other', size: 1200 }
}

export type RateHeaders = Record<
  'x-rate-limit-limit' | 'x-rate-limit-remaining' | 'x-rate-limit-reset',
  string
>

/** Counts the request. `undefined`: this path has no limit. `exceeded`: answer 429. */
export function countRequest(
  limits: Limits,
  principal: string,
  method: string,
  path: string,
): { headers: RateHeaders; exceeded: boolean } | undefined {
  const bucket = bucketOf(method, path)
  if (!bucket || limits.mode === 'none') return undefined
  const whole = window(limits, `org ${bucket.name}`)
  const own = window(limits, `${principal} ${bucket.name}`)
  const share = Math.floor(bucket.size / 2)
  const exceeded = own.used >= share || whole.used >= bucket.size
  if (!exceeded) {
    own.used += 1
    whole.used += 1
  }
  const remaining = exceeded ? 0 : Math.min(share - own.used, bucket.size - whole.used)
  return { headers: rateHeaders(share, remaining, own.resetAt), exceeded }
}

export function tooManyAtOnce(limits: Limits): boolean {
  return limits.mode !== 'none' && limits.inFlight > CONCURRENT
}

export function rateHeaders(limit: number, remaining: number, reset: number): RateHeaders {
  return {
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': String(remaining),
    'x-rate-limit-reset': String(reset),
  }
}

/** A 429 of the concurrency kind says 0 of 0, and its reset is only a guess. */
export function concurrencyHeaders(): RateHeaders {
  return rateHeaders(0, 0, epochSeconds() + 2)
}

function window(limits: Limits, key: string) {
  const second = epochSeconds()
  const found = limits.windows.get(key)
  if (found && found.resetAt > second) return found
  const fresh = { used: 0, resetAt: second + WINDOW_SECONDS }
  limits.windows.set(key, fresh)
  return fresh
}

export function epochSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

/** POST and PUT without a body still need `Content-Length: 0` (core-okta-api). */
export function demandLength(method: string, headers: Record<string, unknown>): void {
  if (method !== 'POST' && method !== 'PUT') return
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)
    throw new RawAnswer(411, '')
}
