/** The connection pool and the query builder over it. Only `transact` hands it to other folders. */
import type { Socket } from 'node:net'
import {
  CamelCasePlugin,
  type CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  PostgresDialect,
  type QueryResult,
  Transaction,
} from 'kysely'
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
    // What does not wait for an answer is sent behind what went before, in one go.
    pipeline: true,
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

/** The pool below a database. */
const pools = new WeakMap<Database, pg.Pool>()

export function openDatabase(pool: pg.Pool): Database {
  prepareRepeated(pool)
  const database = new Kysely<DB>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
  pools.set(database, pool)
  return database
}

/** What a transaction comes to: its result, and a last statement, whole, of which nobody needs the answer. */
export interface Outcome<T> {
  result: T
  last: string | undefined
}

/**
 * Runs work in a transaction of a tenant. Beginning it costs no round trip, because nothing waits for it, and
 * the last statement goes together with the commit. Statements that the work does not wait for one by one
 * (`Promise.all`, `letGo`) are sent together too; PostgreSQL does them in the order in which they were sent.
 */
export async function inTransaction<T>(
  database: Database,
  tenantId: string,
  work: (db: Transaction<DB>) => Promise<Outcome<T>>,
): Promise<T> {
  const pool = pools.get(database)
  if (!pool) throw new Error('There is no pool below this database.')
  const client = await pool.connect()
  const opening = `begin; select set_config('app.tenant_id', ${pg.escapeLiteral(tenantId)}, true)`
  const connection = new TransactionConnection(client, opening)
  let isBroken = false
  try {
    const { result, last } = await work(transactionOn(database, connection))
    const { command } = await connection.query(last ? `${last}; commit` : 'commit')
    // Anything else says that a statement had failed whose answer nobody waited for.
    if (command !== 'COMMIT') throw connection.failure ?? new Error('The transaction was taken back.')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {
      isBroken = true
    })
    throw isConsequence(error) ? (connection.failure ?? error) : error
  } finally {
    connection.isOver = true
    client.release(isBroken)
  }
}

/** 25P02: PostgreSQL refuses everything behind a statement that failed. */
function isConsequence(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '25P02'
}

const connections = new WeakMap<Transaction<DB>, TransactionConnection>()

/**
 * Sends a statement off whose answer nobody needs. Should it fail, so does the transaction, with its error.
 * @param statement sends it before it returns
 */
export function letGo(db: Transaction<DB>, statement: () => Promise<unknown>): void {
  const connection = connections.get(db)
  const before = connection?.sent
  statement().catch(() => undefined)
  if (connection?.sent !== (before ?? 0) + 1) throw new Error('The statement was not sent at once.')
}

function transactionOn(database: Database, connection: TransactionConnection): Transaction<DB> {
  const executor = database.getExecutor().withConnectionProvider({
    provideConnection: (consumer) => consumer(connection),
  })
  const config = { dialect: UNUSED }
  const db = new Transaction<DB>({ config, dialect: UNUSED, driver: new DummyDriver(), executor })
  connections.set(db, connection)
  return db
}

/** Kysely wants to be told how to connect, also for a transaction that has its connection. */
const UNUSED = new PostgresDialect({ pool: () => Promise.reject(new Error('It has its connection.')) })

/**
 * The connection of one transaction. What is sent in a turn of the event loop leaves in one write; and the
 * opening goes with the first statement, in one message when that has no parameters.
 */
class TransactionConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient
  #opening: string | undefined
  #isGathering = false
  /** How many statements were sent. */
  sent = 0
  /** Why the first of them failed that did. */
  failure: unknown
  isOver = false

  constructor(client: pg.PoolClient, opening: string) {
    this.#client = client
    this.#opening = opening
  }

  query(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
    if (this.isOver) throw new Error('The transaction is over.')
    this.#gather()
    this.sent++
    const opening = this.#opening
    this.#opening = undefined
    if (opening === undefined || values.length === 0)
      return this.#send(opening === undefined ? text : `${opening}; ${text}`, values)
    // Had it failed, so would what comes behind it.
    this.#send(opening, []).catch(() => undefined)
    return this.#send(text, values)
  }

  /** @returns of several statements in one text the last one's answer */
  async #send(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    try {
      const answers = [await this.#client.query(text, [...values])].flat()
      return answers.at(-1) as pg.QueryResult
    } catch (error) {
      this.failure ??= error
      throw error
    }
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { command, rowCount, rows } = await this.query(sql, parameters)
    const isChange = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE'
    return isChange ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows }
  }

  // biome-ignore lint/correctness/useYield: nothing is streamed
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('Statements of a transaction cannot be streamed.')
  }

  #gather(): void {
    if (this.#isGathering) return
    this.#isGathering = true
    const { stream } = (this.#client as unknown as { connection: { stream: Socket } }).connection
    stream.cork()
    process.nextTick(() => {
      this.#isGathering = false
      stream.uncork()
    })
  }
}
