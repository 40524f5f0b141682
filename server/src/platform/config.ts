/** The settings, read once from the environment and checked. Nothing else reads `process.env`,
 * but the failpoints of tests. */
import { resolve } from 'node:path'
import * as z from 'zod'

const port = z.coerce.number('a port from 1 to 65535').int().min(1).max(65535)
const httpUrl = z.url({
  protocol: /^https?$/,
  error: 'an http or https address, such as https://desk.example.com',
})

const settings = z.object({
  KEYDESK_PORT: port.default(3000),
  KEYDESK_HOST: z.string().default('127.0.0.1'),
  KEYDESK_SANDBOX_PORT: port.default(3001),
  KEYDESK_DATA: z.string().default('.keydesk'),
  KEYDESK_URL: httpUrl.optional(),
  KEYDESK_ROLE: z.enum(['all', 'web', 'worker'], 'one of all, web, worker').default('all'),
  KEYDESK_SECRET_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, '64 hexadecimal digits (32 bytes), such as `openssl rand -hex 32` prints')
    .optional(),
  KEYDESK_SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'an smtp:// or smtps:// address' }).optional(),
  KEYDESK_MAIL_FROM: z.string().default('Keydesk <keydesk@localhost>'),
  KEYDESK_OKTA_TEST_ORIGINS: z.string().default(''),
  KEYDESK_LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
      'one of trace, debug, info, warn, error, silent',
    )
    .default('info'),
  KEYDESK_TRUST_PROXY: z.string().default(''),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'a postgres:// address' }).optional(),
})

export interface Config {
  port: number
  host: string
  sandboxPort: number
  /** Absolute path of the folder that holds the embedded database and the key file. */
  dataDir: string
  /** Where browsers reach this server, without a trailing slash. */
  publicUrl: string
  role: 'all' | 'web' | 'worker'
  secretKey: string | undefined
  smtpUrl: string | undefined
  mailFrom: string
  /** Origins outside Okta's own domains that may be connected as an Okta: a sandbox, in tests and demos. */
  oktaTestOrigins: readonly string[]
  logLevel: string
  /** Addresses of proxies whose forwarded headers are believed; empty believes nobody. */
  trustProxy: readonly string[]
  databaseUrl: string | undefined
}

/** Thrown for settings that cannot be used; the message names each one and what it may be. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Reads the settings from an environment.
 * @throws ConfigError naming every wrong setting, its value and what is allowed
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = settings.safeParse(given)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0])
      const shown = /_SECRET_KEY$|^DATABASE_|_SMTP_/.test(name)
        ? 'the given value'
        : JSON.stringify(given[name])
      return `${name}: ${shown} cannot be used; it must be ${issue.message}.`
    })
    throw new ConfigError(lines.join('\n'))
  }
  const s = parsed.data
  return {
    port: s.KEYDESK_PORT,
    host: s.KEYDESK_HOST,
    sandboxPort: s.KEYDESK_SANDBOX_PORT,
    dataDir: resolve(s.KEYDESK_DATA),
    publicUrl: (s.KEYDESK_URL ?? `http://localhost:${s.KEYDESK_PORT}`).replace(/\/+$/, ''),
    role: s.KEYDESK_ROLE,
    secretKey: s.KEYDESK_SECRET_KEY,
    smtpUrl: s.KEYDESK_SMTP_URL,
    mailFrom: s.KEYDESK_MAIL_FROM,
    oktaTestOrigins: listOf(s.KEYDESK_OKTA_TEST_ORIGINS),
    logLevel: s.KEYDESK_LOG_LEVEL,
    trustProxy: listOf(s.KEYDESK_TRUST_PROXY),
    databaseUrl: s.DATABASE_URL,
  }
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
}
