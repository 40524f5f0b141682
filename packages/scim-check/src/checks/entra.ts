/** What Microsoft Entra ID sends, in both of its dialects. */
import { type Capability, type CheckBody, checksOf } from '../check.ts'
import {
  answered,
  at,
  ENTERPRISE,
  GROUP,
  isUnset,
  listOf,
  must,
  objects,
  resourceOf,
  same,
  skip,
  USER,
} from '../expect.ts'
import type { Made, Session } from '../session.ts'
import { expectMembers, patched } from './groups.ts'

type Body = Omit<CheckBody, 'source' | 'requirement'> & { requirement?: CheckBody['requirement'] }

const PATCHING: readonly Capability[] = ['patch']
const GROUPS: readonly Capability[] = ['patch', 'groups']
const MANAGER = `${ENTERPRISE}:manager`
const OLD_GROUP = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'

const reading: Body[] = [
  {
    id: 'entra.test-connection',
    title: '“Test Connection” looks a random name up and gets 200 with an empty list',
    remedy: 'Never answer 404 to a filter: Entra puts the job into quarantine.',
    async run(s) {
      const { total, body } = listOf(
        await s.get('/Users', { filter: `userName eq "${crypto.randomUUID()}"` }),
      )
      same([total, body['Resources'] ?? []], [0, []], 'totalResults and Resources')
    },
  },
  {
    id: 'entra.test-connection-groups',
    title: 'The same for groups, with excludedAttributes=members',
    remedy: 'Answer 200 with an empty list.',
    needs: ['groups'],
    async run(s) {
      const filter = `displayName eq "${crypto.randomUUID()}"`
      same(listOf(await s.get('/Groups', { excludedAttributes: 'members', filter })).total, 0, 'totalResults')
    },
  },
  {
    id: 'entra.find-by-external-id',
    title: 'An account is found by externalId',
    remedy: 'externalId is the usual matching attribute of Entra; put an index on it.',
    writes: true,
    async run(s) {
      const { id, externalId } = await s.user({ externalId: crypto.randomUUID() })
      same((await s.find('/Users', `externalId eq "${externalId}"`)).ids, [id], 'The ids found')
    },
  },
  {
    id: 'entra.find-by-work-mail',
    title: 'emails[type eq "work"].value eq finds the account',
    remedy:
      'Read a test after the bracket as one more condition of the same value. The grammar does not have it; Entra sends it.',
    writes: true,
    async run(s) {
      const { id, userName } = await s.user()
      same(
        (await s.find('/Users', `emails[type eq "work"].value eq "${userName}"`)).ids,
        [id],
        'The ids found',
      )
    },
  },
  {
    id: 'entra.find-by-manager',
    title: 'id eq … and manager eq … tells whether somebody has this manager',
    remedy: 'Compare manager by its value, also without the URN before it.',
    needs: ['enterprise'],
    writes: true,
    async run(s) {
      const manager = await s.user()
      const user = await withManager(s, manager)
      same(
        (await s.find('/Users', `id eq "${user.id}" and manager eq "${manager.id}"`)).ids,
        [user.id],
        'The ids found',
      )
      same(
        (await s.find('/Users', `id eq "${user.id}" and manager eq "${user.id}"`)).ids,
        [],
        'With another manager, the ids',
      )
    },
  },
  {
    id: 'entra.find-member',
    title: 'id eq … and members eq … tells whether somebody is in a group',
    remedy: 'Compare members by its value.',
    needs: ['groups'],
    writes: true,
    async run(s) {
      const [user, other] = [await s.user(), await s.user()]
      const group = await s.group([user.id])
      same(
        (await s.find('/Groups', `id eq "${group.id}" and members eq "${user.id}"`)).ids,
        [group.id],
        'With the member, the ids',
      )
      same(
        (await s.find('/Groups', `id eq "${group.id}" and members eq "${other.id}"`)).ids,
        [],
        'With somebody else, the ids',
      )
    },
  },
  {
    id: 'entra.inactive-readable',
    title: 'An inactive account is still read and found',
    remedy: 'Do not hide inactive accounts; Entra would create them again.',
    writes: true,
    async run(s) {
      const { id, userName } = await s.user({ active: false })
      same((await s.read(`/Users/${id}`))['id'], id, 'id')
      same((await s.find('/Users', `userName eq ${JSON.stringify(userName)}`)).ids, [id], 'The ids found')
    },
  },
  {
    id: 'entra.as-stored',
    title: 'Values come back as they were sent, without being rewritten',
    remedy: 'Canonicalise for comparing only. Entra would set the value again in every cycle.',
    writes: true,
    async run(s) {
      const { id } = await s.user({
        phoneNumbers: [{ type: 'work', value: '+1 (555) 0100-123' }],
        displayName: '  Two  Spaces',
      })
      const user = await s.read(`/Users/${id}`)
      if (!isUnset(user['phoneNumbers']))
        same(at(user, 'phoneNumbers', 0, 'value'), '+1 (555) 0100-123', 'The phone number')
    },
  },
]

