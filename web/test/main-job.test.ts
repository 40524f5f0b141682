/**
 * The main job by clicking: the owner looks at the connected Okta and its people, Ada asks for an MFA reset,
 * Sam plans it, her manager Grace approves it on her phone, Okta does it once, and the log tells it. Then Okta
 * makes Noor an agent, and locks her out. The tests are one story and run in order.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Desk, openBrowser, openDesk, photograph, settled } from './browser.ts'
import { consoleUrl, ledger, sandboxUrl, signIn, signInLink } from './keydesk.ts'

let browser: Browser
let sam: Desk
let ada: Desk
let grace: Desk
let noor: Desk
let okta: Desk
let requestNumber = ''
let broken = false

beforeAll(async () => {
  browser = await openBrowser()
  sam = await openDesk(browser)
  ada = await openDesk(browser)
  grace = await openDesk(browser, { width: 390 })
  noor = await openDesk(browser)
  okta = await openDesk(browser)
})
afterAll(() => browser?.close())
// One story: after a step that failed, the later ones say nothing.
beforeEach(({ skip, onTestFailed }) => {
  skip(broken, 'an earlier step failed')
  onTestFailed(() => {
    broken = true
  })
})
afterEach(() => {
  for (const desk of [sam, ada, grace, noor, okta]) expect(desk.faults()).toEqual([])
})

const navigation = (page: Page) => page.getByRole('navigation', { name: 'Main' })
const titled = (page: Page, title: string | RegExp) =>
  page.getByRole('heading', { level: 1, name: title }).waitFor()

async function goTo(page: Page, place: string) {
  await navigation(page).getByRole('link', { name: place }).click()
}

async function openSettings(page: Page, place: string) {
  await goTo(page, 'Settings')
  const main = page.getByRole('main')
  await main.getByRole('link', { name: new RegExp(`^${place}`) }).click()
}

/** What stands in a list of facts under a label. */
function fact(page: Page, label: string) {
  return page.locator('dl > div', { has: page.getByText(label, { exact: true }) }).getByRole('definition')
}

