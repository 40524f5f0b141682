/**
 * The process a contestant runs in: `node host.mjs <name>`. The bench tells it to start, and asks how
 * much time and memory it used. A contestant is a module with `start(world)`, which gives a target.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

const { start } = await import(`./${process.argv[2]}.mjs`)
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()

const verbs = {
  start,
  usage() {
    const { user, system } = process.cpuUsage()
    const stallMs = delay.max / 1e6
    delay.reset()
    return { cpuUs: user + system, rssBytes: process.memoryUsage.rss(), stallMs }
  },
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