const creating: Body[] = [
  {
    id: 'entra.create',
    title: 'An account is created with nulls, roles: [], meta and a mistyped URN',
    remedy: 'Ignore what is null, readOnly or not known; do not refuse it.',
    writes: true,
    async run(s) {
      const body = s.newUser({
        schemas: [USER, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0User'],
        meta: { resourceType: 'User' },
        addresses: null,
        phoneNumbers: null,
        roles: [],
      })
      const user = resourceOf(await s.post('/Users', body), 201)
      same(user['userName'], body.userName, 'userName')
    },
  },
  {
    id: 'entra.create-text-boolean',
    title: 'active: "True" in a POST is true',
    remedy: 'Read "True" and "False" where a boolean belongs.',
    writes: true,
    async run(s) {
      const { id } = resourceOf(await s.post('/Users', s.newUser({ active: 'True' })), 201)
      same((await s.read(`/Users/${id}`))['active'], true, 'active')
    },
  },
  {
    id: 'entra.create-group',
    title: 'A group is created with Microsoft’s second schema and an externalId',
    remedy: 'Ignore schemas that are not known.',
    needs: ['groups'],
    writes: true,
    async run(s) {
      const { members: _, ...body } = s.newGroup([], {
        schemas: [GROUP, OLD_GROUP],
        externalId: crypto.randomUUID(),
        meta: { resourceType: 'Group' },
      })
      const group = resourceOf(await s.post('/Groups', body), 201)
      same(group['displayName'], body['displayName'], 'displayName')
    },
  },
  {
    id: 'entra.misspelt-put',
    title: 'A PUT with a misspelt attribute is taken',
    remedy: 'Ignore what is not in the schema.',
    writes: true,
    async run(s) {
      const body = s.newUser()
      const { id } = await s.user(body)
      answered(await s.put(`/Users/${id}`, { ...body, dispalyName: 'Misspelt' }), 200)
    },
  },
]

const patching: Body[] = [
  {
    id: 'entra.capital-operations',
    title: 'Add, Replace and Remove with capitals are understood',
    remedy: 'Compare op without case.',
    needs: PATCHING,
    writes: true,
    async run(s) {
      const { id } = await s.user()
      answered(await s.patch(`/Users/${id}`, { op: 'Add', path: 'title', value: 'One' }), 200, 204)
      answered(await s.patch(`/Users/${id}`, { op: 'Replace', path: 'title', value: 'Two' }), 200, 204)
      same((await s.read(`/Users/${id}`))['title'], 'Two', 'title')
      answered(await s.patch(`/Users/${id}`, { op: 'Remove', path: 'title' }), 200, 204)
      must(isUnset((await s.read(`/Users/${id}`))['title']), 'title is still there.')
    },
  },
  {
    id: 'entra.text-boolean',
    title: 'Replace of active with "False" deactivates',
    remedy: 'Read "False" as false. "False" is no empty text, so a careless test takes it for true.',
    needs: PATCHING,
    writes: true,
    async run(s) {
      const { id } = await s.user()
      for (const [value, active] of [
        ['False', false],
        ['True', true],
      ] as const) {
        answered(await s.patch(`/Users/${id}`, { op: 'Replace', path: 'active', value }), 200, 204)
        same((await s.read(`/Users/${id}`))['active'], active, `active after "${value}"`)
      }
    },
  },
  {
    id: 'entra.work-mail',
    title: 'Replace of emails[type eq "work"].value changes the address',
    remedy: 'Change the value that matches.',
    needs: PATCHING,
    writes: true,
    async run(s) {
      const { id } = await s.user()
      const value = `${s.mark}.entra@example.com`
      answered(
        await s.patch(`/Users/${id}`, { op: 'Replace', path: 'emails[type eq "work"].value', value }),
        200,
        204,
      )
      same(objects((await s.read(`/Users/${id}`))['emails'])[0]?.['value'], value, 'The address')
    },
  },
  {
    id: 'entra.add-makes-value',
    title: 'Add to phoneNumbers[type eq "mobile"].value makes the number when there is none',
    remedy: 'Make a value with that type. noTarget is for replace.',
    needs: PATCHING,
    writes: true,
    async run(s) {
      if (!(await s.knows(USER, 'phoneNumbers'))) skip('phoneNumbers is not in /Schemas.')
      const { id } = await s.user()
      answered(
        await s.patch(`/Users/${id}`, {
          op: 'Add',
          path: 'phoneNumbers[type eq "mobile"].value',
          value: '+15550100789',
        }),
        200,
        204,
      )
      const [phone] = objects((await s.read(`/Users/${id}`))['phoneNumbers'])
      same([phone?.['type'], phone?.['value']], ['mobile', '+15550100789'], 'type and value')
    },
  },
  {
    id: 'entra.several',
    title: 'Several operations on several attributes come in one PATCH',
    remedy: 'Carry out all of them.',
    needs: PATCHING,
    writes: true,
    async run(s) {
      const { id } = await s.user()
      answered(
        await s.patch(
          `/Users/${id}`,
          { op: 'Replace', path: 'name.familyName', value: 'Byron' },
          { op: 'Add', path: 'title', value: 'Countess' },
          { op: 'Replace', path: 'displayName', value: 'Ada Byron' },
        ),
        200,
        204,
      )
      const user = await s.read(`/Users/${id}`)
      same(
        [at(user, 'name', 'familyName'), user['title'], user['displayName']],
        ['Byron', 'Countess', 'Ada Byron'],
        'The values',
      )
    },
  },
  {
    id: 'entra.dotted-keys',
    title: 'Names with dots in a value without a path are paths',
    remedy: 'Read "name.givenName" as a path. The value of a replace without a path has such keys.',
    needs: PATCHING,
    writes: true,
    async run(s) {
      const { id } = await s.user()
      answered(
        await s.patch(`/Users/${id}`, {
          op: 'replace',
          value: { displayName: 'Dots', 'name.givenName': 'Dotty' },
        }),
        200,
        204,
      )
      const user = await s.read(`/Users/${id}`)
      same(
        [user['displayName'], at(user, 'name', 'givenName')],
        ['Dots', 'Dotty'],
        'displayName and givenName',
      )
    },
  },
  {
    id: 'entra.urn-keys',
    title: 'Names with the extension’s URN in a value without a path are paths',
    remedy: `Read "${ENTERPRISE}:employeeNumber" as a path.`,
    needs: ['patch', 'enterprise'],
    writes: true,
    async run(s) {
      const { id } = await s.user()
      answered(
        await s.patch(`/Users/${id}`, { op: 'replace', value: { [`${ENTERPRISE}:employeeNumber`]: '42' } }),
        200,
        204,
      )
      const user = await s.read(`/Users/${id}`)
      same(at(user, ENTERPRISE, 'employeeNumber'), '42', 'employeeNumber')
      must((user['schemas'] as unknown[]).includes(ENTERPRISE), 'schemas does not name the extension.')
    },
  },
  {
    id: 'entra.department',
    title: 'Add with the extension’s URN in the path sets the attribute',
    remedy: 'Split the path after the URN of a schema that is known: it holds dots.',
    needs: ['patch', 'enterprise'],
    writes: true,
    async run(s) {
      const { id } = await s.user()
      answered(
        await s.patch(`/Users/${id}`, { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Engines' }),
        200,
        204,
      )
      same(at(await s.read(`/Users/${id}`), ENTERPRISE, 'department'), 'Engines', 'department')
    },
  },
  ...(
    [
      ['text', 'a bare id', (id: string) => id],
      ['object', 'an object', (id: string) => ({ value: id })],
      ['list', 'a list with one object', (id: string) => [{ $ref: `../Users/${id}`, value: id }]],
    ] as const
  ).map(
    ([form, what, value]): Body => ({
      id: `entra.manager-${form}`,
      title: `The manager can be set with ${what}`,
      remedy: 'Take all three forms; Entra has sent each.',
      needs: ['patch', 'enterprise'],
      writes: true,
      async run(s) {
        const [user, manager] = [await s.user(), await s.user()]
        answered(
          await s.patch(`/Users/${user.id}`, { op: 'Add', path: MANAGER, value: value(manager.id) }),
          200,
          204,
        )
        same(
          at(await s.read(`/Users/${user.id}`), ENTERPRISE, 'manager', 'value'),
          manager.id,
          'manager.value',
        )
      },
    }),
  ),
  {
    id: 'entra.manager-removed',
    title: 'Replace of the manager with "" removes the manager',
    remedy: 'Treat "" as no value.',
    needs: ['patch', 'enterprise'],
    writes: true,
    async run(s) {
      const user = await withManager(s, await s.user())
      answered(await s.patch(`/Users/${user.id}`, { op: 'Replace', path: MANAGER, value: '' }), 200, 204)
      must(
        isUnset(at(await s.read(`/Users/${user.id}`), ENTERPRISE, 'manager', 'value')),
        'The manager is still there.',
      )
    },
  },
  {
    id: 'entra.null-clears',
    title: 'Replace with null or "" clears an attribute',
    remedy: 'Treat both as no value.',
    needs: PATCHING,
    writes: true,
    async run(s) {
      for (const value of [null, '']) {
        const { id } = await s.user({ title: 'To be cleared' })
        answered(await s.patch(`/Users/${id}`, { op: 'Replace', path: 'title', value }), 200, 204)
        must(
          isUnset((await s.read(`/Users/${id}`))['title']),
          `After ${JSON.stringify(value)} title is still there.`,
        )
      }
    },
  },
  {
    id: 'entra.soft-delete',
    title: 'Disable, enable, and delete for good',
    remedy: 'active: false keeps the account; DELETE ends it.',
    needs: PATCHING,
    writes: true,
    async run(s) {
      const { id } = await s.user()
      for (const active of [false, true]) {
        answered(await s.patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: active }), 200, 204)
        same((await s.read(`/Users/${id}`))['active'], active, 'active')
      }
      answered(await s.remove(`/Users/${id}`), 204)
      answered(await s.get(`/Users/${id}`), 404)
    },
  },
]

const membership: Body[] = [
  {
    id: 'entra.add-member',
    title: 'Add of members with "$ref": null adds',
    remedy: 'Ignore $ref when it is null.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id])
      await patched(s, id, { op: 'Add', path: 'members', value: [{ $ref: null, value: b.id }] })
      await expectMembers(s, id, [a.id, b.id])
    },
  },
  {
    id: 'entra.remove-member',
    title: 'Remove of members with a value removes that member alone',
    remedy: 'The RFC would remove all; Entra means the one in value.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id, b.id])
      await patched(s, id, { op: 'Remove', path: 'members', value: [{ $ref: null, value: a.id }] })
      await expectMembers(s, id, [b.id])
    },
  },
  {
    id: 'entra.remove-member-compliant',
    title: 'remove of members[value eq "…"] removes that member alone',
    remedy: 'The compliant dialect (aadOptscim062020) sends it so.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id, b.id])
      await patched(s, id, { op: 'remove', path: `members[value eq "${a.id}"]` })
      await expectMembers(s, id, [b.id])
    },
  },
  {
    id: 'entra.rename-group',
    title: 'Replace of displayName renames, and keeps the members',
    remedy: 'Change what the operation names.',
    needs: GROUPS,
    writes: true,
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      const { displayName } = s.newGroup()
      await patched(s, id, { op: 'Replace', path: 'displayName', value: displayName })
      same((await s.read(`/Groups/${id}`))['displayName'], displayName, 'displayName')
      await expectMembers(s, id, [user.id])
    },
  },
  {
    id: 'entra.group-without-members',
    title: 'A group is read with excludedAttributes=members',
    remedy: 'Leave members out.',
    needs: ['groups'],
    async run(s) {
      const { id } = await s.sampleGroup()
      must(
        resourceOf(await s.get(`/Groups/${id}`, { excludedAttributes: 'members' }))['members'] === undefined,
        'members is there.',
      )
    },
  },
  {
    id: 'entra.paging',
    title: 'Eleven accounts in pages of five: the third page begins at 11',
    remedy: 'Repeat startIndex, and return the rest.',
    writes: true,
    async run(s) {
      await s.crowd(11)
      const filter = `userName sw "${s.crowdPrefix}"`
      const { body } = listOf(await s.get('/Users', { filter, startIndex: 11, count: 5 }))
      same(body['startIndex'], 11, 'startIndex')
      must(Number(body['itemsPerPage']) >= 1, 'The page is empty.')
    },
  },
]

export const entra = checksOf(
  'Entra',
  [...reading, ...creating, ...patching, ...membership].map(
    (body): CheckBody => ({ requirement: 'CLIENT', source: 'Entra', ...body }),
  ),
)

async function withManager(s: Session, manager: Made): Promise<Made> {
  return s.user({ schemas: [USER, ENTERPRISE], [ENTERPRISE]: { manager: { value: manager.id } } })
}
