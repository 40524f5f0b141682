/**
 * `npm test`: installs what is missing, then everything: types, lint, boundaries, dead code, generated
 * files, unit, database, journeys, real browser. The last line counts the tests, from the runner's report.
 *
 *     node tools/test.mjs            all of it
 *     node tools/test.mjs check      what needs no test runner
 *     node tools/test.mjs database   what needs a database only; DATABASE_URL says which
 *     node tools/test.mjs e2e        the browser only
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ensureInstalled, node, root } from './installed.mjs'

ensureInstalled()
const what = process.argv[2] ?? 'all'
const artefacts = join(root, 'artefacts')
mkdirSync(artefacts, { recursive: true })

const checks = {
  'types of the SCIM kernel': ['tsc', '-p', 'packages/scim'],
  'types of the SCIM check': ['tsc', '-p', 'packages/scim-check'],
  'types of the sandbox': ['tsc', '-p', 'packages/okta-sandbox'],
  'types of the server': ['tsc', '-p', 'server'],
  'types of the console': ['tsc', '-p', 'web'],
  'lint and format': ['biome', 'check', '.'],
  boundaries: [
    'depcruise',
    '--config',
    '.dependency-cruiser.mjs',
    '--output-type',
    'err',
    'server/src',
    'packages',
    'web/src',
  ],
  'dead code': ['knip'],
  'generated files': [node, 'tools/generate.ts', '--check'],
}

const projects = {
  all: ['unit', 'server', 'journeys', 'browser'],
  database: ['server', 'journeys'],
  e2e: ['browser'],
}

/** What failed, a line or some each; told again at the end, because much is printed in between. */
const failures = []
if (what === 'all' || what === 'check')
  for (const [title, command] of Object.entries(checks)) check(title, command)
if (what === 'check') process.exit(failures.length === 0 ? 0 : 1)
if (!(what in projects)) {
  console.error(`There is no "${what}" to test: all, check, database or e2e.`)
  process.exit(2)
}
if (what !== 'database') check('console builds', [node, 'tools/build-console.ts'])

const report = join(artefacts, `results-${what}.json`)
const chosen = projects[what].flatMap((name) => ['--project', name])
const runner = run(
  ['vitest', 'run', ...chosen, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  'inherit',
)
const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
const broken = failures.length
for (const { name, status, message, assertionResults } of testResults) {
  const file = relative(root, name)
  const failed = assertionResults.filter((test) => test.status === 'failed')
  for (const test of failed)
    failures.push(`${file} › ${test.fullName}\n${firstLines(test.failureMessages.join('\n'))}`)
  // A file that could not even be read has no failed test; it counts as one all the same.
  if (status === 'failed' && failed.length === 0) failures.push(`${file}\n${firstLines(message)}`)
}
if (runner.status !== 0 && failures.length === broken)
  failures.push(`the test runner ended with ${runner.status ?? runner.signal}`)

const told = failures.map((failure) => `FAILED  ${failure}\n`).join('')
writeFileSync(join(artefacts, `failures-${what}.txt`), told)
process.stdout.write(told)
console.log(`${numPassedTests} passed, ${failures.length} failed`)
process.exit(failures.length === 0 ? 0 : 1)

/** Runs one check and tells what it printed when it failed. */
function check(title, command) {
  const began = Date.now()
  const { status, stdout, stderr } = run(command, 'pipe')
  console.log(
    `${status === 0 ? 'ok    ' : 'FAILED'}  ${title} (${((Date.now() - began) / 1000).toFixed(1)} s)`,
  )
  if (status === 0) return
  const printed = `${stdout ?? ''}${stderr ?? ''}`
  console.log(printed)
  failures.push(`${title}\n${firstLines(printed)}`)
}

function firstLines(text) {
  return text.trim().split('\n').slice(0, 12).join('\n')
}

function run([command, ...args], stdio) {
  const bin = join(root, 'node_modules', '.bin')
  const program = command === node ? node : join(bin, command)
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` }
  return spawnSync(program, args, { cwd: root, env, stdio: ['ignore', stdio, stdio], encoding: 'utf8' })
}
