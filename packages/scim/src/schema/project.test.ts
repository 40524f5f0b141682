import { describe, expect, test } from 'vitest'
import type { Json } from '../json.ts'
import { attribute } from './attribute.ts'
import { enterpriseUserSchema } from './enterprise-user.ts'
import { type ProjectionQuery, project, readProjection } from './project.ts'
import { groupResourceType, userResourceType } from './resource-type.ts'

const enterprise = enterpriseUserSchema.id
const core = userResourceType.schema.id
const schemas = [core, enterprise]
const name = { givenName: 'Ada', familyName: 'King' }
const emails = [{ value: 'a', type: 'work' }, { value: 'b' }]
const manager = { value: 'm', displayName: 'Bob' }
const meta = { resourceType: 'User', location: 'https://x/Users/1' }
const ada = {
  schemas,
  id: '1',
  userName: 'ada',
  password: 'x',
  name,
  emails,
  meta,
  internal: 1,
  [enterprise]: { department: 'R', manager },
}

const cut = (query: ProjectionQuery): Json =>
  project(ada, userResourceType, readProjection(query, userResourceType))

describe('project', () => {
  test('by default, everything but what is never returned', () => {
    const { password: _, internal: __, ...rest } = ada
    expect(project(ada, userResourceType)).toEqual(rest)
    expect(cut({ attributes: '', excludedAttributes: [] })).toEqual(rest)
  })

  test.for<[string, Json]>([
    ['userName', { userName: 'ada' }],
    ['USERNAME, Name.GivenName', { userName: 'ada', name: { givenName: 'Ada' } }],
    ['name.givenName,name.familyName', { name }],
    ['name.givenName,name', { name }],
    ['name,name.givenName', { name }],
    ['emails.value', { emails: [{ value: 'a' }, { value: 'b' }] }],
    ['emails.type', { emails: [{ type: 'work' }] }],
    ['emails[type eq "work"]', { emails }],
    [`${core}:userName`, { userName: 'ada' }],
    [enterprise, { [enterprise]: ada[enterprise] as Json }],
    [`${enterprise}:manager.displayName`, { [enterprise]: { manager: { displayName: 'Bob' } } }],
    ['department', { [enterprise]: { department: 'R' } }],
    ['meta.location', { meta: { location: meta.location } }],
    ['password', {}],
    ['nothing,a..b,internal', {}],
  ])('attributes=%s', ([attributes, rest]) => {
    expect(cut({ attributes })).toEqual({ schemas, id: '1', ...(rest as object) })
    expect(cut({ attributes: attributes.split(',') })).toEqual({ schemas, id: '1', ...(rest as object) })
  })

  test.for<[string, Json]>([
    [`meta,name,emails,${enterprise}`, { userName: 'ada' }],
    [
      `META,name.givenName,emails.type,${enterprise}:manager,id,schemas`,
      {
        userName: 'ada',
        name: { familyName: 'King' },
        emails: [{ value: 'a' }, { value: 'b' }],
        [enterprise]: { department: 'R' },
      },
    ],
  ])('excludedAttributes=%s', ([excludedAttributes, rest]) => {
    expect(cut({ excludedAttributes })).toEqual({ schemas, id: '1', ...(rest as object) })
  })

  test('attributes and excludedAttributes exclude each other', () => {
    expect(() => cut({ attributes: 'name', excludedAttributes: 'emails' })).toThrow(
      expect.objectContaining({ scimType: 'invalidValue', status: 400 }),
    )
  })

  test('what is returned on request comes only when it is named', () => {
    const attributes = [attribute('score', '', { returned: 'request' }), attribute('title', '')]
    const type = { ...groupResourceType, schema: { ...groupResourceType.schema, attributes } }
    const thing = { schemas: [type.schema.id], id: '1', score: 5, title: 't' }
    expect(project(thing, type)).not.toHaveProperty('score')
    expect(project(thing, type, readProjection({ excludedAttributes: 'title' }, type))).toEqual({
      schemas: thing.schemas,
      id: '1',
    })
    expect(project(thing, type, readProjection({ attributes: 'score' }, type))).toEqual({
      schemas: thing.schemas,
      id: '1',
      score: 5,
    })
  })

  test('the resource that is cut stays whole', () => {
    const copy = structuredClone(ada)
    cut({ attributes: 'emails.value' })
    expect(ada).toEqual(copy)
  })
})
