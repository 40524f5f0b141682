import { describe, expect, test, vi } from 'vitest'
import { enterpriseUserSchema } from '../schema/enterprise-user.ts'
import { userResourceType } from '../schema/resource-type.ts'
import { bindFilter } from './bind.ts'
import { matches } from './matches.ts'
import { parseFilter } from './parse.ts'
import { printFilter } from './print.ts'

const ada = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterpriseUserSchema.id],
  id: 'u1A',
  externalId: '00uAda',
  userName: 'Ada@acme.example',
  name: { givenName: 'Ada', familyName: 'King' },
  active: true,
  password: 'secret',
  emails: [
    { value: 'ada@acme.example', type: 'work', primary: true },
    { value: 'countess@home.example', type: 'home' },
  ],
  phoneNumbers: [],
  addresses: [{ locality: 'Leeds' }],
  nickName: null,
  [enterpriseUserSchema.id]: { department: 'R&D', manager: { value: 'u9' } },
  meta: { resourceType: 'User', lastModified: '2026-05-01T10:00:00+02:00', location: 'https://x/Users/u1A' },
}

const check = (text: string) => matches(ada, parseFilter(text), userResourceType)

describe('matches', () => {
  test.for<[string, boolean]>([
    ['userName eq "ADA@ACME.EXAMPLE"', true],
    ['USERNAME eq "ada@acme.example"', true],
    ['userName ne "ada@acme.example"', false],
    ['userName sw "ada"', true],
    ['userName ew ".example"', true],
    ['userName co "ACME"', true],
    ['userName co "zz"', false],
    ['userName sw "acme"', false],
    ['userName ew "acme"', false],
    [`${enterpriseUserSchema.id}:id pr`, false],
    [`${enterpriseUserSchema.id}:userName pr`, false],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "A"', true],
    ['id eq "u1A"', true],
    ['id eq "u1a"', false],
    ['externalId eq "00uada"', false],
    ['name.familyName gt "Jones"', true],
    ['name.familyName lt "jones"', false],
    ['name.familyName ge "king"', true],
    ['name.familyName le "KING"', true],
    ['active eq true', true],
    ['active ne true', false],
    ['emails eq "countess@home.example"', true],
    ['emails co "home"', true],
    ['emails.type eq "WORK"', true],
    ['emails[type eq "work" and value co "acme"]', true],
    ['emails[type eq "work" and value co "home"]', false],
    ['emails.type eq "work" and emails.value co "home"', true],
    ['emails[not (type eq "work")]', true],
    ['emails[type eq "work"].value eq "ada@acme.example"', true],
    ['emails[type eq "home"].value eq "ada@acme.example"', false],
    ['emails.primary eq true', true],
    ['emails[primary eq false and type eq "home"]', true],
    ['emails[primary ne false and type eq "home"]', false],
    ['emails[primary eq false and type eq "work"]', false],
    ['emails.primary eq false', true],
    ['emails.primary ne false', true],
    ['addresses.primary eq false', true],
    ['addresses.primary ne false', false],
    ['ims.primary eq false', false],
    ['emails[primary pr]', true],
    ['emails pr', true],
    ['name pr', true],
    ['phoneNumbers pr', false],
    ['nickName pr', false],
    ['nickName eq null', true],
    ['title eq null', true],
    ['title ne null', false],
    ['title ne "x"', true],
    ['title eq "x"', false],
    ['title gt "x"', false],
    ['userName eq null', false],
    ['userName ne null', true],
    ['addresses[locality eq "leeds"]', true],
    ['addresses eq null', false],
    ['department eq "r&d"', true],
    [`${enterpriseUserSchema.id}:department eq "R&D"`, true],
    ['id eq "u1A" and manager eq "u9"', true],
    ['manager.value eq "U9"', false],
    [`schemas eq "${enterpriseUserSchema.id}"`, true],
    ['meta.resourceType eq "User"', true],
    ['meta.resourceType eq "user"', false],
    ['meta.lastModified eq "2026-05-01T08:00:00Z"', true],
    ['meta.lastModified gt "2026-05-01T09:00:00Z"', false],
    ['meta.lastModified lt "2026-05-01T08:00:00.001Z"', true],
    ['meta.lastModified ge "2026-05-01"', true],
    ['shoeSize eq 38', false],
    ['shoeSize ne 38', true],
    ['shoeSize pr', false],
    ['shoes[size eq 38]', false],
    ['not (shoeSize pr)', true],
    ['userName eq 5', false],
    ['title pr or userName pr', true],
    ['title pr and userName pr', false],
    ['userName eq "x" or userName sw "ada" and active eq true', true],
    ['(userName eq "x" or userName sw "ada") and active eq false', false],
  ])('%s is %s', ([text, expected]) => {
    expect(check(text)).toBe(expected)
  })

  test.for([
    'password eq "secret"',
    'password pr',
    'title pr or PASSWORD sw "s"',
    'urn:ietf:params:scim:schemas:core:2.0:User:password pr',
    'active gt "true"',
    'active eq "true"',
    'active co "t"',
    'x509Certificates.value gt "MII"',
    'meta.created gt "yesterday"',
    'meta.created eq 5',
    'name eq "Ada"',
    'addresses eq "Leeds"',
    'emails[primary eq "yes"]',
  ])('refuses %s', (text) => {
    expect(() => check(text)).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }))
  })
})

test.for([
  [`${enterpriseUserSchema.id}:ID pr`, `${enterpriseUserSchema.id}:ID pr`],
  ['EMAILS co "x"', 'emails.value co "x"'],
  ['emails[TYPE eq "x"]', 'emails[type eq "x"]'],
  ['department pr', `${enterpriseUserSchema.id}:department pr`],
  ['MANAGER eq "x"', `${enterpriseUserSchema.id}:manager.value eq "x"`],
  ['urn:ietf:params:scim:schemas:core:2.0:USER:USERNAME pr', 'userName pr'],
  ['not (Title pr) and x pr', 'not (title pr) and x pr'],
] as const)('bindFilter spells %s as %s', ([text, bound]) => {
  expect(printFilter(bindFilter(parseFilter(text), userResourceType))).toBe(bound)
})

test('a time without a zone is in UTC, wherever the server stands', () => {
  vi.stubEnv('TZ', 'Asia/Tokyo')
  expect(check('meta.lastModified eq "2026-05-01T08:00:00"')).toBe(true)
  vi.unstubAllEnvs()
})
