/** Our own server under the suite that we give to others, and the command that runs it. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CheckReport, checkScim } from '@keydesk/scim-check'
import { expect, onTestFinished } from 'vitest'
import { test as base } from '../src/scim/test-client.ts'

const PROGRAM = new URL('../src/cli/main.ts', import.meta.url).pathname

const test = base.extend<{ origin: string }>({
  origin: [async ({ app }, use) => use(await app.listen({ host: '127.0.0.1', port: 0 })), { scope: 'file' }],
})

test('the SCIM server breaks no MUST and no client', { timeout: 240_000 }, async ({ origin, scim }) => {
  const baseUrl = `${origin}${scim.path}`
  const report = await checkScim({ baseUrl, authorization: { bearer: scim.token } })
  const failures = report.results.filter(({ status }) => status === 'fail')
  expect(failures.map(({ id, message }) => `${id}: ${message}`)).toEqual([])
  expect([report.trouble, report.stopped, report.leftovers]).toEqual([undefined, false, []])
  expect(report.counts.pass).toBeGreaterThan(450)
})

test('the command writes its reports, and takes the token from the environment', async ({ origin, scim }) => {
  const dir = await mkdtemp(join(tmpdir(), 'keydesk-scim-check-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const [html, json] = [join(dir, 'report.html'), join(dir, 'report.json')]
  const args = [
    `${origin}${scim.path}/`,
    '--only',
    'okta-aiw,creating.status',
    '--html',
    html,
    '--json',
    json,
  ]
  const { code, out } = await keydesk(args, { KEYDESK_SCIM_TOKEN: scim.token })
  expect(code).toBe(0)
  expect(out).toMatch(/\n21 passed, 0 failed, 0 warnings, 0 skipped\n$/)
  const report = JSON.parse(await readFile(json, 'utf8')) as CheckReport
  expect([report.baseUrl, report.counts.pass]).toEqual([`${origin}${scim.path}`, 21])
  const page = await readFile(html, 'utf8')
  expect(page).toContain('“Test Connector Configuration” succeeds')
  for (const text of [out, page, JSON.stringify(report)]) expect(text.includes(scim.token)).toBe(false)
})

test('the command says in one line what keeps it from trying', async ({ origin, scim }) => {
  const baseUrl = `${origin}${scim.path}`
  const [wrong, unknown, two, none] = await Promise.all([
    keydesk([baseUrl, '--token', 'kd_scim_wrong']),
    keydesk([baseUrl, '--only', 'nonsense']),
    keydesk([baseUrl, '--token', 'a', '--header', 'b']),
    keydesk([]),
  ])
  expect(wrong).toMatchObject({
    code: 1,
    out: expect.stringContaining('The server refuses these credentials'),
  })
  expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('no check "nonsense"') })
  expect(two).toMatchObject({ code: 1, err: 'Give one of --token, --user and --header.\n' })
  expect(none).toMatchObject({ code: 2, err: expect.stringContaining('Give one baseUrl') })
})

function keydesk(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [PROGRAM, 'scim', 'check', ...args],
      { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
}
