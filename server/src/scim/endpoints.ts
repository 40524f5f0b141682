/** Every path below a workspace and the methods it takes. What is not here is answered 404 or 405. */
import { runAll } from './bulk.ts'
import * as discovery from './discovery.ts'
import { entitlements, roles } from './governance.ts'
import * as groups from './groups.ts'
import type { Endpoint } from './http.ts'
import { actOnMe } from './me.ts'
import { searchAll, searchAs } from './search.ts'
import * as users from './users.ts'

export const endpoints: readonly Endpoint[] = [
  { path: ['Users'], methods: { GET: users.listUsers, POST: users.createUser } },
  { path: ['Users', '.search'], methods: { POST: searchAs(users.listUsers) } },
  {
    path: ['Users', ':id'],
    methods: {
      GET: users.getUser,
      PUT: users.replaceUser,
      PATCH: users.patchUser,
      DELETE: users.deleteUser,
    },
  },
  { path: ['Groups'], methods: { GET: groups.listGroups, POST: groups.createGroup } },
  { path: ['Groups', '.search'], methods: { POST: searchAs(groups.listGroups) } },
  {
    path: ['Groups', ':id'],
    methods: {
      GET: groups.getGroup,
      PUT: groups.replaceGroup,
      PATCH: groups.patchGroup,
      DELETE: groups.deleteGroup,
    },
  },
  { path: ['Roles'], methods: { GET: roles.list } },
  { path: ['Roles', '.search'], methods: { POST: searchAs(roles.list) } },
  { path: ['Roles', ':id'], methods: { GET: roles.get } },
  { path: ['Entitlements'], methods: { GET: entitlements.list } },
  { path: ['Entitlements', '.search'], methods: { POST: searchAs(entitlements.list) } },
  { path: ['Entitlements', ':id'], methods: { GET: entitlements.get } },
  {
    path: ['Me'],
    methods: {
      GET: actOnMe('GET'),
      PUT: actOnMe('PUT'),
      PATCH: actOnMe('PATCH'),
      DELETE: actOnMe('DELETE'),
    },
  },
  { path: ['Bulk'], methods: { POST: runAll } },
  { path: [], methods: { GET: searchAll } },
  { path: ['.search'], methods: { POST: searchAs(searchAll) } },
  { path: ['ServiceProviderConfig'], methods: { GET: discovery.getConfig } },
  { path: ['ResourceTypes'], methods: { GET: discovery.listResourceTypes } },
  { path: ['ResourceTypes', ':id'], methods: { GET: discovery.getResourceType } },
  { path: ['Schemas'], methods: { GET: discovery.listSchemas } },
  { path: ['Schemas', ':id'], methods: { GET: discovery.getSchema } },
]
