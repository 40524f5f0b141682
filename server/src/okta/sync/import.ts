/**
 * Reading a whole directory. An import is a row that says where it stands; workers take it up, move it
 * on page by page, and lose it to another worker when they fall silent. What a complete import did not
 * see is gone; an import that fails, or sees far too few people, marks nobody.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { countSynced, finishImport } from '#directory'
import {
  AppError,
  type Context,
  defineJob,
  enqueue,
  failpoint,
  hint,
  listTenants,
  newId,
  notFound,
  type Platform,
  systemContext,
  type Tx,
  transact,
} from '#platform'
import { OktaError } from '../client/error.ts'
import { inCircles } from '../client/paging.ts'
import { findConnection } from '../connections.store.ts'
import { breakConnection } from '../connections.ts'
import { IMPORT_PHASES, type Import } from '../contract.ts'
import * as events from '../events.ts'
import { troubleOf } from '../remedies.ts'
import { openOkta } from '../sessions.ts'
import * as store from './imports.store.ts'
import { COUNTED, READ, type Reading, type Run } from './phases.ts'
import { importView, lastImportOf } from './progress.ts'

const NOTHING: store.Counts = { users: 0, groups: 0, memberships: 0, apps: 0, assignments: 0 }
const RENEW_MS = 2000
/** A worker that dies on every try dies of the import. */
const MOST_FRUITLESS = 8
const MOST_EMPTY_PAGES = 20
const MOST_RESTARTS = 3
/** An import that sees less than this share of the known people is believed when a second one says the same. */
const PLAUSIBLE_SHARE = 0.8
const FEWER_PEOPLE = 'fewer_people'
const NO_USERS = 'no_users'

/** This worker's place was taken: it must write nothing more. */
class LostImport extends Error {
  override name = 'LostImport'
}

/** Ends an import with words of its own. */
class ImportFailure extends Error {
  override name = 'ImportFailure'
  readonly failure: store.Failure
  /** How far it had come, when the page that ended it is not written. */
  readonly counts: store.Counts | undefined

  constructor(message: string, remedy: string, code: string | null = null, counts?: store.Counts) {
    super(message)
    this.failure = { message, remedy, code }
    this.counts = counts
  }
}

/** Begins to import; the one that is running already, when there is one. */
export function startImport(ctx: Context, connectionId: string): Promise<Import> {
  return transact(ctx, async (tx) => {
    const connection = await findConnection(tx, connectionId)
    if (!connection) throw notFound('Okta connection')
    if (connection.state !== 'connected')
      throw new AppError(
        'not_ready',
        `${connection.domain} is not connected. Mend what its checks name first.`,
      )
    const before = await store.findLastImport(tx, connectionId, 'complete')
    const id = newId('imp')
    const total = before?.counts.users ?? null
    if (await store.insertImport(tx, { id, connectionId, counts: NOTHING, total })) {
      await enqueue(tx, importJob, { importId: id, attempt: 0 })
      events.importStarted(tx, [connectionId, id], { domain: connection.domain })
    }
    const running = await store.findLastImport(tx, connectionId, 'running')
    if (!running) throw new Error('An import was begun and is not there.')
    return importView(running)
  })
}

/** The newest import of a connection, as people watch it; null before the first. */
export function latestImport(ctx: Context, connectionId: string): Promise<Import | null> {
  return transact(ctx, (tx) => lastImportOf(tx, connectionId))
}

/** The job: takes an import up and works until it is over, or lost to another worker. */
export const importJob = defineJob<{ importId: string; attempt: number }>({
  name: 'okta.import',
  // The sweep brings back what was abandoned; the queue's own retries would only add to it.
  retries: 0,
  async run(ctx, { importId, attempt }) {
    const row = await transact(ctx, (tx) => store.claimImport(tx, importId, attempt))
    if (!row) return
    const lease = keepLease(ctx, row)
    try {
      if (row.fruitless > MOST_FRUITLESS)
        throw new ImportFailure(
          'Keydesk stopped several times at the same page.',
          "Look at the server's log for the reason, then start the import again.",
        )
      await workOn(ctx, row, lease.signal)
    } catch (error) {
      if (error instanceof LostImport || lease.signal.aborted) return
      const failure = failureOf(error)
      if (failure) return await transact(ctx, (tx) => fail(tx, row, failure, error))
      await transact(ctx, (tx) => store.releaseLease(tx, row.id, row.attempt))
      throw error
    } finally {
      lease.stop()
    }
  },
})

