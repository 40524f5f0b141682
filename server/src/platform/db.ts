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
  return open({ connectionString, options: `${options} -c timezone=UTC` }, max, plainTypes, onError)
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

export function openDatabase(pool: pg.Pool): Database {
  return new Kysely<DB>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
}
