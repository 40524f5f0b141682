/**
 * scimmy-routers on Express, as its README sets it up, with resources in maps of this process: nothing is
 * written to a disk. Its README leaves the store to the reader; this one finds a user name by an index, as
 * anybody would who has many users.
 */
import { randomUUID } from 'node:crypto'
import express from 'express'
import SCIMMY from 'scimmy'
import SCIMMYRouters from 'scimmy-routers'
import { userNameOf, userResource } from '../rows.mjs'

const TOKEN = 'bench'

/** @param {{ size: number, groupSizes: number[] }} world */
export async function start({ size, groupSizes }) {
  const users = userStore()
  const groups = new Map()
  for (let index = 0; index < size; index++) users.write(undefined, userResource(userNameOf(index)))
  const all = users.all()
  let from = 0
  for (const members of groupSizes) {
    const listed = all
      .slice(from, from + members)
      .map(({ id, userName }) => ({ value: id, display: userName }))
    const id = randomUUID()
    groups.set(id, { id, displayName: `Group of ${members}`, members: listed, meta: stamped() })
    from += members
  }
  SCIMMY.Resources.declare(SCIMMY.Resources.User)
    .extend(SCIMMY.Schemas.EnterpriseUser, false)
    .ingress((resource, data) => users.write(resource.id, data))
    .egress((resource) => (resource.id ? users.get(resource.id) : users.find(resource.filter)))
    .degress((resource) => users.remove(resource.id))
  SCIMMY.Resources.declare(SCIMMY.Resources.Group)
    .ingress((resource, data) => {
      const id = resource.id ?? randomUUID()
      const group = { ...plain(data), id, meta: stamped(groups.get(id)?.meta) }
      groups.set(id, group)
      return group
    })
    .egress((resource) => (resource.id ? groups.get(resource.id) : [...groups.values()]))
    .degress((resource) => groups.delete(resource.id))

  const app = express()
  // The routers hand `count` on as text, and SCIMMY then takes no notice of it: a page would be 20.
  app.set('query parser', (text) => {
    const query = Object.fromEntries(new URLSearchParams(text))
    for (const name of ['startIndex', 'count']) if (query[name]) query[name] = Number(query[name])
    return query
  })
  app.use(
    '/scim',
    new SCIMMYRouters({
      type: 'bearer',
      handler: (request) => {
        if (request.header('Authorization') !== `Bearer ${TOKEN}`)
          throw new Error('Authorization not detected!')
        return 'bench'
      },
    }),
  )
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: server.address().port,
    path: '/scim',
    authorization: `Bearer ${TOKEN}`,
    size,
    users: all.slice(from).map(({ id, userName }) => ({ id, userName })),
    groups: Object.fromEntries([...groups.values()].map(({ id, members }) => [members.length, id])),
  }
}

function userStore() {
  const users = new Map()
  const byName = new Map()
  return {
    all: () => [...users.values()],
    get: (id) => users.get(id),
    find(filter) {
      const [only, ...others] = filter ?? []
      const [operator, value] = only?.userName ?? []
      const byIndex = others.length === 0 && operator === 'eq' && Object.keys(only).length === 1
      if (!byIndex) return [...users.values()]
      const id = byName.get(String(value).toLowerCase())
      return id ? [users.get(id)] : []
    },
    write(given, data) {
      const id = given ?? randomUUID()
      const known = users.get(id)
      if (given && !known) throw new SCIMMY.Types.Error(404, null, `Resource ${id} not found`)
      const user = { ...plain(data), id, meta: stamped(known?.meta) }
      const name = user.userName.toLowerCase()
      const holder = byName.get(name)
      if (holder !== undefined && holder !== id)
        throw new SCIMMY.Types.Error(409, 'uniqueness', 'userName is taken')
      if (known) byName.delete(known.userName.toLowerCase())
      byName.set(name, id)
      users.set(id, user)
      return user
    },
    remove(id) {
      byName.delete(users.get(id)?.userName.toLowerCase())
      users.delete(id)
    },
  }
}

// What comes in is an instance of a schema, with its own getters; what is kept is data.
function plain(data) {
  return JSON.parse(JSON.stringify(data))
}

function stamped(meta) {
  const now = new Date()
  return { created: meta?.created ?? now, lastModified: now }
}
