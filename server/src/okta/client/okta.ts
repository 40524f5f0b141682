/** The calls of Okta's management API that Keydesk makes, and no others. */
import * as z from 'zod'
import { OktaError } from './error.ts'
import { type Page, readAll, readAs, readPage } from './paging.ts'
import { OktaApp, OktaAppUser, OktaFactor, OktaGroup, OktaRole, OktaUser } from './shapes.ts'
import type { Answer, Transport } from './transport.ts'

type Check = () => Promise<void>

export interface Okta {
  transport: Transport
  users: {
    /** By id; undefined when Okta does not have it. The freshest state there is (okta-api §2). */
    find(id: string): Promise<OktaUser | undefined>
    /** One page of all users, the deactivated included. */
    page(next: string | null): Promise<Page<OktaUser>>
    factors(id: string): Promise<OktaFactor[]>
    groups(id: string): Promise<OktaGroup[]>
    roles(id: string): Promise<OktaRole[]>
    resetFactors(id: string, lastCheck: Check): Promise<void>
    resetPassword(id: string, lastCheck: Check): Promise<void>
    suspend(id: string, lastCheck: Check): Promise<void>
    unsuspend(id: string, lastCheck: Check): Promise<void>
  }
  groups: {
    find(id: string): Promise<OktaGroup | undefined>
    page(next: string | null): Promise<Page<OktaGroup>>
    members(id: string, next: string | null): Promise<Page<{ id: string }>>
    hasMember(id: string, userId: string): Promise<boolean>
    /** Whether the group gives its members admin rights in Okta itself. */
    givesAdminRights(id: string): Promise<boolean>
    apps(id: string): Promise<OktaApp[]>
    addMember(id: string, userId: string, lastCheck: Check): Promise<void>
    removeMember(id: string, userId: string, lastCheck: Check): Promise<void>
  }
  apps: {
    page(next: string | null): Promise<Page<OktaApp>>
    users(id: string, next: string | null): Promise<Page<OktaAppUser>>
    /** Every app of a person with how they got it, in one listing. */
    ofUser(userId: string): Promise<OktaApp[]>
  }
  /** One small read, to see whether it is allowed. */
  probe(path: string): Promise<Answer>
}

// Without a filter Okta leaves deactivated users out (okta-api §4).
const ALL_USERS = `/api/v1/users?filter=${encodeURIComponent('lastUpdated gt "1970-01-01T00:00:00.000Z"')}&limit=200`

export function makeOkta(transport: Transport): Okta {
  const one = async <T>(path: string, shape: z.ZodType<T>): Promise<T | undefined> => {
    try {
      return readAs(shape, (await transport.get(path)).json, path)
    } catch (error) {
      if (error instanceof OktaError && error.status === 404) return undefined
      throw error
    }
  }
  const user = (id: string) => `/api/v1/users/${encodeURIComponent(id)}`
  const group = (id: string) => `/api/v1/groups/${encodeURIComponent(id)}`
  const member = (id: string, userId: string) => `${group(id)}/users/${encodeURIComponent(userId)}`
  const app = (id: string) => `/api/v1/apps/${encodeURIComponent(id)}`

  return {
    transport,
    users: {
      find: (id) => one(user(id), OktaUser),
      page: (next) => readPage(transport, next ?? ALL_USERS, OktaUser),
      factors: (id) => readAll(transport, `${user(id)}/factors`, OktaFactor),
      groups: (id) => readAll(transport, `${user(id)}/groups`, OktaGroup),
      roles: (id) => readAll(transport, `${user(id)}/roles`, OktaRole),
      resetFactors: (id, check) => transport.write('POST', `${user(id)}/lifecycle/reset_factors`, check),
      resetPassword: (id, check) =>
        transport.write('POST', `${user(id)}/lifecycle/reset_password?sendEmail=true`, check),
      suspend: (id, check) => transport.write('POST', `${user(id)}/lifecycle/suspend`, check),
      unsuspend: (id, check) => transport.write('POST', `${user(id)}/lifecycle/unsuspend`, check),
    },
    groups: {
      find: (id) => one(group(id), OktaGroup),
      page: (next) => readPage(transport, next ?? '/api/v1/groups?limit=200', OktaGroup),
      members: (id, next) =>
        readPage(transport, next ?? `${group(id)}/users?limit=200`, z.object({ id: z.string().min(1) })),
      async hasMember(id, userId) {
        return (await readAll(transport, `${user(userId)}/groups`, OktaGroup)).some((one) => one.id === id)
      },
      async givesAdminRights(id) {
        const query = `filter=${encodeURIComponent(`id eq "${id.replaceAll('"', '')}"`)}&expand=stats&limit=1`
        const found = await readAll(transport, `/api/v1/groups?${query}`, OktaGroup)
        return found.some((one) => one._embedded?.stats?.hasAdminPrivlege === true)
      },
      apps: (id) => readAll(transport, `${group(id)}/apps?limit=200`, OktaApp),
      addMember: (id, userId, check) => transport.write('PUT', member(id, userId), check),
      removeMember: (id, userId, check) => transport.write('DELETE', member(id, userId), check),
    },
    apps: {
      page: (next) => readPage(transport, next ?? '/api/v1/apps?limit=200', OktaApp),
      users: (id, next) => readPage(transport, next ?? `${app(id)}/users?limit=500`, OktaAppUser),
      ofUser(userId) {
        const id = userId.replaceAll(/[^0-9A-Za-z]/g, '')
        const query = `filter=${encodeURIComponent(`user.id eq "${id}"`)}&expand=${encodeURIComponent(`user/${id}`)}&limit=200`
        return readAll(transport, `/api/v1/apps?${query}`, OktaApp)
      },
    },
    probe: (path) => transport.get(path),
  }
}
