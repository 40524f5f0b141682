/** A worker of its own, for tests that kill it: takes one import up and works until it is over. */
import { openLog, openPlatform, readConfig, systemContext } from '#platform'
import { importJob } from '../sync/import.ts'

const [databaseUrl = '', tenantId = '', importId = '', attempt = '0'] = process.argv.slice(2)
const platform = await openPlatform(readConfig(process.env), databaseUrl, openLog('silent'))
await importJob.run(systemContext(platform, tenantId), { importId, attempt: Number(attempt) })
await platform.close()
