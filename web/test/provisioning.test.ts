/**
 * From an empty connection to the first provisioned agent, by clicking: in Keydesk as its owner, in a sandbox
 * Okta as its admin. The guide `docs/guides/provision-agents-from-okta.md` shows the pictures taken here. The
 * tests are one story and run in order.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Desk, openBrowser, openDesk, settled } from './browser.ts'
import { command, consoleUrl, screenshots, signIn, signInLink } from './keydesk.ts'

const WORKSPACE = 'north'

let browser: Browser
let nina: Desk
let okta: Desk
let sandbox: { url: string; child: ChildProcess }
let token = ''
let baseUrl = ''
let broken = false

beforeAll(async () => {
  browser = await openBrowser()
  nina = await openDesk(browser)
  okta = await openDesk(browser)
  sandbox = await startSandbox()
  await command('workspace', 'create', '--workspace', WORKSPACE, '--name', 'North')
  await command(
    ...['member', 'invite', '--workspace', WORKSPACE, '--role', 'owner'],
    ...['--email', 'nina@north.example', '--name', 'Nina Novak'],
  )
  await signIn(nina.page, await signInLink('nina@north.example', WORKSPACE))
  nina.faults()
})
afterAll(async () => {
  await browser?.close()
  sandbox?.child.kill('SIGTERM')
})
// One story: after a step that failed, the later ones say nothing.
beforeEach(({ skip, onTestFailed }) => {
  skip(broken, 'an earlier step failed')
  onTestFailed(() => {
    broken = true
  })
})
afterEach(() => {
  for (const desk of [nina, okta]) expect(desk.faults()).toEqual([])
})

describe('a new admin connects Okta', () => {
  test('an empty page says what it is for, and has one act', async () => {
    const { page } = nina
    await page.goto(`${consoleUrl()}/settings`)
    await page
      .getByRole('main')
      .getByRole('link', { name: /^Provisioning/ })
      .click()
    await page.getByRole('heading', { name: 'No identity provider is connected' }).waitFor()
    await picture(page, 'provision-okta-1-empty')
    await page.getByRole('link', { name: 'Connect an identity provider' }).click()
  })

  test('two questions make the connection; answers survive a reload', async () => {
    const { page } = nina
    await titled(page, 'Connect an identity provider')
    await page.getByRole('radio', { name: 'Okta, with your own SAML app' }).click()
    await page.getByRole('textbox', { name: 'Name of the connection' }).fill('Okta of North')
    await page.reload()
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Name of the connection' }).inputValue())
      .toBe('Okta of North')
    expect(await page.getByRole('radio', { name: 'Okta, with your own SAML app' }).isChecked()).toBe(true)
    await page.getByRole('combobox', { name: 'Default role' }).click()
    expect(await page.getByRole('option', { name: 'Owner', exact: true }).count()).toBe(0)
    await page.getByRole('option', { name: 'Agent', exact: true }).click()
    await picture(page, 'provision-okta-2-questions')
    await page.getByRole('button', { name: 'Create connection' }).click()
    await titled(page, 'Set up the connection')
  })

  test('the token is shown once, and the light waits', async () => {
    const { page } = nina
    await page.getByText('No credential yet').waitFor()
    await page.getByRole('button', { name: 'Create token' }).click()
    const shown = page.getByRole('status').filter({ hasText: 'Copy the token now' })
    token = (await shown.getByLabel('Token', { exact: true }).textContent()) ?? ''
    expect(token).toMatch(/^kd_/)
    await page.getByText('Waiting for the first call…').waitFor()
    const form = page.getByLabel('SCIM connection in Okta')
    baseUrl = (await form.locator('.kd-mono').first().textContent()) ?? ''
    expect(baseUrl).toBe(`${consoleUrl()}/scim/v2/${WORKSPACE}`)
    await picture(page, 'provision-okta-3-token')
  })

  test('the light turns green by itself when Okta tests the connection', async () => {
    // A reload would forget this.
    await nina.page.evaluate(() => Object.assign(window, { sameDocument: true }))
    const { page } = okta
    await page.goto(`${sandbox.url}/admin`)
    await page.getByLabel('SCIM base URL').fill(baseUrl)
    await page.getByLabel('API token', { exact: true }).fill(token)
    await page
      .getByRole('region', { name: /provisioning/ })
      .getByRole('button', { name: 'Save' })
      .click()
    await page.getByText('Save provisioning: done.').waitFor()
    await page.getByRole('button', { name: 'Test connection' }).click()
    await page.getByText('Test connection: done.').waitFor()
    await picture(page, 'provision-okta-4-okta', page.getByRole('region', { name: /provisioning/ }))

    await nina.page.getByText(/^Okta called/).waitFor()
    await nina.page.getByText(/^GET \/Users\?.* → 200$/).waitFor()
    await nina.page.getByRole('button', { name: 'I have stored it' }).click()
    await nina.page.evaluate(() => window.scrollTo(0, 0))
    await picture(nina.page, 'provision-okta-5-light')
    expect(await nina.page.evaluate(() => 'sameDocument' in window)).toBe(true)
    expect(await nina.page.content()).not.toContain(token)
  })

  test('a person assigned in Okta is a member, and the page says why she has her role', async () => {
    await inOkta('Name or address', 'Noor', 'Noor Haddad', 'Assign')
    const { page } = nina
    await page.getByRole('link', { name: 'See the members' }).click()
    await page
      .getByRole('row', { name: /Noor Haddad/ })
      .getByRole('button')
      .click()
    const member = page.getByRole('dialog', { name: 'Noor Haddad' })
    await member.getByRole('heading', { name: 'Roles, and why' }).waitFor()
    await member.getByText('has no other role').waitFor()
    await member.getByRole('list', { name: 'History' }).getByRole('listitem').first().waitFor()
    await picture(page, 'provision-okta-6-member')
    await page.keyboard.press('Escape')
  })

  test('a pushed group is a role, and its calls are in the log with what they did', async () => {
    await inOkta('Group name', 'Keydesk Agents', 'Keydesk Agents', 'Push')
    const { page } = nina
    await page.goto(`${consoleUrl()}/settings/provisioning`)
    await page
      .getByRole('row', { name: /Okta of North/ })
      .getByRole('link')
      .click()
    await titled(page, 'Okta of North')
    await settled(page)
    await picture(page, 'provisioning-light')
    await page.emulateMedia({ colorScheme: 'dark' })
    await settled(page)
    await picture(page, 'provisioning-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await page
      .getByRole('navigation', { name: 'Parts of the connection' })
      .getByRole('link', { name: 'Calls' })
      .click()
    const created = page.getByRole('row', { name: /POST.*\/Groups/ })
    await created.first().waitFor()
    await settled(page)
    await picture(page, 'provision-okta-8-calls')
    await created.first().getByRole('link').click()
    const call = page.getByRole('dialog', { name: 'Call' })
    await call.getByText('Keydesk Agents').first().waitFor()
    await call.getByRole('figure', { name: 'Replay as curl' }).waitFor()
    expect(await call.textContent()).not.toContain(token)
    await picture(page, 'provision-okta-9-call')
    await page.keyboard.press('Escape')
    await call.waitFor({ state: 'hidden' })
    expect(new URL(page.url()).searchParams.get('call')).toBeNull()
  })

  test('deactivated in Okta is locked out here, and the history tells it', async () => {
    await inOkta('Name or address', 'Noor', 'Noor Haddad', 'Deactivate in Okta')
    const { page } = nina
    await page.goto(`${consoleUrl()}/settings/members`)
    const row = page.getByRole('row', { name: /Noor Haddad/ })
    await row.getByText('Deactivated').waitFor()
    await row.getByRole('button').click()
    const history = page.getByRole('dialog', { name: 'Noor Haddad' }).getByRole('list', { name: 'History' })
    await history
      .getByText(/deactivated/i)
      .first()
      .waitFor()
  })
})

describe('a connection that watches first', () => {
  test('what the provider sends is shown, changes nobody, and happens on going live', async () => {
    const { page } = nina
    await page.goto(`${consoleUrl()}/settings/provisioning/new`)
    await titled(page, 'Connect an identity provider')
    await page.getByRole('radio', { name: 'Microsoft Entra ID' }).click()
    await page.getByRole('switch', { name: 'Watch first' }).check()
    await page.getByRole('button', { name: 'Create connection' }).click()
    await titled(page, 'Set up the connection')
    await page.getByRole('button', { name: 'Create token' }).click()
    const shown = page.getByRole('status').filter({ hasText: 'Copy the token now' })
    const secret = (await shown.getByLabel('Token', { exact: true }).textContent()) ?? ''
    await picture(page, 'provision-entra-1-set-up')

    await provision(secret, 'Jo Kim')
    await page.getByText(/^Microsoft Entra ID called/).waitFor()
    await page.getByRole('link', { name: 'See what would change' }).click()
    const people = page.getByRole('list', { name: 'People' })
    await people.getByText('Jo Kim').first().waitFor()
    await settled(page)
    await picture(page, 'provision-entra-2-would-change')
    expect(await memberNames(page)).not.toContain('Jo Kim')

    await page.getByRole('button', { name: /^Go live with/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Go live' }).click()
    await page.getByText('Live', { exact: true }).waitFor()
    expect(await memberNames(page)).toContain('Jo Kim')
  })

  test('a token is rotated: two work until the new one is used, then the old one has ended', async () => {
    const { page } = nina
    await page
      .getByRole('navigation', { name: 'Parts of the connection' })
      .getByRole('link', { name: 'Credentials' })
      .click()
    await page.getByRole('button', { name: 'Rotate' }).click()
    await page.getByRole('button', { name: 'Create the next token' }).click()
    const shown = page.getByRole('status').filter({ hasText: 'Copy the token now' })
    const next = (await shown.getByLabel('Token', { exact: true }).textContent()) ?? ''
    await page.getByText(/^Ends by itself when/).waitFor()
    await settled(page)
    await picture(page, 'provision-okta-10-rotate')

    await provision(next, 'Pia Lund')
    await page.getByText(/^Ends by itself when/).waitFor({ state: 'detached' })
    const credentials = page.getByRole('list', { name: 'Credentials', exact: true })
    expect(await credentials.getByRole('listitem').count()).toBe(1)
  })
})

const titled = (page: Page, title: string | RegExp) =>
  page.getByRole('heading', { level: 1, name: title }).waitFor()

/** A picture of what is in sight: a guide shows one thing at a time. */
async function picture(page: Page, name: string, of: Locator | Page = page): Promise<void> {
  await page.mouse.move(0, 0)
  mkdirSync(screenshots, { recursive: true })
  await of.screenshot({
    path: join(screenshots, `${name}.png`),
    animations: 'disabled',
    // The place that is kept for a scrollbar, which this browser does not draw.
    style: 'html { scrollbar-gutter: auto !important }',
  })
}

