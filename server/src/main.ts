/**
 * The composition root: what a running Keydesk is made of. `startServer` serves and works; the
 * command line, the demo and the journeys all start it here.
 */

import type { FastifyInstance } from 'fastify'
import { addUpTallies, type Deliver, warnOfExpiry } from '#accounts'
import {
  type Catalogue,
  endRuns,
  installCatalogue,
  lookInto,
  onApprovalDecided,
  runApproved,
  sweepRuns,
} from '#actions'
import { endApprovals } from '#approvals'
import { followApprovals } from '#desk'
import { deliverMail, sendMail } from '#messages'
import { importJob, oktaActions, resumeImports } from '#okta'
import {
  type Config,
  forgetOldKeys,
  type Job,
  type Log,
  listTenants,
  openPlatform,
  type Platform,
  systemContext,
  transact,
  work,
} from '#platform'
import { sweepCalls, sweepHolds } from '#scim'
import { createApp } from './app.ts'

const SWEEP_MS = 2000
const TIDY_EVERY = 900
/** What grows with each call is cut back once a minute. */
const TRIM_EVERY = 30

/** What the desk can do in other systems. Another system is another folder and one line here. */
export const catalogue: Catalogue = new Map([...oktaActions].map((action) => [action.id, action]))

const jobs = [
  deliverMail,
  importJob,
  runApproved,
  lookInto,
  onApprovalDecided,
  followApprovals,
] as Job<never>[]

export interface Server {
  platform: Platform
  /** Where it listens, without a trailing slash; undefined for a worker. */
  url: string | undefined
  stop(): Promise<void>
}

/** A platform whose folders know of each other: catalogue installed, events subscribed. */
export async function assemble(config: Config, databaseUrl: string, log?: Log): Promise<Platform> {
  const platform = await openPlatform(config, databaseUrl, log)
  installCatalogue(platform, catalogue)
  platform.subscriptions.set('approval.asked', [followApprovals])
  platform.subscriptions.set('approval.decided', [onApprovalDecided, followApprovals])
  platform.subscriptions.set('approval.voided', [followApprovals])
  platform.endings.set('approvals', endApprovals)
  platform.endings.set('runs', endRuns)
  return platform
}

export interface StartOptions {
  log?: Log
  deliver?: Deliver
  /** What has to be done before the server says that it is ready. */
  prepare?: (platform: Platform) => Promise<void>
}

/** Starts a server on a migrated database: HTTP unless it is a worker only, jobs unless it serves only. */
export async function startServer(
  config: Config,
  databaseUrl: string,
  options: StartOptions = {},
): Promise<Server> {
  const platform = await assemble(config, databaseUrl, options.log)
  const app = config.role === 'worker' ? undefined : await createApp(platform, catalogue, options.deliver)
  await app?.listen({ host: config.host, port: config.port })
  const working = config.role === 'web' ? undefined : await startWorking(platform)
  const stop = async () => {
    platform.startingUp = 'stopping'
    await app?.close()
    await working?.stop()
    await platform.close()
  }
  try {
    await options.prepare?.(platform)
  } catch (error) {
    await stop()
    throw error
  }
  platform.startingUp = null
  return { platform, url: app && addressOf(app), stop }
}

function addressOf(app: FastifyInstance): string {
  const address = app.server.address()
  if (!address || typeof address === 'string') throw new Error('The server listens on no address.')
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
}

async function startWorking(platform: Platform): Promise<{ stop(): Promise<void> }> {
  await work(platform, jobs, (tenantId) => systemContext(platform, tenantId))
  let round = 0
  let stopped = false
  let sweep = Promise.resolve()
  const timer = setInterval(() => {
    sweep = sweep.then(async () => {
      if (stopped) return
      await sweepAll(platform, round++).catch((error: unknown) =>
        platform.log.error('sweep.failed', { error }),
      )
    })
  }, SWEEP_MS)
  return {
    async stop() {
      stopped = true
      clearInterval(timer)
      await sweep
    },
  }
}

async function sweepAll(platform: Platform, round: number): Promise<void> {
  await resumeImports(platform)
  for (const tenant of await listTenants(platform)) {
    await sweepRuns(platform, tenant.id)
    if (round % TRIM_EVERY === 0) {
      await sweepCalls(platform, tenant.id)
      await sweepHolds(platform, tenant.id)
      await transact(systemContext(platform, tenant.id), addUpTallies)
    }
    if (round % TIDY_EVERY === 0) {
      await forgetOldKeys(systemContext(platform, tenant.id))
      await warnOfExpiry(platform, tenant.id, sendMail)
    }
  }
}
