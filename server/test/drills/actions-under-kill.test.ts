/**
 * SIGKILL between "sending" and "acked" of an MFA reset, fifty times. The sandbox's ledger is the
 * oracle: at most one reset each, and every run ends in a state that says what is true.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startServer } from '../../src/main.ts'
import { type Caller, type Json, openWorld, type World } from '../world.ts'
import { startVictim } from './process.ts'

const KILLS = 50
// Before the last check, right before the socket is touched, and after Okta answered.
const MOMENTS = ['action.sending', 'action.sent', 'action.answered']

let world: World
let sam: Caller

beforeAll(async () => {
  world = await openWorld({ users: 200 })
  await world.invite('sam.okafor@acme.example', 'Owner')
  // From here on nobody works but the victims.
  await world.restartAs('web')
  sam = await world.signIn('sam.okafor@acme.example')
  await sam.put('/api/v1/actions/okta.user.reset_mfa/gate', { gate: 'none' })
})
afterAll(() => world.close())

interface Trial {
  user: string
  runId: string
  moment: string
}

test('no reset is done twice and none is lost from sight', async () => {
  const users = await usersWithFactors(KILLS)
  const trials: Trial[] = []
  const queue = users.entries()
  const killAll = async () => {
    for (const [at, user] of queue) trials.push(await killOne(user, MOMENTS[at % MOMENTS.length] ?? ''))
  }
  await Promise.all([killAll(), killAll()])
  expect(trials).toHaveLength(KILLS)

  const worker = await startServer({ ...world.config, role: 'worker' }, world.databaseUrl)
  const stateOf = async ({ runId }: Trial) => (await sam.get(`/api/v1/action-runs/${runId}`)).body
  await vi.waitUntil(
    async () =>
      (await Promise.all(trials.map(stateOf))).every(
        (run) => !['approved', 'sending', 'unknown'].includes(run.state),
      ),
    { timeout: 90_000, interval: 250 },
  )
  await worker.stop()

  for (const trial of trials) {
    const done = (await resetsOf(trial.user)).length
    const run = await stateOf(trial)
    expect(done).toBeLessThanOrEqual(1)
    // What the journal says is what Okta did, and what did not happen says what to do about it.
    expect({ ...trial, state: run.state }).toEqual({ ...trial, state: done === 1 ? 'acked' : 'failed' })
    if (done === 0) expect(run.failure.remedy).not.toBe('')
    expect(run.evidence).not.toBeNull()
  }
  expect(new Set(trials.map(({ moment }) => moment))).toEqual(new Set(MOMENTS))
})

async function killOne(user: string, moment: string): Promise<Trial> {
  const proposal = { actionId: 'okta.user.reset_mfa', input: { user } }
  const plan = (await sam.post('/api/v1/action-plans', proposal)).body
  const run = (await sam.post('/api/v1/action-runs', { ...proposal, digest: plan.digest })).body
  expect(run.state).toBe('approved')
  const victim = startVictim(world, 'send-one.ts', [world.acme.tenantId, run.id], `${moment}:1:kill`)
  expect(await victim.ended).toBe('SIGKILL')
  return { user, runId: run.id, moment }
}

async function usersWithFactors(count: number): Promise<string[]> {
  const found: string[] = []
  for (const person of (await sam.get('/api/v1/people?limit=200&status=ACTIVE')).body.items as Json[]) {
    const live = (await sam.get(`/api/v1/people/${person.id}/okta`)).body
    const plan = await sam.post('/api/v1/action-plans', {
      actionId: 'okta.user.reset_mfa',
      input: { user: live.oktaUserId },
    })
    if (plan.body.verdict === 'ready') found.push(live.oktaUserId)
    if (found.length === count) break
  }
  expect(found).toHaveLength(count)
  return found
}

async function resetsOf(user: string): Promise<Json[]> {
  const answer = (await (
    await fetch(`${world.sandbox.url}/_sandbox/ledger?kind=user.reset_factors&target=${user}`)
  ).json()) as Json
  return Array.isArray(answer) ? answer : answer.entries
}
