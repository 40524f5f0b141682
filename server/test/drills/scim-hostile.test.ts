/**
 * Generated attacks on a server in a process of its own: it neither dies nor fails, nobody changes what
 * objects inherit, its event loop never stands still for long, and whatever it refuses it refuses as SCIM does.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getMember } from '#accounts'
import { invite } from '../../src/scim/test-client.ts'
import {
  type Body,
  type Connection,
  diceOf,
  type Fleet,
  figure,
  inParallel,
  isNightly,
  LIMIT_MS,
  openConnection,
  openFleet,
  type Reply,
  type Served,
  seed,
  send,
} from './scim-fleet.ts'
import { type Hostile, hostile, sendRaw } from './scim-hostile.ts'
import { GROUP, USER } from './scim-model.ts'
import type { Watched } from './scim-serve.ts'

const REQUESTS = isNightly ? 100_000 : 3000
const AT_ONCE = 4
const LOOK_EVERY = 500
const STALL_MS = 50
const LARGEST_BODY = 6 * 1024 * 1024

let fleet: Fleet
let server: Served
let connection: Connection
let owner: string
const users: string[] = []
const groups: string[] = []

beforeAll(async () => {
  fleet = await openFleet(1)
  server = fleet.servers[0] as Served
  connection = await openConnection(fleet.ctx)
  owner = await invite(fleet.ctx, 'owner@acme.example', 'Owner')
  for (let at = 0; at < 30; at++)
    users.push(
      (
        await scim('POST', '/Users', {
          schemas: [USER],
          userName: `user.${at}@acme.example`,
          emails: [{ value: `user.${at}@acme.example`, type: 'work', primary: true }],
        })
      ).body.id,
    )
  for (let at = 0; at < 5; at++)
    groups.push(
      (
        await scim('POST', '/Groups', {
          schemas: [GROUP],
          displayName: `Group ${at}`,
          members: users.slice(at, at + 5).map((value) => ({ value })),
        })
      ).body.id,
    )
})
afterAll(() => fleet.close())

test('hostile requests neither break, nor change, nor hold up the server', {
  timeout: LIMIT_MS,
}, async () => {
  const began = performance.now()
  const dice = diceOf(seed)
  const around = { path: fleet.path, token: connection.token, users, groups }
  // What only happens once, such as compiling, is not what an attacker can repeat.
  for (let at = 0; at < 300; at++) await tell({ ...hostile(dice, around) })
  const before = await server.watched()
  const looks: Watched[] = []
  const wrong: string[] = []
  const statuses = new Map<number, number>()

  function* attacks() {
    for (let at = 0; at < REQUESTS; at++) yield { at, attack: hostile(dice, around) }
  }
  await inParallel(attacks(), AT_ONCE, async ({ at, attack }) => {
    const reply = await tell(attack)
    if (!isUnbuilt(reply.text)) statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1)
    const fault = faultOf(attack, reply)
    if (fault && wrong.length < 40)
      wrong.push(
        `${attack.kind}: ${fault}: ${described(attack)} → ${reply.status} ${reply.text.slice(0, 300)}`,
      )
    if (at % LOOK_EVERY === 0) looks.push(await server.watched())
  })
  looks.push(await server.watched())

  const crashes = server.child.exitCode === null && server.child.signalCode === null ? 0 : 1
  const failures = [...statuses].filter(([status]) => status >= 500 && status !== 501)
  const busyMs = Math.max(...looks.map((look) => look.busyMs))
  const changedPrototypes = looks.filter(({ prototypes }) => prototypes !== before.prototypes).length
  figure('hostile', 'requests', REQUESTS)
  figure('hostile', 'crashes', crashes)
  figure(
    'hostile',
    'answers of 5xx',
    failures.reduce((sum, [, count]) => sum + count, 0),
  )
  figure('hostile', 'changed prototypes', changedPrototypes)
  figure('hostile', 'wrong answers', wrong.length)
  figure('hostile', 'longest stall of the event loop by its own work', busyMs.toFixed(1), 'ms')
  figure(
    'hostile',
    'longest stall with what the machine did beside',
    Math.max(...looks.map(({ stallMs }) => stallMs)).toFixed(1),
    'ms',
  )
  figure(
    'hostile',
    'answers',
    [...statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, count]) => `${status}: ${count}`)
      .join(', '),
  )
  figure('hostile', 'requests a second', Math.round((REQUESTS * 1000) / (performance.now() - began)), '/s')
  expect(wrong).toEqual([])
  expect({ crashes, failures, changedPrototypes }).toEqual({ crashes: 0, failures: [], changedPrototypes: 0 })
  expect(busyMs).toBeLessThan(STALL_MS)

  // Nobody whom a provider cannot see was reached, and those it can see are still whole.
  expect(await getMember(fleet.ctx, owner)).toMatchObject({ active: true, email: 'owner@acme.example' })
  for (const id of users) {
    const reply = await scim('GET', `/Users/${id}`)
    // A bulk request may have deleted somebody, as a provider may.
    if (reply.status !== 404) expect([reply.status, reply.body?.id]).toEqual([200, id])
  }
  // All kinds of answers came, so the requests were not all refused at the door.
  for (const status of [200, 201, 204, 400, 401, 404, 405, 409, 413, 415])
    expect([...statuses.keys()]).toContain(status)
})

function scim(method: string, path: string, body?: Body): Promise<Reply> {
  return send(server.url, { method, path: `${fleet.path}${path}`, token: connection.token, body })
}

interface Told {
  status: number
  text: string
  type: string
}

async function tell(attack: Hostile): Promise<Told> {
  if ('raw' in attack) {
    const { status, text } = await sendRaw(server.port, attack.raw)
    return { status, text, type: '' }
  }
  try {
    const { status, text, headers } = await send(server.url, attack)
    return { status, text, type: String(headers['content-type'] ?? '') }
  } catch (error) {
    return { status: 0, text: String(error), type: '' }
  }
}

/** What is wrong with an answer, if anything. */
function faultOf(attack: Hostile, { status, text, type }: Told): string | undefined {
  if (status >= 500 && status !== 501 && !isUnbuilt(text)) return 'the server failed'
  // A server may close a connection on which no request can be read; there is no path to answer below.
  if ('raw' in attack) {
    const isScim = /^\S+ \/scim\/v2\//.test(attack.raw.toString('latin1'))
    return status < 400 || !isScim ? undefined : errorFault(text, status)
  }
  // Whoever is refused while still sending megabytes may find the connection closed before the answer.
  if (status === 0) return lengthOf(attack.body) > LARGEST_BODY ? undefined : 'there is no answer'
  if (attack.method === 'HEAD' || status < 300 || status === 304) return undefined
  if (!attack.path.startsWith('/scim/v2/')) return undefined
  return type.startsWith('application/scim+json') ? errorFault(text, status) : `the type is ${type}`
}

// Elsewhere than below /scim there is the console, which a drill does not build.
function isUnbuilt(text: string): boolean {
  return text.startsWith('The console is not built.')
}

function lengthOf(body: unknown): number {
  if (body === undefined) return 0
  return Buffer.isBuffer(body) ? body.length : (typeof body === 'string' ? body : JSON.stringify(body)).length
}

function errorFault(text: string, status: number): string | undefined {
  try {
    const { schemas, status: told, detail } = JSON.parse(text)
    const isError =
      schemas?.[0] === 'urn:ietf:params:scim:api:messages:2.0:Error' && typeof detail === 'string'
    return isError && told === String(status) && detail !== '' ? undefined : 'it is no SCIM error'
  } catch {
    return 'it is no JSON'
  }
}

function described(attack: Hostile): string {
  if ('raw' in attack) return JSON.stringify(attack.raw.toString('latin1').slice(0, 200))
  const { method, path, headers, body } = attack
  const shown = Buffer.isBuffer(body)
    ? body.toString('latin1')
    : typeof body === 'string'
      ? body
      : JSON.stringify(body)
  return `${method} ${path.slice(0, 300)} ${JSON.stringify(headers)} ${shown?.slice(0, 600)}`
}
