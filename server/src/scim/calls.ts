/**
 * The log of calls. A call only puts its record into a buffer of this process; redaction, JSON and SQL
 * are done four times a second for all of them. Writes and failures are kept singly; reads beyond the
 * first few of a second are counted in one line, so that an import does not bury what matters.
 */
import { setImmediate } from 'node:timers/promises'
import { describeShape, noteTraffic, type Traffic } from '@keydesk/scim'
import { hint, type Platform, systemContext, type Tx, transact } from '#platform'
import {
  type CallLine,
  deleteCallsBefore,
  deleteCallsBeyond,
  findEvidence,
  insertCalls,
  listCallers,
  noteVisits,
  saveEvidence,
  type Visits,
} from './calls.store.ts'
import { codeOf } from './errors.ts'
import { bodyOf } from './explain-done.ts'
import { redactTexts } from './redact.ts'

export interface CallRecord {
  /** The workspace, also when the connection works on a shadow copy of it. */
  tenantId: string
  /** The connection, as far as the credential tells; null for a stranger. */
  serviceUserId: string | null
  at: Date
  method: string
  /** Below the workspace, with its query, as it came. */
  path: string
  status: number
  milliseconds: number
  memberId: string | null
  roleId: string | null
  /** The name of the person or role it was about. */
  subject: string | null
  /** Bodies as text; they are redacted before they are kept. */
  request: string | null
  answer: string | null
  deviations: readonly string[]
  shadow: boolean
  held: boolean
  /** Why it was refused at the door, where its client is not told. */
  reason?: string | null
  ip: string | null
  userAgent: string | null
}

const FLUSH_MS = 250
const HINT_MS = 1000
/** How many of a kind are kept singly in a second, for each connection. */
const READS_KEPT = 20
const FAILURES_KEPT = 200
/** How many reads wait at most; when the database is away the oldest go first. */
const MOST_READS = 10_000
/** Characters of bodies that wait at most; calls beyond are kept without theirs. */
const MOST_TEXT = 64_000_000
const LINES_AT_ONCE = 200
/** How many reads, and how many writes, are looked at in a second to tell the client. */
const SAMPLES = 5

interface Line {
  record: CallRecord
  /** Its number among the lines of this process: those of one millisecond keep their order by it. */
  nth: number
  times: number
}

/** Calls of one kind by one connection in one second. */
interface Window {
  second: number
  count: number
  folded: Line | undefined
}

interface Caller {
  tenantId: string
  serviceUserId: string | null
  windows: Map<string, Window>
  visits: Visits
  /** A few calls since the last hint, to tell the client by. */
  samples: { reads: CallRecord[]; writes: CallRecord[] }
  /** When open pages were told last, and whether there is something to tell. */
  hintedAt: number
  owesHint: boolean
}

interface CallLog {
  platform: Platform
  reads: Line[]
  writes: Line[]
  /** Characters of bodies that wait. */
  text: number
  callers: Map<string, Caller>
  /** The number of the newest line. */
  lines: number
  flushing: Promise<void>
  timer: NodeJS.Timeout
}

const logs = new WeakMap<Platform, CallLog>()

function logOf(platform: Platform): CallLog {
  const known = logs.get(platform)
  if (known) return known
  const log: CallLog = {
    platform,
    reads: [],
    writes: [],
    text: 0,
    callers: new Map(),
    lines: 0,
    flushing: Promise.resolve(),
    timer: setInterval(() => void flush(log, false), FLUSH_MS),
  }
  log.timer.unref()
  platform.closing.push(async () => {
    clearInterval(log.timer)
    await flush(log, true)
  })
  logs.set(platform, log)
  return log
}

/** Takes a call down. It does no I/O and cannot fail; the line is in the database a quarter of a second later. */
export function recordCall(platform: Platform, record: CallRecord): void {
  const log = logOf(platform)
  const caller = callerOf(log, record)
  const isFailure = record.status >= 400
  const reads = isRead(record)
  countVisit(caller.visits, record.at, isFailure)
  caller.owesHint = true
  const samples = reads ? caller.samples.reads : caller.samples.writes
  if (samples.length < SAMPLES && !isFailure) samples.push(record)
  if (!isFailure && !reads) keep(log, log.writes, record, true)
  else keepOrFold(log, caller, record, { isFailure, lines: reads ? log.reads : log.writes })
}

function keepOrFold(
  log: CallLog,
  caller: Caller,
  record: CallRecord,
  { isFailure, lines }: { isFailure: boolean; lines: Line[] },
): void {
  const window = windowOf(log, caller, record, isFailure)
  window.count++
  if (window.count <= (isFailure ? FAILURES_KEPT : READS_KEPT))
    keep(log, lines, record, isFailure || window.count === 1)
  else if (window.folded) window.folded.times++
  else window.folded = { record: withoutBodies(record), nth: nextOf(log), times: 1 }
}

