/** The JSON that `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas` answer (RFC 7644 §4). */
import type { JsonObject } from '../json.ts'
import type { Attribute, Schema } from './attribute.ts'
import { resourceTypeSchema, schemaSchema, serviceProviderConfigSchema } from './discovery-schemas.ts'
import type { ResourceType } from './resource-type.ts'

export type AuthenticationScheme = {
  type: 'oauth' | 'oauth2' | 'oauthbearertoken' | 'httpbasic' | 'httpdigest'
  name: string
  description: string
  specUri?: string
  documentationUri?: string
  primary?: boolean
}

/** RFC 9865 §4. Sizes are numbers of results; the timeout is in seconds. */
export type Pagination = {
  cursor: boolean
  index: boolean
  defaultPaginationMethod?: 'cursor' | 'index'
  defaultPageSize?: number
  maxPageSize?: number
  /** How long a cursor is good for. */
  cursorTimeout?: number
}

/** What a service offers. A feature that is left out is not supported. */
export type Features = {
  patch?: boolean
  bulk?: { maxOperations: number; maxPayloadSize: number }
  filter?: { maxResults: number }
  changePassword?: boolean
  sort?: boolean
  etag?: boolean
  pagination?: Pagination
  documentationUri?: string
  authenticationSchemes: readonly AuthenticationScheme[]
}

/** RFC 7643 §5, RFC 9865 §4. `baseUrl` is that of the tenant, without a slash at its end. */
export function serviceProviderConfig(features: Features, baseUrl: string): JsonObject {
  const { bulk, filter, documentationUri, pagination } = features
  return {
    schemas: [serviceProviderConfigSchema.id],
    ...(documentationUri === undefined ? {} : { documentationUri }),
    patch: { supported: features.patch ?? false },
    bulk: { supported: bulk !== undefined, ...(bulk ?? { maxOperations: 0, maxPayloadSize: 0 }) },
    filter: { supported: filter !== undefined, ...(filter ?? { maxResults: 0 }) },
    changePassword: { supported: features.changePassword ?? false },
    sort: { supported: features.sort ?? false },
    etag: { supported: features.etag ?? false },
    ...(pagination ? { pagination: { ...pagination } } : {}),
    authenticationSchemes: features.authenticationSchemes.map((scheme) => ({ ...scheme })),
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  }
}

/** RFC 7643 §6. */
export function resourceTypeResource(type: ResourceType, baseUrl: string): JsonObject {
  const schemaExtensions = type.extensions.map(({ schema, required }) => ({ schema: schema.id, required }))
  return {
    schemas: [resourceTypeSchema.id],
    id: type.name,
    name: type.name,
    description: type.description,
    endpoint: type.endpoint,
    schema: type.schema.id,
    ...(schemaExtensions.length > 0 ? { schemaExtensions } : {}),
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${type.name}` },
  }
}

/** RFC 7643 §7. */
export function schemaResource(schema: Schema, baseUrl: string): JsonObject {
  return {
    schemas: [schemaSchema.id],
    id: schema.id,
    name: schema.name,
    description: schema.description,
    attributes: schema.attributes.map(attributeJson),
    meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${schema.id}` },
  }
}

// §7: case and uniqueness mean nothing for a boolean or a complex attribute, so they are not shown.
function attributeJson(attribute: Attribute): JsonObject {
  const { name, type, multiValued, description, required, mutability, returned } = attribute
  const json: JsonObject = { name, type, multiValued, description, required, mutability, returned }
  if (type !== 'boolean' && type !== 'complex') {
    json['caseExact'] = attribute.caseExact
    json['uniqueness'] = attribute.uniqueness
  }
  if (attribute.canonicalValues) json['canonicalValues'] = [...attribute.canonicalValues]
  if (attribute.referenceTypes) json['referenceTypes'] = [...attribute.referenceTypes]
  if (attribute.subAttributes) json['subAttributes'] = attribute.subAttributes.map(attributeJson)
  return json
}
