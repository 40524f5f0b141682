/** The command line, as a script would call it: exit codes, JSON on standard output, words on standard error. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cloneDatabase, type TestDatabase } from './tenant.ts'

const program = new URL('../src/cli/main.ts', import.meta.url).pathname
let database: TestDatabase
let dataDir: string

beforeAll(async () => {
  database = await cloneDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'keydesk-cli-'))
})
afterAll(async () => {
  await database.drop()
  await rm(dataDir, { recursive: true, force: true })
})

function keydesk(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  const settings = { DATABASE_URL: database.url, KEYDESK_DATA: dataDir, ...env }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...args],
      { env: { ...process.env, ...settings } },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
}

test('help is asked for with success, and a call that cannot be understood gets 2 and the help it needs', async () => {
  const [help, unknown, missing, strange] = await Promise.all([
    keydesk(['--help']),
    keydesk(['frobnicate']),
    keydesk(['token', 'create', '--kind', 'scim']),
    keydesk(['doctor', '--colour']),
  ])

  expect(help).toMatchObject({ code: 0, out: expect.stringContaining('workspace create') })
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('no command "frobnicate"') })
  expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('--workspace is missing') })
  expect(strange).toMatchObject({ code: 2, err: expect.stringContaining('--colour') })
})

test('a wrong setting ends with 1 and says which and what is allowed', async () => {
  const result = await keydesk(['doctor'], { KEYDESK_PORT: 'ninety' })

  expect(result).toMatchObject({ code: 1, out: '' })
  expect(result.err).toMatch(/KEYDESK_PORT: "ninety".*1 to 65535/)
})

test('from an empty database to a token, a link and a clean bill of health, in JSON', async () => {
  const run = async (args: string[]) => {
    const result = await keydesk([...args, '--json'])
    expect(result).toMatchObject({ code: 0 })
    return JSON.parse(result.out)
  }
  await run(['workspace', 'create', '--workspace', 'acme', '--name', 'Acme'])
  const owner = ['--workspace', 'acme', '--email', 'owner@acme.example']

  const invited = await run(['member', 'invite', ...owner, '--role', 'owner'])
  const token = await run([
    'token',
    'create',
    '--workspace',
    'acme',
    '--kind',
    'scim',
    '--default-role',
    'agent',
  ])

  expect(invited.link).toContain('/sign-in/link#token=kd_link_')
  expect(token).toEqual({
    token: expect.stringMatching(/^kd_scim_/),
    baseUrl: 'http://localhost:3000/scim/v2/acme',
  })
  expect((await run(['sign-in-link', ...owner])).link).not.toBe(invited.link)
  expect(await run(['doctor'])).toMatchObject({ healthy: true })
  expect((await keydesk(['workspace', 'create', '--workspace', 'acme', '--name', 'Acme'])).err).toContain(
    'named acme already',
  )
})

test('a start with another key than the first is refused', async () => {
  const result = await keydesk(['migrate'], { KEYDESK_SECRET_KEY: 'ab'.repeat(32) })

  expect(result).toMatchObject({
    code: 1,
    err: expect.stringContaining('not the one that this database was set up with'),
  })
})
