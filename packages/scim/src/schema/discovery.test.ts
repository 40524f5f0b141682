import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import { resourceTypeResource, schemaResource, serviceProviderConfig } from './discovery.ts'
import { discoverySchemas } from './discovery-schemas.ts'
import { enterpriseUserSchema } from './enterprise-user.ts'
import { entitlementSchema, roleSchema } from './governance.ts'
import { groupSchema } from './group.ts'
import { project } from './project.ts'
import {
  entitlementResourceType,
  groupResourceType,
  type ResourceType,
  roleResourceType,
  userResourceType,
} from './resource-type.ts'
import { userSchema } from './user.ts'
import { readResource } from './validate.ts'

const base = 'https://desk.example/scim/v2/t1'

test('serviceProviderConfig tells what is supported and what is not', () => {
  const bearer = { type: 'oauthbearertoken', name: 'Bearer', description: 'A token.', primary: true } as const
  expect(
    serviceProviderConfig(
      { patch: true, filter: { maxResults: 200 }, etag: true, authenticationSchemes: [bearer] },
      base,
    ),
  ).toEqual({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: 200 },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [bearer],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  })
})

test('RFC 9865 §4: serviceProviderConfig tells how lists are paged, and RFC 7643 §5 the rest', () => {
  const pagination = {
    cursor: true,
    index: true,
    defaultPaginationMethod: 'index',
    defaultPageSize: 100,
    maxPageSize: 200,
    cursorTimeout: 600,
  } as const
  const bulk = { maxOperations: 1000, maxPayloadSize: 1_048_576 }
  const features = { bulk, sort: true, changePassword: true, pagination, authenticationSchemes: [] }
  expect(serviceProviderConfig(features, base)).toMatchObject({
    bulk: { supported: true, ...bulk },
    sort: { supported: true },
    changePassword: { supported: true },
    pagination,
  })
  expect(serviceProviderConfig({ authenticationSchemes: [] }, base)).not.toHaveProperty('pagination')
})

test('resourceTypeResource names the schema and its extensions', () => {
  expect(resourceTypeResource(userResourceType, base)).toMatchObject({
    id: 'User',
    endpoint: '/Users',
    schema: userSchema.id,
    schemaExtensions: [{ schema: enterpriseUserSchema.id, required: false }],
    meta: { location: `${base}/ResourceTypes/User` },
  })
  expect(resourceTypeResource(groupResourceType, base)).not.toHaveProperty('schemaExtensions')
})

describe('schemaResource', () => {
  const all = [
    userSchema,
    groupSchema,
    enterpriseUserSchema,
    roleSchema,
    entitlementSchema,
    ...discoverySchemas,
  ]

  test('has the attributes of RFC 7643 §8.7.1', () => {
    const names = (schema: typeof userSchema) =>
      schema.attributes.flatMap(({ name, subAttributes = [] }) => [
        name,
        ...subAttributes.map((sub) => `${name}.${sub.name}`),
      ])
    expect(names(userSchema)).toHaveLength(67)
    expect(names(enterpriseUserSchema)).toHaveLength(9)
    expect(names(groupSchema)).toEqual([
      'displayName',
      'members',
      'members.value',
      'members.$ref',
      'members.type',
      'members.display',
    ])
  })

  test.for(all)('$id says of each attribute what §7 asks for', (schema) => {
    const resource = schemaResource(schema, base)
    expect(resource).toMatchObject({
      id: schema.id,
      meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
    })
    const text = JSON.stringify(resource)
    expect(text).not.toMatch(/null|undefined/)
    for (const { name, description } of schema.attributes) {
      expect(name).toMatch(/^\$?[a-z][\w-]*$/i)
      expect(description).toMatch(/\.$/)
    }
  })

  test('every discovery resource is described by its own schema', () => {
    const [config, kind, schema] = discoverySchemas.map((own) => ({
      ...groupResourceType,
      extensions: [],
      schema: own,
    }))
    if (!config || !kind || !schema) throw new Error('There are three discovery schemas.')
    const user = schemaResource(userSchema, base)
    const pairs = [
      [
        serviceProviderConfig(
          {
            documentationUri: 'https://x',
            bulk: { maxOperations: 1, maxPayloadSize: 2 },
            pagination: { cursor: true, index: true, defaultPaginationMethod: 'index', maxPageSize: 5 },
            authenticationSchemes: [{ type: 'httpbasic', name: 'B', description: 'b', specUri: 'https://y' }],
          },
          base,
        ),
        config,
      ],
      [resourceTypeResource(userResourceType, base), kind],
      [{ ...user, attributes: [{ name: 'x', required: true }] }, schema],
    ] satisfies [JsonObject, ResourceType][]
    for (const [resource, type] of pairs)
      expect(project({ ...resource, schemas: [type.schema.id] }, type)).toEqual(resource)
  })
})

test.for([
  [roleResourceType, '/Roles', 'urn:okta:scim:schemas:core:1.0:Role'],
  [entitlementResourceType, '/Entitlements', 'urn:okta:scim:schemas:core:1.0:Entitlement'],
] as const)('$0.name is described as Okta reads it, and is read-only', ([type, endpoint, urn]) => {
  expect(resourceTypeResource(type, base)).toMatchObject({ id: type.name, endpoint, schema: urn })
  const resource = {
    schemas: [urn],
    id: 'r1',
    displayName: 'Agent',
    type: 'system',
    description: 'Works on requests.',
    secret: 'x',
  }
  const { secret: _, ...shown } = resource
  expect(project(resource, type)).toEqual(shown)
  expect(readResource(resource, type).resource).toEqual({ schemas: [urn] })
})
