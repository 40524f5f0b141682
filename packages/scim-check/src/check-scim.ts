/** Runs the suite against one server. */
import { type Capability, type Check, type CheckResult, GROUPS, type Status } from './check.ts'
import { CHECKS } from './checks.ts'
import { Verdict } from './expect.ts'
import { type CapabilityProfile, profileOf } from './profile.ts'
import { redactor } from './redact.ts'
import { type Backstage, openSession, type Session } from './session.ts'
import { type Authorization, reasonOf, secretsOf } from './wire.ts'

export interface CheckOptions {
  /** Of the tenant, as a client would be given it. A slash at its end is taken off. */
  baseUrl: string
  authorization?: Authorization
  /** Only checks that change nothing. */
  readOnly?: boolean
  /** Groups by name (`Okta AIW`, `okta-aiw`), or checks by the beginning of their id. All when left out. */
  only?: readonly string[]
  /** The domain of the throw-away accounts' addresses; `example.com` when left out. */
  domain?: string
  fetch?: typeof fetch
  /** Called after each check. */
  onProgress?: (result: CheckResult, done: number, total: number) => void
  /** Stops the run. What it made is deleted all the same. */
  signal?: AbortSignal
  /** Checks that have not begun by then are skipped; 15 minutes when left out. */
  deadlineMs?: number
  /** How long one request may take; 30 seconds when left out. */
  requestTimeoutMs?: number
}

export interface CheckReport {
  baseUrl: string
  /** ISO 8601. */
  startedAt: string
  ms: number
  readOnly: boolean
  /** Why the server could not be tried at all: it does not answer, or refuses the credentials. */
  trouble?: string
  /** Whether it was stopped, or ran out of time, before its end. */
  stopped: boolean
  counts: Record<Status, number>
  /** How many of the failures break a MUST. */
  mustFailures: number
  results: CheckResult[]
  profile: CapabilityProfile
  /** What the run made and could not delete, with the reason. */
  leftovers: string[]
}

/**
 * Runs every check that `only` names, one after the other. Throws a `TypeError` for a base URL that is none,
 * or an `only` that names nothing; what is wrong with the server is in the report, never thrown.
 */
export async function checkScim(options: CheckOptions): Promise<CheckReport> {
  const { readOnly = false, authorization, deadlineMs = 15 * 60_000, requestTimeoutMs = 30_000 } = options
  const baseUrl = readBaseUrl(options.baseUrl)
  const chosen = chooseChecks(options.only)
  const redact = redactor(secretsOf(authorization))
  const began = performance.now()
  const startedAt = new Date().toISOString()
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), deadlineMs)
  const signal = AbortSignal.any([timeout.signal, ...(options.signal ? [options.signal] : [])])
  const backstage = openSession({
    baseUrl,
    authorization,
    fetch: options.fetch ?? fetch,
    redact,
    requestTimeoutMs,
    readOnly,
    domain: options.domain ?? 'example.com',
    signal,
  })

  const results: CheckResult[] = []
  let leftovers: string[] = []
  let trouble = await findTrouble(backstage, signal)
  try {
    for (const check of chosen) {
      const result = await runCheck(check, backstage, { signal, trouble })
      if (isSilent(results.slice(1 - SILENCE).concat(result))) trouble ??= 'The server stopped answering.'
      if (result.message !== undefined) result.message = redact.text(result.message)
      results.push(result)
      options.onProgress?.(result, results.length, chosen.length)
      if (!signal.aborted && !readOnly) await backstage.sweep()
    }
  } finally {
    clearTimeout(timer)
    if (!readOnly) leftovers = (await backstage.close()).map((line) => redact.text(line))
  }
  const counts = { pass: 0, fail: 0, warn: 0, skip: 0 }
  for (const { status } of results) counts[status]++
  return {
    baseUrl: redact.text(baseUrl),
    startedAt,
    ms: Math.round(performance.now() - began),
    readOnly,
    ...(trouble === undefined ? {} : { trouble: redact.text(trouble) }),
    stopped: signal.aborted,
    counts,
    mustFailures: results.filter(({ status, requirement }) => status === 'fail' && requirement === 'MUST')
      .length,
    results,
    profile: profileOf(results, backstage.notes),
    leftovers,
  }
}

