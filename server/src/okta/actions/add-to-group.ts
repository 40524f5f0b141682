import * as z from 'zod'
import { OktaError } from '../client/error.ts'
import type { Okta } from '../client/okta.ts'
import { already, oktaAction, oktaGroup, oktaUser, ready, refused } from './okta-action.ts'

const NAMED_APPS = 8

/** PUT /groups/{gid}/users/{uid}: only groups of Okta's own can be changed (okta-api §1.2). */
export const addToGroup = oktaAction({
  id: 'okta.group.add_member',
  label: 'Add user to group',
  hint: 'Gives them whatever the group gives',
  input: z.object({ user: oktaUser, group: oktaGroup }),
  scopes: ['okta.groups.manage'],
  repeatable: true,
  dangerous: false,
  defaultGate: 'manager',

  async plan(okta, user, name, { group }) {
    const found = await okta.groups.find(group)
    if (!found) return refused(`Okta has no group ${group}.`)
    const called = found.profile.name
    if (found.type !== 'OKTA_GROUP') return refused(`Members of ${called} are not managed in Okta.`)
    if (user.status === 'DEPROVISIONED') return refused(`${name} is deactivated and takes no groups.`)
    if (await okta.groups.hasMember(group, user.id)) return already(`${name} is in ${called}.`)
    if (await okta.groups.givesAdminRights(group))
      return refused(`${called} gives admin rights in Okta. Add people to it in Okta's admin console.`)
    return ready(`Add ${name} to ${called}.`, [await appsLine(okta, group, called)])
  },

  async run(okta, { user, group }, lastCheck) {
    await okta.groups.addMember(group, user, lastCheck)
    return { user, group }
  },

  async undo(okta, { user, group }, lastCheck) {
    if (await okta.groups.hasMember(group, user)) await okta.groups.removeMember(group, user, lastCheck)
  },

  async reconcile(okta, { user, group }) {
    return (await okta.groups.hasMember(group, user))
      ? { verdict: 'done', evidence: 'Okta lists them as a member.' }
      : { verdict: 'not_done', evidence: 'Okta does not list them as a member.' }
  },
})

/** What the group gives is what the approver wants to know. */
async function appsLine(okta: Okta, group: string, called: string): Promise<string> {
  try {
    const apps = (await okta.groups.apps(group)).map(({ label }) => label).sort()
    if (apps.length === 0) return `${called} gives no app by itself.`
    const more = apps.length > NAMED_APPS ? ` and ${apps.length - NAMED_APPS} more` : ''
    return `${called} gives ${apps.slice(0, NAMED_APPS).join(', ')}${more}.`
  } catch (error) {
    if (!(error instanceof OktaError) || error.status !== 403) throw error
    return `Keydesk may not see which apps ${called} gives.`
  }
}
