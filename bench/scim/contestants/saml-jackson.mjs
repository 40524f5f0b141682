/**
 * Directory sync of `@boxyhq/saml-jackson` on PostgreSQL, behind Express, as its documentation shows. One
 * user comes in by SCIM; the others are copies of its rows, under the keys that the library would make.
 */

import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import express from 'express'
import pg from 'pg'
import { PAGE, userNameOf, userResource } from '../rows.mjs'

const require = createRequire(import.meta.url)
const { keyDigest, keyFromParts } = require('@boxyhq/saml-jackson/dist/db/utils.js')
const BATCH = 5000

/** @param {{ databaseUrl: string, size: number, groupSizes: number[] }} world */
export async function start({ databaseUrl, size, groupSizes }) {
  // It is asked for no analytics twice, so that nothing is sent anywhere.
  process.env.DO_NOT_TRACK = '1'
  const { controllers } = require('@boxyhq/saml-jackson')
  const { directorySyncController } = await controllers({
    externalUrl: 'https://desk.example.com',
    samlPath: '/api/oauth/saml',
    noAnalytics: true,
    db: { engine: 'sql', type: 'postgres', url: databaseUrl, pageLimit: PAGE },
  })
  const { data: directory, error } = await directorySyncController.directories.create({
    tenant: 'bench',
    product: 'keydesk',
    type: 'okta-scim-v2',
  })
  if (error) throw new Error(error.message)
  const port = await listen(directorySyncController)
  const { secret } = directory.scim
  const target = { port, path: `/scim/${directory.id}`, authorization: `Bearer ${secret}`, size }
  return { ...target, ...(await seed(databaseUrl, target, directory.id, size, groupSizes)) }
}

async function listen({ requests }) {
  const app = express()
  app.use(express.json({ type: ['application/scim+json', 'application/json'] }))
  app.use('/scim/:directoryId/:type{/:id}', async (request, response) => {
    const { directoryId, type, id } = request.params
    const { count, startIndex, filter } = request.query
    const { status, data } = await requests.handle({
      method: request.method,
      body: request.body,
      directoryId,
      resourceType: type.toLowerCase(),
      resourceId: id,
      apiSecret: request.header('authorization')?.replace(/^Bearer /, ''),
      query: {
        count: count ? Number(count) : undefined,
        startIndex: startIndex ? Number(startIndex) : undefined,
        filter,
      },
    })
    response.status(status).json(data)
  })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return server.address().port
}

async function seed(databaseUrl, { port, path, authorization }, directoryId, size, groupSizes) {
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
  const found = await db.query('select value, namespace from jackson_store where key like $1', [
    `%:${keyDigest(sample.id)}`,
  ])
  const users = [{ id: sample.id, userName: userNameOf(0) }]
  for (let index = 1; index < size; index++) users.push({ id: randomUUID(), userName: userNameOf(index) })
  const { value, namespace } = found.rows[0]
  await insert(
    db,
    namespace,
    users.slice(1).map(({ id, userName }, at) => ({
      key: id,
      value: value.replaceAll(sample.id, id).replaceAll('u000000000', `u${String(at + 1).padStart(9, '0')}`),
      indexes: { directoryIdUsername: keyFromParts(directoryId, userName), directoryId },
    })),
  )
  const groups = {}
  let from = 1
  for (const members of groupSizes) {
    const { id } = await send('/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: `Group of ${members}`,
    })
    await insert(
      db,
      namespace.replace('users', 'members'),
      users.slice(from, from + members).map((user) => {
        const key = keyDigest(keyFromParts(id, user.id))
        return {
          key,
          value: JSON.stringify({ id: key, group_id: id, user_id: user.id }),
          indexes: { groupId: id },
        }
      }),
    )
    groups[members] = id
    from += members
  }
  await db.query('vacuum analyze')
  await db.end()
  return { users: users.slice(from), groups }
}

/** Records as the library's store keeps them: the value under a digest, and an index row for each way to find it. */
async function insert(db, namespace, records) {
  for (let from = 0; from < records.length; from += BATCH) {
    const batch = records.slice(from, from + BATCH)
    const keys = batch.map(({ key }) => `${namespace}:${keyDigest(key)}`)
    await db.query(
      `insert into jackson_store (key, value, namespace, "modifiedAt")
       select key, value, $3, now() from unnest($1::text[], $2::text[]) as made (key, value)`,
      [keys, batch.map(({ value }) => value), namespace],
    )
    for (const name of Object.keys(batch[0].indexes))
      await db.query(
        `insert into jackson_index (key, "storeKey") select * from unnest($1::text[], $2::text[])`,
        [batch.map(({ indexes }) => `${namespace}:${name}:${keyDigest(indexes[name])}`), keys],
      )
  }
}
