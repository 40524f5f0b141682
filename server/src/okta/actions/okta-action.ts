/**
 * What every Okta action shares: it plans from one fresh read of the user, keeps its hands off Okta's
 * own admins, and says of a failed call whether it may have taken effect all the same.
 */
import * as z from 'zod'
import { type Action, ActionFailure, defineAction, type Finding, type Plan } from '#actions'
import { findPerson, refreshPerson } from '#directory'
import { type Context, messageOf, transact } from '#platform'
import { OktaError, OktaNoAnswer } from '../client/error.ts'
import type { Okta } from '../client/okta.ts'
import { nameOf, type OktaUser } from '../client/shapes.ts'
import { minding } from '../connections.ts'
import { asking, troubleOf } from '../remedies.ts'
import { getConnected, openOkta, reading } from '../sessions.ts'
import { personOf } from '../sync/person.ts'

export const oktaUser = z
  .string()
  .regex(/^00u[0-9A-Za-z]{5,40}$/, 'This is not the id of an Okta user.')
  .meta({ title: 'User', picker: 'okta.users' })
export const oktaGroup = z
  .string()
  .regex(/^00g[0-9A-Za-z]{5,40}$/, 'This is not the id of an Okta group.')
  .meta({ title: 'Group', picker: 'okta.groups' })

/** What an action found: the plan without its target. */
export type Look = Omit<Plan, 'target'>

export const ready = (summary: string, effects: string[]): Look => ({ verdict: 'ready', summary, effects })
export const already = (summary: string): Look => ({ verdict: 'already', summary, effects: [] })
export const refused = (summary: string): Look => ({ verdict: 'refused', summary, effects: [] })

interface Spec<Input extends { user: string }, Receipt extends { user: string }>
  extends Omit<Action<Input, Receipt>, 'plan' | 'run' | 'undo' | 'reconcile'> {
  plan(okta: Okta, user: OktaUser, name: string, input: Input): Promise<Look>
  run(okta: Okta, input: Input, lastCheck: () => Promise<void>): Promise<Receipt>
  undo?(okta: Okta, receipt: Receipt, lastCheck: () => Promise<void>): Promise<void>
  reconcile(okta: Okta, input: Input, sentAt: Date): Promise<Finding>
}

/** Makes an action of the catalogue from what is particular to it. */
export function oktaAction<Input extends { user: string }, Receipt extends { user: string }>(
  spec: Spec<Input, Receipt>,
): Action {
  const { plan, run, undo, reconcile, ...about } = spec
  return defineAction<Input, Receipt>({
    ...about,
    plan: (ctx, input) => asking(() => planFor(ctx, input, plan)),
    run: (ctx, input, lastCheck) => act(ctx, input.user, lastCheck, (okta, check) => run(okta, input, check)),
    ...(undo && {
      undo: (ctx: Context, receipt: Receipt, lastCheck: () => Promise<void>) =>
        act(ctx, receipt.user, lastCheck, (okta, check) => undo(okta, receipt, check)),
    }),
    async reconcile(ctx, input, sentAt) {
      try {
        const { okta } = await openFor(ctx, input.user)
        return await reconcile(okta, input, sentAt)
      } catch (error) {
        return {
          verdict: 'unclear',
          evidence: `Okta could not be read: ${troubleOf(error)?.message ?? messageOf(error)}`,
        }
      }
    },
  })
}

/** For finding out what a user is now, when it may be gone. */
export async function findOrUnclear(
  okta: Okta,
  id: string,
  look: (user: OktaUser) => Finding | Promise<Finding>,
): Promise<Finding> {
  const user = await okta.users.find(id)
  return user ? look(user) : { verdict: 'unclear', evidence: 'Okta no longer has this user.' }
}

/** Whether Okta offers a call for the user in their status (okta-api §2). */
export function offers(user: OktaUser, relation: string): boolean {
  return user._links?.[relation] !== undefined
}

/** A status in words, for a sentence that says why something cannot be done. */
export function statusInWords({ status }: OktaUser): string {
  return STATUS_WORDS[status] ?? `in the status ${status}`
}

const STATUS_WORDS: Record<string, string> = {
  STAGED: 'not activated yet',
  PROVISIONED: 'still setting up the account',
  ACTIVE: 'active',
  RECOVERY: 'in the middle of a password reset',
  PASSWORD_EXPIRED: 'due to set a new password',
  LOCKED_OUT: 'locked out',
  SUSPENDED: 'suspended',
  DEPROVISIONED: 'deactivated',
}

