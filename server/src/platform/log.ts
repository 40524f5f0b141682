/**
 * Structured logs. A line has an event name and fields from a closed list; a field that is not on
 * the list is dropped, whatever it holds. So a secret cannot be logged by passing an object along.
 */
import { pino } from 'pino'

const ALLOWED = {
  tenantId: true,
  requestId: true,
  method: true,
  path: true,
  status: true,
  ms: true,
  actorId: true,
  actorKind: true,
  jobName: true,
  jobId: true,
  runId: true,
  importId: true,
  connectionId: true,
  actionId: true,
  phase: true,
  count: true,
  attempt: true,
  code: true,
  errorName: true,
  errorMessage: true,
  stack: true,
  port: true,
  url: true,
  version: true,
  mailId: true,
  remoteStatus: true,
  remoteRequestId: true,
  name: true,
} as const

type LogFields = { [Name in keyof typeof ALLOWED]?: string | number | boolean | null | undefined }

export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields & { error?: unknown }): void
}

/** A logger that writes JSON lines to standard error, or to `write` (one line a call). */
export function openLog(level: string, write?: (line: string) => void): Log {
  const sink = write ? { write } : process.stderr
  const out = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' }, sink)
  return {
    debug: (event, fields) => {
      if (out.isLevelEnabled('debug')) out.debug(allowed(fields), event)
    },
    info: (event, fields) => out.info(allowed(fields), event),
    warn: (event, fields) => out.warn(allowed(fields), event),
    error: (event, fields) => out.error({ ...allowed(fields), ...describe(fields?.error) }, event),
  }
}

function allowed(fields: LogFields = {}): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields))
    if (name in ALLOWED && (value === null || typeof value !== 'object')) kept[name] = oneLine(value)
  return kept
}

// Names and titles come from directories that others write: no line of theirs may look like one of ours.
function oneLine(value: unknown): unknown {
  return typeof value === 'string'
    ? redact(value)
        .replace(/[\r\n]+/g, ' ')
        .slice(0, 2000)
    : value
}

/** Our own tokens and what looks like an authorization header, wherever a message quotes them. */
function redact(text: string): string {
  return text
    .replace(/kd_(api|scim|link|ses|code|ref)_[0-9A-Za-z_-]+/g, 'kd_$1_[redacted]')
    .replace(/kd([ps])_[0-9A-Za-z_-]+/g, 'kd$1_[redacted]')
    .replace(/\b(Bearer|SSWS|DPoP|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]')
    .replace(/(postgres(?:ql)?|smtps?):\/\/[^@\s/]*@/gi, '$1://[redacted]@')
}

function describe(error: unknown): Record<string, unknown> {
  if (error === undefined) return {}
  if (!(error instanceof Error)) return { errorMessage: oneLine(String(error)) }
  return {
    errorName: error.name,
    errorMessage: oneLine(error.message),
    stack: redact(error.stack ?? '').slice(0, 4000),
  }
}
