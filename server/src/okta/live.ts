/** A person as Okta has them this second. What was imported is refreshed by the way. */
import { findPerson, refreshPerson } from '#directory'
import { AppError, type Context, notFound, transact } from '#platform'
import { OktaError, OktaNoAnswer } from './client/error.ts'
import { factorName, loginOf, nameOf, type OktaUser } from './client/shapes.ts'
import { minding } from './connections.ts'
import type { OktaUserState } from './contract.ts'
import { asking } from './remedies.ts'
import { getConnected, openOkta } from './sessions.ts'
import { instantOf, personOf } from './sync/person.ts'

/** What a status means for the person. Okta has words that it does not list; those are shown bare. */
const HINTS: Record<string, string> = {
  STAGED: 'The account is prepared and not activated: they cannot sign in yet.',
  PROVISIONED: 'The account is activated, but they have not finished setting it up.',
  ACTIVE: 'They can sign in.',
  RECOVERY: 'They were sent a link and cannot sign in before they set a new password.',
  PASSWORD_EXPIRED: 'They must set a new password at their next sign-in.',
  LOCKED_OUT: 'They are locked out after too many wrong passwords.',
  SUSPENDED: 'They cannot sign in. Their groups and apps are kept.',
  DEPROVISIONED: 'The account is deactivated; their apps were removed.',
}

export function statusHint({ status, transitioningToStatus }: OktaUser): string {
  if (transitioningToStatus) return `Okta is changing this to ${transitioningToStatus} at the moment.`
  return HINTS[status] ?? `Okta calls this ${status}.`
}

/**
 * Reads a person from Okta by their id there, with factors, groups and apps. A part that the connection
 * may not read is empty; the rest is shown.
 * @throws AppError `not_ready`, `not_found`, `okta_rejected`, `okta_unreachable`
 */
export async function getOktaUserState(ctx: Context, personId: string): Promise<OktaUserState> {
  const person = await transact(ctx, (tx) => findPerson(tx, { id: personId }))
  if (!person) throw notFound('person')
  const connection = await getConnected(ctx, person.connectionId)
  const okta = await openOkta(ctx, connection, { lane: 'interactive' })
  const user = await asking(() => minding(ctx, connection, () => okta.users.find(person.oktaUserId)))
  if (!user) throw new AppError('not_found', `Okta no longer has ${person.displayName}.`)
  const [factors, groups, apps] = await Promise.all([
    orNone(okta.users.factors(user.id)),
    orNone(okta.users.groups(user.id)),
    orNone(okta.apps.ofUser(user.id)),
  ])
  await transact(ctx, (tx) => refreshPerson(tx, connection.id, personOf(user)))

  const instant = (text: string | null | undefined) => instantOf(text)?.toISOString() ?? null
  return {
    oktaUserId: user.id,
    login: loginOf(user),
    displayName: nameOf(user),
    status: user.status,
    statusHint: statusHint(user),
    provider: user.credentials?.provider?.type ?? 'OKTA',
    lastLogin: instant(user.lastLogin),
    passwordChanged: instant(user.passwordChanged),
    factors: factors.map((factor) => ({
      id: factor.id,
      type: factor.factorType,
      name: factorName(factor),
      status: factor.status,
    })),
    groups: groups.map(({ id, type, profile }) => ({ id, name: profile.name, type })),
    apps: apps.map(({ id, label, status, _embedded }) => ({
      id,
      name: label,
      scope: _embedded?.user?.scope ?? 'USER',
      status: _embedded?.user?.status ?? status,
    })),
    readAt: new Date().toISOString(),
  }
}

/** A list that Okta refuses or does not answer is empty: the page must not fail for a part of it. */
async function orNone<T>(list: Promise<T[]>): Promise<T[]> {
  try {
    return await list
  } catch (error) {
    if (error instanceof OktaError || error instanceof OktaNoAnswer) return []
    throw error
  }
}
