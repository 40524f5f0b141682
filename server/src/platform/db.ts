/** The connection pool and the query builder over it. Only `transact` hands it to other folders. */
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { DB } from './database.ts'
import { RUNTIME_ROLE } from './migrate.ts'

export type Database = Kysely<DB>

const INT8 = 20

// Sums and counts come as int8. Ours stay far below 2^53; a larger one is a bug worth an exception.
function readInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value))
    throw new Error(`The database answered ${text}, which is too large a number.`)
  return value
}

const types = new pg.TypeOverrides()
types.setTypeParser(INT8, readInt8)

const TIMESTAMPTZ = 1184
const plainTypes = new pg.TypeOverrides()
plainTypes.setTypeParser(INT8, readInt8)
plainTypes.setTypeParser(TIMESTAMPTZ, (text: string) => text)

/** Connection settings of the runtime role: every connection starts as it, and `reset role` returns to it. */
export function asRuntimeRole(url: string): { connectionString: string; options: string } {
  return {
    connectionString: url,
    options: `-c role=${RUNTIME_ROLE} -c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000 -c lock_timeout=10000`,
  }
}

/** Opens a pool of connections as the runtime role. */
export function openPool(url: string, max: number, onError: (error: Error) => void): pg.Pool {
  return open(asRuntimeRole(url), max, types, onError)
}

/** The same for `readAs`: timestamps stay text, in UTC, because most of them are only passed on. */
export function openReadPool(url: string, max: number, onError: (error: Error) => void): pg.Pool {
  const { connectionString, options } = asRuntimeRole(url)
  // Whoever waits longer than this has given up, and what he asked for should end too.
  const limits = '-c timezone=UTC -c statement_timeout=5000'
  return open({ connectionString, options: `${options} ${limits}` }, max, plainTypes, onError)
}

function open(
  connection: { connectionString: string; options: string },
  max: number,
  types: pg.TypeOverrides,
  onError: (error: Error) => void,
): pg.Pool {
  const pool = new pg.Pool({
    ...connection,
    max,
    types,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    application_name: 'keydesk',
  })
  // An idle connection that breaks must not take the process with it; the next query opens another.
  pool.on('error', onError)
  return pool
}

/** How often a text has to come before it is worth preparing, and how many are kept prepared. */
const WORTH_PREPARING = 3
const MOST_PREPARED = 500

/**
 * Lets a pool's connections prepare the statements that come again and again, so that PostgreSQL parses and
 * plans them once. Texts that differ each time, such as lists of parameters, are not worth it.
 */
function prepareRepeated(pool: pg.Pool): void {
  const names = new Map<string, string>()
  const seen = new Map<string, number>()
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text)
    if (known || names.size >= MOST_PREPARED) return known
    const times = (seen.get(text) ?? 0) + 1
    if (times < WORTH_PREPARING) {
      if (seen.size >= 10 * MOST_PREPARED) seen.clear()
      seen.set(text, times)
      return undefined
    }
    seen.delete(text)
    const name = `repeated_${names.size}`
    names.set(text, name)
    return name
  }
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...call: unknown[]) => Promise<pg.QueryResult>
    const prepared = (text: unknown, values?: unknown) => {
      if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0)
        return query(text, values)
      const name = nameOf(text)
      return name ? query({ name, text, values }) : query(text, values)
    }
    client.query = prepared as typeof client.query
  })
}

export function openDatabase(pool: pg.Pool): Database {
  prepareRepeated(pool)
  return new Kysely<DB>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
}
