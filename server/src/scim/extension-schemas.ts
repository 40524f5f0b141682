/** Attributes of users beyond the standard ones, which a workspace adds while Keydesk runs (RFC 7643 §7). */
import {
  type Attribute,
  type Json,
  type JsonObject,
  type ResourceType,
  readSchema,
  type Schema,
  ScimError,
  withExtensions,
} from '@keydesk/scim'
import { forgetRendered } from '#accounts'
import { AppError, type Context, notFound, type Platform, transact } from '#platform'
import type { ScimSchema } from './contract.ts'
import { schemaAdded, schemaRemoved } from './events.ts'
import * as store from './extension-schemas.store.ts'
import { dropMisfits } from './kept-values.ts'
import { plainUserType } from './member-extension.ts'

/** How long a process goes by what it read: another one may have added a schema meanwhile. */
const FRESH_MS = 1000
/** Each schema is looked through for each user that is written. */
const MOST_SCHEMAS = 20

interface Known {
  type: Promise<ResourceType>
  readAt: number
}

const knownTypes = new WeakMap<Platform, Map<string, Known>>()
/** The same type again while the schemas are the same: what the kernel works out of a type, it keeps by it. */
const made = new WeakMap<Platform, Map<string, { text: string; type: ResourceType }>>()

/**
 * What a user is in a workspace: the standard schemas, Keydesk's own, and what the workspace added. For the
 * hot path: read once a second at most, and at once after a change by this process.
 * @param tenantId the workspace itself, also for a connection that works on its shadow
 */
export function userTypeOf(platform: Platform, tenantId: string): Promise<ResourceType> {
  const types = mapOf(knownTypes, platform)
  const known = types.get(tenantId)
  if (known && performance.now() - known.readAt < FRESH_MS) return known.type
  const type = readType(platform, tenantId)
  types.set(tenantId, { type, readAt: performance.now() })
  type.catch(() => types.delete(tenantId))
  return type
}

async function readType(platform: Platform, tenantId: string): Promise<ResourceType> {
  const rows = await store.readSchemas(platform, tenantId)
  if (rows.length === 0) return plainUserType
  const text = JSON.stringify(rows)
  const types = mapOf(made, platform)
  const before = types.get(tenantId)
  if (before?.text === text) return before.type
  const type = withExtensions(plainUserType, rows.map(schemaOf))
  types.set(tenantId, { text, type })
  return type
}

function mapOf<Value>(maps: WeakMap<Platform, Map<string, Value>>, platform: Platform): Map<string, Value> {
  const known = maps.get(platform) ?? new Map<string, Value>()
  maps.set(platform, known)
  return known
}

function schemaOf({ id, name, description, attributes }: store.SchemaRow): Schema {
  return { id, name, description, attributes: attributes as Schema['attributes'] }
}

export async function listSchemas(ctx: Context): Promise<ScimSchema[]> {
  return (await transact(ctx, store.listSchemas)).map(viewOf)
}

/**
 * Adds a schema. Providers can use it from their next call on.
 * @throws AppError `invalid_input` naming the attribute that cannot be used; `conflict` when it is there
 */
export async function addSchema(ctx: Context, input: ScimSchema): Promise<ScimSchema> {
  const schema = readDefinition(input)
  await transact(ctx, async (tx) => {
    await store.lockSchemas(tx)
    const there = await store.listSchemas(tx)
    if (there.some(({ id }) => id.toLowerCase() === schema.id.toLowerCase()))
      throw new AppError(
        'conflict',
        `The schema ${schema.id} is there already. Remove it first to change it.`,
      )
    if (there.length >= MOST_SCHEMAS)
      throw new AppError(
        'conflict',
        `A workspace can have ${MOST_SCHEMAS} schemas. Put more attributes into one of them.`,
      )
    await store.insertSchema(tx, { ...schema, attributes: schema.attributes as unknown as Json })
    // What was sent under this URN before it was removed once is seen again, so far as it fits.
    await dropMisfits(tx, schema)
    await forgetRendered(tx)
    schemaAdded(tx, [tx.tenantId], { name: schema.name, id: schema.id, attributes: namesOf(schema) })
  })
  forgetType(ctx)
  return viewOf(schema)
}

/** Removes a schema; what users have of it is kept unseen. @throws AppError `not_found` */
export async function removeSchema(ctx: Context, id: string): Promise<void> {
  await transact(ctx, async (tx) => {
    const schema = await store.deleteSchema(tx, id)
    if (!schema) throw notFound('schema')
    await forgetRendered(tx)
    schemaRemoved(tx, [tx.tenantId], { name: schema.name, id: schema.id })
  })
  forgetType(ctx)
}

function forgetType({ platform, tenantId }: Context): void {
  knownTypes.get(platform)?.delete(tenantId)
}

function readDefinition(input: ScimSchema): Schema {
  try {
    const schema = readSchema(input as JsonObject)
    for (const attribute of schema.attributes) refuseUnique(attribute)
    return schema
  } catch (error) {
    if (error instanceof ScimError) throw new AppError('invalid_input', error.message, { cause: error })
    throw error
  }
}

// What a schema says is done. That no two users have the same badge is not looked after here.
function refuseUnique({ name, uniqueness, subAttributes = [] }: Attribute): void {
  if (uniqueness !== 'none')
    throw new ScimError('invalidValue', `${name} has the uniqueness ${uniqueness}; here it can be none only.`)
  for (const part of subAttributes) refuseUnique(part)
}

function namesOf(schema: Schema): string[] {
  return schema.attributes.map(({ name }) => name)
}

function viewOf({ id, name, description, attributes }: store.SchemaRow): ScimSchema {
  return { id, name, description, attributes: attributes as Record<string, unknown>[] }
}
