/** What this service offers, told as it is (RFC 7644 §4). */
import {
  discoverySchemas,
  enterpriseUserSchema,
  groupResourceType,
  groupSchema,
  listResponse,
  notFound,
  type ResourceType,
  resourceTypeResource,
  type Schema,
  ScimError,
  schemaResource,
  serviceProviderConfig,
  userResourceType,
  userSchema,
} from '@keydesk/scim'
import type { Answer, Call } from './http.ts'
import { MAX_RESULTS } from './listing.ts'

const TYPES: readonly ResourceType[] = [
  { ...userResourceType, description: 'Members of the workspace: the people who work in Keydesk.' },
  { ...groupResourceType, description: 'Roles of the workspace, and who has them by a pushed group.' },
]

// A password is read and forgotten, so it is not advertised.
const shownUserSchema: Schema = {
  ...userSchema,
  attributes: userSchema.attributes.filter(({ name }) => name !== 'password'),
}
const SCHEMAS: readonly Schema[] = [shownUserSchema, enterpriseUserSchema, groupSchema, ...discoverySchemas]

const features = {
  patch: true,
  filter: { maxResults: MAX_RESULTS },
  etag: true,
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'A token of a SCIM connection, which an owner creates in the settings of Keydesk.',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    },
  ],
} as const

export async function getConfig({ base }: Call): Promise<Answer> {
  return { status: 200, body: serviceProviderConfig(features, base) }
}

export async function listResourceTypes({ base, query }: Call): Promise<Answer> {
  refuseFilter(query.filter)
  return listOf(TYPES.map((type) => resourceTypeResource(type, base)))
}

export async function getResourceType({ base, id }: Call): Promise<Answer> {
  const type = TYPES.find(({ name }) => name === id)
  if (!type) throw notFound('This resource type')
  return { status: 200, body: resourceTypeResource(type, base) }
}

export async function listSchemas({ base, query }: Call): Promise<Answer> {
  refuseFilter(query.filter)
  return listOf(SCHEMAS.map((schema) => schemaResource(schema, base)))
}

export async function getSchema({ base, id }: Call): Promise<Answer> {
  const schema = SCHEMAS.find((known) => known.id.toLowerCase() === id.toLowerCase())
  if (!schema) throw notFound('This schema')
  return { status: 200, body: schemaResource(schema, base) }
}

function listOf(resources: object[]): Answer {
  return { status: 200, body: listResponse(resources, { totalResults: resources.length, startIndex: 1 }) }
}

// §4: a filter here would hide what the service offers.
function refuseFilter(filter: string | undefined): void {
  if (filter !== undefined) throw new ScimError(undefined, 'This list cannot be filtered.', 403)
}
