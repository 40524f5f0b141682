/**
 * Service users and their credentials: programs that come in without a person. A secret is shown once.
 * To change one without a gap, make a second that takes over from it: the first ends when the second is used.
 */
import { AppError, type Context, newId, notFound, type Tx, transact } from '#platform'
import type { Permission, ServiceUser, Token } from './contract.ts'
import { issueCredential, issueSecret } from './credentials.ts'
import { serviceUserCreated, tokenCreated, tokenRevoked } from './events.ts'
import { listClientViews } from './oauth-clients.ts'
import { getUserToEquip, refuseToRaise } from './raising.ts'
import { findRole } from './roles.store.ts'
import * as store from './tokens.store.ts'

/** So many of a SCIM connection's may live at a time: the one in use, and the one to come. */
const LIVE_AT_ONCE = 2

export function listServiceUsers(ctx: Context): Promise<ServiceUser[]> {
  return transact(ctx, async (tx) => {
    const tokens = await store.listTokens(tx)
    const clients = await listClientViews(tx)
    return (await store.listServiceUsers(tx)).map((user) => viewOf(user, tokens, clients))
  })
}

export function createServiceUser(
  ctx: Context,
  input: { name: string; kind: 'api' | 'scim'; permissions: Permission[]; defaultRoleId: string | null },
): Promise<ServiceUser> {
  return transact(ctx, async (tx) => {
    if (input.kind === 'scim' && input.permissions.length > 0)
      throw new AppError(
        'invalid_input',
        'A SCIM service user can do SCIM and nothing else: leave permissions empty.',
      )
    refuseToRaise(tx, input.permissions)
    if (input.defaultRoleId) await refuseBadDefault(tx, input.defaultRoleId)
    const user = await store.insertServiceUser(tx, input)
    serviceUserCreated(tx, [user.id], { name: user.name, kind: user.kind })
    return viewOf(user, [], [])
  })
}

async function refuseBadDefault(tx: Tx, roleId: string): Promise<void> {
  const role = await findRole(tx, roleId)
  if (!role) throw notFound('role')
  if (role.systemKey === 'owner')
    throw new AppError(
      'invalid_input',
      'Owner can never be given by SCIM. Choose your most restrictive role as the default.',
    )
}

/**
 * @param expiresInDays null for a token that does not expire
 * @param replacesTokenId a live token that ends when the new one is used for the first time
 * @throws AppError `conflict` when a SCIM connection has two live ones already
 */
export function createToken(
  ctx: Context,
  serviceUserId: string,
  expiresInDays: number | null,
  replacesTokenId: string | null = null,
): Promise<{ token: string; details: Token }> {
  return transact(ctx, async (tx) => {
    const user = await getUserToEquip(tx, serviceUserId)
    const replacesId = await makeRoom(tx, user, 'bearer', replacesTokenId)
    const { text, id, mac, hint } = issueCredential(tx.platform, user.kind as 'api' | 'scim', tx.tenantId)
    const details = await keep(tx, user, { id, use: 'bearer', mac, hint, replacesId }, expiresInDays)
    return { token: text, details }
  })
}

/**
 * A user name and password for clients that know nothing better than Basic.
 * @throws AppError `invalid_input` for a service user of kind api; `conflict` when two live already
 */
export function createBasicCredential(
  ctx: Context,
  serviceUserId: string,
  expiresInDays: number | null,
  replacesTokenId: string | null = null,
): Promise<{ userName: string; password: string; details: Token }> {
  return transact(ctx, async (tx) => {
    const user = await getUserToEquip(tx, serviceUserId, 'scim')
    const replacesId = await makeRoom(tx, user, 'basic', replacesTokenId)
    const { text, mac, hint } = issueSecret(tx.platform, 'basic')
    const id = newId('tok')
    const details = await keep(tx, user, { id, use: 'basic', mac, hint, replacesId }, expiresInDays)
    return { userName: id, password: text, details }
  })
}

async function makeRoom(
  tx: Tx,
  user: store.ServiceUserRow,
  use: 'bearer' | 'basic',
  replacesTokenId: string | null,
): Promise<string | null> {
  const live = await store.listLiveTokens(tx, user.id, use)
  if (replacesTokenId && !live.some(({ id }) => id === replacesTokenId))
    throw new AppError(
      'invalid_input',
      'The token to take over from does not live any more, or belongs to something else. Create one that replaces none.',
    )
  if (user.kind === 'scim' && live.length >= LIVE_AT_ONCE)
    throw new AppError(
      'conflict',
      `${user.name} has ${LIVE_AT_ONCE} live ones already. Revoke the one that is not in use first.`,
    )
  return replacesTokenId
}

async function keep(
  tx: Tx,
  user: store.ServiceUserRow,
  token: { id: string; use: 'bearer' | 'basic'; mac: Buffer; hint: string; replacesId: string | null },
  expiresInDays: number | null,
): Promise<Token> {
  const expiresAt = expiresInDays === null ? null : new Date(Date.now() + expiresInDays * 86_400_000)
  const row = await store.insertToken(tx, { ...token, serviceUserId: user.id, expiresAt })
  tokenCreated(tx, [user.id, row.id], { name: user.name, hint: row.hint })
  return tokenView(row, user.kind)
}

export function revokeToken(ctx: Context, tokenId: string): Promise<Token> {
  return transact(ctx, async (tx) => {
    const row = await store.revokeToken(tx, tokenId)
    if (!row) throw notFound('token')
    const user = await store.findServiceUser(tx, row.serviceUserId)
    if (!user) throw notFound('token')
    tokenRevoked(tx, [user.id, row.id], { name: user.name, hint: row.hint })
    return tokenView(row, user.kind)
  })
}

function viewOf(
  user: store.ServiceUserRow,
  tokens: store.TokenRow[],
  clients: Awaited<ReturnType<typeof listClientViews>>,
): ServiceUser {
  return {
    id: user.id,
    name: user.name,
    kind: user.kind as 'api' | 'scim',
    permissions: user.permissions as Permission[],
    defaultRoleId: user.defaultRoleId,
    tokens: tokens
      .filter((token) => token.serviceUserId === user.id)
      .map((token) => tokenView(token, user.kind)),
    oauthClients: clients.filter((one) => one.serviceUserId === user.id).map(({ client }) => client),
    createdAt: user.createdAt.toISOString(),
  }
}

function tokenView(row: store.TokenRow, kind: string): Token {
  return {
    id: row.id,
    kind: kind as 'api' | 'scim',
    use: row.use as 'bearer' | 'basic',
    userName: row.use === 'basic' ? row.id : null,
    hint: row.hint,
    replacesTokenId: row.replacesId,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  }
}
