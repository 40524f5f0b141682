/** Connecting an Okta, watching its directory come in, and its live view of a person. */
import * as z from 'zod'
import { route } from '../accounts/contract.ts'
import { idOf, instant } from '../platform/contract.ts'

/** The scopes Keydesk asks for: those it needs, and those that each unlock one feature more. */
export const OKTA_SCOPES = {
  'okta.users.manage': 'Read people and their status; suspend, reset passwords and MFA',
  'okta.groups.manage': 'Read groups and members; add people to groups',
  'okta.apps.read': 'Read apps and who is assigned to them',
  'okta.roles.read': 'See who is an Okta admin, so that actions never touch one',
} as const

export const Check = z.object({
  id: z.string(),
  label: z.string(),
  state: z.enum(['ok', 'warning', 'missing']),
  detail: z.string(),
  /** What to click in Okta to mend it. */
  remedy: z.string().nullable(),
})
export type Check = z.infer<typeof Check>

export const IMPORT_PHASES = ['users', 'groups', 'memberships', 'apps', 'assignments', 'finishing'] as const

export const Import = z.object({
  id: idOf('imp'),
  state: z.enum(['running', 'complete', 'failed']),
  phase: z.enum(IMPORT_PHASES),
  /** Objects of the current phase; `total` is null while it is not known. */
  done: z.int(),
  total: z.int().nullable(),
  perSecond: z.number().nullable(),
  secondsLeft: z.int().nullable(),
  counts: z.object({
    users: z.int(),
    groups: z.int(),
    memberships: z.int(),
    apps: z.int(),
    assignments: z.int(),
  }),
  failure: z.object({ message: z.string(), remedy: z.string(), code: z.string().nullable() }).nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
})
export type Import = z.infer<typeof Import>

export const OktaConnection = z.object({
  id: idOf('con'),
  domain: z.string(),
  method: z.enum(['service_app', 'api_token']),
  state: z.enum(['draft', 'connected', 'broken']),
  /** For a service app: the public key to paste into Okta. The private one never leaves Keydesk. */
  publicJwk: z.record(z.string(), z.unknown()).nullable(),
  clientId: z.string().nullable(),
  tokenHint: z.string().nullable(),
  checks: z.array(Check),
  checkedAt: instant.nullable(),
  lastImport: Import.nullable(),
})
export type OktaConnection = z.infer<typeof OktaConnection>

/** A person as Okta has them this second, read live. */
export const OktaUserState = z.object({
  oktaUserId: z.string(),
  login: z.string(),
  displayName: z.string(),
  status: z.string(),
  /** One line on what the status means for the person. */
  statusHint: z.string(),
  provider: z.string(),
  lastLogin: instant.nullable(),
  passwordChanged: instant.nullable(),
  factors: z.array(z.object({ id: z.string(), type: z.string(), name: z.string(), status: z.string() })),
  groups: z.array(z.object({ id: z.string(), name: z.string(), type: z.string() })),
  apps: z.array(z.object({ id: z.string(), name: z.string(), scope: z.string(), status: z.string() })),
  readAt: instant,
})
export type OktaUserState = z.infer<typeof OktaUserState>

const byConnection = { connectionId: idOf('con') }

export const okta = {
  listOktaConnections: route('GET', '/okta/connections', {
    summary: 'The connected Okta organisations',
    needs: 'people.read',
  }).output(z.object({ items: z.array(OktaConnection) })),
  createOktaConnection: route('POST', '/okta/connections', {
    summary: 'Begin to connect an Okta; for a service app Keydesk makes the key pair',
    needs: 'integrations.manage',
    status: 201,
  })
    .input(z.object({ domain: z.string().min(1).max(253), method: z.enum(['service_app', 'api_token']) }))
    .output(OktaConnection),
  setOktaCredentials: route('PUT', '/okta/connections/{connectionId}/credentials', {
    summary: 'Give the client id or the API token, and check the connection with it',
    needs: 'integrations.manage',
  })
    .input(
      z.object({
        ...byConnection,
        clientId: z.string().trim().min(1).max(100).optional(),
        apiToken: z.string().trim().min(1).max(200).optional(),
      }),
    )
    .output(OktaConnection),
  checkOktaConnection: route('POST', '/okta/connections/{connectionId}/checks', {
    summary: 'Check domain, scopes and admin role again',
    needs: 'integrations.manage',
  })
    .input(z.object(byConnection))
    .output(OktaConnection),
  deleteOktaConnection: route('DELETE', '/okta/connections/{connectionId}', {
    summary: 'Disconnect; what was imported stays readable',
    needs: 'integrations.manage',
  })
    .input(z.object(byConnection))
    .output(z.object({})),
  startOktaImport: route('POST', '/okta/connections/{connectionId}/imports', {
    summary: 'Read the whole directory now',
    needs: 'integrations.manage',
    status: 202,
  })
    .input(z.object(byConnection))
    .output(Import),
  getOktaUserState: route('GET', '/people/{personId}/okta', {
    summary: 'A person as Okta has them this second',
    needs: 'people.read',
  })
    .input(z.object({ personId: idOf('per') }))
    .output(OktaUserState),
}
