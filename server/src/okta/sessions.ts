/** An open Okta per connection: tokens, nonce and rate limits are shared by all calls of this process. */
import { createHash } from 'node:crypto'
import { AppError, type Context, type Platform, transact, unseal } from '#platform'
import { makeOkta, type Okta } from './client/okta.ts'
import type { Credentials } from './client/token.ts'
import { type CallOptions, makeTransport, openSession, type Session } from './client/transport.ts'
import { type ConnectionRow, listConnections } from './connections.store.ts'
import { OKTA_SCOPES } from './contract.ts'

interface Opened {
  /** Of the sealed credentials: new ones open a new session, in every process. */
  fingerprint: string
  session: Session
}

const opened = new WeakMap<Platform, Map<string, Opened>>()

/** Where the secrets of a connection stand. */
export const placeOf = (id: string, column: 'private_key_sealed' | 'token_sealed') => ({
  table: 'okta_connections',
  column,
  id,
})

/** For what only looks: an Idempotency-Key belongs to the transaction of the act that follows. */
export function reading(ctx: Context): Context {
  return ctx.db.isTransaction ? ctx : { ...ctx, idempotency: null }
}

/** Okta, ready to be called with a connection's credentials. */
export async function openOkta(ctx: Context, connection: ConnectionRow, options: CallOptions): Promise<Okta> {
  return makeOkta(makeTransport(await sessionOf(ctx, connection), options))
}

/** Forgets tokens, so that the next call is made with what Okta grants now. */
export function forgetSession(ctx: Context, connectionId: string): void {
  opened.get(ctx.platform)?.delete(`${ctx.tenantId}/${connectionId}`)
}

/** The workspace's connected Okta; undefined when there is none. */
export async function findConnected(ctx: Context): Promise<ConnectionRow | undefined> {
  const rows = await transact(ctx, listConnections)
  return rows.find(({ state }) => state === 'connected')
}

/**
 * The connected Okta that a person came from.
 * @throws AppError `not_ready` when it is not connected
 */
export async function getConnected(ctx: Context, connectionId: string | undefined): Promise<ConnectionRow> {
  const rows = await transact(ctx, listConnections)
  const found = rows.find(({ id, state }) => state !== 'draft' && (!connectionId || id === connectionId))
  if (found?.state === 'connected') return found
  throw new AppError(
    'not_ready',
    found
      ? `The connection to ${found.domain} is broken. Look at Settings › Okta for what to mend.`
      : 'Okta is not connected. Connect it under Settings › Okta.',
  )
}

async function sessionOf(ctx: Context, connection: ConnectionRow): Promise<Session> {
  const sealed = connection.method === 'service_app' ? connection.privateKeySealed : connection.tokenSealed
  if (!sealed || (connection.method === 'service_app' && !connection.clientId))
    throw new AppError('not_ready', `${connection.domain} has no credentials yet.`)
  const fingerprint = createHash('sha256')
    .update(`${connection.origin} ${connection.clientId} `)
    .update(sealed)
    .digest('hex')
  const sessions = opened.get(ctx.platform) ?? new Map<string, Opened>()
  opened.set(ctx.platform, sessions)
  const key = `${ctx.tenantId}/${connection.id}`
  const known = sessions.get(key)
  if (known?.fingerprint === fingerprint) return known.session
  const session = openSession(
    connection.origin,
    await credentialsOf(ctx, connection, sealed),
    Object.keys(OKTA_SCOPES),
    (status) => ctx.platform.metrics.oktaCalls.inc({ status }),
  )
  sessions.set(key, { fingerprint, session })
  return session
}

async function credentialsOf(ctx: Context, row: ConnectionRow, sealed: Buffer): Promise<Credentials> {
  if (row.method === 'api_token')
    return { method: 'api_token', token: await unseal(ctx, placeOf(row.id, 'token_sealed'), sealed) }
  const key = await unseal(ctx, placeOf(row.id, 'private_key_sealed'), sealed)
  return { method: 'service_app', clientId: row.clientId ?? '', privateJwk: JSON.parse(key) }
}
