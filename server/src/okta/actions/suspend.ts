import * as z from 'zod'
import { ActionFailure } from '#actions'
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

/** POST /users/{id}/lifecycle/suspend: locks out and keeps everything (okta-api §1.1). */
export const suspend = oktaAction({
  id: 'okta.user.suspend',
  label: 'Suspend user',
  hint: 'Locks them out and ends their sessions; groups and apps stay',
  input: z.object({ user: oktaUser }),
  scopes: ['okta.users.manage'],
  // Whoever is suspended already stays so: Okta refuses the second call.
  repeatable: true,
  dangerous: true,
  defaultGate: 'none',

  async plan(_okta, user, name) {
    if (user.status === 'SUSPENDED') return already(`${name} is suspended.`)
    if (!offers(user, 'suspend'))
      return refused(`Okta does not suspend whoever is ${statusInWords(user)}, as ${name} is.`)
    return ready(`Suspend ${name}.`, [
      `${name} cannot sign in to anything behind Okta until somebody unsuspends them.`,
      `All Okta sessions of ${name} end at once; apps they are in may stay open until they ask Okta again.`,
      'Groups and apps stay as they are.',
    ])
  },

  async run(okta, { user }, lastCheck) {
    await okta.users.suspend(user, lastCheck)
    return { user }
  },

  async undo(okta, { user }, lastCheck) {
    const now = await okta.users.find(user)
    // Somebody unsuspended them meanwhile: that is what undoing wants.
    if (now?.status === 'ACTIVE') return
    if (now?.status !== 'SUSPENDED')
      throw new ActionFailure('not_done', {
        message: now
          ? `The user is ${statusInWords(now)} now, and no longer suspended.`
          : 'Okta no longer has this user.',
        remedy: 'Look at the person in Okta and decide what they should be.',
        status: null,
        code: null,
        remoteRequestId: null,
      })
    await okta.users.unsuspend(user, lastCheck)
  },

  reconcile: (okta, { user }) =>
    findOrUnclear(okta, user, ({ status }) =>
      status === 'SUSPENDED'
        ? { verdict: 'done', evidence: 'Okta says SUSPENDED.' }
        : { verdict: 'not_done', evidence: `Okta says ${status}.` },
    ),
})
