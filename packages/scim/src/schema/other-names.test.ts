import { describe, expect, test } from 'vitest'
import type { Json } from '../json.ts'
import { readPatch } from '../patch/read-patch.ts'
import { groupResourceType, userResourceType } from './resource-type.ts'
import { readResource } from './validate.ts'

const core = userResourceType.schema.id
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const old = 'urn:scim:schemas:extension:enterprise:1.0'
const slip = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0User'

const user = (more: { [name: string]: Json }): Json => ({ schemas: [core], userName: 'ada', ...more })

describe('other names', () => {
  test.for([old, slip, old.toUpperCase(), `${old}:User`, 'urn:scim:schemas:extension:enterprise:2.0'])(
    '%s is the enterprise extension, as an object, in a name and in a path',
    (urn) => {
      const wanted = { [enterprise]: { department: 'R&D' } }
      for (const sent of [{ [urn]: { department: 'R&D' } }, { [`${urn}:department`]: 'R&D' }])
        expect(readResource(user(sent), userResourceType).resource).toMatchObject(wanted)
      const op = { op: 'add', path: { schema: enterprise, attr: 'department' }, value: 'R&D' }
      for (const sent of [
        { op: 'add', path: `${urn}:department`, value: 'R&D' },
        { op: 'add', path: urn, value: { department: 'R&D' } },
        { op: 'add', value: { [urn]: { department: 'R&D' } } },
        { op: 'add', value: { [`${urn}:department`]: 'R&D' } },
      ]) {
        const { ops, deviations } = readPatch({ Operations: [sent] }, userResourceType)
        expect(ops).toEqual([op])
        expect(deviations).toContainEqual(expect.stringContaining('was read as'))
      }
    },
  )

  test('a group has no enterprise extension under any name', () => {
    const { resource, deviations } = readResource(
      { schemas: ['urn:scim:schemas:core:1.0'], displayName: 'Eng', [old]: { department: 'R&D' } },
      groupResourceType,
    )
    expect(resource).toEqual({ schemas: [groupResourceType.schema.id], displayName: 'Eng' })
    expect(deviations).toHaveLength(2)
  })

  test('the right name wins over the other one beside it', () => {
    const roles = [{ value: 'a', displayName: 'wrong', display: 'right' }]
    const { resource, deviations } = readResource(user({ roles }), userResourceType)
    expect(resource['roles']).toEqual([{ value: 'a', display: 'right' }])
    expect(deviations).toEqual(['The unknown attribute "roles.displayName" was ignored.'])
  })

  test.for<[string, { [name: string]: Json }]>([
    ['a URN in schemas', { schemas: [core, slip] }],
    ['a URN as a name', { [old]: { department: 'R&D' } }],
    ['a URN before a name', { [`${slip}:department`]: 'R&D' }],
    ['a sub-attribute', { roles: [{ value: 'a', displayName: 'A' }] }],
  ])('a strict reader does not know %s', ([, more]) => {
    expect(() => readResource(user(more), userResourceType, { strict: true })).toThrow('is not known here')
  })

  test('text that only looks like JSON stays a value', () => {
    for (const text of ['{', '{"id":"x"}', '{"value":5}', '{"value":{"a":{}}}']) {
      const { resource } = readResource(user({ roles: [text] }), userResourceType)
      expect(resource['roles']).toEqual([{ value: text }])
    }
  })
})
