/** Brings a database to the present schema: numbered SQL files, each once, forward only. */
import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { ConfigError } from './config.ts'
import { newId } from './ids.ts'
import { JOB_SCHEMA } from './jobs.ts'
import type { Keys } from './secrets.ts'

const FOLDER = new URL('../../migrations/', import.meta.url)
/** The role that Keydesk works as. It owns no table, so row security binds it. */
export const RUNTIME_ROLE = 'keydesk_app'
const OLDEST_VERSION = 150000

/**
 * Migrates as the role of `url`, which must own the tables and may create roles.
 * Safe when several processes start at once: the others wait and then find the work done.
 * @returns the names of the migrations that were applied now
 * @throws ConfigError for a PostgreSQL that is too old, a missing right, or an altered migration
 */
export async function migrate(url: string, queues: readonly string[], keys?: Keys): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await refuseOldServer(client)
    // Any constant does, so long as nobody else uses it in this database.
    await client.query('select pg_advisory_lock(778331001)')
    await ensureRuntimeRole(client)
    const applied = await applyMissing(client)
    await prepareQueues(url, client, queues)
    if (keys) await claimInstance(client, keys)
    return applied
  } finally {
    await client.end()
  }
}

async function refuseOldServer(client: pg.Client): Promise<void> {
  const found = await client.query<{ server_version_num: string; server_version: string }>(
    `select current_setting('server_version_num') as server_version_num, current_setting('server_version') as server_version`,
  )
  const row = found.rows[0]
  if (Number(row?.server_version_num) < OLDEST_VERSION)
    throw new ConfigError(
      `DATABASE_URL leads to PostgreSQL ${row?.server_version}; Keydesk needs 15 or later.`,
    )
}

// Roles belong to the whole server, so another database's migration may be making the same one.
async function ensureRuntimeRole(client: pg.Client): Promise<void> {
  try {
    await client.query(`do $$ begin
      if not exists (select from pg_roles where rolname = '${RUNTIME_ROLE}') then
        create role ${RUNTIME_ROLE} nologin nosuperuser nobypassrls nocreatedb nocreaterole;
      end if;
    exception when duplicate_object or unique_violation then null;
    end $$`)
    await becomeRuntimeRole(client)
    await client.query(`grant usage on schema public to ${RUNTIME_ROLE}`)
  } catch (cause) {
    throw new ConfigError(
      `Keydesk works as the role ${RUNTIME_ROLE}, which the role of DATABASE_URL may not create. Run once as a superuser: create role ${RUNTIME_ROLE} nologin; grant ${RUNTIME_ROLE} to <the role of DATABASE_URL>;`,
      { cause },
    )
  }
}

// Since version 16 whoever creates a role may administer it, and still not become it.
async function becomeRuntimeRole(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ separate: boolean; may: boolean }>(
    `select v.separate, pg_has_role(current_user, '${RUNTIME_ROLE}', case when v.separate then 'set' else 'member' end) as may
     from (select current_setting('server_version_num')::int >= 160000 as separate) v`,
  )
  const [has] = rows
  if (!has?.may)
    await client.query(
      `grant ${RUNTIME_ROLE} to current_user ${has?.separate ? 'with set true, inherit true' : ''}`,
    )
  await client.query(`set role ${RUNTIME_ROLE}`)
  await client.query('reset role')
}

async function applyMissing(client: pg.Client): Promise<string[]> {
  await client.query(`create table if not exists schema_migrations (
    name text primary key, checksum text not null, applied_at timestamptz not null default now())`)
  const known = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from schema_migrations',
  )
  const checksums = new Map(known.rows.map((row) => [row.name, row.checksum]))

  const applied: string[] = []
  for (const name of (await readdir(FOLDER)).filter((file) => file.endsWith('.sql')).sort()) {
    const text = await readFile(new URL(name, FOLDER), 'utf8')
    const checksum = createHash('sha256').update(text).digest('hex')
    const before = checksums.get(name)
    if (before === checksum) continue
    if (before)
      throw new ConfigError(
        `Migration ${name} was altered after it had been applied. Migrations are never edited; add a new one.`,
      )
    await applyOne(client, name, text, checksum)
    applied.push(name)
  }
  return applied
}

