/**
 * Every page of the console, as an owner, as a requester, signed out, and in a workspace where there is
 * nothing yet: light and dark, on a desk and on a phone. Keeps a picture of each.
 */
import { readFile } from 'node:fs/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { paths } from '../src/paths.ts'
import { type Desk, inspect, openBrowser, openDesk, settled } from './browser.ts'
import { command, consoleUrl, signIn, signInLink } from './keydesk.ts'

/** What the addresses of the pages are made of; known once the requests below are filed. */
interface Known {
  waiting: number
  long: number
  own: number
  person: string
  group: string
  app: string
  /** A connection with members, calls, credentials and a held change. */
  connection: string
  /** One that only watches. */
  watching: string
  /** A call that was refused. */
  refused: string
  /** A member that the connection made. */
  provisioned: string
}

interface Visit {
  name: string
  address: (known: Known) => string
  title: string | RegExp
  /** What is opened on it before it is looked at. */
  open?: (page: Page) => Promise<unknown>
  /** What it shows is not there: Chromium and React write the server's 404 to the console. */
  missing?: true
  /** Only its title and the console are looked at. */
  briefly?: boolean
}

/** Visits by route of routes.tsx. */
type Visits = Record<string, Visit[]>

const button = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click()

const OWNER: Visits = {
  '/sign-in': [{ name: 'sign-in', address: () => paths.signIn(), title: /^Sign in/ }],
  '/sign-in/link': [{ name: 'sign-in-link', address: paths.signInLink, title: 'This link is incomplete' }],
  '/': [{ name: 'start', address: paths.home, title: 'Waiting for me' }],
  '/inbox': [{ name: 'decided', address: () => paths.inbox({ tab: 'decided' }), title: 'Waiting for me' }],
  '/ask/$serviceKey': [{ name: 'ask', address: () => paths.ask('reset-mfa'), title: 'Reset MFA' }],
  '/my/requests': [{ name: 'my-requests', address: paths.myRequests, title: /^My requests/ }],
  '/my/requests/$number': [
    { name: 'my-request', address: ({ waiting }) => paths.myRequest(waiting), title: /Reset MFA/ },
  ],
  '/requests': [
    { name: 'requests', address: () => paths.requests(), title: /^Requests/ },
    {
      name: 'requests-no-match',
      address: () => paths.requests({ search: 'nothing like this' }),
      title: /^Requests/,
    },
    {
      name: 'palette',
      address: () => paths.requests(),
      title: /^Requests/,
      open: async (page) => {
        await page.keyboard.press('/')
        await page.getByRole('dialog').getByText('Go to').waitFor()
      },
    },
    {
      name: 'shortcuts',
      address: () => paths.requests(),
      title: /^Requests/,
      open: async (page) => {
        await page.keyboard.press('?')
        await page.getByRole('dialog').getByText('Next row of a table').waitFor()
      },
    },
  ],
  '/requests/$number': [
    { name: 'request-waiting', address: ({ waiting }) => paths.request(waiting), title: /Reset MFA/ },
    { name: 'request-long', address: ({ long }) => paths.request(long), title: /A subject/ },
    {
      name: 'request-plan',
      address: ({ long }) => paths.request(long),
      title: /A subject/,
      open: async (page) => {
        await page.getByRole('button', { name: 'Suspend user' }).click()
        await page.getByRole('button', { name: 'Not now' }).waitFor()
      },
    },
  ],
  '/people': [
    { name: 'people', address: () => paths.people(), title: /^People/ },
    { name: 'people-suspended', address: () => paths.people({ status: 'SUSPENDED' }), title: /^People/ },
    { name: 'people-no-match', address: () => paths.people({ search: 'nobody at all' }), title: /^People/ },
  ],
  '/people/$personId': [
    { name: 'person', address: ({ person }) => paths.person(person), title: 'Ada Kingsley' },
    {
      name: 'person-unknown',
      address: () => paths.person('per_00000000000000000000000000'),
      title: 'Person',
      missing: true,
    },
  ],
  '/groups': [{ name: 'groups', address: () => paths.groups(), title: /^Groups/ }],
  '/groups/$groupId': [{ name: 'group', address: ({ group }) => paths.group(group), title: 'Engineering' }],
  '/apps': [{ name: 'apps', address: () => paths.apps(), title: /^Apps/ }],
  '/apps/$appId': [{ name: 'app', address: ({ app }) => paths.app(app), title: /\w/ }],
  '/settings': [{ name: 'settings', address: paths.settings, title: 'Settings' }],
  '/settings/okta': [{ name: 'okta', address: paths.okta, title: /^Okta: / }],
  '/settings/provisioning': [{ name: 'provisioning', address: paths.provisioning, title: 'Provisioning' }],
  '/settings/provisioning/new': [
    { name: 'connection-new', address: paths.newConnection, title: 'Connect an identity provider' },
    {
      name: 'connection-new-missing',
      address: paths.newConnection,
      title: 'Connect an identity provider',
      open: async (page) => {
        await button('Create connection')(page)
        await page.getByText('Choose your identity provider.').waitFor()
      },
    },
  ],
  '/settings/provisioning/$connectionId': [
    { name: 'connection', address: ({ connection }) => paths.connection(connection), title: 'Acme Okta' },
    {
      name: 'connection-calls',
      address: ({ connection }) => paths.connection(connection, { tab: 'calls' }),
      title: 'Acme Okta',
    },
    {
      name: 'connection-calls-no-match',
      address: ({ connection }) =>
        paths.connection(connection, { tab: 'calls', search: 'nothing like this' }),
      title: 'Acme Okta',
    },
    {
      name: 'connection-call',
      address: ({ connection, refused }) => paths.connection(connection, { tab: 'calls', call: refused }),
      title: 'Acme Okta',
      open: (page) => page.getByRole('dialog', { name: 'Call' }).getByText('Replay as curl').waitFor(),
    },
    {
      name: 'connection-holds',
      address: ({ connection }) => paths.connection(connection, { tab: 'holds' }),
      title: 'Acme Okta',
    },
    {
      name: 'connection-holds-release',
      address: ({ connection }) => paths.connection(connection, { tab: 'holds' }),
      title: 'Acme Okta',
      open: button(/^Release/),
    },
    {
      name: 'connection-credentials',
      address: ({ connection }) => paths.connection(connection, { tab: 'credentials' }),
      title: 'Acme Okta',
    },
    {
      name: 'connection-rotate',
      address: ({ watching }) => paths.connection(watching, { tab: 'credentials' }),
      title: 'Entra, watched',
      open: button('Rotate'),
    },
    {
      name: 'connection-settings',
      address: ({ connection }) => paths.connection(connection, { tab: 'settings' }),
      title: 'Acme Okta',
    },
    {
      name: 'connection-attributes',
      address: ({ connection }) => paths.connection(connection, { tab: 'attributes' }),
      title: 'Acme Okta',
      open: button('Add attributes'),
    },
    { name: 'watching', address: ({ watching }) => paths.connection(watching), title: 'Entra, watched' },
    {
      name: 'watching-changes',
      address: ({ watching }) => paths.connection(watching, { tab: 'shadow' }),
      title: 'Entra, watched',
    },
    {
      name: 'connection-unknown',
      address: () => paths.connection('svc_00000000000000000000000000'),
      title: 'Connection',
      missing: true,
    },
  ],
  '/settings/provisioning/$connectionId/set-up': [
    {
      name: 'set-up',
      address: ({ connection }) => paths.connectionSetUp(connection),
      title: 'Set up the connection',
    },
    {
      name: 'set-up-entra',
      address: ({ watching }) => paths.connectionSetUp(watching),
      title: 'Set up the connection',
    },
  ],
  '/settings/members': [
    { name: 'members', address: () => paths.members(), title: 'Members' },
    {
      name: 'my-menu',
      address: () => paths.members(),
      title: 'Members',
      open: button('Sam Okafor: my menu'),
    },
    {
      name: 'member',
      address: () => paths.members(),
      title: 'Members',
      open: async (page) => {
        await page
          .getByRole('row', { name: /Sam Okafor/ })
          .getByRole('button')
          .click()
        await page.getByRole('dialog', { name: 'Sam Okafor' }).waitFor()
      },
    },
    {
      name: 'member-provisioned',
      address: ({ provisioned }) => paths.members({ member: provisioned }),
      title: 'Members',
      open: (page) => page.getByRole('dialog').getByRole('list', { name: 'History' }).waitFor(),
    },
    {
      name: 'member-invite',
      address: () => paths.members(),
      title: 'Members',
      open: button('Invite member'),
    },
  ],
  '/settings/roles': [
    { name: 'roles', address: paths.roles, title: 'Roles' },
    { name: 'role-new', address: paths.roles, title: 'Roles', open: button('Create role') },
  ],
  '/settings/services': [{ name: 'services', address: paths.services, title: 'Services and approvals' }],
  '/settings/tokens': [{ name: 'tokens', address: paths.tokens, title: 'API tokens' }],
  '/settings/audit': [
    { name: 'audit', address: () => paths.audit(), title: 'Audit log' },
    {
      name: 'audit-line',
      address: () => paths.audit(),
      title: 'Audit log',
      open: (page) => page.getByRole('list', { name: 'Events' }).getByRole('button').first().click(),
    },
  ],
  '/settings/profile': [{ name: 'profile', address: paths.profile, title: /\w/ }],
  '/$': [{ name: 'not-found', address: () => '/no/such/page', title: 'No such page' }],
}

