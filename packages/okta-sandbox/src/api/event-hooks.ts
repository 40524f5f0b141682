/** Event hooks: kept, verified with Okta's one-time challenge, and called with what the log wrote. */
import { randomUUID } from 'node:crypto'
import { invalid, notFound, OktaError } from '../errors.ts'
import { oktaId } from '../ids.ts'
import { type Hook, type LogRow, rows } from '../org.ts'
import { type Call, carryOut, noContent, now, ok, type Route, type World } from '../world.ts'
import { viewEvent } from './logs.ts'

const READ = 'okta.eventHooks.read'
const MANAGE = 'okta.eventHooks.manage'
const TIMEOUT_MS = 3000

export const eventHookRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/v1/eventHooks',
    scope: READ,
    handler: (call) => ok(rows(call.org.hooks).map((hook) => view(call, hook))),
  },
  { method: 'POST', path: '/api/v1/eventHooks', scope: MANAGE, handler: create },
  {
    method: 'GET',
    path: '/api/v1/eventHooks/:hook',
    scope: READ,
    handler: (call) => ok(view(call, getHook(call))),
  },
  { method: 'DELETE', path: '/api/v1/eventHooks/:hook', scope: MANAGE, handler: remove },
  { method: 'POST', path: '/api/v1/eventHooks/:hook/lifecycle/verify', scope: MANAGE, handler: verify },
  {
    method: 'POST',
    path: '/api/v1/eventHooks/:hook/lifecycle/activate',
    scope: MANAGE,
    handler: (call) => setStatus(call, 'ACTIVE'),
  },
  {
    method: 'POST',
    path: '/api/v1/eventHooks/:hook/lifecycle/deactivate',
    scope: MANAGE,
    handler: (call) => setStatus(call, 'INACTIVE'),
  },
]

function getHook(call: Call): Hook {
  const id = call.params['hook'] ?? ''
  const hook = call.org.hooks.byId.get(id)
  if (!hook) throw notFound(id, 'EventHook')
  return hook
}

function view(call: Call, hook: Hook) {
  const self = `${call.base}/api/v1/eventHooks/${hook.id}`
  const { uri, authKey, headers } = hook.channel
  const allow = (method: string) => ({ hints: { allow: [method] } })
  return {
    id: hook.id,
    status: hook.status,
    verificationStatus: hook.verificationStatus,
    name: hook.name,
    created: hook.created,
    createdBy: call.actor.id,
    lastUpdated: hook.lastUpdated,
    events: { type: 'EVENT_TYPE', items: hook.events },
    channel: {
      type: 'HTTP',
      version: '1.0.0',
      config: {
        uri,
        headers,
        method: 'POST',
        ...(authKey !== null && { authScheme: { type: 'HEADER', key: authKey } }),
      },
    },
    _links: {
      self: { href: self },
      verify: { href: `${self}/lifecycle/verify`, ...allow('POST') },
      deactivate: { href: `${self}/lifecycle/deactivate`, ...allow('POST') },
    },
  }
}

type HookBody = {
  name?: string
  events?: { items?: string[] }
  channel?: {
    config?: {
      uri?: string
      authScheme?: { key?: string; value?: string }
      headers?: { key: string; value: string }[]
    }
  }
}

async function create(call: Call) {
  const body = (call.body ?? {}) as HookBody
  const config = body.channel?.config
  if (!body.name || !config?.uri || !body.events?.items)
    throw invalid('eventHook', 'name, events and channel.config.uri are required.')
  const ordinal = call.org.hooks.order.length
  const at = now()
  const channel = {
    uri: config.uri,
    authKey: config.authScheme?.key ?? null,
    authValue: config.authScheme?.value ?? null,
    headers: config.headers ?? [],
  }
  const begin = { status: 'ACTIVE', verificationStatus: 'UNVERIFIED', created: at, lastUpdated: at } as const
  const hook: Hook = {
    id: oktaId('who', call.org.seed, ordinal),
    ordinal,
    name: body.name,
    events: body.events.items,
    channel,
    ...begin,
  }
  return save(call, hook, 'event_hook.create')
}

async function save(call: Call, row: Hook, kind: string) {
  await carryOut(call, {
    kind,
    target: row.id,
    detail: { uri: row.channel.uri },
    writes: [{ t: 'hook', id: row.id, row }],
  })
  return ok(view(call, row))
}

async function remove(call: Call) {
  const hook = getHook(call)
  await carryOut(call, {
    kind: 'event_hook.delete',
    target: hook.id,
    writes: [{ t: 'hook', id: hook.id, row: null }],
  })
  return noContent
}

function setStatus(call: Call, status: Hook['status']) {
  return save(call, { ...getHook(call), status, lastUpdated: now() }, 'event_hook.update')
}

async function verify(call: Call) {
  const hook = getHook(call)
  const challenge = randomUUID()
  // One retry, three seconds each (event-hooks doc).
  const proved = (await asks(hook, challenge)) || (await asks(hook, challenge))
  if (!proved)
    throw new OktaError('E0000001', {
      about: 'eventHook',
      causes: ['Verification of the event hook failed.'],
    })
  return save(call, { ...hook, verificationStatus: 'VERIFIED', lastUpdated: now() }, 'event_hook.verify')
}

async function asks(hook: Hook, challenge: string): Promise<boolean> {
  const headers = { ...headersOf(hook), 'x-okta-verification-challenge': challenge }
  try {
    const response = await fetch(hook.channel.uri, {
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
    })
    const body = (await response.json()) as { verification?: string }
    return response.ok && body.verification === challenge
  } catch {
    return false
  }
}

function headersOf(hook: Hook): Record<string, string> {
  const { authKey, authValue, headers } = hook.channel
  const own = Object.fromEntries(headers.map(({ key, value }) => [key, value]))
  return authKey === null ? own : { ...own, [authKey]: authValue ?? '' }
}

/** Sends what the log wrote to every verified hook that asked for it; at most one retry, no promise. */
export function deliverTo(world: World, base: () => string) {
  return (_entry: unknown, events: LogRow[]) => {
    for (const hook of rows(world.org.hooks)) {
      const wanted = events.filter((event) => hook.events.includes(event.eventType))
      if (wanted.length > 0 && hook.status === 'ACTIVE' && hook.verificationStatus === 'VERIFIED')
        void deliver(hook, wanted, base()).then((status) => {
          if (status === 0 || status >= 500) void deliver(hook, wanted, base())
        })
    }
  }
}

async function deliver(hook: Hook, events: LogRow[], base: string): Promise<number> {
  const body = {
    eventType: 'com.okta.event_hook',
    eventTypeVersion: '1.0',
    cloudEventsVersion: '0.1',
    source: `${base}/api/v1/eventHooks/${hook.id}`,
    eventId: randomUUID(),
    data: { events: events.map(viewEvent) },
    eventTime: new Date().toISOString(),
    contentType: 'application/json',
  }
  const headers = { 'content-type': 'application/json', ...headersOf(hook) }
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  return fetch(hook.channel.uri, { method: 'POST', headers, body: JSON.stringify(body), signal }).then(
    (response) => response.status,
    () => 0,
  )
}
