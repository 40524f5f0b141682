/** `npm run bench:scim`: installs what is missing, of Keydesk and of the peers, and runs the bench on the Node of the dependencies. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { ensureInstalled, run } from '../../tools/installed.mjs'

ensureInstalled()
const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname
if (!existsSync(`${here}/node_modules/.package-lock.json`)) {
  process.stderr.write('Installing the peers …\n')
  const { status } = spawnSync('npm', ['install', '--no-save', '--loglevel=error'], {
    cwd: here,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) process.exit(1)
}
await run('bench/scim/bench.mjs', process.argv.slice(2))