// All of these show the same page, so it is looked at once, and of the others the title is enough.
const denied = (name: string, address: Visit['address']): Visit[] => [
  { name: `${name}-denied`, address, title: 'Not for your role', briefly: name !== 'okta' },
]

const REQUESTER: Visits = {
  '/sign-in': [],
  '/sign-in/link': [],
  '/': [{ name: 'home', address: paths.home, title: 'What do you need?' }],
  '/inbox': [{ name: 'inbox', address: () => paths.inbox(), title: 'Waiting for me' }],
  '/ask/$serviceKey': [
    { name: 'ask-mfa', address: () => paths.ask('reset-mfa'), title: 'Reset MFA' },
    { name: 'ask-group', address: () => paths.ask('group-access'), title: 'Request group access' },
    {
      name: 'ask-missing',
      address: () => paths.ask('something-else'),
      title: 'Something else',
      open: button(/^Send/),
    },
    { name: 'ask-unknown', address: () => paths.ask('no-such-service'), title: /\w/ },
  ],
  '/my/requests': [{ name: 'my-requests', address: paths.myRequests, title: /^My requests/ }],
  '/my/requests/$number': [
    { name: 'my-request', address: ({ own }) => paths.myRequest(own), title: /A chair/ },
    {
      name: 'my-request-foreign',
      address: ({ waiting }) => paths.myRequest(waiting),
      title: /\w/,
      missing: true,
    },
  ],
  '/requests': denied('requests', () => paths.requests()),
  '/requests/$number': denied('request', ({ waiting }) => paths.request(waiting)),
  '/people': denied('people', () => paths.people()),
  '/people/$personId': denied('person', ({ person }) => paths.person(person)),
  '/groups': denied('groups', () => paths.groups()),
  '/groups/$groupId': denied('group', ({ group }) => paths.group(group)),
  '/apps': denied('apps', () => paths.apps()),
  '/apps/$appId': denied('app', ({ app }) => paths.app(app)),
  '/settings': [{ name: 'settings', address: paths.settings, title: 'Settings' }],
  '/settings/okta': denied('okta', paths.okta),
  '/settings/provisioning': denied('provisioning', paths.provisioning),
  '/settings/provisioning/new': denied('connection-new', paths.newConnection),
  '/settings/provisioning/$connectionId': denied('connection', ({ connection }) =>
    paths.connection(connection),
  ),
  '/settings/provisioning/$connectionId/set-up': denied('set-up', ({ connection }) =>
    paths.connectionSetUp(connection),
  ),
  '/settings/members': denied('members', () => paths.members()),
  '/settings/roles': denied('roles', paths.roles),
  '/settings/services': denied('services', paths.services),
  '/settings/tokens': denied('tokens', paths.tokens),
  '/settings/audit': denied('audit', () => paths.audit()),
  '/settings/profile': [{ name: 'profile', address: paths.profile, title: /\w/ }],
  '/$': [{ name: 'not-found', address: () => '/no/such/page', title: 'No such page' }],
}

