/** Workspaces, members and roles, sessions and tokens: who may come in, and what they may do. */
export { authenticateToken, authorized, identify } from './authenticate.ts'
export { PERMISSIONS, type Permission } from './contract.ts'
export { issueCredential, readCredential } from './credentials.ts'
export { comparisonKey } from './keys.ts'
export { getMember, inviteMember } from './members.ts'
export {
  changeRoleMembers,
  createPushedRole,
  deleteProvisioned,
  deletePushedRole,
  findAddable,
  findHolders,
  findPushableRole,
  listMemberRoles,
  listPushableRoles,
  lockProvisionable,
  type MemberRow,
  type MembersChange,
  type ProvisionedProfile,
  type Provisioner,
  provisionMembers,
  type RoleRow,
  renamePushedRole,
  resettleRoles,
  updateProvisioned,
} from './provisioning.ts'
export { setExternalId as setRoleExternalId, touchRoles } from './roles.store.ts'
export { listRoles } from './roles.ts'
export { type AccountPorts, accountRoutes, eventView } from './routes.ts'
export { type Deliver, type FindRequester, identityOf, issueSignInLink } from './sign-in.ts'
export { createServiceUser, createToken } from './tokens.ts'
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
