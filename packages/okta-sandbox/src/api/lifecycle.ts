/** The status machine: which call is allowed in which status, and what it answers. */
import { invalid, OktaError } from '../errors.ts'
import { type FactorKind, rows, type Status, type User, type Write } from '../org.ts'
import { aboutUser, type Call, carryOut, noContent, now, ok, type Route } from '../world.ts'
import { wholeUser } from './user-view.ts'
import { getUser, linkToken } from './users.ts'

const MANAGE = 'okta.users.manage'
const life = (verb: string, handler: Route['handler']): Route => ({
  method: 'POST',
  path: `/api/v1/users/:user/lifecycle/${verb}`,
  scope: MANAGE,
  handler,
})

export const lifecycleRoutes: Route[] = [
  life('activate', activate),
  life('reactivate', reactivate),
  life('deactivate', deactivate),
  life('suspend', suspend),
  life('unsuspend', unsuspend),
  life('unlock', unlock),
  life('reset_password', resetPassword),
  life('expire_password', expirePassword),
  life('expire_password_with_temp_password', expireWithTempPassword),
  life('reset_factors', resetFactors),
  {
    method: 'POST',
    path: '/api/v1/users/:user/credentials/forgot_password',
    scope: MANAGE,
    handler: forgotPassword,
  },
  { method: 'DELETE', path: '/api/v1/users/:user/sessions', scope: MANAGE, handler: revokeSessions },
  { method: 'DELETE', path: '/api/v1/users/:user', scope: MANAGE, handler: deleteUser },
]

type Change = {
  verb: string
  event: string
  message: string
  detail?: Record<string, unknown>
  writes?: Write[]
}

/** Changes the user, with the times Okta moves, and writes the event. */
async function change(call: Call, user: User, to: Partial<User>, what: Change): Promise<User> {
  const at = now()
  const moved = to.status !== undefined && to.status !== user.status
  const row = { ...user, ...to, lastUpdated: at, statusChanged: moved ? at : user.statusChanged }
  await carryOut(call, {
    kind: `user.${what.verb}`,
    target: user.id,
    detail: { from: user.status, to: row.status, ...what.detail },
    writes: [{ t: 'user', id: user.id, row }, ...(what.writes ?? [])],
    events: [{ type: what.event, message: what.message, about: [aboutUser(user)] }],
  })
  return row
}

const sendsMail = (call: Call, otherwise: boolean) =>
  (call.query.get('sendEmail') ?? String(otherwise)) === 'true'

async function activate(call: Call) {
  const user = getUser(call)
  if (call.org.transitions.has(user.id)) throw new OktaError('E0000112')
  if (user.status !== 'STAGED' && user.status !== 'DEPROVISIONED') throw new OktaError('E0000016')
  const status: Status = user.hasPassword ? 'ACTIVE' : 'PROVISIONED'
  const change_ = { verb: 'activate', event: 'user.lifecycle.activate', message: 'Activate Okta user' }
  await change(
    call,
    user,
    { status, activated: now() },
    { ...change_, detail: { sendEmail: sendsMail(call, true) } },
  )
  return sendsMail(call, true) ? ok({}) : ok(activationLink(call))
}

async function reactivate(call: Call) {
  const user = getUser(call)
  demandStatus(user, 'PROVISIONED', 'RECOVERY')
  const words = { verb: 'reactivate', event: 'user.lifecycle.reactivate', message: 'Reactivate Okta user' }
  await change(call, user, {}, { ...words, detail: { sendEmail: sendsMail(call, false) } })
  return sendsMail(call, false) ? ok({}) : ok(activationLink(call))
}

function activationLink(call: Call) {
  const activationToken = linkToken()
  return { activationUrl: `${call.base}/welcome/${activationToken}`, activationToken }
}

async function deactivate(call: Call) {
  const user = getUser(call)
  if (user.status === 'DEPROVISIONED') throw new OktaError('E0000038')
  await deprovision(call, user)
  return ok({})
}

async function deprovision(call: Call, user: User): Promise<void> {
  const gone: Write[] = []
  for (const [app, assigned] of call.org.appUsers)
    if (assigned.has(user.id)) gone.push({ t: 'appUser', app, user: user.id, row: null })
  const to = { status: 'DEPROVISIONED', hasPassword: false, recoveryQuestion: false, factors: [] } as const
  const words = { verb: 'deactivate', event: 'user.lifecycle.deactivate', message: 'Deactivate Okta user' }
  await change(call, user, to, { ...words, detail: { appsRemoved: gone.length }, writes: gone })
  // The work itself is done; Okta only goes on saying for a while that it is not.
  if (call.headers['prefer'] === 'respond-async')
    call.org.transitions.set(user.id, { from: user.status, to: 'DEPROVISIONED', reads: 2 })
}

async function deleteUser(call: Call) {
  const user = getUser(call)
  if (user.status !== 'DEPROVISIONED') {
    await deprovision(call, user)
    return noContent
  }
  await carryOut(call, {
    kind: 'user.delete',
    target: user.id,
    writes: [{ t: 'user', id: user.id, row: null }],
    events: [
      { type: 'user.lifecycle.delete.initiated', message: 'Delete Okta user', about: [aboutUser(user)] },
    ],
  })
  return noContent
}

