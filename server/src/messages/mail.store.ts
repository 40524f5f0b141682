import { sql } from 'kysely'
import type { Tx } from '#platform'

export interface MailRow {
  id: string
  recipient: string
  subject: string
  bodySealed: Buffer
  state: string
  attempts: number
}

export async function insertMail(
  tx: Tx,
  mail: { id: string; recipient: string; subject: string; bodySealed: Buffer },
): Promise<void> {
  await tx.db
    .insertInto('mails')
    .values({ tenantId: tx.tenantId, ...mail })
    .execute()
}

/** A mail that still has to go out, locked so that no other process sends it too. */
export function takeMail(tx: Tx, id: string): Promise<MailRow | undefined> {
  return tx.db
    .selectFrom('mails')
    .select(['id', 'recipient', 'subject', 'bodySealed', 'state', 'attempts'])
    .where('id', '=', id)
    .where('state', '!=', 'sent')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
}

export async function markSent(tx: Tx, id: string): Promise<void> {
  await tx.db
    .updateTable('mails')
    .set({ state: 'sent', sentAt: sql`now()`, attempts: sql`attempts + 1`, failure: null })
    .where('id', '=', id)
    .execute()
}

export async function markFailed(tx: Tx, id: string, failure: string): Promise<void> {
  await tx.db
    .updateTable('mails')
    .set({ state: 'failed', attempts: sql`attempts + 1`, failure })
    .where('id', '=', id)
    .execute()
}
