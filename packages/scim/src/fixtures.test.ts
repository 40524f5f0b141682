import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findClientProfile } from './clients/profiles.ts'
import { ScimError } from './error.ts'
import { matches } from './filter/matches.ts'
import { parseFilter } from './filter/parse.ts'
import { isRecord, type Json, readJson } from './json.ts'
import { applyPatch } from './patch/apply-patch.ts'
import { readPatch } from './patch/read-patch.ts'
import type { Resource } from './resource.ts'
import { groupResourceType, schemaUrns, userResourceType } from './schema/resource-type.ts'
import { readResource } from './schema/validate.ts'

/** A body in and a resource out, a PATCH of `before`, or a filter over `resources` and the ids it finds. */
type Fixture = {
  name: string
  note: string
  type: 'User' | 'Group'
  before?: Resource
  resources?: Resource[]
  request: { method: 'POST' | 'PUT' | 'PATCH'; body: Json } | { method: 'GET'; filter: string }
  status: number
  response: Json
  deviations: string[]
}

const folder = new URL('../fixtures/', import.meta.url)

const fixtures = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ ...(JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture), name }))

/** A folder of fixtures, and the profile whose tolerance its patches get. */
const clients: { [folder: string]: string } = {
  entra: 'entra',
  google: 'google',
  jumpcloud: 'jumpcloud',
  okta: 'okta-oin',
  onelogin: 'onelogin',
  ping: 'ping',
  rfc: 'generic',
}

describe('fixtures', () => {
  test('there are some of each client', () => {
    expect([...new Set(fixtures.map(folderOf))].sort()).toEqual(Object.keys(clients))
  })

  test.for(fixtures)('$name: $note', (fixture) => {
    const before = structuredClone(fixture.before)
    const { status, response, deviations } = answer(fixture)
    expect(response).toEqual(fixture.response)
    expect(status).toBe(fixture.status)
    for (const expected of fixture.deviations)
      expect(deviations).toContainEqual(expect.stringContaining(expected))
    expect(deviations).toHaveLength(fixture.deviations.length)
    expect(fixture.before).toEqual(before)
  })

  test('an answer that equals what was there is no change', () => {
    const still = fixtures.filter(({ before, response }) => before && sameText(before, response))
    expect(still.length).toBeGreaterThan(3)
    for (const fixture of still) expect(patchOf(fixture).changed, fixture.name).toBe(false)
  })
})

function answer(fixture: Fixture): { status: number; response: Json; deviations: string[] } {
  const { request } = fixture
  try {
    if (request.method === 'GET') {
      const filter = parseFilter(request.filter, { schemas: schemaUrns(typeOf(fixture)) })
      const found = (fixture.resources ?? []).filter((each) => matches(each, filter, typeOf(fixture)))
      return { status: 200, response: found.map(({ id }) => id ?? null), deviations: [] }
    }
    if (request.method === 'PATCH') {
      const { resource, deviations } = patchOf(fixture)
      return { status: 200, response: resource, deviations }
    }
    const { resource, deviations } = readResource(bodyOf(fixture), typeOf(fixture))
    return { status: request.method === 'POST' ? 201 : 200, response: resource, deviations }
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    return { status: error.status, response: { scimType: error.scimType ?? null }, deviations: [] }
  }
}

function patchOf(fixture: Fixture) {
  const { ops, deviations } = readPatch(bodyOf(fixture), typeOf(fixture))
  const { before } = fixture
  if (!isRecord(before)) throw new Error(`${fixture.name} needs a resource to patch.`)
  const profile = findClientProfile(clients[folderOf(fixture)] ?? '')
  return { ...applyPatch(before, ops, typeOf(fixture), profile?.patch), deviations }
}

// Bodies go the way they go on the server: as text.
function bodyOf({ name, request }: Fixture): Json {
  if (request.method === 'GET') throw new Error(`${name} has no body.`)
  return readJson(JSON.stringify(request.body))
}

function typeOf({ type }: Fixture) {
  return type === 'User' ? userResourceType : groupResourceType
}

function folderOf({ name }: Fixture): string {
  return name.split('/')[0] ?? ''
}

function sameText(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
