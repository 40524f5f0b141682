/** Connecting an Okta organisation: a key or a token, checks, and letting go again. */
import { AppError, type Context, newId, notFound, seal, type Tx, transact } from '#platform'
import { checkConnection as lookAt, readOrganisation } from './checks.ts'
import { readDomain } from './client/domain.ts'
import { OktaError } from './client/error.ts'
import { makeClientKey } from './client/token.ts'
import * as store from './connections.store.ts'
import type { Check, OktaConnection } from './contract.ts'
import * as events from './events.ts'
import { asking } from './remedies.ts'
import { findConnected, forgetSession, openOkta, placeOf, reading } from './sessions.ts'
import { stopImports } from './sync/imports.store.ts'
import { lastImportOf } from './sync/progress.ts'

export function listConnections(ctx: Context): Promise<OktaConnection[]> {
  return transact(ctx, async (tx) => {
    const rows = await store.listConnections(tx)
    return Promise.all(rows.map((row) => view(tx, row)))
  })
}

/**
 * Begins to connect an Okta: proves that the domain is one, and for a service app makes the key pair.
 * A draft of the same domain is replaced; an organisation that was disconnected takes up its old place,
 * so that its people stay the same people.
 * @throws AppError `invalid_input` for a domain that is none, `conflict` when it is connected already or
 * has become another organisation, `okta_unreachable` when it does not answer
 */
export async function createConnection(
  ctx: Context,
  input: { domain: string; method: 'service_app' | 'api_token' },
): Promise<OktaConnection> {
  const { domain, origin } = readDomain(input.domain, ctx.platform.config.oktaTestOrigins)
  const orgId = await identify(domain, origin)
  const key = input.method === 'service_app' ? await makeClientKey() : undefined
  return transact(ctx, async (tx) => {
    const before = await store.findByOrigin(tx, origin)
    if (before && !before.removedAt && before.state !== 'draft')
      throw new AppError('conflict', `${domain} is connected already.`)
    if (before?.orgId && before.orgId !== orgId)
      throw new AppError(
        'conflict',
        `${domain} is another Okta organisation (${orgId}) than the one Keydesk was connected to (${before.orgId}).`,
      )
    const id = before?.id ?? newId('con')
    const fresh = {
      domain,
      orgId,
      method: input.method,
      state: 'draft' as const,
      publicJwk: key?.publicJwk ?? null,
      privateKeySealed: key
        ? await seal(tx, placeOf(id, 'private_key_sealed'), JSON.stringify(key.privateJwk))
        : null,
      clientId: null,
      tokenSealed: null,
      tokenHint: null,
      checkedAt: null,
    }
    if (before) await store.setConnection(tx, id, { ...fresh, checks: [], removedAt: null })
    else if (!(await store.insertConnection(tx, { id, origin, ...fresh })))
      throw new AppError('conflict', `${domain} is being connected by somebody else.`)
    return view(tx, await get(tx, id))
  })
}

async function identify(domain: string, origin: string): Promise<string> {
  try {
    return (await asking(() => readOrganisation(origin))).id
  } catch (error) {
    const answered = error instanceof AppError && error.cause instanceof OktaError && error.cause.status < 500
    if (!answered) throw error
    throw new AppError(
      'invalid_input',
      `There is no Okta organisation at ${domain}. Check how it is spelled.`,
      {
        cause: error,
      },
    )
  }
}

/** Keeps the client id or the API token, sealed, and checks the connection with it. */
export async function setCredentials(
  ctx: Context,
  id: string,
  given: { clientId?: string | undefined; apiToken?: string | undefined },
): Promise<OktaConnection> {
  await transact(ctx, async (tx) => {
    const row = await get(tx, id, true)
    const isApp = row.method === 'service_app'
    const secret = isApp ? given.clientId : given.apiToken
    if (!secret)
      throw new AppError('invalid_input', `Give the ${isApp ? 'client ID of the app' : 'API token'}.`)
    await store.setConnection(
      tx,
      id,
      isApp
        ? { clientId: secret }
        : { tokenSealed: await seal(tx, placeOf(id, 'token_sealed'), secret), tokenHint: secret.slice(-4) },
    )
    if (row.state !== 'draft') events.oktaCredentialsSet(tx, [id], { domain: row.domain })
  })
  return checkConnection(ctx, id)
}

