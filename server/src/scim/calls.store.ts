import { type Evidence, isRecord, noEvidence } from '@keydesk/scim'
import { type RawBuilder, sql } from 'kysely'
import { newIdAt, type Tx } from '#platform'
import type { CallRecord } from './calls.ts'

/** A line as it is written down, its texts redacted. */
export interface CallLine extends CallRecord {
  times: number
  /** Its number in the process. */
  nth: number
}

export interface CallRow {
  id: string
  serviceUserId: string | null
  at: Date
  method: string
  path: string
  status: number
  milliseconds: number
  memberId: string | null
  roleId: string | null
  subject: string | null
  request: string | null
  answer: string | null
  deviations: string[]
  times: number
  shadow: boolean
  held: boolean
  reason: string | null
  ip: string | null
  userAgent: string | null
}

export interface Visits {
  calls: number
  failures: number
  firstAt: Date | undefined
  lastAt: Date | undefined
}

const columns = sql.raw(
  'id, service_user_id, at, method, path, status, milliseconds, member_id, role_id, subject, request, answer, deviations, times, shadow, held, reason, ip, user_agent',
)

/** Writes lines in one statement. Whom a line names by id alone is named as they are called now. */
export async function insertCalls(tx: Tx, lines: readonly CallLine[]): Promise<void> {
  const of = (pick: (line: CallLine) => unknown) => lines.map(pick)
  await sql`
    insert into scim_calls (tenant_id, ${columns})
    select ${tx.tenantId}, id, service_user_id, at, method, path, status, milliseconds, member_id, role_id,
      coalesce(subject, (select display_name from members m where m.id = lines.member_id),
        (select name from roles r where r.id = lines.role_id)),
      request, answer, coalesce(string_to_array(nullif(deviations, ''), chr(31)), '{}'), times, shadow,
      held, reason, ip, user_agent
    from unnest(
      ${of((line) => newIdAt('cal', line.at, line.nth))}::text[],
      ${of((line) => line.serviceUserId)}::text[],
      ${of((line) => line.at)}::timestamptz[],
      ${of((line) => line.method.slice(0, 20))}::text[],
      ${of((line) => line.path)}::text[],
      ${of((line) => line.status)}::int[],
      ${of((line) => line.milliseconds)}::real[],
      ${of((line) => line.memberId)}::text[],
      ${of((line) => line.roleId)}::text[],
      ${of((line) => line.subject)}::text[],
      ${of((line) => line.request)}::text[],
      ${of((line) => line.answer)}::text[],
      ${of((line) => line.deviations.map((text) => text.replaceAll('\x1f', ' ')).join('\x1f'))}::text[],
      ${of((line) => line.times)}::int[],
      ${of((line) => line.shadow)}::bool[],
      ${of((line) => line.held)}::bool[],
      ${of((line) => line.reason ?? null)}::text[],
      ${of((line) => line.ip)}::text[],
      ${of((line) => line.userAgent)}::text[]
    ) as lines (id, service_user_id, at, method, path, status, milliseconds, member_id, role_id, subject,
      request, answer, deviations, times, shadow, held, reason, ip, user_agent)`.execute(tx.db)
}

/**
 * Counts calls of a connection. The usual gap follows the gaps between visits that are longer than a
 * minute; one gap moves it by less than a third, so that a weekend does not count for a week.
 */
export async function noteVisits(tx: Tx, serviceUserId: string, visits: Visits): Promise<void> {
  await sql`
    insert into scim_traffic as t (tenant_id, service_user_id, calls, failures, first_call_at, last_call_at)
    select ${tx.tenantId}, id, ${visits.calls}::bigint, ${visits.failures}::bigint, ${visits.firstAt}::timestamptz,
      ${visits.lastAt}::timestamptz
    from service_users where id = ${serviceUserId}
    on conflict (tenant_id, service_user_id) do update set
      calls = t.calls + excluded.calls,
      failures = t.failures + excluded.failures,
      first_call_at = least(t.first_call_at, excluded.first_call_at),
      last_call_at = greatest(t.last_call_at, excluded.last_call_at),
      usual_gap_seconds = case
        when excluded.first_call_at - t.last_call_at <= interval '1 minute' then t.usual_gap_seconds
        when t.usual_gap_seconds is null then extract(epoch from excluded.first_call_at - t.last_call_at)
        else t.usual_gap_seconds + 0.3 * (
          least(t.usual_gap_seconds * 2, greatest(t.usual_gap_seconds / 2,
            extract(epoch from excluded.first_call_at - t.last_call_at))) - t.usual_gap_seconds)
      end`.execute(tx.db)
}

/** What was seen of a connection's client so far. */
export async function findEvidence(tx: Tx, serviceUserId: string): Promise<Evidence> {
  const row = await tx.db
    .selectFrom('scimTraffic')
    .select('evidence')
    .where('serviceUserId', '=', serviceUserId)
    .forUpdate()
    .executeTakeFirst()
  return evidenceOf(row?.evidence)
}