async function applyOne(client: pg.Client, name: string, text: string, checksum: string): Promise<void> {
  await client.query('begin')
  try {
    await client.query(text)
    await client.query('insert into schema_migrations (name, checksum) values ($1, $2)', [name, checksum])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`Migration ${name} failed and was rolled back.`, { cause: error })
  }
}

// pg-boss keeps its own schema; its queues are tables, which the runtime role may not create.
async function prepareQueues(url: string, client: pg.Client, queues: readonly string[]): Promise<void> {
  const boss = new PgBoss({
    connectionString: url,
    schema: JOB_SCHEMA,
    max: 2,
    supervise: false,
    schedule: false,
  })
  boss.on('error', () => {})
  await boss.start()
  try {
    const known = new Set((await boss.getQueues()).map((queue) => queue.name))
    for (const name of queues) if (!known.has(name)) await boss.createQueue(name, { notify: true })
  } finally {
    await boss.stop({ graceful: false })
  }
  await client.query(`grant usage on schema ${JOB_SCHEMA} to ${RUNTIME_ROLE};
    grant select, insert, update, delete on all tables in schema ${JOB_SCHEMA} to ${RUNTIME_ROLE};
    grant usage, select on all sequences in schema ${JOB_SCHEMA} to ${RUNTIME_ROLE};
    grant execute on all functions in schema ${JOB_SCHEMA} to ${RUNTIME_ROLE}`)
}

// The first start leaves a mark of its key; a start with another key would seal what nobody can open.
async function claimInstance(client: pg.Client, keys: Keys): Promise<void> {
  await client.query('insert into instance (id, key_check) values ($1, $2) on conflict do nothing', [
    randomUUID(),
    keys.check,
  ])
  const found = await client.query<{ key_check: Buffer }>('select key_check from instance')
  if (!found.rows[0]?.key_check.equals(keys.check))
    throw new ConfigError(
      'The secret key at hand is not the one that this database was set up with. Set KEYDESK_SECRET_KEY to that key, or restore secret.key in the data folder from your backup.',
    )
}

/**
 * Makes a tenant. The runtime role may not, so this connects as the owner of the tables.
 * @returns its id; undefined when the slug is taken
 */
export async function createTenant(
  url: string,
  tenant: { slug: string; name: string },
): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const id = newId('wsp')
    const made = await client.query(
      'insert into tenants (id, slug, name) values ($1, $2, $3) on conflict (slug) do nothing',
      [id, tenant.slug, tenant.name],
    )
    return made.rowCount === 0 ? undefined : id
  } finally {
    await client.end()
  }
}

/** What `keydesk doctor` wants to know of a database. */
export interface DatabaseFacts {
  version: number
  versionText: string
  fsync: boolean
  synchronousCommit: boolean
  /** Tables with a `tenant_id` on which row security is not forced. */
  unprotectedTables: string[]
  /** Whether the runtime role could get round row security. */
  runtimeRoleIsStrong: boolean
}

export async function inspectDatabase(url: string): Promise<DatabaseFacts> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<DatabaseFacts>(`
      select current_setting('server_version_num')::int as version, current_setting('server_version') as "versionText",
        current_setting('fsync')::bool as fsync, current_setting('synchronous_commit') <> 'off' as "synchronousCommit",
        array(select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
          where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
            and not (c.relrowsecurity and c.relforcerowsecurity)) as "unprotectedTables",
        (select rolsuper or rolbypassrls or exists (
            select from pg_class where relowner = r.oid and relnamespace = 'public'::regnamespace)
          from pg_roles r where rolname = '${RUNTIME_ROLE}') as "runtimeRoleIsStrong"`)
    const [facts] = rows
    if (!facts) throw new Error('The database answered nothing about itself.')
    return facts
  } finally {
    await client.end()
  }
}