function isRead({ method, path }: CallRecord): boolean {
  return method === 'GET' || method === 'HEAD' || /\/\.search(?:$|\?)/.test(path)
}

function callerOf(log: CallLog, { tenantId, serviceUserId }: CallRecord): Caller {
  const key = serviceUserId ?? tenantId
  const known = log.callers.get(key)
  if (known) return known
  const caller: Caller = {
    tenantId,
    serviceUserId,
    windows: new Map(),
    visits: noVisits(),
    samples: noSamples(),
    hintedAt: 0,
    owesHint: false,
  }
  log.callers.set(key, caller)
  return caller
}

function noSamples(): Caller['samples'] {
  return { reads: [], writes: [] }
}

function noVisits(): Visits {
  return { calls: 0, failures: 0, firstAt: undefined, lastAt: undefined }
}

function countVisit(visits: Visits, at: Date, isFailure: boolean): void {
  visits.calls++
  if (isFailure) visits.failures++
  visits.firstAt ??= at
  visits.lastAt = at
}

function windowOf(log: CallLog, caller: Caller, record: CallRecord, isFailure: boolean): Window {
  const kind = isFailure ? `${shapeOf(record)} ${record.status}` : shapeOf(record)
  const second = Math.floor(record.at.getTime() / 1000)
  let window = caller.windows.get(kind)
  if (!window) {
    window = { second, count: 0, folded: undefined }
    caller.windows.set(kind, window)
  } else if (second > window.second) {
    close(log, window)
    window.second = second
    window.count = 0
  }
  return window
}

const ENDPOINTS = new Set([
  'Users',
  'Groups',
  'Roles',
  'Entitlements',
  'Me',
  'Bulk',
  'Schemas',
  'ResourceTypes',
  'ServiceProviderConfig',
  '.search',
])

/** Calls of one shape differ only in whom they name. There are few shapes, whatever is called. */
function shapeOf({ method, path }: CallRecord): string {
  const end = path.indexOf('?')
  const bare = end < 0 ? path : path.slice(0, end)
  const slash = bare.indexOf('/', 1)
  const endpoint = slash < 0 ? bare.slice(1) : bare.slice(1, slash)
  if (!ENDPOINTS.has(endpoint)) return `${method} other`
  return slash < 0 || slash === bare.length - 1 ? `${method} ${endpoint}` : `${method} ${endpoint}/:id`
}

function close(log: CallLog, window: Window): void {
  if (window.folded) log.reads.push(window.folded)
  window.folded = undefined
}

function keep(log: CallLog, lines: Line[], record: CallRecord, withBodies: boolean, times = 1): void {
  const size = textOf(record)
  const isKept = withBodies && log.text + size <= MOST_TEXT
  if (isKept) log.text += size
  lines.push({ record: isKept ? record : withoutBodies(record), nth: nextOf(log), times })
  if (lines !== log.reads || lines.length <= MOST_READS) return
  const lost = lines.shift()
  if (lost) log.text -= textOf(lost.record)
  log.platform.metrics.scimLinesLost.inc({ kind: 'read' })
}

function nextOf(log: CallLog): number {
  log.lines = (log.lines + 1) % 2 ** 30
  return log.lines
}

function textOf({ request, answer }: CallRecord): number {
  return (request?.length ?? 0) + (answer?.length ?? 0)
}

function withoutBodies(record: CallRecord): CallRecord {
  return record.request === null && record.answer === null
    ? record
    : { ...record, request: null, answer: null }
}

/** Writes everything down that is in the buffer: for tests, and before a process ends. */
export function flushCalls(platform: Platform): Promise<void> {
  const log = logs.get(platform)
  return log ? flush(log, true) : Promise.resolve()
}

// One after the other, so that lines come in order and a slow database is not asked by two at once.
function flush(log: CallLog, all: boolean): Promise<void> {
  log.flushing = log.flushing.then(async () => {
    const { reads, writes, callers } = take(log, all)
    const byTenant = Map.groupBy([...reads, ...writes], ({ record }) => record.tenantId)
    for (const tenantId of new Set([...byTenant.keys(), ...callers.map((caller) => caller.tenantId)]))
      await writeDown(
        log,
        tenantId,
        byTenant.get(tenantId) ?? [],
        callers.filter((caller) => caller.tenantId === tenantId),
      )
  })
  return log.flushing
}

interface Due extends Caller {
  hints: boolean
}