/** Clicks on the sandbox's admin page, as an Okta admin: finds a row and presses a button of it. */
async function inOkta(field: string, search: string, row: string, act: string): Promise<void> {
  const { page } = okta
  await page.getByPlaceholder(field).fill(search)
  await page.getByPlaceholder(field).press('Enter')
  const line = page.getByRole('listitem').filter({ hasText: row })
  await line.getByRole('button', { name: act, exact: true }).first().click()
  await page.getByRole('status').getByText(`${act}: done.`).waitFor()
}

/** Creates a person as Entra does. */
async function provision(secret: string, name: string): Promise<void> {
  const [givenName = '', familyName = ''] = name.split(' ')
  const userName = `${givenName}.${familyName}@north.example`.toLowerCase()
  const answer = await fetch(`${baseUrl}/Users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName,
      displayName: name,
      active: true,
      name: { givenName, familyName },
      emails: [{ value: userName, type: 'work', primary: true }],
    }),
  })
  expect(answer.status).toBe(201)
}

async function memberNames(page: Page): Promise<string[]> {
  const answer = await page.request.get(`${consoleUrl()}/api/v1/members`)
  const { items } = (await answer.json()) as { items: { displayName: string }[] }
  return items.map(({ displayName }) => displayName)
}

/** An Okta of this story's own: the demo's goes on provisioning into the demo's workspace. */
async function startSandbox(): Promise<{ url: string; child: ChildProcess }> {
  const program = fileURLToPath(new URL('../../packages/okta-sandbox/src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [program, '--port', '0', '--users', '20', '--no-rate-limits'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  const url = /http:\/\/[\w.:]+/.exec(chunk.toString('utf8'))?.[0]
  if (!url) throw new Error(`The sandbox did not say where it is: ${chunk.toString('utf8')}`)
  return { url, child }
}
