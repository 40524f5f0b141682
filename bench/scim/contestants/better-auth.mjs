/**
 * better-auth with its SCIM plugin on PostgreSQL, as its documentation sets it up, on Node's own HTTP server.
 * One user comes in by SCIM; the others are copies of its rows, under the keys that the plugin would make.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { scim } from '@better-auth/scim'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import pg from 'pg'
import { userNameOf, userResource } from '../rows.mjs'

const CONNECTION = 'okta'
const BATCH = 5000
/** The plugin refuses more. */
const LARGEST_GROUP = 1000

/** @param {{ databaseUrl: string, size: number, groupSizes: number[] }} world */
export async function start({ databaseUrl, size, groupSizes }) {
  const token = randomBytes(32).toString('hex')
  const server = createServer((request, response) => handle(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const options = {
    baseURL: `http://127.0.0.1:${port}`,
    secret: randomBytes(32).toString('hex'),
    database: new pg.Pool({ connectionString: databaseUrl, max: 10 }),
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    plugins: [
      scim({ connections: [{ id: CONNECTION, credentials: [{ type: 'bearer', id: 'one', token }] }] }),
    ],
  }
  await (await getMigrations(options)).runMigrations()
  const handle = toNodeHandler(betterAuth(options))
  const target = { port, path: '/api/auth/scim/v2', authorization: `Bearer ${token}`, size }
  const possible = groupSizes.filter((members) => members < LARGEST_GROUP)
  const absent = Object.fromEntries(
    groupSizes
      .filter((members) => members >= LARGEST_GROUP)
      .map((members) => [
        `group-${members}`,
        `its groups hold ${LARGEST_GROUP.toLocaleString('en')} members at most`,
      ]),
  )
  return { ...target, ...(await seed(databaseUrl, target, size, possible)), absent }
}

async function seed(databaseUrl, { port, path, authorization }, size, groupSizes) {
  const send = async (below, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}${below}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/scim+json' },
      body: JSON.stringify(body),
    })
    if (answer.status !== 201)
      throw new Error(`POST ${below} answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
  const db = new pg.Client({ connectionString: databaseUrl })
  await db.connect()
  const sample = await send('/Users', userResource(userNameOf(0)))
  const rows = await rowsOf(db, sample.id)
  const users = [{ id: sample.id, userName: userNameOf(0) }]
  for (let index = 1; index < size; index++) users.push({ id: randomUUID(), userName: userNameOf(index) })
  for (let from = 1; from < users.length; from += BATCH) {
    const made = users.slice(from, from + BATCH).map((user, at) => copyOf(rows, user, from + at))
    for (const table of ['user', 'scimUser', 'scimSubject'])
      await insert(
        db,
        table,
        made.map((one) => one[table]),
      )
  }
  const groups = {}
  let from = 1
  for (const members of groupSizes) {
    const { id: groupId } = await send('/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: `Group of ${members}`,
    })
    const memberships = users.slice(from, from + members).map(({ id }) => ({
      id: randomUUID(),
      connectionId: CONNECTION,
      groupId,
      scimUserId: id,
      membershipKey: keyOf('scim-group-member', CONNECTION, groupId, id),
      createdAt: new Date(),
    }))
    await insert(db, 'scimGroupMember', memberships)
    groups[members] = groupId
    from += members
  }
  await db.query('vacuum analyze')
  await db.end()
  return { users: users.slice(from), groups }
}

/** What one POST left behind. */
async function rowsOf(db, id) {
  const one = async (text, values) => (await db.query(text, values)).rows[0].row
  const scimUser = await one('select to_jsonb(t) as row from "scimUser" t where id = $1', [id])
  return {
    scimUser,
    user: await one('select to_jsonb(t) as row from "user" t where id = $1', [scimUser.userId]),
    scimSubject: await one('select to_jsonb(t) as row from "scimSubject" t where "userId" = $1', [
      scimUser.userId,
    ]),
  }
}

function copyOf(rows, { id, userName }, index) {
  const userId = randomUUID()
  const name = userName.split('@')[0]
  const text = JSON.stringify(rows)
    .replaceAll(rows.scimUser.id, id)
    .replaceAll(rows.user.id, userId)
    .replaceAll(userNameOf(0).split('@')[0], name)
  const { user, scimUser, scimSubject } = JSON.parse(text)
  const email = `|${keyOf('scim-email-value', userName)}|`
  const [millis] = scimUser.orderKey.split(':')
  return {
    user,
    scimUser: {
      ...scimUser,
      connectionUserKey: keyOf('scim-user', CONNECTION, userId),
      userNameKey: keyOf('scim-user-name', CONNECTION, userName),
      externalIdKey: keyOf('scim-user-external-id', CONNECTION, scimUser.externalId),
      workEmailValueIndex: email,
      emailValueIndex: email,
      orderKey: `${String(Number(millis) + index).padStart(15, '0')}:${randomBytes(8).toString('hex')}`,
    },
    scimSubject: { ...scimSubject, id: randomUUID() },
  }
}

function keyOf(...parts) {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

async function insert(db, table, rows) {
  await db.query(`insert into "${table}" select * from jsonb_populate_recordset(null::"${table}", $1)`, [
    JSON.stringify(rows),
  ])
}
