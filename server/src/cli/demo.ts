/**
 * The demo: Keydesk beside a sandbox Okta, connected and seeded, from nothing. What is there from an
 * earlier start is kept, so a start that was cut off is carried on by the next one.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  createServiceUser,
  createToken,
  createWorkspace,
  type Deliver,
  identityOf,
  inviteMember,
  issueSignInLink,
  listRoles,
} from '#accounts'
import { shipServices } from '#desk'
import { findRequester } from '#directory'
import { sendSignInLink } from '#messages'
import { connectServiceApp, findConnected, latestImport, startImport } from '#okta'
import {
  type Config,
  ConfigError,
  type Context,
  findTenant,
  type Platform,
  systemContext,
  transact,
} from '#platform'
import { startServer } from '../main.ts'
import { OKTA_SCOPES } from '../okta/contract.ts'
import { buildConsole } from './console-build.ts'
import { ownDatabase } from './database.ts'

const ROOT = new URL('../../../', import.meta.url)
const PEOPLE = 500
const OWNER = { email: 'sam.okafor@acme.example', displayName: 'Sam Okafor' }
const REQUESTER = 'ada.kingsley@acme.example'

export interface Demo {
  /** What the terminal shows when all is ready. */
  welcome: string
  stop(): Promise<void>
}

export async function startDemo(given: Config): Promise<Demo> {
  const sandboxUrl = `http://127.0.0.1:${given.sandboxPort}`
  const config = { ...given, oktaTestOrigins: [...given.oktaTestOrigins, sandboxUrl] }
  const [database, sandbox] = await bothOrNeither(ownDatabase(config), startSandbox(config), buildConsole())
  try {
    const server = await startServer(config, database.url, {
      deliver: printLink,
      prepare: (platform) => seed(platform, database.url, sandboxUrl),
    })
    const welcome = await welcomeText(server.platform, config, sandboxUrl)
    return {
      welcome,
      async stop() {
        await server.stop()
        await stopChild(sandbox)
        await database.close()
      },
    }
  } catch (error) {
    await stopChild(sandbox)
    await database.close()
    throw error
  }
}

// When one of them fails, the other must not be left running.
async function bothOrNeither(
  ...starting: [ReturnType<typeof ownDatabase>, Promise<ChildProcess>, Promise<void>]
): Promise<[Awaited<ReturnType<typeof ownDatabase>>, ChildProcess]> {
  const [database, sandbox, built] = await Promise.allSettled(starting)
  if (database.status === 'fulfilled' && sandbox.status === 'fulfilled' && built.status === 'fulfilled')
    return [database.value, sandbox.value]
  if (sandbox.status === 'fulfilled') await stopChild(sandbox.value)
  if (database.status === 'fulfilled') await database.value.close()
  for (const result of [database, sandbox, built]) if (result.status === 'rejected') throw result.reason
  throw new Error('The demo did not start.')
}

// A demo has no mail server: what would be mailed is printed where the demo was started.
const printLink: Deliver = async (tx, mail) => {
  await sendSignInLink(tx, mail)
  process.stdout.write(
    `\nMail to ${mail.to}: sign-in link, once, for ${mail.minutes} minutes\n  ${mail.link}\n`,
  )
}

async function startSandbox(config: Config): Promise<ChildProcess> {
  const program = new URL('packages/okta-sandbox/src/main.ts', ROOT).pathname
  const options = [
    '--port',
    String(config.sandboxPort),
    '--users',
    String(PEOPLE),
    '--data',
    join(config.dataDir, 'sandbox'),
  ]
  // The channel tells the sandbox when this process is gone, however it went.
  const child = spawn(process.execPath, [program, ...options], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-2000)
  })
  // It prints its address when it listens, and ends when it cannot.
  const ended = once(child, 'exit').then(() => false)
  const listening = once(child.stdout ?? child, 'data').then(() => true)
  if (await Promise.race([listening, ended])) {
    child.stdout?.resume()
    return child
  }
  throw new ConfigError(
    `The sandbox Okta did not start. ${complaint.trim()} KEYDESK_SANDBOX_PORT sets another port.`,
  )
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** The workspace, its owner, its Okta and its directory: each step only if it was not done before. */
async function seed(platform: Platform, databaseUrl: string, sandboxUrl: string): Promise<void> {
  platform.startingUp = 'the workspace'
  const known = await findTenant(platform, 'acme')
  const ctx = known
    ? systemContext(platform, known.id)
    : await createWorkspace(platform, databaseUrl, { slug: 'acme', name: 'Acme' })
  await shipServices(ctx)
  await seedOwner(ctx)
  platform.startingUp = 'the connection to the sandbox Okta'
  await seedConnection(ctx, sandboxUrl)
  platform.startingUp = 'the first import of the directory'
  await seedDirectory(ctx)
  await seedProvisioning(ctx, sandboxUrl)
}

