/** A sandbox of its own for each test, and a small client that hides nothing. */
import { type Sandbox, type SandboxOptions, startSandbox } from '../src/index.ts'
import type { LedgerEntry } from '../src/org.ts'

export type Reply = { status: number; headers: Headers; body: Json; text: string }
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
export type Json = any

export type Client = {
  sandbox: Sandbox
  /** Calls the API with the SSWS token. */
  okta(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** Calls `/_sandbox`. */
  control(method: string, path: string, body?: unknown): Promise<Reply>
  ledger(query?: string): Promise<LedgerEntry[]>
  [Symbol.asyncDispose](): Promise<void>
}

export async function openSandbox(options: SandboxOptions = {}): Promise<Client> {
  const sandbox = await startSandbox({ users: 60, rateLimits: 'none', ...options })
  const authorization = `SSWS ${sandbox.credentials.ssws.token}`
  const control: Client['control'] = (method, path, body) =>
    send(`${sandbox.url}/_sandbox${path}`, method, body)
  return {
    sandbox,
    okta: (method, path, body, headers) =>
      send(`${sandbox.url}${path}`, method, body, { authorization, ...headers }),
    control,
    ledger: async (query = '') => (await control('GET', `/ledger${query}`)).body,
    [Symbol.asyncDispose]: sandbox.close,
  }
}

export async function send(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  }
}

/** The address of the next page, as the `Link` header gives it. */
export function nextOf({ headers }: Reply): string | undefined {
  const url = headers.get('link')?.match(/<([^>]+)>; rel="next"/)?.[1]
  return url?.replace(/^https?:\/\/[^/]+/, '')
}

/** Follows a listing to its end. */
export async function all(client: Client, path: string): Promise<Json[]> {
  const rows: Json[] = []
  for (let next: string | undefined = path; next !== undefined; ) {
    const reply: Reply = await client.okta('GET', next)
    rows.push(...reply.body)
    next = nextOf(reply)
  }
  return rows
}
