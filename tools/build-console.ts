/** Builds the console into `web/dist`, unless what is there comes from the same sources. */
import { buildConsole } from '../server/src/cli/console-build.ts'

await buildConsole()
