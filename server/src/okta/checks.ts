/**
 * What Keydesk needs of an Okta, looked at one by one, each with what to click when it is missing.
 * The silent failures are the point: a token without a scope, an app without an admin role, and a
 * domain that became another organisation all look like an empty directory otherwise (okta-api §6).
 */
import { OktaError, OktaNoAnswer } from './client/error.ts'
import type { Okta } from './client/okta.ts'
import { readAs } from './client/paging.ts'
import { OktaOrganisation, OktaRole, OktaUser } from './client/shapes.ts'
import { type Answer, makeTransport, openSession } from './client/transport.ts'
import { type Check, OKTA_SCOPES } from './contract.ts'
import { troubleOf } from './remedies.ts'

const APP = 'In Okta: Applications › Applications › the app you made for Keydesk'
const WELL_KNOWN = '/.well-known/okta-organization'
/** Scopes without which Keydesk still works; each unlocks one feature. */
const OPTIONAL = new Set<string>(['okta.roles.read'])

export interface CheckedConnection {
  domain: string
  origin: string
  orgId: string | null
  method: 'service_app' | 'api_token'
}

/** Asks a host which Okta organisation it is; nothing secret is sent. */
export async function readOrganisation(origin: string): Promise<{ id: string; answer: Answer }> {
  const session = openSession(origin, { method: 'api_token', token: '' }, [])
  const transport = makeTransport(
    { ...session, authority: { ...session.authority, headersFor: async () => ({}) } },
    { lane: 'interactive', timeoutMs: 8000 },
  )
  const answer = await transport.get(WELL_KNOWN)
  return { id: readAs(OktaOrganisation, answer.json, WELL_KNOWN).id, answer }
}

/** Every check of a connection; those that build on a failed one are left out. */
export async function checkConnection(connection: CheckedConnection, okta: Okta): Promise<Check[]> {
  const found = await readOrganisation(connection.origin).catch((error: unknown) => error)
  const organisation = checkOrganisation(connection, found)
  if (organisation.state === 'missing') return [organisation]
  const clock = checkClock((found as { answer: Answer }).answer)
  const scopes = await grantedScopes(okta).catch((error: unknown) => ({ error }))
  if (scopes && 'error' in scopes) {
    const bad = credentialsRefused(connection, scopes.error)
    return bad ? [organisation, clock, bad] : Promise.reject(scopes.error)
  }
  const rights = await checkRights(connection, okta, scopes)
  return [organisation, clock, ...rights.credentials, ...checkScopes(scopes), ...rights.role]
}

const grantedScopes = (okta: Okta) => okta.transport.session.authority.scopes(AbortSignal.timeout(20_000))

function checkOrganisation({ domain, orgId }: CheckedConnection, found: unknown): Check {
  const check = { id: 'organisation', label: 'Okta organisation' }
  if (found instanceof Error)
    return {
      ...check,
      state: 'missing',
      detail:
        found instanceof OktaError && found.status < 500
          ? `${domain} answers, but not as an Okta organisation does.`
          : `${domain} could not be asked: ${found.message}`,
      remedy: 'Check the domain, and that this server may reach it.',
    }
  const { id } = found as { id: string }
  if (orgId && orgId !== id)
    return {
      ...check,
      state: 'missing',
      detail: `${domain} is the organisation ${id} now. Keydesk was connected to ${orgId}.`,
      remedy: 'Disconnect, and connect the new organisation as a new one: its people are other people.',
    }
  return { ...check, state: 'ok', detail: `${domain} is the Okta organisation ${id}.`, remedy: null }
}

// Assertions and proofs are dated by this machine; Okta takes five minutes of difference at most.
function checkClock({ headers }: Answer): Check {
  const check = { id: 'clock', label: 'Clock' }
  const date = Date.parse(headers.get('date') ?? '')
  const seconds = Number.isNaN(date) ? 0 : Math.round((Date.now() - date) / 1000)
  if (Math.abs(seconds) <= 60)
    return { ...check, state: 'ok', detail: "This server's clock agrees with Okta's.", remedy: null }
  return {
    ...check,
    state: Math.abs(seconds) > 240 ? 'missing' : 'warning',
    detail: `This server's clock is ${Math.abs(seconds)} seconds ${seconds > 0 ? 'ahead of' : 'behind'} Okta's.`,
    remedy: 'Let this server set its clock over NTP; Okta refuses signatures that are five minutes off.',
  }
}

function credentialsRefused({ method }: CheckedConnection, error: unknown): Check | undefined {
  const trouble = troubleOf(error)
  if (!trouble) return undefined
  if (error instanceof OktaError && /^(invalid_scope|consent_required)$/.test(error.errorCode ?? ''))
    return {
      id: 'scopes',
      label: 'Scopes',
      state: 'missing',
      detail: `The app was granted none of the scopes ${Object.keys(OKTA_SCOPES).join(', ')}.`,
      remedy: `${APP} › Okta API Scopes: press Grant beside each of them.`,
    }
  return {
    id: 'credentials',
    label: 'Credentials',
    state: 'missing',
    detail: trouble.message,
    remedy:
      error instanceof OktaNoAnswer
        ? 'Try again in a moment.'
        : method === 'api_token'
          ? 'In Okta: Security › API › Tokens › Create token. Paste the new token here.'
          : credentialRemedy(error),
  }
}

