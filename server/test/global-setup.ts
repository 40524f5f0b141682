/** Starts one PostgreSQL for all tests, or takes the one of `DATABASE_URL`, and migrates the template. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { migrate, startPostgres } from '../src/platform/index.ts'
import { QUEUES } from '../src/queues.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { adminUrl: string; template: string }
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['DATABASE_URL']
  const dataDir = await mkdtemp(join(tmpdir(), 'keydesk-tests-'))
  const embedded = given ? undefined : await startPostgres(dataDir)
  const url = new URL(given ?? embedded?.url ?? '')
  const template = `keydesk_template_${randomBytes(6).toString('hex')}`
  const admin = new pg.Client({ connectionString: url.href })
  await admin.connect()
  await admin.query(`create database ${template}`)

  const templateUrl = new URL(url.href)
  templateUrl.pathname = `/${template}`
  await migrate(templateUrl.href, QUEUES)
  project.provide('postgres', { adminUrl: url.href, template })
  return async () => {
    await admin.query(`drop database if exists ${template} with (force)`)
    await admin.end()
    await embedded?.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
