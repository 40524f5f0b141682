import { expect } from 'vitest'
import { inviteMember, listRoles } from '#accounts'
import { type Actor, type Context, listEvents, newId, systemContext, transact } from '#platform'
import { test } from '../../test/tenant.ts'
import { askApproval, endApprovals, getApproval, listMyApprovals } from './approvals.ts'

async function invite(ctx: Context, email: string): Promise<string> {
  const roleIds = (await listRoles(ctx)).filter((role) => role.name === 'Admin').map((role) => role.id)
  const input = { email, displayName: email.split('@')[0] ?? '', roleIds }
  return (await inviteMember(ctx, input, async () => undefined)).id
}

/** Somebody of the directory, with a manager or without. */
function person(ctx: Context, name: string, managerId: string | null = null): Promise<string> {
  const id = newId('per')
  return transact(ctx, async (tx) => {
    await tx.db
      .insertInto('people')
      .values({
        tenantId: tx.tenantId,
        id,
        connectionId: 'con',
        oktaUserId: id,
        login: name,
        email: `${name}@acme.example`,
        emailKey: `${name}@acme.example`,
        displayName: name,
        sortKey: name,
        searchText: name,
        status: 'ACTIVE',
        managerId,
      })
      .execute()
    return id
  })
}

function ask(ctx: Context, subjectPersonId: string | null, askedBy?: Actor): Promise<string> {
  const question = {
    question: 'Reset MFA for Ada?',
    shown: { action: 'a', target: 't', summary: 's', effects: [], reason: null, requestNumber: 7 },
    subjectPersonId,
    requesterPersonId: null,
    requestId: null,
  }
  return transact({ ...ctx, actor: askedBy ?? ctx.actor }, async (tx) => (await askApproval(tx, question)).id)
}

function end(ctx: Context, ...memberIds: string[]): Promise<ReadonlyMap<string, number>> {
  return transact(ctx, (tx) => endApprovals(tx, memberIds))
}

function approval(ctx: Context, id: string) {
  return transact(ctx, (tx) =>
    tx.db
      .selectFrom('approvals')
      .select(['state', 'approverId'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow(),
  )
}

test('what waits for a member who is locked out goes to those who stand in for a manager', async ({
  ctx,
}) => {
  const grace = await person(ctx, 'grace')
  const ada = await person(ctx, 'ada', grace)
  const member = await invite(ctx, 'Grace@acme.example')
  const standIn = await invite(ctx, 'sam@acme.example')
  const [first, second] = [await ask(ctx, ada), await ask(ctx, ada)]

  const counts = await end(ctx, member)

  expect(counts).toEqual(new Map([[member, 2]]))
  for (const id of [first, second])
    expect(await approval(ctx, id)).toEqual({ state: 'waiting', approverId: null })
  const sam: Context = {
    ...systemContext(ctx.platform, ctx.tenantId),
    actor: { kind: 'member', id: standIn, name: 'sam' },
    principal: {
      sessionId: 's',
      memberId: standIn,
      personId: null,
      permissions: new Set(['approvals.decide']),
    },
  }
  expect((await listMyApprovals(sam, 'waiting')).map(({ id, mayDecide }) => [id, mayDecide])).toEqual([
    [first, true],
    [second, true],
  ])
  const [event] = await listEvents(ctx, { type: 'approval.handed_on', limit: 1 })
  expect(event?.subjects).toEqual(expect.arrayContaining([second, grace, member]))
  expect((await getApproval(sam, first)).approver).toBeNull()
})

test('what a member asked for is withdrawn when that member is locked out, and says why', async ({
  ctx,
  eventsOf,
}) => {
  const ada = await person(ctx, 'ada', await person(ctx, 'grace'))
  const noor = await invite(ctx, 'noor@acme.example')
  const own = await ask(ctx, ada, { kind: 'member', id: noor, name: 'noor' })
  const other = await ask(ctx, ada, { kind: 'member', id: newId('mem'), name: 'sam' })

  expect(await end(ctx, noor)).toEqual(new Map([[noor, 1]]))

  expect((await approval(ctx, own)).state).toBe('void')
  expect((await approval(ctx, other)).state).toBe('waiting')
  expect(await eventsOf(own)).toEqual(['approval.asked', 'approval.voided'])
  const [event] = await listEvents(ctx, { subject: own, limit: 1 })
  expect(event?.facts).toMatchObject({ reason: 'noor, who asked, lost access', requestNumber: 7 })
})

test('who asked and is asked at once withdraws, and is counted once', async ({ ctx }) => {
  const grace = await person(ctx, 'grace')
  const ada = await person(ctx, 'ada', grace)
  const member = await invite(ctx, 'grace@acme.example')
  const id = await ask(ctx, ada, { kind: 'person', id: grace, name: 'grace' })

  expect(await end(ctx, member)).toEqual(new Map([[member, 1]]))
  expect((await approval(ctx, id)).state).toBe('void')
})

test('many members end together, decided approvals stay, and others keep theirs', async ({
  ctx,
  otherTenant,
}) => {
  const managers = await Promise.all(['a', 'b', 'c'].map((name) => person(ctx, name)))
  const members = await Promise.all(['a', 'b', 'c'].map((name) => invite(ctx, `${name}@acme.example`)))
  const reports = await Promise.all(managers.map((id, at) => person(ctx, `r${at}`, id)))
  const asked = await Promise.all(reports.map((id) => ask(ctx, id)))
  const decided = await ask(ctx, reports[0] ?? null)
  await transact(ctx, (tx) =>
    tx.db
      .updateTable('approvals')
      .set({ state: 'approved', decidedBy: JSON.stringify(ctx.actor) })
      .where('id', '=', decided)
      .execute(),
  )
  const [a = '', b = ''] = members

  expect(await end(otherTenant, a, b)).toEqual(new Map())
  expect(await end(ctx, a, b)).toEqual(
    new Map([
      [a, 1],
      [b, 1],
    ]),
  )

  const now = await Promise.all([...asked, decided].map((id) => approval(ctx, id)))
  expect(now).toEqual([
    { state: 'waiting', approverId: null },
    { state: 'waiting', approverId: null },
    { state: 'waiting', approverId: managers[2] },
    { state: 'approved', approverId: managers[0] },
  ])
})
