/**
 * Several servers on one database, as a company with more than one machine runs them, and what SCIM
 * drills need beside: connections, an HTTP client, dice with a seed, and a place for their figures.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BRAKE_OFF, createServiceUser, createToken, createWorkspace, listRoles } from '#accounts'
import type { Context, Platform } from '#platform'
import { settingsOf } from '../../src/scim/test-client.ts'
import { cloneDatabase, openTestPlatform } from '../tenant.ts'
import { freePort } from '../world.ts'
import type { Watched } from './scim-serve.ts'

/** Whether the long form of the drills runs: `tools/nightly.mjs` sets it. */
export const isNightly = process.env['KEYDESK_NIGHTLY'] !== undefined

/** What the dice of a run begin with; the same seed gives the same run. */
export const seed = Number(process.env['KEYDESK_SEED'] ?? 20_260_101)

/** How long a drill may take. */
export const LIMIT_MS = isNightly ? 3_600_000 : 240_000

/** Takes down a figure for the table of the nightly run. */
export function figure(drill: string, name: string, value: number | string, unit = ''): void {
  const file = process.env['KEYDESK_FIGURES']
  if (file) appendFileSync(file, `${JSON.stringify({ drill, name, value, unit })}\n`)
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely.
export type Body = any

export interface Reply {
  status: number
  body: Body
  text: string
  headers: Record<string, string | string[] | undefined>
}

export interface Served {
  url: string
  port: number
  child: ChildProcess
  /** What the server saw of itself since it was last asked. */
  watched(): Promise<Watched>
}

export interface Fleet {
  servers: readonly Served[]
  /** The same database from here, to look at rows and to set things up. */
  platform: Platform
  ctx: Context
  databaseUrl: string
  /** Where the plugin is, with the workspace. */
  path: string
  close(): Promise<void>
}

export async function openFleet(processes: number): Promise<Fleet> {
  const database = await cloneDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'keydesk-fleet-'))
  const platform = await openTestPlatform(database.url)
  const ctx = await createWorkspace(platform, database.url, { slug: 'acme', name: 'Acme' })
  const servers = await Promise.all(Array.from({ length: processes }, () => serve(database.url, dataDir)))
  return {
    servers,
    platform,
    ctx,
    databaseUrl: database.url,
    path: '/scim/v2/acme',
    async close() {
      await Promise.all(
        servers.map(async ({ child }) => {
          if (child.exitCode !== null || child.signalCode !== null) return
          const gone = once(child, 'exit')
          child.kill('SIGKILL')
          await gone
        }),
      )
      await platform.close()
      await database.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function serve(databaseUrl: string, dataDir: string): Promise<Served> {
  const port = await freePort()
  const child = fork(new URL('scim-serve.ts', import.meta.url).pathname, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      KEYDESK_DATA: dataDir,
      KEYDESK_SECRET_KEY: '5eed'.repeat(16),
      KEYDESK_PORT: String(port),
      KEYDESK_URL: 'https://desk.acme.example',
      KEYDESK_LOG_LEVEL: process.env['KEYDESK_TEST_LOG'] ?? 'silent',
    },
  })
  const next = async () => {
    const done = new AbortController()
    const { signal } = done
    try {
      return await Promise.race([
        once(child, 'message', { signal }).then(([message]) => message as unknown),
        once(child, 'exit', { signal }).then(([code, by]) => {
          throw new Error(`A server ended with ${code ?? by}.`)
        }),
      ])
    } finally {
      done.abort()
    }
  }
  await next()
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    child,
    async watched() {
      const seen = next()
      child.send('watched')
      return (await seen) as Watched
    },
  }
}

export interface Connection {
  serviceUserId: string
  token: string
}

/** A SCIM connection whose brake never holds anything back and that may call as often as it likes. */
export async function openConnection(
  ctx: Context,
  settings: object = {},
  defaultRole = 'Auditor',
): Promise<Connection> {
  const roles = await listRoles(ctx)
  const user = await createServiceUser(ctx, {
    name: 'Directory',
    kind: 'scim',
    permissions: [],
    defaultRoleId: roles.find(({ name }) => name === defaultRole)?.id ?? null,
  })
  await settingsOf(ctx, user.id, {
    brake: BRAKE_OFF,
    requestsPerMinute: null,
    ...settings,
  })
  const { token } = await createToken(ctx, user.id, null)
  return { serviceUserId: user.id, token }
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

export interface Sending {
  method: string
  path: string
  token?: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer | object | undefined
}

/** One HTTP exchange. Rejects when the connection breaks before it is answered. */
export function send(url: string, { method, path, token, headers = {}, body }: Sending): Promise<Reply> {
  const payload =
    body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const exchange = request(
      `${url}`,
      {
        agent,
        method,
        path,
        headers: {
          accept: 'application/scim+json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(payload === undefined
            ? {}
            : {
                'content-type': 'application/scim+json; charset=utf-8',
                'content-length': Buffer.byteLength(payload),
              }),
          ...headers,
        },
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: answer.statusCode ?? 0, text, body: parsed(text), headers: answer.headers })
        })
      },
    )
    exchange.on('error', reject)
    exchange.end(payload)
  })
}

function parsed(text: string): Body {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Dice that fall the same way for the same seed. */
export interface Dice {
  /** From 0 up to, but not including, `n`. */
  below(n: number): number
  chance(share: number): boolean
  pick<T>(from: readonly T[]): T
  /** So many of them, each at most once. */
  some<T>(from: readonly T[], most: number): T[]
  shuffled<T>(from: readonly T[]): T[]
}

export function diceOf(start: number): Dice {
  let state = start >>> 0
  // A counter put through a mixing function: short, fast, and good enough for choosing test cases.
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
  const below = (n: number) => Math.floor(next() * n)
  const shuffled = <T>(from: readonly T[]) =>
    from
      .map((item) => ({ item, at: next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item)
  return {
    below,
    chance: (share) => next() < share,
    pick: (from) => from[below(from.length)] as (typeof from)[number],
    some: (from, most) => shuffled(from).slice(0, below(Math.min(most, from.length) + 1)),
    shuffled,
  }
}

/** Does work with so many at a time. */
export async function inParallel<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const walk = async () => {
    for (let { value, done } = iterator.next(); !done; { value, done } = iterator.next()) await work(value)
  }
  await Promise.all(Array.from({ length: atOnce }, walk))
}
