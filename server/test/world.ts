/**
 * A whole Keydesk for journeys: a server on a database of its own, a sandbox Okta connected and
 * imported, and people who sign in and act over HTTP as a browser would.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from '@keydesk/okta-sandbox'
import { expect, vi } from 'vitest'
import {
  createServiceUser,
  createToken,
  createWorkspace,
  identityOf,
  inviteMember,
  issueSignInLink,
  listRoles,
} from '#accounts'
import { shipServices } from '#desk'
import { findRequester } from '#directory'
import { connectServiceApp, startImport } from '#okta'
import { type Config, type Context, openLog, readConfig, systemContext, transact } from '#platform'
import { type Server, startServer } from '../src/main.ts'
import { OKTA_SCOPES } from '../src/okta/contract.ts'
import { cloneDatabase } from './tenant.ts'

/** Somebody with a session or a token, over HTTP. */
export interface Caller {
  get<T = Json>(path: string): Promise<Answer<T>>
  post<T = Json>(path: string, body: object, headers?: Record<string, string>): Promise<Answer<T>>
  put<T = Json>(path: string, body: object): Promise<Answer<T>>
  remove<T = Json>(path: string): Promise<Answer<T>>
  headers: Record<string, string>
}

// What an answer holds is checked by the expectations of each test.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Json = any

export interface Answer<T = Json> {
  status: number
  body: T
  headers: Headers
}

export interface World {
  url: string
  server: Server
  databaseUrl: string
  config: Config
  sandbox: Sandbox
  /** The workspace `acme`, connected and imported. */
  readonly acme: Context
  /** Ends the server and starts one that only serves, or only works. */
  restartAs(role: 'web' | 'all'): Promise<void>
  /** Signs in a member or a person by a link, as the mail would bring it. */
  signIn(email: string, ctx?: Context): Promise<Caller>
  invite(email: string, role: string, ctx?: Context): Promise<string>
  scimToken(ctx?: Context, defaultRole?: string): Promise<string>
  close(): Promise<void>
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (!address || typeof address === 'string') throw new Error('No free port.')
  return address.port
}

export async function openWorld(
  options: { users?: number; env?: Record<string, string> } = {},
): Promise<World> {
  const sandbox = await startSandbox({ port: 0, users: options.users ?? 60, rateLimits: 'none' })
  const database = await cloneDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'keydesk-world-'))
  const port = await freePort()
  const config = readConfig({
    KEYDESK_DATA: dataDir,
    KEYDESK_PORT: String(port),
    KEYDESK_URL: `http://127.0.0.1:${port}`,
    KEYDESK_SECRET_KEY: '5eed'.repeat(16),
    KEYDESK_OKTA_TEST_ORIGINS: sandbox.url,
    ...options.env,
  })
  const log = openLog(process.env['KEYDESK_TEST_LOG'] ?? 'silent')
  const server = await startServer(config, database.url, { log })
  const { platform } = server
  const acme = await createWorkspace(platform, database.url, { slug: 'acme', name: 'Acme' })
  await shipServices(acme)
  await connectSandbox(acme, sandbox)
  const url = `http://127.0.0.1:${port}`

  const { tenantId } = acme
  const world: World = {
    url,
    server,
    databaseUrl: database.url,
    config,
    sandbox,
    get acme() {
      return systemContext(world.server.platform, tenantId)
    },
    async restartAs(role) {
      await world.server.stop()
      world.server = await startServer({ ...config, role }, database.url, { log })
    },
    signIn: (email, ctx = world.acme) => signIn(url, email, ctx),
    invite: (email, role, ctx = world.acme) => invite(email, role, ctx),
    scimToken: (ctx = world.acme, defaultRole = 'Agent') => scimToken(ctx, defaultRole),
    async close() {
      await world.server.stop()
      await sandbox.close()
      await database.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  return world
}

/** Waits until something is so; fails after a quarter of a minute. */
export function until(isSo: () => Promise<boolean>): Promise<unknown> {
  return vi.waitUntil(isSo, { timeout: 15_000, interval: 25 })
}

/** Connects a workspace to the sandbox by a service app and reads the directory. */
export async function connectSandbox(ctx: Context, sandbox: Sandbox): Promise<void> {
  const connection = await connectServiceApp(ctx, sandbox.url, async (publicJwk) => {
    const scopes = Object.keys(OKTA_SCOPES)
    const answer = await fetch(`${sandbox.url}/_sandbox/service-apps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ publicJwk, scopes, role: 'SUPER_ADMIN' }),
    })
    return ((await answer.json()) as { clientId: string }).clientId
  })
  const started = await startImport(ctx, connection.id)
  await vi.waitUntil(async () => (await importState(ctx, started.id)) === 'complete', {
    timeout: 60_000,
    interval: 50,
  })
}

async function importState(ctx: Context, id: string): Promise<string | undefined> {
  const row = await transact(ctx, (tx) =>
    tx.db.selectFrom('oktaImports').select('state').where('id', '=', id).executeTakeFirst(),
  )
  return row?.state
}

async function signIn(url: string, email: string, ctx: Context): Promise<Caller> {
  const link = await transact(ctx, async (tx) => {
    const identity = await identityOf(tx, email, findRequester)
    if (!identity) throw new Error(`Nobody may sign in as ${email}.`)
    return issueSignInLink(tx, identity, async () => {})
  })
  const token = link.split('#token=')[1]
  const answer = await callerWith(url, {}).post('/api/v1/sessions', { with: 'link', token })
  expect(answer.status).toBe(201)
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  return callerWith(url, { cookie })
}

async function invite(email: string, role: string, ctx: Context): Promise<string> {
  const roles = await listRoles(ctx)
  const roleIds = roles.filter((one) => one.name === role).map((one) => one.id)
  const member = await inviteMember(
    ctx,
    { email, displayName: email.split('@')[0] ?? email, roleIds },
    async () => {},
  )
  return member.id
}

async function scimToken(ctx: Context, defaultRole: string): Promise<string> {
  const role = (await listRoles(ctx)).find((one) => one.name === defaultRole)
  const user = await createServiceUser(ctx, {
    name: 'Okta',
    kind: 'scim',
    permissions: [],
    defaultRoleId: role?.id ?? null,
  })
  return (await createToken(ctx, user.id, null)).token
}

export function callerWith(url: string, headers: Record<string, string>): Caller {
  const call = async <T>(method: string, path: string, body?: object, more: Record<string, string> = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, ...more, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      body: (text ? JSON.parse(text) : undefined) as T,
    }
  }
  return {
    headers,
    get: (path) => call('GET', path),
    post: (path, body, more) => call('POST', path, body, more),
    put: (path, body) => call('PUT', path, body),
    remove: (path) => call('DELETE', path),
  }
}
