/**
 * Buckets that bound what strangers can cost, in this process: each key may do so much at once, and it
 * comes back with time. A key is an address or a client, never a person.
 */
import type { Platform } from '#platform'

interface Bucket {
  level: number
  at: number
}

/** Keys that are remembered. The ones that were used longest ago are forgotten first, and are full again. */
const KEYS_AT_MOST = 50_000

export interface Buckets {
  /** @returns how many whole seconds to wait; 0 when there is something left */
  wait(platform: Platform, key: string): number
  take(platform: Platform, key: string): void
}

/**
 * @param capacity how much may be taken at once
 * @param perSecond how much comes back
 * @param clock milliseconds that never go back
 */
export function openBuckets(capacity: number, perSecond: number, clock = () => performance.now()): Buckets {
  const all = new WeakMap<Platform, Map<string, Bucket>>()

  function levelOf(buckets: Map<string, Bucket>, key: string): number {
    const bucket = buckets.get(key)
    return bucket ? Math.min(capacity, bucket.level + ((clock() - bucket.at) / 1000) * perSecond) : capacity
  }

  return {
    wait(platform, key) {
      const buckets = all.get(platform)
      const level = buckets ? levelOf(buckets, key) : capacity
      return level >= 1 ? 0 : Math.ceil((1 - level) / perSecond)
    },
    take(platform, key) {
      const buckets = all.get(platform) ?? new Map<string, Bucket>()
      all.set(platform, buckets)
      const level = levelOf(buckets, key)
      // Put in anew, so that the map's order is the order of use.
      buckets.delete(key)
      // What was let through before it counted is owed.
      buckets.set(key, { level: Math.max(-capacity, level - 1), at: clock() })
      if (buckets.size > KEYS_AT_MOST) {
        const oldest = buckets.keys().next().value
        if (oldest !== undefined) buckets.delete(oldest)
      }
    },
  }
}
