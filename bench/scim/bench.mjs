/**
 * The bench: starts one PostgreSQL and every contestant on it, each with a database of its own, and measures
 * them row by row, in turn, so that a slow minute of the machine meets all of them. README.md says how to read it.
 */
import { fork } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, loadavg } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '../../server/src/platform/postgres.ts'
import { rows } from './rows.mjs'
import { markdownOf, summaryOf, tableOf } from './table.mjs'

const require = createRequire(new URL('../../server/package.json', import.meta.url))
const pg = require('pg')
const here = import.meta.dirname

/** In the order of the columns. */
const CONTESTANTS = ['keydesk', 'plain', 'raised', 'scimmy', 'saml-jackson', 'better-auth']
const GROUP_SIZES = [10, 1000, 50_000]
const LANES = 16
/** Before it is measured: a server runs for days, and what its compiler does in the first seconds is no part of them. */
const WARM_SECONDS = 3
/** Slower than this, a contestant is asked one request at a time: the queue of 16 would outlast the round. */
const SLOW_SECONDS = 0.25
/** Who has not answered one request by then is given up for that row. */
const TIMEOUT_MS = 30_000

const options = readOptions()
const dataDir = join(here, '.data', String(process.pid))
const children = new Set()
let postgres
let databases = 0
let isEnding = false

try {
  process.once('SIGINT', () => end(130))
  process.once('SIGTERM', () => end(143))
  await main()
  await end(0)
} catch (error) {
  if (!isEnding) say(error instanceof Error ? error.stack : String(error))
  await end(1)
}

async function main() {
  await sweep()
  mkdirSync(dataDir, { recursive: true })
  // Somebody else's work shows in every figure; the report says how much of it there was.
  const [loadBefore] = loadavg()
  postgres = await startPostgres(dataDir)
  const load = startChild('load.mjs', [])
  const cells = []
  let samples
  for (const size of options.sizes) {
    const world = await openWorld(load, size, samples)
    samples = world.sample
    for (const block of blocksOf(world)) cells.push(...(await measureBlock(load, block)))
    await world.close()
  }
  cells.push(...(await measureGrowth(load, samples)))
  const report = { ...(await environment()), loadBefore, options, cells }
  process.stdout.write(`\n${tableOf(report)}\n\n${summaryOf(report)}\n`)
  if (options.write) {
    writeFileSync(join(here, 'results.json'), `${JSON.stringify(report, null, 2)}\n`)
    writeFileSync(join(here, 'results.md'), markdownOf(report))
  }
}

/** Takes away what a bench left that was killed: starting its PostgreSQL again ends the one that still runs. */
async function sweep() {
  for (const name of existsSync(dirname(dataDir)) ? readdirSync(dirname(dataDir)) : []) {
    if (isAlive(Number(name))) continue
    const left = join(dirname(dataDir), name)
    if (existsSync(join(left, 'postgres'))) await (await startPostgres(left)).stop()
    rmSync(left, { recursive: true, force: true })
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return error.code === 'EPERM'
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '1000,10000,100000' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string' },
      contestants: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean' },
      profile: { type: 'string' },
    },
  })
  const listed = (text, all) => {
    const names = text?.split(',') ?? all
    // `group` stands for all of its rows.
    const chosen = all.filter((name) =>
      names.some((wanted) => name === wanted || name.startsWith(`${wanted}-`)),
    )
    if (chosen.length === 0) throw new Error(`"${text}" names none of ${all.join(', ')}.`)
    return chosen
  }
  const only = listed(values.only, Object.keys(rows))
  const contestants = listed(values.contestants, CONTESTANTS)
  const whole = only.length === Object.keys(rows).length && contestants.length === CONTESTANTS.length
  return {
    sizes: values.sizes.split(',').map(Number),
    rounds: Number(values.rounds ?? (values.quick ? 3 : 5)),
    seconds: Number(values.seconds ?? (values.quick ? 0.7 : 1.5)),
    only,
    contestants,
    profile: values.profile && resolve(values.profile),
    // What docs/reference/scim-speed.md quotes comes from a run with everybody.
    write: values.write ?? (whole && !values.quick),
  }
}

/** Contestants of one size, each started and seeded. */
async function openWorld(load, size, knownSample, names = options.contestants, groups = true) {
  const groupSizes = groups && wantsGroups() ? GROUP_SIZES.filter((members) => members <= size / 2) : []
  const contestants = []
  let sample = knownSample
  // The ceilings answer Keydesk's own bytes, so Keydesk has to be asked for them first.
  for (const name of new Set([...(sample ? [] : ['keydesk']), ...names])) {
    const contestant = await openContestant(load, name, { size, groupSizes, sample })
    if (name === 'keydesk' && !sample) sample = await takeSample(contestant.target)
    if (names.includes(name)) contestants.push(contestant)
    else await contestant.close()
  }
  // What seeding wrote is on the disk before anything is measured.
  await onPostgres((client) => client.query('checkpoint'))
  return {
    size,
    groupSizes,
    sample,
    contestants,
    async close() {
      for (const contestant of contestants) await contestant.close()
    },
  }
}

