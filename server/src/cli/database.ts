/** The database of this installation, for whoever needs it: the given one, a running embedded one, or one started now. */
import { type Config, findRunningPostgres, migrate, readKeys, startPostgres } from '#platform'
import { QUEUES } from '../queues.ts'

export interface OpenDatabase {
  /** As the owner of the tables. */
  url: string
  close(): Promise<void>
}

/** For a server: the given database, or an embedded one of its own. Migrated. */
export async function ownDatabase(config: Config): Promise<OpenDatabase> {
  const started = config.databaseUrl ? undefined : await startPostgres(config.dataDir)
  return prepared(config, {
    url: config.databaseUrl ?? started?.url ?? '',
    close: async () => started?.stop(),
  })
}

/** For a command: also the embedded one of a server that runs on the same folder. Migrated. */
export async function anyDatabase(config: Config): Promise<OpenDatabase> {
  const running = config.databaseUrl ?? (await findRunningPostgres(config.dataDir))
  return running ? prepared(config, { url: running, close: async () => {} }) : ownDatabase(config)
}

async function prepared(config: Config, database: OpenDatabase): Promise<OpenDatabase> {
  try {
    await migrate(database.url, QUEUES, await readKeys(config.secretKey, config.dataDir))
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}