async function suspend(call: Call) {
  const user = getUser(call)
  // The text says ACTIVE only; the links of PROVISIONED and PASSWORD_EXPIRED offer it too.
  if (!['ACTIVE', 'PROVISIONED', 'PASSWORD_EXPIRED'].includes(user.status))
    throw invalid('suspendUser', 'Cannot suspend a user that is not active')
  const words = { verb: 'suspend', event: 'user.lifecycle.suspend', message: 'Suspend Okta user' }
  await change(call, user, { status: 'SUSPENDED' }, words)
  return ok({})
}

async function unsuspend(call: Call) {
  const user = getUser(call)
  if (user.status !== 'SUSPENDED')
    throw invalid('unsuspendUser', 'Cannot unsuspend a user that is not suspended')
  const words = { verb: 'unsuspend', event: 'user.lifecycle.unsuspend', message: 'Unsuspend Okta user' }
  await change(call, user, { status: 'ACTIVE' }, words)
  return ok({})
}

async function unlock(call: Call) {
  const user = getUser(call)
  const locked = user.status === 'LOCKED_OUT' || (user.status === 'ACTIVE' && user.blocked)
  if (!locked) throw new OktaError('E0000032', { causes: ['The user is not locked out.'] })
  if (user.provider === 'ACTIVE_DIRECTORY' || user.provider === 'LDAP')
    throw new OktaError('E0000032', { causes: ['Unlock is only supported for Okta-sourced users.'] })
  const words = {
    verb: 'unlock',
    event: 'user.account.unlock_by_admin',
    message: 'Unlock user account by admin',
  }
  await change(call, user, { status: 'ACTIVE', blocked: false }, words)
  return ok({})
}

async function resetPassword(call: Call) {
  const user = getUser(call)
  const sendEmail = call.query.get('sendEmail')
  if (sendEmail === null) throw new OktaError('E0000028', { causes: ['sendEmail'] })
  demandStatus(user, 'ACTIVE', 'PROVISIONED', 'PASSWORD_EXPIRED', 'RECOVERY', 'LOCKED_OUT')
  if (user.provider === 'ACTIVE_DIRECTORY') throw new OktaError('E0000241')
  // Without a word about the provider, a federated user becomes one with an Okta password (users doc).
  const federate = call.query.get('provider') === 'FEDERATION'
  const provider = federate ? 'FEDERATION' : user.provider === 'FEDERATION' ? 'OKTA' : user.provider
  const status: Status = federate ? user.status : 'RECOVERY'
  const words = {
    verb: 'reset_password',
    event: 'user.account.reset_password',
    message: 'User reset password for Okta',
  }
  const detail = {
    sendEmail: sendEmail === 'true',
    provider,
    revokeSessions: call.query.get('revokeSessions') === 'true',
  }
  await change(call, user, { status, provider, hasPassword: false }, { ...words, detail })
  return ok(
    sendEmail === 'true' || federate
      ? {}
      : { resetPasswordUrl: `${call.base}/signin/reset-password/${linkToken()}` },
  )
}

async function forgotPassword(call: Call) {
  const user = getUser(call)
  if (user.status !== 'ACTIVE' || !user.hasPassword || !user.recoveryQuestion)
    throw new OktaError('E0000034', { causes: ['The user has no recovery question, or is not active.'] })
  const words = { verb: 'forgot_password', event: 'user.account.reset_password', message: 'Forgot password' }
  await change(call, user, {}, { ...words, detail: { sendEmail: sendsMail(call, true) } })
  return ok(
    sendsMail(call, true) ? {} : { resetPasswordUrl: `${call.base}/signin/reset-password/${linkToken()}` },
  )
}

async function expire(call: Call, verb: string): Promise<User> {
  const user = getUser(call)
  demandStatus(user, 'ACTIVE', 'PASSWORD_EXPIRED')
  if (!user.hasPassword) throw new OktaError('E0000038')
  const words = { verb, event: 'user.account.expire_password', message: 'Expire user password' }
  return change(call, user, { status: 'PASSWORD_EXPIRED' }, words)
}

async function expirePassword(call: Call) {
  if (call.query.get('tempPassword') === 'true') return expireWithTempPassword(call)
  return ok(wholeUser(call, await expire(call, 'expire_password')))
}

async function expireWithTempPassword(call: Call) {
  await expire(call, 'expire_password_with_temp_password')
  return ok({ tempPassword: `C8${linkToken().slice(0, 10)}` })
}

async function resetFactors(call: Call) {
  const user = getUser(call)
  if (user.status === 'DEPROVISIONED') throw new OktaError('E0000038')
  const factors: FactorKind[] = []
  const words = {
    verb: 'reset_factors',
    event: 'user.mfa.factor.reset_all',
    message: 'Reset all factors for user',
  }
  await change(call, user, { factors }, { ...words, detail: { removed: user.factors } })
  return ok({})
}

async function revokeSessions(call: Call) {
  const user = getUser(call)
  const flag = (name: string, otherwise: string) => (call.query.get(name) ?? otherwise) === 'true'
  await carryOut(call, {
    kind: 'user.revoke_sessions',
    target: user.id,
    detail: { oauthTokens: flag('oauthTokens', 'false'), forgetDevices: flag('forgetDevices', 'true') },
    events: [{ type: 'user.session.clear', message: 'Clear user session', about: [aboutUser(user)] }],
  })
  return noContent
}

function demandStatus(user: User, ...allowed: Status[]): void {
  if (!allowed.includes(user.status)) throw new OktaError('E0000038')
}

/** How many users there are in each status. */
export function countByStatus(call: Pick<Call, 'org'>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const user of rows(call.org.users)) counts[user.status] = (counts[user.status] ?? 0) + 1
  return counts
}
