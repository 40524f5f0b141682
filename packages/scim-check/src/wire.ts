/** Sends one request and keeps what went over the wire. Redirects are not followed: they would take the token along. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Json } from '@keydesk/scim'
import type { Redactor } from './redact.ts'

/** How a run signs in. `header` is a whole `Authorization` value, for servers that want no scheme. */
export type Authorization =
  | { bearer: string }
  | { basic: { user: string; password: string } }
  | { header: string }

/** One request and its answer, without secrets. Bodies are cut to `KEPT_CHARACTERS`. */
export interface Exchange {
  method: string
  url: string
  requestHeaders: Record<string, string>
  requestBody?: string
  /** 0 when there was no answer. */
  status: number
  responseHeaders: Record<string, string>
  responseBody: string
  ms: number
}

export interface Reply {
  /** `GET /Users/7`, for messages. */
  asked: string
  status: number
  /** Names in lower case. */
  headers: Record<string, string>
  text: string
  /** Undefined when there was no body, or when it was not JSON. */
  body: Json | undefined
  ms: number
}

export interface Sending {
  headers?: Record<string, string | undefined>
  /** Sent as it is when it is a string, as JSON otherwise. */
  body?: unknown
}

export interface WireOptions {
  baseUrl: string
  authorization: Authorization | undefined
  fetch: typeof fetch
  redact: Redactor
  requestTimeoutMs: number
  keep(exchange: Exchange): void
}

export type Send = (method: string, path: string, sending: Sending, signal: AbortSignal) => Promise<Reply>

const KEPT_CHARACTERS = 6_000
const READ_BYTES = 8 * 1024 * 1024
const MAX_WAITS = 5
const MAX_WAIT_MS = 60_000

/** The value of the `Authorization` header. */
function authorizationHeader(authorization: Authorization | undefined): string | undefined {
  if (authorization === undefined) return undefined
  if ('bearer' in authorization) return `Bearer ${authorization.bearer}`
  if ('header' in authorization) return authorization.header
  const { user, password } = authorization.basic
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** The strings that nobody may read in a report. */
export function secretsOf(authorization: Authorization | undefined): string[] {
  if (authorization === undefined) return []
  const header = authorizationHeader(authorization) ?? ''
  const credentials = header.includes(' ') ? header.slice(header.indexOf(' ') + 1) : header
  return [header, credentials, ...('basic' in authorization ? [authorization.basic.password] : [])]
}

export function openWire(options: WireOptions): Send {
  const authorization = authorizationHeader(options.authorization)
  return async (method, path, sending, signal) => {
    const body =
      sending.body === undefined || typeof sending.body === 'string'
        ? sending.body
        : JSON.stringify(sending.body)
    for (const [, password = ''] of body?.matchAll(/"password":"([^"\\]+)"/g) ?? [])
      options.redact.hide(password)
    const headers = given({
      authorization,
      accept: 'application/scim+json',
      'user-agent': 'Keydesk SCIM check',
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json; charset=utf-8' }),
      ...sending.headers,
    })
    for (let waits = 0; ; waits++) {
      const reply = await once(options, { method, path, headers, body }, signal)
      const waitMs = waits < MAX_WAITS ? askedToWait(reply) : undefined
      if (waitMs === undefined) return reply
      await delay(waitMs, undefined, { signal })
    }
  }
}

interface Prepared {
  method: string
  path: string
  headers: Record<string, string>
  body: string | undefined
}

async function once(options: WireOptions, asked: Prepared, signal: AbortSignal): Promise<Reply> {
  const { method, path, headers, body } = asked
  const url = options.baseUrl + path
  const began = performance.now()
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.requestTimeoutMs)])
  const exchange: Exchange = {
    method,
    url: options.redact.text(url),
    requestHeaders: options.redact.headers(headers),
    ...(body === undefined ? {} : { requestBody: cut(options.redact.text(body)) }),
    status: 0,
    responseHeaders: {},
    responseBody: '',
    ms: 0,
  }
  try {
    const response = await options.fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal: limit,
    })
    const text = await readText(response)
    const replyHeaders = Object.fromEntries(response.headers)
    exchange.status = response.status
    exchange.responseHeaders = options.redact.headers(replyHeaders)
    exchange.responseBody = cut(options.redact.text(text))
    const ms = Math.round(performance.now() - began)
    return {
      asked: `${method} ${path}`,
      status: response.status,
      headers: replyHeaders,
      text,
      body: asJson(text),
      ms,
    }
  } catch (error) {
    exchange.responseBody = options.redact.text(reasonOf(error))
    throw error
  } finally {
    exchange.ms = Math.round(performance.now() - began)
    options.keep(exchange)
  }
}

/** What an error of `fetch` says, with the cause that it hides. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error && error.cause.message !== '' ? `: ${error.cause.message}` : ''
  return `${error.message}${cause}`
}

// A server that is being tried may answer without end.
async function readText(response: Response): Promise<string> {
  if (!response.body) return ''
  const decoder = new TextDecoder()
  let text = ''
  let read = 0
  for await (const chunk of response.body) {
    read += chunk.byteLength
    if (read > READ_BYTES) throw new Error(`The answer is longer than ${READ_BYTES} bytes.`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function asJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

// RFC 6585 §4 and RFC 9110 §10.2.3; a date instead of seconds is not waited for, as Okta does not.
function askedToWait({ status, headers }: Reply): number | undefined {
  if (status !== 429 && status !== 503) return undefined
  const seconds = headers['retry-after']
  if (seconds === undefined || !/^\d+$/.test(seconds)) return undefined
  return Math.min(Number(seconds) * 1000, MAX_WAIT_MS)
}

function given(headers: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function cut(text: string): string {
  const more = text.length - KEPT_CHARACTERS
  return more > 0 ? `${text.slice(0, KEPT_CHARACTERS)}… (${more} more characters)` : text
}
