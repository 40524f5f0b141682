/** A user as Okta prints it: whole with the links of its status, or as a row of a list. */
import type { Org, Status, User } from '../org.ts'
import type { Call } from '../world.ts'

const LIFECYCLE = {
  activate: 'lifecycle/activate',
  reactivate: 'lifecycle/reactivate',
  deactivate: 'lifecycle/deactivate',
  suspend: 'lifecycle/suspend',
  unsuspend: 'lifecycle/unsuspend',
  unlock: 'lifecycle/unlock',
  resetPassword: 'lifecycle/reset_password',
  expirePassword: 'lifecycle/expire_password',
  resetFactors: 'lifecycle/reset_factors',
  forgotPassword: 'credentials/forgot_password',
  changePassword: 'credentials/change_password',
  changeRecoveryQuestion: 'credentials/change_recovery_question',
  delete: '',
} as const
type Relation = keyof typeof LIFECYCLE

const WITH_PASSWORD: Relation[] = ['changePassword', 'changeRecoveryQuestion', 'expirePassword']

/** What Okta offers in each status, harvested from 690 recorded users. */
function relationsOf(user: User): Relation[] {
  const reset: Relation[] = user.factors.length > 0 ? ['resetFactors'] : []
  switch (user.status) {
    case 'STAGED':
      return ['activate', ...reset]
    case 'PROVISIONED':
      return ['deactivate', 'reactivate', 'resetPassword', 'suspend', ...reset]
    case 'ACTIVE':
    case 'PASSWORD_EXPIRED':
      return [
        'deactivate',
        'resetPassword',
        'suspend',
        ...reset,
        ...(user.hasPassword ? WITH_PASSWORD : []),
        ...(user.hasPassword && user.recoveryQuestion ? (['forgotPassword'] as const) : []),
      ]
    case 'SUSPENDED':
      return ['deactivate', 'unsuspend', ...reset]
    case 'LOCKED_OUT':
      return ['deactivate', 'unlock', 'resetPassword', ...reset]
    case 'RECOVERY':
      return ['reactivate', 'resetPassword']
    case 'DEPROVISIONED':
      return ['activate', 'delete']
  }
}

export function wholeUser(call: Call, user: User) {
  const transition = takeTransition(call.org, user.id)
  const shown = transition ? { ...user, status: transition.from } : user
  const body = userBody(call, shown)
  if (!transition) return body
  return { ...body, transitioningToStatus: transition.to }
}

function userBody(call: Call, user: User) {
  const self = `${call.base}/api/v1/users/${user.id}`
  const links: Record<string, unknown> = {
    schema: { href: `${call.base}/api/v1/meta/schemas/user/${schemaId(call.org)}` },
    type: { href: `${call.base}/api/v1/meta/types/user/${typeId(call.org)}` },
    self: { href: self },
  }
  for (const relation of relationsOf(user)) {
    const path = LIFECYCLE[relation]
    links[relation] = { href: path ? `${self}/${path}` : self, method: path ? 'POST' : 'DELETE' }
  }
  return { ...fields(call.org, user), _links: links }
}

/** Lists carry only `self`. */
export function listedUser(call: Call, user: User) {
  const row = call.fault?.kind === 'stale' ? (call.org.previous.get(user.id) ?? user) : user
  return { ...fields(call.org, row), _links: { self: { href: `${call.base}/api/v1/users/${user.id}` } } }
}

function fields(org: Org, user: User) {
  return {
    id: user.id,
    status: user.status,
    created: user.created,
    activated: user.activated,
    statusChanged: user.statusChanged,
    lastLogin: user.lastLogin,
    lastUpdated: user.lastUpdated,
    passwordChanged: user.passwordChanged,
    type: { id: typeId(org) },
    profile: user.profile,
    credentials: {
      ...(user.hasPassword && { password: {} }),
      emails: [{ value: user.profile['email'], status: 'VERIFIED', type: 'PRIMARY' }],
      ...(user.recoveryQuestion && {
        recovery_question: { question: 'What is the name of the first street you remember?' },
      }),
      provider: { type: user.provider, name: user.provider },
    },
  }
}

function takeTransition(org: Org, id: string): { from: Status; to: Status } | undefined {
  const transition = org.transitions.get(id)
  if (!transition) return undefined
  transition.reads -= 1
  if (transition.reads <= 0) org.transitions.delete(id)
  return transition
}

export const typeId = (org: Org) => `oty${org.id.slice(3)}`
export const schemaId = (org: Org) => `osc${org.id.slice(3)}`

/** The value at a path of `filter` and `search`. */
export function readUser(org: Org, user: User): (path: string) => unknown {
  return (path) => {
    if (path.startsWith('profile.')) return user.profile[path.slice('profile.'.length)]
    if (path === 'type.id') return typeId(org)
    return user[path as keyof User]
  }
}
