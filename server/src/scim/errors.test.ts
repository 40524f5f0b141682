import { sql } from 'kysely'
import { expect } from 'vitest'
import { transact } from '#platform'
import { answerOf } from './errors.ts'
import { test } from './test-client.ts'

test.for([
  [sql`select 'five'::numeric`, 400, 'invalidValue'],
  [sql`select '2026-02-31'::timestamptz`, 400, 'invalidValue'],
  [sql`select 2147483647 + 1`, 400, 'invalidValue'],
  [sql`select nothing`, 500, undefined],
] as const)(
  'what PostgreSQL cannot read as data is a bad request, and its other refusals are ours: %#',
  async ([statement, status, scimType], { ctx }) => {
    const error = await transact(ctx, (tx) => statement.execute(tx.db)).catch((reason: unknown) => reason)
    const answer = answerOf(error)

    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ status: String(status), detail: expect.stringMatching(/.{10}/) })
    expect((answer.body as { scimType?: string }).scimType).toBe(scimType)
  },
)