function credentialRemedy(error: unknown): string {
  const words = error instanceof OktaError ? error.errorSummary : ''
  if (/client_id/i.test(words)) return `${APP} › General: copy the Client ID and paste it here.`
  if (/zone/i.test(words)) return "Add this server's address to the network zone that the app is limited to."
  return `${APP} › General › Client Credentials: choose “Public key / Private key”, press Add key, paste the public key shown here, press Done and then Save.`
}

function checkScopes(granted: readonly string[] | null): Check[] {
  if (granted === null) return []
  return Object.entries(OKTA_SCOPES).map(([scope, purpose]) => {
    const has = granted.includes(scope) || granted.includes(scope.replace(/\.read$/, '.manage'))
    return {
      id: `scope:${scope}`,
      label: scope,
      state: has ? 'ok' : OPTIONAL.has(scope) ? 'warning' : 'missing',
      detail: has ? `${purpose}.` : `Okta did not grant ${scope}. It lets Keydesk: ${lowerFirst(purpose)}.`,
      remedy: has ? null : `${APP} › Okta API Scopes: press Grant beside ${scope}.`,
    }
  })
}

/** Scopes say what the token may be used for, the admin role what the app may do: both are needed. */
async function checkRights(connection: CheckedConnection, okta: Okta, scopes: readonly string[] | null) {
  const role: Omit<Check, 'state' | 'detail'> = {
    id: 'role',
    label: 'Admin role',
    remedy:
      connection.method === 'service_app'
        ? `${APP} › Admin roles › Edit assignments: add Super Administrator, or a custom role that may read users, groups and apps, manage group membership, and suspend users and reset their passwords and factors. Then Save changes.`
        : 'Make the token as an admin who may read users, groups and apps.',
  }
  const missing = (detail: string) => ({ ...role, state: 'missing' as const, detail })
  const probes = await Promise.all([
    probe(okta, '/api/v1/users?limit=1'),
    probe(okta, '/api/v1/groups?limit=1'),
    probe(okta, '/api/v1/apps?limit=1'),
  ])
  const refused = probes.find((one) => one instanceof OktaError && one.status === 401)
  const credentials = refused
    ? [credentialsRefused(connection, refused)].flatMap((check) => check ?? [])
    : await credentialsAccepted(connection, okta)
  if (refused) return { credentials, role: [] }

  const silent = probes.find(
    (one) => one instanceof OktaNoAnswer || (one instanceof OktaError && one.status >= 500),
  )
  if (silent instanceof Error)
    return { credentials, role: [missing(`Okta could not be asked: ${silent.message}`)] }
  const [users, groups, apps] = probes
  if (Array.isArray(users) && users.length === 0)
    return { credentials, role: [missing('Okta shows Keydesk no users: there is no admin role.')] }
  const small = [
    ['users', users],
    ['groups', groups],
    ['apps', apps],
  ].flatMap(([what, answer]) =>
    answer instanceof OktaError && answer.missingScope === null && answer.status === 403 ? [what] : [],
  )
  if (small.length > 0)
    return {
      credentials,
      role: [missing(`The admin role does not show Keydesk the ${small.join(' and ')}.`)],
    }
  if (scopes !== null && users instanceof OktaError)
    return {
      credentials,
      role: [missing('It cannot be seen before the scope okta.users.manage is granted.')],
    }
  return {
    credentials,
    role: [{ ...role, state: 'ok' as const, detail: 'Okta shows users, groups and apps.', remedy: null }],
  }
}

async function probe(okta: Okta, path: string): Promise<unknown> {
  return okta.probe(path).then(
    ({ json }) => json,
    (error: unknown) => {
      if (error instanceof OktaError || error instanceof OktaNoAnswer) return error
      throw error
    },
  )
}

/** An API token can do whatever its owner can, so the admin is told whose rights Keydesk was lent (threats O4). */
async function credentialsAccepted({ method }: CheckedConnection, okta: Okta): Promise<Check[]> {
  const check = { id: 'credentials', label: 'Credentials' }
  if (method === 'service_app')
    return [{ ...check, state: 'ok', detail: 'Okta knows the app and took its signature.', remedy: null }]
  const me = await probe(okta, '/api/v1/users/me')
  const owner = OktaUser.safeParse(me).data
  if (!owner) return [{ ...check, state: 'ok', detail: 'Okta took the token.', remedy: null }]
  const roles = OktaRole.array().safeParse(await probe(okta, `/api/v1/users/${owner.id}/roles`)).data ?? []
  const rights = roles.map(({ label, type }) => label ?? type).join(', ') || 'unknown rights'
  return [
    {
      ...check,
      state: 'warning',
      detail: `The token acts as ${owner.profile['login']} (${rights}): it can do whatever they can, and it ends when their account does.`,
      remedy: 'A service app has only the scopes you grant. Connect with one when you can.',
    },
  ]
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
