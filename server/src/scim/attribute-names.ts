/** What attributes are called in sentences. */

const NAMES: Readonly<Record<string, string>> = {
  username: 'user name',
  externalid: 'external id',
  name: 'name',
  displayname: 'display name',
  nickname: 'nickname',
  profileurl: 'profile page',
  title: 'job title',
  usertype: 'kind of user',
  preferredlanguage: 'preferred language',
  locale: 'locale',
  timezone: 'time zone',
  active: 'whether the account is active',
  password: 'password',
  emails: 'e-mail addresses',
  phonenumbers: 'phone numbers',
  ims: 'chat addresses',
  photos: 'photos',
  addresses: 'addresses',
  groups: 'groups',
  roles: 'roles',
  entitlements: 'entitlements',
  x509certificates: 'certificates',
  employeenumber: 'employee number',
  costcenter: 'cost centre',
  organization: 'organisation',
  division: 'division',
  department: 'department',
  manager: 'manager',
  defaultrole: 'default role',
  members: 'members',
}

/** The name of an attribute for people; one that we do not know is named as it is sent. */
export function nameOfAttribute(attribute: string): string {
  return NAMES[attribute.toLowerCase()] ?? attribute
}

/** The attribute that a path or a key of a patch begins with: without URN, filter and parts. */
export function attributeIn(path: string): string {
  const bare = /^urn:/i.test(path) ? afterUrn(path) : path
  return bare.split(/[.[]/, 1)[0] ?? bare
}

// The URN of a schema has a version such as 2.0, so it ends at the last colon; a value in a filter may have one too.
function afterUrn(path: string): string {
  const [head = ''] = path.split('[', 1)
  return head.slice(head.lastIndexOf(':') + 1)
}
