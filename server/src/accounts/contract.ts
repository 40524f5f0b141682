/** Workspaces, members and their roles, sessions, service users and tokens, and the event log. */
import { eventIterator, oc } from '@orpc/contract'
import * as z from 'zod'
import { Actor, idOf, instant, page, paging } from '../platform/contract.ts'

/** What a role may allow, each with the sentence that the console shows beside it. */
export const PERMISSIONS = {
  'requests.read': 'See every request and its conversation',
  'requests.work': 'Reply to, assign and close requests',
  'approvals.decide': 'Decide approvals that have no manager to go to',
  'people.read': 'See people, groups and apps of the directory',
  'actions.run': 'Run actions in Okta from a request or a person',
  'integrations.manage': 'Connect Okta and change what is synced',
  'members.manage': 'Invite, deactivate and re-role members',
  'roles.manage': 'Create roles and change what they allow',
  'tokens.manage': 'Create and revoke service users and their tokens',
  'settings.manage': 'Change services, action gates and workspace settings',
  'audit.read': 'Read the audit log',
} as const
export type Permission = keyof typeof PERMISSIONS
export const permission = z.enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]])

/** Who may call an endpoint: anybody, anybody signed in, or whoever holds a permission. */
export type Needs = 'nobody' | 'session' | Permission

/** One endpoint: method, path below `/api/v1`, a sentence, and who may call it. */
export function route(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: `/${string}`,
  about: { summary: string; needs: Needs; status?: number },
) {
  return oc
    .$meta<{ needs: Needs }>({ needs: 'session' })
    .meta({ needs: about.needs })
    .route({
      method,
      path,
      summary: about.summary,
      description: `Needs: ${about.needs}.`,
      ...(about.status ? { successStatus: about.status } : {}),
    })
}

export const tenantSlug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'A workspace name has lower-case letters, digits and hyphens.')

export const Role = z.object({
  id: idOf('rol'),
  name: z.string(),
  description: z.string(),
  permissions: z.array(permission),
  system: z.boolean(),
  memberCount: z.int(),
})
export type Role = z.infer<typeof Role>

/** Why a member has a role: a person gave it, a pushed SCIM group or the user's own `roles` did, or it is the default. */
export const RoleGrant = z.object({
  roleId: idOf('rol'),
  name: z.string(),
  source: z.enum(['manual', 'scim_group', 'scim_role', 'scim_default']),
  sourceName: z.string().nullable(),
  /** False for a role that does not count, because another of this person's groups goes before it. */
  effective: z.boolean(),
  since: instant,
})

export const Member = z.object({
  id: idOf('mem'),
  email: z.string(),
  displayName: z.string(),
  active: z.boolean(),
  /** Who manages the account: invited by hand, or provisioned by an identity provider over SCIM. */
  source: z.enum(['invited', 'scim']),
  title: z.string().nullable(),
  /** An account for the day on which the identity provider is down: no connection sees or changes it. */
  breakGlass: z.boolean(),
  roles: z.array(RoleGrant),
  lastSeenAt: instant.nullable(),
  createdAt: instant,
})
export type Member = z.infer<typeof Member>

/** Who is signed in, and what the console may offer. */
export const Session = z.object({
  workspace: z.object({ id: idOf('wsp'), slug: tenantSlug, name: z.string() }),
  email: z.string(),
  displayName: z.string(),
  /** Present when this is an admin or agent. */
  member: z.object({ id: idOf('mem'), roles: z.array(z.string()), hasPassword: z.boolean() }).nullable(),
  /** Present when the directory knows this person: they may file requests and decide approvals. */
  person: z.object({ id: idOf('per') }).nullable(),
  permissions: z.array(permission),
  expiresAt: instant,
})
export type Session = z.infer<typeof Session>

