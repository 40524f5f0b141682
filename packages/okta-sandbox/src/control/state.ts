/** POST /_sandbox/state: puts the organisation into a state a test needs, in one explicit step. */
import { wholeUser } from '../api/user-view.ts'
import { RawAnswer } from '../errors.ts'
import { oktaId } from '../ids.ts'
import {
  type FactorKind,
  findUser,
  type Profile,
  type ProviderType,
  type Status,
  type User,
  type Write,
} from '../org.ts'
import { type Call, carryOut, now, ok } from '../world.ts'

type UserState = {
  status?: Status
  factors?: FactorKind[]
  provider?: ProviderType
  hasPassword?: boolean
  recoveryQuestion?: boolean
  blocked?: boolean
  roles?: string[]
  profile?: Profile
}

/**
 * `{op: 'set-user', user, ...state}` changes what is named; `{op: 'make-user', profile, ...state}` makes
 * one; `{op: 'remove-user', user}` makes it as if it had never been; `{op: 'set-transition', user, to, reads}`
 * lets Okta say for some reads that it is still working.
 */
export async function changeState(call: Call) {
  const body = (call.body ?? {}) as UserState & { op?: string; user?: string; to?: Status; reads?: number }
  switch (body.op) {
    case 'set-user':
      return save(call, getNamed(call, body.user), body)
    case 'make-user':
      return save(call, freshUser(call, body.profile ?? {}), body)
    case 'remove-user': {
      const user = getNamed(call, body.user)
      await carryOut(call, {
        kind: 'state.remove_user',
        target: user.id,
        writes: [{ t: 'user', id: user.id, row: null }],
      })
      return ok({})
    }
    case 'set-transition': {
      const user = getNamed(call, body.user)
      call.org.transitions.set(user.id, {
        from: user.status,
        to: body.to ?? 'ACTIVE',
        reads: body.reads ?? 1,
      })
      return ok({})
    }
    default:
      throw new RawAnswer(400, { message: 'op must be set-user, make-user, remove-user or set-transition.' })
  }
}

async function save(call: Call, user: User, state: UserState) {
  const moved = state.status !== undefined && state.status !== user.status
  const at = now()
  const row: User = {
    ...user,
    status: state.status ?? user.status,
    factors: state.factors ?? user.factors,
    provider: state.provider ?? user.provider,
    hasPassword: state.hasPassword ?? user.hasPassword,
    recoveryQuestion: state.recoveryQuestion ?? user.recoveryQuestion,
    blocked: state.blocked ?? user.blocked,
    roles: state.roles ?? user.roles,
    profile: { ...user.profile, ...state.profile },
    statusChanged: moved ? at : user.statusChanged,
    lastUpdated: at,
  }
  const writes: Write[] = [{ t: 'user', id: row.id, row }]
  await carryOut(call, { kind: 'state.set_user', target: row.id, detail: { status: row.status }, writes })
  return ok(wholeUser(call, row))
}

function getNamed(call: Call, key: string | undefined): User {
  const user = findUser(call.org, key ?? '')
  if (!user) throw new RawAnswer(404, { message: `There is no user ${key}.` })
  return user
}

function freshUser(call: Call, profile: Profile): User {
  const ordinal = call.org.users.order.length
  const login = profile['login'] ?? profile['email'] ?? `person.${ordinal}@${call.org.domain}`
  const named = {
    firstName: 'Person',
    lastName: String(ordinal),
    login,
    email: login,
    secondEmail: null,
    mobilePhone: null,
  }
  const at = now()
  return {
    id: oktaId('00u', call.org.seed, ordinal),
    ordinal,
    status: 'ACTIVE',
    created: at,
    activated: at,
    statusChanged: at,
    lastLogin: null,
    lastUpdated: at,
    passwordChanged: at,
    provider: 'OKTA',
    hasPassword: true,
    recoveryQuestion: true,
    blocked: false,
    profile: { ...named, ...profile },
    factors: [],
    roles: [],
  }
}
