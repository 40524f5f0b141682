/** The System Log: what effects wrote, in the order they were kept. */
import { OktaError } from '../errors.ts'
import { FilterError, matches, parseFilter } from '../filter.ts'
import type { LogRow } from '../org.ts'
import { links } from '../paging.ts'
import type { Call, Route } from '../world.ts'

export const logRoutes: Route[] = [
  { method: 'GET', path: '/api/v1/logs', scope: 'okta.logs.read', handler: listLogs },
]

const NORMAL = 100
const MOST = 1000

function listLogs(call: Call) {
  const after = call.query.get('after')
  if (after !== null && call.query.has('since'))
    throw new OktaError('E0000001', { about: 'since', causes: ['since and after exclude each other.'] })
  const limit = Math.min(Number(call.query.get('limit') ?? NORMAL) || NORMAL, MOST)
  const { log } = call.org
  const start = after === null ? firstSince(call) : positionOf(call, after)
  const until = timeOf(call.query.get('until'))
  const keep = condition(call)

  const found: LogRow[] = []
  let at = start
  for (; at < log.length && found.length < limit; at += 1) {
    const row = log[at]
    if (row && keep(row) && (until === undefined || Date.parse(row.published) < until)) found.push(row)
  }
  if (call.query.get('sortOrder') === 'DESCENDING') found.reverse()
  // Without `until` there is always a next page, be it empty: that link is the durable cursor.
  const endless = until === undefined
  const next = endless || at < log.length ? cursorAt(at) : undefined
  // Like Okta, the next link drops `since`, since the two exclude each other.
  call.query.delete('since')
  return { body: found.map((row) => viewEvent(row)), headers: links(call, limit, next) }
}

const cursorAt = (position: number) => Buffer.from(`log ${position}`).toString('base64url')

function positionOf(call: Call, cursor: string): number {
  const position = /^log (\d+)$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1]
  if (position === undefined || call.fault?.kind === 'stale' || Number(position) > call.org.log.length)
    throw new OktaError('E0000029', { causes: ['Invalid cursor.'] })
  return Number(position)
}

/** Without `since` Okta looks back a week, which here is as good as everything. */
function firstSince(call: Call): number {
  const since = timeOf(call.query.get('since'))
  if (since === undefined) return 0
  const first = call.org.log.findIndex((row) => Date.parse(row.published) >= since)
  return first < 0 ? call.org.log.length : first
}

function timeOf(text: string | null): number | undefined {
  if (text === null) return undefined
  const ms = Date.parse(text)
  if (Number.isNaN(ms))
    throw new OktaError('E0000001', { about: 'since', causes: ['The date is not ISO 8601.'] })
  return ms
}

function condition(call: Call): (row: LogRow) => boolean {
  const text = call.query.get('filter') ?? ''
  const q = call.query.get('q')?.toLowerCase()
  try {
    const filter =
      text === ''
        ? undefined
        : parseFilter(text, (path) => /^(uuid|eventType|actor|target)(\.\w+)?$/.test(path))
    return (row) =>
      (!filter || matches(filter, (path) => readEvent(row, path))) &&
      (q === undefined || JSON.stringify(row).toLowerCase().includes(q))
  } catch (error) {
    if (error instanceof FilterError) throw new OktaError('E0000053', { causes: [error.message] })
    throw error
  }
}

function readEvent(row: LogRow, path: string): unknown {
  const [head = '', tail = ''] = path.split('.')
  if (head === 'target') return row.target.map((target) => target[tail as 'id'])
  if (head === 'actor') return row.actor[tail as 'id']
  return row[head as 'uuid' | 'eventType']
}

/** An event with the many parts Okta always prints, most of them empty here. */
export function viewEvent(row: LogRow) {
  return {
    actor: { ...row.actor, detailEntry: null },
    client: {
      userAgent: { rawUserAgent: 'okta-sandbox', os: 'Unknown', browser: 'UNKNOWN' },
      zone: 'null',
      device: 'Unknown',
      id: null,
      ipAddress: '127.0.0.1',
      geographicalContext: null,
    },
    authenticationContext: {
      authenticationProvider: null,
      credentialProvider: null,
      credentialType: null,
      issuer: null,
      interface: null,
      authenticationStep: 0,
      externalSessionId: 'trs-sandbox',
    },
    displayMessage: row.displayMessage,
    eventType: row.eventType,
    outcome: { result: 'SUCCESS', reason: null },
    published: row.published,
    securityContext: { asNumber: null, asOrg: null, isp: null, domain: null, isProxy: null },
    severity: 'INFO',
    debugContext: { debugData: { requestId: row.requestId } },
    legacyEventType: null,
    transaction: { type: 'WEB', id: row.requestId, detail: {} },
    uuid: row.uuid,
    version: '0',
    request: { ipChain: [{ ip: '127.0.0.1', geographicalContext: null, version: 'V4', source: null }] },
    target: row.target.map((target) => ({ ...target, detailEntry: null })),
  }
}
