/**
 * A POST with an `Idempotency-Key` happens once. The key is taken by the first transaction of the
 * act, so the act and the memory of it are committed together; the answer is kept beside it and
 * given again to whoever repeats the call.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { type Context, type Tx, transact } from './context.ts'
import { AppError } from './errors.ts'

export interface IdempotencyKey {
  key: string
  /** What was called with what: the same key with another call is a mistake of the caller. */
  fingerprint: Buffer
  taken: boolean
}

export interface KeptAnswer {
  status: number
  body: string
}

export function idempotencyKey(key: string, method: string, path: string, body: unknown): IdempotencyKey {
  const fingerprint = createHash('sha256')
    .update(`${method} ${path}\n${JSON.stringify(body ?? null)}`)
    .digest()
  return { key, fingerprint, taken: false }
}

/**
 * The answer that was given for this key before, if it was.
 * @throws AppError `key_reused` for another call, `idempotency_conflict` while there is no answer yet
 */
export async function findAnswer(ctx: Context, wanted: IdempotencyKey): Promise<KeptAnswer | undefined> {
  const row = await transact({ ...ctx, idempotency: null }, (tx) =>
    tx.db
      .selectFrom('idempotencyKeys')
      .select(['fingerprint', 'status', 'answer'])
      .where('actorId', '=', ctx.actor.id)
      .where('key', '=', wanted.key)
      .executeTakeFirst(),
  )
  if (!row) return undefined
  if (!row.fingerprint.equals(wanted.fingerprint))
    throw new AppError(
      'key_reused',
      'This Idempotency-Key was used for another call. Use a new key for a new act.',
    )
  if (row.status === null || row.answer === null) throw inProgress()
  return { status: row.status, body: row.answer }
}

/** Takes the key in the transaction of the act. Waits for a call that holds it, and then refuses. */
export async function claimKey(tx: Tx, wanted: IdempotencyKey): Promise<void> {
  if (wanted.taken) return
  const taken = await tx.db
    .insertInto('idempotencyKeys')
    .values({ tenantId: tx.tenantId, actorId: tx.actor.id, key: wanted.key, fingerprint: wanted.fingerprint })
    .onConflict((oc) => oc.doNothing())
    .returning('key')
    .executeTakeFirst()
  if (!taken) throw inProgress()
  wanted.taken = true
}

/** Keeps the answer of a call whose transaction took the key. */
export async function keepAnswer(ctx: Context, key: IdempotencyKey, answer: KeptAnswer): Promise<void> {
  await transact({ ...ctx, idempotency: null }, (tx) =>
    tx.db
      .updateTable('idempotencyKeys')
      .set({ status: answer.status, answer: answer.body })
      .where('actorId', '=', ctx.actor.id)
      .where('key', '=', key.key)
      .execute(),
  )
}

/** Forgets keys older than two days: a client that repeats does so within minutes. */
export async function forgetOldKeys(ctx: Context): Promise<void> {
  await transact(ctx, (tx) =>
    tx.db
      .deleteFrom('idempotencyKeys')
      .where('createdAt', '<', sql<Date>`now() - interval '2 days'`)
      .execute(),
  )
}

function inProgress(): AppError {
  return new AppError(
    'idempotency_conflict',
    'A call with this Idempotency-Key was begun and its answer is not known. Read the thing itself to see whether it took effect.',
  )
}
