import { expect } from 'vitest'
import { type Context, listEvents, newId, sentenceOf, transact } from '#platform'
import { test } from '../../test/tenant.ts'
import type { RunState } from './contract.ts'
import { endRuns } from './journal.ts'
import { beginSending, insertRun } from './runs.store.ts'

function start(ctx: Context, memberId: string, state: RunState): Promise<string> {
  const run = {
    actionId: 'okta.user.reset_mfa',
    label: 'Reset MFA',
    input: {},
    plan: {
      verdict: 'ready' as const,
      summary: 'Resets.',
      effects: [],
      target: { personId: null, oktaUserId: '00u', name: 'Ada' },
    },
    digest: 'd',
    state,
    personId: null,
    requestId: null,
    approvalId: null,
    undoOf: null,
  }
  const as: Context = { ...ctx, actor: { kind: 'member', id: memberId, name: 'Noor Haddad' } }
  return transact(as, async (tx) => (await insertRun(tx, run)).id)
}

function end(ctx: Context, ...memberIds: string[]): Promise<ReadonlyMap<string, number>> {
  return transact(ctx, (tx) => endRuns(tx, memberIds))
}

async function statesOf(ctx: Context, ids: readonly string[]): Promise<string[]> {
  const rows = await transact(ctx, (tx) => tx.db.selectFrom('actionRuns').select(['id', 'state']).execute())
  return ids.map((id) => rows.find((row) => row.id === id)?.state ?? 'gone')
}

test('what a member started and was not sent ends with a reason, and what was sent goes on', async ({
  ctx,
}) => {
  const noor = newId('mem')
  const states: RunState[] = ['waiting', 'approved', 'sending', 'unknown', 'acked', 'declined']
  const runs = await Promise.all(states.map((state) => start(ctx, noor, state)))

  expect(await end(ctx, noor)).toEqual(new Map([[noor, 2]]))

  expect(await statesOf(ctx, runs)).toEqual(['failed', 'failed', 'sending', 'unknown', 'acked', 'declined'])
  const [event] = await listEvents(ctx, { subject: runs[0] ?? '', limit: 1 })
  expect(event && sentenceOf(event)).toBe(
    '“Reset MFA” for Ada was not done: Whoever started it lost access before it was sent, so it was not sent.',
  )
  const row = await transact(ctx, (tx) =>
    tx.db
      .selectFrom('actionRuns')
      .select(['failure', 'endedAt'])
      .where('id', '=', runs[1] ?? '')
      .executeTakeFirstOrThrow(),
  )
  expect(row.failure).toMatchObject({ remedy: 'Start it again, if it is still wanted.' })
  expect(row.endedAt).not.toBeNull()
})

test('a run that ended so is never sent', async ({ ctx }) => {
  const noor = newId('mem')
  const run = await start(ctx, noor, 'approved')
  await end(ctx, noor)

  expect(await transact(ctx, (tx) => beginSending(tx, run))).toBeUndefined()
})

test('several members end together; runs of others and of other workspaces go on', async ({
  ctx,
  otherTenant,
}) => {
  const [a, b, c] = [newId('mem'), newId('mem'), newId('mem')]
  const runs = await Promise.all([a, a, b, c].map((member) => start(ctx, member, 'waiting')))
  const foreign = await start(otherTenant, a, 'waiting')

  expect(await end(ctx, a, b)).toEqual(
    new Map([
      [a, 2],
      [b, 1],
    ]),
  )
  expect(await statesOf(ctx, runs)).toEqual(['failed', 'failed', 'failed', 'waiting'])
  expect(await statesOf(otherTenant, [foreign])).toEqual(['waiting'])
  expect(await end(ctx, a, b)).toEqual(new Map())
})
