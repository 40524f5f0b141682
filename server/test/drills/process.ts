/** Real processes for drills: a server or worker of its own, which can be killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { World } from '../world.ts'

export interface Victim {
  child: ChildProcess
  /** The signal it ended by, or null when it ended by itself. */
  ended: Promise<NodeJS.Signals | null>
}

/** Starts one of the drill programs on the world's database, with a failpoint if named. */
export function startVictim(world: World, program: string, args: string[], failpoint?: string): Victim {
  const child = spawn(process.execPath, [new URL(program, import.meta.url).pathname, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environmentOf(world), ...(failpoint ? { KEYDESK_FAILPOINT: failpoint } : {}) },
  })
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null)
  return { child, ended }
}

/** The settings under which another process is the same Keydesk. */
export function environmentOf(world: World, port = world.config.port): Record<string, string> {
  return {
    DATABASE_URL: world.databaseUrl,
    KEYDESK_DATA: world.config.dataDir,
    KEYDESK_SECRET_KEY: world.config.secretKey ?? '',
    KEYDESK_OKTA_TEST_ORIGINS: world.sandbox.url,
    KEYDESK_PORT: String(port),
    KEYDESK_URL: world.config.publicUrl,
    KEYDESK_LOG_LEVEL: process.env['KEYDESK_TEST_LOG'] ?? 'silent',
  }
}
