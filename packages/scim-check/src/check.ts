/** What a check is: data that says what is asked and by whom, and one function that asks it. */
import type { Session } from './session.ts'
import type { Exchange } from './wire.ts'

/** MUST, SHOULD and MAY are the RFCs' words. CLIENT is what an identity provider sends or needs, whatever the RFCs say. */
export type Requirement = 'MUST' | 'SHOULD' | 'MAY' | 'CLIENT'

/** In the order in which they run. */
export const GROUPS = [
  'Discovery',
  'Reading',
  'Filters',
  'Creating',
  'Replacing',
  'Patching',
  'Deleting',
  'Groups',
  'Paging',
  'Sorting',
  'Search',
  'Versions',
  'Bulk',
  'Me',
  'Errors',
  'Okta AIW',
  'Okta OIN',
  'Entra',
  'OneLogin',
  'JumpCloud',
  'Ping',
] as const

export type GroupName = (typeof GROUPS)[number]

/** What a server may offer or not. It is asked for in `/ServiceProviderConfig` and `/ResourceTypes`. */
export type Capability =
  | 'patch'
  | 'bulk'
  | 'filter'
  | 'changePassword'
  | 'sort'
  | 'etag'
  | 'cursor'
  | 'groups'
  | 'enterprise'

export interface CheckBody {
  /** `group.what`, in kebab-case. Reports and `only` name a check by it; it is never reused. */
  id: string
  /** A sentence about the server that is true when the check passes. */
  title: string
  requirement: Requirement
  /** `RFC 7644 §3.3`, or the client. */
  source: string
  /** What to change in the server when it fails. */
  remedy: string
  /** Skipped when the server says that it does not offer one of these. */
  needs?: readonly Capability[]
  /** Changes something, so a read-only run leaves it out. */
  writes?: boolean
  /** Returns when the server does what the title says; otherwise throws a verdict of `expect.ts`. */
  run(session: Session): Promise<void>
}

export interface Check extends CheckBody {
  group: GroupName
}

export type Status = 'pass' | 'fail' | 'warn' | 'skip'

export interface CheckResult extends Omit<Check, 'run' | 'needs' | 'writes'> {
  status: Status
  /** Why it did not pass. Absent for a pass. */
  message?: string
  ms: number
  /** What went over the wire, without secrets. */
  exchanges: Exchange[]
}

/** Checks of one group. */
export function checksOf(group: GroupName, bodies: readonly CheckBody[]): Check[] {
  return bodies.map((body) => ({ ...body, group }))
}
