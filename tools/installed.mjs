/**
 * Makes sure that the dependencies of package-lock.json are installed, and finds the Node that they
 * bring. Plain JavaScript, since a machine may have no newer Node than 20 before this has run.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stamp = join(root, 'node_modules', '.installed-from')

/** Installs when the lock file is not the one that was installed. Talks on standard error only. */
export function ensureInstalled() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  process.stderr.write('Installing dependencies …\n')
  const npm = process.env.npm_execpath
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  // Not `npm ci`: it refuses a lock file that lacks the optional binaries of other platforms, which a
  // registry may not offer. What the lock file names is installed exactly, and the file stays as it is.
  const options = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  // Standard output belongs to whoever called us.
  const { status } = spawnSync(command, [...args, ...options], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    process.stderr.write('npm install failed; what it printed above says why.\n')
    process.exit(1)
  }
  writeFileSync(stamp, lock)
}

/** The Node 24 of the dependencies. */
export const node = join(root, 'node_modules', 'node', 'bin', 'node')

/** Runs a program of this repository under that Node and ends with its exit code; signals are passed on. */
export async function run(script, args) {
  const { spawn } = await import('node:child_process')
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(':')
  const child = spawn(node, [join(root, script), ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  })
  // The terminal sends Ctrl C to the child too; a signal sent to this process alone has to be handed on.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  process.on('SIGINT', () => {})
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
