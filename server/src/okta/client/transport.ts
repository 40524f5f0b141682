/**
 * One call to Okta. Reads are tried again when trouble passes by itself; a write is sent once, and what
 * is not known of it is said. Redirects are never followed: a credential goes to one origin only.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { errorOf, noAnswerOf, OktaError, OktaNoAnswer } from './error.ts'
import { type Lane, type Limiter, makeLimiter } from './limiter.ts'
import { type Authority, apiTokenAuthority, type Credentials, serviceAppAuthority } from './token.ts'

/** What all calls of one connection share in this process: who they are, and how much they may ask. */
export interface Session {
  origin: string
  limiter: Limiter
  authority: Authority
  count: (status: string) => void
}

export interface CallOptions {
  lane: Lane
  signal?: AbortSignal
  /** How long one answer may take. */
  timeoutMs?: number
  /** How often a read is tried. */
  attempts?: number
}

export interface Answer {
  status: number
  headers: Headers
  json: unknown
}

export interface Transport {
  origin: string
  session: Session
  get(path: string): Promise<Answer>
  /** Sends once; `lastCheck` is awaited when everything else is ready. */
  write(method: 'POST' | 'PUT' | 'DELETE', path: string, lastCheck: () => Promise<void>): Promise<void>
}

const USER_AGENT = 'Keydesk/0.1.0'
const TIMEOUT_MS: Record<Lane, number> = { interactive: 15_000, sync: 60_000 }
const ATTEMPTS: Record<Lane, number> = { interactive: 3, sync: 8 }
/** A rate limit is no failure, so its waits are counted apart. */
const MOST_WAITS = 6
/** Nobody looks at a page for longer than this. */
const MOST_INTERACTIVE_WAIT_MS = 5_000
const LONGEST_BACKOFF_MS = 20_000

export function openSession(
  origin: string,
  credentials: Credentials,
  scopes: readonly string[],
  count: Session['count'] = () => {},
): Session {
  const limiter = makeLimiter()
  const bare = { origin, limiter, count }
  const authority =
    credentials.method === 'api_token'
      ? apiTokenAuthority(credentials.token)
      : serviceAppAuthority(origin, credentials, scopes, (path, form, headers) =>
          postForm(bare, path, form, headers),
        )
  return { ...bare, authority }
}

export function makeTransport(session: Session, options: CallOptions): Transport {
  return {
    origin: session.origin,
    session,
    get: (path) => get(session, options, path),
    write: (method, path, lastCheck) => write(session, options, method, path, lastCheck),
  }
}

async function get(session: Session, options: CallOptions, path: string): Promise<Answer> {
  const { lane, signal } = options
  let [failures, waits, asked] = [0, 0, path]
  for (;;) {
    const pause = session.limiter.waitMs(lane, 'GET', asked)
    if (pause > 0) {
      await delay(pause, undefined, { ...(signal && { signal }) })
      continue
    }
    try {
      return await authorised(session, options, 'GET', asked)
    } catch (error) {
      signal?.throwIfAborted()
      const limited = error instanceof OktaError && error.status === 429
      const waitMs = limited ? limitWaitMs(error, waits++) : backoffMs(failures++)
      const most = options.attempts ?? (limited ? MOST_WAITS : ATTEMPTS[lane])
      if (!isPassing(error) || (limited ? waits : failures) >= most) throw error
      if (lane === 'interactive' && waitMs > MOST_INTERACTIVE_WAIT_MS) throw error
      // Okta's word for a page that took too long (okta-api §3).
      if (error instanceof OktaError && error.errorCode === 'E0000009') asked = halveLimit(asked)
      await delay(waitMs, undefined, { ...(signal && { signal }) })
    }
  }
}

async function write(
  session: Session,
  options: CallOptions,
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  lastCheck: () => Promise<void>,
): Promise<void> {
  await authorised(session, options, method, path, lastCheck)
}

/** Authorises and sends; a token or nonce that Okta does not take is replaced once, since nothing was done. */
async function authorised(
  session: Session,
  { timeoutMs, lane, signal }: CallOptions,
  method: string,
  path: string,
  lastCheck?: () => Promise<void>,
): Promise<Answer> {
  const whole = signal ?? new AbortController().signal
  for (let renewed = false; ; renewed = true) {
    const headers = await prepared(session, method, path, whole, lastCheck !== undefined)
    await lastCheck?.()
    const answer = await send(session, method, path, {
      headers,
      signal: whole,
      timeoutMs: timeoutMs ?? TIMEOUT_MS[lane],
    })
    if (answer.status >= 200 && answer.status < 300) return answer
    const error = errorOf(answer.response, answer.text)
    if (answer.status !== 401 || renewed || !isStaleToken(error)) throw error
    const nonce = answer.headers.get('dpop-nonce')
    if (error.errorCode === 'use_dpop_nonce' && nonce) session.authority.learnNonce(nonce)
    else session.authority.reject()
  }
}

