import type { Authentication, Secret } from './credential.ts'
import { nameField, secretField } from './credential-fields.ts'
import type { FormField } from './FormFields.tsx'
import type { OauthPlaces } from './oauth-places.ts'

/** What Okta's form asks for once an authentication mode is chosen, in its order and words. */
export function oktaCredentialFields(
  authentication: Authentication,
  secret: Secret | undefined,
  places: OauthPlaces | undefined,
): FormField[] {
  switch (authentication) {
    case 'token':
      return [
        { label: 'Authentication Mode', value: 'HTTP Header' },
        secretField('Authorization', secret, 'token'),
      ]
    case 'basic':
      return [
        { label: 'Authentication Mode', value: 'Basic Auth' },
        nameField('Username', secret, 'basic'),
        secretField('Password', secret, 'basic'),
      ]
    case 'oauth':
      return [
        { label: 'Authentication Mode', value: 'OAuth 2' },
        { label: 'Access token endpoint URI', ...(places ? { copy: places.tokenUrl } : {}) },
        { label: 'Authorization endpoint URI', ...(places ? { copy: places.authorizeUrl } : {}) },
        nameField('Client ID', secret, 'oauth'),
        secretField('Client Secret', secret, 'oauth'),
      ]
  }
}
