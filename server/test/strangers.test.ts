/**
 * Every endpoint, walked from the contract: a stranger is answered 401, and a member of another
 * workspace 404 for whatever is not his. An endpoint without an example here fails the test.
 */
import { isContractProcedure } from '@orpc/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorkspace } from '#accounts'
import { shipServices } from '#desk'
import { type Context, transact } from '#platform'
import { contract } from '../src/contract.ts'
import { type Caller, callerWith, openWorld, until, type World } from './world.ts'

/** Endpoints that serve people who are not signed in, each for a reason. */
const OPEN = {
  signInOptions: 'the sign-in page asks which workspace there is',
  requestSignInLink: 'how people sign in',
  signIn: 'how people sign in',
}

/** Endpoints that name nothing of a workspace: what they list is the caller's own. */
const OWN = new Set([
  'getSession',
  'signOut',
  'setPassword',
  'listMembers',
  'listRoles',
  'createRole',
  'listServiceUsers',
  'listEvents',
  'checkEventLog',
  'streamEvents',
  'listPeople',
  'getPeopleFacets',
  'listGroups',
  'listApps',
  'listOktaConnections',
  'createOktaConnection',
  'listConnections',
  'createConnection',
  'listSchemas',
  'addSchema',
  'listActions',
  'setGate',
  'listActionRuns',
  'listMyApprovals',
  'listServices',
  'listRequestableGroups',
  'listRequests',
  'planAction',
  'runAction',
])

interface Endpoint {
  name: string
  method: string
  path: string
}

const endpoints: Endpoint[] = Object.values(contract)
  .flatMap((folder) => Object.entries(folder))
  .flatMap(([name, procedure]) => {
    if (!isContractProcedure(procedure)) return []
    const { method = 'POST', path = '/' } = procedure['~orpc'].route
    return [{ name, method, path }]
  })

let world: World
let stranger: Caller
let foreign: Caller
let foreignCtx: Context
/** Ids of things in the workspace `acme`, by the names that paths use. */
let ids: Record<string, string>

beforeAll(async () => {
  world = await openWorld()
  stranger = callerWith(world.url, {})
  foreignCtx = await createWorkspace(world.server.platform, world.databaseUrl, {
    slug: 'globex',
    name: 'Globex',
  })
  await shipServices(foreignCtx)
  await world.invite('owner@globex.example', 'Owner', foreignCtx)
  foreign = await world.signIn('owner@globex.example', foreignCtx)
  ids = await furnish(world)
})
afterAll(() => world.close())

/** Puts one of everything into `acme` and names it. */
async function furnish({ invite, signIn, scimToken }: World): Promise<Record<string, string>> {
  const memberId = await invite('sam.okafor@acme.example', 'Owner')
  const token = await scimToken()
  const sam = await signIn('sam.okafor@acme.example')
  const ada = await signIn('ada.kingsley@acme.example')
  const first = async (path: string) => (await sam.get(path)).body.items[0]
  const service = (await sam.get('/api/v1/services')).body.items.find(
    (one: { key: string }) => one.key === 'something-else',
  )
  const request = (
    await ada.post('/api/v1/requests', { serviceId: service.id, answers: { subject: 'Help' } })
  ).body
  const person = (await sam.get('/api/v1/people?search=ada%20kingsley')).body.items[0]
  const user = (await sam.get(`/api/v1/people/${person.id}`)).body.oktaUserId
  const proposal = { actionId: 'okta.user.reset_mfa', input: { user }, requestId: request.id }
  const plan = (await sam.post('/api/v1/action-plans', proposal)).body
  const run = (await sam.post('/api/v1/action-runs', { ...proposal, digest: plan.digest })).body
  const svc = await first('/api/v1/service-users')
  const oauthClientId = await letProgramIn(sam, svc.id)
  const callId = await provision(sam, svc.id, token)
  await sam.put('/api/v1/actions/okta.user.suspend/gate', { gate: 'none' })
  await ada.post(
    `/api/v1/requests/${request.number}/messages`,
    { body: 'Hello' },
    { 'idempotency-key': 'once' },
  )
  const guess = { with: 'password', workspace: 'acme', email: 'ada.kingsley@acme.example', password: 'no' }
  await ada.post('/api/v1/sessions', guess)
  await ada.post('/api/v1/sign-in-links', { workspace: 'acme', email: 'ada.kingsley@acme.example' })
  return {
    memberId,
    roleId: (await first('/api/v1/roles')).id,
    serviceUserId: svc.id,
    tokenId: svc.tokens[0].id,
    oauthClientId,
    personId: person.id,
    groupId: (await first('/api/v1/groups')).id,
    appId: (await first('/api/v1/apps')).id,
    connectionId: (await first('/api/v1/okta/connections')).id,
    runId: run.id,
    approvalId: run.approvalId,
    serviceId: service.id,
    number: String(request.number),
    actionId: 'okta.user.suspend',
    callId,
    schemaId: SCHEMA.id,
  }
}

