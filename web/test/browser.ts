/** A real Chromium for the tests: found on this machine, watched for faults, photographed. */
import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContext, chromium, errors, type Page, type Request } from 'playwright-core'
import { expect } from 'vitest'
import { screenshots } from './keydesk.ts'

export type Scheme = 'light' | 'dark'
export type Width = 1440 | 390

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const PLACES = [
  '/usr/bin',
  '/usr/local/bin',
  '/snap/bin',
  '/opt/google/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS',
  '/Applications/Chromium.app/Contents/MacOS',
]

/** @throws when there is none, saying how to get one */
function findChromium(): string {
  const given = process.env['CHROMIUM_PATH']
  if (given) {
    if (isProgram(given)) return given
    throw new Error(`CHROMIUM_PATH is ${given}, and there is no program.`)
  }
  const folders = [...(process.env['PATH'] ?? '').split(':').filter(Boolean), ...PLACES]
  const names = [...NAMES, 'Google Chrome', 'Chromium']
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram)
  if (found) return found
  throw new Error(
    'The browser tests need Chromium, and this machine has none. On Debian and Ubuntu: apt-get install chromium. ' +
      'When it stands in an unusual place, set CHROMIUM_PATH to its program.',
  )
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export function openBrowser(): Promise<Browser> {
  const asRoot = process.getuid?.() === 0
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      ...(asRoot ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** One person's browser, with what went wrong in it. */
export interface Desk {
  page: Page
  context: BrowserContext
  /** Console errors, uncaught exceptions, refused by the CSP, asked of another server: since the last look. */
  faults(): string[]
  close(): Promise<void>
}

interface DeskOptions {
  scheme?: Scheme
  width?: Width
}

export async function openDesk(browser: Browser, options: DeskOptions = {}): Promise<Desk> {
  const { scheme = 'light', width = 1440 } = options
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: sizeOf(width),
    reducedMotion: 'reduce',
    locale: 'en-GB',
  })
  context.setDefaultTimeout(15_000)
  let faults: string[] = []
  const add = (fault: string) => faults.push(fault)
  await context.addInitScript({ content: axe.source })
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      // biome-ignore lint/suspicious/noConsole: the watcher below reads it
      console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`),
    )
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => add(`Uncaught on ${page.url()}: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message.text(), message.location().url))
      add(`Console on ${page.url()}: ${message.text()} ${message.location().url}`)
  })
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    if (protocol.startsWith('http') && hostname !== 'localhost' && hostname !== '127.0.0.1')
      add(`${page.url()} asked another server: ${request.url()}`)
  })
  watchRequests(page)
  return {
    page,
    context,
    faults() {
      const seen = faults
      faults = []
      return seen
    },
    close: () => context.close(),
  }
}

// Chromium writes every answer from 400 on as an error. Asking who is signed in is how the console learns that
// nobody is.
function isExpected(text: string, url: string): boolean {
  return /status of 401/.test(text) && new URL(url).pathname === '/api/v1/session'
}

const inFlight = new WeakMap<Page, Set<Request>>()

function watchRequests(page: Page): void {
  const open = new Set<Request>()
  inFlight.set(page, open)
  page.on('request', (request) => {
    // The live feed stays open as long as the page.
    if (!request.url().includes('/events/stream')) open.add(request)
  })
  page.on('requestfinished', (request) => open.delete(request))
  page.on('requestfailed', (request) => open.delete(request))
}

