/** A resource type (RFC 7643 §6), and how a path finds its attribute in one. */
import type { AttrPath } from '../filter/ast.ts'
import { type Attribute, attribute, complex, findByName, type Schema } from './attribute.ts'
import { enterpriseUserSchema } from './enterprise-user.ts'
import { entitlementSchema, roleSchema } from './governance.ts'
import { groupSchema } from './group.ts'
import { userSchema } from './user.ts'

export type ResourceType = {
  readonly name: string
  readonly endpoint: `/${string}`
  readonly description: string
  readonly schema: Schema
  readonly extensions: readonly { readonly schema: Schema; readonly required: boolean }[]
}

export const userResourceType: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  description: 'People with an account.',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema, required: false }],
}

export const groupResourceType: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  description: 'Named sets of users.',
  schema: groupSchema,
  extensions: [],
}

export const roleResourceType: ResourceType = {
  name: 'Role',
  endpoint: '/Roles',
  description: 'What users can be.',
  schema: roleSchema,
  extensions: [],
}

export const entitlementResourceType: ResourceType = {
  name: 'Entitlement',
  endpoint: '/Entitlements',
  description: 'What users can have a right to.',
  schema: entitlementSchema,
  extensions: [],
}

/** The type with more extensions, none of them required. One that it has already is replaced. */
export function withExtensions(type: ResourceType, schemas: readonly Schema[]): ResourceType {
  const ids = new Set(schemas.map(({ id }) => id.toLowerCase()))
  const kept = type.extensions.filter(({ schema }) => !ids.has(schema.id.toLowerCase()))
  return { ...type, extensions: [...kept, ...schemas.map((schema) => ({ schema, required: false }))] }
}

const readOnly = { mutability: 'readOnly', caseExact: true } as const

/** RFC 7643 §3.1: every resource has these, and no schema lists them. */
export const commonAttributes: readonly Attribute[] = [
  attribute('schemas', 'The URNs of the schemas that are present.', {
    ...readOnly,
    type: 'reference',
    multiValued: true,
    returned: 'always',
  }),
  attribute('id', 'The server’s identifier.', { ...readOnly, returned: 'always', uniqueness: 'server' }),
  attribute('externalId', 'The client’s identifier.', { caseExact: true }),
  complex(
    'meta',
    'What the server says about the resource.',
    [
      attribute('resourceType', 'The name of the resource type.', readOnly),
      attribute('created', 'When it was created.', { ...readOnly, type: 'dateTime' }),
      attribute('lastModified', 'When it changed last.', { ...readOnly, type: 'dateTime' }),
      attribute('location', 'Its URL.', { ...readOnly, type: 'reference' }),
      attribute('version', 'Its version, equal to the ETag header.', readOnly),
    ],
    { mutability: 'readOnly' },
  ),
]

/** Where a path leads: the attribute, its sub-attribute, and the extension that holds them. */
export type Target = { attribute: Attribute; sub?: Attribute; extension?: Schema }

/**
 * Finds what a path names (RFC 7644 §3.10), or `undefined`. Extension attributes should come with
 * their URN; Entra ID filters by plain `manager`, so a name the core lacks is looked up there too.
 */
export function findTarget(type: ResourceType, path: AttrPath): Target | undefined {
  const { all, byUrn } = containersOf(type)
  const named = path.schema === undefined ? all : [byUrn.get(path.schema.toLowerCase())]
  for (const container of named) {
    if (!container) continue
    const { schema, extension } = container
    const own = findByName(schema.attributes, path.attr)
    const found = own ?? (extension ? undefined : findByName(commonAttributes, path.attr))
    if (!found) continue
    const target: Target = extension ? { attribute: found, extension } : { attribute: found }
    if (path.sub === undefined) return target
    const sub = findByName(found.subAttributes, path.sub)
    return sub && { ...target, sub }
  }
  return undefined
}

/** The URNs a resource of this type can have. */
export function schemaUrns(type: ResourceType): readonly string[] {
  return containersOf(type).urns
}

/** The schema of this type with that URN, compared without case. */
export function findSchema(type: ResourceType, urn: string): Container | undefined {
  // Nearly every name that is asked for is of an attribute, and has no colon.
  return urn.includes(':') ? containersOf(type).byUrn.get(urn.toLowerCase()) : undefined
}

type Container = { schema: Schema; extension?: Schema }
type Containers = {
  all: readonly Container[]
  urns: readonly string[]
  byUrn: ReadonlyMap<string, Container>
}

const known = new WeakMap<ResourceType, Containers>()

function containersOf(type: ResourceType): Containers {
  const before = known.get(type)
  if (before) return before
  const extensions = type.extensions.map(({ schema }) => ({ schema, extension: schema }))
  const all: Container[] = [{ schema: type.schema }, ...extensions]
  const containers: Containers = {
    all,
    urns: all.map(({ schema }) => schema.id),
    byUrn: new Map(all.map((container) => [container.schema.id.toLowerCase(), container])),
  }
  known.set(type, containers)
  return containers
}