/** Brings back running imports whose worker fell silent. Workers call it at their start and every two seconds. */
export async function resumeImports(platform: Platform): Promise<void> {
  for (const tenant of await listTenants(platform))
    await transact(systemContext(platform, tenant.id), async (tx) => {
      for (const { id, attempt } of await store.takeAbandoned(tx))
        await enqueue(tx, importJob, { importId: id, attempt })
    })
}

async function workOn(ctx: Context, row: store.ImportRow, signal: AbortSignal): Promise<void> {
  const connection = await transact(ctx, (tx) => findConnection(tx, row.connectionId))
  if (!connection) throw new ImportFailure('The Okta was disconnected.', 'Connect it again, then import.')
  const okta = await openOkta(ctx, connection, { lane: 'sync', signal })
  const source = { connectionId: row.connectionId, importId: row.id }
  const run: Run = { ctx, okta, source }
  let position: store.Position = row
  let [emptyPages, restarts] = [0, 0]
  while (position.phase !== 'finishing') {
    const { phase, cursor } = position
    const step = await READ[phase](run, cursor).catch((error: unknown) => {
      // Okta forgot the cursor. What was read may be read again: writing it twice changes nothing.
      if (
        error instanceof OktaError &&
        error.errorCode === 'E0000029' &&
        cursor?.next &&
        ++restarts <= MOST_RESTARTS
      )
        return undefined
      throw error
    })
    await failpoint('import.page')
    if (step && step.read === 0 && step.cursor?.next) {
      if (++emptyPages > MOST_EMPTY_PAGES) throw inCircles(step.cursor.next)
    } else emptyPages = 0

    position = await transact(ctx, async (tx) => {
      const next = step ? await after(tx, run, position, step) : restarted(position)
      if (!(await store.advanceImport(tx, row.id, row.attempt, next))) throw new LostImport()
      await step?.save(tx)
      await hint(tx, 'okta.import.progress', [row.id, row.connectionId])
      return next
    })
    await failpoint('import.committed')
    signal.throwIfAborted()
    // A process that stops hands over between two pages; whoever sweeps next goes on.
    if (ctx.platform.startingUp === 'stopping')
      return transact(ctx, (tx) => store.releaseLease(tx, row.id, row.attempt))
  }
  await finish(ctx, row, connection.domain)
}

type Step = Awaited<ReturnType<(typeof READ)[Reading]>>

async function after(tx: Tx, run: Run, at: store.Position, step: Step): Promise<store.Position> {
  const phase = at.phase as Reading
  const counts = { ...at.counts, [COUNTED[phase]]: at.counts[COUNTED[phase]] + step.read }
  const done = at.done + step.done
  if (step.cursor)
    return { phase, cursor: step.cursor, done, total: at.total && Math.max(at.total, done), counts }
  if (phase === 'users') await believeUsers(tx, run, counts)
  const next = IMPORT_PHASES[IMPORT_PHASES.indexOf(phase) + 1] ?? 'finishing'
  return { phase: next, cursor: null, done: 0, total: await totalOf(tx, run, next, counts), counts }
}

/** The same listing from its first page; of nested listings, the one parent's. */
function restarted(at: store.Position): store.Position {
  const phase = at.phase as Reading
  if (at.cursor?.current) return { ...at, cursor: { ...at.cursor, next: null } }
  return { ...at, cursor: null, done: 0, counts: { ...at.counts, [COUNTED[phase]]: 0 } }
}

/** How long a phase is. Nested phases measure by parents, which are known by then; Okta counts nothing beforehand. */
async function totalOf(
  tx: Tx,
  { source }: Run,
  phase: store.Phase,
  counts: store.Counts,
): Promise<number | null> {
  if (phase === 'memberships') return (await countSynced(tx, source.connectionId)).groups
  if (phase === 'assignments') return (await countSynced(tx, source.connectionId)).apps
  if (phase === 'finishing') return null
  const before = await store.findLastImport(tx, source.connectionId, 'complete')
  return before ? Math.max(before.counts[COUNTED[phase]], counts[COUNTED[phase]]) : null
}

