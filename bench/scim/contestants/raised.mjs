/**
 * The raised ceiling: reads go down one connection without waiting for one another, and the writes that
 * came while the last ones were being committed become one statement and one commit.
 */
import { pg, SET_ACTIVE, startCeiling } from './ceiling.mjs'

const COMMITS_AT_ONCE = 2

export function start(world) {
  return startCeiling(world, async (databaseUrl) => {
    const reader = new pg.Client({ connectionString: databaseUrl, pipeline: true })
    await reader.connect()
    const pool = new pg.Pool({ connectionString: databaseUrl, max: COMMITS_AT_ONCE })
    const read = async (name, text, values) => (await reader.query({ name, text, values })).rows
    const write = (name, text) =>
      gather(async (batch) => {
        const columns = batch[0].map((_, column) => batch.map((values) => values[column]))
        const { rows } = await pool.query({ name, text, values: columns })
        const bodies = new Map(rows.map((row) => [row.id, row.body]))
        return batch.map(([id]) => bodies.get(id))
      })
    const create = write(
      'create',
      'insert into users select id, name, true, body from unnest($1::text[], $2::text[], $3::text[]) as new (id, name, body) returning id, body',
    )
    const setActive = write(
      'set-active',
      `update users set active = new.active, body = ${SET_ACTIVE.replaceAll('$2', 'new.active')}
       from unnest($1::text[], $2::boolean[]) as new (id, active) where users.id = new.id returning users.id, body`,
    )
    const replace = write(
      'replace',
      `update users set body = new.body from unnest($1::text[], $2::text[]) as new (id, body)
       where users.id = new.id returning users.id, users.body`,
    )
    const add = write(
      'add',
      'insert into group_members select g, u from unnest($2::text[], $1::text[]) as new (g, u) on conflict do nothing',
    )
    const remove = write(
      'remove',
      `delete from group_members m using unnest($2::text[], $1::text[]) as gone (g, u)
       where m.group_id = gone.g and m.user_id = gone.u`,
    )
    return {
      get: async (id) => (await read('get', 'select body from users where id = $1', [id]))[0].body,
      find: async (name) =>
        (await read('find', 'select body from users where user_name = $1', [name]))[0].body,
      page: async () =>
        (await read('page', 'select body from users order by id limit 100', [])).map((row) => row.body),
      create: (...values) => create(values),
      setActive: (...values) => setActive(values),
      replace: (...values) => replace(values),
      addMember: (groupId, userId) => add([userId, groupId]),
      removeMember: (groupId, userId) => remove([userId, groupId]),
    }
  })
}

/** Collects what comes in while work is under way. @returns a function that gives one item's result */
function gather(work) {
  let waiting = []
  let running = 0
  const flush = async () => {
    if (running >= COMMITS_AT_ONCE || waiting.length === 0) return
    const batch = waiting
    waiting = []
    running++
    try {
      const results = await work(batch.map(({ item }) => item))
      for (const [at, { resolve }] of batch.entries()) resolve(results[at])
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      running--
      void flush()
    }
  }
  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush)
      waiting.push({ item, resolve, reject })
    })
}
