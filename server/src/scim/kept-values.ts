/**
 * What users have of a schema outlives its removal. When a schema of the same URN is added again, with
 * attributes of other types, values that are none of them any longer are dropped.
 */
import { isDeepStrictEqual } from 'node:util'
import {
  isRecord,
  type Json,
  type JsonObject,
  type ResourceType,
  readResource,
  type Schema,
  ScimError,
  withExtensions,
} from '@keydesk/scim'
import type { Tx } from '#platform'
import * as store from './extension-schemas.store.ts'
import { plainUserType } from './member-extension.ts'
import { within } from './shadow.store.ts'

const AT_ONCE = 1000

/** Drops what does not fit a schema that is being added: in the workspace, and in its shadow copies. */
export async function dropMisfits(tx: Tx, schema: Schema): Promise<void> {
  // Who lacks a required attribute has to be given it; that makes no other value of theirs wrong.
  const attributes = schema.attributes.map((one) => ({ ...one, required: false }))
  const type = withExtensions(plainUserType, [{ ...schema, attributes }])
  await dropIn(tx, schema, type)
  for (const shadow of await store.listShadows(tx))
    await within(tx, shadow, (there) => dropIn(there, schema, type))
}

async function dropIn(tx: Tx, schema: Schema, type: ResourceType): Promise<void> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows = await store.listKept(tx, schema.id, { after, limit: AT_ONCE })
    const changes = rows.flatMap(({ id, kept }) => {
      const fitting = fittingOf(kept, schema, type)
      return fitting === kept ? [] : [{ id, kept: fitting }]
    })
    await store.setKept(tx, schema.id, changes)
    after = rows.length < AT_ONCE ? undefined : rows.at(-1)?.id
  }
}

/** The attributes that fit: the very object when all do. What the schema does not name stays, unseen. */
function fittingOf(kept: Json, schema: Schema, type: ResourceType): JsonObject {
  if (!isRecord(kept)) return {}
  if (fits(kept, schema.id, type)) return kept
  const named = new Set(schema.attributes.map(({ name }) => name))
  const entries = Object.entries(kept)
  const fitting = entries.filter(
    ([name, value]) => !named.has(name) || fits({ [name]: value }, schema.id, type),
  )
  return fitting.length === entries.length ? kept : Object.fromEntries(fitting)
}

// Values fit when the kernel would read them as they are.
function fits(values: JsonObject, urn: string, type: ResourceType): boolean {
  const user = { schemas: [type.schema.id, urn], userName: 'anybody', [urn]: values }
  try {
    const read = readResource(user, type).resource[urn]
    return isDeepStrictEqual(JSON.parse(JSON.stringify(read ?? null)), values)
  } catch (error) {
    if (error instanceof ScimError) return false
    throw error
  }
}
