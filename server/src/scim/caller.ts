/**
 * Who calls: a SCIM connection of the workspace in the path, by a token or by user name and password, or
 * a stranger. It is looked up for each call, in one statement that the calls of a moment share, so what
 * was revoked is refused at once by every process.
 */
import { ScimError } from '@keydesk/scim'
import type { FastifyRequest } from 'fastify'
import {
  type Credential,
  isListed,
  neighbourhood,
  openBuckets,
  type Program,
  type Provisioner,
  proves,
  readBasic,
  readCredential,
  recogniseProgram,
  soleAuthorization,
} from '#accounts'
import { type Context, findTenant, type Platform } from '#platform'
import { openLimiter } from './limits.ts'

export interface Caller {
  /** Of the workspace, or of its shadow while the connection is in shadow mode. */
  ctx: Context
  by: Provisioner
  /** The URL of the workspace's endpoints, from the settings and never from the request. */
  base: string
  /** Who allowed the client in, where that was by OAuth's code grant. */
  memberId: string | null
  /** The workspace that the connection belongs to. */
  homeTenantId: string
  shadow: boolean
}

/** Why a credential that proved itself was refused all the same: for the log, never for the client. */
export type RefusalReason =
  | 'expired'
  | 'revoked'
  | 'removed'
  | 'bare_token'
  | 'address_not_allowed'
  | 'over_limit'

/** A refusal at the door. */
class Refused extends ScimError {
  override name = 'Refused'
  readonly retryAfterSeconds: number | undefined

  constructor(told: { status: number; message: string; retryAfterSeconds?: number }) {
    super(undefined, told.message, told.status)
    this.retryAfterSeconds = told.retryAfterSeconds
  }
}

/** A refusal whose connection is known. The client of a token that ended is told what a stranger is told. */
export class CallerRefused extends Refused {
  override name = 'CallerRefused'
  readonly homeTenantId: string
  readonly serviceUserId: string
  readonly why: RefusalReason

  constructor(
    { tenantId, serviceUserId }: Program,
    why: RefusalReason,
    told: { status: number; message: string; retryAfterSeconds?: number },
  ) {
    super(told)
    this.homeTenantId = tenantId
    this.serviceUserId = serviceUserId
    this.why = why
  }
}

/** Headers that go with a refusal: what may be offered instead (RFC 9110 §11.6.1), or when to come again. */
export function headersOfRefusal(error: ScimError): Record<string, string> {
  if (error.status === 401)
    return { 'www-authenticate': 'Bearer realm="SCIM", Basic realm="SCIM", charset="UTF-8"' }
  // Okta takes anything but whole seconds for five minutes.
  const seconds = error instanceof Refused ? error.retryAfterSeconds : undefined
  return seconds ? { 'retry-after': String(Math.ceil(seconds)) } : {}
}

const STRANGER =
  'Send valid credentials of a SCIM connection of this workspace: a bearer token, or a user name and password.'

function stranger(): ScimError {
  return new Refused({ status: 401, message: STRANGER })
}

/** What an address may get wrong: each try costs a look into the database. */
const failures = openBuckets(100, 2)
const limiter = openLimiter()

/**
 * Lets a connection into the workspace it belongs to.
 * @throws ScimError 401, the same for no credential, a bad one, and a good one of another workspace; 400
 *   for a token in the address; 403 for a call that came to the proxy over http; 429 for an address that
 *   only tries
 * @throws CallerRefused 401 for a credential that ended, 403 from a network that is not allowed, 429 over
 *   the limit of the connection
 */
export async function authenticate(
  platform: Platform,
  request: FastifyRequest,
  slug: string | undefined,
): Promise<Caller> {
  refuseTokenInAddress(request)
  refuseCleartext(platform, request)
  const given = slug === undefined ? undefined : await readGiven(platform, request, slug)
  if (!given) throw stranger()
  const { credential } = given
  const place = neighbourhood(request.ip)
  refuseGuessing(platform, place, credential)

  const found = await recogniseProgram(platform, credential)
  if (found?.program.slug !== slug || !found) {
    failures.take(platform, place)
    throw stranger()
  }
  const { program } = found
  remember(platform, program.tokenId, found.mac)
  refuseEnded(program, given.bare)
  refuseForeign(program, request.ip)
  await refuseTooMany(platform, program)
  await found.noteUse()
  return callerOf(platform, program)
}

function callerOf(platform: Platform, program: Program): Caller {
  const { serviceUserId, name, defaultRoleId, settings, memberId, shadowTenantId, tenantId } = program
  return {
    ctx: {
      platform,
      db: platform.db,
      tenantId: shadowTenantId ?? tenantId,
      actor: { kind: 'service', id: serviceUserId, name },
      principal: NOTHING_ELSE,
      idempotency: null,
      beganAt: Date.now(),
    },
    by: { serviceUserId, name, defaultRoleId, settings },
    base: `${platform.config.publicUrl}/scim/v2/${program.slug}`,
    memberId,
    homeTenantId: tenantId,
    shadow: shadowTenantId !== null,
  }
}

