/** `npm run keydesk -- <command>`: installs what is missing and runs the command line. */
import { ensureInstalled, run } from './installed.mjs'

ensureInstalled()
await run('server/src/cli/main.ts', process.argv.slice(2))
