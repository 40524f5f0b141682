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
  findProvisionable,
  findPushableRole,
  listMemberRoles,
  listProvisionable,
  listPushableRoles,
  listRoleMembers,
  type MemberCondition,
  type MemberRow,
  type ProvisionedProfile,
  type Provisioner,
  provisionMember,
  type RoleRow,
  renamePushedRole,
  updateProvisioned,
} from './provisioning.ts'
export { setExternalId as setRoleExternalId, touchRoles } from './roles.store.ts'
export { listRoles } from './roles.ts'
export { type AccountPorts, accountRoutes, eventView } from './routes.ts'
export { type Deliver, type FindRequester, identityOf, issueSignInLink } from './sign-in.ts'
export { createServiceUser, createToken } from './tokens.ts'
export { createWorkspace } from './workspaces.ts'
