/**
 * Keeps Keydesk polite: each of Okta's rate-limit buckets is shared by several routes, and a bucket
 * that runs empty locks out people who sign in. A sync spends at most half of what the headers show;
 * a person who waits goes first and is never queued behind it (okta-api §7).
 */
export type Lane = 'interactive' | 'sync'

interface Bucket {
  limit: number
  remaining: number
  /** On this machine's clock. */
  resetAt: number
}

export interface Limiter {
  /** How long this call should wait before it is sent. */
  waitMs(lane: Lane, method: string, path: string): number
  /** Takes over what the headers of an answer say. */
  learn(method: string, path: string, headers: Headers): void
}

export function makeLimiter(now: () => number = Date.now): Limiter {
  const buckets = new Map<string, Bucket>()
  return {
    waitMs(lane, method, path) {
      const bucket = buckets.get(bucketOf(method, path))
      if (!bucket || lane === 'interactive' || now() >= bucket.resetAt) return 0
      const reserve = Math.floor(bucket.limit / 2)
      if (bucket.remaining > reserve) {
        bucket.remaining -= 1
        return 0
      }
      return bucket.resetAt - now() + Math.floor(Math.random() * 500)
    },
    learn(method, path, headers) {
      const limit = Number(headers.get('x-rate-limit-limit') ?? Number.NaN)
      const remaining = Number(headers.get('x-rate-limit-remaining') ?? Number.NaN)
      const reset = Number(headers.get('x-rate-limit-reset') ?? Number.NaN)
      // A limit of 0 is the concurrency kind: it says nothing of this bucket.
      if (!(limit > 0) || !Number.isFinite(remaining) || !Number.isFinite(reset)) return
      const date = Date.parse(headers.get('date') ?? '')
      const secondsLeft = Math.min(Math.max(reset - (Number.isFinite(date) ? date : now()) / 1000, 0), 90)
      buckets.set(bucketOf(method, path), { limit, remaining, resetAt: now() + (secondsLeft + 1) * 1000 })
    },
  }
}

/** The name of the bucket a call draws from: a route of its own, or shared with its sub-routes. */
export function bucketOf(method: string, path: string): string {
  const [first = '', version = '', kind = '', id, ...rest] =
    path.split('?')[0]?.split('/').filter(Boolean) ?? []
  if (first !== 'api' || version !== 'v1') return first
  const single = id !== undefined && rest.length === 0
  if (kind === 'apps' || kind === 'groups') return single && id !== 'rules' ? `${kind}/{id}` : kind
  if (kind === 'users') return !single ? kind : method === 'GET' ? 'users/{id}' : 'users/{id} writes'
  return kind === 'logs' ? kind : 'other'
}
