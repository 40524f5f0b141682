/** Every path below a workspace and the methods it takes. What is not here is answered 404 or 405. */
import { ScimError } from '@keydesk/scim'
import * as discovery from './discovery.ts'
import * as groups from './groups.ts'
import type { Endpoint, Handler } from './http.ts'
import { searchAs } from './search.ts'
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
  { path: ['ServiceProviderConfig'], methods: { GET: discovery.getConfig } },
  { path: ['ResourceTypes'], methods: { GET: discovery.listResourceTypes } },
  { path: ['ResourceTypes', ':id'], methods: { GET: discovery.getResourceType } },
  { path: ['Schemas'], methods: { GET: discovery.listSchemas } },
  { path: ['Schemas', ':id'], methods: { GET: discovery.getSchema } },
  { path: ['Bulk'], methods: { POST: unsupported('Bulk requests') } },
  { path: ['.search'], methods: { POST: unsupported('Searches over all resource types') } },
  {
    path: ['Me'],
    methods: Object.fromEntries(
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, unsupported('/Me')]),
    ),
  },
]

function unsupported(what: string): Handler {
  return async () => {
    throw new ScimError(undefined, `${what} are not offered here; /ServiceProviderConfig tells what is.`, 501)
  }
}
