/** What a user is here before the workspace adds attributes of its own. */
import {
  attribute,
  enterpriseUserSchema,
  type ResourceType,
  type Schema,
  userResourceType,
  userSchema,
} from '@keydesk/scim'

/** What a provider can say of a member that no standard schema has a word for. */
export const memberExtensionSchema: Schema = {
  id: 'urn:keydesk:params:scim:schemas:extension:member:2.0:User',
  name: 'Member',
  description: 'What Keydesk knows of its members beyond the standard.',
  attributes: [
    attribute(
      'defaultRole',
      'The name or id of the role this person has while no group and no assignment gives another. Okta shows it as "Default Role".',
    ),
  ],
}

// What somebody may do follows from roles, so a list of entitlements is only shown, and only to who asks.
const shownSchema: Schema = {
  ...userSchema,
  attributes: userSchema.attributes.map((known) => {
    if (known.name === 'entitlements')
      return {
        ...known,
        description: 'What the user may do by all roles together, as /Entitlements lists it.',
        mutability: 'readOnly' as const,
        returned: 'request' as const,
      }
    if (known.name === 'roles')
      return { ...known, description: 'Roles given to the user directly, by a name or id that /Roles lists.' }
    return known
  }),
}

export const plainUserType: ResourceType = {
  ...userResourceType,
  description: 'Members of the workspace: the people who work in Keydesk.',
  schema: shownSchema,
  extensions: [
    { schema: enterpriseUserSchema, required: false },
    { schema: memberExtensionSchema, required: false },
  ],
}
