/**
 * How often a connection may call: so many requests in any 60 seconds, all processes together. Each
 * process counts for itself and shares its count after a twentieth of the limit, or once a second, so a
 * request costs no write of its own; together they let through a twentieth too many for each process at most.
 */
import { sql } from 'kysely'
import { type Platform, systemContext, transact } from '#platform'

/** Whose calls are counted, and how many of them there may be. */
interface Limited {
  tenantId: string
  serviceUserId: string
  perMinute: number
}

const WINDOW_SECONDS = 60
const SHARE_MS = 1000
const TIDY_MS = 60_000

interface Tally {
  /** Calls of all processes in the last minute, when they were last shared. */
  shared: number
  sharedAt: number
  /** Whole seconds until one more may come, if none may; as of then. */
  waitSeconds: number
  /** Calls let through here since. */
  pending: number
  /** Those of them that are being shared now. */
  inFlight: number
  sharing: Promise<void> | null
  tidiedAt: number
}

export interface Limiter {
  /** Counts a call. @returns 0 when it may go on, else whole seconds to wait */
  take(platform: Platform, limited: Limited): Promise<number>
}

/** @param clock milliseconds that never go back */
export function openLimiter(clock = () => performance.now()): Limiter {
  const all = new WeakMap<Platform, Map<string, Tally>>()

  function tallyOf(platform: Platform, { serviceUserId }: Limited): Tally {
    const tallies = all.get(platform) ?? new Map<string, Tally>()
    all.set(platform, tallies)
    const known = tallies.get(serviceUserId)
    if (known) return known
    const never = Number.NEGATIVE_INFINITY
    const fresh = { shared: 0, sharedAt: never, waitSeconds: 0, pending: 0, inFlight: 0, tidiedAt: clock() }
    const tally: Tally = { ...fresh, sharing: null }
    tallies.set(serviceUserId, tally)
    return tally
  }

  function share(platform: Platform, limited: Limited, tally: Tally): Promise<void> {
    tally.sharing ??= shareNow(platform, limited, tally).finally(() => {
      tally.sharing = null
    })
    return tally.sharing
  }

  async function shareNow(platform: Platform, limited: Limited, tally: Tally): Promise<void> {
    tally.inFlight = tally.pending
    tally.pending = 0
    try {
      if (clock() - tally.tidiedAt > TIDY_MS) {
        tally.tidiedAt = clock()
        await forgetOld(platform, limited)
      }
      const seconds = await exchange(platform, limited, tally.inFlight)
      tally.shared = seconds.reduce((sum, { calls }) => sum + calls, 0)
      tally.waitSeconds = waitOf(seconds, tally.shared, limited.perMinute)
      tally.sharedAt = clock()
    } catch (error) {
      tally.pending += tally.inFlight
      throw error
    } finally {
      tally.inFlight = 0
    }
  }

  return {
    async take(platform, limited) {
      const tally = tallyOf(platform, limited)
      const slice = Math.max(1, Math.floor(limited.perMinute / 20))
      for (;;) {
        const here = tally.pending + tally.inFlight
        const isOld = clock() - tally.sharedAt > SHARE_MS
        const isFull = tally.shared + here >= limited.perMinute
        if (!isFull && here < slice) {
          tally.pending++
          if (isOld && !tally.sharing)
            share(platform, limited, tally).catch((error: unknown) =>
              platform.log.error('scim.rate_not_shared', { tenantId: limited.tenantId, error }),
            )
          return 0
        }
        if (isFull && !isOld && tally.waitSeconds > 0) return tally.waitSeconds
        await share(platform, limited, tally)
      }
    },
  }
}

interface Second {
  age: number
  calls: number
}

/** How long until the calls of the last minute are fewer than the limit: the oldest leave first. */
function waitOf(seconds: readonly Second[], sum: number, limit: number): number {
  let left = sum
  for (const { age, calls } of seconds.toSorted((a, b) => b.age - a.age)) {
    if (left < limit) break
    left -= calls
    if (left < limit) return Math.max(1, WINDOW_SECONDS - age)
  }
  return 0
}

// One statement: what is added and what all have, the row of this second as it is after the addition.
function exchange(platform: Platform, limited: Limited, calls: number): Promise<Second[]> {
  const { tenantId, serviceUserId } = limited
  return transact(systemContext(platform, tenantId), async (tx) => {
    const { rows } = await sql<Second>`
      with mine as (
        insert into scim_rates as r (tenant_id, service_user_id, second, calls)
        select ${tenantId}, ${serviceUserId}, date_trunc('second', clock_timestamp()), ${calls}::int
        where ${calls}::int > 0
        on conflict (tenant_id, service_user_id, second) do update set calls = r.calls + excluded.calls
        returning second, calls
      ), everybody as (
        select second, calls from mine
        union all
        select second, calls from scim_rates
        where service_user_id = ${serviceUserId} and second not in (select second from mine)
      )
      select extract(epoch from date_trunc('second', clock_timestamp()) - second)::int as age, calls
      from everybody
      where second > clock_timestamp() - make_interval(secs => ${WINDOW_SECONDS})
    `.execute(tx.db)
    return rows
  })
}

// By itself, so that it holds no lock while it waits for one.
async function forgetOld(platform: Platform, { tenantId, serviceUserId }: Limited): Promise<void> {
  await transact(systemContext(platform, tenantId), (tx) =>
    tx.db
      .deleteFrom('scimRates')
      .where('serviceUserId', '=', serviceUserId)
      .where('second', '<', sql<Date>`now() - make_interval(secs => ${2 * WINDOW_SECONDS})`)
      .execute(),
  )
}
