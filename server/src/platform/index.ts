/** What every folder may use: context and transactions, events, jobs, secrets, errors, ids, HTTP. */
export { type BatchOptions, inBatches, type Lane } from './batches.ts'
export { type Config, ConfigError, readConfig } from './config.ts'
export {
  type Context,
  findTenant,
  listTenants,
  type Principal,
  systemContext,
  type Tx,
  transact,
} from './context.ts'
export type { Actor } from './contract.ts'
export type { DB } from './database.ts'
export { letGo } from './db.ts'
export { AppError, type ErrorCode, messageOf, notFound } from './errors.ts'
export { checkIntegrity, type Integrity, lastSeq, listEvents } from './event-log.ts'
export { defineEvent, eventTypes, type LoggedEvent, type Recorder, sentenceOf } from './events.ts'
export { failpoint } from './failpoints.ts'
export { type BrokenUrls, type CallContext, createHttpServer, mountApi, problemOf } from './http.ts'
export { newId, newIdAt } from './ids.ts'
export { defineJob, enqueue, type Job, work } from './jobs.ts'
export { forgetOldKeys } from './kept-answers.ts'
export { follow, type Hint, hint } from './live.ts'
export { type Log, openLog } from './log.ts'
export { createTenant, inspectDatabase, migrate, RUNTIME_ROLE } from './migrate.ts'
export { describeApi, renderApi } from './openapi.ts'
export {
  createDataKey,
  type Ending,
  type EventNotice,
  openPlatform,
  type Platform,
  seal,
  unseal,
} from './platform.ts'
export { type EmbeddedPostgres, findRunningPostgres, startPostgres } from './postgres.ts'
export { instantOf, readAs, type Statement } from './reads.ts'
export { macOf, readKeys, sameMac } from './secrets.ts'
export { isShadow, newShadowId } from './shadows.ts'
