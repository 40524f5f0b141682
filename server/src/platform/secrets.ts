/**
 * Secrets at rest. The installation's key (from the environment or a key file) wraps one data key
 * per tenant; a secret is sealed with its tenant's data key and bound to its place, so that a sealed
 * value moved to another row, column or tenant does not open.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from './config.ts'

/** Where a secret stands: table, column and row id. It is authenticated with the secret. */
export interface Place {
  table: string
  column: string
  id: string
}

export interface Keys {
  /** The installation's key; it wraps data keys and nothing else. */
  wrapping: Buffer
  /** What MACs of tokens are made with: a stolen database alone proves no token. */
  /** A key object: a buffer would be made into one again for every MAC. */
  pepper: KeyObject
  /** A value to recognise the key by, which tells nothing of it. */
  check: Buffer
}

/**
 * The installation's key, from the setting or from `secret.key` in the data folder, which is made
 * (mode 0600) when missing.
 * @throws ConfigError when the key file does not hold 64 hexadecimal digits
 */
export async function readKeys(secretKey: string | undefined, dataDir: string): Promise<Keys> {
  const hex = secretKey ?? (await readKeyFile(dataDir))
  const root = Buffer.from(hex, 'hex')
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', root, '', `keydesk ${use}`, 32))
  return { wrapping: derive('wrapping'), pepper: createSecretKey(derive('pepper')), check: derive('check') }
}

async function readKeyFile(dataDir: string): Promise<string> {
  const path = join(dataDir, 'secret.key')
  await mkdir(dataDir, { recursive: true })
  // Linking a finished file into place fails when one is there: two processes that start at once
  // agree on one key, and nobody reads half of it.
  const draft = join(dataDir, `.secret.key.${process.pid}`)
  await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true })
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await unlink(draft)
  const hex = (await readFile(path, 'utf8')).trim()
  if (!/^[0-9a-f]{64}$/i.test(hex))
    throw new ConfigError(
      `${path} must hold 64 hexadecimal digits. Restore it from your backup; without it sealed secrets cannot be read.`,
    )
  return hex
}

/** A new data key, wrapped for storage beside its tenant. */
export function newDataKey(keys: Keys, tenantId: string): Buffer {
  return encrypt(keys.wrapping, randomBytes(32), `data key of ${tenantId}`)
}

/** The data key of a tenant, unwrapped. */
export function unwrapDataKey(keys: Keys, tenantId: string, wrapped: Buffer): Buffer {
  return decrypt(keys.wrapping, wrapped, `data key of ${tenantId}`)
}

/** Seals a text with a data key, bound to its place. */
export function sealText(dataKey: Buffer, tenantId: string, place: Place, text: string): Buffer {
  return encrypt(dataKey, Buffer.from(text, 'utf8'), bindingOf(tenantId, place))
}

/** Opens what `sealText` sealed at the same place; throws for any other. */
export function openText(dataKey: Buffer, tenantId: string, place: Place, sealed: Buffer): string {
  return decrypt(dataKey, sealed, bindingOf(tenantId, place)).toString('utf8')
}

function bindingOf(tenantId: string, place: Place): string {
  return [tenantId, place.table, place.column, place.id].map((part) => `${part.length}:${part}`).join('')
}

/** HMAC-SHA-256 of a token's secret. Tokens are 256 random bits, so a slow hash would add nothing. */
export function macOf(keys: Keys, kind: string, secret: string): Buffer {
  return createHmac('sha256', keys.pepper).update(`${kind.length}:${kind}${secret}`).digest()
}

/** Whether two MACs are equal, in time that does not tell where they differ. */
export function sameMac(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

const VERSION = 1

function encrypt(key: Buffer, plain: Buffer, binding: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(binding))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), body])
}

function decrypt(key: Buffer, sealed: Buffer, binding: string): Buffer {
  if (sealed[0] !== VERSION) throw new Error('A sealed value has a version that this Keydesk does not know.')
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13))
    .setAAD(Buffer.from(binding))
    .setAuthTag(sealed.subarray(13, 29))
  return Buffer.concat([decipher.update(sealed.subarray(29)), decipher.final()])
}