/** A bearer token, or a user name and password for Basic: `use` says which. */
export const Token = z.object({
  id: idOf('tok'),
  kind: z.enum(['api', 'scim']),
  use: z.enum(['bearer', 'basic']),
  /** For Basic: the user name, which is no secret. */
  userName: z.string().nullable(),
  hint: z.string().describe('The last four characters, to tell tokens apart'),
  /** The token that ends by itself when this one is used for the first time. */
  replacesTokenId: idOf('tok').nullable(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
})
export type Token = z.infer<typeof Token>

/** A program that gets short-lived tokens of a SCIM connection at `/oauth/token`. */
export const OauthClient = z.object({
  id: idOf('oac'),
  /** What the program calls itself by: `client_id`. */
  clientId: z.string(),
  /** Whether it has a secret; one without has to use PKCE. */
  confidential: z.boolean(),
  hint: z.string().nullable().describe('The last four characters of the secret'),
  redirectUris: z.array(z.string()),
  /** The members who allowed it in, where the code grant is used. */
  grants: z.array(
    z.object({
      memberId: idOf('mem').nullable(),
      name: z.string().nullable(),
      createdAt: instant,
      /** Why it ended, for people; null while it lives. */
      ended: z.string().nullable(),
    }),
  ),
  lastUsedAt: instant.nullable(),
  createdAt: instant,
})
export type OauthClient = z.infer<typeof OauthClient>

/** Where OAuth clients go; the set-up guide shows them. */
export const OauthEndpoints = z.object({
  tokenUrl: z.string(),
  authorizeUrl: z.string(),
  revokeUrl: z.string(),
})
export type OauthEndpoints = z.infer<typeof OauthEndpoints>

/** The five addresses to which Okta's cloud returns with a code, for the app's name in Okta's catalogue. */
export function oktaRedirectUris(appName: string): string[] {
  return [
    'https://system-admin.okta.com',
    'https://system-admin.okta-emea.com',
    'https://system-admin.oktapreview.com',
    'https://system-admin.trexcloud.com',
    'http://system-admin.okta1.com:1802',
  ].map((origin) => `${origin}/admin/app/cpc/${encodeURIComponent(appName)}/oauth/callback`)
}

/** An account for a program: it has tokens instead of a person. */
export const ServiceUser = z.object({
  id: idOf('svc'),
  name: z.string(),
  kind: z.enum(['api', 'scim']),
  permissions: z.array(permission),
  /** For SCIM: the role of people whom no pushed group maps to a role. */
  defaultRoleId: idOf('rol').nullable(),
  tokens: z.array(Token),
  oauthClients: z.array(OauthClient),
  createdAt: instant,
})
export type ServiceUser = z.infer<typeof ServiceUser>

/** The settings that take the safety brake off: nobody can reach them. */
export const BRAKE_OFF = { people: 1_000_000, share: 1 } as const

/** What an owner chooses for a SCIM connection. */
export const ScimSettings = z.object({
  /** Which identity provider calls; `auto` goes by its traffic. */
  client: z.string().max(40).default('auto'),
  /** Whether a token may come without the word `Bearer`, as some Okta apps send it. */
  bareToken: z.boolean().default(true),
  /** Addresses or networks (CIDR) that may call; none means all. */
  allowedNetworks: z.array(z.string().max(50)).max(100).default([]),
  /** Null for no limit. */
  requestsPerMinute: z.int().min(10).max(1_000_000).nullable().default(6000),
  /** Which roles count for a person who is in several pushed groups. */
  severalGroups: z.enum(['union', 'highest', 'first']).default('union'),
  /** Roles that this connection may see and give; null means all but Owner. */
  roleIds: z.array(idOf('rol')).max(500).nullable().default(null),
  /** What to do with a group member who is no user here. */
  unknownMembers: z.enum(['refuse', 'skip']).default('refuse'),
  /** Whether attributes that no schema has are refused instead of ignored. */
  strict: z.boolean().default(false),
  /**
   * The safety brake: how many people may lose access in a window before an owner is asked, as a number and
   * as a share of the people this connection manages. Three always may, so that small workspaces can work.
   */
  brake: z
    .object({
      minutes: z.int().min(1).max(1440).default(60),
      people: z.int().min(3).max(BRAKE_OFF.people).default(50),
      share: z.number().min(0.01).max(BRAKE_OFF.share).default(0.25),
    })
    .prefault({}),
})
export type ScimSettings = z.infer<typeof ScimSettings>

/** One line of the event log, which is timeline, audit log and live feed in one. */
export const LogEvent = z.object({
  seq: z.int(),
  id: idOf('evt'),
  at: instant,
  type: z.string(),
  sentence: z.string().describe('What happened, for people'),
  actor: Actor,
  subjects: z.array(z.string()),
  facts: z.record(z.string(), z.unknown()),
})
export type LogEvent = z.infer<typeof LogEvent>

/** What the live feed carries: which things changed, never their content. Fetch them to see. */
export const LiveHint = z.object({
  seq: z.int().optional(),
  type: z.string(),
  subjects: z.array(z.string()),
})
export type LiveHint = z.infer<typeof LiveHint>

const byRole = { roleId: idOf('rol') }
const newToken = {
  serviceUserId: idOf('svc'),
  expiresInDays: z.int().min(1).max(730).nullable().default(365),
  /** The live one to take over from: it ends when the new one is used for the first time. */
  replacesTokenId: idOf('tok').nullable().default(null),
}
const roleInput = {
  name: z.string().trim().min(1).max(80),
  description: z.string().trim().max(200).default(''),
  permissions: z.array(permission),
}

export const accounts = {
  signInOptions: route('GET', '/sign-in-options', {
    summary: 'What the sign-in page must ask for',
    needs: 'nobody',
  }).output(z.object({ workspace: z.object({ slug: tenantSlug, name: z.string() }).nullable() })),

  requestSignInLink: route('POST', '/sign-in-links', {
    summary: 'Send a sign-in link by e-mail; the answer is the same whether or not the address is known',
    needs: 'nobody',
    status: 202,
  })
    .input(z.object({ workspace: tenantSlug, email: z.email().max(254) }))
    .output(z.object({ sentTo: z.string() })),

  signIn: route('POST', '/sessions', {
    summary: 'Sign in with the token of an e-mail link, or with a password',
    needs: 'nobody',
    status: 201,
  })
    .input(
      z.discriminatedUnion('with', [
        z.object({ with: z.literal('link'), token: z.string().max(200) }),
        z.object({
          with: z.literal('password'),
          workspace: tenantSlug,
          email: z.email().max(254),
          password: z.string().min(1).max(500),
        }),
      ]),
    )
    .output(Session),

  getSession: route('GET', '/session', { summary: 'Who is signed in', needs: 'session' }).output(Session),
  signOut: route('DELETE', '/session', { summary: 'Sign out', needs: 'session' }).output(z.object({})),
  setPassword: route('PUT', '/session/password', {
    summary: 'Set or change my own password; other sessions of mine end',
    needs: 'session',
  })
    .input(z.object({ current: z.string().max(500).optional(), next: z.string().min(12).max(500) }))
    .output(z.object({})),

  listMembers: route('GET', '/members', { summary: 'Admins and agents', needs: 'requests.read' })
    .input(z.object({ search: z.string().max(200).optional(), ...paging }))
    .output(page(Member)),
  getMember: route('GET', '/members/{memberId}', { summary: 'One member', needs: 'requests.read' })
    .input(z.object({ memberId: idOf('mem') }))
    .output(Member),
  inviteMember: route('POST', '/members', {
    summary: 'Invite a member; a sign-in link goes out by e-mail',
    needs: 'members.manage',
    status: 201,
  })
    .input(
      z.object({
        email: z.email().max(254),
        displayName: z.string().trim().min(1).max(200),
        roleIds: z.array(idOf('rol')).min(1),
      }),
    )
    .output(Member),
  setMemberRoles: route('PUT', '/members/{memberId}/roles', {
    summary: 'Replace the roles given by hand; those from SCIM groups stay',
    needs: 'members.manage',
  })
    .input(z.object({ memberId: idOf('mem'), roleIds: z.array(idOf('rol')) }))
    .output(Member),
  deactivateMember: route('PUT', '/members/{memberId}/deactivation', {
    summary: 'Lock a member out at once: sessions and tokens end',
    needs: 'members.manage',
  })
    .input(z.object({ memberId: idOf('mem') }))
    .output(Member),
  setBreakGlass: route('PUT', '/members/{memberId}/break-glass', {
    summary: 'Put an account out of the sight of every identity provider, or back into it',
    needs: 'roles.manage',
  })
    .input(z.object({ memberId: idOf('mem'), breakGlass: z.boolean() }))
    .output(Member),
  reactivateMember: route('DELETE', '/members/{memberId}/deactivation', {
    summary: 'Let a member in again',
    needs: 'members.manage',
  })
    .input(z.object({ memberId: idOf('mem') }))
    .output(Member),

  listRoles: route('GET', '/roles', { summary: 'Roles and what they allow', needs: 'requests.read' }).output(
    z.object({ items: z.array(Role) }),
  ),
  createRole: route('POST', '/roles', { summary: 'Create a role', needs: 'roles.manage', status: 201 })
    .input(z.object(roleInput))
    .output(Role),
  updateRole: route('PUT', '/roles/{roleId}', {
    summary: 'Change a role; the system roles cannot be changed',
    needs: 'roles.manage',
  })
    .input(z.object({ ...byRole, ...roleInput }))
    .output(Role),
  deleteRole: route('DELETE', '/roles/{roleId}', {
    summary: 'Delete a role that nobody has',
    needs: 'roles.manage',
  })
    .input(z.object(byRole))
    .output(z.object({})),

  listServiceUsers: route('GET', '/service-users', {
    summary: 'Programs that may call the API or SCIM, with their tokens',
    needs: 'tokens.manage',
  }).output(z.object({ items: z.array(ServiceUser), scimBaseUrl: z.string() })),
  createServiceUser: route('POST', '/service-users', {
    summary: 'Create a service user',
    needs: 'tokens.manage',
    status: 201,
  })
    .input(
      z.object({
        name: z.string().trim().min(1).max(80),
        kind: z.enum(['api', 'scim']),
        permissions: z.array(permission).default([]),
        defaultRoleId: idOf('rol').nullable().default(null),
      }),
    )
    .output(ServiceUser),
  createToken: route('POST', '/service-users/{serviceUserId}/tokens', {
    summary: 'Create a token; it is shown this once. A SCIM connection has two live ones at most',
    needs: 'tokens.manage',
    status: 201,
  })
    .input(z.object(newToken))
    .output(z.object({ token: z.string(), details: Token })),
  createBasicCredential: route('POST', '/service-users/{serviceUserId}/basic-credentials', {
    summary: 'Create a user name and password for a SCIM connection; the password is shown this once',
    needs: 'tokens.manage',
    status: 201,
  })
    .input(z.object(newToken))
    .output(z.object({ userName: z.string(), password: z.string(), details: Token })),
  revokeToken: route('DELETE', '/tokens/{tokenId}', {
    summary: 'Revoke a token, or a user name and password, at once',
    needs: 'tokens.manage',
  })
    .input(z.object({ tokenId: idOf('tok') }))
    .output(Token),

  listOauthClients: route('GET', '/service-users/{serviceUserId}/oauth-clients', {
    summary: 'The OAuth clients of a SCIM connection, and where they go',
    needs: 'tokens.manage',
  })
    .input(z.object({ serviceUserId: idOf('svc') }))
    .output(z.object({ items: z.array(OauthClient), endpoints: OauthEndpoints })),
  createOauthClient: route('POST', '/service-users/{serviceUserId}/oauth-clients', {
    summary: 'Create an OAuth client of a SCIM connection; its secret is shown this once',
    needs: 'tokens.manage',
    status: 201,
  })
    .input(
      z.object({
        serviceUserId: idOf('svc'),
        /** Compared to the letter. None: it can use client credentials only. */
        redirectUris: z.array(z.url().max(500)).max(20).default([]),
        /** False for a program that can keep no secret: it has to use PKCE. */
        confidential: z.boolean().default(true),
      }),
    )
    .output(z.object({ clientId: z.string(), clientSecret: z.string().nullable(), details: OauthClient })),
  deleteOauthClient: route('DELETE', '/oauth-clients/{oauthClientId}', {
    summary: 'Delete an OAuth client: its tokens end at once',
    needs: 'tokens.manage',
  })
    .input(z.object({ oauthClientId: idOf('oac') }))
    .output(z.object({})),

  listEvents: route('GET', '/events', {
    summary: 'The audit log, newest first; with `subject`, the timeline of one thing',
    needs: 'audit.read',
  })
    .input(
      z.object({
        subject: z.string().max(60).optional(),
        type: z.string().max(60).optional(),
        before: z.coerce.number().int().optional(),
        limit: paging.limit,
      }),
    )
    .output(
      z.object({
        items: z.array(LogEvent),
        nextBefore: z.int().optional(),
        /** Every type of event there is, to filter by. */
        types: z.array(z.string()),
      }),
    ),
  checkEventLog: route('GET', '/events/integrity', {
    summary: 'Recompute the hash chain of the event log',
    needs: 'audit.read',
  }).output(
    z.object({
      intact: z.boolean(),
      events: z.int(),
      head: z.string(),
      firstBroken: z.int().nullable(),
    }),
  ),
  streamEvents: route('GET', '/events/stream', {
    summary: 'Server-sent events: what changed, as it changes; resume with Last-Event-ID',
    needs: 'session',
  }).output(eventIterator(LiveHint)),
}
