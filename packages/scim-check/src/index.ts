/** A conformance suite for SCIM 2.0 servers: what the RFCs ask, and what the clients send. */
export {
  type Capability,
  type Check,
  type CheckResult,
  GROUPS,
  type GroupName,
  type Requirement,
  type Status,
} from './check.ts'
export { type CheckOptions, type CheckReport, checkScim, chooseChecks } from './check-scim.ts'
export { CHECKS } from './checks.ts'
export type { CapabilityProfile, Finding } from './profile.ts'
export { reportHtml } from './report/html.ts'
export { reportText } from './report/text.ts'
export type { Authorization, Exchange } from './wire.ts'
