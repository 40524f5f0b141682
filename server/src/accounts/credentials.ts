/**
 * Bearer secrets of our own: session cookies, sign-in links, API and SCIM tokens. One form for all:
 * `kd_<kind>_<tenant>_<id>_<secret>_<check>`. The tenant and the id find the row; the secret proves it,
 * by a MAC with a key that is not in the database; the check lets scanners tell ours from noise.
 */
import { createHash, randomBytes } from 'node:crypto'
import { macOf, newId, type Platform, sameMac } from '#platform'

export type CredentialKind = 'api' | 'scim' | 'link' | 'ses'

const ROW = { api: 'tok', scim: 'tok', link: 'lnk', ses: 'ses' } as const
const FORM = /^kd_(api|scim|link|ses)_([0-9a-z]{26})_([0-9a-z]{26})_([\w-]{43})_([0-9a-f]{8})$/

export interface Credential {
  kind: CredentialKind
  tenantId: string
  /** The id of the row that holds the MAC. */
  id: string
  secret: string
}

/** A new credential: its text to hand out once, and what to store of it. */
export function issueCredential(
  platform: Platform,
  kind: CredentialKind,
  tenantId: string,
): { text: string; id: string; mac: Buffer; hint: string } {
  const id = newId(ROW[kind])
  const secret = randomBytes(32).toString('base64url')
  const body = `kd_${kind}_${tenantId.slice(4)}_${id.slice(4)}_${secret}`
  const text = `${body}_${checkOf(body)}`
  return { text, id, mac: macOf(platform.keys, kind, secret), hint: text.slice(-4) }
}

/** The parts of a credential, or undefined for anything that is none of ours. */
export function readCredential(text: string): Credential | undefined {
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

/** Whether the credential's secret is the one whose MAC was stored. Takes the same time when there is none. */
export function proves(platform: Platform, credential: Credential, mac: Buffer | undefined): boolean {
  const given = macOf(platform.keys, credential.kind, credential.secret)
  return sameMac(given, mac ?? Buffer.alloc(given.length))
}

function checkOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 8)
}
