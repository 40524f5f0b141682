/** Building the console: a start should not wait for what is built already. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const ROOT = new URL('../../../', import.meta.url)

/** Builds the console unless what is built comes from the same sources. */
export async function buildConsole(): Promise<void> {
  const stamp = new URL('web/dist/.built-from', ROOT)
  const sources = await fingerprint()
  if ((await readFile(stamp, 'utf8').catch(() => '')) === sources) return
  process.stderr.write('Building the console …\n')
  const vite = new URL('node_modules/vite/bin/vite.js', ROOT).pathname
  // Built beside and put in place in one step: a server that runs meanwhile keeps its pages.
  const next = `dist.next-${process.pid}`
  const options = ['build', '--logLevel', 'error', '--outDir', next]
  await promisify(execFile)(process.execPath, [vite, ...options], { cwd: new URL('web/', ROOT) })
  await writeFile(new URL(`web/${next}/.built-from`, ROOT), sources)
  const [dist, old] = [new URL('web/dist', ROOT), new URL(`web/dist.old-${process.pid}`, ROOT)]
  await rename(dist, old).catch(() => {})
  await rename(new URL(`web/${next}`, ROOT), dist)
  await rm(old, { recursive: true, force: true })
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  for (const folder of ['web', 'server/src'])
    for (const name of (await readdir(new URL(`${folder}/`, ROOT), { recursive: true })).sort()) {
      if (
        /^(dist|dist\.\w+-\d+|test|node_modules)(\/|$)/.test(name) ||
        (folder === 'server/src' && !name.endsWith('contract.ts'))
      )
        continue
      const file = new URL(`${folder}/${name}`, ROOT)
      if ((await stat(file)).isFile()) hash.update(name).update(await readFile(file))
    }
  hash.update(await readFile(new URL('package-lock.json', ROOT)))
  return hash.digest('hex')
}
