/** Who is calling `/api/v1`: an SSWS token, or an access token of this organisation. */
import { createHash } from 'node:crypto'
import { importJWK, type JWTPayload, jwtVerify } from 'jose'
import { OktaError, RawAnswer } from '../errors.ts'
import type { Actor, Call, Route } from '../world.ts'
import { checkProof } from './dpop.ts'
import { publicHalf } from './secrets.ts'

export const TOKEN_TYPE = 'application/okta-internal-at+jwt'

export async function authenticate(call: Omit<Call, 'actor'>): Promise<Actor> {
  const [scheme = '', token = ''] = String(call.headers['authorization'] ?? '').split(' ')
  if (scheme === 'SSWS' && token === call.world.secrets.ssws) return tokenOwner(call)
  if (scheme === 'Bearer' || scheme === 'DPoP') return serviceApp(call, scheme, token)
  throw new OktaError('E0000011')
}

/** The token acts as the admin who made it, and dies with them. */
function tokenOwner({ org }: Pick<Call, 'org'>): Actor {
  const owner = org.users.order.find(
    (user) => user?.roles.includes('SUPER_ADMIN') && user.status !== 'DEPROVISIONED',
  )
  if (!owner) throw new OktaError('E0000011')
  const { login, displayName } = owner.profile
  const who = { id: owner.id, name: String(displayName), login: String(login) }
  return { ...who, kind: 'User', scopes: 'all', role: 'SUPER_ADMIN' }
}

async function serviceApp(call: Omit<Call, 'actor'>, scheme: string, token: string): Promise<Actor> {
  const claims = await readAccessToken(call, token).catch(() => undefined)
  const app = claims && call.org.serviceApps.get(String(claims.sub))
  if (!claims || !app) throw unauthorised('invalid_token', 'The access token is invalid.')
  const bound = (claims['cnf'] as { jkt?: string } | undefined)?.jkt
  if (bound !== undefined) {
    if (scheme !== 'DPoP') throw unauthorised('invalid_token', 'The access token is bound to a DPoP key.')
    const ath = createHash('sha256').update(token).digest('base64url')
    const proof = await checkProof(call, { ath })
    if ('error' in proof) throw unauthorised(proof.error, proof.description)
    if (proof.jkt !== bound) throw unauthorised('invalid_dpop_proof', 'The DPoP proof is of another key.')
  }
  const scopes = Array.isArray(claims['scp']) ? (claims['scp'] as string[]) : []
  const who = { id: app.clientId, name: app.label, login: app.clientId }
  return { ...who, kind: 'PublicClientApp', scopes, role: app.role }
}

export async function readAccessToken(call: Omit<Call, 'actor'>, token: string): Promise<JWTPayload> {
  const key = await importJWK(publicHalf(call.world.secrets.signingKey), 'ES256')
  const { payload } = await jwtVerify(token, key, { typ: TOKEN_TYPE, issuer: call.world.org.id })
  return payload
}

function unauthorised(error: string, description: string): RawAnswer {
  const words = `DPoP error="${error}", error_description="${description}"`
  return new RawAnswer(401, { error, error_description: description }, { 'www-authenticate': words })
}

/**
 * Scopes first, then the admin role. A missing scope is an empty 403 that speaks only in its header
 * (sdk-golang #145); a missing role is E0000006, save that the list of users is empty (baton-okta).
 */
export function authorise(call: Call, route: Route): 'go' | 'empty' {
  const { actor } = call
  if (route.scope !== null && actor.scopes !== 'all' && !grants(actor.scopes, route.scope))
    throw new RawAnswer(403, '', { 'www-authenticate': insufficientScope(call, route.scope) })
  if (actor.role !== null) return 'go'
  if (route.method === 'GET' && route.path === '/api/v1/users') return 'empty'
  throw new OktaError('E0000006')
}

function grants(scopes: readonly string[], wanted: string): boolean {
  return scopes.includes(wanted) || scopes.includes(wanted.replace(/\.read$/, '.manage'))
}

function insufficientScope(call: Call, scope: string): string {
  const parts = {
    authorization_uri: `${call.base}/oauth2/v1/authorize`,
    realm: call.base,
    scope,
    error: 'insufficient_scope',
    error_description: 'The access token provided does not contain the required scopes.',
    resource: call.path,
  }
  return `Bearer ${Object.entries(parts)
    .map(([key, value]) => `${key}="${value}"`)
    .join(', ')}`
}
