import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openSandbox, send } from '../test/okta.ts'
import { startSandbox } from './index.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'okta-sandbox-'))
})
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rmSync(dataDir, { recursive: true })
})

// Each of these starts programs of their own.
vi.setConfig({ testTimeout: 60_000 })

const MAIN = new URL('./main.ts', import.meta.url).pathname

/** Starts the program and waits until it has said where it is. */
async function startProgram(...args: string[]): Promise<{ child: ChildProcess; url: string; token: string }> {
  const child = spawn(process.execPath, [MAIN, '--port', '0', '--users', '40', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  let said = ''
  for await (const chunk of child.stdout ?? []) {
    said += chunk
    const url = said.match(/Okta sandbox\s+(\S+)/)?.[1]
    const token = said.match(/SSWS (\S+)/)?.[1]
    if (url && token && said.includes('Keydesk app')) return { child, url, token }
  }
  throw new Error(`The sandbox did not start: ${said}`)
}

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve))

test('what was answered survives a kill: state, ledger, log and tokens', async () => {
  const first = await startProgram('--data', dataDir)
  const headers = { authorization: `SSWS ${first.token}` }
  const suspended = await send(
    `${first.url}/api/v1/users/ada.kingsley/lifecycle/suspend`,
    'POST',
    {},
    headers,
  )
  expect(suspended.status).toBe(200)
  const made = await send(`${first.url}/api/v1/groups`, 'POST', { profile: { name: 'Night shift' } }, headers)
  await send(`${first.url}/api/v1/groups/${made.body.id}/users/noor.haddad`, 'PUT', {}, headers)
  const gone = ended(first.child)
  first.child.kill('SIGKILL')
  await gone
  // The half line of an effect that was never answered.
  appendFileSync(join(dataDir, 'journal.ndjson'), '{"entry":{"seq":4,"kind":"user.del')

  await using client = await openSandbox({ dataDir, users: 40 })
  expect((await client.ledger()).map(({ kind }) => kind)).toEqual([
    'user.suspend',
    'group.create',
    'group.add_member',
  ])
  expect((await client.okta('GET', '/api/v1/users/ada.kingsley', undefined, headers)).body.status).toBe(
    'SUSPENDED',
  )
  expect((await client.okta('GET', `/api/v1/groups/${made.body.id}/users`)).body).toHaveLength(1)
  expect((await client.okta('GET', '/api/v1/logs')).body).toHaveLength(3)
  await client.okta('POST', '/api/v1/users/ada.kingsley/lifecycle/unsuspend', {})
  expect((await client.ledger('?since=3')).map(({ seq, kind }) => [seq, kind])).toEqual([
    [4, 'user.unsuspend'],
  ])
})

test('the program ends well when it is asked to', async () => {
  const { child } = await startProgram()
  const gone = ended(child)
  child.kill('SIGTERM')
  expect(await gone).toBe(0)
})

test.for([
  [['--help'], 0],
  [['--colour', 'red'], 2],
  [['--port', 'x'], 2],
  [['--users', '2', '--port', '0'], 1],
] as const)('the arguments %j end with code %i', async ([args, code]) => {
  expect(await ended(spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' }))).toBe(code)
})

test('a taken port is said plainly', async () => {
  await using client = await openSandbox()
  const port = Number(new URL(client.sandbox.url).port)
  await expect(startSandbox({ port, users: 10 })).rejects.toThrow(`Port ${port} is taken.`)
})

test('a folder of one seed is not opened with another', async () => {
  await (await startSandbox({ dataDir, users: 10 })).close()
  await expect(startSandbox({ dataDir, seed: 'globex' })).rejects.toThrow('began with seed acme')
  await (await startSandbox({ dataDir })).close()
})

test('many effects at once are all kept, in the order of the ledger', async () => {
  {
    await using client = await openSandbox({ dataDir })
    const { body } = await client.okta('GET', '/api/v1/groups?q=Leadership')
    const { body: users } = await client.okta('GET', '/api/v1/users?limit=50')
    const add = (user: { id: string }) =>
      client.okta('PUT', `/api/v1/groups/${body[0].id}/users/${user.id}`, {})
    await Promise.all(users.map(add))
  }
  await using client = await openSandbox({ dataDir })
  const seqs = (await client.ledger()).map(({ seq }) => seq)
  expect(seqs.length).toBeGreaterThan(40)
  expect(seqs).toEqual(seqs.map((_, i) => i + 1))
})
