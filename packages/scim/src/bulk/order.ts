import type { Json } from '../json.ts'
import type { BulkOperation } from './read-bulk.ts'
import { referencesIn } from './references.ts'

/** When an operation is done: where it stands in the request, and the bulkIds that are made after it. */
export type Step = { at: number; open: ReadonlySet<string> }

/**
 * The order in which to do the operations (RFC 7644 §3.7, §3.7.1): as they were sent, but one that refers
 * to a resource comes after the operation that makes it. Where references go round in a circle, the first
 * of the circle begins, with references that are open.
 */
export function orderBulk(operations: readonly BulkOperation[]): Step[] {
  const needs = needsOf(operations)
  const neededBy = operations.map((): number[] => [])
  for (const [at, makers] of needs.entries()) for (const maker of makers) neededBy[maker]?.push(at)

  const steps: Step[] = []
  const waiting = operations.map((_, at) => at)
  while (waiting.length > 0) {
    const next = waiting.find((at) => needs[at]?.size === 0) ?? firstOfCircle(waiting[0] ?? 0, needs)
    waiting.splice(waiting.indexOf(next), 1)
    const open = [...(needs[next] ?? [])].flatMap((maker) => operations[maker]?.bulkId ?? [])
    steps.push({ at: next, open: new Set(open) })
    for (const at of neededBy[next] ?? []) needs[at]?.delete(next)
    needs[next]?.clear()
  }
  return steps
}

/** The bulkIds an operation refers to, by its data and by its path. */
export function referencesOf({ path, data }: BulkOperation): Set<string> {
  const parts: Json[] = [path]
  if (data) parts.push(data)
  return referencesIn(parts)
}

function needsOf(operations: readonly BulkOperation[]): Set<number>[] {
  const makers = new Map<string, number>()
  for (const [at, { method, bulkId }] of operations.entries())
    if (method === 'POST' && bulkId !== undefined) makers.set(bulkId, at)
  return operations.map(
    (operation) => new Set([...referencesOf(operation)].flatMap((bulkId) => makers.get(bulkId) ?? [])),
  )
}

// Each one that waits needs another that waits, so going from need to need comes round.
function firstOfCircle(start: number, needs: readonly ReadonlySet<number>[]): number {
  const trail: number[] = []
  const places = new Map<number, number>()
  let at = start
  while (!places.has(at)) {
    places.set(at, trail.length)
    trail.push(at)
    for (const next of needs[at] ?? []) {
      at = next
      break
    }
  }
  return Math.min(...trail.slice(places.get(at)))
}
