import * as z from 'zod'
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

/** Whose password is not Okta's. For FEDERATION the call would even turn the user into one with an Okta password. */
const ELSEWHERE: Record<string, string> = {
  FEDERATION: 'another identity provider',
  SOCIAL: 'a social identity provider',
  IMPORT: 'the app they were imported from',
}

/** POST /users/{id}/lifecycle/reset_password?sendEmail=true: the user is mailed a link (okta-api §1.1). */
export const resetPassword = oktaAction({
  id: 'okta.user.reset_password',
  label: 'Reset password',
  hint: 'Mails a link for a new password; until it is used they cannot sign in',
  input: z.object({ user: oktaUser }),
  scopes: ['okta.users.manage'],
  repeatable: false,
  dangerous: false,
  defaultGate: 'none',

  async plan(_okta, user, name) {
    const provider = user.credentials?.provider?.type ?? 'OKTA'
    const keeper = ELSEWHERE[provider]
    if (keeper) return refused(`The password of ${name} is kept by ${keeper}; reset it there.`)
    if (user.status === 'RECOVERY')
      return already(`${name} was sent a link already and has not set a new password yet.`)
    if (!offers(user, 'resetPassword'))
      return refused(`Okta does not reset the password while ${name} is ${statusInWords(user)}.`)
    const mail = typeof user.profile['email'] === 'string' ? user.profile['email'] : 'their address'
    return ready(`Mail ${name} a link for a new password.`, [
      `${name} cannot sign in until the new password is set.`,
      ...(provider === 'OKTA'
        ? []
        : [`The password is kept in ${directory(provider)}; Okta needs a connected agent to reset it.`]),
      `Okta sends the link to ${mail}.`,
    ])
  },

  async run(okta, { user }, lastCheck) {
    await okta.users.resetPassword(user, lastCheck)
    return { user }
  },

  reconcile: (okta, { user }, sentAt) =>
    findOrUnclear(okta, user, ({ status, statusChanged, passwordChanged }) => {
      if (status === 'RECOVERY')
        return { verdict: 'done', evidence: 'Okta waits for the new password (RECOVERY).' }
      const moved = [statusChanged, passwordChanged].some(
        (at) => (instantOf(at)?.getTime() ?? 0) >= sentAt.getTime() - CLOCKS_DIFFER_MS,
      )
      if (moved)
        return {
          verdict: 'unclear',
          evidence: `The status is ${status}, and it or the password changed since then.`,
        }
      return {
        verdict: 'not_done',
        evidence: `The status is ${status} as before, and the password is unchanged.`,
      }
    }),
})

/** Okta prints whole seconds, by its own clock. */
const CLOCKS_DIFFER_MS = 5000

function directory(provider: string): string {
  return provider === 'ACTIVE_DIRECTORY' ? 'Active Directory' : provider
}
