/** The SCIM 2.0 service provider: identity providers push members (Users) and roles (Groups) to it. */
export { scimPlugin } from './plugin.ts'
