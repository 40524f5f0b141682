/**
 * Doing together what comes together. Under load many calls want the same kind of thing at the same
 * moment; one statement, or one commit, for all of them costs little more than for one.
 */
import type { Platform } from './platform.ts'

/** Whose batch it is: things of different tenants, or of different lanes, never share one. */
export interface Lane {
  platform: Platform
  tenantId: string
  /** What else sets batches apart, such as who acts. */
  key?: string
}

interface Waiting<L, Item, Result> {
  lane: L
  item: Item
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

interface Queue<L, Item, Result> {
  waiting: Waiting<L, Item, Result>[]
  running: number
  scheduled: boolean
}

export interface BatchOptions<L extends Lane, Item, Result> {
  /**
   * Does all of it, on the lane of the item that has waited longest. The results stand in the order of the items; an
   * `Error` among them is that item's own.
   */
  run: (lane: L, items: readonly Item[]) => Promise<readonly (Result | Error)[]>
  /** What else sets lanes apart than `key`. */
  laneKey?: (lane: L) => string
  /** At most so many items in one. */
  most: number
  /** At most so many batches of one lane at a time: while they run, the next one grows. */
  atOnce: number
}

/** How many turns of the event loop a batch waits at most while each brings something new: well below a millisecond. */
const MOST_TURNS = 8

/**
 * A function that does one thing, together with whatever else of its lane is asked for at the same moment: until
 * a turn of the event loop brings nothing new. A batch begins after all its items were asked for, so nobody is
 * answered from before.
 */
export function inBatches<L extends Lane, Item, Result>({
  run,
  most,
  atOnce,
  laneKey = ({ key = '' }) => key,
}: BatchOptions<L, Item, Result>): (lane: L, item: Item) => Promise<Result> {
  const queues = new WeakMap<Platform, Map<string, Queue<L, Item, Result>>>()

  function queueOf(lane: L): [Map<string, Queue<L, Item, Result>>, string] {
    const known = queues.get(lane.platform) ?? new Map<string, Queue<L, Item, Result>>()
    queues.set(lane.platform, known)
    return [known, `${lane.tenantId} ${laneKey(lane)}`]
  }

  async function runBatch(queue: Queue<L, Item, Result>): Promise<void> {
    const batch = queue.waiting.splice(0, most)
    const lane = batch[0]?.lane
    if (!lane) return
    queue.running++
    try {
      const results = await run(
        lane,
        batch.map(({ item }) => item),
      )
      batch.forEach(({ resolve, reject }, at) => {
        const result = results[at]
        if (result instanceof Error) reject(result)
        else resolve(result as Result)
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      queue.running--
      advance(lane, queue)
    }
  }

  // Answers of one batch go out together, and so what is asked next comes in over a few turns.
  function whenQuiet(queue: Queue<L, Item, Result>, seen: number, turns: number, begin: () => void): void {
    setImmediate(() => {
      const { length } = queue.waiting
      if (length > seen && length < most && turns > 0) whenQuiet(queue, length, turns - 1, begin)
      else begin()
    })
  }

  function advance(lane: L, queue: Queue<L, Item, Result>): void {
    if (queue.waiting.length > 0 && queue.running < atOnce && !queue.scheduled) {
      queue.scheduled = true
      whenQuiet(queue, 0, MOST_TURNS, () => {
        queue.scheduled = false
        while (queue.waiting.length > 0 && queue.running < atOnce) void runBatch(queue)
      })
    }
    if (queue.waiting.length === 0 && queue.running === 0) {
      const [known, key] = queueOf(lane)
      known.delete(key)
    }
  }

  return (lane, item) =>
    new Promise<Result>((resolve, reject) => {
      const [known, key] = queueOf(lane)
      const queue = known.get(key) ?? { waiting: [], running: 0, scheduled: false }
      known.set(key, queue)
      queue.waiting.push({ lane, item, resolve, reject })
      advance(lane, queue)
    })
}
