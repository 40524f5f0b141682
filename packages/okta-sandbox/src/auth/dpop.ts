/** DPoP as Okta checks it (guides/dpop, RFC 9449): the nonce dance at the token endpoint, proofs after. */
import { createHmac } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import type { Call } from '../world.ts'

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512']
const DAY = 86_400_000
const MAX_AGE_SECONDS = 300

export type Proof = { jkt: string } | { error: 'invalid_dpop_proof' | 'use_dpop_nonce'; description: string }

/** A new nonce each day; the last three are still good. */
export function currentNonce(call: Omit<Call, 'actor'>, daysAgo = 0): string {
  const day = Math.floor(Date.now() / DAY) - daysAgo
  return createHmac('sha256', call.world.secrets.nonceKey)
    .update(String(day))
    .digest('base64url')
    .slice(0, 32)
}

/** Checks the proof that came with this request. `ath` for API calls, `nonce` for the token endpoint. */
export async function checkProof(
  call: Omit<Call, 'actor'>,
  wanted: { ath?: string; nonce?: true },
): Promise<Proof> {
  const header = call.headers['dpop']
  if (header === undefined) return bad('The DPoP proof JWT header is missing.')
  if (typeof header !== 'string') return bad('There is more than one DPoP proof.')
  const verified = await jwtVerify(header, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ALGORITHMS }).catch(
    (error: Error) => error,
  )
  if (verified instanceof Error) return bad(`The DPoP proof is invalid: ${verified.message}`)
  const { payload, protectedHeader } = verified
  const second = Date.now() / 1000

  if (payload['htm'] !== call.method) return bad("The 'htm' claim does not match the HTTP method.")
  if (payload['htu'] !== `${call.base}${call.path}`)
    return bad("The 'htu' claim does not match the HTTP URI.")
  if (payload.iat === undefined || payload.iat < second - MAX_AGE_SECONDS || payload.iat > second + 60)
    return bad("The 'iat' claim is too old or in the future.")
  if (wanted.ath !== undefined && payload['ath'] !== wanted.ath)
    return bad("The 'ath' claim does not match the access token.")
  if (wanted.nonce && ![0, 1, 2, 3].some((ago) => payload['nonce'] === currentNonce(call, ago)))
    return { error: 'use_dpop_nonce', description: 'Authorization server requires nonce in DPoP proof.' }
  if (
    typeof payload.jti !== 'string' ||
    !firstUse(call.world.seen, `proof ${payload.jti}`, second + MAX_AGE_SECONDS)
  )
    return bad('The DPoP proof JWT has already been used.')
  return { jkt: await calculateJwkThumbprint(protectedHeader.jwk ?? {}) }
}

/** True once for each key, until it is forgotten. */
export function firstUse(seen: Map<string, number>, key: string, forgetAt: number): boolean {
  const second = Date.now() / 1000
  if (seen.size > 10_000) for (const [old, until] of seen) if (until < second) seen.delete(old)
  if ((seen.get(key) ?? 0) >= second) return false
  seen.set(key, forgetAt)
  return true
}

function bad(description: string): Proof {
  return { error: 'invalid_dpop_proof', description }
}
