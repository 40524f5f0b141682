/** SCIM connections: what an owner chooses for one, and how it fares. */
import { clientProfiles, detectClient, findClientProfile } from '@keydesk/scim'
import { listServiceUsers, provisionerOf, readNetwork, refuseToReach, resettleRoles } from '#accounts'
import { AppError, type Context, listTenants, notFound, type Tx, transact } from '#platform'
import { ScimSettings } from '../accounts/contract.ts'
import { evidenceOf, listLastCalls } from './calls.store.ts'
import { describeChanges } from './connection-changes.ts'
import * as store from './connections.store.ts'
import type { ScimConnection } from './contract.ts'
import { connectionChanged, connectionCreated, connectionRemoved } from './events.ts'
import { explain } from './explain.ts'
import { type HealthFacts, healthOf, REFUSED_IN_A_ROW } from './health.ts'
import { endShadow, startShadow } from './shadow.ts'

export function listConnections(ctx: Context): Promise<ScimConnection[]> {
  return transact(ctx, async (tx) => {
    const rows = await store.listConnections(tx)
    return viewsOf(tx, rows)
  })
}

/** @throws AppError `not_found` */
export function getConnection(ctx: Context, id: string): Promise<ScimConnection> {
  return transact(ctx, async (tx) => viewOf(tx, await existing(tx, id)))
}

/** @throws AppError `invalid_input` for an unknown client or role, or Owner as the default */
export async function createConnection(
  ctx: Context,
  input: { name: string; client: string; defaultRoleId: string | null; shadow: boolean },
): Promise<ScimConnection> {
  const { name, client, defaultRoleId, shadow } = input
  const id = await transact(ctx, async (tx) => {
    const settings = ScimSettings.parse({ client })
    refuseUnknownClient(client)
    await refuseBadRoles(tx, defaultRoleId, null)
    const row = await store.insertConnection(tx, { name, defaultRoleId, settings })
    connectionCreated(tx, [row.id], { name, client })
    return row.id
  })
  // It has no credential yet, so nothing can come before the copy is made.
  if (shadow) await startShadow(ctx, id)
  return getConnection(ctx, id)
}

/** Replaces name, default role and settings. Whom the roles of the connection reach is settled anew where that changes it. */
export function updateConnection(
  ctx: Context,
  id: string,
  input: { name: string; defaultRoleId: string | null; settings: ScimSettings },
): Promise<ScimConnection> {
  const { name, defaultRoleId, settings } = input
  return transact(ctx, async (tx) => {
    const row = await existing(tx, id, true)
    const before = { ...row, settings: settingsOf(row) }
    refuseUnknownClient(settings.client)
    refuseBadNetworks(settings.allowedNetworks)
    await refuseBadRoles(tx, defaultRoleId, settings.roleIds)
    const roleIds = [...idsIn(before), ...idsIn(input)]
    const names = new Map((await store.listRoleNames(tx, roleIds)).map((role) => [role.id, role.name]))
    const changed = describeChanges(before, input, (roleId) => names.get(roleId) ?? 'a role that is gone')
    if (changed.length === 0) return viewOf(tx, row)
    // Who holds the credential could do with it what he may not do himself.
    await refuseToReach(tx, { ...row, permissions: [], kind: 'scim', defaultRoleId, scim: settings })
    await store.saveConnection(tx, id, input)
    connectionChanged(tx, [id], { name, changed })
    const counts = before.settings.severalGroups !== settings.severalGroups
    if (counts || before.defaultRoleId !== defaultRoleId)
      await resettleRoles(tx, provisionerOf({ ...row, name, defaultRoleId, scim: settings }))
    return viewOf(tx, await existing(tx, id))
  })
}

function idsIn({
  defaultRoleId,
  settings,
}: {
  defaultRoleId: string | null
  settings: ScimSettings
}): string[] {
  return [...(defaultRoleId ? [defaultRoleId] : []), ...(settings.roleIds ?? [])]
}

/** Ends every credential of a connection at once. Whom it made stays as they are. */
export function removeConnection(ctx: Context, id: string): Promise<void> {
  return transact(ctx, async (tx) => {
    const row = await existing(tx, id, true)
    if (row.shadowTenantId) await endShadow(tx, id, false)
    const credentials = await store.removeConnection(tx, id)
    connectionRemoved(tx, [id], { name: row.name, credentials })
  })
}

/** A connection that was not removed. @throws AppError `not_found` */
export async function existing(tx: Tx, id: string, lock = false): Promise<store.ConnectionRow> {
  const row = await store.findConnection(tx, id, lock)
  if (!row) throw notFound('SCIM connection')
  return row
}

function settingsOf(row: store.ConnectionRow): ScimSettings {
  return ScimSettings.parse(row.scim)
}

function refuseUnknownClient(key: string): void {
  if (key === 'auto' || findClientProfile(key)) return
  const keys = ['auto', ...clientProfiles.map((profile) => profile.key)].join(', ')
  throw new AppError('invalid_input', `There is no client ${key}. Choose one of: ${keys}.`)
}

function refuseBadNetworks(networks: readonly string[]): void {
  const bad = networks.find((network) => !readNetwork(network))
  if (bad !== undefined)
    throw new AppError(
      'invalid_input',
      `${bad} is neither an address nor a network. Write it like 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32.`,
    )
}