/** Empties the buffer. Windows that may still grow stay, unless all is wanted. */
function take(log: CallLog, all: boolean): { reads: Line[]; writes: Line[]; callers: Due[] } {
  const now = Date.now()
  const due: Due[] = []
  for (const [key, caller] of log.callers) {
    for (const [kind, window] of caller.windows) {
      if (!all && window.second >= Math.floor(now / 1000)) continue
      close(log, window)
      caller.windows.delete(kind)
    }
    const hints = caller.owesHint && now - caller.hintedAt >= HINT_MS
    if (hints) {
      caller.hintedAt = now
      caller.owesHint = false
    }
    if (hints || caller.visits.calls > 0) due.push({ ...caller, hints })
    if (hints) caller.samples = noSamples()
    else if (caller.windows.size === 0 && now - caller.hintedAt > 60_000) log.callers.delete(key)
    caller.visits = noVisits()
  }
  const { reads, writes } = log
  log.reads = []
  log.writes = []
  log.text = 0
  return { reads, writes, callers: due }
}

async function writeDown(log: CallLog, tenantId: string, lines: Line[], callers: Due[]): Promise<void> {
  const { platform } = log
  try {
    await transact(systemContext(platform, tenantId), async (tx) => {
      // A flush of many lines is done in parts, between which calls are answered.
      for (let at = 0; at < lines.length; at += LINES_AT_ONCE)
        await insertCalls(tx, await linesOf(lines.slice(at, at + LINES_AT_ONCE)))
      for (const caller of callers) await tellOf(tx, caller)
    })
  } catch (error) {
    platform.log.error('scim.calls_not_kept', { tenantId, count: lines.length, error })
    // A workspace that is gone, or a value that cannot be kept, will be refused again; anything else is tried again.
    if (/^2[23]/.test(codeOf(error))) platform.metrics.scimLinesLost.inc({ kind: 'refused' }, lines.length)
    else putBack(log, lines, callers)
  }
}

/** How much text is looked through for secrets before calls are answered again: some five milliseconds. */
const TEXT_AT_ONCE = 1_000_000

async function linesOf(lines: readonly Line[]): Promise<CallLine[]> {
  const done: CallLine[] = []
  let text = 0
  for (const line of lines) {
    done.push(lineOf(line))
    text += textOf(line.record)
    if (text < TEXT_AT_ONCE) continue
    text = 0
    await setImmediate()
  }
  return done
}

function lineOf({ record, nth, times }: Line): CallLine {
  return { ...redactTexts(record), times, nth }
}

async function tellOf(tx: Tx, { serviceUserId, visits, samples, hints }: Due): Promise<void> {
  if (serviceUserId && visits.calls > 0) await noteVisits(tx, serviceUserId, visits)
  if (!hints) return
  const traffic = [...samples.reads, ...samples.writes].map(trafficOf)
  if (serviceUserId && traffic.length > 0) {
    const evidence = await findEvidence(tx, serviceUserId)
    await saveEvidence(tx, serviceUserId, traffic.reduce(noteTraffic, evidence))
  }
  await hint(tx, 'scim.called', [serviceUserId ?? tx.tenantId])
}

/** Larger bodies are not read for the sake of a guess. */
const LARGEST_SAMPLE = 64_000

function trafficOf({ method, path, userAgent, request }: CallRecord): Traffic {
  const [bare = '', query] = path.split('?', 2)
  const [resource = '', id] = bare.split('/').filter(Boolean)
  const body = request !== null && request.length < LARGEST_SAMPLE ? bodyOf(request) : undefined
  return {
    method,
    resource,
    hasId: id !== undefined,
    userAgent: userAgent ?? undefined,
    query,
    shape: body && describeShape(body),
  }
}

function putBack(log: CallLog, lines: Line[], callers: Due[]): void {
  for (const { record, times } of lines)
    keep(log, isRead(record) ? log.reads : log.writes, record, true, times)
  for (const { tenantId, serviceUserId, visits } of callers) {
    const { visits: since } = callerOf(log, { tenantId, serviceUserId } as CallRecord)
    since.calls += visits.calls
    since.failures += visits.failures
    since.firstAt = visits.firstAt ?? since.firstAt
    since.lastAt ??= visits.lastAt
  }
}

const DAYS_KEPT = 30
const LINES_KEPT = 100_000
const DELETED_AT_ONCE = 10_000

/** Deletes lines that are too old, and what a connection has beyond its newest. Run now and then for each workspace. */
export async function sweepCalls(platform: Platform, tenantId: string): Promise<void> {
  const ctx = systemContext(platform, tenantId)
  const oldest = new Date(Date.now() - DAYS_KEPT * 86_400_000)
  await inParts(() => transact(ctx, (tx) => deleteCallsBefore(tx, oldest, DELETED_AT_ONCE)))
  for (const id of await transact(ctx, listCallers))
    await inParts(() => transact(ctx, (tx) => deleteCallsBeyond(tx, id, LINES_KEPT, DELETED_AT_ONCE)))
}

async function inParts(deleteSome: () => Promise<number>): Promise<void> {
  while ((await deleteSome()) === DELETED_AT_ONCE);
}
