/** SCIM 2.0 (RFC 7643, RFC 7644) as pure functions over plain data: bodies in, resources out. */
export {
  BULK_REQUEST_URN,
  type BulkLimits,
  type BulkMethod,
  type BulkOperation,
  type BulkRequest,
  readBulk,
} from './bulk/read-bulk.ts'
export {
  type BulkAnswer,
  type BulkCall,
  type BulkResponse,
  type BulkResult,
  runBulk,
} from './bulk/run-bulk.ts'
export {
  type Detection,
  detectClient,
  type Evidence,
  noEvidence,
  noteTraffic,
  type Traffic,
} from './clients/detect.ts'
export { type ClientKey, type ClientProfile, clientProfiles, findClientProfile } from './clients/profiles.ts'
export { type BodyTrait, describeShape } from './clients/shape.ts'
export {
  type ErrorBody,
  notFound,
  preconditionFailed,
  ScimError,
  type ScimType,
  tooLarge,
  unauthorized,
  uniqueness,
} from './error.ts'
export type { AttrPath, CompareOp, Filter, Literal, Path } from './filter/ast.ts'
export { bindFilter } from './filter/bind.ts'
export { matches } from './filter/matches.ts'
export { type ParseOptions, parseFilter, parsePath } from './filter/parse.ts'
export { printFilter, printPath } from './filter/print.ts'
export { isRecord, type Json, type JsonLimits, type JsonObject, readJson } from './json.ts'
export {
  type ListPosition,
  type ListResponse,
  listResponse,
  type Page,
  type PageOptions,
  type PageQuery,
  readPage,
} from './list.ts'
export { applyPatch, type PatchOp, type PatchOptions } from './patch/apply-patch.ts'
export { PATCH_URN, type ReadPatch, type ReadPatchOptions, readPatch } from './patch/read-patch.ts'
export type { Meta, Resource } from './resource.ts'
export {
  type Attribute,
  type AttributeType,
  attribute,
  complex,
  plural,
  type Schema,
} from './schema/attribute.ts'
export {
  type AuthenticationScheme,
  type Features,
  type Pagination,
  resourceTypeResource,
  schemaResource,
  serviceProviderConfig,
} from './schema/discovery.ts'
export { discoverySchemas } from './schema/discovery-schemas.ts'
export { enterpriseUserSchema } from './schema/enterprise-user.ts'
export { entitlementSchema, MAX_GOVERNANCE_DESCRIPTION, roleSchema } from './schema/governance.ts'
export { groupSchema } from './schema/group.ts'
export { keepImmutable } from './schema/immutable.ts'
export { type Projection, type ProjectionQuery, project, readProjection } from './schema/project.ts'
export { readSchema } from './schema/read-schema.ts'
export {
  commonAttributes,
  entitlementResourceType,
  findSchema,
  findTarget,
  groupResourceType,
  type ResourceType,
  roleResourceType,
  schemaUrns,
  type Target,
  userResourceType,
  withExtensions,
} from './schema/resource-type.ts'
export { userSchema } from './schema/user.ts'
export { type ReadOptions, type ReadResource, readResource } from './schema/validate.ts'
export { type ReadSearch, readSearchRequest, SEARCH_URN, type SearchQuery } from './search.ts'
export {
  compareSorted,
  compareSortKeys,
  readSort,
  type Sort,
  type SortKey,
  type SortQuery,
  sortKeyOf,
} from './sort.ts'
