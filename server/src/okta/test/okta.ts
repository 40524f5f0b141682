/** The fixture of tests that need an Okta: a sandbox of its own, and a workspace that is connected to it. */
import { type Sandbox, type SandboxOptions, startSandbox } from '@keydesk/okta-sandbox'
import { type Context, type Platform, transact } from '#platform'
import { connectServiceApp } from '../connections.ts'
import { OKTA_SCOPES } from '../contract.ts'
import { importJob, startImport } from '../sync/import.ts'
import { findImport, type ImportRow } from '../sync/imports.store.ts'

// biome-ignore lint/suspicious/noExplicitAny: what the sandbox's own pages answer has every shape.
type Json = any

export interface TestOkta extends AsyncDisposable {
  url: string
  sandbox: Sandbox
  control(method: string, path: string, body?: unknown): Promise<Json>
  /** Asks the sandbox to do something wrong. */
  fault(kind: string, more?: Record<string, unknown>): Promise<void>
  /** The effects that were really carried out, by kind. */
  effects(kind: string): Promise<{ target: string; detail: Json }[]>
  userId(login: string): Promise<string>
  setUser(id: string, state: Record<string, unknown>): Promise<void>
}

export async function openTestOkta(options: SandboxOptions = {}): Promise<TestOkta> {
  const sandbox = await startSandbox({ users: 30, rateLimits: 'none', ...options })
  const call = async (path: string, method: string, body?: unknown, headers = {}): Promise<Json> => {
    const answer = await fetch(`${sandbox.url}${path}`, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return text === '' ? undefined : JSON.parse(text)
  }
  const control: TestOkta['control'] = (method, path, body) => call(`/_sandbox${path}`, method, body)
  const authorization = `SSWS ${sandbox.credentials.ssws.token}`
  return {
    url: sandbox.url,
    sandbox,
    control,
    fault: (kind, more) => control('POST', '/faults', { kind, ...more }),
    effects: (kind) => control('GET', `/ledger?kind=${kind}`),
    userId: async (login) => (await call(`/api/v1/users/${login}`, 'GET', undefined, { authorization })).id,
    setUser: (user, state) => control('POST', '/state', { op: 'set-user', user, ...state }),
    [Symbol.asyncDispose]: sandbox.close,
  }
}

/** The sandbox listens at a free port, so its origin is allowed when it is known. */
export function allow(platform: Platform, { url }: { url: string }): void {
  platform.config.oktaTestOrigins = [...platform.config.oktaTestOrigins, url]
}

interface AppOptions {
  scopes?: readonly string[]
  role?: string | null
  dpopRequired?: boolean
}

/** Registers a public key as an Okta admin would. */
export async function register(okta: TestOkta, publicJwk: object, options: AppOptions = {}): Promise<string> {
  const body = { publicJwk, scopes: Object.keys(OKTA_SCOPES), role: 'SUPER_ADMIN', ...options }
  return (await okta.control('POST', '/service-apps', body)).clientId
}

/** Connects a workspace by a service app. @returns the id of the connection */
export async function connect(ctx: Context, okta: TestOkta, options: AppOptions = {}): Promise<string> {
  allow(ctx.platform, okta)
  return (await connectServiceApp(ctx, okta.url, (jwk) => register(okta, jwk, options))).id
}

/** Imports to the end, in this process, as a worker would. */
export async function importAll(ctx: Context, connectionId: string): Promise<ImportRow> {
  const { id } = await startImport(ctx, connectionId)
  return takeUp(ctx, id)
}

/** Takes an import up where it stands. */
export async function takeUp(ctx: Context, importId: string): Promise<ImportRow> {
  const before = await transact(ctx, (tx) => findImport(tx, importId))
  await importJob.run(ctx, { importId, attempt: before?.attempt ?? 0 })
  const row = await transact(ctx, (tx) => findImport(tx, importId))
  if (!row) throw new Error('There is no such import.')
  return row
}