async function refuseBadRoles(
  tx: Tx,
  defaultRoleId: string | null,
  roleIds: readonly string[] | null,
): Promise<void> {
  const wanted = [...new Set([...(defaultRoleId ? [defaultRoleId] : []), ...(roleIds ?? [])])]
  const found = await store.listRoleNames(tx, wanted)
  if (found.length < wanted.length) throw notFound('role')
  if (found.some((role) => role.isOwner))
    throw new AppError('invalid_input', 'Owner can never be given by SCIM. Choose other roles.')
  if (defaultRoleId && roleIds && !roleIds.includes(defaultRoleId))
    throw new AppError(
      'invalid_input',
      'The default role is not among the roles that this connection may give. Add it to them, or choose another.',
    )
}

async function viewOf(tx: Tx, row: store.ConnectionRow): Promise<ScimConnection> {
  const [view] = await viewsOf(tx, [row])
  if (!view) throw notFound('SCIM connection')
  return view
}

const HOUR_MS = 3_600_000

async function viewsOf(tx: Tx, rows: readonly store.ConnectionRow[]): Promise<ScimConnection[]> {
  const baseUrl = await baseUrlOf(tx)
  const programs = new Map((await listServiceUsers(tx)).map((user) => [user.id, user]))
  const traffic = new Map((await store.listTraffic(tx)).map((row) => [row.serviceUserId, row]))
  const now = new Date()
  const strangers = await store.countStrangers(tx, new Date(now.getTime() - HOUR_MS))
  const views: ScimConnection[] = []
  for (const row of rows) {
    const settings = settingsOf(row)
    const seen = traffic.get(row.id)
    const client = clientOf(settings, seen)
    const program = programs.get(row.id)
    const caller = callerName(client.key, row.name)
    views.push({
      id: row.id,
      name: row.name,
      mode: row.shadowTenantId ? 'shadow' : 'live',
      shadowSince: row.shadowSince?.toISOString() ?? null,
      baseUrl,
      defaultRoleId: row.defaultRoleId,
      settings,
      client,
      health: {
        ...healthOf({
          now,
          client: caller,
          credential: credentialOf(program, now),
          lastCallAt: seen?.lastCallAt ?? null,
          usualGapSeconds: seen?.usualGapSeconds ?? null,
          last: await lastCallsOf(tx, row.id, caller),
          strangers,
        }),
        firstCallAt: seen?.firstCallAt?.toISOString() ?? null,
        lastCallAt: seen?.lastCallAt?.toISOString() ?? null,
        usualGapSeconds: seen?.usualGapSeconds ?? null,
        calls: seen?.calls ?? 0,
        failures: seen?.failures ?? 0,
      },
      tokens: program?.tokens ?? [],
      counts: await store.countFor(tx, row.id),
      createdAt: row.createdAt.toISOString(),
    })
  }
  return views
}

/** Where providers reach the workspace. */
export async function baseUrlOf(tx: Tx): Promise<string> {
  const tenant = (await listTenants(tx.platform)).find(({ id }) => id === tx.tenantId)
  return `${tx.platform.config.publicUrl}/scim/v2/${tenant?.slug ?? ''}`
}

/** What to call connections and who calls by them; a call without a connection is a stranger's. */
export async function clientNames(
  tx: Tx,
): Promise<(serviceUserId: string | null) => { connection: string; client: string }> {
  const traffic = new Map((await store.listTraffic(tx)).map((row) => [row.serviceUserId, row]))
  const names = new Map(
    (await store.listAll(tx)).map((row) => {
      const { key } = clientOf(settingsOf(row), traffic.get(row.id))
      return [row.id, { connection: row.name, client: callerName(key, row.name) }]
    }),
  )
  const nobody = { connection: 'A stranger', client: 'Somebody' }
  return (serviceUserId) => (serviceUserId ? (names.get(serviceUserId) ?? nobody) : nobody)
}

function clientOf(settings: ScimSettings, seen: store.TrafficRow | undefined): ScimConnection['client'] {
  if (settings.client !== 'auto')
    return {
      key: settings.client,
      name: findClientProfile(settings.client)?.name ?? settings.client,
      confidence: 'chosen',
      because: 'It was chosen in the settings of this connection.',
    }
  const { key, confidence, because } = detectClient(evidenceOf(seen?.evidence))
  return { key, name: findClientProfile(key)?.name ?? key, confidence, because }
}

/** Who calls, in a sentence: the provider by its usual name, or the connection by its own. */
function callerName(clientKey: string, connection: string): string {
  if (clientKey === 'generic') return connection
  return clientKey.startsWith('entra') ? 'Entra ID' : (findClientProfile(clientKey)?.vendor ?? connection)
}

type Program = Awaited<ReturnType<typeof listServiceUsers>>[number]

function credentialOf(program: Program | undefined, now: Date): HealthFacts['credential'] {
  if (!program || program.tokens.length + program.oauthClients.length === 0) return 'none'
  if (program.oauthClients.length > 0) return 'live'
  const unrevoked = program.tokens.filter((token) => token.revokedAt === null)
  if (unrevoked.length === 0) return 'revoked'
  return unrevoked.some(({ expiresAt }) => expiresAt === null || new Date(expiresAt) > now)
    ? 'live'
    : 'expired'
}

async function lastCallsOf(tx: Tx, id: string, client: string): Promise<HealthFacts['last']> {
  const rows = await listLastCalls(tx, id, REFUSED_IN_A_ROW)
  return rows.map((row) => ({
    method: row.method,
    status: row.status,
    held: row.held,
    because: row.status < 400 ? '' : explain(row, client).explanation.replace(/^(?:Refused|Failed): /, ''),
  }))
}
