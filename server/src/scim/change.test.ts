import { expect } from 'vitest'
import { change } from './change.ts'
import { test } from './test-client.ts'

function failing(code: string, times: number) {
  let calls = 0
  const work = async () => {
    calls++
    if (calls <= times) throw Object.assign(new Error('ended'), { code })
    return calls
  }
  return { work, calls: () => calls }
}

test.for(['40P01', '40001'])('work that PostgreSQL ended with %s is done again', async (code, { ctx }) => {
  expect(await change(ctx, failing(code, 2).work)).toBe(3)
})

test('work that fails for a reason of its own is done once', async ({ ctx }) => {
  const once = failing('23505', 9)
  await expect(change(ctx, once.work)).rejects.toThrow('ended')
  expect(once.calls()).toBe(1)
})

test('work is not done again for ever', async ({ ctx }) => {
  const never = failing('40P01', 9)
  await expect(change(ctx, never.work)).rejects.toThrow('ended')
  expect(never.calls()).toBe(3)
})
