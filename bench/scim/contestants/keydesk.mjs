/**
 * Keydesk as it runs in production: the web role, on a database of its own, with row security on. One
 * user, and one member of each group, come in by SCIM; the others are copies of those rows, so
 * that 100,000 users are there in seconds and differ in nothing from what SCIM leaves behind.
 */
import { createRequire } from 'node:module'
import {
  createServiceUser,
  createToken,
  createWorkspace,
  listRoles,
} from '../../../server/src/accounts/index.ts'
import { startServer } from '../../../server/src/main.ts'
import { migrate, readConfig, readKeys } from '../../../server/src/platform/index.ts'
import { QUEUES } from '../../../server/src/queues.ts'
import { userNameOf, userResource } from '../rows.mjs'

const pg = createRequire(new URL('../../../server/package.json', import.meta.url))('pg')

/** @param {{ databaseUrl: string, dataDir: string, size: number, groupSizes: number[] }} world */
export async function start({ databaseUrl, dataDir, size, groupSizes }) {
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    KEYDESK_DATA: dataDir,
    KEYDESK_URL: 'https://desk.example.com',
    KEYDESK_ROLE: 'web',
  })
  await migrate(databaseUrl, QUEUES, await readKeys(config.secretKey, config.dataDir))
  const { platform, url } = await startServer({ ...config, port: 0 }, databaseUrl)
  const connection = await connect(platform, databaseUrl)
  const send = client(url, connection)
  const db = new pg.Client({ connectionString: databaseUrl })
  await db.connect()
  const groups = await seed(db, send, size, groupSizes)
  const users = await listFree(db, groups)
  await db.query('vacuum analyze')
  await db.end()
  await verify(send, size, groups)
  return { port: Number(new URL(url).port), ...connection, size, users, groups }
}

/** A workspace with a connection whose rate is not limited and whose brake is off. */
async function connect(platform, databaseUrl) {
  const ctx = await createWorkspace(platform, databaseUrl, { slug: 'bench', name: 'Bench' })
  const roles = await listRoles(ctx)
  const user = await createServiceUser(ctx, {
    name: 'Okta',
    kind: 'scim',
    permissions: [],
    defaultRoleId: roles.find((role) => role.name === 'Auditor')?.id ?? null,
  })
  const { token } = await createToken(ctx, user.id, null)
  await unlimit(databaseUrl, user.id)
  return { path: '/scim/v2/bench', authorization: `Bearer ${token}` }
}

// What is measured is the server and not its rate limit; and nobody is there to release what the brake holds.
async function unlimit(databaseUrl, serviceUserId) {
  const db = new pg.Client({ connectionString: databaseUrl })
  await db.connect()
  const settings = { requestsPerMinute: null, brake: { minutes: 1, people: 1_000_000, share: 1 } }
  await db.query('update service_users set scim = scim || $1 where id = $2', [settings, serviceUserId])
  await db.end()
}

function client(url, { path, authorization }) {
  return async (method, below, body) => {
    const answer = await fetch(`${url}${path}${below}`, {
      method,
      headers: { authorization, ...(body ? { 'content-type': 'application/scim+json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${below} answered ${answer.status}: ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

/** @returns the ids of the groups, by size */
async function seed(db, send, size, groupSizes) {
  await db.query("set timezone = 'UTC'")
  let next = 0
  const create = async () => send('POST', '/Users', userResource(userNameOf(next++)))
  const first = await create()
  const inGroups = groupSizes.reduce((sum, members) => sum + members, 0)
  next = await copy(db, first, next, size - inGroups - 1)
  const groups = {}
  for (const members of groupSizes) {
    const { id } = await send('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: `Group of ${members}`,
    })
    const member = await create()
    await send('PATCH', `/Groups/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'add', path: 'members', value: [{ value: member.id }] }],
    })
    next = await copy(db, member, next, members - 1)
    groups[members] = id
  }
  return groups
}

/**
 * Copies a member's row and every row that hangs on it. Ids, user names and the second of its creation are
 * replaced wherever they stand in a row, also inside of JSON, so the copies need no knowledge of columns.
 * @returns the index of the next user
 */
async function copy(db, { id, userName, meta }, from, count) {
  if (count === 0) return from
  const tables = await db.query(`
    select 'members' as name, 'id' as key
    union all
    select c.conrelid::regclass::text, a.attname from pg_constraint c
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey) and a.attname <> 'tenant_id'
      where c.confrelid = 'members'::regclass and c.contype = 'f'`)
  const marker = userName.split('@')[0]
  for (const { name, key } of tables.rows) {
    const columns = await db.query(
      `select quote_ident(attname) as name from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''`,
      [name],
    )
    const list = columns.rows.map((column) => column.name)
    const ownId = name !== 'members' && list.includes('id')
    await db.query(
      `with pattern as (select to_jsonb(t)::text as row from ${name} t where ${key} = $1),
       made as (
         select replace(replace(replace(p.row,
             $1, left($1, 14) || lpad(to_hex(i), 16, '0')),
             $2, 'u' || lpad(i::text, 9, '0')),
             $3, to_char(timestamp '2026-01-01' + i * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS')) as row, i
         from pattern p, generate_series($4::int, $4::int + $5::int - 1) i)
       insert into ${name} (${list}) overriding system value
       select ${list.map((column) => (ownId && column === 'id' ? `left(r.id, 14) || lpad(to_hex(i), 16, '0')` : `r.${column}`))}
       from made, jsonb_populate_record(null::${name}, made.row::jsonb) r`,
      [id, marker, meta.created.slice(0, 19), from, count],
    )
  }
  return from + count
}

async function listFree(db, groups) {
  const { rows } = await db.query(
    `select id, user_name as "userName" from members where source = 'scim' and id not in
       (select member_id from member_roles where role_id = any ($1) and source = 'scim_group') order by id`,
    [Object.values(groups)],
  )
  return rows
}

// What a copy left out would make a fast server that answers wrongly.
async function verify(send, size, groups) {
  const { totalResults } = await send('GET', '/Users?count=1')
  if (totalResults !== size) throw new Error(`Keydesk counts ${totalResults} users instead of ${size}.`)
  for (const [members, id] of Object.entries(groups)) {
    const group = await send('GET', `/Groups/${id}`)
    if (group.members?.length !== Number(members))
      throw new Error(`The group of ${members} has ${group.members?.length} members.`)
  }
}
