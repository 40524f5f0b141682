/** The org authorisation server: client_credentials with private_key_jwt, and only that. */
import { randomUUID } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import { readAccessToken, TOKEN_TYPE } from '../auth/authenticate.ts'
import { checkProof, currentNonce, firstUse } from '../auth/dpop.ts'
import { publicHalf } from '../auth/secrets.ts'
import { RawAnswer } from '../errors.ts'
import type { ServiceApp } from '../org.ts'
import type { Call, Route } from '../world.ts'
import { ok } from '../world.ts'

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512']
const HOUR = 3600

export const oauthRoutes: Route[] = [
  { method: 'POST', path: '/oauth2/v1/token', scope: 'open', handler: token },
  { method: 'POST', path: '/oauth2/v1/introspect', scope: 'open', handler: introspect },
  { method: 'GET', path: '/oauth2/v1/keys', scope: 'open', handler: keys },
]

async function token(call: Call) {
  const form = formOf(call)
  if (form.get('grant_type') !== 'client_credentials')
    throw oauthError(400, 'unsupported_grant_type', 'The sandbox grants client_credentials only.')
  const app = await authenticateClient(call, form)
  const jkt = await boundKey(call, app)
  const scopes = grantScopes(app, form.get('scope'))
  const key = await importJWK(call.world.secrets.signingKey, 'ES256')
  const access = await new SignJWT({ ver: 1, cid: app.clientId, scp: scopes, ...(jkt && { cnf: { jkt } }) })
    .setProtectedHeader({ alg: 'ES256', typ: TOKEN_TYPE, kid: String(call.world.secrets.signingKey.kid) })
    .setIssuer(call.org.id)
    .setSubject(app.clientId)
    .setJti(`AT.${randomUUID()}`)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(key)
  const body = {
    token_type: jkt ? 'DPoP' : 'Bearer',
    expires_in: HOUR,
    access_token: access,
    scope: scopes.join(' '),
  }
  return { body, headers: { 'cache-control': 'no-store' } }
}

/** The key the token is bound to, if a proof came or the app demands one. */
async function boundKey(call: Call, app: ServiceApp): Promise<string | undefined> {
  if (call.headers['dpop'] === undefined && !app.dpopRequired) return undefined
  const proof = await checkProof(call, { nonce: true })
  if ('jkt' in proof) return proof.jkt
  const headers: Record<string, string> =
    proof.error === 'use_dpop_nonce' ? { 'dpop-nonce': currentNonce(call) } : {}
  throw oauthError(400, proof.error, proof.description, headers)
}

function grantScopes(app: ServiceApp, asked: string | null): string[] {
  const wanted = (asked ?? '').split(' ').filter((scope) => scope !== '')
  if (wanted.length === 0) throw oauthError(400, 'invalid_scope', 'No scopes were requested.')
  const unknown = wanted.filter((scope) => !/^okta\.[A-Za-z.]+\.(read|manage)$/.test(scope))
  if (unknown.length > 0)
    throw oauthError(
      400,
      'invalid_scope',
      `One or more scopes are not configured for the authorization server resource: ${unknown.join(' ')}.`,
    )
  const granted = wanted.filter((scope) => app.scopes.includes(scope))
  if (granted.length === 0)
    throw oauthError(400, 'consent_required', 'You are not allowed any of the requested scopes.')
  if (granted.length < wanted.length)
    throw oauthError(400, 'invalid_scope', 'One or more scopes are not allowed for this client.')
  return granted
}

/** private_key_jwt: signature, audience, lifetime and single use, each with Okta's own complaint. */
async function authenticateClient(call: Call, form: URLSearchParams): Promise<ServiceApp> {
  const assertion = form.get('client_assertion')
  if (assertion === null || form.get('client_assertion_type') !== ASSERTION)
    throw invalidClient(
      'Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.',
    )
  const read = decode(assertion)
  const app = call.org.serviceApps.get(String(read.claims.iss))
  if (!app || read.claims.sub !== app.clientId) throw invalidClient('Invalid value for client_id parameter.')
  const jwk = chooseKey(app, read.kid)
  const verified = await importJWK(jwk, read.alg)
    .then((key) => jwtVerify(assertion, key, { algorithms: ALGORITHMS, clockTolerance: 60 }))
    .catch((error: Error) => error)
  if (verified instanceof Error)
    throw invalidClient(
      /exp/.test(verified.message)
        ? 'The client_assertion token is expired.'
        : 'The client_assertion signature is invalid.',
    )
  checkClaims(call, verified.payload)
  return app
}

function checkClaims(call: Call, claims: Awaited<ReturnType<typeof jwtVerify>>['payload']): void {
  const second = Date.now() / 1000
  const audience = `${call.base}${call.path}`
  if (claims.aud !== audience)
    throw invalidClient(
      `The audience claim for client_assertion must be the endpoint invoked for the request: ${audience}.`,
    )
  if (claims.exp === undefined || claims.exp > second + HOUR + 60)
    throw invalidClient('The client_assertion token has an expiration too far into the future.')
  if (claims.iat !== undefined && claims.iat > second + 60)
    throw invalidClient('The client_assertion token was issued in the future.')
  if (
    claims.jti !== undefined &&
    !firstUse(call.world.seen, `assertion ${claims.iss} ${claims.jti}`, claims.exp)
  )
    throw invalidClient('The client_assertion token has already been used.')
}

function decode(assertion: string) {
  try {
    const header = decodeProtectedHeader(assertion)
    return { kid: header.kid, alg: String(header.alg), claims: decodeJwt(assertion) }
  } catch {
    throw invalidClient('The client_assertion is not a JWT.')
  }
}

function chooseKey(app: ServiceApp, kid: string | undefined): JWK {
  if (app.jwks.length === 0)
    throw invalidClient(`The client ${app.clientId} does not have a JWKSet configured.`)
  const found =
    kid === undefined && app.jwks.length === 1 ? app.jwks[0] : app.jwks.find((key) => key.kid === kid)
  if (!found) throw invalidClient('The client_assertion was signed with a key that is not registered (kid).')
  return found
}

async function introspect(call: Call) {
  const form = formOf(call)
  const app = await authenticateClient(call, form)
  const claims = await readAccessToken(call, form.get('token') ?? '').catch(() => undefined)
  if (!claims || claims.sub !== app.clientId) return ok({ active: false })
  const { exp, iat, jti, sub } = claims
  const scope = (claims['scp'] as string[]).join(' ')
  const tokenType = claims['cnf'] ? 'DPoP' : 'Bearer'
  return ok({
    active: true,
    scope,
    client_id: sub,
    sub,
    exp,
    iat,
    jti,
    iss: call.base,
    token_type: tokenType,
  })
}

function keys(call: Call) {
  return ok({ keys: [publicHalf(call.world.secrets.signingKey)] })
}

function formOf(call: Call): URLSearchParams {
  if (call.body instanceof URLSearchParams) return call.body
  throw oauthError(400, 'invalid_request', "The request must be 'application/x-www-form-urlencoded'.")
}

function invalidClient(description: string): RawAnswer {
  return oauthError(401, 'invalid_client', description)
}

function oauthError(
  status: number,
  error: string,
  description: string,
  headers: Record<string, string> = {},
) {
  return new RawAnswer(status, { error, error_description: description }, headers)
}
