/** SCIM connections as their owner sees them: settings, health, the log of calls, the brake and shadow mode. */
import * as z from 'zod'
import { RoleGrant, route, ScimSettings, Token } from '../accounts/contract.ts'
import { Actor, idOf, instant, page, paging } from '../platform/contract.ts'

/** Which identity provider calls, and how we know. */
export const ConnectionClient = z.object({
  key: z.string(),
  name: z.string(),
  confidence: z.enum(['chosen', 'certain', 'likely', 'none']),
  because: z.string().describe('What it was recognised by'),
})

/** Whether the connection is alive, in a word and a sentence. */
export const ConnectionHealth = z.object({
  state: z.enum(['waiting', 'ok', 'quiet', 'failing', 'no_credential']),
  sentence: z.string(),
  firstCallAt: instant.nullable(),
  lastCallAt: instant.nullable(),
  usualGapSeconds: z.number().nullable(),
  calls: z.int(),
  failures: z.int(),
})

export const ScimConnection = z.object({
  id: idOf('svc'),
  name: z.string(),
  mode: z.enum(['live', 'shadow']),
  shadowSince: instant.nullable(),
  baseUrl: z.string(),
  defaultRoleId: idOf('rol').nullable(),
  settings: ScimSettings,
  client: ConnectionClient,
  health: ConnectionHealth,
  tokens: z.array(Token),
  counts: z.object({ members: z.int(), active: z.int(), roles: z.int(), held: z.int() }),
  createdAt: instant,
})
export type ScimConnection = z.infer<typeof ScimConnection>

export const ScimCall = z.object({
  id: idOf('cal'),
  at: instant,
  method: z.string(),
  path: z.string(),
  status: z.int(),
  milliseconds: z.number(),
  /** The person or role it was about. */
  subject: z.string().nullable(),
  memberId: idOf('mem').nullable(),
  roleId: idOf('rol').nullable(),
  /** How many calls of one kind this line stands for. */
  times: z.int(),
  shadow: z.boolean(),
  outcome: z.enum(['done', 'refused', 'held', 'failed']),
  /** What it did or why it was refused, for people. */
  explanation: z.string(),
  /** What to do about it; null when there is nothing to do. */
  remedy: z.string().nullable(),
})
export type ScimCall = z.infer<typeof ScimCall>

export const ScimCallDetail = ScimCall.extend({
  request: z.string().nullable().describe('The body as it came, redacted'),
  answer: z.string().nullable().describe('The body as it went, redacted'),
  tolerated: z.array(z.string()).describe('What the standard does not allow and we understood all the same'),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  curl: z.string().describe('The same call for a command line; the token is left to fill in'),
})
export type ScimCallDetail = z.infer<typeof ScimCallDetail>

/** One person's loss of access that a held call would cause. */
export const Cut = z.object({
  kind: z.enum(['deactivation', 'deletion', 'role_loss']),
  memberId: idOf('mem'),
  member: z.string(),
  role: z.string().nullable(),
})
export type Cut = z.infer<typeof Cut>

export const Hold = z.object({
  id: idOf('hld'),
  method: z.string(),
  path: z.string(),
  cuts: z.array(Cut),
  state: z.enum(['held', 'released', 'discarded', 'superseded']),
  outcome: z.string().nullable(),
  createdAt: instant,
  decidedAt: instant.nullable(),
  decidedBy: Actor.nullable(),
})
export type Hold = z.infer<typeof Hold>

/** What going live would change. */
export const ShadowDiff = z.object({
  since: instant,
  members: z.array(
    z.object({
      memberId: idOf('mem'),
      name: z.string(),
      change: z.enum(['create', 'update', 'activate', 'deactivate', 'delete']),
      details: z.array(
        z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
      ),
    }),
  ),
  roles: z.array(
    z.object({
      roleId: idOf('rol'),
      name: z.string(),
      change: z.enum(['create', 'update', 'delete', 'members']),
      added: z.array(z.string()).describe('Names of people who would get it'),
      removed: z.array(z.string()).describe('Names of people who would lose it'),
    }),
  ),
  /** How many more lines there are than are shown. */
  more: z.int(),
})
export type ShadowDiff = z.infer<typeof ShadowDiff>

/** One attribute of an added schema (RFC 7643 §7). */
const SchemaAttribute: z.ZodType<Record<string, unknown>> = z.record(z.string(), z.unknown())

export const ScimSchema = z.object({
  id: z.string().describe('A URN'),
  name: z.string(),
  description: z.string(),
  attributes: z.array(SchemaAttribute),
})
export type ScimSchema = z.infer<typeof ScimSchema>

/** Everything that happened to one person by SCIM, by hand and by signing in, as one line. */
export const HistoryLine = z.object({
  at: instant,
  kind: z.enum(['call', 'role', 'account', 'session']),
  sentence: z.string(),
  /** The SCIM call, to open it. */
  callId: idOf('cal').nullable(),
  status: z.int().nullable(),
  actor: z.string(),
})

/** A sentence that answers "why does she have this role?". */
export const RoleReason = RoleGrant.extend({ sentence: z.string() })

const byId = { connectionId: idOf('svc') }

