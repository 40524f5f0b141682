/** Does what a bulk request asks for, by an `execute` that answers one request (RFC 7644 §3.7). */
import { ScimError } from '../error.ts'
import { isRecord, type Json, type JsonObject, record } from '../json.ts'
import { PATCH_URN } from '../patch/read-patch.ts'
import { orderBulk, referencesOf, type Step } from './order.ts'
import type { BulkMethod, BulkOperation, BulkRequest } from './read-bulk.ts'
import { splitOpen, withIds } from './references.ts'

const BULK_RESPONSE_URN = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse'

/** One request, with every bulkId replaced by the id of what was made. */
export type BulkCall = {
  method: BulkMethod
  path: string[]
  data: JsonObject | undefined
  version: string | undefined
}

/** What the request was answered. Of a created resource, `body.id` or the end of `location` is the id. */
export type BulkAnswer = {
  status: number
  location?: string | undefined
  version?: string | undefined
  body?: object | undefined
}

export type BulkResult = {
  location?: string
  method: BulkMethod
  bulkId?: string
  version?: string
  status: string
  response?: object
}

export type BulkResponse = { schemas: string[]; Operations: BulkResult[] }

/**
 * Executes the operations one after another, and answers in the order of the request. One that refers to
 * what could not be made is not executed: it is 409, or `invalidValue` when no operation has that bulkId.
 * In a circle, a resource is made without the references that are still open, and gets them by a PATCH
 * as soon as they can be told; when that fails the operation is 409, with the location of what was made.
 *
 * @param execute answers errors by their status; a `ScimError` may be thrown, anything else ends the bulk
 * @param base the URL below which the paths are, without a slash at its end
 */
export async function runBulk(
  request: BulkRequest,
  execute: (call: BulkCall) => Promise<BulkAnswer>,
  { base }: { base: string },
): Promise<{ status: 200; body: BulkResponse }> {
  const run: Run = {
    request,
    base,
    execute: (call) => answerOf(execute, call),
    made: makersOf(request),
    unfinished: new Map(),
    results: new Map(),
  }
  const limit = request.failOnErrors ?? Number.POSITIVE_INFINITY
  for (const step of orderBulk(request.operations)) {
    await doStep(run, step)
    await finish(run)
    if (errorsIn(run) >= limit) break
  }
  for (const at of run.unfinished.keys()) leaveUnfinished(run, at)
  const results = request.operations.flatMap((_, at) => run.results.get(at) ?? [])
  return { status: 200, body: { schemas: [BULK_RESPONSE_URN], Operations: results } }
}

type Run = {
  readonly request: BulkRequest
  readonly base: string
  readonly execute: (call: BulkCall) => Promise<BulkAnswer>
  /** By bulkId: the id of what was made, or how far its operation is. */
  readonly made: Map<string, { id: string } | 'waiting' | 'failed'>
  /** Resources of a circle that lack references, by the place of their operation. */
  readonly unfinished: Map<number, Unfinished>
  readonly results: Map<number, BulkResult>
}

type Unfinished = { path: string[]; later: JsonObject; open: ReadonlySet<string> }

function makersOf({ operations }: BulkRequest): Run['made'] {
  const made: Run['made'] = new Map()
  for (const { method, bulkId } of operations)
    if (method === 'POST' && bulkId !== undefined) made.set(bulkId, 'waiting')
  return made
}

async function answerOf(
  execute: (call: BulkCall) => Promise<BulkAnswer>,
  call: BulkCall,
): Promise<BulkAnswer> {
  try {
    return await execute(call)
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    return { status: error.status, body: error.toJSON() }
  }
}

async function doStep(run: Run, { at, open }: Step): Promise<void> {
  const operation = run.request.operations[at]
  if (!operation) return
  const refusal = refusalOf(run, operation)
  const data = operation.data ?? record()
  // Only what makes something can be in a circle, so only a POST has references that are open.
  const { now, later } =
    open.size > 0 ? splitOpen(data, (bulkId) => open.has(bulkId)) : { now: data, later: record() }
  const answer = refusal
    ? { status: refusal.status, body: refusal.toJSON() }
    : await run.execute({
        method: operation.method,
        path: operation.path.map((segment) => String(resolved(run, segment))),
        data: operation.data && asObject(resolved(run, now)),
        version: operation.version,
      })
  run.results.set(at, resultOf(run, operation, answer))
  if (operation.method !== 'POST' || operation.bulkId === undefined) return
  const id = isDone(answer) ? idOf(answer) : undefined
  run.made.set(operation.bulkId, id === undefined ? 'failed' : { id })
  if (id !== undefined && open.size > 0)
    run.unfinished.set(at, { path: [...operation.path, id], later, open })
}

