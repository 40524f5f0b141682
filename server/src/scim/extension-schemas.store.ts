import type { Json } from '@keydesk/scim'
import { sql } from 'kysely'
import { type Platform, readAs, type Statement, type Tx } from '#platform'

export interface SchemaRow {
  id: string
  name: string
  description: string
  attributes: unknown
}

const LIST: Statement = {
  name: 'list_scim_schemas',
  text: 'select id, name, description, attributes from scim_schemas order by created_at, id',
}

/** The schemas of a workspace, in the order they were added. */
export function readSchemas(platform: Platform, tenantId: string): Promise<SchemaRow[]> {
  return readAs<SchemaRow>(platform, tenantId, LIST, [])
}

export function listSchemas(tx: Tx): Promise<SchemaRow[]> {
  return tx.db
    .selectFrom('scimSchemas')
    .select(['id', 'name', 'description', 'attributes'])
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
}

/** Lets one schema at a time be added, so that they are counted and compared one after the other. */
export async function lockSchemas(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`scim_schemas ${tx.tenantId}`}, 0))`.execute(
    tx.db,
  )
}

export async function insertSchema(
  tx: Tx,
  schema: { id: string; name: string; description: string; attributes: Json },
): Promise<void> {
  await tx.db
    .insertInto('scimSchemas')
    .values({ tenantId: tx.tenantId, ...schema, attributes: JSON.stringify(schema.attributes) })
    .execute()
}

export async function deleteSchema(tx: Tx, id: string): Promise<SchemaRow | undefined> {
  return tx.db
    .deleteFrom('scimSchemas')
    .where(sql`lower(id)`, '=', id.toLowerCase())
    .returning(['id', 'name', 'description', 'attributes'])
    .executeTakeFirst()
}
