/** Okta: connecting it, reading its directory, and acting in it. */
export { oktaActions } from './actions/all.ts'
export { connectServiceApp, createConnection, deleteConnection, setCredentials } from './connections.ts'
export { OKTA_SCOPES } from './contract.ts'
export { getOktaUserState } from './live.ts'
export { oktaRoutes } from './routes.ts'
export { findConnected } from './sessions.ts'
export { importJob, latestImport, resumeImports, startImport } from './sync/import.ts'
