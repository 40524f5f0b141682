/** The ways in which a provider can prove who it is. */

export type Authentication = 'token' | 'basic' | 'oauth'

export const AUTHENTICATIONS: Record<Authentication, { label: string; hint: string }> = {
  token: {
    label: 'Token',
    hint: 'Sent in the header Authorization. Okta calls it HTTP Header, Entra Secret Token. Take it unless your provider cannot.',
  },
  basic: {
    label: 'User name and password',
    hint: 'Okta calls it Basic Auth. The pair is made here and belongs to no person.',
  },
  oauth: {
    label: 'OAuth 2',
    hint: 'The provider gets tokens that live for an hour, and renews them by itself.',
  },
}

/** What was just made, and is shown this once: by the names under which providers ask for it. */
export interface Secret {
  authentication: Authentication
  /** The user name for Basic, the client ID for OAuth. */
  name?: string
  /** Null for an OAuth client that can keep none. */
  secret: string | null
}
