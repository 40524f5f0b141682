/**
 * Reading fast. A single statement needs no transaction, and a connection may keep its tenant until
 * another one comes: so a read is one round trip. Row security holds as everywhere.
 */
import type pg from 'pg'
import type { Platform } from './platform.ts'

/** Connections for looking up by a key. Few are enough, because those of one moment share a statement (`inBatches`). */
export const LOOKUP_CONNECTIONS = 3
/** Connections for lists, apart from the others: a slow filter keeps nobody from being recognised. */
export const LIST_CONNECTIONS = 4

/** A statement. One with a name of its own is prepared once by each connection. */
export interface Statement {
  name?: string
  text: string
  /** Whether it may take long. */
  isList?: boolean
}

/** Which tenant a connection is set to. Only this file sets it, and only on connections of the read pool. */
const tenantOf = new WeakMap<pg.PoolClient, string>()

const SET_TENANT: Statement = { name: 'set_tenant', text: `select set_config('app.tenant_id', $1, false)` }

/**
 * Runs one reading statement as a tenant. Timestamps come as PostgreSQL writes them, in UTC.
 * @returns its rows
 */
export async function readAs<Row extends object>(
  platform: Platform,
  tenantId: string,
  { isList = false, ...statement }: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  const client = await connectionOf(isList ? platform.lists : platform.lookups)
  try {
    if (tenantOf.get(client) !== tenantId) {
      tenantOf.delete(client)
      await client.query({ ...SET_TENANT, values: [tenantId] })
      tenantOf.set(client, tenantId)
    }
    const { rows } = await client.query<Row>({ ...statement, values: [...values] })
    client.release()
    return rows
  } catch (error) {
    // Whatever went wrong, this connection's state is not to be reasoned about.
    client.release(true)
    throw error
  }
}

// A pool that is used up is what PostgreSQL calls too many connections: come again soon.
async function connectionOf(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    const isFull = error instanceof Error && /timeout exceeded when trying to connect/.test(error.message)
    throw isFull ? Object.assign(error, { code: '53300' }) : error
  }
}

/** `2026-05-03 10:00:00.12+00`, as `readAs` gives it, in the form of RFC 3339 with milliseconds. */
export function instantOf(timestamp: string): string {
  const fraction = /^\.(\d{1,3})/.exec(timestamp.slice(19))?.[1] ?? ''
  return `${timestamp.slice(0, 10)}T${timestamp.slice(11, 19)}.${fraction.padEnd(3, '0')}Z`
}
