/** Okta's SCIM client on the wire: its headers, its patience, its manners after 429. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from './links.ts'

const TIMEOUT_MS = 60_000
const FIVE_MINUTES_MS = 300_000
const MOST_ATTEMPTS = 10

export type Sent = {
  at: string
  method: string
  path: string
  status: number
  ms: number
  error: string | null
}
export type ScimBody = Record<string, unknown>

/** What the app said against it, in the words Okta shows the admin. */
export class ProvisioningError extends Error {
  override name = 'ProvisioningError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export type Scim = (method: string, path: string, body?: ScimBody) => Promise<ScimBody>

/** `log` hears of every request sent, each repetition too. */
export function scimClient(config: Config, log: (sent: Sent) => void): Scim {
  return async (method, path, body) => {
    let wait = 0
    for (let attempt = 1; ; attempt += 1) {
      const { status, json, retryAfter } = await sendOnce(config, { method, path, body }, log)
      if (status !== 429) return accepted(status, json)
      if (attempt >= MOST_ATTEMPTS)
        throw new ProvisioningError(429, `Too Many Requests. Gave up after ${attempt} attempts.`)
      wait = waitAfter(retryAfter, wait)
      await sleep(wait * config.waitScale)
    }
  }
}

/** A whole number of seconds is obeyed; anything else means five minutes; again means twice as long. */
export function waitAfter(retryAfter: string | null, before: number): number {
  const asked =
    retryAfter !== null && /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) * 1000 : FIVE_MINUTES_MS
  return before === 0 ? asked : before * 2
}

type Request = { method: string; path: string; body: ScimBody | undefined }
type Reply = { status: number; json: unknown; retryAfter: string | null }

async function sendOnce(config: Config, request: Request, log: (sent: Sent) => void): Promise<Reply> {
  const began = performance.now()
  const note = (status: number, error: string | null) =>
    log({
      at: new Date().toISOString(),
      method: request.method,
      path: request.path,
      status,
      ms: Math.round(performance.now() - began),
      error,
    })
  try {
    const response = await fetch(`${config.baseUrl}${request.path}`, {
      method: request.method,
      headers: headersOf(config, request),
      ...(request.body && { body: JSON.stringify(request.body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
    })
    const json = parse(await response.text())
    note(response.status, response.ok ? null : detailOf(json))
    return { status: response.status, json, retryAfter: response.headers.get('retry-after') }
  } catch (error) {
    const reason = reasonOf(error)
    note(0, reason)
    throw new ProvisioningError(0, reason)
  }
}

function headersOf(config: Config, { body }: Request): Record<string, string> {
  return {
    accept: 'application/scim+json',
    'accept-charset': 'utf-8',
    'accept-encoding': 'gzip,deflate',
    'user-agent': 'Okta SCIM Client 1.0.0',
    authorization: config.rawToken ? config.token : `Bearer ${config.token}`,
    ...(body && { 'content-type': 'application/scim+json; charset=utf-8' }),
  }
}

function accepted(status: number, json: unknown): ScimBody {
  if (status >= 200 && status < 300) {
    if (json === INVALID)
      throw new ProvisioningError(status, 'Bad Gateway. Errors reported by remote server: Invalid JSON')
    return (json ?? {}) as ScimBody
  }
  throw new ProvisioningError(
    status,
    `${REASONS[status] ?? `HTTP ${status}`}. Errors reported by remote server: ${detailOf(json)}`,
  )
}

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}
const INVALID = Symbol('not JSON')

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return INVALID
  }
}

function detailOf(json: unknown): string {
  if (json === INVALID) return 'Invalid JSON'
  const detail = (json as { detail?: unknown } | undefined)?.detail
  return typeof detail === 'string' && detail !== '' ? detail : 'no detail given'
}

function reasonOf(error: unknown): string {
  if ((error as Error).name === 'TimeoutError') return `No answer within ${TIMEOUT_MS / 1000} seconds.`
  const cause = (error as { cause?: { code?: string } }).cause?.code
  return `Could not reach the app${cause ? ` (${cause})` : ''}.`
}