describe('the main job, by clicking', () => {
  test('the owner signs in with the link and lands in the inbox', async () => {
    const { page } = sam
    await page.goto(await signInLink('sam.okafor@acme.example'))
    await titled(page, /^Sign in to /)
    await settled(page)
    await photograph(page, '01-sign-in-link', 'light', 1440)
    await page.getByRole('button', { name: /^Sign in to / }).click()
    await titled(page, 'Waiting for me')
    expect(new URL(page.url()).pathname).toBe('/inbox')
    expect(page.url()).not.toContain('token')
  })

  test('the owner sees the connected Okta and reads its directory again', async () => {
    const { page } = sam
    await openSettings(page, 'Okta')
    await titled(page, /^Okta: /)
    await expectText(fact(page, 'State'), 'Connected')
    await expectText(fact(page, 'People'), '500')

    // The first import has used up this minute's share of Okta's limits; for the sandbox, a minute passes.
    await fetch(`${sandboxUrl()}/_sandbox/rate-limits`, { method: 'DELETE' })
    await page.getByRole('button', { name: 'Import again' }).click()
    await page.getByText('Keep working; the import goes on without this page.').waitFor()
    await photograph(page, '02-import-running', 'light', 1440)
    await page.getByText('Imported', { exact: true }).waitFor({ timeout: 60_000 })
    await expectText(fact(page, 'People'), '500')
    await page.getByRole('link', { name: 'Look at your people' }).click()
  })

  test('the people list holds everybody and finds Ada, whose page shows her as Okta has her', async () => {
    const { page } = sam
    await titled(page, /^People\s*500$/)
    await page.getByRole('searchbox', { name: 'Search people' }).fill('Ada Kingsley')
    await titled(page, /^People\s*1$/)
    await page
      .getByRole('row', { name: /Ada Kingsley/ })
      .getByRole('link')
      .click()

    await titled(page, 'Ada Kingsley')
    const now = page.getByRole('region', { name: 'In Okta now' })
    await now.getByText('Active', { exact: true }).waitFor()
    await expectText(now, 'Okta Verify')
    await settled(page)
    await photograph(page, '03-ada', 'light', 1440)
  })

  test('Ada asks for an MFA reset in the portal', async () => {
    const { page } = ada
    await signIn(page, await signInLink('ada.kingsley@acme.example'))
    await titled(page, 'What do you need?')
    await page.getByRole('main').getByRole('link', { name: 'Reset MFA' }).click()
    await titled(page, 'Reset MFA')

    // What is missing is said, and nothing is sent.
    await page.getByRole('button', { name: /^Send/ }).click()
    await page.getByText('Answer this, so that the desk can act.').waitFor()
    await page.getByRole('combobox', { name: 'What happened?' }).click()
    await page.getByRole('option', { name: 'I have a new phone' }).click()
    await page
      .getByRole('textbox', { name: 'Anything we should know?' })
      .fill('The old one fell into the sea.')
    await photograph(page, '04-ask', 'light', 1440)
    await page.getByRole('button', { name: /^Send/ }).click()

    await titled(page, /^#\d+ Reset MFA/)
    requestNumber = new URL(page.url()).pathname.split('/').at(-1) ?? ''
    await page.getByText('The old one fell into the sea.').first().waitFor()
  })

  test('Sam plans the reset and asks for approval; nothing happens yet', async () => {
    const { page } = sam
    await goTo(page, 'Requests')
    await page
      .getByRole('row', { name: new RegExp(`#${requestNumber} `) })
      .getByRole('link')
      .click()
    await titled(page, new RegExp(`^#${requestNumber} `))

    const panel = page.getByRole('complementary', { name: 'Facts and apps' })
    const now = panel.getByRole('region', { name: 'In Okta now' })
    await now.getByText('Active', { exact: true }).waitFor()
    await panel
      .getByRole('group', { name: 'Fits this request' })
      .getByRole('button', { name: 'Reset MFA' })
      .click()
    const plan = panel.getByRole('region', { name: 'Reset MFA: Ada Kingsley' })
    await plan.getByText('Grace Moreau has to approve first. Nothing happens until then.').waitFor()
    await expectText(plan, 'Okta Verify')
    await settled(page)
    await photograph(page, '05-plan', 'light', 1440)

    await plan.getByRole('button', { name: 'Ask Grace Moreau to approve' }).click()
    await confirmIfAsked(page, 'Ada Kingsley', 'Ask Grace Moreau to approve')
    await panel.getByText('Waiting for Grace Moreau').waitFor()
    expect(await ledger('user.reset_factors', await oktaIdOf('ada.kingsley@acme.example'))).toEqual([])
  })

  test('Grace reads on her phone what she is asked, and approves; the page of Sam follows by itself', async () => {
    const { page } = grace
    await signIn(page, await signInLink('grace.moreau@acme.example'))
    await navigation(page)
      .getByRole('link', { name: /^(Inbox|Waiting for me)/ })
      .click()
    await titled(page, 'Waiting for me')
    const asked = page.getByRole('article').filter({ hasText: 'Ada Kingsley' })
    await expectText(asked, 'Okta Verify')
    await expectText(asked, 'I have a new phone')
    await expectText(fact(page, 'Asked by').first(), 'Sam Okafor')
    await settled(page)
    await photograph(page, '06-inbox', 'light', 390)

    // A reload would forget this.
    await sam.page.evaluate(() => Object.assign(window, { sameDocument: true }))
    await asked.getByRole('button', { name: 'Approve: reset MFA for Ada Kingsley' }).click()
    await asked.getByRole('textbox', { name: /^Comment/ }).fill('She called me.')
    await photograph(page, '07-approve', 'light', 390)
    await asked.getByRole('button', { name: 'Approve reset MFA for Ada Kingsley' }).click()
    await page.getByText('Approved: reset MFA for Ada Kingsley').waitFor()

    const timeline = sam.page.getByRole('region', { name: 'Timeline' })
    const run = timeline.getByRole('article', { name: 'Reset MFA: Ada Kingsley' })
    await run.getByRole('status').getByText('Done', { exact: true }).waitFor({ timeout: 30_000 })
    expect(await sam.page.evaluate(() => 'sameDocument' in window)).toBe(true)
  })

  test('the timeline tells it, Okta did it once, and Ada reads that it is done', async () => {
    const timeline = sam.page.getByRole('region', { name: 'Timeline' })
    const story = (await timeline.getByRole('listitem').allInnerTexts()).join('\n')
    expect(story).toContain(`Ada Kingsley submitted request ${requestNumber}: Reset MFA`)
    expect(story).toContain('Remove all 3 MFA factors of Ada Kingsley.')
    expect(story).toContain('Grace Moreau approved: Reset MFA for Ada Kingsley? “She called me.”')
    expect(story).toContain('“Reset MFA” for Ada Kingsley is done')
    await settled(sam.page)
    await photograph(sam.page, '08-done', 'light', 1440)

    const done = await ledger('user.reset_factors', await oktaIdOf('ada.kingsley@acme.example'))
    expect(done).toHaveLength(1)

    const hers = ada.page.getByRole('region', { name: 'Timeline' })
    await hers.getByRole('status').getByText('Done', { exact: true }).waitFor()
    await sam.page.getByRole('button', { name: 'Close request' }).click()
    await ada.page.getByText('Closed', { exact: true }).first().waitFor()
  })

  test('the audit log holds all of it and is whole', async () => {
    const { page } = sam
    await openSettings(page, 'Audit log')
    await titled(page, 'Audit log')
    const events = page.getByRole('list', { name: 'Events' })
    for (const type of [
      'request.submitted',
      'approval.asked',
      'approval.decided',
      'action.done',
      'request.closed',
    ])
      await events.getByRole('button', { name: type, exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Check the chain' }).click()
    await page.getByText('Intact', { exact: true }).waitFor()
    await page.getByText(/^All [\d,]+ events recomputed; none was changed or removed\.$/).waitFor()
    await photograph(page, '09-audit', 'light', 1440)
  })

  test('the keyboard goes places, lists its keys, and finds a person', async () => {
    const { page } = sam
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await titled(page, /^Requests/)
    await page.keyboard.press('?')
    const keys = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await expectText(keys, 'Go to Requests')
    await page.keyboard.press('Escape')
    await keys.waitFor({ state: 'hidden' })

    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'Search or act' }).fill('noor had')
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Noor Haddad/ })
      .waitFor()
    await photograph(page, '10-palette', 'light', 1440)
    await page.keyboard.press('Enter')
    await titled(page, 'Noor Haddad')
  })
})

