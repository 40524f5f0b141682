import { sql } from 'kysely'
import type { Tx } from '#platform'
import type { Import } from '../contract.ts'

export type Phase = Import['phase']
export type Counts = Import['counts']
export type Failure = NonNullable<Import['failure']>

/** Where a phase stands: the next page, and for nested listings the parent that is being read. */
export interface Cursor {
  next: string | null
  /** The last parent that was read to its end; parents are taken in the order of their ids. */
  after: string | null
  current: { id: string; type: string } | null
}

export interface Position {
  phase: Phase
  cursor: Cursor | null
  done: number
  total: number | null
  counts: Counts
}

export interface ImportRow extends Position {
  id: string
  connectionId: string
  state: Import['state']
  attempt: number
  fruitless: number
  phaseBeganAt: Date
  failure: Failure | null
  startedAt: Date
  endedAt: Date | null
}

/** Longer than a worker that lives is ever silent, shorter than people notice. */
const LEASE = sql`now() + interval '6 seconds'`

/** Begins an import; undefined when one of the connection is running. */
export async function insertImport(
  tx: Tx,
  row: { id: string; connectionId: string; counts: Counts; total: number | null },
): Promise<boolean> {
  const { rows } = await sql`
    insert into okta_imports (tenant_id, id, connection_id, counts, total, lease_until)
    values (${tx.tenantId}, ${row.id}, ${row.connectionId}, ${JSON.stringify(row.counts)}::jsonb, ${row.total}, ${LEASE})
    on conflict (tenant_id, connection_id) where state = 'running' do nothing
    returning id`.execute(tx.db)
  return rows.length > 0
}

export async function findImport(tx: Tx, id: string): Promise<ImportRow | undefined> {
  return first(await sql<ImportRow>`select * from okta_imports where id = ${id}`.execute(tx.db))
}

export async function findLastImport(
  tx: Tx,
  connectionId: string,
  state?: Import['state'],
): Promise<ImportRow | undefined> {
  return first(
    await sql<ImportRow>`
      select * from okta_imports
      where connection_id = ${connectionId} and (${state ?? null}::text is null or state = ${state ?? null})
      order by started_at desc, id desc limit 1`.execute(tx.db),
  )
}

/** Takes an import up. From now on only this attempt may write; undefined when another one has it. */
export async function claimImport(tx: Tx, id: string, attempt: number): Promise<ImportRow | undefined> {
  return first(
    await sql<ImportRow>`
      update okta_imports set attempt = attempt + 1, fruitless = fruitless + 1, lease_until = ${LEASE}
      where id = ${id} and state = 'running' and attempt = ${attempt}
      returning *`.execute(tx.db),
  )
}

export async function renewLease(tx: Tx, id: string, attempt: number): Promise<boolean> {
  const { rows } = await sql`
    update okta_imports set lease_until = ${LEASE}
    where id = ${id} and attempt = ${attempt} and state = 'running' returning id`.execute(tx.db)
  return rows.length > 0
}

/** Lets go of an import that goes on elsewhere, or here again. */
export async function releaseLease(tx: Tx, id: string, attempt: number): Promise<void> {
  await sql`update okta_imports set lease_until = now()
    where id = ${id} and attempt = ${attempt} and state = 'running'`.execute(tx.db)
}

/** Running imports that nobody works on. Each is named once in three seconds, so it is enqueued once. */
export async function takeAbandoned(tx: Tx): Promise<{ id: string; attempt: number }[]> {
  const { rows } = await sql<{ id: string; attempt: number }>`
    update okta_imports set lease_until = now() + interval '3 seconds'
    where id in (
      select id from okta_imports where state = 'running' and lease_until <= now() for update skip locked)
    returning id, attempt`.execute(tx.db)
  return rows
}

/** Moves an import on, with the page that was read. False when this attempt lost its place. */
export async function advanceImport(
  tx: Tx,
  id: string,
  attempt: number,
  { phase, cursor, done, total, counts }: Position,
): Promise<boolean> {
  const { rows } = await sql`
    update okta_imports set cursor = ${cursor && JSON.stringify(cursor)}::jsonb, done = ${done}, total = ${total},
      counts = ${JSON.stringify(counts)}::jsonb, fruitless = 0, lease_until = ${LEASE},
      phase_began_at = case when phase = ${phase} then phase_began_at else clock_timestamp() end, phase = ${phase}
    where id = ${id} and attempt = ${attempt} and state = 'running' returning id`.execute(tx.db)
  return rows.length > 0
}

export async function endImport(
  tx: Tx,
  id: string,
  attempt: number,
  end:
    | { state: 'complete'; counts: Counts }
    | { state: 'failed'; failure: Failure; counts: Counts | undefined },
): Promise<boolean> {
  const counts = end.counts ? JSON.stringify(end.counts) : null
  const failure = 'failure' in end ? JSON.stringify(end.failure) : null
  const { rows } = await sql`
    update okta_imports set state = ${end.state}, failure = ${failure}::jsonb, cursor = null,
      counts = coalesce(${counts}::jsonb, counts), ended_at = clock_timestamp()
    where id = ${id} and attempt = ${attempt} and state = 'running' returning id`.execute(tx.db)
  return rows.length > 0
}

/**
 * Prepares a transaction for the statements that end an import. They join rows that were written a moment
 * ago, of which PostgreSQL has no statistics yet: left to itself it may choose nested loops, and a join
 * of a few hundred people then takes longer than any statement may.
 */
export async function prepareForFinish(tx: Tx): Promise<void> {
  await sql`set local enable_nestloop = off`.execute(tx.db)
  await sql`set local statement_timeout = '120s'`.execute(tx.db)
}

/** Ends the running import of a connection that is let go of, whoever works on it. */
export async function stopImports(tx: Tx, connectionId: string, failure: Failure): Promise<void> {
  await sql`
    update okta_imports set state = 'failed', failure = ${JSON.stringify(failure)}::jsonb, cursor = null,
      attempt = attempt + 1, ended_at = clock_timestamp()
    where connection_id = ${connectionId} and state = 'running'`.execute(tx.db)
}

/** Okta's ids of the people that an import has seen: they are who Okta's group Everyone holds. */
export async function listSeenUsers(
  tx: Tx,
  { connectionId, importId }: { connectionId: string; importId: string },
  after: string | null,
  limit: number,
): Promise<string[]> {
  const rows = await tx.db
    .selectFrom('people')
    .select('oktaUserId')
    .where('connectionId', '=', connectionId)
    .where('importId', '=', importId)
    .where('oktaUserId', '>', after ?? '')
    .orderBy('oktaUserId')
    .limit(limit)
    .execute()
  return rows.map(({ oktaUserId }) => oktaUserId)
}

function first({ rows }: { rows: ImportRow[] }): ImportRow | undefined {
  return rows[0]
}
