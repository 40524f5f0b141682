/** The real product, started and asked as a person would: `node tools/start.mjs` and the command line. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { inject } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
export const screenshots = join(root, 'artefacts', 'screenshots')

/** Where it runs. */
export interface Keydesk {
  port: number
  sandboxPort: number
  dataDir: string
}

declare module 'vitest' {
  interface ProvidedContext {
    keydesk: Keydesk
  }
}

// The first start builds the console, makes a database and reads 500 people.
const READY_MS = 180_000
const GONE_MS = 20_000

export async function startKeydesk(): Promise<{ keydesk: Keydesk; stop(): Promise<void> }> {
  const keydesk = {
    port: await freePort(),
    sandboxPort: await freePort(),
    dataDir: await mkdtemp(join(tmpdir(), 'keydesk-browser-')),
  }
  const logFile = join(root, 'artefacts', 'browser-keydesk.log')
  mkdirSync(join(root, 'artefacts'), { recursive: true })
  const log = openSync(logFile, 'w')
  const child = spawn(process.execPath, ['tools/start.mjs'], {
    cwd: root,
    env: environmentOf(keydesk),
    stdio: ['ignore', log, log],
  })
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>

  async function stop() {
    child.kill('SIGTERM')
    const end = await Promise.race([ended, delay(GONE_MS, undefined, { ref: false })])
    if (!end) throw new Error(`Keydesk did not stop within ${GONE_MS / 1000} s of SIGTERM; see ${logFile}.`)
    await rm(keydesk.dataDir, { recursive: true, force: true })
    if (end[0] !== 0) throw new Error(`Keydesk ended with ${end[0] ?? end[1]}; see ${logFile}.`)
  }

  const deadline = Date.now() + READY_MS
  while (!(await isHealthy(keydesk))) {
    if (child.exitCode !== null) throw new Error(`Keydesk ended with ${child.exitCode}; see ${logFile}.`)
    if (Date.now() > deadline) {
      await stop()
      throw new Error(`Keydesk was not ready within ${READY_MS / 1000} s; see ${logFile}.`)
    }
    await delay(100)
  }
  return { keydesk, stop }
}

function isHealthy({ port }: Keydesk): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/healthz`).then(
    ({ status }) => status === 200,
    () => false,
  )
}

/** This machine's settings of Keydesk stay out: a database of the tests' own, and no mail. */
function environmentOf({ port, sandboxPort, dataDir }: Keydesk): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('KEYDESK_') && name !== 'DATABASE_URL' && name !== 'NODE_ENV',
  )
  return {
    ...Object.fromEntries(own),
    KEYDESK_PORT: String(port),
    KEYDESK_SANDBOX_PORT: String(sandboxPort),
    KEYDESK_DATA: dataDir,
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (!address || typeof address === 'string') throw new Error('No free port.')
  return address.port
}

export const consoleUrl = () => `http://localhost:${inject('keydesk').port}`
export const sandboxUrl = () => `http://127.0.0.1:${inject('keydesk').sandboxPort}`

/** Runs a command of `npm run keydesk` and gives what it prints for `--json`. */
export async function command(...args: string[]): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['tools/keydesk.mjs', ...args, '--json'], {
    cwd: root,
    env: environmentOf(inject('keydesk')),
  })
  return JSON.parse(stdout) as Record<string, string>
}

export async function signInLink(email: string, workspace = 'acme'): Promise<string> {
  const { link } = await command('sign-in-link', '--workspace', workspace, '--email', email)
  return link ?? ''
}

/** Opens a sign-in link, as from a mail, and presses its button. */
export async function signIn(page: Page, link: string): Promise<void> {
  await page.goto(link)
  await page.getByRole('button', { name: /^Sign in to / }).click()
  await page.getByRole('navigation', { name: 'Main' }).first().waitFor()
}

/** One thing the sandbox Okta really did. */
export interface Effect {
  kind: string
  target: string
}

export async function ledger(kind: string, target: string): Promise<Effect[]> {
  const answer = await fetch(`${sandboxUrl()}/_sandbox/ledger?kind=${kind}&target=${target}`)
  return (await answer.json()) as Effect[]
}
