/** The plain ceiling: a pool of 10, and one prepared statement for each request. */
import { bodyIn, pg, SET_ACTIVE, startCeiling } from './ceiling.mjs'

export function start(world) {
  return startCeiling(world, async (databaseUrl) => {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 })
    const ask = (name, text, values) => pool.query({ name, text, values })
    return {
      get: async (id) => bodyIn(await ask('get', 'select body from users where id = $1', [id])),
      find: async (name) => bodyIn(await ask('find', 'select body from users where user_name = $1', [name])),
      page: async () =>
        (await ask('page', 'select body from users order by id limit 100', [])).rows.map((row) => row.body),
      create: async (id, userName, body) =>
        bodyIn(
          await ask('create', 'insert into users values ($1, $2, true, $3) returning body', [
            id,
            userName,
            body,
          ]),
        ),
      setActive: async (id, active) =>
        bodyIn(
          await ask(
            'set-active',
            `update users set active = $2, body = ${SET_ACTIVE} where id = $1 returning body`,
            [id, active],
          ),
        ),
      replace: async (id, body) =>
        bodyIn(await ask('replace', 'update users set body = $2 where id = $1 returning body', [id, body])),
      addMember: async (groupId, userId) => {
        await ask('add', 'insert into group_members values ($1, $2) on conflict do nothing', [
          groupId,
          userId,
        ])
      },
      removeMember: async (groupId, userId) => {
        await ask('remove', 'delete from group_members where group_id = $1 and user_id = $2', [
          groupId,
          userId,
        ])
      },
    }
  })
}
