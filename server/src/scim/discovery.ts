/** What this service offers, told as it is (RFC 7644 §4). */
import {
  discoverySchemas,
  entitlementResourceType,
  type Features,
  groupResourceType,
  listResponse,
  notFound,
  type ResourceType,
  resourceTypeResource,
  roleResourceType,
  type Schema,
  ScimError,
  schemaResource,
  serviceProviderConfig,
} from '@keydesk/scim'
import type { Platform } from '#platform'
import { MAX_OPERATIONS } from './bulk.ts'
import { CURSOR_SECONDS } from './cursors.ts'
import type { Answer, Call } from './http.ts'
import { DEFAULT_RESULTS, MAX_RESULTS } from './listing.ts'
import { MAX_PAYLOAD } from './read-body.ts'

const groupType: ResourceType = {
  ...groupResourceType,
  description: 'Roles of the workspace, and who has them by a pushed group.',
}

function typesOf({ userType }: Call): ResourceType[] {
  return [userType, groupType, roleResourceType, entitlementResourceType]
}

function schemasOf(call: Call): Schema[] {
  const types = typesOf(call)
  const own = types.flatMap(({ schema, extensions }) => [schema, ...extensions.map((one) => one.schema)])
  return [...own.map(withoutPassword), ...discoverySchemas]
}

// A password is read and forgotten, so it is not advertised.
function withoutPassword(schema: Schema): Schema {
  return { ...schema, attributes: schema.attributes.filter(({ name }) => name !== 'password') }
}

const features: Features = {
  patch: true,
  bulk: { maxOperations: MAX_OPERATIONS, maxPayloadSize: MAX_PAYLOAD },
  filter: { maxResults: MAX_RESULTS },
  sort: true,
  etag: true,
  pagination: {
    cursor: true,
    index: true,
    defaultPaginationMethod: 'index',
    defaultPageSize: DEFAULT_RESULTS,
    maxPageSize: MAX_RESULTS,
    cursorTimeout: CURSOR_SECONDS,
  },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'A token of a SCIM connection, which an owner creates in the settings of Keydesk.',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    },
    {
      type: 'oauth2',
      name: 'OAuth 2.0',
      description:
        'Client credentials or authorization code, at /oauth/token and /oauth/authorize of this server.',
      specUri: 'https://www.rfc-editor.org/info/rfc6749',
    },
    {
      type: 'httpbasic',
      name: 'HTTP Basic',
      description: 'A user name and password of a SCIM connection, made in the settings of Keydesk.',
      specUri: 'https://www.rfc-editor.org/info/rfc7617',
    },
  ],
}

export async function getConfig({ base, query }: Call): Promise<Answer> {
  refuseFilter(query.filter)
  return { status: 200, body: serviceProviderConfig(features, base) }
}

/** The same for a stranger. It tells nothing of the workspace, not even whether there is one. */
export function publicConfig(platform: Platform, slug: string): Answer {
  if (!/^[a-z0-9-]{1,63}$/.test(slug)) throw notFound('This workspace')
  return {
    status: 200,
    body: serviceProviderConfig(features, `${platform.config.publicUrl}/scim/v2/${slug}`),
  }
}

export async function listResourceTypes(call: Call): Promise<Answer> {
  refuseFilter(call.query.filter)
  return listOf(typesOf(call).map((type) => resourceTypeResource(type, call.base)))
}

export async function getResourceType(call: Call): Promise<Answer> {
  refuseFilter(call.query.filter)
  const type = typesOf(call).find(({ name }) => name === call.id)
  if (!type) throw notFound('This resource type')
  return { status: 200, body: resourceTypeResource(type, call.base) }
}

export async function listSchemas(call: Call): Promise<Answer> {
  refuseFilter(call.query.filter)
  return listOf(schemasOf(call).map((schema) => schemaResource(schema, call.base)))
}

export async function getSchema(call: Call): Promise<Answer> {
  refuseFilter(call.query.filter)
  const schema = schemasOf(call).find((known) => known.id.toLowerCase() === call.id.toLowerCase())
  if (!schema) throw notFound('This schema')
  return { status: 200, body: schemaResource(schema, call.base) }
}

function listOf(resources: object[]): Answer {
  return { status: 200, body: listResponse(resources, { totalResults: resources.length, startIndex: 1 }) }
}

// §4: a filter here would hide what the service offers.
function refuseFilter(filter: string | undefined): void {
  if (filter !== undefined)
    throw new ScimError(undefined, 'What the service offers cannot be filtered. Ask without a filter.', 403)
}
