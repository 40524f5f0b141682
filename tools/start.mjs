/** `npm start`: installs what is missing and runs the demo. */
import { ensureInstalled, run } from './installed.mjs'

ensureInstalled()
await run('server/src/cli/main.ts', ['demo', ...process.argv.slice(2)])