/** The least role there is: it can do SCIM and nothing else. */
const NOTHING_ELSE = {
  sessionId: null,
  memberId: null,
  personId: null,
  permissions: new Set<string>(),
} as const

// RFC 6750 §5.3: addresses stand in logs, histories and referrers. The token in one is not even tried.
function refuseTokenInAddress({ query }: FastifyRequest): void {
  if (Object.hasOwn(query as object, 'access_token'))
    throw new ScimError(
      'invalidValue',
      'A token in the address can be read by others. Revoke it, and send a new one in the Authorization header.',
    )
}

// RFC 7644 §7.2: the proxy in front ends TLS, and says so when a call came to it without.
function refuseCleartext({ config }: Platform, { headers, protocol }: FastifyRequest): void {
  const isTold = headers['x-forwarded-proto'] !== undefined && protocol === 'http'
  if (!isTold || config.trustProxy.length === 0 || !config.publicUrl.startsWith('https:')) return
  throw new ScimError(
    undefined,
    `This call came over http, where others can read its credential. Replace the credential, and call ${config.publicUrl}.`,
    403,
  )
}

interface Given {
  credential: Credential
  /** A token without the word `Bearer`, as Okta's "HTTP header" apps send it. */
  bare: boolean
}

async function readGiven(
  platform: Platform,
  request: FastifyRequest,
  slug: string,
): Promise<Given | undefined> {
  const header = soleAuthorization(request)
  if (!header) return undefined
  const [, scheme, text] = /^(?:(Bearer) +)?(\S+)$/i.exec(header) ?? []
  if (text) {
    const credential = readCredential(text)
    return credential?.kind === 'scim' ? { credential, bare: scheme === undefined } : undefined
  }
  const basic = readBasic(header)
  if (!basic || !/^tok_[0-9a-z]{26}$/.test(basic.userName) || !/^kdp_[\w-]{43}$/.test(basic.password))
    return undefined
  const tenantId = await tenantIdOf(platform, slug)
  const { userName: id, password: secret } = basic
  return tenantId ? { credential: { kind: 'basic', tenantId, id, secret }, bare: false } : undefined
}

const tenantIds = new WeakMap<Platform, Map<string, string>>()

// Only where to look: the lookup itself compares the name with the workspace's own.
export async function tenantIdOf(platform: Platform, slug: string): Promise<string | undefined> {
  const known = tenantIds.get(platform) ?? new Map<string, string>()
  tenantIds.set(platform, known)
  const before = known.get(slug)
  if (before) return before
  const tenant = await findTenant(platform, slug)
  if (tenant) known.set(slug, tenant.id)
  return tenant?.id
}

/** MACs of credentials that proved themselves here. They spare nobody the lookup; they part callers from guessers. */
const proven = new WeakMap<Platform, Map<string, Buffer>>()
const PROVEN_AT_MOST = 10_000

function remember(platform: Platform, tokenId: string, mac: Buffer): void {
  const macs = proven.get(platform) ?? new Map<string, Buffer>()
  proven.set(platform, macs)
  if (macs.has(tokenId)) return
  if (macs.size >= PROVEN_AT_MOST) macs.clear()
  macs.set(tokenId, mac)
}

// Many customers of a provider call from the same addresses, so one that guesses must not shut out the rest.
function refuseGuessing(platform: Platform, place: string, credential: Credential): void {
  const seconds = failures.wait(platform, place)
  if (seconds === 0 || proves(platform, credential, proven.get(platform)?.get(credential.id))) return
  throw new Refused({
    status: 429,
    message: `Too many credentials from your address were wrong. Try again in ${seconds} seconds.`,
    retryAfterSeconds: seconds,
  })
}

function refuseEnded(program: Program, bare: boolean): void {
  const told = { status: 401, message: STRANGER }
  if (program.state !== 'live') throw new CallerRefused(program, program.state, told)
  if (bare && !program.settings.bareToken) throw new CallerRefused(program, 'bare_token', told)
}

function refuseForeign(program: Program, address: string): void {
  if (!program.networks || isListed(program.networks, address)) return
  throw new CallerRefused(program, 'address_not_allowed', {
    status: 403,
    message: `The connection ${program.name} may not be used from ${address}. An owner can allow it in Keydesk, under Settings, Provisioning.`,
  })
}

async function refuseTooMany(platform: Platform, program: Program): Promise<void> {
  const { tenantId, serviceUserId, name } = program
  const perMinute = program.settings.requestsPerMinute
  if (perMinute === null) return
  const seconds = await limiter.take(platform, { tenantId, serviceUserId, perMinute })
  if (seconds === 0) return
  throw new CallerRefused(program, 'over_limit', {
    status: 429,
    message: `The connection ${name} may make ${perMinute} requests a minute. Wait ${seconds} seconds, or let an owner raise the limit in Keydesk, under Settings, Provisioning.`,
    retryAfterSeconds: seconds,
  })
}
