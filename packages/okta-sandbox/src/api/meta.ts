/** What describes the organisation itself: who it is, its user type and schema, its API token. */
import { notFound } from '../errors.ts'
import { type Call, noContent, ok, type Route } from '../world.ts'
import { schemaId, typeId } from './user-view.ts'

const MADE = '2021-03-01T08:00:00.000Z'

export const metaRoutes: Route[] = [
  { method: 'GET', path: '/.well-known/okta-organization', scope: 'open', handler: wellKnown },
  { method: 'GET', path: '/api/v1/org', scope: 'okta.orgs.read', handler: org },
  {
    method: 'GET',
    path: '/api/v1/meta/schemas/user/:schema',
    scope: 'okta.schemas.read',
    handler: userSchema,
  },
  {
    method: 'GET',
    path: '/api/v1/meta/types/user',
    scope: 'okta.userTypes.read',
    handler: (call) => ok([userType(call)]),
  },
  {
    method: 'GET',
    path: '/api/v1/meta/types/user/:type',
    scope: 'okta.userTypes.read',
    handler: (call) => ok(userType(call)),
  },
  {
    method: 'GET',
    path: '/api/v1/api-tokens',
    scope: 'okta.apiTokens.read',
    handler: (call) => ok([apiToken(call)]),
  },
  { method: 'DELETE', path: '/api/v1/api-tokens/current', scope: null, handler: () => noContent },
]

function wellKnown(call: Call) {
  const href = call.base
  return ok({ id: call.org.id, pipeline: 'idx', _links: { organization: { href }, alternate: { href } } })
}

function org(call: Call) {
  return ok({
    id: call.org.id,
    companyName: `${call.org.seed[0]?.toUpperCase()}${call.org.seed.slice(1)} (sandbox)`,
    status: 'ACTIVE',
    subdomain: call.org.seed,
    website: `https://www.${call.org.domain}`,
    created: MADE,
    lastUpdated: MADE,
    _links: { uploadLogo: { href: `${call.base}/api/v1/org/logo`, hints: { allow: ['POST'] } } },
  })
}

function userType(call: Call) {
  const id = typeId(call.org)
  return {
    id,
    displayName: 'User',
    name: 'user',
    description: 'Okta user profile template with default permission settings',
    created: MADE,
    lastUpdated: MADE,
    createdBy: 'sandbox',
    lastUpdatedBy: 'sandbox',
    default: true,
    _links: {
      self: { rel: 'self', href: `${call.base}/api/v1/meta/types/user/${id}`, method: 'GET' },
      schema: {
        rel: 'schema',
        href: `${call.base}/api/v1/meta/schemas/user/${schemaId(call.org)}`,
        method: 'GET',
      },
    },
  }
}

const BASE: Record<string, string> = {
  login: 'Username',
  firstName: 'First name',
  lastName: 'Last name',
  middleName: 'Middle name',
  displayName: 'Display name',
  nickName: 'Nickname',
  email: 'Primary email',
  secondEmail: 'Secondary email',
  mobilePhone: 'Mobile phone',
  title: 'Title',
  department: 'Department',
  division: 'Division',
  organization: 'Organization',
  costCenter: 'Cost center',
  employeeNumber: 'Employee number',
  userType: 'User type',
  managerId: 'ManagerId',
  manager: 'Manager',
  city: 'City',
  countryCode: 'Country code',
  timezone: 'Time zone',
  locale: 'Locale',
}
const CUSTOM = {
  costCentreOwner: { title: 'Owns a cost centre', type: 'boolean' },
  laptopSerial: { title: 'Laptop serial number', type: 'string' },
}
const REQUIRED = ['login', 'email', 'firstName', 'lastName']

function userSchema(call: Call) {
  const wanted = call.params['schema'] ?? ''
  if (wanted !== 'default' && wanted !== schemaId(call.org)) throw notFound(wanted, 'Schema')
  const shared = {
    permissions: [{ principal: 'SELF', action: 'READ_ONLY' }],
    master: { type: 'PROFILE_MASTER' },
    mutability: 'READ_WRITE',
    scope: 'NONE',
  }
  const base = Object.entries(BASE).map(([name, title]) => [name, { title, type: 'string', ...shared }])
  const custom = Object.entries(CUSTOM).map(([name, kind]) => [name, { ...kind, ...shared }])
  return ok({
    id: `${call.base}/meta/schemas/user/${schemaId(call.org)}`,
    $schema: 'http://json-schema.org/draft-04/schema#',
    name: 'user',
    title: 'User',
    lastUpdated: MADE,
    created: MADE,
    definitions: {
      custom: { id: '#custom', type: 'object', properties: Object.fromEntries(custom), required: [] },
      base: { id: '#base', type: 'object', properties: Object.fromEntries(base), required: REQUIRED },
    },
    type: 'object',
    properties: { profile: { allOf: [{ $ref: '#/definitions/custom' }, { $ref: '#/definitions/base' }] } },
    _links: {
      self: {
        rel: 'self',
        href: `${call.base}/api/v1/meta/schemas/user/${schemaId(call.org)}`,
        method: 'GET',
      },
      type: { rel: 'type', href: `${call.base}/api/v1/meta/types/user/${typeId(call.org)}`, method: 'GET' },
    },
  })
}

function apiToken(call: Call) {
  const owner = call.org.users.order.find((user) => user?.roles.includes('SUPER_ADMIN'))
  const id = `00T${call.org.id.slice(3)}`
  return {
    id,
    name: 'Sandbox token',
    userId: owner?.id ?? '',
    clientName: 'Okta API',
    tokenWindow: 'P30D',
    network: { connection: 'ANYWHERE' },
    // It renews with each use, so it is always a month off.
    expiresAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    created: MADE,
    lastUpdated: MADE,
    _links: {
      self: { href: `${call.base}/api/v1/api-tokens/${id}`, hints: { allow: ['GET', 'DELETE'] } },
      user: { href: `${call.base}/api/v1/users/${owner?.id}`, hints: { allow: ['GET'] } },
    },
  }
}
