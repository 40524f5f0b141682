import * as z from 'zod'
import { factorName } from '../client/shapes.ts'
import { instantOf } from '../sync/person.ts'
import {
  already,
  findOrUnclear,
  offers,
  oktaAction,
  oktaUser,
  ready,
  refused,
  statusInWords,
} from './okta-action.ts'

/** POST /users/{id}/lifecycle/reset_factors: every factor is unenrolled, the status stays (okta-api §1.1). */
export const resetMfa = oktaAction({
  id: 'okta.user.reset_mfa',
  label: 'Reset MFA',
  hint: 'Removes every enrolled factor; they enrol again at their next sign-in',
  input: z.object({ user: oktaUser }),
  scopes: ['okta.users.manage'],
  repeatable: false,
  dangerous: true,
  defaultGate: 'manager',

  async plan(okta, user, name) {
    const factors = await okta.users.factors(user.id)
    if (factors.length === 0) return already(`${name} has no MFA factors enrolled.`)
    if (!offers(user, 'resetFactors'))
      return refused(`Okta does not reset factors while ${name} is ${statusInWords(user)}.`)
    return ready(`Remove ${count(factors.length)} of ${name}.`, [
      `Until ${name} enrols again, the password alone protects the account.`,
      ...factors.map((factor) => `${factorName(factor)} is removed.`).sort(),
      `${name} is asked to enrol again at the next sign-in.`,
    ])
  },

  async run(okta, { user }, lastCheck) {
    const removed = (await okta.users.factors(user)).map(factorName)
    await okta.users.resetFactors(user, lastCheck)
    return { user, removed }
  },

  reconcile: (okta, { user }, sentAt) =>
    findOrUnclear(okta, user, async ({ id }) => {
      const factors = await okta.users.factors(id)
      if (factors.length === 0) return { verdict: 'done', evidence: 'No factor is enrolled any more.' }
      const old = factors.filter(({ created }) => (instantOf(created)?.getTime() ?? 0) < sentAt.getTime())
      if (old.length === 0)
        return { verdict: 'done', evidence: `Only factors enrolled since then are left: ${names(factors)}.` }
      return { verdict: 'not_done', evidence: `Enrolled before and still there: ${names(old)}.` }
    }),
})

function names(factors: Parameters<typeof factorName>[0][]): string {
  return factors.map(factorName).join(', ')
}

function count(factors: number): string {
  return factors === 1 ? 'the one MFA factor' : `all ${factors} MFA factors`
}
