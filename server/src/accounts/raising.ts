/** The rule that keeps powers from growing: nobody gives what he does not hold. */
import { AppError, notFound, type Tx } from '#platform'
import { listReachable, provisionerOf } from './connection-roles.ts'
import { findServiceUser, type ServiceUserRow } from './tokens.store.ts'

/** @throws AppError `forbidden` when a permission is not the caller's own; Keydesk itself may give any */
export function refuseToRaise(tx: Tx, permissions: readonly string[]): void {
  const missing = missingOf(tx, permissions)
  if (missing.length > 0)
    throw new AppError(
      'forbidden',
      `You cannot give a permission that you do not hold yourself: ${missing.join(', ')}.`,
    )
}

/**
 * A service user that is to get a credential, locked, so that its credentials are counted one after the other.
 * @param kind `scim` for credentials that nothing else may have
 * @throws AppError `not_found`; `invalid_input` for one of the wrong kind; `forbidden` as `refuseToReach`
 */
export async function getUserToEquip(tx: Tx, id: string, kind?: 'scim'): Promise<ServiceUserRow> {
  const user = await findServiceUser(tx, id, true)
  if (!user) throw notFound('service user')
  if (kind && user.kind !== kind)
    throw new AppError('invalid_input', 'Only SCIM connections sign in this way. Create a token instead.')
  await refuseToReach(tx, user)
  return user
}

/**
 * Who holds a credential of a SCIM connection can give its roles to anybody, so it takes everything that
 * they allow to hand one out.
 * @throws AppError `forbidden` when a role that the connection may give allows more than the caller may
 */
export async function refuseToReach(tx: Tx, user: ServiceUserRow): Promise<void> {
  refuseToRaise(tx, user.permissions)
  if (user.kind !== 'scim' || !tx.principal) return
  for (const role of await listReachable(tx, provisionerOf(user))) {
    const missing = missingOf(tx, role.permissions)
    if (missing.length > 0)
      throw new AppError(
        'forbidden',
        `This connection can give the role ${role.name}, which allows what you may not: ${missing.join(', ')}. Ask an owner, or take the role from the connection.`,
      )
  }
}

function missingOf(tx: Tx, permissions: readonly string[]): string[] {
  return permissions.filter((permission) => tx.principal && !tx.principal.permissions.has(permission))
}
