/** `/_sandbox`: what tests and demos ask of this Okta that nobody could ask of the real one. */
import type { JWK } from 'jose'
import { countByStatus } from '../api/lifecycle.ts'
import { publicHalf } from '../auth/secrets.ts'
import { OktaError, RawAnswer } from '../errors.ts'
import { addFault } from '../faults.ts'
import { appUsersOf, membersOf, rows, type ServiceApp } from '../org.ts'
import { type Call, carryOut, noContent, ok, type Route } from '../world.ts'
import { credentialsOf } from './credentials.ts'
import { changeState } from './state.ts'

export const controlRoutes: Route[] = [
  {
    method: 'GET',
    path: '/_sandbox/credentials',
    scope: null,
    handler: (call) => ok(credentialsOf(call.world, call.base)),
  },
  { method: 'GET', path: '/_sandbox/ledger', scope: null, handler: readLedger },
  { method: 'GET', path: '/_sandbox/stats', scope: null, handler: stats },
  { method: 'GET', path: '/_sandbox/faults', scope: null, handler: (call) => ok(call.world.faults.list) },
  { method: 'POST', path: '/_sandbox/faults', scope: null, handler: makeFault },
  { method: 'DELETE', path: '/_sandbox/faults', scope: null, handler: clearFaults },
  { method: 'DELETE', path: '/_sandbox/faults/:fault', scope: null, handler: clearFaults },
  { method: 'DELETE', path: '/_sandbox/rate-limits', scope: null, handler: resetLimits },
  { method: 'POST', path: '/_sandbox/state', scope: null, handler: changeState },
  {
    method: 'GET',
    path: '/_sandbox/service-apps',
    scope: null,
    handler: (call) => ok([...call.org.serviceApps.values()]),
  },
  { method: 'POST', path: '/_sandbox/service-apps', scope: null, handler: createServiceApp },
  { method: 'PATCH', path: '/_sandbox/service-apps/:client', scope: null, handler: updateServiceApp },
]

function readLedger(call: Call) {
  const since = Number(call.query.get('since') ?? 0)
  const kind = call.query.get('kind')
  const target = call.query.get('target')
  const from = Math.max(0, since)
  const entries = call.org.ledger
    .slice(from)
    .filter((entry) => (kind === null || entry.kind === kind) && (target === null || entry.target === target))
  // `tail` gives the last few, for the admin page.
  const tail = Number(call.query.get('tail') ?? 0)
  return ok(tail > 0 ? entries.slice(-tail) : entries)
}

function stats(call: Call) {
  const { org, world } = call
  const groups = rows(org.groups)
  const byType: Record<string, number> = {}
  let memberships = 0
  for (const group of groups) {
    byType[group.type] = (byType[group.type] ?? 0) + 1
    if (group.type !== 'BUILT_IN') memberships += membersOf(org, group).length
  }
  const assignments = { USER: 0, GROUP: 0 }
  for (const app of rows(org.apps)) for (const held of appUsersOf(org, app.id)) assignments[held.scope] += 1
  return ok({
    users: { total: org.users.byId.size, byStatus: countByStatus(call) },
    groups: { total: groups.length, byType },
    memberships: { total: memberships, withEveryone: memberships + org.users.byId.size },
    apps: org.apps.byId.size,
    assignments: { total: assignments.USER + assignments.GROUP, byScope: assignments },
    rules: org.rules.byId.size,
    ledger: org.ledger.length,
    requests: Object.fromEntries(world.requests),
  })
}

function makeFault(call: Call) {
  const made = addFault(call.world.faults, (call.body ?? {}) as Record<string, unknown>)
  if (typeof made === 'string') throw new RawAnswer(400, { message: made })
  return { status: 201, body: made }
}

function clearFaults(call: Call) {
  const id = call.params['fault']
  const { faults } = call.world
  faults.list = id === undefined ? [] : faults.list.filter((fault) => fault.id !== id)
  return noContent
}

function resetLimits(call: Call) {
  call.world.limits.windows.clear()
  return noContent
}

type ServiceAppBody = {
  publicJwk?: JWK
  jwks?: { keys: JWK[] } | JWK[]
  scopes?: string[]
  role?: string | null
  dpopRequired?: boolean
  label?: string
}

function keysIn(body: ServiceAppBody): JWK[] | undefined {
  if (body.publicJwk) return [publicHalf(body.publicJwk)]
  if (!body.jwks) return undefined
  return (Array.isArray(body.jwks) ? body.jwks : body.jwks.keys).map(publicHalf)
}

async function createServiceApp(call: Call) {
  const body = (call.body ?? {}) as ServiceAppBody
  const jwks = keysIn(body)
  if (!jwks?.length || jwks.some((key) => !key.kty))
    throw new RawAnswer(400, { message: 'Give the public key as publicJwk, or several as jwks.' })
  const app: ServiceApp = {
    clientId: `0oa${call.requestId.slice(0, 14)}5d7`,
    label: body.label ?? 'Keydesk service app',
    jwks,
    scopes: body.scopes ?? [],
    role: body.role ?? null,
    dpopRequired: body.dpopRequired ?? true,
    created: new Date().toISOString(),
  }
  await saveServiceApp(call, app, 'service_app.create')
  return { status: 201, body: app }
}

async function updateServiceApp(call: Call) {
  const app = call.org.serviceApps.get(call.params['client'] ?? '')
  if (!app) throw new OktaError('E0000007', { about: 'Resource not found (OAuth2Client)' })
  const body = (call.body ?? {}) as ServiceAppBody
  const row: ServiceApp = {
    ...app,
    jwks: keysIn(body) ?? app.jwks,
    scopes: body.scopes ?? app.scopes,
    role: body.role === undefined ? app.role : body.role,
    dpopRequired: body.dpopRequired ?? app.dpopRequired,
  }
  await saveServiceApp(call, row, 'service_app.update')
  return ok(row)
}

async function saveServiceApp(call: Call, row: ServiceApp, kind: string): Promise<void> {
  const detail = { scopes: row.scopes, role: row.role, dpopRequired: row.dpopRequired }
  await carryOut(call, {
    kind,
    target: row.clientId,
    detail,
    writes: [{ t: 'serviceApp', id: row.clientId, row }],
  })
}
