/** What happens to SCIM connections, in sentences. */
import { defineEvent } from '#platform'

type Named = { name: string }

export const changeHeld = defineEvent<Named & { wish: string; reason: string; people: number }>(
  'scim.change_held',
  ({ name, wish, reason }) =>
    `The safety brake holds back what ${name} sent: it would ${wish}. ${reason} Owners were asked`,
)
export const holdsDecided = defineEvent<
  Named & { decision: 'release' | 'discard'; calls: number; failed: number }
>('scim.holds_decided', ({ name, decision, calls, failed }, actor) => {
  const what = `${callsOf(calls)} of ${name} that the safety brake had held back`
  if (decision === 'discard') return `${actor} dropped ${what}`
  return `${actor} released ${what}${failed > 0 ? `; ${failed} of them failed` : ''}`
})
export const holdsExpired = defineEvent<Named & { calls: number; days: number }>(
  'scim.holds_expired',
  ({ name, calls, days }) =>
    `${callsOf(calls)} of ${name} that the safety brake had held back were dropped: nobody decided within ${days} days`,
)

function callsOf(count: number): string {
  return count === 1 ? '1 call' : `${count} calls`
}
