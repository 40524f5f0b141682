/**
 * The process a contestant runs in: `node host.mjs <name>`. The bench tells it to start, and asks how
 * much time and memory it used. A contestant is a module with `start(world)`, which gives a target.
 */
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const { start } = await import(`./${process.argv[2]}.mjs`)
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
const session = new Session()

const verbs = {
  start,
  usage() {
    const { user, system } = process.cpuUsage()
    const stallMs = delay.max / 1e6
    delay.reset()
    return { cpuUs: user + system, rssBytes: process.memoryUsage.rss(), stallMs }
  },
  async startProfile() {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
  },
  /** Writes the profile, and gives the functions that used most time themselves. */
  async stopProfile({ path }) {
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    writeFileSync(path, JSON.stringify(profile))
    return dearest(profile)
  },
}

const SHOWN = 15

function dearest({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map()
  let total = 0
  for (const [at, id] of samples.entries()) {
    const { functionName, url, lineNumber } = names.get(id)
    if (functionName === '(idle)' || url === 'node:inspector') continue
    const name = `${functionName || '(anonymous)'} ${url.split('/').slice(-3).join('/')}:${lineNumber + 1}`
    times.set(name, (times.get(name) ?? 0) + timeDeltas[at])
    total += timeDeltas[at]
  }
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, us]) => `${((us / total) * 100).toFixed(1).padStart(5)} %  ${name}`)
}

process.on('message', async ({ call, verb, ...args }) => {
  try {
    process.send({ call, result: await verbs[verb](args) })
  } catch (error) {
    process.send({ call, error: error instanceof Error ? error.stack : String(error) })
  }
})
// A bench that was killed takes its contestants with it.
process.on('disconnect', () => process.exit())
