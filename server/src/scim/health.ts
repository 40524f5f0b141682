/** Whether a connection is alive, in a word and a sentence: what an admin wants to know first. */

export interface HealthFacts {
  now: Date
  /** Who calls, as people know it. */
  client: string
  /** Whether a token, a password or an OAuth client lives; else why the last one does not. */
  credential: 'live' | 'none' | 'expired' | 'revoked'
  lastCallAt: Date | null
  usualGapSeconds: number | null
  /** How the newest calls ended, newest first. */
  last: readonly LastCall[]
  /** How many calls came without valid credentials in the last hour. */
  strangers: number
}

interface LastCall {
  method: string
  status: number
  /** Whether the safety brake held it: then it waits for an owner, and nothing is wrong. */
  held: boolean
  /** Why it was refused, as `explain` says it; empty for a success. */
  because: string
}

export interface Health {
  state: 'waiting' | 'ok' | 'quiet' | 'failing' | 'no_credential'
  sentence: string
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

/** So many refusals in a row, or all there were, are no accident. */
export const REFUSED_IN_A_ROW = 5
/** Nights are quiet everywhere, so less than a day says nothing. */
const QUIET_SECONDS = DAY
const QUIET_GAPS = 4
/** When its habits are not known yet. */
const UNKNOWN_QUIET_SECONDS = 7 * DAY

/** @param facts what is known; the clock is one of them */
export function healthOf(facts: HealthFacts): Health {
  return (
    noCredential(facts) ??
    waiting(facts) ??
    failing(facts) ??
    quiet(facts) ?? {
      state: 'ok',
      sentence: `Last call ${ago(facts)}${usually(facts, '; ')}.`,
    }
  )
}

function noCredential({ credential, client }: HealthFacts): Health | undefined {
  if (credential === 'live') return undefined
  const sentence = {
    none: `There is no token yet. Create one and put it into ${client}.`,
    expired: `The token has expired. Create another and put it into ${client}; until then nobody is provisioned or deprovisioned.`,
    revoked: `Every token was revoked. Create another and put it into ${client}; until then nobody is provisioned or deprovisioned.`,
  }[credential]
  return { state: 'no_credential', sentence }
}

function waiting({ lastCallAt, client, strangers }: HealthFacts): Health | undefined {
  if (lastCallAt) return undefined
  const sentence =
    strangers > 0
      ? `No call with a valid token yet, but ${strangers === 1 ? '1 call' : `${strangers} calls`} without one within the last hour: compare the token and the base URL in ${client}.`
      : `No call yet. Put the base URL and the token into ${client}, and test the connection there.`
  return { state: 'waiting', sentence }
}

function failing({ last }: HealthFacts): Health | undefined {
  const newest = last.slice(0, REFUSED_IN_A_ROW)
  const [first] = newest
  if (!first || !newest.every(isRefused)) return undefined
  const calls = newest.length === 1 ? 'The only call was' : `The last ${newest.length} calls were`
  return { state: 'failing', sentence: `${calls} refused: ${first.because}` }
}

// Asking for somebody who is not here is how many clients begin.
function isRefused({ method, status, held }: LastCall): boolean {
  return status >= 400 && !held && !(status === 404 && method === 'GET')
}

function quiet(facts: HealthFacts): Health | undefined {
  const { usualGapSeconds, client } = facts
  const most =
    usualGapSeconds === null ? UNKNOWN_QUIET_SECONDS : Math.max(QUIET_SECONDS, usualGapSeconds * QUIET_GAPS)
  if (secondsSince(facts) <= most) return undefined
  return {
    state: 'quiet',
    sentence: `No call for ${duration(secondsSince(facts))}${usually(facts, '; ')}: check that provisioning is on in ${client}.`,
  }
}

function secondsSince({ now, lastCallAt }: HealthFacts): number {
  return lastCallAt ? Math.max(0, (now.getTime() - lastCallAt.getTime()) / 1000) : 0
}

function ago(facts: HealthFacts): string {
  const seconds = secondsSince(facts)
  return seconds < MINUTE ? 'just now' : `${duration(seconds)} ago`
}

function usually({ usualGapSeconds }: HealthFacts, before: string): string {
  return usualGapSeconds === null ? '' : `${before}usually every ${duration(usualGapSeconds)}`
}

/** `40 min`, `26 h` or `5 days`. */
function duration(seconds: number): string {
  if (seconds < 90 * MINUTE) return `${Math.max(1, Math.round(seconds / MINUTE))} min`
  if (seconds < 48 * HOUR) return `${Math.round(seconds / HOUR)} h`
  return `${Math.round(seconds / DAY)} days`
}
