/** What happens to accounts, in sentences. */
import { defineEvent } from '#platform'

type Named = { name: string }

export const workspaceCreated = defineEvent<Named>(
  'workspace.created',
  ({ name }, actor) => `${actor} created the workspace ${name}`,
)
export const memberInvited = defineEvent<Named>(
  'member.invited',
  ({ name }, actor) => `${actor} invited ${name}`,
)
export const memberProvisioned = defineEvent<Named & { note?: string }>(
  'member.provisioned',
  ({ name, note }, actor) => `${actor} created the member ${name} over SCIM${note ? `. ${note}` : ''}`,
)
export const memberLinked = defineEvent<Named>(
  'member.linked',
  ({ name }, actor) => `${actor} took over the member ${name}, who had been invited by hand`,
)
export const memberUpdated = defineEvent<Named & { changed: string[] }>(
  'member.updated',
  ({ name, changed }, actor) => `${actor} changed ${changed.join(', ')} of ${name}`,
)
type Ended = { sessions?: number; ended?: Record<string, number>; ms?: number }

export const memberDeactivated = defineEvent<Named & Ended>(
  'member.deactivated',
  ({ name, sessions, ended = { sessions: sessions ?? 0 }, ms }, actor) =>
    `${actor} deactivated ${name}; ended at once: ${cutsOf(ended)}${ms === undefined ? '' : `, ${ms} ms after the call`}`,
)

const NAMES: Record<string, [one: string, many: string]> = {
  sessions: ['session', 'sessions'],
  links: ['sign-in link', 'sign-in links'],
  approvals: ['waiting approval', 'waiting approvals'],
  runs: ['action run', 'action runs'],
}

function cutsOf(ended: Record<string, number>): string {
  const cuts = Object.entries(ended).filter(([what, count]) => count > 0 || what === 'sessions')
  return cuts.map(([what, count]) => `${count} ${NAMES[what]?.[count === 1 ? 0 : 1] ?? what}`).join(', ')
}

export const memberReactivated = defineEvent<Named>(
  'member.reactivated',
  ({ name }, actor) => `${actor} let ${name} in again`,
)
export const manualRolesDropped = defineEvent<Named & { roles: string[] }>(
  'member.manual_roles_dropped',
  ({ name, roles }) =>
    `${name} came back by the identity provider, so roles given by hand before were not restored: ${roles.join(', ')}`,
)
export const pushedRolesDropped = defineEvent<Named & { roles: string[] }>(
  'member.pushed_roles_dropped',
  ({ name, roles }) =>
    `The identity provider can see ${name} again, so what it gave before was dropped until it says so anew: ${roles.join(', ')}`,
)
export const memberBreakGlass = defineEvent<Named & { breakGlass: boolean }>(
  'member.break_glass_changed',
  ({ name, breakGlass }, actor) =>
    breakGlass
      ? `${actor} made ${name} a break-glass account: no identity provider can see or change it`
      : `${actor} made ${name} an ordinary account again`,
)
export const memberDeleted = defineEvent<Named>(
  'member.deleted',
  ({ name }, actor) => `${actor} removed the member ${name} over SCIM`,
)
export const memberRolesChanged = defineEvent<Named & { roles: string[] }>(
  'member.roles_changed',
  ({ name, roles }, actor) =>
    roles.length > 0
      ? `${actor} gave ${name} the roles ${roles.join(', ')}`
      : `${actor} took every role from ${name}`,
)
export const signedIn = defineEvent<{ with: string }>(
  'session.started',
  (facts, actor) => `${actor} signed in with ${facts.with}`,
)
export const signedOut = defineEvent<Record<string, never>>(
  'session.ended',
  (_, actor) => `${actor} signed out`,
)
export const signInLinkSent = defineEvent<Named>(
  'sign_in_link.sent',
  ({ name }) => `A sign-in link was sent to ${name}`,
)
export const passwordSet = defineEvent<Record<string, never>>(
  'password.set',
  (_, actor) => `${actor} set a password`,
)
export const roleCreated = defineEvent<Named>(
  'role.created',
  ({ name }, actor) => `${actor} created the role ${name}`,
)
export const roleUpdated = defineEvent<Named>(
  'role.updated',
  ({ name }, actor) => `${actor} changed the role ${name}`,
)
export const roleDeleted = defineEvent<Named>(
  'role.deleted',
  ({ name }, actor) => `${actor} deleted the role ${name}`,
)
export const ownRolesChanged = defineEvent<Named & { roles: string[] }>(
  'member.assigned_roles_changed',
  ({ name, roles }, actor) =>
    roles.length > 0
      ? `${actor} assigned ${name} the roles ${roles.join(', ')} over SCIM`
      : `${actor} took the roles that were assigned over SCIM from ${name}`,
)
export const roleMembersChanged = defineEvent<Named & { added: number; removed: number }>(
  'role.members_changed',
  ({ name, added, removed }, actor) =>
    `${actor} changed who has the role ${name} by its group: ${added} added, ${removed} removed`,
)
export const serviceUserCreated = defineEvent<Named & { kind: string }>(
  'service_user.created',
  ({ name, kind }, actor) =>
    `${actor} created the ${kind === 'scim' ? 'SCIM connection' : 'service user'} ${name}`,
)
export const tokenCreated = defineEvent<Named & { hint: string }>(
  'token.created',
  ({ name, hint }, actor) => `${actor} created a token of ${name} that ends in ${hint}`,
)
export const tokenRevoked = defineEvent<Named & { hint: string }>(
  'token.revoked',
  ({ name, hint }, actor) => `${actor} revoked the token of ${name} that ends in ${hint}`,
)
