import type { Authentication, Secret } from './credential.ts'
import type { FormField } from './FormFields.tsx'

/** The field for a secret: to be copied as long as it is known, else where it comes from. */
export function secretField(
  label: string,
  secret: Secret | undefined,
  authentication: Authentication,
): FormField {
  if (secret?.authentication === authentication && secret.secret)
    return { label, secret: secret.secret, value: `${SECRETS[authentication]} of step 3` }
  return { label, value: `${SECRETS[authentication]} of step 3. If it is lost, create another.` }
}

/** The field for what goes with a secret: a user name, or a client ID. */
export function nameField(
  label: string,
  secret: Secret | undefined,
  authentication: Authentication,
): FormField {
  if (secret?.authentication === authentication && secret.name) return { label, copy: secret.name }
  return { label, value: `${NAMES[authentication]} of step 3` }
}

const SECRETS: Record<Authentication, string> = {
  token: 'The token',
  basic: 'The password',
  oauth: 'The client secret',
}
const NAMES: Record<Authentication, string> = {
  token: 'The token',
  basic: 'The user name',
  oauth: 'The client ID',
}
