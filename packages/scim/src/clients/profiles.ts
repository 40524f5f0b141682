/**
 * The identity providers that are known by their traffic, as data. A connection has one of these
 * profiles: it is shown to the admin, and it says which tolerance `applyPatch` needs.
 */
import type { PatchOptions } from '../patch/apply-patch.ts'

export type ClientKey =
  | 'okta-aiw'
  | 'okta-oin'
  | 'entra'
  | 'entra-compliant'
  | 'onelogin'
  | 'jumpcloud'
  | 'ping'
  | 'google'
  | 'generic'

export type ClientProfile = {
  readonly key: ClientKey
  /** As people know it. */
  readonly name: string
  readonly vendor: string
  /** One sentence for the admin: what is special about this client. */
  readonly hint: string
  readonly patch: PatchOptions
}

export const clientProfiles: readonly ClientProfile[] = [
  {
    key: 'okta-aiw',
    name: 'Okta, custom app (PUT)',
    vendor: 'Okta',
    hint: 'Made with the App Integration Wizard: every change of a user or a group sends the whole of it by PUT.',
    patch: {},
  },
  {
    key: 'okta-oin',
    name: 'Okta, app from the catalogue (PATCH)',
    vendor: 'Okta',
    hint: 'Activation, passwords and group members change by PATCH; user profiles may still come by PUT.',
    patch: {},
  },
  {
    key: 'entra',
    name: 'Microsoft Entra ID',
    vendor: 'Microsoft',
    hint: 'Writes booleans as text and members to remove into the value; adding ?aadOptscim062020 to the tenant URL makes it follow the standard.',
    patch: { createOnNoMatch: true },
  },
  {
    key: 'entra-compliant',
    name: 'Microsoft Entra ID, standard dialect',
    vendor: 'Microsoft',
    hint: 'The tenant URL carries ?aadOptscim062020: booleans are booleans, and members are removed by a filter.',
    patch: { createOnNoMatch: true },
  },
  {
    key: 'onelogin',
    name: 'OneLogin',
    vendor: 'OneLogin',
    hint: 'Its bodies are a JSON template that an admin wrote, so look at the template when an attribute arrives in a wrong form.',
    patch: {},
  },
  {
    key: 'jumpcloud',
    name: 'JumpCloud',
    vendor: 'JumpCloud',
    hint: 'Activation makes a test user and a test group and deletes them again; it sends no enterprise attributes.',
    patch: {},
  },
  {
    key: 'ping',
    name: 'Ping Identity',
    vendor: 'Ping Identity',
    hint: 'Looks users up by a filter its admin can change: userName by default, or the mail address.',
    patch: {},
  },
  {
    key: 'google',
    name: 'Google Workspace',
    vendor: 'Google',
    hint: 'Auto-provisioning of a SAML app; it sends its bodies as application/json.',
    patch: {},
  },
  {
    key: 'generic',
    name: 'Another SCIM client',
    vendor: 'Unknown',
    hint: 'Nothing particular is expected; the standard is followed.',
    patch: {},
  },
]

/** The profile with that key, or `undefined` for a key that is none. */
export function findClientProfile(key: string): ClientProfile | undefined {
  return clientProfiles.find((profile) => profile.key === key)
}
