/** A process that sends one approved run, as a worker would, and may be killed on the way: `send-one <tenant> <run>`. */
import { execute } from '#actions'
import { readConfig, systemContext } from '#platform'
import { assemble, catalogue } from '../../src/main.ts'

const [tenantId = '', runId = ''] = process.argv.slice(2)
const config = readConfig(process.env)
const platform = await assemble(config, config.databaseUrl ?? '')
await execute(systemContext(platform, tenantId), catalogue, runId)
await platform.close()
