/** A stand-in Okta on loopback. Tests start one each; demos share one. */
import { adminRoutes } from './admin/admin.ts'
import { appRoutes } from './api/apps.ts'
import { deliverTo, eventHookRoutes } from './api/event-hooks.ts'
import { factorRoutes } from './api/factors.ts'
import { groupRoutes } from './api/groups.ts'
import { lifecycleRoutes } from './api/lifecycle.ts'
import { logRoutes } from './api/logs.ts'
import { metaRoutes } from './api/meta.ts'
import { oauthRoutes } from './api/oauth.ts'
import { userRoutes } from './api/users.ts'
import { secretsOf } from './auth/secrets.ts'
import { controlRoutes } from './control/control.ts'
import { credentialsOf, firstServiceApp, type SandboxCredentials } from './control/credentials.ts'
import { makeFaults } from './faults.ts'
import { type JournalLine, memoryJournal, type Origin, openJournal, originOf } from './journal.ts'
import { makeLimits } from './limits.ts'
import { applyWrite, type Org } from './org.ts'
import { makeProvisioner } from './provisioner/provisioner.ts'
import { provisioningRoutes } from './provisioner/routes.ts'
import { seedOrg } from './seed/seed.ts'
import { makeServer } from './server.ts'
import type { World } from './world.ts'

export type { SandboxCredentials }

export type SandboxOptions = {
  /** 0 takes a free one. */
  port?: number
  host?: string
  users?: number
  seed?: string
  /** Without a folder nothing is kept. */
  dataDir?: string
  rateLimits?: 'workforce' | 'none'
}

export type Sandbox = {
  url: string
  credentials: SandboxCredentials
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const DEFAULTS: Origin = { seed: 'acme', users: 500 }
const MOST_USERS = 100_000

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const origin =
    options.dataDir === undefined
      ? { ...DEFAULTS, ...given(options) }
      : originOf(options.dataDir, given(options), DEFAULTS)
  if (!(origin.users >= 4 && origin.users <= MOST_USERS))
    throw new Error(`users must be between 4 and ${MOST_USERS}: the first four are the cast.`)
  const world = await openWorld(origin, options)
  const app = makeServer(world, ROUTES)
  let url = ''
  world.listeners.push(deliverTo(world, () => url))
  try {
    url = await app.listen({ port: options.port ?? 0, host: options.host ?? '127.0.0.1' })
  } catch (error) {
    await world.journal.close()
    throw portError(error, options.port)
  }
  const close = async () => {
    await app.close()
    await world.journal.close()
  }
  return { url, credentials: credentialsOf(world, url), close, [Symbol.asyncDispose]: close }
}

const ROUTES = [
  ...userRoutes,
  ...lifecycleRoutes,
  ...factorRoutes,
  ...groupRoutes,
  ...appRoutes,
  ...logRoutes,
  ...eventHookRoutes,
  ...metaRoutes,
  ...oauthRoutes,
  ...controlRoutes,
  ...provisioningRoutes,
  ...adminRoutes,
]

function given({ seed, users }: SandboxOptions): Partial<Origin> {
  return { ...(seed !== undefined && { seed }), ...(users !== undefined && { users }) }
}

async function openWorld(origin: Origin, options: SandboxOptions): Promise<World> {
  const org = seedOrg(origin.seed, origin.users)
  const secrets = secretsOf(origin.seed)
  const first = firstServiceApp(secrets)
  applyWrite(org, { t: 'serviceApp', id: first.clientId, row: first })
  const journal =
    options.dataDir === undefined
      ? memoryJournal()
      : await openJournal(options.dataDir, (line) => replay(org, line))
  const world: Omit<World, 'provisioner'> = {
    org,
    journal,
    secrets,
    limits: makeLimits(options.rateLimits ?? 'workforce'),
    faults: makeFaults(origin.seed),
    listings: { version: -1, kept: new Map() },
    seen: new Map(),
    requests: new Map(),
    listeners: [],
  }
  return withProvisioner(world)
}

function withProvisioner(bare: Omit<World, 'provisioner'>): World {
  const world = bare as World
  world.provisioner = makeProvisioner(world)
  world.listeners.push(world.provisioner.hear)
  return world
}

function replay(org: Org, { entry, writes, events }: JournalLine): void {
  for (const write of writes) applyWrite(org, write)
  if (entry) org.ledger.push(entry)
  org.log.push(...events)
}

function portError(error: unknown, port: number | undefined): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error
  return new Error(`Port ${port} is taken. Stop what listens there, or choose another port.`, {
    cause: error,
  })
}
