/**
 * Writes what is generated: `server/src/platform/database.ts` from a freshly migrated database, and
 * the reference pages from the code. `npm run check` runs it and wants no difference.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../server/src/platform/migrate.ts'
import { startPostgres } from '../server/src/platform/postgres.ts'

const root = new URL('../', import.meta.url)
const dataDir = await mkdtemp(join(tmpdir(), 'keydesk-generate-'))
const postgres = await startPostgres(dataDir)
try {
  await migrate(postgres.url, [])
  await writeDatabaseTypes(postgres.url)
} finally {
  await postgres.stop()
  await rm(dataDir, { recursive: true, force: true })
}

async function writeDatabaseTypes(url: string): Promise<void> {
  const file = new URL('server/src/platform/database.ts', root)
  const draft = join(dataDir, 'database.ts')
  const options = [
    '--dialect',
    'postgres',
    '--camel-case',
    '--exclude-pattern',
    '(pgboss.*|schema_migrations)',
  ]
  execFileSync(
    new URL('node_modules/.bin/kysely-codegen', root).pathname,
    ['--url', url, '--out-file', draft, '--env-file', '/dev/null', ...options],
    { cwd: new URL('server', root), stdio: 'pipe' },
  )
  const text = await readFile(draft, 'utf8')
  // The pool reads int8 as a number (db.ts).
  const typed = text.replace(
    'Int8 = ColumnType<string, bigint | number | string, bigint | number | string>',
    'Int8 = ColumnType<number, number, number>',
  )
  await writeFile(file, typed)
}