const SCHEMA = {
  id: 'urn:acme:schemas:office:2.0:User',
  name: 'Office',
  description: '',
  attributes: [{ name: 'badge' }],
}

/** A schema, people, more deactivations than the safety brake lets pass, and a shadow. @returns the id of a call */
async function provision(owner: Caller, connectionId: string, token: string): Promise<string> {
  await owner.post('/api/v1/scim-schemas', SCHEMA)
  await owner.post('/api/v1/scim-connections', { name: 'New', shadow: true })
  const provider = callerWith(world.url, { authorization: `Bearer ${token}` })
  for (let n = 0; n < 4; n++) {
    const { body } = await provider.post('/scim/v2/acme/Users', { userName: `person.${n}@acme.example` })
    const Operations = [{ op: 'replace', value: { active: false } }]
    await fetch(`${world.url}/scim/v2/acme/Users/${body.id}`, {
      method: 'PATCH',
      headers: { ...provider.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }),
    })
  }
  const held = async () =>
    (await owner.get(`/api/v1/scim-connections/${connectionId}/calls?outcome=held`)).body.items
  await until(async () => (await held()).length > 0)
  return (await held())[0].id
}

/** An OAuth client that was allowed in and has its tokens. @returns its id */
async function letProgramIn(owner: Caller, serviceUserId: string): Promise<string> {
  const redirect_uri = 'https://idp.example/callback'
  const made = (
    await owner.post(`/api/v1/service-users/${serviceUserId}/oauth-clients`, { redirectUris: [redirect_uri] })
  ).body
  const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${world.url}${path}`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers,
      redirect: 'manual',
    })
  const asked = { response_type: 'code', client_id: made.clientId, redirect_uri, decision: 'allow' }
  const allowed = await send('/oauth/authorize', asked, { ...owner.headers, origin: world.url })
  const code = new URL(allowed.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const client = { client_id: made.clientId, client_secret: made.clientSecret }
  const granted = await send('/oauth/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri,
    ...client,
  })
  const { access_token } = (await granted.json()) as { access_token: string }
  const headers = { authorization: `Bearer ${access_token}` }
  expect((await fetch(`${world.url}/scim/v2/acme/ServiceProviderConfig`, { headers })).status).toBe(200)
  await until(
    async () =>
      (await transact(world.acme, (tx) => tx.db.selectFrom('scimRates').select('calls').execute())).length >
      0,
  )
  return made.details.id
}

/** A body that would be right, so that what is refused is the caller and not the call. */
function bodyOf(name: string): object | undefined {
  const bodies: Record<string, object> = {
    inviteMember: { email: 'x@globex.example', displayName: 'X', roleIds: [ids['roleId']] },
    setMemberRoles: { roleIds: [] },
    createRole: { name: 'Stranger', description: '', permissions: [] },
    updateRole: { name: 'Stranger', description: '', permissions: [] },
    createServiceUser: { name: 'x', kind: 'scim', permissions: [], defaultRoleId: ids['roleId'] },
    createToken: { expiresInDays: 1 },
    createBasicCredential: { expiresInDays: 1 },
    createOauthClient: { redirectUris: [] },
    setPassword: { next: 'correct horse battery' },
    setGate: { gate: 'none' },
    planAction: { actionId: 'okta.user.suspend', input: { user: '00uxxxxxxxxxxxxxxxxx' } },
    runAction: { actionId: 'okta.user.suspend', input: { user: '00uxxxxxxxxxxxxxxxxx' }, digest: 'x' },
    settleActionRun: { outcome: 'done', note: '' },
    decideApproval: { decision: 'approved', digest: 'x' },
    createOktaConnection: { domain: 'acme.okta.com', method: 'service_app' },
    setOktaCredentials: { clientId: 'x' },
    submitRequest: { serviceId: ids['serviceId'], answers: {} },
    postMessage: { body: 'hello' },
    setAssignee: { memberId: null },
    requestSignInLink: { workspace: 'acme', email: 'x@acme.example' },
    signIn: { with: 'link', token: 'x' },
    createConnection: { name: 'x' },
    updateConnection: { name: 'x', defaultRoleId: null, settings: {} },
    decideHolds: { holdIds: [`hld_${'0'.repeat(26)}`], decision: 'discard' },
    endShadow: { keep: false },
    setBreakGlass: { breakGlass: true },
    addSchema: SCHEMA,
  }
  return bodies[name]
}

async function call(
  caller: Caller,
  { name, method, path }: Endpoint,
): Promise<{ status: number; text: string }> {
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => {
    // Okta's connections and those of SCIM are called the same, each in its own place.
    const id = ids[path.startsWith('/scim-connections/') ? 'serviceUserId' : key]
    if (!id) throw new Error(`There is no example of {${key}} for ${name}.`)
    return id
  })
  const body = method === 'GET' || method === 'DELETE' ? undefined : (bodyOf(name) ?? {})
  const answer = await fetch(`${world.url}/api/v1${filled}`, {
    method,
    headers: { ...caller.headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(10_000),
  })
  // A stream has no end to wait for.
  const stream = answer.headers.get('content-type')?.startsWith('text/event-stream')
  if (stream) await answer.body?.cancel()
  return { status: answer.status, text: stream ? '' : await answer.text() }
}

describe('a stranger', () => {
  test.each(endpoints.filter(({ name }) => !(name in OPEN)))(
    'is answered 401 at $method $path',
    async (endpoint) => {
      const { status, text } = await call(stranger, endpoint)

      expect(status).toBe(401)
      expect(JSON.parse(text)).toMatchObject({ code: 'not_signed_in' })
    },
  )
})

describe("another workspace's owner", () => {
  test.each(endpoints.filter(({ name }) => !(name in OPEN) && !OWN.has(name)))(
    'is answered 404 at $method $path',
    async (endpoint) => {
      // Filing a request needs a person of the directory, whom the foreign owner is not: that comes first.
      const expected = endpoint.name === 'submitRequest' ? 403 : 404
      expect((await call(foreign, endpoint)).status).toBe(expected)
    },
  )

  test.each(endpoints.filter(({ name, method }) => OWN.has(name) && method === 'GET'))(
    'sees nothing of acme at $method $path',
    async (endpoint) => {
      const { text } = await call(foreign, endpoint)
      // Workspaces share the catalogue of actions, and no id.
      for (const [name, id] of Object.entries(ids))
        if (name !== 'actionId' && name !== 'number') expect(text).not.toContain(id)
      expect(text).not.toContain('acme.example')
    },
  )
})

describe('row security alone', () => {
  test('lets no row of another workspace through, whatever is asked without a tenant', async () => {
    const { platform } = world.server
    const { rows: tables } = await sql<{ name: string }>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1`.execute(platform.db)
    const shadow = await platform.db
      .selectFrom('tenants')
      .select('id')
      .where('shadowOf', '=', world.acme.tenantId)
      .executeTakeFirstOrThrow()
    const own = [world.acme.tenantId, shadow.id]
    const filled: string[] = []

    for (const { name } of tables) {
      const table = sql.table(name)
      const count = async (ctx: Context) => {
        const { rows } = await transact(ctx, (tx) =>
          sql<{
            n: number
          }>`select count(*) as n from ${table} where tenant_id = any(${own}::text[])`.execute(tx.db),
        )
        return rows[0]?.n ?? 0
      }
      for (const tenantId of own)
        if ((await count({ ...world.acme, tenantId })) > 0 && !filled.includes(name)) filled.push(name)
      expect({ name, seen: await count(foreignCtx) }).toEqual({ name, seen: 0 })
    }
    // Nothing is proven by looking for rows that are not there.
    expect(tables.map(({ name }) => name).filter((name) => !filled.includes(name))).toEqual([])
  })

  test('lets nobody write into another workspace or take its rows away', async () => {
    const role = ids['roleId']
    const acme = world.acme.tenantId
    const touched = await transact(foreignCtx, async (tx) => [
      await sql`update roles set name = 'taken' where id = ${role}`.execute(tx.db),
      await sql`delete from members`.execute(tx.db),
    ])
    const insert = transact(foreignCtx, (tx) =>
      sql`insert into request_counters (tenant_id, last) values (${acme}, 9) on conflict do nothing`.execute(
        tx.db,
      ),
    )

    expect(touched.map(({ numAffectedRows }) => numAffectedRows)).toEqual([0n, 1n])
    await expect(insert).rejects.toThrow(/row-level security/)
  })

  test('finds nothing at all where no tenant was named', async () => {
    const { rows } = await sql<{ n: number }>`select count(*) as n from people`.execute(
      world.server.platform.db,
    )

    expect(rows).toEqual([{ n: 0 }])
  })
})