function wantsGroups() {
  return options.only.some((row) => row.startsWith('group-'))
}

async function openContestant(load, name, world) {
  const key = `${name} at ${world.size}`
  let database
  let child
  const open = async () => {
    database = `bench_${name.replaceAll('-', '_')}_${world.size}_${databases++}`
    await onPostgres((client) => client.query(`create database ${database}`))
    const url = new URL(postgres.url)
    url.pathname = `/${database}`
    child = startChild('contestants/host.mjs', [name], `${database}.log`)
    const began = performance.now()
    const given = { databaseUrl: url.href, dataDir: join(dataDir, database), ...world }
    const target = await child.ask('start', given)
    say(
      `${name} has ${world.size.toLocaleString('en')} users after ${((performance.now() - began) / 1000).toFixed(1)} s`,
    )
    await load.ask('know', { name: key, target })
    return target
  }
  const close = async () => {
    await child.stop()
    await onPostgres((client) => client.query(`drop database ${database} with (force)`))
  }
  return {
    name,
    key,
    size: world.size,
    target: await open(),
    profile: (verb, given) => child.ask(verb, given),
    usage: async () => ({ ...(await child.ask('usage', {})), databaseUs: await databaseUs(database) }),
    /** Starts it anew: what it was asked for last would keep it busy while the others are measured. */
    async reopen() {
      await close()
      this.target = await open()
    },
    async close() {
      await close()
      await load.ask('forget', { name: key })
    },
  }
}

/** The time that PostgreSQL's processes for a database have used, where the system tells: on Linux. */
async function databaseUs(database) {
  if (process.platform !== 'linux') return undefined
  const { rows: backends } = await onPostgres((client) =>
    client.query('select pid from pg_stat_activity where datname = $1', [database]),
  )
  return backends.reduce((sum, { pid }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    // utime and stime, in hundredths of a second.
    return sum + (Number(fields[11]) + Number(fields[12])) * 10_000
  }, 0)
}

