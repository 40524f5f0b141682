import { attribute, complex, type Schema } from './attribute.ts'

/** RFC 7643 §4.3 and §8.7.1. */
export const enterpriseUserSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  name: 'EnterpriseUser',
  description: 'What an employer knows about a user.',
  attributes: [
    attribute('employeeNumber', 'The number or code the organisation gave the person.'),
    attribute('costCenter', 'The cost center.'),
    attribute('organization', 'The organisation.'),
    attribute('division', 'The division.'),
    attribute('department', 'The department.'),
    complex('manager', 'The person’s manager.', [
      attribute('value', 'The id of the manager’s User.', { caseExact: true }),
      attribute('$ref', 'The URL of the manager’s User.', {
        type: 'reference',
        referenceTypes: ['User'],
        caseExact: true,
      }),
      attribute('displayName', 'The manager’s display name.', { mutability: 'readOnly' }),
    ]),
  ],
}
