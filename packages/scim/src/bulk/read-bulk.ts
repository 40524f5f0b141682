/** Reads the body of a bulk request (RFC 7644 §3.7). What it asks for is done by `runBulk`. */
import { ScimError, tooLarge } from '../error.ts'
import { isRecord, type Json, type JsonObject, record } from '../json.ts'
import { PATCH_URN } from '../patch/read-patch.ts'
import { collectDeviations, type Deviations, fieldOf } from '../schema/deviations.ts'

export const BULK_REQUEST_URN = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'

export type BulkMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type BulkOperation = {
  method: BulkMethod
  /** Decoded segments: `['Users']` for a POST, `['Users', id]` for the others. */
  path: string[]
  bulkId?: string
  /** The version the resource has to have, as `If-Match` has it. */
  version?: string
  /** The body; a DELETE has none. */
  data?: JsonObject
}

export type BulkRequest = {
  /** After how many errors to stop; without it all is tried. */
  failOnErrors?: number
  operations: BulkOperation[]
  /** One sentence for each thing that is tolerated though the RFC does not allow it. */
  deviations: string[]
}

export type BulkLimits = { maxOperations: number }

/**
 * Reads a bulk request. Throws 413 above `maxOperations` (§3.7.4), and `invalidSyntax` or `invalidValue`
 * for an operation that cannot be told. How many bytes a body has is known only before it is parsed: who
 * reads it throws `tooLarge('maxPayloadSize', …)`.
 */
export function readBulk(body: Json, { maxOperations }: BulkLimits): BulkRequest {
  const deviations = collectDeviations()
  if (!isRecord(body)) throw new ScimError('invalidSyntax', 'A bulk request is a JSON object.')
  const schemas = fieldOf(body, 'schemas', { deviations })
  if (!Array.isArray(schemas) || !schemas.includes(BULK_REQUEST_URN))
    deviations.report(`schemas does not name ${BULK_REQUEST_URN}.`)
  const operations = fieldOf(body, 'Operations', { deviations })
  if (!Array.isArray(operations) || operations.length === 0)
    throw new ScimError('invalidSyntax', 'Operations must be a list with at least one operation.')
  if (operations.length > maxOperations) throw tooLarge('maxOperations', maxOperations)

  const read = operations.map((operation, at) => readOperation(operation, `Operations[${at}]`, deviations))
  refuseSameIds(read)
  const request: BulkRequest = { operations: read, deviations: deviations.list }
  const failOnErrors = fieldOf(body, 'failOnErrors', { deviations }) ?? undefined
  if (failOnErrors === undefined) return request
  if (typeof failOnErrors !== 'number' || !Number.isSafeInteger(failOnErrors) || failOnErrors < 1)
    throw new ScimError('invalidValue', 'failOnErrors is a whole number, and at least 1.')
  return { ...request, failOnErrors }
}

function readOperation(operation: Json, at: string, deviations: Deviations): BulkOperation {
  if (!isRecord(operation)) throw new ScimError('invalidSyntax', `${at} must be a JSON object.`)
  const method = readMethod(fieldOf(operation, 'method', { deviations }), at, deviations)
  const read: BulkOperation = {
    method,
    path: readPath(fieldOf(operation, 'path', { deviations }), method, at, deviations),
  }
  const bulkId = textAt(operation, 'bulkId', at, deviations)
  if (bulkId !== undefined) read.bulkId = bulkId
  else if (method === 'POST') throw new ScimError('invalidValue', `${at} is a POST, so it needs a bulkId.`)
  const version = textAt(operation, 'version', at, deviations)
  if (version !== undefined && method !== 'POST') read.version = version
  if (method !== 'DELETE')
    read.data = readData(fieldOf(operation, 'data', { deviations }), method, at, deviations)
  return read
}

function readMethod(method: Json | undefined, at: string, deviations: Deviations): BulkMethod {
  const known = METHODS.find((name) => typeof method === 'string' && method.toUpperCase() === name)
  if (!known) throw new ScimError('invalidSyntax', `${at}.method must be POST, PUT, PATCH or DELETE.`)
  if (method !== known) deviations.report(`The method ${known} was sent in another case.`)
  return known
}

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const

function readPath(path: Json | undefined, method: BulkMethod, at: string, deviations: Deviations): string[] {
  const expected = method === 'POST' ? 'an endpoint such as /Users' : 'a resource such as /Users/42'
  const wrong = new ScimError('invalidValue', `${at}.path must be the path of ${expected}.`)
  if (typeof path !== 'string') throw wrong
  if (!path.startsWith('/')) deviations.report('The path of an operation does not start with a slash.')
  const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/').map(segmentOf)
  if (segments.length !== (method === 'POST' ? 1 : 2)) throw wrong
  return segments.map((segment) => {
    if (segment === undefined) throw wrong
    return segment
  })
}

// A segment that hides a slash, a query or a dot segment is no name of a resource.
function segmentOf(raw: string): string | undefined {
  try {
    const segment = decodeURIComponent(raw)
    return /[?#]/.test(raw) || !/^[^/\\\p{Cc}]+$/u.test(segment) || /^\.\.?$/.test(segment)
      ? undefined
      : segment
  } catch {
    return undefined
  }
}

function readData(
  data: Json | undefined,
  method: BulkMethod,
  at: string,
  deviations: Deviations,
): JsonObject {
  if (isRecord(data)) return data
  // The RFC's own example has the operations alone where their message belongs (§3.7.3).
  if (method !== 'PATCH' || !Array.isArray(data))
    throw new ScimError('invalidSyntax', `${at}.data must be a JSON object.`)
  deviations.report('The data of a PATCH was a list, and read as its Operations.')
  return Object.assign(record(), { schemas: [PATCH_URN], Operations: data })
}

function textAt(
  operation: JsonObject,
  name: 'bulkId' | 'version',
  at: string,
  deviations: Deviations,
): string | undefined {
  const value = fieldOf(operation, name, { deviations })
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw new ScimError('invalidValue', `${at}.${name} must be a string.`)
  return value
}

// §3.7: unique within the request, or nobody could say which resource a reference means.
function refuseSameIds(operations: readonly BulkOperation[]): void {
  const seen = new Set<string>()
  for (const [at, { bulkId }] of operations.entries()) {
    if (bulkId === undefined) continue
    if (seen.has(bulkId))
      throw new ScimError('invalidValue', `Operations[${at}] has the bulkId of another operation.`)
    seen.add(bulkId)
  }
}
