/** Workspaces, members and roles, sessions and tokens: who may come in, and what they may do. */
export { authorized, identify } from './authenticate.ts'
export { type Buckets, openBuckets } from './buckets.ts'
export { provisionerOf, resettleRoles } from './connection-roles.ts'
export { BRAKE_OFF, PERMISSIONS, type Permission } from './contract.ts'
export {
  type Credential,
  issueCredential,
  proves,
  readBasic,
  readCredential,
  soleAuthorization,
} from './credentials.ts'
export { warnOfExpiry } from './expiry.ts'
export { comparisonKey } from './keys.ts'
export { listEffectivePermissions } from './members.store.ts'
export { getMember, inviteMember } from './members.ts'
export { isListed, neighbourhood, readNetwork } from './networks.ts'
export { createOauthClient } from './oauth-clients.ts'
export { oauthPlugin } from './oauth-plugin.ts'
export { type Program, recogniseProgram } from './programs.ts'
export {
  applyUpdates,
  changeRoleMembers,
  createPushedRole,
  deleteProvisioned,
  deletePushedRole,
  findHolders,
  findPushableRole,
  type LockedMember,
  listMemberRoles,
  listPushableRoles,
  listRoleMembers,
  lockNamed,
  lockProvisionable,
  type MemberRow,
  type MembersChange,
  type PlannedUpdate,
  type ProvisionedProfile,
  type Provisioner,
  planUpdates,
  provisionMembers,
  type RoleRow,
  renamePushedRole,
  updateProvisioned,
} from './provisioning.ts'
export { refuseToReach } from './raising.ts'
export { setExternalId as setRoleExternalId, touchRoles } from './roles.store.ts'
export { listRoles } from './roles.ts'
export { type AccountPorts, accountRoutes, eventView } from './routes.ts'
export { type Deliver, type FindRequester, identityOf, issueSignInLink } from './sign-in.ts'
export {
  createBasicCredential,
  createServiceUser,
  createToken,
  listServiceUsers,
  revokeToken,
} from './tokens.ts'
export {
  addUpTallies,
  BY_CREATION,
  findVisibleByExternalId,
  findVisibleById,
  findVisibleByUserName,
  forgetRendered,
  listVisible,
  type VisibleMember,
  type VisibleOrder,
  type VisibleParts,
  type VisibleQuery,
} from './visible.store.ts'
export { createWorkspace } from './workspaces.ts'
