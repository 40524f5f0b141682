import type { Json, JsonObject } from '@keydesk/scim'
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

/** What members have under the URN of a schema, locked, in the order of their ids. */
export async function listKept(
  tx: Tx,
  urn: string,
  { after, limit }: { after: string; limit: number },
): Promise<{ id: string; kept: Json }[]> {
  const { rows } = await sql<{ id: string; kept: Json }>`
    select id, scim -> ${urn}::text as kept from members
    where scim ? ${urn}::text and id > ${after} order by id limit ${limit} for no key update`.execute(tx.db)
  return rows
}

/** Replaces it. Who has nothing left does not name the schema either. */
export async function setKept(
  tx: Tx,
  urn: string,
  changes: readonly { id: string; kept: JsonObject }[],
): Promise<void> {
  if (changes.length === 0) return
  await sql`
    update members m set scim = case when r.kept = '{}'
      then jsonb_set(m.scim - ${urn}::text, '{schemas}', (m.scim -> 'schemas') - ${urn}::text)
      else jsonb_set(m.scim, array[${urn}::text], r.kept) end
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as r(id text, kept jsonb)
    where m.id = r.id`.execute(tx.db)
}

/** The copies that connections of this workspace work on. */
export async function listShadows(tx: Tx): Promise<string[]> {
  const rows = await tx.db
    .selectFrom('serviceUsers')
    .select('shadowTenantId')
    .where('shadowTenantId', 'is not', null)
    .execute()
  return rows.flatMap(({ shadowTenantId }) => shadowTenantId ?? [])
}
