/** Service users and their tokens: programs that come in without a person. A token is shown once. */
import { AppError, type Context, notFound, type Tx, transact } from '#platform'
import type { Permission, ServiceUser, Token } from './contract.ts'
import { issueCredential } from './credentials.ts'
import { serviceUserCreated, tokenCreated, tokenRevoked } from './events.ts'
import { refuseToRaise } from './raising.ts'
import { findRole } from './roles.store.ts'
import * as store from './tokens.store.ts'

export function listServiceUsers(ctx: Context): Promise<ServiceUser[]> {
  return transact(ctx, async (tx) => {
    const tokens = await store.listTokens(tx)
    return (await store.listServiceUsers(tx)).map((user) => viewOf(user, tokens))
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
    return viewOf(user, [])
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

/** @param expiresInDays null for a token that does not expire */
export function createToken(
  ctx: Context,
  serviceUserId: string,
  expiresInDays: number | null,
): Promise<{ token: string; details: Token }> {
  return transact(ctx, async (tx) => {
    const user = await store.findServiceUser(tx, serviceUserId)
    if (!user) throw notFound('service user')
    refuseToRaise(tx, user.permissions)
    const { text, id, mac, hint } = issueCredential(tx.platform, user.kind as 'api' | 'scim', tx.tenantId)
    const expiresAt = expiresInDays === null ? null : new Date(Date.now() + expiresInDays * 86_400_000)
    const row = await store.insertToken(tx, { id, serviceUserId, mac, hint, expiresAt })
    tokenCreated(tx, [serviceUserId, id], { name: user.name, hint })
    return { token: text, details: tokenView(row, user.kind) }
  })
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

function viewOf(user: store.ServiceUserRow, tokens: store.TokenRow[]): ServiceUser {
  return {
    id: user.id,
    name: user.name,
    kind: user.kind as 'api' | 'scim',
    permissions: user.permissions as Permission[],
    defaultRoleId: user.defaultRoleId,
    tokens: tokens
      .filter((token) => token.serviceUserId === user.id)
      .map((token) => tokenView(token, user.kind)),
    createdAt: user.createdAt.toISOString(),
  }
}

function tokenView(row: store.TokenRow, kind: string): Token {
  return {
    id: row.id,
    kind: kind as 'api' | 'scim',
    hint: row.hint,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  }
}
