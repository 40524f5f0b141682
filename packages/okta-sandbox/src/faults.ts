/** Faults on request: what tests ask this Okta to do wrong, how often, and to whom. */
import { type Random, randomOf } from './ids.ts'

const FAULT_KINDS = [
  'status',
  '429',
  '500',
  'timeout',
  'cut-before-effect',
  'cut-after-effect',
  'half-body',
  'empty-list',
  'empty-page-with-next',
  'delay',
  'concurrency-429',
  'stale',
] as const
type FaultKind = (typeof FAULT_KINDS)[number]

export type Fault = {
  id: string
  match: { method?: string; path?: string }
  kind: FaultKind
  /** How often it may still strike; null is for ever. */
  times: number | null
  hits: number
  delayMs: number
  /** Strikes this share of the matching requests, drawn from a seeded generator. */
  share: number
  status: number
  /** How far off the reset of a '429' is. */
  resetSeconds: number
}

export type Faults = { list: Fault[]; made: number; random: Random }

export function makeFaults(seed: string): Faults {
  return { list: [], made: 0, random: randomOf(`${seed}/faults`) }
}

/** Adds a fault from a request body, or says what is wrong with it. */
export function addFault(faults: Faults, body: Record<string, unknown>): Fault | string {
  const kind = FAULT_KINDS.find((known) => known === body['kind'])
  if (!kind) return `kind must be one of ${FAULT_KINDS.join(', ')}.`
  const number = (key: string, otherwise: number) =>
    typeof body[key] === 'number' ? (body[key] as number) : otherwise
  faults.made += 1
  const fault: Fault = {
    id: `flt${faults.made}`,
    match: (body['match'] ?? {}) as Fault['match'],
    kind,
    times: typeof body['times'] === 'number' ? body['times'] : null,
    hits: 0,
    delayMs: number('delayMs', kind === 'timeout' ? 120_000 : 0),
    share: number('share', 1),
    status: number('status', 503),
    resetSeconds: number('resetSeconds', 1),
  }
  faults.list.push(fault)
  return fault
}

/** The fault that strikes this request, counted; the oldest that matches goes first. */
export function strike(faults: Faults, method: string, url: string): Fault | undefined {
  const fault = faults.list.find((one) => one.times !== 0 && fits(one, method, url) && drawn(faults, one))
  if (!fault) return undefined
  fault.hits += 1
  if (fault.times !== null) fault.times -= 1
  return fault
}

function drawn(faults: Faults, fault: Fault): boolean {
  return fault.share >= 1 || faults.random() < fault.share
}

/** A path that begins with `^` is a regular expression over path and query, else a prefix. */
function fits({ match }: Fault, method: string, url: string): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== method) return false
  if (match.path === undefined) return true
  return match.path.startsWith('^') ? new RegExp(match.path).test(url) : url.startsWith(match.path)
}