export const scim = {
  listConnections: route('GET', '/scim-connections', {
    summary: 'The SCIM connections of this workspace',
    needs: 'tokens.manage',
  }).output(z.object({ items: z.array(ScimConnection) })),
  createConnection: route('POST', '/scim-connections', {
    summary: 'Create a SCIM connection; its credentials are made next',
    needs: 'tokens.manage',
    status: 201,
  })
    .input(
      z.object({
        name: z.string().trim().min(1).max(80),
        client: z.string().max(40).default('auto'),
        defaultRoleId: idOf('rol').nullable().default(null),
        shadow: z.boolean().default(false),
      }),
    )
    .output(ScimConnection),
  getConnection: route('GET', '/scim-connections/{connectionId}', {
    summary: 'One SCIM connection',
    needs: 'tokens.manage',
  })
    .input(z.object(byId))
    .output(ScimConnection),
  updateConnection: route('PUT', '/scim-connections/{connectionId}', {
    summary: 'Change the name, the default role and the settings of a SCIM connection',
    needs: 'tokens.manage',
  })
    .input(
      z.object({
        ...byId,
        name: z.string().trim().min(1).max(80),
        defaultRoleId: idOf('rol').nullable(),
        settings: ScimSettings,
      }),
    )
    .output(ScimConnection),
  removeConnection: route('DELETE', '/scim-connections/{connectionId}', {
    summary: 'Remove a SCIM connection: its credentials end at once, its members and roles stay',
    needs: 'tokens.manage',
  })
    .input(z.object(byId))
    .output(z.object({})),

  listCalls: route('GET', '/scim-connections/{connectionId}/calls', {
    summary: 'The log of calls, newest first',
    needs: 'tokens.manage',
  })
    .input(
      z.object({
        ...byId,
        outcome: z.enum(['done', 'refused', 'held', 'failed']).optional(),
        method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
        memberId: idOf('mem').optional(),
        search: z.string().max(200).optional().describe('Part of the path or of the name'),
        ...paging,
      }),
    )
    .output(page(ScimCall)),
  getCall: route('GET', '/scim-calls/{callId}', {
    summary: 'One call with its bodies, redacted, and how to replay it',
    needs: 'tokens.manage',
  })
    .input(z.object({ callId: idOf('cal') }))
    .output(ScimCallDetail),

  listHolds: route('GET', '/scim-connections/{connectionId}/holds', {
    summary: 'What the safety brake holds back, oldest first',
    needs: 'tokens.manage',
  })
    .input(z.object({ ...byId, state: z.enum(['held', 'all']).default('held') }))
    .output(z.object({ items: z.array(Hold) })),
  decideHolds: route('POST', '/scim-connections/{connectionId}/holds/decision', {
    summary: 'Do what was held back, or drop it; only an owner may',
    needs: 'roles.manage',
  })
    .input(
      z.object({
        ...byId,
        holdIds: z.array(idOf('hld')).min(1).max(1000),
        decision: z.enum(['release', 'discard']),
      }),
    )
    .output(z.object({ items: z.array(Hold) })),

  startShadow: route('POST', '/scim-connections/{connectionId}/shadow', {
    summary: 'Let a connection work on a copy that nobody sees, instead of the workspace',
    needs: 'tokens.manage',
  })
    .input(z.object(byId))
    .output(ScimConnection),
  getShadow: route('GET', '/scim-connections/{connectionId}/shadow', {
    summary: 'What would have changed',
    needs: 'tokens.manage',
  })
    .input(z.object(byId))
    .output(ShadowDiff),
  endShadow: route('POST', '/scim-connections/{connectionId}/shadow/end', {
    summary: 'Go live with what was shown, or drop the copy and go live without it',
    needs: 'tokens.manage',
  })
    .input(z.object({ ...byId, keep: z.boolean() }))
    .output(ScimConnection),

  listSchemas: route('GET', '/scim-schemas', {
    summary: 'Attributes of users that this workspace added',
    needs: 'tokens.manage',
  }).output(z.object({ items: z.array(ScimSchema) })),
  addSchema: route('POST', '/scim-schemas', {
    summary: 'Add an extension schema; providers can use it from the next call on',
    needs: 'tokens.manage',
    status: 201,
  })
    .input(ScimSchema)
    .output(ScimSchema),
  removeSchema: route('DELETE', '/scim-schemas/{schemaId}', {
    summary:
      'Remove an extension schema; what users have of it is kept, unseen, until they are written again',
    needs: 'tokens.manage',
  })
    .input(z.object({ schemaId: z.string().max(300) }))
    .output(z.object({})),

  getMemberAccess: route('GET', '/members/{memberId}/access', {
    summary: 'Why a member has the roles they have',
    needs: 'members.manage',
  })
    .input(z.object({ memberId: idOf('mem') }))
    .output(
      z.object({
        roles: z.array(RoleReason),
        /** All attributes that the provider sent, as `path: value`, for people. */
        attributes: z.array(z.object({ path: z.string(), value: z.string() })),
        /** The person of the directory who is the same human being. */
        person: z.object({ id: idOf('per'), name: z.string() }).nullable(),
      }),
    ),
  getMemberHistory: route('GET', '/members/{memberId}/history', {
    summary: 'SCIM calls, role changes and sessions of one member as one timeline, newest first',
    needs: 'members.manage',
  })
    .input(z.object({ memberId: idOf('mem'), limit: paging.limit }))
    .output(z.object({ items: z.array(HistoryLine) })),
}
