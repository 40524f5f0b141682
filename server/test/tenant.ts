/**
 * The fixture of every test that needs a database: a real PostgreSQL, a database of its own per test
 * file cloned from a migrated template, and two workspaces that must not see each other.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { test as base, inject } from 'vitest'
import { createWorkspace } from '#accounts'
import { type Context, listEvents, openLog, openPlatform, type Platform, readConfig } from '#platform'

/** What a test file gets: its own database, as its owner would connect to it. */
export interface TestDatabase {
  url: string
  drop(): Promise<void>
}

/** Clones the migrated template. */
export async function cloneDatabase(): Promise<TestDatabase> {
  const { adminUrl, template } = inject('postgres')
  const name = `keydesk_test_${randomBytes(6).toString('hex')}`
  await asAdmin(adminUrl, `create database ${name} template ${template}`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => asAdmin(adminUrl, `drop database if exists ${name} with (force)`) }
}

/** One statement as the owner of a database. */
export async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** A platform on a database, with settings for tests: silent, its key in a folder of its own. */
export async function openTestPlatform(url: string, env: Record<string, string> = {}): Promise<Platform> {
  const dataDir = await mkdtemp(join(tmpdir(), 'keydesk-test-'))
  const config = readConfig({
    KEYDESK_DATA: dataDir,
    KEYDESK_LOG_LEVEL: process.env['KEYDESK_TEST_LOG'] ?? 'silent',
    KEYDESK_SECRET_KEY: '5eed'.repeat(16),
    ...env,
  })
  const platform = await openPlatform(config, url, openLog(config.logLevel))
  platform.startingUp = null
  const close = platform.close
  platform.close = async () => {
    await close()
    await rm(dataDir, { recursive: true, force: true })
  }
  return platform
}

interface FileFixtures {
  database: TestDatabase
  platform: Platform
}

interface Fixtures {
  /** Keydesk itself, acting in a workspace that is new for this test. */
  ctx: Context
  /** The same in another workspace. */
  otherTenant: Context
  /** The types of the events that name an id, oldest first. */
  eventsOf: (id: string) => Promise<string[]>
}

let workspaces = 0

export const test = base
  .extend<FileFixtures>({
    database: [
      async ({}, use) => {
        const database = await cloneDatabase()
        await use(database)
        await database.drop()
      },
      { scope: 'file' },
    ],
    platform: [
      async ({ database }, use) => {
        const platform = await openTestPlatform(database.url)
        await use(platform)
        await platform.close()
      },
      { scope: 'file' },
    ],
  })
  .extend<Fixtures>({
    ctx: async ({ platform, database }, use) => {
      await use(await createWorkspace(platform, database.url, { slug: `test-${++workspaces}`, name: 'Test' }))
    },
    otherTenant: async ({ platform, database }, use) => {
      await use(
        await createWorkspace(platform, database.url, { slug: `other-${++workspaces}`, name: 'Other' }),
      )
    },
    eventsOf: async ({ ctx }, use) => {
      await use(async (id) =>
        (await listEvents(ctx, { subject: id, limit: 200 })).map((event) => event.type).reverse(),
      )
    },
  })