function refusalOf(run: Run, operation: BulkOperation): ScimError | undefined {
  for (const bulkId of referencesOf(operation)) {
    const made = run.made.get(bulkId)
    const name = JSON.stringify(bulkId.slice(0, 60))
    if (made === undefined) return new ScimError('invalidValue', `No operation has the bulkId ${name}.`)
    if (made === 'failed')
      return new ScimError(undefined, `It refers to the bulkId ${name}, which could not be made.`, 409)
  }
  return undefined
}

/** Adds the references to those whose last open one was just settled. */
async function finish(run: Run): Promise<void> {
  for (const [at, { path, later, open }] of run.unfinished) {
    if ([...open].some((bulkId) => run.made.get(bulkId) === 'waiting')) continue
    const { now, later: lost } = splitOpen(later, (bulkId) => run.made.get(bulkId) === 'failed')
    if (Object.keys(now).length > 0) {
      const data = asObject({ schemas: [PATCH_URN], Operations: [{ op: 'add', value: resolved(run, now) }] })
      const answer = await run.execute({ method: 'PATCH', path, data, version: undefined })
      if (!isDone(answer)) {
        leaveUnfinished(run, at, answer)
        continue
      }
      const result = run.results.get(at)
      if (result) delete result.version
      if (result && answer.version !== undefined) result.version = answer.version
    }
    if (Object.keys(lost).length > 0) leaveUnfinished(run, at)
    else run.unfinished.delete(at)
  }
}

// It exists, and others may refer to it by now, so it is not taken back but told as it is.
function leaveUnfinished(run: Run, at: number, cause?: BulkAnswer): void {
  run.unfinished.delete(at)
  const result = run.results.get(at)
  if (!result) return
  const why = cause && detailOf(cause)
  const error = new ScimError(
    undefined,
    `It was made, but not all it refers to could be added${why ? `: ${why}` : '.'}`,
    409,
  )
  delete result.version
  run.results.set(at, { ...result, status: '409', response: error.toJSON() })
}

function resolved(run: Run, value: Json): Json {
  return withIds(value, (bulkId) => {
    const made = run.made.get(bulkId)
    return typeof made === 'object' ? made.id : `bulkId:${bulkId}`
  })
}

function asObject(value: Json): JsonObject {
  return isRecord(value) ? value : record()
}

function resultOf(run: Run, operation: BulkOperation, answer: BulkAnswer): BulkResult {
  const { method, bulkId } = operation
  const isFailed = !isDone(answer)
  const path = operation.path.map((segment) => encodeURIComponent(String(resolved(run, segment))))
  // §3.7.3: all but a failed POST have a place.
  const location = method === 'POST' ? answer.location : (answer.location ?? `${run.base}/${path.join('/')}`)
  return {
    ...(location === undefined || (isFailed && method === 'POST') ? {} : { location }),
    method,
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(answer.version === undefined || isFailed ? {} : { version: answer.version }),
    status: String(answer.status),
    ...(isFailed ? { response: answer.body ?? errorOf(answer) } : {}),
  }
}

function errorOf({ status }: BulkAnswer): object {
  return new ScimError(undefined, 'The operation failed.', status).toJSON()
}

function isDone({ status }: BulkAnswer): boolean {
  return status >= 200 && status < 300
}

function errorsIn({ results }: Run): number {
  return [...results.values()].filter(({ response }) => response !== undefined).length
}

function idOf({ body, location }: BulkAnswer): string | undefined {
  if (body && 'id' in body && typeof body.id === 'string') return body.id
  const end = location?.slice(location.lastIndexOf('/') + 1)
  return end ? decodeURIComponent(end) : undefined
}

function detailOf({ body }: BulkAnswer): string | undefined {
  return body && 'detail' in body && typeof body.detail === 'string' ? body.detail : undefined
}