/** In a workspace that was just made. */
const EMPTY: Visit[] = [
  { name: 'inbox', address: () => paths.inbox(), title: 'Waiting for me' },
  { name: 'requests', address: () => paths.requests(), title: /^Requests/ },
  { name: 'people', address: () => paths.people(), title: 'People' },
  { name: 'groups', address: () => paths.groups(), title: 'Groups' },
  { name: 'apps', address: () => paths.apps(), title: 'Apps' },
  { name: 'okta', address: paths.okta, title: 'Connect Okta' },
  { name: 'provisioning', address: paths.provisioning, title: 'Provisioning' },
  { name: 'members', address: () => paths.members(), title: 'Members' },
  { name: 'tokens', address: paths.tokens, title: 'API tokens' },
  { name: 'audit', address: () => paths.audit(), title: 'Audit log' },
]

let browser: Browser
let owner: Desk
let requester: Desk
let stranger: Desk
let beginner: Desk
let known: Known

beforeAll(async () => {
  browser = await openBrowser()
  const [ownerLink, requesterLink, emptyLink] = await Promise.all([
    signInLink('sam.okafor@acme.example'),
    signInLink('grace.moreau@acme.example'),
    makeEmptyWorkspace(),
  ])
  owner = await openDesk(browser)
  requester = await openDesk(browser)
  stranger = await openDesk(browser)
  beginner = await openDesk(browser)
  await signIn(owner.page, ownerLink)
  await signIn(requester.page, requesterLink)
  await signIn(beginner.page, emptyLink)
  known = await prepare()
  for (const desk of [owner, requester, beginner]) desk.faults()
})
afterAll(() => browser?.close())

