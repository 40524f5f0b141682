/** Tokens that will end: the owners hear of it in time, and once. */
import { type Platform, systemContext, type Tx, transact } from '#platform'
import { tokenExpiring } from './oauth-events.ts'
import * as store from './tokens.store.ts'

/** So many days before its end, nearest first: a token that was forgotten is told of by its nearest only. */
const WARN_DAYS = [1, 7, 30] as const

/** Brings a mail on its way, in the transaction that found what to say. */
export type Tell = (tx: Tx, mail: { to: string; subject: string; text: string }) => Promise<void>

/**
 * Tells a workspace's owners, by an event and a mail, of tokens that end within 30, 7 or one day. Doing it
 * again tells nothing twice, by however many processes.
 * @returns how many tokens were told of
 */
export async function warnOfExpiry(platform: Platform, tenantId: string, tell: Tell): Promise<number> {
  return transact(systemContext(platform, tenantId), async (tx) => {
    let told = 0
    for (const days of WARN_DAYS)
      for (const token of await store.noteExpiring(tx, days)) {
        const user = await store.findServiceUser(tx, token.serviceUserId)
        if (!user || !token.expiresAt) continue
        tokenExpiring(tx, [user.id, token.id], { name: user.name, hint: token.hint, days })
        for (const owner of await store.listOwners(tx))
          await tell(tx, {
            to: owner.email,
            ...mailOf(tx, owner.displayName, user, token.hint, token.expiresAt),
          })
        told++
      }
    return told
  })
}

function mailOf(
  { platform }: Tx,
  owner: string,
  user: store.ServiceUserRow,
  hint: string,
  expiresAt: Date,
): { subject: string; text: string } {
  const day = expiresAt.toISOString().slice(0, 10)
  const effect =
    user.kind === 'scim'
      ? 'After that nobody is provisioned or deprovisioned by it.'
      : 'After that it is refused.'
  return {
    subject: `A token of ${user.name} expires on ${day}`,
    text: [
      `Hello ${owner},`,
      '',
      `the token of ${user.name} that ends in ${hint} expires on ${day}. ${effect}`,
      '',
      'Create one that takes over from it: the old one works until the new one is used for the first time.',
      '',
      `${platform.config.publicUrl}/settings/provisioning`,
    ].join('\n'),
  }
}
