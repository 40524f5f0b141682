/** The identity providers that the console can guide through, by the keys of the server's client profiles. */

export type Family = 'okta' | 'entra' | 'other'

export interface Provider {
  key: string
  family: Family
  /** The vendor, as a connection to it is called. */
  vendor: string
  /** How one chooses it. */
  choice: string
  hint: string
}

const ANOTHER: Provider = {
  key: 'generic',
  family: 'other',
  vendor: 'Identity provider',
  choice: 'Another one',
  hint: 'Anything that speaks SCIM 2.0.',
}

export const PROVIDERS: readonly Provider[] = [
  {
    key: 'okta-aiw',
    family: 'okta',
    vendor: 'Okta',
    choice: 'Okta, with your own SAML app',
    hint: 'An app you make with the App Integration Wizard. Works in every Okta that has provisioning.',
  },
  {
    key: 'okta-oin',
    family: 'okta',
    vendor: 'Okta',
    choice: 'Okta, with an app from its catalogue',
    hint: 'An app that Okta’s catalogue offers ready-made. Each person can be given a default role on assignment.',
  },
  {
    key: 'entra-compliant',
    family: 'entra',
    vendor: 'Microsoft Entra ID',
    choice: 'Microsoft Entra ID',
    hint: 'An enterprise application with automatic provisioning; formerly Azure AD.',
  },
  {
    key: 'onelogin',
    family: 'other',
    vendor: 'OneLogin',
    choice: 'OneLogin',
    hint: 'The app “SCIM Provisioner with SAML (SCIM v2 Enterprise)” or one like it.',
  },
  {
    key: 'jumpcloud',
    family: 'other',
    vendor: 'JumpCloud',
    choice: 'JumpCloud',
    hint: 'A custom application with identity management.',
  },
  {
    key: 'ping',
    family: 'other',
    vendor: 'Ping Identity',
    choice: 'Ping Identity',
    hint: 'A provisioning connection of PingOne, or a SCIM connector of PingFederate.',
  },
  {
    key: 'google',
    family: 'other',
    vendor: 'Google Workspace',
    choice: 'Google Workspace',
    hint: 'Auto-provisioning of a SAML app.',
  },
  ANOTHER,
]

/** The provider by the key of a client profile; whatever is not listed is another one. */
export function providerOf(key: string): Provider {
  const found = PROVIDERS.find((provider) => provider.key === key)
  if (found) return found
  const kin = PROVIDERS.find(({ family }) => family === 'entra' && key.startsWith('entra'))
  return kin ?? ANOTHER
}

/** Whom a connection belongs to: what was chosen for it, else what its traffic says. */
export function providerOfConnection(connection: {
  settings: { client: string }
  client: { key: string }
}): Provider {
  const { client } = connection.settings
  return providerOf(client === 'auto' ? connection.client.key : client)
}
