/**
 * How a call proves who it is. A service app signs an assertion with its private key and gets a token
 * for an hour, bound to a DPoP key that lives in this process only; an API token is sent as it is.
 */
import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'
import * as z from 'zod'
import { OktaError } from './error.ts'

export type Credentials =
  | { method: 'service_app'; clientId: string; privateJwk: JWK }
  | { method: 'api_token'; token: string }

interface AccessToken {
  type: 'Bearer' | 'DPoP'
  value: string
  /** What was granted, which may be less than what was asked for. */
  scopes: readonly string[]
  expiresAt: number
}

/** Sends a form to the token endpoint: `post` is the transport's, with its retries. */
export type PostForm = (
  path: string,
  form: Record<string, string>,
  headers: Record<string, string>,
) => Promise<{ status: number; headers: Headers; json: unknown }>

export interface Authority {
  /** The headers that authorise one call. */
  headersFor(method: string, path: string, signal: AbortSignal): Promise<Record<string, string>>
  /** The scopes of the token at hand; null for an API token, which has none. */
  scopes(signal: AbortSignal): Promise<readonly string[] | null>
  /** Takes over a nonce that a resource asks for. */
  learnNonce(nonce: string): void
  /** Forgets the token: Okta did not take it. */
  reject(): void
}

const TOKEN_PATH = '/oauth2/v1/token'
/** A token is renewed this long before it ends, so that none ends on its way. */
const RENEW_MS = 120_000

const tokenBody = z.object({
  token_type: z.string(),
  expires_in: z.number(),
  access_token: z.string().min(1),
  scope: z.string().default(''),
})

export function apiTokenAuthority(token: string): Authority {
  return {
    headersFor: async () => ({ authorization: `SSWS ${token}` }),
    scopes: async () => null,
    learnNonce: () => {},
    reject: () => {},
  }
}

/**
 * The authority of a service app: `private_key_jwt` at the org authorization server, and a DPoP proof
 * with every call, since new apps demand one and others ignore it (okta-api §6.2, §6.6).
 * @param asked the scopes to ask for; those that Okta does not grant are left out
 */
export function serviceAppAuthority(
  origin: string,
  { clientId, privateJwk }: { clientId: string; privateJwk: JWK },
  asked: readonly string[],
  post: PostForm,
): Authority {
  const dpop = makeDpop(origin)
  let token: AccessToken | undefined
  let pending: Promise<AccessToken> | undefined
  // Asking for one scope too many gets none at all, so what was granted is asked for the next time.
  let wanted = asked

  const current = (): Promise<AccessToken> => {
    if (token && token.expiresAt - RENEW_MS > Date.now()) return Promise.resolve(token)
    pending ??= obtain()
      .then((fresh) => {
        token = fresh
        wanted = fresh.scopes
        return fresh
      })
      .finally(() => {
        pending = undefined
      })
    return pending
  }

  const obtain = async (): Promise<AccessToken> => {
    try {
      return await grant(wanted)
    } catch (error) {
      if (!isScopeRefusal(error) || asked.length === 1) throw error
      return grant(await askOneByOne(error))
    }
  }

  const askOneByOne = async (refusal: OktaError): Promise<string[]> => {
    const granted: string[] = []
    for (const scope of asked) {
      const one = await grant([scope]).catch((error: unknown) => {
        if (isScopeRefusal(error)) return undefined
        throw error
      })
      if (one) granted.push(scope)
    }
    if (granted.length === 0) throw refusal
    return granted
  }

  const grant = async (scopes: readonly string[]): Promise<AccessToken> => {
    for (let challenged = false; ; challenged = true) {
      const form = {
        grant_type: 'client_credentials',
        scope: scopes.join(' '),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion(origin, clientId, privateJwk),
      }
      const answer = await post(TOKEN_PATH, form, { dpop: await dpop.proof('POST', TOKEN_PATH) })
      const nonce = answer.headers.get('dpop-nonce')
      if (nonce) dpop.learnNonce(nonce)
      if (answer.status === 200) return tokenOf(answer.json, scopes)
      const refusal = refusalOf(answer)
      if (challenged || refusal.errorCode !== 'use_dpop_nonce') throw refusal
    }
  }

  return {
    async headersFor(method, path, signal) {
      const { type, value } = await abortable(current(), signal)
      if (type === 'Bearer') return { authorization: `Bearer ${value}` }
      return { authorization: `DPoP ${value}`, dpop: await dpop.proof(method, path, value) }
    },
    scopes: async (signal) => (await abortable(current(), signal)).scopes,
    learnNonce: dpop.learnNonce,
    reject() {
      token = undefined
      wanted = asked
    },
  }
}

/** A fresh assertion: the audience is the endpoint itself, and each is used once. */
function assertion(origin: string, clientId: string, privateJwk: JWK): Promise<string> {
  const alg = privateJwk.alg ?? 'ES256'
  return importJWK(privateJwk, alg).then((key) =>
    new SignJWT()
      .setProtectedHeader({ alg, ...(privateJwk.kid && { kid: privateJwk.kid }) })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(`${origin}${TOKEN_PATH}`)
      .setIssuedAt()
      .setExpirationTime('5m')
      .setJti(randomUUID())
      .sign(key),
  )
}

function makeDpop(origin: string) {
  let nonce: string | undefined
  const pair = once(async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    const { kty, crv, x, y } = await exportJWK(publicKey)
    return { privateKey, jwk: { kty, crv, x, y } as JWK }
  })
  return {
    learnNonce(fresh: string) {
      nonce = fresh
    },
    /** RFC 9449 §4.2: the method, the address without its query, and for a resource the token's hash. */
    async proof(method: string, path: string, token?: string): Promise<string> {
      const { privateKey, jwk } = await pair()
      const htu = `${origin}${path.split('?')[0]}`
      const ath = token && { ath: createHash('sha256').update(token).digest('base64url') }
      return new SignJWT({ htm: method, htu, ...ath, ...(nonce && { nonce }) })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .setIssuedAt()
        .setJti(randomUUID())
        .sign(privateKey)
    },
  }
}

/** A new key pair for a service app: the public half is pasted into Okta, the private one is sealed. */
export async function makeClientKey(): Promise<{ publicJwk: JWK; privateJwk: JWK }> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { d, ...half } = await exportJWK(privateKey)
  const publicJwk = { ...half, kid: await calculateJwkThumbprint(half), use: 'sig', alg: 'ES256' }
  return { publicJwk, privateJwk: { ...publicJwk, ...(d && { d }) } }
}

function tokenOf(json: unknown, asked: readonly string[]): AccessToken {
  const body = tokenBody.parse(json)
  return {
    type: /^dpop$/i.test(body.token_type) ? 'DPoP' : 'Bearer',
    value: body.access_token,
    scopes: body.scope === '' ? asked : body.scope.split(' '),
    expiresAt: Date.now() + body.expires_in * 1000,
  }
}

function refusalOf({ status, headers, json }: Awaited<ReturnType<PostForm>>): OktaError {
  const body = z
    .object({ error: z.string().optional(), error_description: z.string().optional() })
    .safeParse(json).data
  return new OktaError({
    status,
    errorCode: body?.error ?? null,
    errorSummary: body?.error_description ?? 'It gave no token and no reason.',
    requestId: headers.get('x-okta-request-id'),
  })
}

function isScopeRefusal(error: unknown): error is OktaError {
  return error instanceof OktaError && /^(invalid_scope|consent_required)$/.test(error.errorCode ?? '')
}

// Several calls may wait for one token; one of them giving up must not take it from the others.
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
