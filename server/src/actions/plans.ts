/** What a plan is recognised by, and whom it is about. */
import { digestOf } from '#approvals'
import { findPerson } from '#directory'
import { type Context, transact } from '#platform'
import type { Plan } from './catalogue.ts'

/** What a plan is recognised by: the tenant, the action, its input and everything it said. */
export function planDigest(ctx: Context, actionId: string, input: object, plan: Plan): string {
  const { verdict, summary, effects, target } = plan
  return digestOf({ tenant: ctx.tenantId, actionId, input, verdict, summary, effects, target })
}

/** A plan whose target is known to the directory, if the directory knows it. */
export async function withPerson(ctx: Context, plan: Plan): Promise<Plan> {
  if (plan.target.personId) return plan
  const person = await transact(ctx, (tx) => findPerson(tx, { oktaUserId: plan.target.oktaUserId }))
  return { ...plan, target: { ...plan.target, personId: person?.id ?? null } }
}
