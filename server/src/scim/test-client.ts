/** What a SCIM client is in tests: a connection of a workspace with a token, speaking to the real plugin. */
import type { FastifyInstance, InjectOptions } from 'fastify'
import { BRAKE_OFF, createServiceUser, createToken, inviteMember, listRoles } from '#accounts'
import { type Context, createHttpServer, listTenants, transact } from '#platform'
import { test as base } from '../../test/tenant.ts'
import { scimBrokenUrls, scimPlugin } from './index.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely.
export type Body = any

export interface Reply {
  status: number
  body: Body
  headers: Record<string, unknown>
}

export interface Client {
  ctx: Context
  token: string
  slug: string
  /** `/scim/v2/{workspace}` */
  path: string
  serviceUserId: string
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string | undefined>,
  ): Promise<Reply>
}

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

export const test = base
  .extend<{ app: FastifyInstance }>({
    app: [
      async ({ platform }, use) => {
        const app = await createHttpServer(platform, scimBrokenUrls)
        await app.register(scimPlugin, { prefix: '/scim/v2', platform })
        await app.ready()
        await use(app)
        await app.close()
      },
      { scope: 'file' },
    ],
  })
  .extend<{ scim: Client; foreign: Client }>({
    scim: async ({ app, ctx }, use) => use(await connect(app, ctx)),
    foreign: async ({ app, otherTenant }, use) => use(await connect(app, otherTenant)),
  })

export async function connect(
  app: FastifyInstance,
  ctx: Context,
  defaultRole: string | null = 'Auditor',
): Promise<Client> {
  const roles = await listRoles(ctx)
  const user = await createServiceUser(ctx, {
    name: 'Okta',
    kind: 'scim',
    permissions: [],
    defaultRoleId: roles.find((role) => role.name === defaultRole)?.id ?? null,
  })
  // Tests take access from everybody they have; those of the brake itself set their own.
  await settingsOf(ctx, user.id, { brake: BRAKE_OFF })
  const { token } = await createToken(ctx, user.id, null)
  const slug = (await listTenants(ctx.platform)).find((tenant) => tenant.id === ctx.tenantId)?.slug ?? ''
  const path = `/scim/v2/${slug}`
  return {
    ctx,
    token,
    slug,
    path,
    serviceUserId: user.id,
    async send(method, below, body, headers = {}) {
      const given = {
        authorization: `Bearer ${token}`,
        accept: 'application/scim+json',
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json; charset=utf-8' }),
        ...headers,
      }
      const options: InjectOptions = {
        method: method as 'GET',
        url: `${path}${below}`,
        headers: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      }
      if (body !== undefined)
        options.payload =
          typeof body === 'string' || body instanceof Buffer ? body : Buffer.from(JSON.stringify(body))
      const reply = await app.inject(options)
      return {
        status: reply.statusCode,
        body: reply.body === '' ? undefined : JSON.parse(reply.body),
        headers: reply.headers,
      }
    },
  }
}

/** Sets what an owner chooses for a connection. */
export function settingsOf(ctx: Context, serviceUserId: string, settings: object): Promise<unknown> {
  return transact(ctx, (tx) =>
    tx.db
      .updateTable('serviceUsers')
      .set({ scim: JSON.stringify(settings) })
      .where('id', '=', serviceUserId)
      .execute(),
  )
}

/** A user as Okta's custom app creates one. */
export function oktaUser(userName: string, more: object = {}): object {
  const [givenName = '', familyName = ''] = (userName.split('@')[0] ?? '').split('.')
  return {
    schemas: [USER],
    userName,
    name: { givenName, familyName },
    emails: [{ primary: true, value: userName, type: 'work' }],
    displayName: `${givenName} ${familyName}`,
    locale: 'en-US',
    externalId: `00u${userName}`,
    groups: [],
    password: '8xQ-placeholder-canary',
    active: true,
    ...more,
  }
}

export async function create(scim: Client, userName: string, more: object = {}): Promise<Body> {
  const { status, body } = await scim.send('POST', '/Users', oktaUser(userName, more))
  if (status !== 201) throw new Error(`POST /Users answered ${status}: ${JSON.stringify(body)}`)
  return body
}

export async function createGroup(scim: Client, displayName: string, ids: string[] = []): Promise<Body> {
  const members = ids.map((value) => ({ value, display: value }))
  const { status, body } = await scim.send('POST', '/Groups', { schemas: [GROUP], displayName, members })
  if (status !== 201) throw new Error(`POST /Groups answered ${status}: ${JSON.stringify(body)}`)
  return body
}

export function patchOf(...Operations: object[]): object {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }
}

export async function memberIds(scim: Client, groupId: string): Promise<string[]> {
  const { body } = await scim.send('GET', `/Groups/${groupId}`)
  return body.members.map((member: Body) => member.value).sort()
}

export function find(scim: Client, kind: 'Users' | 'Groups', filter: string): Promise<Reply> {
  return scim.send('GET', `/${kind}?filter=${encodeURIComponent(filter)}&startIndex=1&count=100`)
}

/** A member whom no provider may touch. */
export async function inviteOwner(ctx: Context, email: string): Promise<string> {
  return invite(ctx, email, 'Owner')
}

export async function invite(ctx: Context, email: string, role: string): Promise<string> {
  const roleIds = (await listRoles(ctx)).filter(({ name }) => name === role).map(({ id }) => id)
  const member = await inviteMember(
    ctx,
    { email, displayName: 'Noor Haddad', roleIds },
    async () => undefined,
  )
  return member.id
}

/** The names of the roles that a member holds, with the reason. */
export function rolesOf(ctx: Context, memberId: string): Promise<string[]> {
  return transact(ctx, async (tx) => {
    const rows = await tx.db
      .selectFrom('memberRoles')
      .innerJoin('roles', 'roles.id', 'memberRoles.roleId')
      .select(['roles.name', 'memberRoles.source'])
      .where('memberRoles.memberId', '=', memberId)
      .orderBy('roles.name')
      .execute()
    return rows.map((row) => `${row.name} (${row.source})`)
  })
}

/** A member's whole row, to see that nothing of it changed. */
export function rowOf(ctx: Context, memberId: string): Promise<Body> {
  return transact(ctx, (tx) =>
    tx.db.selectFrom('members').selectAll().where('id', '=', memberId).executeTakeFirst(),
  )
}
