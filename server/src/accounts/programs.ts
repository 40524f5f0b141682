/**
 * Programs that call: a service user by its token, its user name and password, or an access token of
 * OAuth. Looked up again for each call, so a token that was revoked a moment ago is refused by every
 * process; together with the other calls of the moment, so that it costs little.
 */
import type { BlockList } from 'node:net'
import {
  inBatches,
  type Lane,
  type Platform,
  readAs,
  type Statement,
  systemContext,
  transact,
} from '#platform'
import { ScimSettings } from './contract.ts'
import { type Credential, proves } from './credentials.ts'
import { blockListOf } from './networks.ts'
import { tokenRotated } from './oauth-events.ts'
import { takeOver, touchToken } from './tokens.store.ts'

/** How stale "last used" may be: a write a minute instead of one a call. */
const TOUCH_MS = 60_000

/** A service user that proved itself. */
export interface Program {
  tenantId: string
  slug: string
  tokenId: string
  use: 'bearer' | 'basic' | 'oauth'
  /** Anything but `live` is a reason to refuse it. */
  state: 'live' | 'expired' | 'revoked' | 'removed'
  kind: 'api' | 'scim'
  serviceUserId: string
  name: string
  permissions: readonly string[]
  defaultRoleId: string | null
  settings: ScimSettings
  /** The addresses it may call from; null for all. */
  networks: BlockList | null
  /** The copy of the workspace it works on while it is in shadow mode. */
  shadowTenantId: string | null
  /** Who allowed it in, where that was by OAuth's code grant. */
  memberId: string | null
}

interface Row {
  id: string
  mac: Buffer
  use: Program['use']
  state: Program['state']
  unused: boolean
  stale: boolean
  memberId: string | null
  serviceUserId: string
  name: string
  kind: Program['kind']
  permissions: string[]
  defaultRoleId: string | null
  settings: string
  shadowTenantId: string | null
  slug: string
}

const FIND: Statement = {
  name: 'find_programs',
  text: `
    select t.id, t.mac, t.use,
      case when u.removed_at is not null then 'removed'
           when t.revoked_at is not null then 'revoked'
           when t.expires_at <= now() then 'expired'
           else 'live' end as state,
      t.last_used_at is null as unused,
      coalesce(t.last_used_at < now() - interval '${TOUCH_MS} milliseconds', true) as stale,
      g.member_id as "memberId", u.id as "serviceUserId", u.name, u.kind, u.permissions,
      u.default_role_id as "defaultRoleId", u.scim::text as settings,
      u.shadow_tenant_id as "shadowTenantId", w.slug
    from tokens t
    join service_users u on u.tenant_id = t.tenant_id and u.id = t.service_user_id
    join tenants w on w.id = t.tenant_id
    left join oauth_grants g on g.tenant_id = t.tenant_id and g.id = t.oauth_grant_id
    where t.tenant_id = $1 and t.id = any($2::text[])`,
}

interface Found {
  row: Row
  program: Program
}

const find = inBatches<Lane, string, Found | undefined>({
  async run({ platform, tenantId }, ids) {
    const rows = await readAs<Row>(platform, tenantId, FIND, [tenantId, [...new Set(ids)]])
    const byId = new Map(rows.map((row) => [row.id, { row, program: programOf(tenantId, row) }]))
    return ids.map((id) => byId.get(id))
  },
  most: 200,
  atOnce: 1,
})

/**
 * Whose credential this is, if its secret proves it, and in which state. A caller looks at `state`, and
 * calls `noteUse` when it lets the program in.
 */
export async function recogniseProgram(
  platform: Platform,
  credential: Credential,
): Promise<{ program: Program; mac: Buffer; noteUse: () => Promise<void> } | undefined> {
  const found = await find({ platform, tenantId: credential.tenantId }, credential.id)
  const right = proves(platform, credential, found?.row.mac)
  const expected = credential.kind === 'basic' ? 'basic' : found?.row.kind
  if (!found || !right || expected !== credential.kind) return undefined
  const { row, program } = found
  return { program, mac: row.mac, noteUse: () => noteUse(platform, credential.tenantId, row) }
}

function programOf(tenantId: string, row: Row): Program {
  const { id: tokenId, mac: _, unused: __, stale: ___, settings, ...rest } = row
  return { tenantId, tokenId, ...rest, ...settingsOf(settings) }
}

interface ReadSettings {
  settings: ScimSettings
  networks: BlockList | null
}

/** What was read before, by its text: connections are few and calls are many. */
const known = new Map<string, ReadSettings>()
const KNOWN_AT_MOST = 500

function settingsOf(text: string): ReadSettings {
  const before = known.get(text)
  if (before) return before
  const settings = ScimSettings.parse(JSON.parse(text))
  const read = { settings, networks: blockListOf(settings.allowedNetworks) }
  if (known.size >= KNOWN_AT_MOST) known.clear()
  known.set(text, read)
  return read
}

/** When each process wrote last that a token was used. */
const touched = new WeakMap<Platform, Map<string, number>>()

// The first use is waited for, because it ends the token that this one takes over from.
async function noteUse(platform: Platform, tenantId: string, row: Row): Promise<void> {
  if (row.unused) return firstUse(platform, tenantId, row)
  if (!row.stale) return
  const times = touched.get(platform) ?? new Map<string, number>()
  touched.set(platform, times)
  const now = performance.now()
  if (now - (times.get(row.id) ?? -TOUCH_MS) < TOUCH_MS) return
  if (times.size >= 10_000) times.clear()
  times.set(row.id, now)
  transact(systemContext(platform, tenantId), (tx) => touchToken(tx, row.id)).catch((error: unknown) =>
    platform.log.error('token.not_touched', { tenantId, error }),
  )
}

async function firstUse(platform: Platform, tenantId: string, row: Row): Promise<void> {
  const ctx = {
    ...systemContext(platform, tenantId),
    actor: { kind: 'service', id: row.serviceUserId, name: row.name } as const,
  }
  await transact(ctx, async (tx) => {
    const rotated = await takeOver(tx, row.id)
    if (rotated)
      tokenRotated(tx, [row.serviceUserId, row.id, rotated.replacedId], {
        name: row.name,
        hint: rotated.hint,
        replaced: rotated.replacedHint,
      })
  })
}