describe('who works in the desk comes from Okta, over SCIM', () => {
  test('a person assigned to the Keydesk app becomes a member, with the reason of her role', async () => {
    await okta.page.goto(`${sandboxUrl()}/admin`)
    await inOkta('Name or address', 'Noor', 'Noor Haddad', 'Assign')

    const { page } = sam
    await openSettings(page, 'Members')
    await page
      .getByRole('row', { name: /Noor Haddad/ })
      .getByRole('button')
      .click()
    const member = page.getByRole('dialog', { name: 'Noor Haddad' })
    await member.getByText('Provisioned over SCIM').waitFor()
    await expectText(member, 'Agent')
    await expectText(member, 'has no other role')
    await photograph(page, '11-provisioned', 'light', 1440)
    await page.keyboard.press('Escape')

    await signIn(noor.page, await signInLink('noor.haddad@acme.example'))
    await goTo(noor.page, 'Requests')
    await titled(noor.page, /^Requests/)
  })

  test('a pushed group appears as a role', async () => {
    await inOkta('Group name', 'Keydesk Agents', 'Keydesk Agents', 'Push')

    await openSettings(sam.page, 'Roles')
    const role = sam.page.getByRole('article', { name: 'Keydesk Agents' })
    await role.waitFor()
    await photograph(sam.page, '12-pushed-role', 'light', 1440)
  })

  test('the next click of a person deactivated in Okta leads to the sign-in page', async () => {
    const { page } = noor
    await titled(page, /^Requests/)
    await inOkta('Name or address', 'Noor', 'Noor Haddad', 'Deactivate in Okta')

    // The live feed may have told her page already.
    await goTo(page, 'People').catch(() => undefined)
    await page.waitForURL(`${consoleUrl()}/sign-in**`)
    await titled(page, /^Sign in/)
    await photograph(page, '13-locked-out', 'light', 1440)
    noor.faults()

    await openSettings(sam.page, 'Members')
    const row = sam.page.getByRole('row', { name: /Noor Haddad/ })
    await row.getByText('Deactivated').waitFor()
  })
})

/** Clicks on the sandbox's admin page, as an Okta admin: finds a row and presses a button of it. */
async function inOkta(field: string, search: string, row: string, act: string): Promise<void> {
  const { page } = okta
  await page.getByPlaceholder(field).fill(search)
  await page.getByPlaceholder(field).press('Enter')
  const line = page.getByRole('listitem').filter({ hasText: row })
  await line.getByRole('button', { name: act, exact: true }).first().click()
  await page.getByRole('status').getByText(`${act}: done.`).waitFor()
}

async function oktaIdOf(login: string): Promise<string> {
  const { ssws } = (await (await fetch(`${sandboxUrl()}/_sandbox/credentials`)).json()) as {
    ssws: { token: string }
  }
  const answer = await fetch(`${sandboxUrl()}/api/v1/users/${login}`, {
    headers: { authorization: `SSWS ${ssws.token}` },
  })
  return ((await answer.json()) as { id: string }).id
}

/** Dangerous acts ask for the name first. */
async function confirmIfAsked(page: Page, name: string, verb: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  const next = page.getByText('Waiting for Grace Moreau').first()
  await dialog.or(next).first().waitFor()
  if (!(await dialog.isVisible())) return
  await dialog.getByRole('textbox').fill(name)
  await dialog.getByRole('button', { name: verb }).click()
}

async function expectText(place: ReturnType<Page['locator']>, text: string): Promise<void> {
  await place
    .getByText(text)
    .or(place.filter({ hasText: text }))
    .first()
    .waitFor()
}