async function seedOwner(ctx: Context): Promise<void> {
  const there = await transact(ctx, (tx) => identityOf(tx, OWNER.email, async () => undefined))
  if (there) return
  const owner = (await listRoles(ctx)).find((role) => role.name === 'Owner')
  await inviteMember(ctx, { ...OWNER, roleIds: owner ? [owner.id] : [] }, async () => {})
}

// As an admin would: Keydesk makes the key, the key is registered in Okta, the client id comes back.
async function seedConnection(ctx: Context, sandboxUrl: string): Promise<void> {
  if (await findConnected(ctx)) return
  await connectServiceApp(ctx, sandboxUrl, async (publicJwk) => {
    const { clientId } = await post<{ clientId: string }>(`${sandboxUrl}/_sandbox/service-apps`, {
      publicJwk,
      scopes: Object.keys(OKTA_SCOPES),
      role: 'SUPER_ADMIN',
      dpopRequired: true,
    })
    return clientId
  })
}

async function seedDirectory(ctx: Context): Promise<void> {
  const connection = await findConnected(ctx)
  if (!connection) throw new Error('The sandbox is not connected.')
  const last = await latestImport(ctx, connection.id)
  if (last?.state === 'complete') return
  if (last?.state !== 'running') await startImport(ctx, connection.id)
  for (;;) {
    const now = await latestImport(ctx, connection.id)
    if (now?.state === 'complete') return
    if (now?.state === 'failed') throw new Error(`The first import failed: ${now.failure?.message}`)
    await delay(100)
  }
}

// The sandbox's Keydesk app provisions into this workspace, so that its admin page works at once.
async function seedProvisioning(ctx: Context, sandboxUrl: string): Promise<void> {
  const state = (await (await fetch(`${sandboxUrl}/_sandbox/provisioning`)).json()) as {
    config: object | null
  }
  if (state.config) return
  const agent = (await listRoles(ctx)).find((role) => role.name === 'Agent')
  const user = await createServiceUser(ctx, {
    name: 'Sandbox Okta',
    kind: 'scim',
    permissions: [],
    defaultRoleId: agent?.id ?? null,
  })
  const { token } = await createToken(ctx, user.id, null)
  const { port } = ctx.platform.config
  await post(
    `${sandboxUrl}/_sandbox/provisioning/config`,
    { baseUrl: `http://127.0.0.1:${port}/scim/v2/acme`, token, dialect: 'aiw' },
    'PUT',
  )
}

async function post<T>(url: string, body: object, method = 'POST'): Promise<T> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok)
    throw new Error(`The sandbox answered ${answer.status} to ${method} ${url}: ${await answer.text()}`)
  return (await answer.json()) as T
}

async function welcomeText(platform: Platform, config: Config, sandboxUrl: string): Promise<string> {
  const tenant = await findTenant(platform, 'acme')
  const ctx = systemContext(platform, tenant?.id ?? '')
  const link = await transact(ctx, async (tx) => {
    const identity = await identityOf(tx, OWNER.email, findRequester)
    return identity ? issueSignInLink(tx, identity, async () => {}) : ''
  })
  return `
  Keydesk is ready.

  Console      ${config.publicUrl}
  Sign in      ${link}
               as ${OWNER.displayName}, owner of the workspace Acme; the link works once, for 30 minutes
  Sandbox Okta ${sandboxUrl}/admin
               ${PEOPLE} people; assign one to the Keydesk app and see the agent appear
  Another link npm run keydesk -- sign-in-link --workspace acme --email ${REQUESTER}
  API          ${config.publicUrl}/api/docs

  Ctrl C stops everything. The data is in ${config.dataDir}.
`
}
