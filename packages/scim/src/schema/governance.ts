import { attribute, type Schema } from './attribute.ts'

/** Okta reads no more characters of a `description`, so who makes one cuts it to these. */
export const MAX_GOVERNANCE_DESCRIPTION = 1000

/**
 * What Okta's governance imports: which roles and entitlements a service knows, so that admins can pick
 * them for users. Read-only here; a user gets them by `roles` and `entitlements` of its own resource.
 */
export const roleSchema: Schema = governed('Role', 'A role that users can have.', 'role')

export const entitlementSchema: Schema = governed(
  'Entitlement',
  'Something users can have a right to.',
  'entitlement',
)

function governed(name: string, description: string, noun: string): Schema {
  const readOnly = { mutability: 'readOnly' } as const
  return {
    id: `urn:okta:scim:schemas:core:1.0:${name}`,
    name,
    description,
    attributes: [
      attribute('displayName', `The name of the ${noun}.`, { ...readOnly, required: true }),
      attribute('type', `The kind of ${noun}.`, readOnly),
      attribute(
        'description',
        `What the ${noun} gives, in at most ${MAX_GOVERNANCE_DESCRIPTION} characters.`,
        readOnly,
      ),
    ],
  }
}
