/**
 * Who calls. Each call looks again in the database: a session that has ended, a member who was
 * deactivated or a token that was revoked a moment ago is refused by every process at once.
 */
import { os } from '@orpc/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  AppError,
  type CallContext,
  type Context,
  type Platform,
  systemContext,
  type Tx,
  transact,
} from '#platform'
import type { Needs, Permission } from './contract.ts'
import { type Credential, proves, readCredential, soleAuthorization } from './credentials.ts'
import { listEffectivePermissions } from './members.store.ts'
import { recogniseProgram } from './programs.ts'
import { findLiveSession, touchSession } from './sessions.store.ts'

/** How stale "last used" may be: a write a minute instead of one a call. */
const TOUCH_MS = 60_000

/** The name of the session cookie. Over https it is bound to this host by its name. */
function cookieName(platform: Platform): string {
  return platform.config.publicUrl.startsWith('https:') ? '__Host-keydesk' : 'keydesk'
}

export function setSessionCookie(
  platform: Platform,
  reply: FastifyReply,
  value: string,
  expires: Date,
): void {
  reply.setCookie(cookieName(platform), value, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: platform.config.publicUrl.startsWith('https:'),
    expires,
  })
}

export function clearSessionCookie(platform: Platform, reply: FastifyReply): void {
  reply.clearCookie(cookieName(platform), { path: '/' })
}

/**
 * The context of an API call, or null for a stranger.
 * @throws AppError `forbidden` when a session comes with an unsafe call from another site
 */
export async function identify(platform: Platform, request: FastifyRequest): Promise<Context | null> {
  if (request.headers.authorization !== undefined) {
    const credential = readCredential(/^Bearer +(\S+)$/i.exec(soleAuthorization(request) ?? '')?.[1] ?? '')
    return credential?.kind === 'api' ? tokenContext(platform, credential) : null
  }
  const cookie = request.cookies[cookieName(platform)]
  const credential = cookie ? readCredential(cookie) : undefined
  if (credential?.kind !== 'ses') return null
  refuseForeignOrigin(platform, request)
  return sessionContext(platform, credential)
}

// A cookie travels with calls that other sites make; what changes something must come from our own pages.
function refuseForeignOrigin(platform: Platform, request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const { origin } = request.headers
  const own = [new URL(platform.config.publicUrl).origin, `${request.protocol}://${request.host}`]
  const site = request.headers['sec-fetch-site']
  if (site === 'same-origin' || (site === undefined && origin !== undefined && own.includes(origin))) return
  if (site === undefined && origin === undefined) return
  throw new AppError('forbidden', 'This call came from another site. Open Keydesk itself and try again.')
}

async function sessionContext(platform: Platform, credential: Credential): Promise<Context | null> {
  return transact(systemContext(platform, credential.tenantId), async (tx) => {
    const session = await findLiveSession(tx, credential.id)
    if (!proves(platform, credential, session?.mac) || !session) return null
    if (Date.now() - session.seenAt.getTime() > TOUCH_MS) await touchSession(tx, session.id, session.memberId)
    const { memberId, personId, displayName } = session
    return {
      ...systemContext(platform, credential.tenantId),
      actor: memberId
        ? { kind: 'member', id: memberId, name: displayName }
        : { kind: 'person', id: personId ?? '', name: displayName },
      principal: {
        sessionId: session.id,
        memberId,
        personId,
        permissions: await permissionsOf(tx, memberId),
      },
    }
  })
}

/** Everything that those of a member's roles which count allow together. */
export async function permissionsOf(tx: Tx, memberId: string | null): Promise<ReadonlySet<Permission>> {
  if (!memberId) return new Set()
  return new Set((await listEffectivePermissions(tx, [memberId])).get(memberId) as Permission[] | undefined)
}

async function tokenContext(platform: Platform, credential: Credential): Promise<Context | null> {
  const found = await recogniseProgram(platform, credential)
  if (found?.program.state !== 'live') return null
  await found.noteUse()
  const { serviceUserId, name, permissions } = found.program
  return {
    ...systemContext(platform, credential.tenantId),
    actor: { kind: 'service', id: serviceUserId, name },
    principal: { sessionId: null, memberId: null, personId: null, permissions: new Set(permissions) },
  }
}

/**
 * Refuses a call that its caller may not make: 401 for strangers, 403 for want of a permission.
 * Where nobody need be signed in and nobody is, the context is of no tenant, and finds nothing.
 */
function authorize(call: CallContext, needs: Needs): Context {
  const { ctx } = call
  if (needs === 'nobody') return ctx ?? systemContext(call.platform, 'wsp_none')
  if (!ctx)
    throw new AppError(
      'not_signed_in',
      'Sign in first, or send a token of kind api as `Authorization: Bearer`.',
    )
  if (needs !== 'session' && !ctx.principal?.permissions.has(needs))
    throw new AppError(
      'forbidden',
      `Your roles do not allow this. It needs the permission ${needs}; an admin can give you a role that has it.`,
      { facts: { permission: needs } },
    )
  return ctx
}

/** The first thing every endpoint of every folder does: read from its contract whom it serves, and refuse the rest. */
export const authorized = os.$context<CallContext>().middleware(({ context, procedure, next }) => {
  const { needs } = procedure['~orpc'].meta as { needs?: Needs }
  return next({ context: { ctx: authorize(context, needs ?? 'session') } })
})
