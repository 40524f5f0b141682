import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import type { Resource } from '../resource.ts'
import { attribute, complex } from './attribute.ts'
import { keepImmutable } from './immutable.ts'
import { groupResourceType, userResourceType, withExtensions } from './resource-type.ts'

const urn = 'urn:acme:2.0:Badge'
const once = { mutability: 'immutable' } as const
const type = withExtensions(userResourceType, [
  {
    id: urn,
    name: 'Badge',
    description: '',
    attributes: [
      attribute('number', '', once),
      attribute('colour', ''),
      complex('desk', '', [attribute('room', '', once), attribute('floor', '')]),
    ],
  },
])
const core = userResourceType.schema.id
const user = (badge?: JsonObject): Resource => ({
  schemas: badge ? [core, urn] : [core],
  userName: 'ada',
  ...(badge ? { [urn]: badge } : {}),
})

describe('RFC 7644 §3.5.1: keepImmutable', () => {
  const before = user({ number: '7', colour: 'red', desk: { room: '1', floor: '2' } })

  test('lets what is not set be set, and the same value come again', () => {
    expect(keepImmutable(user({ number: '7' }), user(), type)).toEqual(user({ number: '7' }))
    expect(keepImmutable(before, before, type)).toEqual(before)
  })

  test('keeps what is left out, and nothing else', () => {
    const left = user({ number: '7', desk: { room: '1' } })
    expect(keepImmutable(user(), before, type)).toEqual(left)
    expect(keepImmutable(user({ desk: { floor: '3' } }), before, type)).toEqual(
      user({ number: '7', desk: { room: '1', floor: '3' } }),
    )
  })

  test.for([
    [{ number: '8' }, `${urn}:number`],
    [{ desk: { room: '2' } }, `${urn}:desk.room`],
  ] as const)('refuses %j', ([badge, at]) => {
    expect(() => keepImmutable(user(badge), before, type)).toThrow(
      expect.objectContaining({ scimType: 'mutability', message: expect.stringContaining(at) }),
    )
  })

  test('members are elements: who is listed may change', () => {
    const group = (value: string): Resource => ({
      schemas: [groupResourceType.schema.id],
      displayName: 'All',
      members: [{ value }],
    })
    expect(keepImmutable(group('b'), group('a'), groupResourceType)).toEqual(group('b'))
  })
})
