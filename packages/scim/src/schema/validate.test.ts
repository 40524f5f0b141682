import { describe, expect, test } from 'vitest'
import type { Json } from '../json.ts'
import { attribute, complex } from './attribute.ts'
import { enterpriseUserSchema } from './enterprise-user.ts'
import { groupResourceType, type ResourceType, userResourceType } from './resource-type.ts'
import { readResource } from './validate.ts'

const core = userResourceType.schema.id
const enterprise = enterpriseUserSchema.id
const user = (rest: { [name: string]: Json }): Json => ({ schemas: [core], userName: 'ada', ...rest })

describe('readResource', () => {
  test.for<[string, Json, Json, number]>([
    ['names in another case', { USERNAME: 'Ada', Schemas: [core] }, { schemas: [core], userName: 'Ada' }, 0],
    [
      'an extension in another case',
      user({ [enterprise.toUpperCase()]: { Department: 'R&D' } }),
      { schemas: [core, enterprise], userName: 'ada', [enterprise]: { department: 'R&D' } },
      0,
    ],
    [
      'an extension without values',
      user({ schemas: [core, enterprise], [enterprise]: { department: null } }),
      { schemas: [core], userName: 'ada' },
      0,
    ],
    ['an extension that is null', user({ [enterprise]: null }), { schemas: [core], userName: 'ada' }, 0],
    [
      'an attribute outside its extension',
      user({ [`${enterprise}:department`]: 'R&D' }),
      { schemas: [core, enterprise], userName: 'ada', [enterprise]: { department: 'R&D' } },
      1,
    ],
    ['an unknown sub-attribute', user({ name: { first: 'A' } }), { schemas: [core], userName: 'ada' }, 1],
    ['schemas as text', user({ schemas: core }), { schemas: [core], userName: 'ada' }, 0],
    ['no schemas', { userName: 'ada' }, { schemas: [core], userName: 'ada' }, 1],
    [
      'a manager who is only named',
      user({ [enterprise]: { manager: { displayName: 'Bob' } } }),
      { schemas: [core], userName: 'ada' },
      0,
    ],
    [
      'the same mail twice',
      user({
        emails: [
          { value: 'A', type: 'work' },
          { value: 'a', type: 'Work' },
        ],
      }),
      { schemas: [core], userName: 'ada', emails: [{ value: 'A', type: 'work' }] },
      1,
    ],
    [
      'mails without content',
      user({ emails: [null, '', {}, { value: null }] }),
      { schemas: [core], userName: 'ada' },
      0,
    ],
    [
      'a mail as text',
      user({ emails: ['a'] }),
      { schemas: [core], userName: 'ada', emails: [{ value: 'a' }] },
      1,
    ],
    [
      '__proto__',
      JSON.parse('{"schemas":[],"userName":"ada","__proto__":{"admin":true}}'),
      { schemas: [core], userName: 'ada' },
      2,
    ],
  ])('reads %s', ([, input, resource, deviations]) => {
    const read = readResource(input, userResourceType)
    expect(read.resource).toEqual(resource)
    expect(read.deviations).toHaveLength(deviations)
  })

  test.for<[string, Json, string, string]>([
    ['a list', [], 'invalidSyntax', 'JSON object'],
    ['no userName', { schemas: [core] }, 'invalidValue', 'userName is required'],
    ['an empty userName', user({ userName: '' }), 'invalidValue', 'userName is required'],
    ['a number for a name', user({ userName: 5 }), 'invalidValue', 'userName must be a string'],
    ['a name twice', user({ USERNAME: 'x' }), 'invalidValue', 'userName is given twice'],
    [
      'a sub-attribute twice',
      user({ name: { givenName: 'a', GIVENNAME: 'b' } }),
      'invalidValue',
      'name.givenName is given twice',
    ],
    [
      'two primary mails',
      user({
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: 'true' },
        ],
      }),
      'invalidValue',
      'emails may have only one primary value',
    ],
    ['a list of lists', user({ emails: [[{ value: 'a' }]] }), 'invalidValue', 'emails must be a list'],
    ['two titles', user({ title: ['a', 'b'] }), 'invalidValue', 'title must be a string'],
    ['a number for a list', user({ emails: 5 }), 'invalidValue', 'emails must be an object'],
    ['a word for a boolean', user({ active: 'yes' }), 'invalidValue', 'active must be true or false'],
    ['a number for a boolean', user({ active: 1 }), 'invalidValue', 'active must be true or false'],
    [
      'bad base64',
      user({ x509Certificates: [{ value: 'a b' }] }),
      'invalidValue',
      'x509Certificates.value must be in base64',
    ],
    ['text for an extension', user({ [enterprise]: 'x' }), 'invalidValue', 'must be an object'],
    ['schemas that are numbers', user({ schemas: [1] }), 'invalidSyntax', 'list of URNs'],
  ])('refuses %s', ([, input, scimType, detail]) => {
    expect(() => readResource(input, userResourceType)).toThrow(
      expect.objectContaining({ name: 'ScimError', scimType, message: expect.stringContaining(detail) }),
    )
  })

  test('a strict reader refuses what it does not know', () => {
    const strict = { strict: true }
    expect(() => readResource(user({ shoeSize: 38 }), userResourceType, strict)).toThrow(
      '"shoeSize" is not known',
    )
    expect(() => readResource(user({ schemas: [core, 'urn:x'] }), userResourceType, strict)).toThrow(
      '"urn:x"',
    )
    expect(() => readResource(user({ title: 'x' }), userResourceType, strict)).not.toThrow()
  })

  test('no more than fifty deviations are told', () => {
    const unknown = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`x${n}`, n]))
    expect(readResource(user(unknown), userResourceType).deviations).toHaveLength(50)
  })

  test('a group needs its displayName', () => {
    expect(() => readResource({ schemas: [groupResourceType.schema.id] }, groupResourceType)).toThrow(
      'displayName is required',
    )
  })

  test('other types and requirements, as another schema may have them', () => {
    const extension = {
      id: 'urn:acme:2.0:Desk',
      name: 'Desk',
      description: '',
      attributes: [attribute('room', '', { required: true }), attribute('floor', '', { type: 'integer' })],
    }
    const attributes = [
      attribute('level', '', { type: 'integer' }),
      attribute('share', '', { type: 'decimal' }),
      attribute('since', '', { type: 'dateTime' }),
      complex('phones', '', [attribute('value', '', { required: true }), attribute('note', '')], {
        multiValued: true,
      }),
    ]
    const type: ResourceType = {
      name: 'Thing',
      endpoint: '/Things',
      description: '',
      schema: { id: 'urn:acme:2.0:Thing', name: 'Thing', description: '', attributes },
      extensions: [{ schema: extension, required: true }],
    }
    const desk = { [extension.id]: { room: '1' } }
    const good = {
      schemas: ['urn:acme:2.0:Thing', extension.id],
      level: 3,
      share: 0.5,
      since: '2026-01-31T09:30:00Z',
      ...desk,
    }
    expect(readResource(good, type)).toEqual({ resource: good, deviations: [] })
    for (const bad of [
      { level: 1.5 },
      { level: '1' },
      { share: 'x' },
      { since: '2026-01-31' },
      { since: '2026-13-31T00:00:00Z' },
      { phones: [{ note: 'x' }] },
    ])
      expect(() => readResource({ ...good, ...bad }, type), JSON.stringify(bad)).toThrow(
        expect.objectContaining({ scimType: 'invalidValue' }),
      )
    expect(() => readResource({ ...good, [extension.id]: { floor: 1 } }, type)).toThrow('room is required')
    expect(() => readResource({ level: 3 }, type)).toThrow('The extension urn:acme:2.0:Desk is required')
  })
})
