/** Whose writes go together: those of one connection with one and the same settings. */
import type { Provisioner } from '#accounts'
import type { Context, Lane } from '#platform'
import type { Call } from './http.ts'

export interface WriteLane extends Lane {
  key: string
  ctx: Context
  by: Provisioner
  /** Whether the safety brake is off, because an owner released this very call. */
  isReleased: boolean
}

/** Settings are read once for each text of theirs, so the object says whether they are the same. */
const numbers = new WeakMap<object, number>()
let last = 0

function numberOf(settings: object): number {
  const known = numbers.get(settings) ?? ++last
  numbers.set(settings, known)
  return known
}

export function laneOf({ ctx, by, isReleased }: Call): WriteLane {
  const { platform, tenantId } = ctx
  const key = [by.serviceUserId, by.defaultRoleId, numberOf(by.settings), isReleased].join(' ')
  return { platform, tenantId, key, ctx, by, isReleased }
}

/**
 * Does what came together in one go, and each by itself when that failed: one of them spoils it for all, and
 * who does not is not to suffer. One after another, so that a bad moment does not use up the connections.
 */
export async function togetherOrAlone<Item, Result>(
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>,
): Promise<readonly (Result | Error)[]> {
  try {
    return await work(items)
  } catch (error) {
    if (items.length === 1) throw error
  }
  const results: (Result | Error)[] = []
  for (const item of items) {
    const [result] = await work([item]).catch((error: Error) => [error])
    results.push(result ?? new Error('Nothing was done.'))
  }
  return results
}