/** The checks that `only` names, in the order in which they run. */
export function chooseChecks(only: readonly string[] | undefined): Check[] {
  const ordered = CHECKS.toSorted((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group))
  if (only === undefined || only.length === 0) return ordered
  const unknown = only.find((name) => !ordered.some((check) => isNamed(check, name)))
  if (unknown !== undefined)
    throw new TypeError(`There is no group and no check "${unknown}". There are: ${GROUPS.join(', ')}.`)
  return ordered.filter((check) => only.some((name) => isNamed(check, name)))
}

function isNamed({ group, id }: Check, name: string): boolean {
  const wanted = name.trim().toLowerCase()
  return (
    group.toLowerCase().replaceAll(' ', '-') === wanted.replaceAll(' ', '-') ||
    id === wanted ||
    id.startsWith(`${wanted}.`)
  )
}

function readBaseUrl(given: string): string {
  const url = new URL(given)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError(`${given} is not the URL of a SCIM server: it begins with https:// or http://.`)
  if (url.username !== '' || url.password !== '')
    throw new TypeError('Give the user and the password as options, not inside the URL.')
  url.search = ''
  url.hash = ''
  return url.href.replace(/\/+$/, '')
}

/** How many checks in a row have to be without an answer, until the rest is left out. */
const SILENCE = 5

// Five hundred failures that all say the same would hide what is wrong.
async function findTrouble({ session }: Backstage, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { status } = await session.get('/Users', { startIndex: 1, count: 1 })
    if (status !== 401 && status !== 403) return undefined
    return `The server refuses these credentials: GET /Users answered ${status}.`
  } catch (error) {
    return signal.aborted ? undefined : `The server does not answer: ${reasonOf(error)}.`
  }
}

function isSilent(results: readonly CheckResult[]): boolean {
  return results.length >= SILENCE && results.every(({ exchanges }) => exchanges.at(-1)?.status === 0)
}

interface Circumstances {
  signal: AbortSignal
  trouble: string | undefined
}

async function runCheck(
  check: Check,
  backstage: Backstage,
  circumstances: Circumstances,
): Promise<CheckResult> {
  const { run, needs, writes, ...told } = check
  const began = performance.now()
  backstage.begin()
  const verdict = await judge(check, backstage.session, circumstances)
  return { ...told, ...verdict, ms: Math.round(performance.now() - began), exchanges: backstage.end() }
}

async function judge(
  check: Check,
  session: Session,
  { signal, trouble }: Circumstances,
): Promise<{ status: Status; message?: string }> {
  if (signal.aborted) return { status: 'skip', message: 'The run was stopped, or its time was up.' }
  if (trouble !== undefined) return { status: 'skip', message: trouble }
  if (check.writes && session.readOnly)
    return { status: 'skip', message: 'It changes something, and this run changes nothing.' }
  let advertised = false
  try {
    for (const capability of check.needs ?? []) {
      const offer = await session.offers(capability)
      if (offer === false || (offer === undefined && OPTIONAL.includes(capability)))
        return { status: 'skip', message: `not advertised: ${capability}` }
      advertised ||= offer === true && OPTIONAL.includes(capability)
    }
    await check.run(session)
    return { status: 'pass' }
  } catch (error) {
    return explain(check, error, { advertised, stopped: signal.aborted })
  }
}

// What a server that does not describe itself is not expected to have.
const OPTIONAL: readonly Capability[] = ['bulk', 'sort', 'etag', 'cursor', 'changePassword', 'enterprise']

function explain(
  { requirement }: Check,
  error: unknown,
  { advertised, stopped }: { advertised: boolean; stopped: boolean },
): { status: Status; message: string } {
  if (stopped) return { status: 'skip', message: 'The run was stopped, or its time was up.' }
  const verdict =
    error instanceof Verdict
      ? error
      : new Verdict('fail', `There was no answer to look at: ${reasonOf(error)}.`)
  if (verdict.status !== 'fail') return { status: verdict.status, message: verdict.message }
  const isWish = requirement === 'SHOULD' || requirement === 'MAY'
  return {
    status: isWish ? 'warn' : 'fail',
    message: advertised ? `It is advertised, but: ${verdict.message}` : verdict.message,
  }
}
