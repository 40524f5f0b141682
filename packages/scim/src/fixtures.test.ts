import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ScimError } from './error.ts'
import { isRecord, type Json, readJson } from './json.ts'
import { applyPatch, type PatchOptions } from './patch/apply-patch.ts'
import { readPatch } from './patch/read-patch.ts'
import type { Resource } from './resource.ts'
import { groupResourceType, userResourceType } from './schema/resource-type.ts'
import { readResource } from './schema/validate.ts'

type Fixture = {
  note: string
  type: 'User' | 'Group'
  before?: Resource
  request: { method: 'POST' | 'PUT' | 'PATCH'; body: Json }
  options?: PatchOptions
  status: number
  response: Json
  deviations: string[]
}

const folder = new URL('../fixtures/', import.meta.url)

const fixtures = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, ...(JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture) }))

describe('fixtures', () => {
  test('there are some of each client', () => {
    const clients = new Set(fixtures.map(({ name }) => name.split('/')[0]))
    expect([...clients].sort()).toEqual(['entra', 'jumpcloud', 'okta', 'onelogin', 'rfc'])
  })

  test.for(fixtures)('$name: $note', (fixture) => {
    const before = structuredClone(fixture.before)
    const { status, response, deviations } = answer(fixture)
    expect(response).toEqual(fixture.response)
    expect(status).toBe(fixture.status)
    expect(deviations.length).toBe(fixture.deviations.length)
    for (const expected of fixture.deviations)
      expect(deviations).toContainEqual(expect.stringContaining(expected))
    expect(fixture.before).toEqual(before)
  })

  test('an answer that equals what was there is no change', () => {
    const still = fixtures.filter(({ before, response }) => before && sameText(before, response))
    expect(still.length).toBeGreaterThan(3)
    for (const fixture of still) expect(patchOf(fixture).changed, fixture.name).toBe(false)
  })
})

function answer(fixture: Fixture): { status: number; response: Json; deviations: string[] } {
  try {
    if (fixture.before) {
      const { resource, deviations } = patchOf(fixture)
      return { status: 200, response: resource, deviations }
    }
    const { resource, deviations } = readResource(bodyOf(fixture), typeOf(fixture))
    return { status: fixture.request.method === 'POST' ? 201 : 200, response: resource, deviations }
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    return { status: error.status, response: { scimType: error.scimType ?? null }, deviations: [] }
  }
}

function patchOf(fixture: Fixture) {
  const { ops, deviations } = readPatch(bodyOf(fixture), typeOf(fixture))
  const { before } = fixture
  if (!isRecord(before)) throw new Error(`${fixture.note} needs a resource to patch.`)
  return { ...applyPatch(before, ops, typeOf(fixture), fixture.options), deviations }
}

// Bodies go the way they go on the server: as text.
function bodyOf({ request }: Fixture): Json {
  return readJson(JSON.stringify(request.body))
}

function typeOf({ type }: Fixture) {
  return type === 'User' ? userResourceType : groupResourceType
}

function sameText(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