/** Looks at everything Keydesk needs, keeps what was found, and connects when nothing is missing. */
export async function checkConnection(ctx: Context, id: string): Promise<OktaConnection> {
  const row = await transact(reading(ctx), (tx) => get(tx, id))
  forgetSession(ctx, id)
  const checks = await lookAt(row, await openOkta(reading(ctx), row, { lane: 'interactive' }))
  return transact(ctx, async (tx) => {
    const now = await get(tx, id, true)
    const first = checks.find(({ state }) => state === 'missing')
    // Until it worked once it is being set up, and nothing can be broken.
    const state = first ? (now.state === 'draft' ? 'draft' : 'broken') : 'connected'
    await store.setConnection(tx, id, { checks, checkedAt: new Date(), state })
    if (state !== now.state && state === 'connected') events.oktaConnected(tx, [id], { domain: now.domain })
    if (state !== now.state && first)
      events.oktaBroken(tx, [id], { domain: now.domain, reason: first.detail })
    return view(tx, await get(tx, id))
  })
}

/** Marks a connection broken that Okta no longer takes; an admin sees why. */
export async function breakConnection(tx: Tx, id: string, check: Check): Promise<void> {
  const row = await store.findConnection(tx, id, true)
  if (row?.state !== 'connected') return
  const checks = [...row.checks.filter((one) => one.id !== check.id), check]
  await store.setConnection(tx, id, { state: 'broken', checks, checkedAt: new Date() })
  events.oktaBroken(tx, [id], { domain: row.domain, reason: check.detail })
}

/** Runs calls of a connection; when Okta no longer takes its credentials, it is broken from then on. */
export async function minding<T>(
  ctx: Context,
  { id }: store.ConnectionRow,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OktaError && error.status === 401)
      await transact(reading(ctx), (tx) =>
        breakConnection(tx, id, {
          id: 'credentials',
          label: 'Credentials',
          state: 'missing',
          detail: `Okta no longer takes them: ${error.errorSummary}`,
          remedy: 'Give new credentials here, then check again.',
        }),
      )
    throw error
  }
}

/** Lets go of an Okta: its secrets are gone at once, and what was imported stays readable. */
export async function deleteConnection(ctx: Context, id: string): Promise<void> {
  await transact(ctx, async (tx) => {
    const { domain, state } = await get(tx, id, true)
    await store.setConnection(tx, id, {
      removedAt: new Date(),
      state: 'draft',
      privateKeySealed: null,
      tokenSealed: null,
      tokenHint: null,
      clientId: null,
      publicJwk: null,
      checks: [],
    })
    await stopImports(tx, id, {
      message: 'Okta was disconnected while it was being read.',
      remedy: 'Connect it again, then import.',
      code: null,
    })
    if (state !== 'draft') events.oktaDisconnected(tx, [id], { domain })
  })
  forgetSession(ctx, id)
}

/**
 * Connects by a service app in one go, for whoever can register a key in Okta by itself: a demo.
 * @param register puts the public key into Okta and answers with the client id
 */
export async function connectServiceApp(
  ctx: Context,
  domain: string,
  register: (publicJwk: Record<string, unknown>) => Promise<string>,
): Promise<OktaConnection> {
  const connected = await findConnected(ctx)
  const { origin } = readDomain(domain, ctx.platform.config.oktaTestOrigins)
  if (connected?.origin === origin) return transact(ctx, (tx) => view(tx, connected))
  const made = await createConnection(ctx, { domain, method: 'service_app' })
  return setCredentials(ctx, made.id, { clientId: await register(made.publicJwk ?? {}) })
}

async function get(tx: Tx, id: string, lock = false): Promise<store.ConnectionRow> {
  const row = await store.findConnection(tx, id, lock)
  if (!row) throw notFound('Okta connection')
  return row
}

async function view(tx: Tx, row: store.ConnectionRow): Promise<OktaConnection> {
  const { id, domain, method, state, publicJwk, clientId, tokenHint, checks, checkedAt } = row
  return {
    id,
    domain,
    method,
    state,
    publicJwk: publicJwk ? { ...publicJwk } : null,
    clientId,
    tokenHint,
    checks,
    checkedAt: checkedAt?.toISOString() ?? null,
    lastImport: await lastImportOf(tx, id),
  }
}