/** Waits until the page has what it asked for and shows it. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await expect.poll(() => stillComing(page), { timeout: 15_000, interval: 20 }).toEqual([])
}

async function stillComing(page: Page): Promise<string[]> {
  const asked = [...(inFlight.get(page) ?? [])].map((request) => request.url())
  const drawn = await page.evaluate(() => [
    ...(document.fonts.status === 'loaded' ? [] : ['fonts']),
    ...[...document.querySelectorAll('.kd-skeletons, .mantine-Skeleton-root, [data-loading]')].map(
      ({ className }) => String(className),
    ),
    // Halfway from one scheme to the other no colour is as designed.
    ...document
      .getAnimations()
      .filter((one) => one.playState === 'running' && one.effect?.getComputedTiming().endTime !== Infinity)
      .map(() => 'a transition'),
  ])
  return [...asked, ...drawn]
}

const sizeOf = (width: Width) => (width === 390 ? { width, height: 844 } : { width, height: 900 })

// A long list is cut: what matters stands above.
const TALLEST = 2600

// Now and then Chromium draws no frame after its window changed, and a picture waits for one in vain
// (microsoft/playwright#34515). Changing the window again wakes it.
const TRIES = 3

/** Keeps a picture as `artefacts/screenshots/<name>-<scheme>-<width>.png`. */
export async function photograph(page: Page, name: string, scheme: Scheme, width: Width): Promise<void> {
  mkdirSync(screenshots, { recursive: true })
  const tall = await page.evaluate(() => document.documentElement.scrollHeight)
  const size = sizeOf(width)
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      // In a window that holds the page the navigation reaches its end, as on a screen.
      await page.setViewportSize({ width, height: Math.min(Math.max(tall, size.height), TALLEST) })
      await page.screenshot({
        path: join(screenshots, `${name}-${scheme}-${width}.png`),
        // The place that is kept for a scrollbar, which this browser does not draw.
        style: 'html { scrollbar-gutter: auto !important }',
      })
      return
    } catch (error) {
      if (left === 0 || !(error instanceof errors.TimeoutError)) throw error
    } finally {
      await page.setViewportSize(size)
    }
  }
}

type Axe = typeof axe

/** What a person who sees badly, or has no mouse, would trip over: axe's serious and critical findings. */
async function barriers(page: Page, scheme: Scheme): Promise<string[]> {
  // The schemes differ in nothing but colours.
  const rules = scheme === 'dark' ? ['color-contrast'] : undefined
  const violations = await page.evaluate(async (values) => {
    const { axe } = window as unknown as { axe: Axe }
    const runOnly = values && ({ type: 'rule', values } as const)
    return (await axe.run(document, { resultTypes: ['violations'], ...(runOnly && { runOnly }) })).violations
  }, rules)
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, help, nodes }) =>
      nodes.map(({ target, failureSummary = '' }) => {
        const why = failureSummary.split('\n').slice(1).join(' ').trim()
        return `${impact} ${id}: ${help}. ${target.join(' ')}: ${why}`
      }),
    )
}

type Look = readonly [Scheme, Width]

const LOOKS: readonly Look[] = [
  ['light', 1440],
  ['dark', 1440],
  ['light', 390],
]

/**
 * Looks at the page that is open in both schemes and on a phone, keeps pictures, and says what is wrong
 * with it. On a phone a record's columns are tabs; each is looked at.
 */
export async function inspect({ page, faults }: Desk, name: string, looks = LOOKS): Promise<string[]> {
  const wrong: string[] = []
  for (const [scheme, width] of looks) {
    await page.emulateMedia({ colorScheme: scheme })
    await page.setViewportSize(sizeOf(width))
    wrong.push(...(await look(page, name, scheme, width)))
    if (width !== 390) continue
    const tabs = page.locator('main').getByRole('tab', { selected: false })
    if ((await tabs.count()) !== 1) continue
    await tabs.click()
    wrong.push(...(await look(page, `${name}-side`, scheme, width)))
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(sizeOf(1440))
  return [...wrong, ...faults()]
}

async function look(page: Page, name: string, scheme: Scheme, width: Width): Promise<string[]> {
  await settled(page)
  const at = `${name}, ${scheme}, ${width}`
  const { needed, there, headings } = await page.evaluate(() => ({
    needed: document.documentElement.scrollWidth,
    there: window.innerWidth,
    headings: [...document.querySelectorAll('h1')].filter((heading) => heading.checkVisibility()).length,
  }))
  await photograph(page, name, scheme, width)
  return [
    ...(headings === 1 ? [] : [`${at}: ${headings} visible h1`]),
    ...(needed <= there ? [] : [`${at}: ${needed} px wide in a window of ${there} px`]),
    ...(await barriers(page, scheme)).map((barrier) => `${at}: ${barrier}`),
  ]
}
