/** The tables of the SCIM profile, held to what they say: no requirement without a row, no row without a test. */
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url).pathname
const PROFILE = readFileSync(`${ROOT}docs/reference/scim-profile.md`, 'utf8')

/** How many sentences of each section say MUST, SHALL, REQUIRED, SHOULD or RECOMMENDED, without the four that explain these words. */
const SENTENCES: Record<string, Record<string, number>> = {
  'RFC 7643': {
    '1.1': 1,
    '1.2': 1,
    '2.1': 2,
    '2.2': 1,
    '2.3': 1,
    '2.3.4': 1,
    '2.3.5': 2,
    '2.3.6': 1,
    '2.3.7': 4,
    '2.3.8': 2,
    '2.4': 7,
    '2.5': 1,
    '3': 6,
    '3.1': 15,
    '3.3': 3,
    '4.1.1': 13,
    '4.1.2': 14,
    '4.2': 1,
    '4.3': 2,
    '5': 20,
    '6': 11,
    '7': 16,
    '8.7.1': 19,
    '8.7.2': 8,
    '9.2': 2,
    '10.2.1': 2,
    '10.3.1': 5,
  },
  'RFC 7644': {
    '1.2': 1,
    '1.3': 1,
    '2': 6,
    '2.1': 3,
    '3.1': 4,
    '3.2': 4,
    '3.3': 6,
    '3.3.1': 1,
    '3.4.2': 7,
    '3.4.2.1': 4,
    '3.4.2.2': 15,
    '3.4.2.3': 3,
    '3.4.2.4': 4,
    '3.4.2.5': 5,
    '3.4.3': 8,
    '3.5': 2,
    '3.5.1': 7,
    '3.5.2': 15,
    '3.5.2.1': 4,
    '3.5.2.2': 6,
    '3.5.2.3': 5,
    '3.6': 5,
    '3.7': 13,
    '3.7.1': 1,
    '3.7.2': 2,
    '3.7.3': 4,
    '3.7.4': 3,
    '3.8': 4,
    '3.9': 2,
    '3.10': 1,
    '3.11': 2,
    '3.12': 7,
    '3.13': 3,
    '3.14': 1,
    '4': 5,
    '5': 1,
    '7.1': 1,
    '7.2': 3,
    '7.3': 1,
    '7.4': 4,
    '7.5.1': 1,
    '7.5.2': 3,
    '7.7': 3,
    '7.8': 1,
    '8.1': 1,
  },
  // Rows of our own choice: what the RFC asks of cursors.
  'RFC 9865': { '2': 9, '2.1': 3, '3': 1, '4': 1, '5': 1 },
}

/** Rows for which a server has nothing to show, by the reason that stands in the place of a test. */
const WITHOUT_TEST: Record<string, number> = { 'none: for registrars': 6, 'none: for clients': 1 }

interface Row {
  rfc: string
  section: string
  test: string
}

function rowsOf(markdown: string): Row[] {
  let rfc = ''
  return markdown.split('\n').flatMap((line) => {
    rfc = /^#{2,3} (.*)$/.exec(line)?.[1] ?? rfc
    const cells = line.split('|').map((cell) => cell.trim())
    const [, section = ''] = cells
    if (!(rfc in SENTENCES) || !/^\d/.test(section)) return []
    return [{ rfc, section, test: (cells.at(-2) ?? '').replace(/^`(.*)`$/, '$1') }]
  })
}

/** The source of each test file, by its path. */
function readTests(): Map<string, string> {
  const paths = globSync(['packages/*/src/**/*.test.ts', 'server/{src,test}/**/*.test.ts'], { cwd: ROOT })
  return new Map(paths.map((path) => [path, readFileSync(`${ROOT}${path}`, 'utf8')]))
}