/**
 * Okta answers an app without an admin role with an empty list and no error, and may begin to in the
 * middle of a listing. So nobody is taken for gone because a list was short once (okta-api §6.4, §8.4).
 */
async function believeUsers(tx: Tx, { source }: Run, counts: store.Counts): Promise<void> {
  const seen = counts.users
  if (seen === 0)
    throw new ImportFailure(
      'Okta gave no users at all. The app has no admin role; nobody was changed.',
      'In Okta: Applications › the app you made for Keydesk › Admin roles › Edit assignments. Add a role, save, and import again.',
      NO_USERS,
    )
  const known = (await countSynced(tx, source.connectionId)).users
  if (seen >= known * PLAUSIBLE_SHARE) return
  const last = await store.findLastImport(tx, source.connectionId, 'failed')
  const saidBefore = last?.failure?.code === FEWER_PEOPLE && Math.abs(last.counts.users - seen) <= seen / 100
  if (!saidBefore)
    throw new ImportFailure(
      `Okta gave ${seen} people, and ${known} are known. Nobody was marked as gone.`,
      "Check the app's admin role in Okta. If these people were really deleted there, import again: the second import is believed.",
      FEWER_PEOPLE,
      counts,
    )
}

async function finish(ctx: Context, row: store.ImportRow, domain: string): Promise<void> {
  await transact(ctx, async (tx) => {
    await store.prepareForFinish(tx)
    const gone = await finishImport(tx, { connectionId: row.connectionId, importId: row.id })
    const counts = await countSynced(tx, row.connectionId)
    // The row is locked at the end only: its lease has to be renewed meanwhile. An attempt that lost its
    // place is rolled back with everything it marked.
    if (!(await store.endImport(tx, row.id, row.attempt, { state: 'complete', counts })))
      throw new LostImport()
    events.importCompleted(tx, [row.connectionId, row.id], {
      domain,
      users: counts.users,
      groups: counts.groups,
      apps: counts.apps,
      seconds: Math.round((Date.now() - row.startedAt.getTime()) / 1000),
      gone: gone.people,
    })
  })
}

function failureOf(error: unknown): store.Failure | undefined {
  if (error instanceof ImportFailure) return error.failure
  const trouble = troubleOf(error)
  if (!trouble) return undefined
  const { message, remedy, code } = trouble
  const read = code === null && trouble.status === null
  return { message, remedy: read ? 'Start the import again when Okta answers.' : remedy, code }
}

async function fail(tx: Tx, row: store.ImportRow, failure: store.Failure, error: unknown): Promise<void> {
  const counts = error instanceof ImportFailure ? error.counts : undefined
  if (!(await store.endImport(tx, row.id, row.attempt, { state: 'failed', failure, counts }))) return
  const connection = await findConnection(tx, row.connectionId)
  events.importFailed(tx, [row.connectionId, row.id], {
    domain: connection?.domain ?? 'Okta',
    message: failure.message,
  })
  const refused = error instanceof OktaError && (error.status === 401 || error.status === 403)
  if (refused || failure.code === NO_USERS)
    await breakConnection(tx, row.connectionId, {
      id: 'import',
      label: 'Last import',
      state: 'missing',
      detail: failure.message,
      remedy: failure.remedy,
    })
}

/** Says every two seconds that this worker lives, until it stops or its place is taken. */
function keepLease(ctx: Context, row: store.ImportRow): { signal: AbortSignal; stop(): void } {
  const lost = new AbortController()
  const stopped = new AbortController()
  const renew = async () => {
    for (;;) {
      await delay(RENEW_MS, undefined, { signal: stopped.signal, ref: false })
      const kept = await transact(ctx, (tx) => store.renewLease(tx, row.id, row.attempt))
      if (!kept) return lost.abort(new LostImport('Another worker has this import.'))
    }
  }
  renew().catch((error: unknown) => {
    // A database that is away for a moment is seen by the pages too; the lease then runs out by itself.
    if (!stopped.signal.aborted)
      ctx.platform.log.warn('import.lease', { importId: row.id, errorMessage: String(error) })
  })
  return { signal: lost.signal, stop: () => stopped.abort() }
}
