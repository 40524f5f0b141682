/** What happens to SCIM connections, in sentences. */
import { defineEvent } from '#platform'

type Named = { name: string }

export const connectionCreated = defineEvent<Named & { client: string }>(
  'scim.connection_created',
  ({ name }, actor) => `${actor} created the SCIM connection ${name}`,
)
export const connectionChanged = defineEvent<Named & { changed: string[] }>(
  'scim.connection_changed',
  ({ name, changed }, actor) => `${actor} changed the SCIM connection ${name}: ${changed.join('; ')}`,
)
export const connectionRemoved = defineEvent<Named & { credentials: number }>(
  'scim.connection_removed',
  ({ name, credentials }, actor) =>
    `${actor} removed the SCIM connection ${name}; ${credentials === 1 ? '1 credential' : `${credentials} credentials`} ended at once, its members stay`,
)
export const schemaAdded = defineEvent<Named & { id: string; attributes: string[] }>(
  'scim.schema_added',
  ({ name, attributes }, actor) => `${actor} added the schema ${name} with ${attributes.join(', ')}`,
)
export const schemaRemoved = defineEvent<Named & { id: string }>(
  'scim.schema_removed',
  ({ name }, actor) => `${actor} removed the schema ${name}`,
)

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
export const shadowStarted = defineEvent<Named>(
  'scim.shadow_started',
  ({ name }, actor) => `${actor} put ${name} into shadow mode: it works on a copy of this workspace`,
)
export type ShadowCounts = Record<
  'created' | 'updated' | 'activated' | 'deactivated' | 'deleted' | 'roles' | 'added' | 'removed',
  number
>
export const shadowEnded = defineEvent<Named & { kept: boolean; counts: ShadowCounts | null }>(
  'scim.shadow_ended',
  ({ name, counts }, actor) => {
    if (!counts) return `${actor} let ${name} go live, and dropped what it had done in shadow mode`
    const { created, updated, activated, deactivated, deleted, roles, added, removed } = counts
    return (
      `${actor} let ${name} go live with what it had done in shadow mode: members created ${created}, changed ${updated}, ` +
      `let in ${activated}, deactivated ${deactivated}, removed ${deleted}; roles changed ${roles}, given ${added}, taken ${removed}`
    )
  },
)

function callsOf(count: number): string {
  return count === 1 ? '1 call' : `${count} calls`
}