/** Titles of tests, and of `test.for` with its placeholders: what stands first after `test(` or `)(`. */
function titlesIn(source: string): string[] {
  const calls = /(?:\b(?:test|it)|\))\(\s*(?:'((?:\\.|[^'\\])+)'|"((?:\\.|[^"\\])+)")\s*,/g
  return [...source.matchAll(calls)].map(([, single, double]) =>
    (single ?? double ?? '').replace(/\\(['"\\])/g, '$1'),
  )
}

/** Whether a title is one of the file's, or one of a `test.for` whose values stand in the file. */
function isTitleOf(source: string, title: string): boolean {
  return titlesIn(source).some((template) => {
    if (template === title) return true
    const parts = template.split(/%[sijdf]|\$[\w.]+/)
    if (parts.length === 1) return false
    const values = new RegExp(`^${parts.map(escaped).join('(.+?)')}$`, 's').exec(title)?.slice(1)
    return values?.every((value) => /^%[sijdf]$/.test(value) || isValueIn(source, value)) ?? false
  })
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function isValueIn(source: string, value: string): boolean {
  const quotes = ["'", '"', '`'].some((quote) => source.includes(`${quote}${value}${quote}`))
  return quotes || (/^\d+$/.test(value) && new RegExp(`\\b${value}\\b`).test(source))
}

/** What is wrong with the tables, a sentence each. */
function problemsOf(markdown: string, tests: ReadonlyMap<string, string>): string[] {
  const rows = rowsOf(markdown)
  const problems = Object.entries(SENTENCES).flatMap(([rfc, sections]) =>
    Object.entries(sections).flatMap(([section, count]) => {
      const there = rows.filter((row) => row.rfc === rfc && row.section === section).length
      return there === count ? [] : [`${rfc} §${section} has ${there} rows, not ${count}.`]
    }),
  )
  for (const { rfc, section, test: named } of rows) {
    const at = `${rfc} §${section}`
    if (SENTENCES[rfc]?.[section] === undefined) problems.push(`${at} is no section with requirements.`)
    if (named in WITHOUT_TEST) continue
    const [file = '', ...rest] = named.split(' › ')
    const found = [...tests].filter(([path]) => path.endsWith(`/${file}`))
    const source = found[0]?.[1]
    const title = rest.join(' › ')
    if (title === '') problems.push(`${at} has a row without a test: "${named}".`)
    else if (source === undefined) problems.push(`${at} names ${file}, which is not there.`)
    else if (found.length > 1) problems.push(`${at} names ${file}, of which there are ${found.length}.`)
    else if (!isTitleOf(source, title))
      problems.push(`${at} names a test that ${file} does not have: ${title}.`)
  }
  for (const [reason, count] of Object.entries(WITHOUT_TEST)) {
    const there = rows.filter((row) => row.test === reason).length
    if (there !== count) problems.push(`"${reason}" stands in ${there} rows, not ${count}.`)
  }
  return problems
}

test('every requirement of the RFCs is a row of the profile, and every row has its test', () => {
  expect(problemsOf(PROFILE, readTests())).toEqual([])
  expect(rowsOf(PROFILE).length).toBeGreaterThan(340)
})

test('a row that goes, loses its test or names one that was renamed is told', () => {
  const tests = readTests()
  const lines = PROFILE.split('\n')
  const at = lines.findIndex((line) => line.includes('door.test.ts ›'))
  const [row = ''] = lines.slice(at, at + 1)
  const having = (line?: string) =>
    problemsOf([...lines.slice(0, at), ...(line ? [line] : []), ...lines.slice(at + 1)].join('\n'), tests)

  expect(at).toBeGreaterThan(0)
  expect(having()).toEqual([expect.stringMatching(/rows, not \d/)])
  expect(having(row.replace(/\| [^|]*\|$/, '|  |'))).toEqual([expect.stringContaining('without a test')])
  expect(having(row.replace('door.test.ts', 'window.test.ts'))).toEqual([
    expect.stringContaining('not there'),
  ])
  expect(having(row.replace(/` \|$/, ' indeed` |'))).toEqual([expect.stringContaining('does not have')])
  expect(having(row.replace(/`[^`]*` \|$/, 'none: for registrars |'))).toEqual([
    expect.stringContaining('stands in 7 rows'),
  ])
  const renamed = new Map([...tests].map(([path, source]) => [path, source.replaceAll('refused', 'r')]))
  expect(problemsOf(PROFILE, renamed).length).toBeGreaterThan(20)
})

test('a title with a value that its test does not know is none', () => {
  const source = "test.for([['gt', 400]])('%s is answered %i', () => {})\ntest('plain', () => {})"
  expect(titlesIn(source)).toEqual(['%s is answered %i', 'plain'])
  expect(isTitleOf(source, 'plain')).toBe(true)
  expect(isTitleOf(source, 'gt is answered 400')).toBe(true)
  expect(isTitleOf(source, '%s is answered %i')).toBe(true)
  for (const wrong of [
    'gt is answered 401',
    'lt is answered 400',
    'gt is answered 400 now',
    'plai',
    'plain.',
  ])
    expect([wrong, isTitleOf(source, wrong)]).toEqual([wrong, false])
})
