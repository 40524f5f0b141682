import { type SqlBool, sql } from 'kysely'
import type { Tx } from '#platform'

/** Holds a role for the rest of the transaction, so that changes of its members happen one after another. */
export async function lockRole(tx: Tx, id: string): Promise<void> {
  await tx.db.selectFrom('roles').select('id').where('id', '=', id).forNoKeyUpdate().execute()
}

/** Gives roles a new version, because who has them changed. Always in one order, so that two never wait for each other. */
export async function touchRoles(tx: Tx, ids: readonly string[]): Promise<void> {
  for (const id of [...ids].sort())
    await tx.db
      .updateTable('roles')
      .set({ version: sql`version + 1`, updatedAt: sql`now()` })
      .where('id', '=', id)
      .execute()
}

/** Sets what the provider calls a role; nothing happens when it is called so already. */
export async function setRoleExternalId(tx: Tx, id: string, externalId: string | null): Promise<void> {
  await tx.db
    .updateTable('roles')
    .set({ externalId, version: sql`version + 1`, updatedAt: sql`now()` })
    .where('id', '=', id)
    .where(sql<SqlBool>`external_id is distinct from ${externalId}`)
    .execute()
}
