/**
 * A server that watches itself, for drills: how long its event loop stood still, and whether anybody
 * changed what all objects inherit. It answers each message of its parent with what it saw since the last.
 */
import { createHash } from 'node:crypto'
import { readConfig } from '#platform'
import { startServer } from '../../src/main.ts'

/** What a server saw of itself since it was last asked. */
export interface Watched {
  /** The longest time between two turns of the event loop, in milliseconds. */
  stallMs: number
  /** The longest time that the server itself worked between two turns: what the machine did to others is left out. */
  busyMs: number
  /** Of everything that objects inherit from. It changes when anything is added, taken away or replaced. */
  prototypes: string
  rssBytes: number
}

const TICK_MS = 2
const FOUNDATIONS = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
  Number.prototype,
  Boolean.prototype,
  RegExp.prototype,
  Date.prototype,
  Map.prototype,
  Set.prototype,
  Promise.prototype,
  Error.prototype,
  Uint8Array.prototype,
  Buffer.prototype,
  Object,
  Array,
  JSON,
  Reflect,
]

const config = readConfig(process.env)
const server = await startServer({ ...config, role: 'web' }, config.databaseUrl ?? '')

let stallMs = 0
let busyMs = 0
let lastAt = performance.now()
let lastCpu = process.threadCpuUsage()

function tick(): void {
  const at = performance.now()
  const cpu = process.threadCpuUsage()
  const gap = Math.max(0, at - lastAt - TICK_MS)
  const worked = (cpu.user + cpu.system - lastCpu.user - lastCpu.system) / 1000
  stallMs = Math.max(stallMs, gap)
  busyMs = Math.max(busyMs, Math.min(gap, worked))
  lastAt = at
  lastCpu = cpu
  setTimeout(tick, TICK_MS)
}

function prototypes(): string {
  const seen = FOUNDATIONS.map((holder) =>
    Reflect.ownKeys(holder).map((key) => {
      const { value, get, set, writable, enumerable, configurable } =
        Object.getOwnPropertyDescriptor(holder, key) ?? {}
      const parts = [value, get, set].map((part) =>
        typeof part === 'function' ? part.toString() : typeof part,
      )
      return [String(key), parts, writable, enumerable, configurable]
    }),
  )
  const inherited: string[] = []
  for (const key in {}) inherited.push(key)
  return createHash('sha256')
    .update(JSON.stringify([seen, inherited]))
    .digest('hex')
}

process.on('message', () => {
  const seen: Watched = { stallMs, busyMs, prototypes: prototypes(), rssBytes: process.memoryUsage.rss() }
  stallMs = 0
  busyMs = 0
  // Looking at it all is work of the drill, and none of the server's.
  lastAt = performance.now()
  lastCpu = process.threadCpuUsage()
  process.send?.(seen)
})
process.on('disconnect', () => void server.stop().then(() => process.exit(0)))
tick()
process.send?.('ready')
