import { attribute, complex, plural, type Schema } from './attribute.ts'

/** RFC 7643 §4.1 and §8.7.1. */
export const userSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:User',
  name: 'User',
  description: 'A person with an account.',
  attributes: [
    attribute('userName', 'The name by which the user signs in.', { required: true, uniqueness: 'server' }),
    complex('name', 'The parts of the user’s name.', [
      attribute('formatted', 'The whole name as it is shown.'),
      attribute('familyName', 'The family or last name.'),
      attribute('givenName', 'The given or first name.'),
      attribute('middleName', 'The middle names.'),
      attribute('honorificPrefix', 'What stands before the name, such as Dr.'),
      attribute('honorificSuffix', 'What stands after the name, such as III.'),
    ]),
    attribute('displayName', 'The name shown to other people.'),
    attribute('nickName', 'The casual name.'),
    attribute('profileUrl', 'A page about the user.', {
      type: 'reference',
      referenceTypes: ['external'],
      caseExact: true,
    }),
    attribute('title', 'The job title.'),
    attribute('userType', 'The relation to the organisation, such as Employee or Contractor.'),
    attribute('preferredLanguage', 'The language the user likes to read, as in Accept-Language.'),
    attribute('locale', 'The language tag for dates, numbers and money.'),
    attribute('timezone', 'The time zone’s name in the Olson database, such as Europe/Berlin.'),
    attribute('active', 'Whether the user may use the service.', { type: 'boolean' }),
    attribute('password', 'A new password in clear text. It is never returned.', {
      mutability: 'writeOnly',
      returned: 'never',
      caseExact: true,
    }),
    plural('emails', 'Mail addresses.', {}, ['work', 'home', 'other']),
    plural('phoneNumbers', 'Telephone numbers.', {}, ['work', 'home', 'mobile', 'fax', 'pager', 'other']),
    plural('ims', 'Instant messaging addresses.', {}, [
      'aim',
      'gtalk',
      'icq',
      'xmpp',
      'msn',
      'skype',
      'qq',
      'yahoo',
      'other',
    ]),
    plural(
      'photos',
      'Pictures of the user.',
      { type: 'reference', referenceTypes: ['external'], caseExact: true },
      ['photo', 'thumbnail'],
    ),
    complex(
      'addresses',
      'Postal addresses.',
      [
        attribute('formatted', 'The whole address as it is printed on an envelope.'),
        attribute('streetAddress', 'Street, house number and what else comes before the town.'),
        attribute('locality', 'The town.'),
        attribute('region', 'The state or region.'),
        attribute('postalCode', 'The postal code.'),
        attribute('country', 'The country’s two letters in ISO 3166-1.'),
        attribute('type', 'What this address is for.', { canonicalValues: ['work', 'home', 'other'] }),
        // §8.7.1 forgets it, while §2.4 and the example of RFC 7644 §3.5.2.3 use it.
        attribute('primary', 'Whether this is the preferred value. At most one is.', { type: 'boolean' }),
      ],
      { multiValued: true },
    ),
    complex(
      'groups',
      'The groups the user belongs to. They change through the groups.',
      [
        attribute('value', 'The id of the group.', { mutability: 'readOnly', caseExact: true }),
        attribute('$ref', 'The URL of the group.', {
          type: 'reference',
          referenceTypes: ['User', 'Group'],
          mutability: 'readOnly',
          caseExact: true,
        }),
        attribute('display', 'The name of the group.', { mutability: 'readOnly' }),
        attribute('type', 'Whether the user is a member directly or through another group.', {
          mutability: 'readOnly',
          canonicalValues: ['direct', 'indirect'],
        }),
      ],
      { multiValued: true, mutability: 'readOnly' },
    ),
    plural('entitlements', 'Things the user has a right to.', {}),
    plural('roles', 'What the user is in the organisation.', {}),
    plural('x509Certificates', 'Certificates of the user.', { type: 'binary', caseExact: true }),
  ],
}
