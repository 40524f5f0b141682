/**
 * Writes what is generated: the database's types from a freshly migrated database, and the reference
 * pages from the code. With `--check` nothing is written, and a difference is a failure.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as z from 'zod'
import { toJSONSchema } from 'zod'
import { contract } from '../server/src/contract.ts'
import { catalogue } from '../server/src/main.ts'
import { migrate } from '../server/src/platform/migrate.ts'
import { describeApi } from '../server/src/platform/openapi.ts'
import { startPostgres } from '../server/src/platform/postgres.ts'

const root = new URL('../', import.meta.url)
const checkOnly = process.argv.includes('--check')

const files: Record<string, string> = {
  'server/src/platform/database.ts': await databaseTypes(),
  'docs/reference/openapi.json': `${JSON.stringify(await describeApi(contract, 'https://desk.example.com'), null, 2)}\n`,
  'docs/reference/action-catalogue.md': actionCatalogue(),
}

const stale: string[] = []
for (const [path, text] of Object.entries(files)) {
  const file = new URL(path, root)
  if ((await readFile(file, 'utf8').catch(() => '')) === text) continue
  stale.push(path)
  if (!checkOnly) await writeFile(file, text)
}
if (checkOnly && stale.length > 0) {
  console.error(`Not what the code gives: ${stale.join(', ')}. Run \`npm run generate\` and commit.`)
  process.exitCode = 1
} else console.log(stale.length > 0 ? `Wrote ${stale.join(', ')}.` : 'Nothing to write.')

async function databaseTypes(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'keydesk-generate-'))
  const postgres = await startPostgres(dataDir)
  try {
    await migrate(postgres.url, [])
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
      ['--url', postgres.url, '--out-file', draft, '--env-file', '/dev/null', ...options],
      { cwd: new URL('server', root), stdio: 'pipe' },
    )
    // The pool reads int8 as a number (db.ts).
    return (await readFile(draft, 'utf8')).replace(
      'Int8 = ColumnType<string, bigint | number | string, bigint | number | string>',
      'Int8 = ColumnType<number, number, number>',
    )
  } finally {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

function actionCatalogue(): string {
  const sections = [...catalogue.values()].map((action) => {
    const input = toJSONSchema(action.input as z.ZodType) as {
      properties?: Record<string, { title?: string }>
    }
    const fields = Object.entries(input.properties ?? {}).map(
      ([name, { title }]) => `\`${name}\` (${title ?? name})`,
    )
    return [
      `## ${action.label}`,
      '',
      action.hint,
      '',
      '| | |',
      '|---|---|',
      `| Id | \`${action.id}\` |`,
      `| Input | ${fields.join(', ')} |`,
      `| Okta scopes | ${action.scopes.map((scope) => `\`${scope}\``).join(', ')} |`,
      `| Approval unless the workspace says otherwise | ${action.defaultGate === 'manager' ? "the person's manager" : 'none'} |`,
      `| Doing it twice | ${action.repeatable ? 'is the same as doing it once' : 'does harm, so it is never sent again by itself'} |`,
      `| Undo | ${action.undo ? 'yes, from its receipt' : 'no'} |`,
    ].join('\n')
  })
  return `# Actions\n\nWhat Keydesk can do in Okta. This page is generated from the code by \`npm run generate\`.\n\n${sections.join('\n\n')}\n`
}
