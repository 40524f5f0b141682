/** The answers that are kept beside idempotency keys, and given again to whoever repeats a call. */
import { sql } from 'kysely'
import { type Context, transact } from './context.ts'
import { AppError } from './errors.ts'
import { type IdempotencyKey, inProgress } from './idempotency.ts'
import { seal, unseal } from './platform.ts'

export interface KeptAnswer {
  status: number
  body: string
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
  return {
    status: row.status,
    body: await unseal({ ...ctx, idempotency: null }, placeOf(ctx, wanted), row.answer),
  }
}

/** Keeps the answer of a call whose transaction took the key. */
export async function keepAnswer(ctx: Context, key: IdempotencyKey, answer: KeptAnswer): Promise<void> {
  const sealed = await seal({ ...ctx, idempotency: null }, placeOf(ctx, key), answer.body)
  await transact({ ...ctx, idempotency: null }, (tx) =>
    tx.db
      .updateTable('idempotencyKeys')
      .set({ status: answer.status, answer: sealed })
      .where('actorId', '=', ctx.actor.id)
      .where('key', '=', key.key)
      .execute(),
  )
}

function placeOf(ctx: Context, { key }: IdempotencyKey) {
  return { table: 'idempotency_keys', column: 'answer', id: `${ctx.actor.id} ${key}` }
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
