/** What keeps the structure: the order of the folders is said once and held everywhere. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { expect } from 'vitest'
// @ts-expect-error The rules are plain JavaScript.
import { LAYERS as rules } from '../../.dependency-cruiser.mjs'
import { test } from './tenant.ts'

const LAYERS = rules as string[][]
const root = new URL('../../', import.meta.url)
const run = promisify(execFile)

async function cruise(...folders: string[]): Promise<string> {
  const depcruise = new URL('node_modules/.bin/depcruise', root).pathname
  const options = ['--config', '.dependency-cruiser.mjs', '--output-type', 'err', ...folders]
  const { stdout } = await run(depcruise, options, { cwd: root }).catch(
    (failure: { stdout: string }) => failure,
  )
  return stdout
}

test('every folder of the server has its place in the order', async () => {
  const folders = (await readdir(new URL('server/src/', root), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && entry.name !== 'cli')
    .map((entry) => entry.name)

  expect(folders.sort()).toEqual(LAYERS.flat().sort())
})

test('package.json lists the same folders as modules', async () => {
  const { imports } = JSON.parse(await readFile(new URL('server/package.json', root), 'utf8'))

  expect(
    Object.keys(imports)
      .map((name) => name.slice(1))
      .sort(),
  ).toEqual(LAYERS.flat().sort())
})

test('ARCHITECTURE.md says the same order', async () => {
  const text = await readFile(new URL('ARCHITECTURE.md', root), 'utf8')
  const order = LAYERS.map((layer) => (layer.length > 1 ? `{ ${layer.join(', ')} }` : layer[0])).join(' < ')

  expect(text).toContain(`\`${order}\``)
})

test('a planted import that goes the wrong way is reported, so the tool is not blind', async () => {
  const folder = new URL('server/src/platform/planted/', root)
  await mkdir(folder, { recursive: true })
  try {
    await writeFile(
      new URL('planted.ts', folder),
      "import { deskRoutes } from '#desk'\nexport const planted = deskRoutes\n",
    )
    await writeFile(
      new URL('typed.ts', folder),
      "import type { Deliver } from '#accounts'\nexport type Planted = Deliver\n",
    )
    const report = await cruise('server/src/platform')

    expect(report).toContain('platform-imports-leftwards: server/src/platform/planted/planted.ts')
    expect(report).toContain('platform-imports-leftwards: server/src/platform/planted/typed.ts')
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('every table of a tenant has forced row security and one policy', async ({ platform }) => {
  const { rows } = await sql<{ table: string; forced: boolean; policies: number }>`
    select c.relname as table, c.relrowsecurity and c.relforcerowsecurity as forced,
      (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
    where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace`.execute(platform.db)

  expect(rows.length).toBeGreaterThan(20)
  expect(rows.filter((row) => !row.forced || row.policies !== 1)).toEqual([])
})

test('the run-time role owns nothing, bypasses nothing and may not rewrite the event log', async ({
  platform,
}) => {
  const { rows } = await sql<{
    who: string
    strong: boolean
    owned: number
    update: boolean
    remove: boolean
  }>`
    select current_user as who, r.rolsuper or r.rolbypassrls as strong,
      (select count(*)::int from pg_class where relowner = r.oid) as owned,
      has_table_privilege('events', 'update') as update, has_table_privilege('events', 'delete') as remove
    from pg_roles r where r.rolname = current_user`.execute(platform.db)

  expect(rows).toEqual([{ who: 'keydesk_app', strong: false, owned: 0, update: false, remove: false }])
})
