/**
 * Members are deactivated over SCIM by either of two servers while they hold a live session, an unopened
 * sign-in link, a question they asked and a question they may answer. After the answer nothing of it
 * opens anything, at either server.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { identityOf, issueSignInLink } from '#accounts'
import { askApproval } from '#approvals'
import { type Context, transact } from '#platform'
import { dialects, patchOf } from './scim-dialects.ts'
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
  seed,
  send,
} from './scim-fleet.ts'
import { newPerson } from './scim-model.ts'

const TRIALS = isNightly ? 10_000 : 96
const MEMBERS = 8

let fleet: Fleet
let connection: Connection

beforeAll(async () => {
  fleet = await openFleet(2)
  connection = await openConnection(fleet.ctx, {}, 'Admin')
})
afterAll(() => fleet.close())

test('nothing is accepted of a member after the answer to a deactivation', {
  timeout: LIMIT_MS,
}, async () => {
  const began = performance.now()
  const dice = diceOf(seed)
  const ids = new Map<string, string>()
  const counted = { accepted: 0, refused: 0, approvalsLeft: 0, before: 0, revived: 0 }
  for (let at = 0; at < MEMBERS; at++) {
    const userName = `member.${at}@acme.example`
    const { body } = await scim('POST', '/Users', dialects[0]?.createUser(newPerson(userName), dice))
    ids.set(userName, body.id)
  }
  // Somebody else asked it, and whoever may decide approvals may answer.
  const open = await ask(fleet.ctx)

  const people = [...ids.keys()]
  await inParallel(people, MEMBERS, async (userName) => {
    const id = ids.get(userName) ?? ''
    const mine = Array.from({ length: Math.ceil(TRIALS / MEMBERS) }, (_, trial) => trial)
    for (const trial of mine) {
      const [here, there] = trial % 2 === 0 ? [0, 1] : [1, 0]
      const cookie = await signIn(there, await newLink(userName))
      const unopened = await newLink(userName)
      const own = await ask({ ...fleet.ctx, actor: { kind: 'member', id, name: userName } })
      const live = await api(there, 'GET', '/session', cookie)
      if (live.status === 200) counted.before++

      const changed = await off(here, id, trial)
      expect(changed.status).toBe(200)
      const after = await Promise.all([
        api(here, 'GET', '/session', cookie),
        api(there, 'GET', '/session', cookie),
        api(there, 'GET', '/requests', cookie),
        api(here, 'PUT', `/approvals/${open.id}/decision`, cookie, {
          decision: 'approved',
          digest: open.digest,
        }),
        openLink(there, unopened),
      ])
      for (const { status } of after)
        if (status >= 400 && status < 500) counted.refused++
        else counted.accepted++
      if ((await stateOf(own.id)) !== 'void') counted.approvalsLeft++
      const back = await scim('PATCH', `/Users/${id}`, patchOf([{ op: 'replace', value: { active: true } }]))
      expect(back.status).toBe(200)
      // Who comes back signs in anew.
      for (const { status } of [await api(there, 'GET', '/session', cookie), await openLink(here, unopened)])
        if (status < 400) counted.revived++
    }
  })

  const trials = MEMBERS * Math.ceil(TRIALS / MEMBERS)
  figure('deactivations', 'deactivations', trials)
  figure('deactivations', 'requests after the answer', counted.accepted + counted.refused)
  figure('deactivations', 'accepted', counted.accepted)
  figure('deactivations', 'approvals of theirs that went on', counted.approvalsLeft)
  figure('deactivations', 'sessions and links that came back with their member', counted.revived)
  figure('deactivations', 'seconds', Math.round((performance.now() - began) / 1000), 's')
  expect(counted).toEqual({ accepted: 0, refused: 5 * trials, approvalsLeft: 0, before: trials, revived: 0 })
  expect(await stateOf(open.id)).toBe('waiting')
})

/** Deactivates in the words of one client after another. */
function off(server: number, id: string, trial: number): Promise<Reply> {
  const bodies = [
    patchOf([{ op: 'replace', value: { active: false } }]),
    patchOf([{ op: 'Replace', path: 'active', value: 'False' }]),
    patchOf([{ op: 'replace', path: 'active', value: false }]),
    patchOf([{ op: 'replace', value: { active: 'false' } }]),
  ]
  return scim('PATCH', `/Users/${id}`, bodies[trial % bodies.length], server)
}

function scim(method: string, path: string, body: Body, server = 0): Promise<Reply> {
  const { url } = fleet.servers[server] ?? { url: '' }
  return send(url, { method, path: `${fleet.path}${path}`, token: connection.token, body })
}

function api(server: number, method: string, path: string, cookie: string, body?: Body): Promise<Reply> {
  const headers = {
    cookie,
    accept: 'application/json',
    ...(body ? { 'content-type': 'application/json' } : {}),
  }
  return send(fleet.servers[server]?.url ?? '', { method, path: `/api/v1${path}`, headers, body })
}

async function newLink(email: string): Promise<string> {
  const link = await transact(fleet.ctx, async (tx) => {
    const identity = await identityOf(tx, email, async () => undefined)
    if (!identity) throw new Error(`Nobody may sign in as ${email}.`)
    return issueSignInLink(tx, identity, async () => {})
  })
  return link.split('#token=')[1] ?? ''
}

function openLink(server: number, token: string): Promise<Reply> {
  return api(server, 'POST', '/sessions', '', { with: 'link', token })
}

async function signIn(server: number, token: string): Promise<string> {
  const answer = await openLink(server, token)
  expect(answer.status).toBe(201)
  const [cookie = ''] = [answer.headers['set-cookie'] ?? ''].flat()
  return cookie.split(';')[0] ?? ''
}

async function ask(ctx: Context): Promise<{ id: string; digest: string }> {
  return transact(ctx, async (tx) => {
    const shown = {
      action: 'a',
      target: 't',
      summary: randomUUID(),
      effects: [],
      reason: null,
      requestNumber: 1,
    }
    const question = {
      question: 'Reset MFA?',
      shown,
      subjectPersonId: null,
      requesterPersonId: null,
      requestId: null,
    }
    const { id } = await askApproval(tx, question)
    return tx.db
      .selectFrom('approvals')
      .select(['id', 'digest'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  })
}

async function stateOf(id: string): Promise<string> {
  const row = await transact(fleet.ctx, (tx) =>
    tx.db.selectFrom('approvals').select('state').where('id', '=', id).executeTakeFirstOrThrow(),
  )
  return row.state
}
