/**
 * A member deactivated over SCIM: the very next request of the member's session is refused, by the
 * process that took the deactivation and by the other one on the same database. A thousand times.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { BRAKE_OFF } from '#accounts'
import { transact } from '#platform'
import { type Caller, callerWith, freePort, openWorld, type World } from '../world.ts'
import { environmentOf } from './process.ts'

const TRIALS = 1000
const WALKERS = 4

let world: World
let second: ChildProcess
let secondUrl: string
let scim: Caller

beforeAll(async () => {
  world = await openWorld()
  const port = await freePort()
  secondUrl = `http://127.0.0.1:${port}`
  const program = new URL('../../src/cli/main.ts', import.meta.url).pathname
  second = spawn(process.execPath, [program, 'serve', '--role', 'web'], {
    stdio: 'ignore',
    env: { ...process.env, ...environmentOf(world, port) },
  })
  const isUp = () =>
    fetch(`${secondUrl}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    )
  await vi.waitUntil(isUp, { timeout: 30_000, interval: 100 })
  scim = callerWith(world.url, { authorization: `Bearer ${await world.scimToken()}` })
  // Nobody is there to release what the brake would hold.
  const scimSettings = JSON.stringify({ brake: BRAKE_OFF })
  await transact(world.acme, (tx) =>
    tx.db.updateTable('serviceUsers').set({ scim: scimSettings }).where('kind', '=', 'scim').execute(),
  )
})
afterAll(async () => {
  second.kill('SIGTERM')
  await once(second, 'exit')
  await world.close()
})

test('the next request after a deactivation is refused by every process', async () => {
  let accepted = 0
  let refused = 0
  const walk = async (walker: number) => {
    const email = `agent-${walker}@acme.example`
    const { id } = (await scim.post('/scim/v2/acme/Users', userOf(email, true))).body
    for (let trial = walker; trial < TRIALS; trial += WALKERS) {
      const session = await world.signIn(email)
      const [here, there] = [callerWith(world.url, session.headers), callerWith(secondUrl, session.headers)]
      expect((await there.get('/api/v1/session')).status).toBe(200)

      // Both of Okta's dialects: a whole PUT, and a PATCH without a path.
      const off =
        trial % 2 === 0
          ? await scim.put(`/scim/v2/acme/Users/${id}`, userOf(email, false))
          : await patch(id, false)
      expect(off.status).toBe(200)
      for (const answer of await Promise.all([there.get('/api/v1/session'), here.get('/api/v1/requests')]))
        if (answer.status === 401) refused++
        else accepted++

      expect((await patch(id, true)).status).toBe(200)
    }
  }
  await Promise.all(Array.from({ length: WALKERS }, (_, walker) => walk(walker)))

  expect({ accepted, refused }).toEqual({ accepted: 0, refused: 2 * TRIALS })
})

async function patch(id: string, active: boolean) {
  const answer = await fetch(`${world.url}/scim/v2/acme/Users/${id}`, {
    method: 'PATCH',
    headers: { ...scim.headers, 'content-type': 'application/scim+json' },
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', value: { active } }],
    }),
  })
  await answer.text()
  return answer
}

function userOf(userName: string, active: boolean) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName,
    name: { givenName: 'An', familyName: 'Agent' },
    emails: [{ primary: true, value: userName, type: 'work' }],
    active,
  }
}
