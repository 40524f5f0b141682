/**
 * Secrets of our own: session cookies, sign-in links, tokens, codes and what refreshes them. One form for
 * all that stand alone: `kd_<kind>_<tenant>_<id>_<secret>_<check>`. The tenant and the id find the row; the
 * secret proves it, by a MAC with a key that is not in the database; the check lets scanners tell ours from
 * noise. Passwords of Basic users and secrets of OAuth clients come with a name beside them, so they are short.
 */
import { hash, randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { macOf, newId, type Platform, sameMac } from '#platform'

const ROW = { api: 'tok', scim: 'tok', link: 'lnk', ses: 'ses', code: 'oag', ref: 'oar' } as const
const FORM = /^kd_(api|scim|link|ses|code|ref)_([0-9a-z]{26})_([0-9a-z]{26})_([\w-]{43})_([0-9a-f]{8})$/
const PREFIX = { basic: 'kdp_', client: 'kds_' } as const

export type CredentialKind = keyof typeof ROW

/** A secret and what it is for: the same secret of another kind has another MAC. */
export interface Proof {
  kind: CredentialKind | keyof typeof PREFIX
  secret: string
}

export interface Credential extends Proof {
  tenantId: string
  /** The id of the row that holds the MAC. */
  id: string
}

/** A new credential: its text to hand out once, and what to store of it. */
export function issueCredential(
  platform: Platform,
  kind: CredentialKind,
  tenantId: string,
): { text: string; id: string; mac: Buffer; hint: string } {
  const id = newId(ROW[kind])
  const secret = newSecret()
  const body = `kd_${kind}_${tenantId.slice(4)}_${id.slice(4)}_${secret}`
  const text = `${body}_${checkOf(body)}`
  return { text, id, mac: macOf(platform.keys, kind, secret), hint: text.slice(-4) }
}

/** A new secret that goes with a name: a password, or the secret of a client. 256 random bits. */
export function issueSecret(
  platform: Platform,
  kind: keyof typeof PREFIX,
): { text: string; mac: Buffer; hint: string } {
  const text = `${PREFIX[kind]}${newSecret()}`
  return { text, mac: macOf(platform.keys, kind, text), hint: text.slice(-4) }
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** The parts of a credential, or undefined for anything that is none of ours. */
export function readCredential(text: string): (Credential & { kind: CredentialKind }) | undefined {
  const match = FORM.exec(text)
  if (!match) return undefined
  const [, kind, tenant, id, secret, check] = match as unknown as [
    string,
    CredentialKind,
    string,
    string,
    string,
    string,
  ]
  if (checkOf(text.slice(0, -9)) !== check) return undefined
  return { kind, tenantId: `wsp_${tenant}`, id: `${ROW[kind]}_${id}`, secret }
}

/** Whether a secret is the one whose MAC was stored. Takes the same time when there is none. */
export function proves(platform: Platform, proof: Proof, mac: Buffer | null | undefined): boolean {
  const given = macOf(platform.keys, proof.kind, proof.secret)
  return sameMac(given, mac ?? Buffer.alloc(given.length))
}

function checkOf(body: string): string {
  return hash('sha256', body, 'hex').slice(0, 8)
}

/**
 * The one Authorization header of a request, or undefined when there is none. Node keeps the first of
 * two and a proxy may keep the last, so two are none.
 */
export function soleAuthorization({ raw }: FastifyRequest): string | undefined {
  const { rawHeaders } = raw
  let found: string | undefined
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue
    if (found !== undefined) return undefined
    found = rawHeaders[at + 1]?.trim()
  }
  return found
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * User name and password of a Basic header (RFC 7617). The first colon parts them, and what is not UTF-8
 * is nothing: ours have neither a colon nor a letter outside ASCII, so there is one way to read them.
 */
export function readBasic(authorization: string): { userName: string; password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]{1,2000}={0,2})$/i.exec(authorization)?.[1]
  if (!encoded) return undefined
  try {
    const text = utf8.decode(Buffer.from(encoded, 'base64'))
    const colon = text.indexOf(':')
    return colon < 0 ? undefined : { userName: text.slice(0, colon), password: text.slice(colon + 1) }
  } catch {
    return undefined
  }
}