/** For a write, trouble with the token means that the write itself never left. */
async function prepared(
  session: Session,
  method: string,
  path: string,
  signal: AbortSignal,
  isWrite: boolean,
): Promise<Record<string, string>> {
  try {
    return await session.authority.headersFor(method, path, signal)
  } catch (error) {
    const vague = error instanceof OktaNoAnswer || (error instanceof OktaError && error.status >= 500)
    if (isWrite && vague) throw new OktaNoAnswer(error.message, { sent: false, cause: error })
    throw error
  }
}

interface Sent extends Answer {
  response: Response
  text: string
}

async function send(
  { origin, limiter, count }: Omit<Session, 'authority'>,
  method: string,
  path: string,
  {
    headers,
    body,
    signal,
    timeoutMs,
  }: { headers: Record<string, string>; body?: string; signal: AbortSignal; timeoutMs: number },
): Promise<Sent> {
  const host = new URL(origin).host
  let status = 'none'
  try {
    const response = await fetch(`${origin}${path}`, {
      method,
      redirect: 'manual',
      headers: { accept: 'application/json', 'user-agent': USER_AGENT, ...headers },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      ...(body !== undefined && { body }),
    })
    status = String(response.status)
    limiter.learn(method, path, response.headers)
    const text = await textOf(response, method)
    return {
      status: response.status,
      headers: response.headers,
      response,
      text,
      json: jsonOf(response, text, method),
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof OktaNoAnswer ? error : noAnswerOf(error, host)
  } finally {
    count(status)
  }
}

// The status of a write came before its body: when the body breaks off, Okta has done it all the same.
async function textOf(response: Response, method: string): Promise<string> {
  if (method === 'GET') return response.text()
  return response.text().catch((error: unknown) => {
    if (response.ok) return ''
    throw error
  })
}

function jsonOf(response: Response, text: string, method: string): unknown {
  if (!response.ok || method !== 'GET') return undefined
  const json = readJson(text)
  if (json !== undefined) return json
  throw new OktaNoAnswer(`${new URL(response.url).host} answered with something that is not JSON.`, {
    sent: true,
  })
}

/** The token endpoint: a second try does no harm, since the caller signs a fresh assertion for each. */
async function postForm(
  session: Omit<Session, 'authority'>,
  path: string,
  form: Record<string, string>,
  headers: Record<string, string>,
): Promise<Answer> {
  const answer = await send(session, 'POST', path, {
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    signal: new AbortController().signal,
    timeoutMs: TIMEOUT_MS.interactive,
  })
  if (answer.status === 429 || answer.status >= 500) throw errorOf(answer.response, answer.text)
  const json = readJson(answer.text)
  if (answer.status === 200 && json === undefined)
    throw new OktaNoAnswer(`${new URL(session.origin).host} answered without a token.`, { sent: true })
  return { ...answer, json }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether the same read may well succeed in a moment. */
function isPassing(error: unknown): boolean {
  if (error instanceof OktaNoAnswer) return true
  return error instanceof OktaError && (error.status === 429 || (error.status >= 500 && error.status !== 501))
}

function isStaleToken(error: OktaError): boolean {
  return error.errorCode === 'use_dpop_nonce' || error.errorCode === 'invalid_token'
}

// A concurrency limit names no time worth waiting for: its reset is a guess (okta-api §7).
function limitWaitMs(error: OktaError, waits: number): number {
  const seconds = error.retryAfterSeconds ?? 1
  return seconds * 1000 + Math.random() * 500 * (waits + 1)
}

function backoffMs(failures: number): number {
  return Math.min(250 * 2 ** failures, LONGEST_BACKOFF_MS) * (0.75 + Math.random() / 2)
}

function halveLimit(path: string): string {
  return path.replace(
    /([?&]limit=)(\d+)/,
    (_, name: string, limit: string) => `${name}${Math.max(Math.floor(Number(limit) / 2), 1)}`,
  )
}
