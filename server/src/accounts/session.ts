/** What the console is told of the one who is signed in. */
import { AppError, type Context, transact } from '#platform'
import { permissionsOf } from './authenticate.ts'
import type { Session } from './contract.ts'
import { findMember, listGrants } from './members.store.ts'
import { findLiveSession } from './sessions.store.ts'

/** @throws AppError `not_signed_in` for callers without a session, such as programs with a token */
export async function describeSession(ctx: Context, sessionId: string | null | undefined): Promise<Session> {
  return transact(ctx, async (tx) => {
    const session = sessionId ? await findLiveSession(tx, sessionId) : undefined
    if (!session) throw new AppError('not_signed_in', 'There is no session: a token has none.')
    const tenant = await tx.db
      .selectFrom('tenants')
      .selectAll()
      .where('id', '=', tx.tenantId)
      .executeTakeFirstOrThrow()
    const member = session.memberId ? await findMember(tx, session.memberId) : undefined
    const grants = member ? await listGrants(tx, [member.id]) : []
    return {
      workspace: { id: tenant.id, slug: tenant.slug, name: tenant.name },
      email: session.email,
      displayName: member?.displayName ?? session.displayName,
      member: member
        ? {
            id: member.id,
            roles: [...new Set(grants.map((grant) => grant.name))],
            hasPassword: member.passwordHash !== null,
          }
        : null,
      person: session.personId ? { id: session.personId } : null,
      permissions: [...(await permissionsOf(tx, member?.id ?? null))],
      expiresAt: session.expiresAt.toISOString(),
    }
  })
}
