/**
 * Keys and tokens, all derived from the seed: a sandbox that starts again still honours the tokens it
 * gave out, and tests can write credentials down. It guards nothing; this is a sandbox.
 */
import { createECDH, createHash, createHmac } from 'node:crypto'
import type { JWK } from 'jose'

export type Secrets = {
  ssws: string
  signingKey: JWK
  servicePrivateJwk: JWK
  serviceClientId: string
  cursorKey: Buffer
  nonceKey: Buffer
}

export function secretsOf(seed: string): Secrets {
  return {
    ssws: `00${derive(seed, 'ssws').toString('base64url').slice(0, 40)}`,
    signingKey: keyPair(seed, 'org'),
    servicePrivateJwk: keyPair(seed, 'service'),
    serviceClientId: `0oa${derive(seed, 'client').toString('hex').slice(0, 14)}5d7`,
    cursorKey: derive(seed, 'cursor'),
    nonceKey: derive(seed, 'nonce'),
  }
}

/** The public half, as an admin pastes it. */
export function publicHalf(jwk: JWK): JWK {
  const { d, p, q, dp, dq, qi, oth, k, ...rest } = jwk
  return rest
}

function derive(seed: string, what: string): Buffer {
  return createHmac('sha256', `okta-sandbox/${seed}`).update(what).digest()
}

/** A P-256 pair whose private number is drawn from the seed. */
function keyPair(seed: string, what: string): JWK {
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(derive(seed, `key/${what}`))
  const point = pair.getPublicKey()
  const kid = createHash('sha256').update(point).digest('base64url').slice(0, 27)
  return {
    kty: 'EC',
    crv: 'P-256',
    alg: 'ES256',
    use: 'sig',
    kid,
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
    d: pair.getPrivateKey().toString('base64url').padStart(43, 'A'),
  }
}