test('every route has its visits', async () => {
  const source = await readFile(new URL('../src/routes.tsx', import.meta.url), 'utf8')
  const routes = [...source.matchAll(/^ {2}path: '([^']+)'/gm)].map((match) => match[1])
  routes.push(...[...source.matchAll(/, path: '([^']+)'/g)].map((match) => match[1]))
  expect(routes.length).toBeGreaterThan(20)
  for (const visits of [OWNER, REQUESTER]) expect(Object.keys(visits).sort()).toEqual(routes.sort())
})

describe('the owner', () => {
  test.for(numbered(20, 'owner', Object.values(OWNER).flat()))('sees $file', ({ file, visit }) =>
    see(owner, file, visit),
  )
})

describe('a requester', () => {
  test.for(numbered(100, 'requester', Object.values(REQUESTER).flat()))('sees $file', ({ file, visit }) =>
    see(requester, file, visit),
  )
})

describe('the owner of a new workspace', () => {
  test.for(numbered(160, 'empty', EMPTY))('sees $file', ({ file, visit }) => see(beginner, file, visit))
})

describe('somebody signed out', () => {
  test.for(Object.values(OWNER).flatMap(([visit]) => visit ?? []))(
    'is asked to sign in at $name',
    async ({ address }) => {
      const { page, faults } = stranger
      const to = address(known)
      await page.goto(`${consoleUrl()}${to}`)
      const open = to.startsWith('/sign-in')
      await expect.poll(() => new URL(page.url()).pathname, { timeout: 10_000 }).toMatch(/^\/sign-in/)
      await settled(page)
      expect(await titleOf(page)).toMatch(open ? /^(Sign in|This link)/ : /^Sign in/)
      if (!open) expect(new URL(page.url()).searchParams.get('to')).toBe(to)
      expect(faults()).toEqual([])
    },
  )

  const signInVisit = { address: () => paths.signIn(), title: /^Sign in/ }
  const out: Visit[] = [
    { ...signInVisit, name: 'sign-in' },
    { ...signInVisit, name: 'sign-in-password', open: button('Use a password instead') },
    {
      ...signInVisit,
      name: 'sign-in-invalid',
      open: async (page) => {
        await page.getByRole('textbox', { name: 'Work e-mail' }).fill('ada')
        await button('Send me a sign-in link')(page)
        await page.getByText('Write your whole address').waitFor()
      },
    },
  ]
  test.for(numbered(150, 'out', out))('sees $file', ({ file, visit }) => see(stranger, file, visit))
})

test('on a phone the rest of the navigation is in a drawer', async () => {
  const { page } = owner
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${consoleUrl()}${paths.people()}`)
  await button('More')(page)
  await page.getByRole('dialog').getByRole('link', { name: 'Settings' }).waitFor()
  expect(await inspect(owner, '99-owner-drawer', [['light', 390]])).toEqual([])
})

function numbered(from: number, who: string, visits: Visit[]) {
  return visits.map((visit, at) => ({ visit, file: `${from + at}-${who}-${visit.name}` }))
}

async function see(desk: Desk, file: string, visit: Visit): Promise<void> {
  const { page } = desk
  await page.goto(`${consoleUrl()}${visit.address(known)}`)
  await settled(page)
  expect(await titleOf(page)).toMatch(visit.title)
  if (visit.briefly) return expect(desk.faults()).toEqual([])
  await visit.open?.(page)
  const wrong = await inspect(desk, file)
  expect(visit.missing ? wrong.filter((fault) => !isMissing(fault)) : wrong).toEqual([])
}

const isMissing = (fault: string) => /status of 404|ProblemError: There is no such/.test(fault)

async function titleOf(page: Page): Promise<string> {
  return (await page.locator('h1:visible').textContent()) ?? ''
}

async function makeEmptyWorkspace(): Promise<string> {
  await command('workspace', 'create', '--workspace', 'empty', '--name', 'Empty')
  const { link } = await command(
    ...['member', 'invite', '--workspace', 'empty', '--role', 'owner'],
    ...['--email', 'nina@empty.example', '--name', 'Nina Novak'],
  )
  return link ?? ''
}

/** Requests in several states: one waits for Grace, one has a subject without end, one is Grace's own. */
async function prepare(): Promise<Known> {
  const asOwner = api(owner.context)
  const person = await first(asOwner, '/people?search=ada%20kingsley')
  const grace = await asOwner.get(`/people/${(await first(asOwner, '/people?search=grace%20moreau')).id}`)
  // Somebody below Grace whom no other test calls by name.
  const named = ['Ada Kingsley', 'Sam Okafor', 'Noor Haddad']
  const others = (grace.reports as Json[]).filter(({ displayName }) => !named.includes(displayName))
  const reports = await Promise.all(others.map(({ id }) => asOwner.get(`/people/${id}`)))
  const asker = reports.find(({ status }) => status === 'ACTIVE')
  const hers = await openDesk(browser)
  await signIn(hers.page, await signInLink(asker.email))

  const services = (await asOwner.get('/services')).items as Json[]
  const file = (who: ReturnType<typeof api>, key: string, answers: Record<string, string>): Promise<Json> =>
    who.post('/requests', { serviceId: services.find((one) => one.key === key).id, answers })
  const waiting = await file(api(hers.context), 'reset-mfa', { what: 'I have a new phone' })
  const long = await file(api(hers.context), 'something-else', {
    subject: `A subject that goes on and on, with ${'averylongword'.repeat(12)} in it, and then some more of it`,
    reason: `First line.\n${'no-spaces-here-'.repeat(30)}\nLast line.`,
  })
  const own = await file(api(requester.context), 'something-else', { subject: 'A chair' })
  await hers.close()

  const proposal = {
    actionId: 'okta.user.reset_mfa',
    input: { user: asker.oktaUserId },
    requestId: waiting.id,
  }
  const { digest } = await asOwner.post('/action-plans', proposal)
  await asOwner.post('/action-runs', { ...proposal, digest })
  await asOwner.post(`/requests/${waiting.number}/messages`, { body: 'She asks often.', internal: true })
  await asOwner.post(`/requests/${waiting.number}/messages`, { body: 'Grace has to agree first.' })

  return {
    waiting: waiting.number,
    long: long.number,
    own: own.number,
    person: person.id,
    group: (await first(asOwner, '/groups?search=engineering')).id,
    app: (await first(asOwner, '/apps')).id,
    ...(await provision(asOwner)),
  }
}

/** One connection with a little of everything that can happen to it, and one that only watches. */
async function provision(asOwner: ReturnType<typeof api>) {
  const connection = await asOwner.post('/scim-connections', { name: 'Acme Okta', client: 'okta-oin' })
  const call = await providerOf(asOwner, connection)
  await asOwner.post(`/service-users/${connection.id}/basic-credentials`, { serviceUserId: connection.id })
  const people: Json[] = []
  for (const name of ['Ines Abel', 'Bo Carlsen', 'Dana Eck', 'Finn Gold', 'Hana Ito'])
    people.push(await call('POST', '/Users', userCalled(name)))
  await call('POST', '/Groups', {
    schemas: [GROUP],
    displayName: 'Night shift',
    members: people.map(({ id }) => ({ value: id })),
  })
  await call('POST', '/Users', userCalled('Ines Abel'))
  for (const { id } of people) await call('PATCH', `/Users/${id}`, deactivation)

  const watching = await asOwner.post('/scim-connections', {
    name: 'Entra, watched',
    client: 'entra-compliant',
    shadow: true,
  })
  const watched = await providerOf(asOwner, watching)
  const seen = await watched('POST', '/Users', userCalled('Jo Kim'))
  await watched('POST', '/Groups', {
    schemas: [GROUP],
    displayName: 'Front desk',
    members: [{ value: seen.id }],
  })
  // Calls are written down together, a moment after they were answered.
  await vi.waitFor(
    async () =>
      expect((await asOwner.get(`/scim-connections/${watching.id}/calls`)).total).toBeGreaterThan(1),
    { timeout: 10_000 },
  )
  const refused = await first(asOwner, `/scim-connections/${connection.id}/calls?outcome=refused`)
  return { connection: connection.id, watching: watching.id, refused: refused.id, provisioned: people[0].id }
}

const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'

function userCalled(name: string) {
  const [givenName = '', familyName = ''] = name.split(' ')
  const userName = `${givenName}.${familyName}@acme.example`.toLowerCase()
  return {
    schemas: [USER],
    userName,
    active: true,
    name: { givenName, familyName },
    title: 'Agent of the second line, with a title that is as long as titles can be in a large house',
    emails: [{ value: userName, type: 'work', primary: true }],
    phoneNumbers: [{ value: '+31 20 555 0100', type: 'work' }],
  }
}

const deactivation = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', value: { active: false } }],
}

/** Calls as an identity provider does, whatever the answer. */
async function providerOf(asOwner: ReturnType<typeof api>, { id, baseUrl }: Json) {
  const { token } = await asOwner.post(`/service-users/${id}/tokens`, { serviceUserId: id })
  return async (method: string, path: string, body: object): Promise<Json> => {
    const answer = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify(body),
    })
    return answer.status === 204 ? undefined : answer.json()
  }
}

// What an answer holds is checked by the pages that show it.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Json = any

/** The HTTP interface with the session of a browser. */
function api({ request }: BrowserContext) {
  const at = (path: string) => `${consoleUrl()}/api/v1${path}`
  return {
    get: async (path: string): Promise<Json> => (await request.get(at(path))).json(),
    async post(path: string, data: object): Promise<Json> {
      const answer = await request.post(at(path), { data })
      if (!answer.ok()) throw new Error(`${answer.status()} to POST ${path}: ${await answer.text()}`)
      return answer.json()
    },
  }
}

async function first(caller: ReturnType<typeof api>, path: string): Promise<Json> {
  return (await caller.get(path)).items[0]
}
