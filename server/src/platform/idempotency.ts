/**
 * A POST with an `Idempotency-Key` happens once. The key is taken by the first transaction of the
 * act, so the act and the memory of it are committed together; the answer is kept beside it and
 * given again to whoever repeats the call.
 */
import { createHash } from 'node:crypto'
import type { Tx } from './context.ts'
import { AppError } from './errors.ts'

export interface IdempotencyKey {
  key: string
  /** What was called with what: the same key with another call is a mistake of the caller. */
  fingerprint: Buffer
  taken: boolean
}

export function idempotencyKey(key: string, method: string, path: string, body: unknown): IdempotencyKey {
  const fingerprint = createHash('sha256')
    .update(`${method} ${path}\n${JSON.stringify(body ?? null)}`)
    .digest()
  return { key, fingerprint, taken: false }
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

/** The error of a call whose twin was begun and has not answered. */
export function inProgress(): AppError {
  return new AppError(
    'idempotency_conflict',
    'A call with this Idempotency-Key was begun and its answer is not known. Read the thing itself to see whether it took effect.',
  )
}
