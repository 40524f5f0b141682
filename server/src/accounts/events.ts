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
export const memberDeactivated = defineEvent<Named & { sessions: number; approvals?: number }>(
  'member.deactivated',
  ({ name, sessions }, actor) =>
    `${actor} deactivated ${name}; ${sessions === 1 ? '1 session' : `${sessions} sessions`} ended at once`,
)
export const memberReactivated = defineEvent<Named>(
  'member.reactivated',
  ({ name }, actor) => `${actor} let ${name} in again`,
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
