/** A worker process, until it is killed. */
import { readConfig } from '#platform'
import { startServer } from '../../src/main.ts'

const config = readConfig(process.env)
await startServer({ ...config, role: 'worker' }, config.databaseUrl ?? '')
