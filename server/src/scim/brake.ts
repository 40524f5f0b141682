/**
 * The safety brake. What would cost more people their access than may lose it in a window is held back:
 * nothing of the call is done, the client is told so, and an owner decides (`holds.ts`). An empty source, a
 * filter that somebody mistyped or a stolen token then costs a few people their access, and not all.
 *
 * People are counted, not calls: who was cut already does not count again, and letting somebody in again
 * gives nothing back. Three people always may be cut, so that a small workspace can work.
 */
import { ScimError } from '@keydesk/scim'
import type { Provisioner } from '#accounts'
import { isShadow, type Tx } from '#platform'
import * as store from './holds.store.ts'

/** One person's loss of access. */
export interface CutInput {
  kind: 'deactivation' | 'deletion' | 'role_loss'
  memberId: string
  /** The person's name. */
  member: string
  /** The role's name, for the loss of a role. */
  role: string | null
}

/**
 * The answer to a call that is held back. 403, because the call is understood and refused by policy: clients
 * show its text to their admin and do not send it again by themselves, as they would after a 429 or a 5xx,
 * and none takes it for done, as after a 2xx. Owners are not named: no provider may know of them.
 */
export class HeldBack extends ScimError {
  readonly cuts: readonly CutInput[]
  /** What would happen, in words. */
  readonly wish: string
  /** Why not now, in a sentence. */
  readonly reason: string

  constructor(tx: Tx, by: Provisioner, cuts: readonly CutInput[], { counted, allowed }: store.Verdict) {
    const { minutes } = by.settings.brake
    const wish = describeCuts(cuts)
    const reason = `${people(counted)} lost access by ${by.name} within ${minutes} minutes, and ${allowed} may before an owner is asked.`
    super(
      undefined,
      `Nothing was changed: the safety brake of Keydesk holds this back. It would ${wish}. ${reason} ` +
        `The owners of this workspace were asked, and decide at ${decideAt(tx, by.serviceUserId)}. ` +
        'What they release, Keydesk does itself: there is no need to send it again.',
      403,
    )
    this.cuts = cuts
    this.wish = wish
    this.reason = reason
  }
}

/** Where owners decide. */
export function decideAt({ platform }: Tx, serviceUserId: string): string {
  return `${platform.config.publicUrl}/settings/provisioning/${serviceUserId}?tab=holds`
}

/**
 * Decides calls in order, each whole: all its cuts pass and are counted, or it is held back. Called before
 * anything is written and after the rows are locked that it is about; the connection's count is locked from
 * here to the end of the transaction, so that all processes count together.
 * @returns for each call null, or the error to answer it with
 */
export async function checkBrakes(
  tx: Tx,
  by: Provisioner,
  calls: readonly (readonly CutInput[])[],
): Promise<(HeldBack | null)[]> {
  // In a shadow nobody loses anything, and its owner is to see all that would happen.
  if (isShadow(tx.tenantId) || calls.every((cuts) => cuts.length === 0)) return calls.map(() => null)
  const verdicts = await store.takeCuts(tx, by, calls)
  return calls.map((cuts, at) => {
    const verdict = verdicts[at]
    if (!verdict) throw new Error('The brake did not answer for each call.')
    return verdict.passed ? null : new HeldBack(tx, by, cuts, verdict)
  })
}

/** The same for one call. @throws HeldBack */
export async function checkBrake(tx: Tx, by: Provisioner, cuts: readonly CutInput[]): Promise<void> {
  const [held] = await checkBrakes(tx, by, [cuts])
  if (held) throw held
}

/** What cuts do, in words that follow "would": the first few by name. */
function describeCuts(cuts: readonly CutInput[]): string {
  const verbs = { deactivation: 'deactivate', deletion: 'remove', role_loss: 'take a role from' } as const
  const parts = Map.groupBy(cuts, ({ kind, role }) =>
    kind === 'role_loss' && role !== null ? `take the role ${role} from` : verbs[kind],
  )
  return [...parts]
    .map(([verb, some]) => `${verb} ${listed(some.map(({ member }) => member))}`)
    .join(', and ')
}

const NAMED = 5

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(', ')
  const rest = names.length - NAMED
  return rest > 0 ? `${shown} and ${rest} more` : shown
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`
}
