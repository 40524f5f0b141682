/**
 * Every page of the console, as an owner, as a requester, signed out, and in a workspace where there is
 * nothing yet: light and dark, on a desk and on a phone. Keeps a picture of each.
 */
import { readFile } from 'node:fs/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
  '/settings/members': [
    { name: 'members', address: paths.members, title: 'Members' },
    { name: 'my-menu', address: paths.members, title: 'Members', open: button('Sam Okafor: my menu') },
    {
      name: 'member',
      address: paths.members,
      title: 'Members',
      open: async (page) => {
        await page
          .getByRole('row', { name: /Sam Okafor/ })
          .getByRole('button')
          .click()
        await page.getByRole('dialog', { name: 'Sam Okafor' }).waitFor()
      },
    },
    { name: 'member-invite', address: paths.members, title: 'Members', open: button('Invite member') },
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
  '/settings/members': denied('members', paths.members),
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
  { name: 'members', address: paths.members, title: 'Members' },
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
  test.for(numbered(60, 'requester', Object.values(REQUESTER).flat()))('sees $file', ({ file, visit }) =>
    see(requester, file, visit),
  )
})

describe('the owner of a new workspace', () => {
  test.for(numbered(100, 'empty', EMPTY))('sees $file', ({ file, visit }) => see(beginner, file, visit))
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
  test.for(numbered(90, 'out', out))('sees $file', ({ file, visit }) => see(stranger, file, visit))
})

test('on a phone the rest of the navigation is in a drawer', async () => {
  const { page } = owner
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${consoleUrl()}${paths.people()}`)
  await button('More')(page)
  await page.getByRole('dialog').getByRole('link', { name: 'Settings' }).waitFor()
  expect(await inspect(owner, '58-owner-drawer', [['light', 390]])).toEqual([])
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
