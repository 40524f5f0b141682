/** What a check says of an answer. A verdict is thrown: the first thing that is wrong ends the check. */
import { isDeepStrictEqual } from 'node:util'
import { isRecord, type Json, type JsonObject } from '@keydesk/scim'
import type { Status } from './check.ts'
import type { Reply } from './wire.ts'

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error'
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** Why a check did not pass. */
export class Verdict extends Error {
  readonly status: Exclude<Status, 'pass'>

  constructor(status: Exclude<Status, 'pass'>, message: string) {
    super(message)
    this.status = status
  }
}

export function fail(message: string): never {
  throw new Verdict('fail', message)
}

/** It works, but not as well as it should. */
export function warn(message: string): never {
  throw new Verdict('warn', message)
}

/** It cannot be told, or it does not apply. */
export function skip(why: string): never {
  throw new Verdict('skip', why)
}

export function must(condition: unknown, message: string): asserts condition {
  if (!condition) fail(message)
}

/** The answer has one of these statuses. */
export function answered(reply: Reply, ...statuses: number[]): void {
  if (statuses.includes(reply.status)) return
  const said = at(reply.body, 'detail')
  const because = typeof said === 'string' && said !== '' ? ` (“${said.slice(0, 200)}”)` : ''
  fail(`${reply.asked} answered ${reply.status}${because}; expected ${statuses.join(' or ')}.`)
}

/** The answer is an error of this status. Another `scimType` than the one meant is only worth a warning. */
export function refused(reply: Reply, statuses: number | readonly number[], scimType?: string): void {
  answered(reply, ...[statuses].flat())
  const given = at(reply.body, 'scimType')
  if (scimType !== undefined && given !== scimType)
    warn(`The status is right, but scimType is ${show(given)}; "${scimType}" says what is wrong.`)
}

/** The value at a place in JSON; undefined when a step of the way is missing. */
export function at(value: unknown, ...steps: (string | number)[]): Json | undefined {
  let here = value
  for (const step of steps) {
    if (typeof step === 'number') here = Array.isArray(here) ? here.at(step) : undefined
    else here = isRecord(here) ? here[step] : undefined
  }
  return here as Json | undefined
}

/** What a server that has no value for an attribute may say of it (RFC 7643 §2.5). */
export function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** The same JSON; the order of an object's members does not count. */
export function same(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) fail(`${what} is ${show(actual)}; expected ${show(expected)}.`)
}

export function show(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

/** The elements of a list that are objects. */
export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** An answer that is one resource. */
export function resourceOf(reply: Reply, ...statuses: number[]): JsonObject {
  answered(reply, ...(statuses.length > 0 ? statuses : [200]))
  if (!isRecord(reply.body)) fail(`${reply.asked} answered ${reply.status} without a JSON object.`)
  return reply.body
}

export interface Listed {
  total: number
  resources: JsonObject[]
  ids: string[]
  body: JsonObject
}

/** An answer that is a list. Numbers as strings pass here: one check looks at those. */
export function listOf(reply: Reply): Listed {
  const body = resourceOf(reply)
  const total = Number(body['totalResults'])
  must(Number.isInteger(total), `${reply.asked} has no totalResults.`)
  must(
    Array.isArray(body['Resources']) ||
      total === 0 ||
      body['itemsPerPage'] === 0 ||
      reply.asked.includes('count=0'),
    `${reply.asked} has no Resources, though totalResults is ${total}.`,
  )
  const resources = objects(body['Resources'])
  return { total, resources, body, ids: resources.map((one) => String(one['id'])) }
}

/** The ids of a group's members. */
export function membersOf(group: unknown): string[] {
  return objects(at(group, 'members')).map((member) => String(member['value']))
}
