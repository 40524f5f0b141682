/** The SCIM 2.0 service provider: identity providers push members (Users) and roles (Groups) to it. */
export { sweepCalls } from './calls.ts'
export { sweepHolds } from './holds.ts'
export { scimBrokenUrls, scimPlugin } from './plugin.ts'
export { scimRoutes } from './routes.ts'
