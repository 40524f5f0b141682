/**
 * What both ceilings share: the Fastify and `pg` of Keydesk, a table of rendered users, and routes that
 * look at nothing but what their one statement needs. No authentication, no validation, no tenancy.
 */
import { createRequire } from 'node:module'
import { userNameOf } from '../rows.mjs'

const require = createRequire(new URL('../../../server/package.json', import.meta.url))
const { fastify } = require('fastify')
export const pg = require('pg')

const TYPE = 'application/scim+json; charset=utf-8'

/**
 * @typedef {object} Store what a ceiling does with the database; bodies are rendered users
 * @property {(id: string) => Promise<string>} get
 * @property {(userName: string) => Promise<string>} find
 * @property {() => Promise<string[]>} page the first 100
 * @property {(id: string, userName: string, body: string) => Promise<string>} create
 * @property {(id: string, active: boolean) => Promise<string>} setActive
 * @property {(id: string, body: string) => Promise<string>} replace
 * @property {(groupId: string, userId: string) => Promise<void>} addMember
 * @property {(groupId: string, userId: string) => Promise<void>} removeMember
 *
 * @param {{ databaseUrl: string, size: number, groupSizes: number[], sample: { text: string, id: string, userName: string } }} world
 * @param {(databaseUrl: string) => Promise<Store>} openStore
 */
export async function startCeiling({ databaseUrl, size, groupSizes, sample }, openStore) {
  await seed(databaseUrl, size, groupSizes, sample)
  const app = fastify()
  mount(app, await openStore(databaseUrl), size, sample)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const inGroups = groupSizes.reduce((sum, members) => sum + members, 0)
  const users = Array.from({ length: size - inGroups }, (_, at) => ({
    id: idOf(at + inGroups),
    userName: userNameOf(at + inGroups),
  }))
  const groups = Object.fromEntries(groupSizes.map((members) => [members, `group-${members}`]))
  return { port: app.server.address().port, path: '', authorization: 'none', size, users, groups }
}

function idOf(index) {
  return `mem_${String(index).padStart(26, '0')}`
}

async function seed(databaseUrl, size, groupSizes, sample) {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(`
    create table users (id text primary key, user_name text not null unique, active boolean not null, body text not null);
    create table group_members (group_id text not null, user_id text not null, primary key (group_id, user_id))`)
  await client.query(
    `insert into users select id, name, true, replace(replace($1, $2, id), $3, split_part(name, '@', 1))
     from (select 'mem_' || lpad(i::text, 26, '0') as id, 'u' || lpad(i::text, 9, '0') || '@bench.example' as name
       from generate_series(0, $4::int - 1) i) made`,
    [sample.text, sample.id, sample.userName.split('@')[0], size],
  )
  let from = 0
  for (const members of groupSizes) {
    await client.query(
      `insert into group_members select $1, 'mem_' || lpad(i::text, 26, '0') from generate_series($2::int, $3::int - 1) i`,
      [`group-${members}`, from, from + members],
    )
    from += members
  }
  await client.query('vacuum analyze')
  await client.end()
}

function mount(app, store, size, sample) {
  app.addContentTypeParser('application/scim+json', { parseAs: 'string' }, (_request, text, done) =>
    done(null, JSON.parse(text)),
  )
  const name = sample.userName.split('@')[0]
  let total = size
  const send = (reply, text, status = 200) => reply.status(status).header('content-type', TYPE).send(text)
  const list = (reply, bodies, totalResults) =>
    send(
      reply,
      `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":${totalResults},"startIndex":1,"itemsPerPage":${bodies.length},"Resources":[${bodies.join(',')}]}`,
    )

  app.get('/Users/:id', async (request, reply) => send(reply, await store.get(request.params.id)))
  app.get('/Users', async ({ query: { filter } }, reply) => {
    if (filter === undefined) return list(reply, await store.page(), total)
    return list(reply, [await store.find(filter.slice(13, -1))], 1)
  })
  app.post('/Users', async ({ body: { userName } }, reply) => {
    const id = idOf(total++)
    const text = sample.text.replaceAll(sample.id, id).replaceAll(name, userName.split('@')[0])
    return send(reply, await store.create(id, userName, text), 201)
  })
  app.patch('/Users/:id', async ({ params, body }, reply) =>
    send(reply, await store.setActive(params.id, body.Operations[0].value.active)),
  )
  app.put('/Users/:id', async ({ params, body }, reply) => {
    const text = sample.text
      .replaceAll(sample.id, params.id)
      .replaceAll(name, body.userName.split('@')[0])
      .replace('"Support agent"', JSON.stringify(body.title))
    return send(reply, await store.replace(params.id, text))
  })
  app.patch('/Groups/:id', async ({ params, body: { Operations } }, reply) => {
    const [{ op, path, value }] = Operations
    if (op === 'add') await store.addMember(params.id, value[0].value)
    else await store.removeMember(params.id, path.slice(18, -2))
    return reply.status(204).send()
  })
}

/** The body of the first row. */
export function bodyIn({ rows: [row] }) {
  return row.body
}

// The state is a column and stands in the text too. `replace` finds it once and keeps the text's length within a byte.
export const SET_ACTIVE = `case when $2 then replace(body, '"active":false', '"active":true') else replace(body, '"active":true', '"active":false') end`