async function planFor<Input extends { user: string }>(
  ctx: Context,
  input: Input,
  plan: Spec<Input, { user: string }>['plan'],
): Promise<Plan> {
  const { okta, person, connection } = await openFor(ctx, input.user)
  const user = await minding(ctx, connection, () => okta.users.find(input.user))
  const name = user ? nameOf(user) : (person?.displayName ?? input.user)
  const target = { personId: person?.id ?? null, oktaUserId: input.user, name }
  if (!user) return { ...refused(`Okta has no user ${input.user}.`), target }
  if (user.transitioningToStatus)
    return {
      ...refused(
        `Okta is changing ${name} to ${user.transitioningToStatus} at the moment. Try again in a minute.`,
      ),
      target,
    }
  const protection = await protectionOf(okta, user, name)
  if (protection.refusal) return { ...refused(protection.refusal), target }
  const look = await plan(okta, user, name, input)
  const effects = look.verdict === 'ready' ? [...look.effects, ...protection.effects] : look.effects
  return { ...look, effects, target }
}

/** Nobody becomes an admin's way in by asking the desk: whoever has an admin role is left alone (threats O8). */
async function protectionOf(
  okta: Okta,
  { id }: OktaUser,
  name: string,
): Promise<{ refusal?: string; effects: string[] }> {
  try {
    const roles = await okta.users.roles(id)
    if (roles.length === 0) return { effects: [] }
    const names = roles.map(({ label, type }) => label ?? type).join(', ')
    return {
      refusal: `${name} is an Okta admin (${names}). Keydesk does not act on admins; do it in Okta's admin console.`,
      effects: [],
    }
  } catch (error) {
    if (!(error instanceof OktaError) || error.status !== 403) throw error
    return { effects: [`Keydesk could not check whether ${name} is an Okta admin.`] }
  }
}

async function openFor(
  ctx: Context,
  oktaUserId: string,
  options: { timeoutMs?: number; attempts?: number } = {},
) {
  const person = await transact(ctx, (tx) => findPerson(tx, { oktaUserId }))
  const connection = await getConnected(ctx, person?.connectionId)
  const okta = await openOkta(ctx, connection, { lane: 'interactive', ...options })
  return { person, connection, okta }
}

async function act<T>(
  ctx: Context,
  oktaUserId: string,
  lastCheck: () => Promise<void>,
  work: (okta: Okta, lastCheck: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const { okta, connection } = await openFor(ctx, oktaUserId).catch((cause: unknown) => {
    throw new ActionFailure('not_done', { ...NO_ANSWER, message: messageOf(cause) }, cause)
  })
  let sent = false
  const check = async () => {
    await lastCheck()
    sent = true
  }
  try {
    const result = await minding(ctx, connection, () => work(okta, check))
    await mirror(ctx, oktaUserId)
    return result
  } catch (error) {
    const trouble = troubleOf(error)
    if (!trouble) throw error
    const unknown = sent && isVague(error)
    const remedy = unknown ? 'Look in Okta whether it took effect before you try again.' : trouble.remedy
    throw new ActionFailure(unknown ? 'unknown' : 'not_done', { ...trouble, remedy }, error)
  }
}

const NO_ANSWER = {
  remedy: 'Mend the connection under Settings › Okta, then try again.',
  status: null,
  code: null,
  remoteRequestId: null,
}

/** Codes of 5xx answers that say themselves that nothing was done. */
const SURE = new Set(['E0000010', 'E0000060', 'E0000241'])

function isVague(error: unknown): boolean {
  if (error instanceof OktaNoAnswer) return error.sent
  return error instanceof OktaError && error.status >= 500 && !SURE.has(error.errorCode ?? '')
}

/** Lists show the new status at once. One try: the act is done, whether this succeeds or not. */
async function mirror(ctx: Context, oktaUserId: string): Promise<void> {
  try {
    const { okta, connection } = await openFor(ctx, oktaUserId, { timeoutMs: 2000, attempts: 1 })
    const user = await okta.users.find(oktaUserId)
    if (user) await transact(reading(ctx), (tx) => refreshPerson(tx, connection.id, personOf(user)))
  } catch (error) {
    ctx.platform.log.debug('okta.mirror', { errorMessage: messageOf(error) })
  }
}
