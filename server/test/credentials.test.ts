/**
 * Which credential opens which door, and which role may make one: everything against everything, so that
 * what is allowed is exactly what stands here.
 */
import type { FastifyInstance } from 'fastify'
import { describe, expect } from 'vitest'
import {
  createBasicCredential,
  createOauthClient,
  createServiceUser,
  createToken,
  inviteMember,
  listRoles,
} from '#accounts'
import { type Context, listTenants } from '#platform'
import { createApp } from '../src/app.ts'
import { test as base } from './tenant.ts'

const test = base.extend<{ app: FastifyInstance }>({
  app: [
    async ({ platform }, use) => {
      const app = await createApp(platform, new Map(), async () => {})
      await use(app)
      await app.close()
    },
    { scope: 'file' },
  ],
})

/** The token of a sign-in link for a new member. */
async function linkOf(ctx: Context, role: string): Promise<string> {
  const roleIds = (await listRoles(ctx)).filter(({ name }) => name === role).map(({ id }) => id)
  let link = ''
  const email = `${role.toLowerCase()}@acme.example`
  await inviteMember(ctx, { email, displayName: role, roleIds }, async (_, mail) => {
    link = mail.link
  })
  return link.split('#token=')[1] ?? ''
}

async function signIn(app: FastifyInstance, token: string): Promise<string> {
  const reply = await app.inject({
    method: 'POST',
    url: '/api/v1/sessions',
    payload: { with: 'link', token },
  })
  expect(reply.statusCode).toBe(201)
  return String(reply.headers['set-cookie']).split(';')[0] ?? ''
}

async function slugOf(ctx: Context): Promise<string> {
  return (await listTenants(ctx.platform)).find((tenant) => tenant.id === ctx.tenantId)?.slug ?? ''
}

test('each kind of credential opens its own door and no other', async ({ app, ctx }) => {
  const connection = await createServiceUser(ctx, {
    name: 'Okta',
    kind: 'scim',
    permissions: [],
    defaultRoleId: null,
  })
  const program = await createServiceUser(ctx, {
    name: 'Script',
    kind: 'api',
    permissions: ['requests.read', 'tokens.manage'],
    defaultRoleId: null,
  })
  const { userName, password } = await createBasicCredential(ctx, connection.id, null)
  const client = await createOauthClient(ctx, connection.id, {
    redirectUris: ['https://idp.example/callback'],
    confidential: true,
  })
  const granted = await app.inject({
    method: 'POST',
    url: '/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.clientSecret ?? '',
    }).toString(),
  })
  const session = await signIn(app, await linkOf(ctx, 'Owner'))
  const text = session.split('=')[1] ?? ''
  const { token: scim } = await createToken(ctx, connection.id, null)
  const { token: api } = await createToken(ctx, program.id, null)
  const basic = (name: string, secret: string) =>
    `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`

  const credentials: Record<string, Record<string, string>> = {
    nothing: {},
    'session cookie': { cookie: session },
    'session as bearer': { authorization: `Bearer ${text}` },
    'link as bearer': { authorization: `Bearer ${await linkOf(ctx, 'Admin')}` },
    'api token': { authorization: `Bearer ${api}` },
    'api token as cookie': { cookie: `keydesk=${api}` },
    'scim token': { authorization: `Bearer ${scim}` },
    'scim token as cookie': { cookie: `keydesk=${scim}` },
    'access token': { authorization: `Bearer ${granted.json().access_token}` },
    'user name and password': { authorization: basic(userName, password) },
    'client id and secret': { authorization: basic(client.clientId, client.clientSecret ?? '') },
    'scim token as password': { authorization: basic(userName, scim) },
  }
  const doors: Record<string, string> = {
    scim: `/scim/v2/${await slugOf(ctx)}/Users?count=1`,
    api: '/api/v1/service-users',
    consent: `/oauth/authorize?${new URLSearchParams({
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: 'https://idp.example/callback',
    })}`,
  }

  const opened: string[] = []
  for (const [credential, headers] of Object.entries(credentials))
    for (const [door, url] of Object.entries(doors)) {
      const { statusCode } = await app.inject({ method: 'GET', url, headers })
      if (statusCode === 200) opened.push(`${credential} opens ${door}`)
      else expect([credential, door, statusCode]).toEqual([credential, door, door === 'consent' ? 302 : 401])
    }

  expect(opened).toEqual([
    'session cookie opens api',
    'session cookie opens consent',
    'api token opens api',
    'scim token opens scim',
    'access token opens scim',
    'user name and password opens scim',
  ])
})

describe('who may make a credential', () => {
  for (const [role, allowed] of [
    ['Owner', true],
    ['Admin', true],
    ['Agent', false],
    ['Auditor', false],
  ] as const)
    test(`${role}: ${allowed ? 'yes' : 'no'}`, async ({ app, ctx }) => {
      const own = { name: 'Okta', kind: 'scim' as const, permissions: [], defaultRoleId: null }
      const { id } = await createServiceUser(ctx, own)
      const { details } = await createToken(ctx, id, null)
      const client = await createOauthClient(ctx, id, { redirectUris: [], confidential: true })
      const cookie = await signIn(app, await linkOf(ctx, role))
      const at = `/api/v1/service-users/${id}`

      const acts = [
        ['GET', '/api/v1/service-users'],
        ['POST', '/api/v1/service-users', { ...own, name: 'Another' }],
        ['POST', `${at}/tokens`, { expiresInDays: 1, replacesTokenId: details.id }],
        ['POST', `${at}/basic-credentials`, { expiresInDays: null }],
        ['GET', `${at}/oauth-clients`],
        ['POST', `${at}/oauth-clients`, {}],
        ['DELETE', `/api/v1/oauth-clients/${client.details.id}`],
        ['DELETE', `/api/v1/tokens/${details.id}`],
      ] as const
      for (const [method, url, payload] of acts) {
        const headers = { cookie, 'sec-fetch-site': 'same-origin' }
        const reply = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) })
        const good = method === 'POST' ? 201 : 200
        expect([method, url, reply.statusCode]).toEqual([method, url, allowed ? good : 403])
      }
    })
})
