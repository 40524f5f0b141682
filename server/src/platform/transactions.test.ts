/** Transactions whose statements are sent without waiting for each, and things that are done together. */
import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { test } from '../../test/tenant.ts'
import {
  AppError,
  type Context,
  defineEvent,
  inBatches,
  type Lane,
  letGo,
  listEvents,
  type Tx,
  transact,
} from './index.ts'

const noted = defineEvent<{ what: string }>('test.noted', ({ what }, actor) => `${actor} noted ${what}`)

function notedIn(ctx: Context): Promise<unknown[]> {
  return listEvents(ctx, { type: 'test.noted', limit: 10 })
}

test('a statement that was let go and fails takes everything back, with its own error', async ({ ctx }) => {
  const broken = transact(ctx, async (tx) => {
    noted(tx, [ctx.tenantId], { what: 'a division' })
    letGo(tx.db, () => sql`select 1 / 0`.execute(tx.db))
    return 'done'
  })
  await expect(broken).rejects.toThrow('division by zero')
  expect(await notedIn(ctx)).toEqual([])
})

test('a failed statement is told also when nothing but the commit comes after it', async ({ ctx }) => {
  const broken = transact(ctx, async (tx) => {
    letGo(tx.db, () => sql`select 1 / 0`.execute(tx.db))
    return 'done'
  })
  await expect(broken).rejects.toThrow('division by zero')
})

test('what comes after a failed statement does not hide why', async ({ ctx }) => {
  const broken = transact(ctx, async (tx) => {
    letGo(tx.db, () => sql`select 1 / 0`.execute(tx.db))
    await sql`select 2`.execute(tx.db)
  })
  await expect(broken).rejects.toThrow('division by zero')
})

test('what the work makes of a failed statement is what is thrown', async ({ ctx }) => {
  const broken = transact(ctx, async (tx) => {
    await sql`select 1 / 0`.execute(tx.db).catch(() => {
      throw new AppError('conflict', 'Nothing can be shared by nobody.')
    })
  })
  await expect(broken).rejects.toThrow('Nothing can be shared by nobody.')
})

test('an event that cannot be written fails what it tells of', async ({ ctx }) => {
  const broken = transact(ctx, async (tx) => {
    await tx.db.updateTable('roles').set({ description: 'Changed' }).execute()
    tx.events.push({ id: 'no id', type: 'test.noted', actor: ctx.actor, subjects: [], facts: {} })
  })
  await expect(broken).rejects.toThrow(/events_id_check/)
  const changed = await transact(ctx, (tx) =>
    tx.db.selectFrom('roles').select('id').where('description', '=', 'Changed').execute(),
  )
  expect(changed).toEqual([])
})

test('nothing can be sent in a transaction that is over', async ({ ctx }) => {
  let kept: Tx | undefined
  await transact(ctx, async (tx) => {
    kept = tx
  })
  await expect(kept && sql`select 1`.execute(kept.db)).rejects.toThrow('The transaction is over.')
})

test('a connection that breaks in a transaction fails it, and the next one works', async ({ ctx }) => {
  const broken = transact(ctx, async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx.db)
    await transact({ ...ctx, db: ctx.platform.db }, (other) =>
      sql`select pg_terminate_backend(${rows[0]?.pid ?? 0})`.execute(other.db),
    )
    noted(tx, [ctx.tenantId], { what: 'nothing' })
  })
  await expect(broken).rejects.toThrow(/terminat|closed|ended|queryable/)
  await transact(ctx, async (tx) => noted(tx, [ctx.tenantId], { what: 'something' }))
  expect(await notedIn(ctx)).toHaveLength(1)
})

test('a batch waits while each turn of the event loop brings something new', async ({ platform }) => {
  const batches: number[] = []
  const work = inBatches<Lane, number, number>({
    most: 10,
    atOnce: 1,
    run: async (_, items) => {
      batches.push(items.length)
      return items
    },
  })
  const lane = { platform, tenantId: 'wsp_x' }
  const answers: Promise<number>[] = []
  for (let item = 0; item < 3; item++) {
    answers.push(work(lane, item))
    await setImmediate()
  }
  expect(await Promise.all(answers)).toEqual([0, 1, 2])
  expect(batches).toEqual([3])
})
