/** The rule that keeps powers from growing: nobody gives what he does not hold. */
import { AppError, type Tx } from '#platform'

/** @throws AppError `forbidden` when a permission is not the caller's own; Keydesk itself may give any */
export function refuseToRaise(tx: Tx, permissions: readonly string[]): void {
  const missing = permissions.filter(
    (permission) => tx.principal && !tx.principal.permissions.has(permission),
  )
  if (missing.length > 0)
    throw new AppError(
      'forbidden',
      `You cannot give a permission that you do not hold yourself: ${missing.join(', ')}.`,
    )
}