async function onPostgres(work) {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function takeSample({ port, path, authorization, users }) {
  const { id, userName } = users[0]
  const answer = await fetch(`http://127.0.0.1:${port}${path}/Users/${id}`, { headers: { authorization } })
  return { text: await answer.text(), id, userName }
}

/** What is measured together: a row over all contestants, and the groups of all sizes at once. */
function blocksOf({ contestants, groupSizes }) {
  // Creating comes last: it makes the world larger than its name.
  const order = ['get', 'filter', 'page', 'patch', 'put', 'create'].filter((row) =>
    options.only.includes(row),
  )
  const single = order.map((row) => contestants.map((contestant) => ({ contestant, row })))
  const groupRows = groupSizes
    .map((members) => `group-${members}`)
    .filter((row) => options.only.includes(row))
  const group = contestants.flatMap((contestant) => groupRows.map((row) => ({ contestant, row })))
  const block = group.length > 0 ? [group] : []
  return [
    ...single.filter(([cell]) => cell.row !== 'create'),
    ...block,
    ...single.filter(([cell]) => cell.row === 'create'),
  ]
}

/** Does get and filter cost the same among 1,000 and among 100,000? Both worlds stand at once for this. */
async function measureGrowth(load, sample) {
  const sizes = [Math.min(...options.sizes), Math.max(...options.sizes)]
  const wanted = ['get', 'filter'].filter((row) => options.only.includes(row))
  if (sizes[0] === sizes[1] || wanted.length === 0 || !options.contestants.includes('keydesk')) return []
  const worlds = []
  for (const size of sizes) worlds.push(await openWorld(load, size, sample, ['keydesk'], false))
  const cells = []
  for (const row of wanted)
    cells.push(
      ...(await measureBlock(
        load,
        worlds.map(({ contestants: [contestant] }) => ({ contestant, row })),
      )),
    )
  for (const world of worlds) await world.close()
  return cells.map((cell) => ({ ...cell, block: 'growth' }))
}

/** Measures cells in alternating rounds and gives their medians. */
async function measureBlock(load, block) {
  const cells = []
  for (const { contestant, row } of block) {
    const absent = contestant.target.absent?.[row]
    const probed = absent ? { problem: absent } : await probe(load, contestant, row)
    cells.push({ contestant, row, absent, probed, rounds: [] })
  }
  const fast = cells.filter(({ probed }) => !probed.problem && probed.seconds < SLOW_SECONDS)
  for (let round = -1; round < options.rounds; round++) {
    // Each round begins with another one, so that nobody always follows the same neighbour.
    for (let at = 0; at < fast.length; at++) {
      const cell = fast[(at + Math.max(round, 0)) % fast.length]
      const measured = await measureOnce(load, cell, round < 0 ? WARM_SECONDS : options.seconds)
      if (round >= 0) cell.rounds.push(measured)
    }
  }
  if (options.profile) for (const cell of fast) await profile(load, cell)
  const results = cells.map(resultOf)
  for (const { contestant, size, row, perSecond, problem } of results)
    say(`  ${row} of ${size.toLocaleString('en')}, ${contestant}: ${problem ?? perSecond.toFixed(1)}`)
  return results
}

/** One more round in which Keydesk notes where its time goes. */
async function profile(load, cell) {
  const { contestant, row } = cell
  if (contestant.name !== 'keydesk') return
  mkdirSync(options.profile, { recursive: true })
  await contestant.profile('startProfile', {})
  await measureOnce(load, cell, options.seconds)
  const path = join(options.profile, `${row}-${contestant.size}.cpuprofile`)
  const functions = await contestant.profile('stopProfile', { path })
  say(`  ${path}\n${functions.map((line) => `    ${line}`).join('\n')}`)
}

async function probe(load, contestant, row) {
  const asked = { name: contestant.key, row, timeoutMs: TIMEOUT_MS }
  const first = await load.ask('probe', asked)
  if (first.timedOut) await contestant.reopen()
  // The first answer of a server is its slowest.
  return first.problem || first.seconds > 5 ? first : load.ask('probe', { ...asked, times: 3 })
}

async function measureOnce(load, { contestant, row }, seconds) {
  const before = await contestant.usage()
  const measured = await load.ask('measure', { name: contestant.key, row, seconds, lanes: LANES })
  const after = await contestant.usage()
  return {
    ...measured,
    perSecond: measured.count / measured.seconds,
    cpuUs: (after.cpuUs - before.cpuUs) / measured.count,
    ...(after.databaseUs === undefined
      ? {}
      : { databaseUs: (after.databaseUs - before.databaseUs) / measured.count }),
    rssBytes: after.rssBytes,
    stallMs: after.stallMs,
  }
}

function resultOf({ contestant, row, absent, probed, rounds }) {
  const named = { contestant: contestant.name, size: contestant.size, row }
  if (probed.timedOut) return { ...named, perSecond: 0, timeoutMs: TIMEOUT_MS }
  if (probed.problem) return { ...named, problem: probed.problem, absent: absent !== undefined }
  if (rounds.length === 0) return { ...named, perSecond: 1 / probed.seconds, oneAtATime: true }
  const of = (what) => median(rounds.map((round) => round[what]))
  const refused = rounds.reduce((sum, round) => sum + round.refused, 0)
  return {
    ...named,
    perSecond: of('perSecond'),
    rounds: rounds.map((round) => round.perSecond),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    cpuUs: of('cpuUs'),
    ...(rounds[0].databaseUs === undefined ? {} : { databaseUs: of('databaseUs') }),
    rssBytes: Math.max(...rounds.map((round) => round.rssBytes)),
    stallMs: Math.max(...rounds.map((round) => round.stallMs)),
    ...(refused > 0 ? { refused, refusal: rounds.find((round) => round.refusal)?.refusal } : {}),
  }
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

async function environment() {
  const version = (name) =>
    JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version
  const peers = [
    'scimmy',
    'scimmy-routers',
    '@boxyhq/saml-jackson',
    'better-auth',
    '@better-auth/scim',
    'express',
  ]
  const { rows: settings } = await onPostgres((client) =>
    client.query(
      "select current_setting('server_version') as postgres, current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit",
    ),
  )
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model,
    cpus: cpus().length,
    node: process.version,
    ...settings[0],
    versions: {
      fastify: require('fastify/package.json').version,
      pg: require('pg/package.json').version,
      ...Object.fromEntries(peers.map((name) => [name, version(name)])),
    },
  }
}

/** A child that answers calls. What it prints goes to a file, and is shown when it ends by itself. */
function startChild(script, args, log = 'load.log') {
  const path = join(dataDir, log)
  const out = openSync(path, 'a')
  const child = fork(join(here, script), args, { cwd: here, stdio: ['ignore', out, out, 'ipc'] })
  closeSync(out)
  children.add(child)
  const calls = new Map()
  let last = 0
  child.on('message', ({ call, result, error }) => {
    const { resolve, reject } = calls.get(call)
    calls.delete(call)
    if (error) reject(new Error(error))
    else resolve(result)
  })
  const ended = new Promise((resolve) => child.once('exit', resolve)).then((code) => {
    children.delete(child)
    for (const { reject } of calls.values())
      reject(new Error(`${script} ${args} ended with ${code}:\n${readFileSync(path, 'utf8').slice(-2000)}`))
  })
  return {
    ask: (verb, given) =>
      new Promise((resolve, reject) => {
        calls.set(++last, { resolve, reject })
        child.send({ call: last, verb, ...given })
      }),
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Ends what this process started, and takes its data away. */
async function end(code) {
  // Whoever is told to stop has children that fail for it; the first reason is the one that counts.
  if (isEnding) return new Promise(() => {})
  isEnding = true
  for (const child of children) child.kill('SIGKILL')
  await postgres?.stop()
  rmSync(dataDir, { recursive: true, force: true })
  process.exit(code)
}

function say(text) {
  process.stderr.write(`${text}\n`)
}
