/** Which parts of the API may answer otherwise after an event. */

export type Part = 'accounts' | 'directory' | 'okta' | 'actions' | 'approvals' | 'desk' | 'scim'

const table: readonly (readonly [prefix: string, parts: readonly Part[]])[] = [
  ['request.', ['desk']],
  ['message.', ['desk']],
  ['service.', ['desk']],
  ['approval.', ['approvals', 'desk']],
  // What was done in Okta shows in what Okta says of the person.
  ['action.done', ['actions', 'desk', 'approvals', 'okta', 'directory']],
  ['action.settled', ['actions', 'desk', 'approvals', 'okta', 'directory']],
  ['action.', ['actions', 'desk', 'approvals']],
  ['okta.import.', ['okta', 'directory']],
  ['okta.', ['okta']],
  ['person.', ['directory']],
  ['group.', ['directory']],
  ['app.', ['directory']],
  // A connection counts its members, roles and tokens, and a member's timeline joins all of them.
  ['member.', ['accounts', 'scim']],
  ['role.', ['accounts', 'scim']],
  ['token.', ['accounts', 'scim']],
  ['service_user.', ['accounts', 'scim']],
  ['oauth_', ['accounts', 'scim']],
  // Many a second, and what a call changes has its own event.
  ['scim.called', ['scim']],
  ['scim.', ['accounts', 'scim']],
  ['session.', ['accounts', 'scim']],
]

/** By the first prefix that fits. An event nobody listed touches everything: late is worse than often. */
export function keysOf(type: string): readonly Part[] {
  const found = table.find(([prefix]) => type.startsWith(prefix))
  return found?.[1] ?? ['accounts', 'directory', 'okta', 'actions', 'approvals', 'desk', 'scim']
}