export async function saveEvidence(tx: Tx, serviceUserId: string, evidence: Evidence): Promise<void> {
  await tx.db
    .updateTable('scimTraffic')
    .set({ evidence: JSON.stringify(evidence) })
    .where('serviceUserId', '=', serviceUserId)
    .execute()
}

/** Evidence as it stands in the database, where it begins as an empty object. */
export function evidenceOf(kept: unknown): Evidence {
  return isRecord(kept) && isRecord(kept['seen']) ? (kept as unknown as Evidence) : noEvidence
}

export interface CallQuery {
  serviceUserId: string
  outcome?: 'done' | 'refused' | 'held' | 'failed' | undefined
  method?: string | undefined
  memberId?: string | undefined
  search?: string | undefined
  /** Only lines older than this one. */
  before?: string | undefined
  limit: number
}

const OUTCOMES = {
  done: sql`not held and status < 400`,
  refused: sql`not held and status between 400 and 499`,
  failed: sql`not held and status >= 500`,
  held: sql`held`,
} as const

/**
 * The newest lines of a connection, with those of strangers: a token that was pasted wrongly belongs to
 * nobody, and whoever looks for it looks here.
 */
export async function listCalls(tx: Tx, query: CallQuery): Promise<{ rows: CallRow[]; total: number }> {
  const conditions: RawBuilder<unknown>[] = []
  if (query.outcome) conditions.push(OUTCOMES[query.outcome])
  if (query.method) conditions.push(sql`method = ${query.method}`)
  if (query.memberId) conditions.push(sql`member_id = ${query.memberId}`)
  if (query.search) {
    const like = `%${query.search.replace(/[\\%_]/g, (c) => `\\${c}`)}%`
    conditions.push(sql`(path ilike ${like} or subject ilike ${like})`)
  }
  const all = conditions.map((condition) => sql`and ${condition}`)
  const filtered = sql.join(all, sql` `)
  const before = query.before ? sql`and id < ${query.before}` : sql``
  const newest = (whose: RawBuilder<unknown>) =>
    sql`(select ${columns} from scim_calls where ${whose} ${filtered} ${before} order by id desc limit ${query.limit})`
  const mine = sql`service_user_id = ${query.serviceUserId}`
  const { rows } = await sql<CallRow>`
    select * from (${newest(mine)} union all ${newest(sql`service_user_id is null`)}) as lines
    order by id desc limit ${query.limit}`.execute(tx.db)
  const counted = await sql<{ total: number }>`
    select count(*) as total from scim_calls
    where (${mine} or service_user_id is null) ${filtered}`.execute(tx.db)
  return { rows, total: counted.rows[0]?.total ?? 0 }
}

/** The newest lines about a member, from every connection. */
export async function listCallsOf(tx: Tx, memberId: string, limit: number): Promise<CallRow[]> {
  const { rows } = await sql<CallRow>`
    select ${columns} from scim_calls where member_id = ${memberId} order by id desc limit ${limit}`.execute(
    tx.db,
  )
  return rows
}

export async function findCall(tx: Tx, id: string): Promise<CallRow | undefined> {
  const { rows } = await sql<CallRow>`select ${columns} from scim_calls where id = ${id}`.execute(tx.db)
  return rows[0]
}

/** How the last calls of a connection ended, newest first. */
export async function listLastCalls(tx: Tx, serviceUserId: string, limit: number): Promise<CallRow[]> {
  const { rows } = await sql<CallRow>`
    select ${columns} from scim_calls where service_user_id = ${serviceUserId}
    order by id desc limit ${limit}`.execute(tx.db)
  return rows
}

/** Deletes lines that are too old, a part at a time. @returns how many */
export async function deleteCallsBefore(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from scim_calls where id in
      (select id from scim_calls where at < ${before} limit ${limit})`.execute(tx.db)
  return Number(numAffectedRows ?? 0)
}

/** Deletes what a connection (null: strangers) has beyond its newest lines, a part at a time. @returns how many */
export async function deleteCallsBeyond(
  tx: Tx,
  serviceUserId: string | null,
  kept: number,
  limit: number,
): Promise<number> {
  const whose =
    serviceUserId === null ? sql`service_user_id is null` : sql`service_user_id = ${serviceUserId}`
  const { numAffectedRows } = await sql`
    delete from scim_calls where id in (
      select id from scim_calls where ${whose} and id <=
        (select id from scim_calls where ${whose} order by id desc offset ${kept} limit 1)
      order by id limit ${limit})`.execute(tx.db)
  return Number(numAffectedRows ?? 0)
}

/** The connections that have lines, and null when strangers have. */
export async function listCallers(tx: Tx): Promise<(string | null)[]> {
  const { rows } = await sql<{ id: string | null }>`
    select service_user_id as id from scim_traffic union all select null`.execute(tx.db)
  return rows.map((row) => row.id)
}
