/** Enrolled factors of a user. A person has at most one of each kind, so ids follow from the user's. */
import { notFound } from '../errors.ts'
import type { FactorKind, User } from '../org.ts'
import { aboutUser, type Call, carryOut, noContent, now, ok, type Route } from '../world.ts'
import { getUser } from './users.ts'

export const factorRoutes: Route[] = [
  { method: 'GET', path: '/api/v1/users/:user/factors', scope: 'okta.users.read', handler: listFactors },
  {
    method: 'GET',
    path: '/api/v1/users/:user/factors/:factor',
    scope: 'okta.users.read',
    handler: readFactor,
  },
  {
    method: 'DELETE',
    path: '/api/v1/users/:user/factors/:factor',
    scope: 'okta.users.manage',
    handler: deleteFactor,
  },
]

const PREFIX: Record<FactorKind, string> = { push: 'opf', totp: 'ost', sms: 'sms', question: 'ufs' }

const factorId = (user: User, kind: FactorKind) => `${PREFIX[kind]}${user.id.slice(3)}`

function viewFactor(call: Call, user: User, kind: FactorKind) {
  const self = `${call.base}/api/v1/users/${user.id}/factors/${factorId(user, kind)}`
  const { factorType, provider, profile } = KINDS[kind](user)
  return {
    id: factorId(user, kind),
    factorType,
    provider,
    vendorName: 'OKTA',
    status: 'ACTIVE',
    created: user.activated ?? user.created,
    lastUpdated: user.activated ?? user.created,
    profile,
    _links: {
      self: { href: self, hints: { allow: ['GET', 'DELETE'] } },
      user: { href: `${call.base}/api/v1/users/${user.id}`, hints: { allow: ['GET'] } },
      ...(kind === 'question'
        ? {
            questions: {
              href: `${call.base}/api/v1/users/${user.id}/factors/questions`,
              hints: { allow: ['GET'] },
            },
          }
        : { verify: { href: `${self}/verify`, hints: { allow: ['POST'] } } }),
    },
  }
}

const KINDS: Record<FactorKind, (user: User) => { factorType: string; provider: string; profile: object }> = {
  push: (user) => ({
    factorType: 'push',
    provider: 'OKTA',
    profile: {
      credentialId: user.profile['login'],
      deviceType: 'SmartPhone_IPhone',
      name: `Phone of ${user.profile['firstName']}`,
      platform: 'IOS',
      version: '18.2',
    },
  }),
  totp: (user) => ({
    factorType: 'token:software:totp',
    provider: 'OKTA',
    profile: { credentialId: user.profile['login'] },
  }),
  sms: (user) => ({
    factorType: 'sms',
    provider: 'OKTA',
    profile: { phoneNumber: String(user.profile['mobilePhone'] ?? '+31650000000') },
  }),
  question: () => ({
    factorType: 'question',
    provider: 'OKTA',
    profile: { question: 'disliked_food', questionText: 'What is the food you least liked as a child?' },
  }),
}

function listFactors(call: Call) {
  const user = getUser(call)
  return ok(user.factors.map((kind) => viewFactor(call, user, kind)))
}

function findFactor(call: Call): { user: User; kind: FactorKind } {
  const user = getUser(call)
  const id = call.params['factor'] ?? ''
  const kind = user.factors.find((one) => factorId(user, one) === id)
  if (!kind) throw notFound(id, 'Factor')
  return { user, kind }
}

function readFactor(call: Call) {
  const { user, kind } = findFactor(call)
  return ok(viewFactor(call, user, kind))
}

async function deleteFactor(call: Call) {
  const { user, kind } = findFactor(call)
  const row = { ...user, factors: user.factors.filter((one) => one !== kind), lastUpdated: now() }
  await carryOut(call, {
    kind: 'user.delete_factor',
    target: user.id,
    detail: { factor: kind },
    writes: [{ t: 'user', id: user.id, row }],
    events: [
      { type: 'user.mfa.factor.deactivate', message: 'Reset factor for user', about: [aboutUser(user)] },
    ],
  })
  return noContent
}
