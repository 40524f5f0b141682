/** Groups and their members (RFC 7644 §3.3 to §3.6, RFC 7643 §4.2). */
import type { JsonObject } from '@keydesk/scim'
import { type Capability, type CheckBody, checksOf } from '../check.ts'
import {
  answered,
  at,
  fail,
  GROUP,
  isUnset,
  listOf,
  membersOf,
  must,
  objects,
  refused,
  resourceOf,
  same,
  skip,
  warn,
} from '../expect.ts'
import type { Session } from '../session.ts'

type Body = Omit<CheckBody, 'writes' | 'needs'> & { needs?: readonly Capability[] }

const PATCHING: readonly Capability[] = ['patch']

/** Sizes of one PATCH that are tried, for the profile. */
export const BATCHES = [1, 10, 100] as const

/** The ones that change nothing: where a group is needed, a read-only run takes one that is there. */
const READS = new Set([
  'groups.list',
  'groups.unknown',
  'groups.find-nothing',
  'groups.schemas',
  'groups.attributes',
  'groups.excluded-members',
])

const shape: Body[] = [
  {
    id: 'groups.create',
    title: 'POST /Groups answers 201, Location and the group',
    requirement: 'MUST',
    source: 'RFC 7644 §3.3',
    remedy: 'Answer 201 with the group as GET would, and its URL in Location.',
    async run(s) {
      const body = s.newGroup()
      const reply = await s.post('/Groups', body)
      const group = resourceOf(reply, 201)
      same(group['displayName'], body.displayName, 'displayName')
      must(!isUnset(group['id']), 'There is no id.')
      must(reply.headers['location'], 'There is no Location header.')
    },
  },
  {
    id: 'groups.schemas',
    title: 'A group has the core schema, and meta.resourceType Group',
    requirement: 'MUST',
    source: 'RFC 7643 §3, §4.2',
    remedy: `Put ${GROUP} into schemas.`,
    async run(s) {
      const group = await s.read(`/Groups/${(await s.sampleGroup()).id}`)
      must(
        Array.isArray(group['schemas']) && group['schemas'].includes(GROUP),
        `schemas is ${JSON.stringify(group['schemas'])}.`,
      )
      same(at(group, 'meta', 'resourceType'), 'Group', 'meta.resourceType')
    },
  },
  {
    id: 'groups.create-with-members',
    title: 'Members of a POST are kept',
    requirement: 'MUST',
    source: 'RFC 7644 §3.3',
    remedy: 'Store members together with the group.',
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const group = await s.group([a.id, b.id])
      await expectMembers(s, group.id, [a.id, b.id])
    },
  },
  {
    id: 'groups.create-empty',
    title: 'members: [] in a POST is taken',
    requirement: 'CLIENT',
    source: 'Okta',
    remedy: 'Treat [] as no members.',
    async run(s) {
      answered(await s.post('/Groups', s.newGroup([])), 201, 200)
    },
  },
  {
    id: 'groups.create-without-members',
    title: 'A POST without members is taken',
    requirement: 'MUST',
    source: 'RFC 7643 §4.2',
    remedy: 'members is optional.',
    async run(s) {
      answered(await s.post('/Groups', { ...s.newGroup(), members: undefined }), 201, 200)
    },
  },
  {
    id: 'groups.members-in-get',
    title: 'GET /Groups/{id} has the members',
    requirement: 'CLIENT',
    source: 'Okta',
    remedy: 'Return members by default. Without them Okta pushes the group over and over.',
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      same(membersOf(await s.read(`/Groups/${id}`)), [user.id], 'The ids of members')
    },
  },
  {
    id: 'groups.member-form',
    title: 'A member has value, the id of the account, and $ref, its URL',
    requirement: 'SHOULD',
    source: 'RFC 7643 §4.2',
    remedy: 'Give each member value and $ref.',
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      const [member] = objects((await s.read(`/Groups/${id}`))['members'])
      same(member?.['value'], user.id, 'value')
      must(
        String(member?.['$ref']).endsWith(`/Users/${user.id}`),
        `$ref is ${JSON.stringify(member?.['$ref'])}.`,
      )
    },
  },
  {
    id: 'groups.no-name',
    title: 'A group without displayName is refused',
    requirement: 'MUST',
    source: 'RFC 7643 §4.2',
    remedy: 'Answer 400 with scimType invalidValue.',
    async run(s) {
      refused(await s.post('/Groups', { ...s.newGroup(), displayName: undefined }), 400, 'invalidValue')
    },
  },
  {
    id: 'groups.duplicate-name',
    title: 'What a second group of the same name is answered',
    requirement: 'MAY',
    source: 'Okta, Entra',
    remedy: 'Answer 409 uniqueness: two groups of one name cannot be linked by name.',
    async run(s) {
      const { displayName } = await s.group()
      const reply = await s.post('/Groups', s.newGroup([], { displayName }))
      s.note('uniqueGroupNames', reply.status === 409)
      refused(reply, 409, 'uniqueness')
    },
  },
  {
    id: 'groups.of-user',
    title: 'A user lists the groups it is in',
    requirement: 'SHOULD',
    source: 'RFC 7643 §4.1.2',
    remedy: 'Fill groups of the user from the memberships.',
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      const groups = objects((await s.read(`/Users/${user.id}`))['groups'])
      must(
        groups.some(({ value }) => value === id),
        'The group is not among groups.',
      )
    },
  },
  {
    id: 'groups.find-by-name',
    title: 'A group is found by displayName eq',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2.2',
    remedy: 'Every client looks groups up by their name before it makes one.',
    needs: ['filter'],
    async run(s) {
      const { id, displayName } = await s.group()
      const { ids } = await s.find('/Groups', `displayName eq ${JSON.stringify(displayName)}`)
      same(ids, [id], 'The ids found')
    },
  },
  {
    id: 'groups.find-nothing',
    title: 'A name that no group has answers 200 and an empty list',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2',
    remedy: 'Answer 200 with totalResults 0.',
    async run(s) {
      same((await s.find('/Groups', `displayName eq "${s.mark} no group"`)).total, 0, 'totalResults')
    },
  },
  {
    id: 'groups.find-by-member',
    title: 'Groups are found by members.value eq',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2.2',
    remedy: 'Evaluate members.value. Entra asks in this way whether somebody is in a group.',
    needs: ['filter'],
    async run(s) {
      const [user, other] = [await s.user(), await s.user()]
      const group = await s.group([user.id])
      same(
        (await s.find('/Groups', `members.value eq "${user.id}"`)).ids,
        [group.id],
        'The groups of the member',
      )
      same((await s.find('/Groups', `members.value eq "${other.id}"`)).ids, [], 'The groups of somebody else')
    },
  },
  {
    id: 'groups.excluded-members',
    title: 'excludedAttributes=members leaves the members out',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2.5',
    remedy: 'Honour it: Entra asks for groups of 50,000 members in this way.',
    async run(s) {
      const { id } = await s.sampleGroup()
      const group = resourceOf(await s.get(`/Groups/${id}`, { excludedAttributes: 'members' }))
      must(group['members'] === undefined, 'members is there.')
      must(!isUnset(group['displayName']), 'displayName is gone, too.')
    },
  },
  {
    id: 'groups.attributes',
    title: 'attributes=displayName leaves the members out',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2.5',
    remedy: 'Return what attributes names.',
    async run(s) {
      const group = resourceOf(
        await s.get(`/Groups/${(await s.sampleGroup()).id}`, { attributes: 'displayName' }),
      )
      must(
        group['members'] === undefined && !isUnset(group['displayName']),
        `It has ${Object.keys(group).join(', ')}.`,
      )
    },
  },
  {
    id: 'groups.list',
    title: 'GET /Groups answers a list',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2',
    remedy: 'Answer a ListResponse.',
    async run(s) {
      listOf(await s.get('/Groups', { startIndex: 1, count: 10 }))
    },
  },
  {
    id: 'groups.unknown',
    title: 'An id that no group has answers 404',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12',
    remedy: 'Answer 404 with a SCIM error.',
    async run(s) {
      refused(await s.get(`/Groups/${s.mark}-nothing`), 404)
    },
  },
]

const replacing: Body[] = [
  {
    id: 'groups.put-members',
    title: 'PUT replaces the members by those it lists',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.1',
    remedy: 'Take the list as it is. members.value is immutable as a part of one member; the list is not.',
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const body = s.newGroup([a.id])
      const { id } = await s.group([a.id], body)
      answered(await s.put(`/Groups/${id}`, { ...body, id, members: [{ value: b.id }] }), 200)
      await expectMembers(s, id, [b.id])
    },
  },
  {
    id: 'groups.put-rename',
    title: 'PUT renames, and keeps the members that it lists',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.1',
    remedy: 'Replace displayName and members together.',
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      const renamed = s.newGroup([user.id])
      answered(await s.put(`/Groups/${id}`, renamed), 200)
      same((await s.read(`/Groups/${id}`))['displayName'], renamed.displayName, 'displayName')
      await expectMembers(s, id, [user.id])
    },
  },
  {
    id: 'groups.put-empty',
    title: 'PUT with members: [] empties the group',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.1',
    remedy: 'An empty list that is sent is meant.',
    async run(s) {
      const body = s.newGroup([(await s.user()).id])
      const { id } = await s.group([], body)
      answered(await s.put(`/Groups/${id}`, { ...body, members: [] }), 200)
      await expectMembers(s, id, [])
    },
  },
  {
    id: 'groups.put-echo',
    title: 'PUT of what GET answered changes nothing',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.1',
    remedy: 'Ignore what is readOnly; take members as they were read.',
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      answered(await s.put(`/Groups/${id}`, await s.read(`/Groups/${id}`)), 200)
      await expectMembers(s, id, [user.id])
    },
  },
  {
    id: 'groups.put-unknown-member',
    title: 'PUT with one id that nobody has does not lose the others',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.1',
    remedy: 'Refuse the whole PUT with 400, or keep everybody who exists. Never empty the group.',
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const body = s.newGroup([a.id, b.id])
      const { id } = await s.group([], body)
      const reply = await s.put(`/Groups/${id}`, {
        ...body,
        members: [{ value: a.id }, { value: b.id }, { value: `${s.mark}-nobody` }],
      })
      must(reply.status < 500, `It answered ${reply.status}.`)
      const members = membersOf(await s.read(`/Groups/${id}`))
      must(
        members.includes(a.id) && members.includes(b.id),
        `It answered ${reply.status}, and of the two members ${members.length} are left.`,
      )
    },
  },
  {
    id: 'groups.put-no-create',
    title: 'PUT of a group that does not exist creates nothing',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.1',
    remedy: 'Answer 404.',
    async run(s) {
      refused(await s.put(`/Groups/${s.mark}-nothing`, s.newGroup()), 404)
    },
  },
  {
    id: 'groups.delete',
    title: 'DELETE answers 204, then 404, and leaves the members alone',
    requirement: 'MUST',
    source: 'RFC 7644 §3.6',
    remedy: 'Delete the group and the memberships, never the accounts.',
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      answered(await s.remove(`/Groups/${id}`), 204)
      refused(await s.get(`/Groups/${id}`), 404)
      const { groups } = await s.read(`/Users/${user.id}`)
      must(!objects(groups).some(({ value }) => value === id), 'The user still lists the group.')
    },
  },
]

const patching: Body[] = [
  {
    id: 'groups.patch-add',
    title: 'add of members keeps those who are there',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.1',
    remedy: 'Append to members.',
    needs: PATCHING,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id])
      await patched(s, id, { op: 'add', path: 'members', value: [{ value: b.id }] })
      await expectMembers(s, id, [a.id, b.id])
    },
  },
  {
    id: 'groups.patch-add-twice',
    title: 'add of somebody who is there already is a success, and lists nobody twice',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.1',
    remedy: 'Make adding idempotent: clients repeat what timed out.',
    needs: PATCHING,
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      await patched(s, id, { op: 'add', path: 'members', value: [{ value: user.id }] })
      await expectMembers(s, id, [user.id])
    },
  },
  {
    id: 'groups.patch-add-without-path',
    title: 'add without a path adds to members',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.1',
    remedy: 'Read {"members": […]} in the value like path "members".',
    needs: PATCHING,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id])
      await patched(s, id, { op: 'add', value: { members: [{ value: b.id }] } })
      await expectMembers(s, id, [a.id, b.id])
    },
  },
  {
    id: 'groups.patch-add-unknown',
    title: 'add of an id that nobody has is not answered with success',
    requirement: 'SHOULD',
    source: 'RFC 7644 §3.12 (invalidValue)',
    remedy: 'Answer 400 invalidValue, and name the id in detail. Change nothing.',
    needs: PATCHING,
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      const reply = await s.patch(`/Groups/${id}`, {
        op: 'add',
        path: 'members',
        value: [{ value: `${s.mark}-nobody` }],
      })
      const members = membersOf(await s.read(`/Groups/${id}`))
      must(members.includes(user.id), 'The member who was there is lost.')
      s.note('refusesUnknownMembers', reply.status === 400 || reply.status === 404)
      refused(reply, [400, 404])
    },
  },
  {
    id: 'groups.remove-by-path',
    title: 'remove of members[value eq "id"] removes that member alone',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.2',
    remedy: 'Evaluate the filter in the path.',
    needs: PATCHING,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id, b.id])
      await patched(s, id, { op: 'remove', path: `members[value eq "${a.id}"]` })
      await expectMembers(s, id, [b.id])
    },
  },
  {
    id: 'groups.remove-many-by-path',
    title: 'Many remove operations in one PATCH are all carried out',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.2',
    remedy: 'Okta sends one operation for each member.',
    needs: PATCHING,
    async run(s) {
      const ids = await s.crowd(10)
      const { id } = await s.group(ids)
      await patched(
        s,
        id,
        ...ids.slice(1).map((value) => ({ op: 'remove', path: `members[value eq "${value}"]` })),
      )
      await expectMembers(s, id, ids.slice(0, 1))
    },
  },
  {
    id: 'groups.remove-by-value',
    title: 'remove of members with a value removes those alone, never all',
    requirement: 'CLIENT',
    source: 'Entra, JumpCloud',
    remedy:
      'When a remove names members in value, remove these. Removing all is what the RFC says, and what nobody means.',
    needs: PATCHING,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id, b.id])
      const reply = await s.patch(`/Groups/${id}`, {
        op: 'remove',
        path: 'members',
        value: [{ value: a.id }],
      })
      const members = membersOf(await s.read(`/Groups/${id}`))
      must(members.includes(b.id), `It answered ${reply.status}, and removed everybody.`)
      answered(reply, 200, 204)
      same(members, [b.id], 'The members')
    },
  },
  {
    id: 'groups.remove-absent',
    title: 'remove of somebody who is not there is a success',
    requirement: 'SHOULD',
    source: 'RFC 7644 §3.5.2.2',
    remedy: 'Answer as if they had been there: clients repeat what timed out.',
    needs: PATCHING,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id])
      await patched(s, id, { op: 'remove', path: `members[value eq "${b.id}"]` })
      await expectMembers(s, id, [a.id])
    },
  },
  {
    id: 'groups.remove-all',
    title: 'remove of members without a value removes all',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.2',
    remedy: 'Unassign the attribute.',
    needs: PATCHING,
    async run(s) {
      const { id } = await s.group([(await s.user()).id, (await s.user()).id])
      await patched(s, id, { op: 'remove', path: 'members' })
      await expectMembers(s, id, [])
    },
  },
  {
    id: 'groups.remove-and-add',
    title: 'remove and add of the same member in one PATCH leaves them in',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy: 'Carry operations out in their order.',
    needs: PATCHING,
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      await patched(
        s,
        id,
        { op: 'remove', path: `members[value eq "${user.id}"]` },
        { op: 'add', path: 'members', value: [{ value: user.id }] },
      )
      await expectMembers(s, id, [user.id])
    },
  },
  {
    id: 'groups.replace-members',
    title: 'replace of members puts the new list in the place of the old',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.3',
    remedy: 'Replace the whole list, as "Push now" of Okta does.',
    needs: PATCHING,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id])
      await patched(s, id, { op: 'replace', path: 'members', value: [{ value: b.id }] })
      await expectMembers(s, id, [b.id])
    },
  },
  {
    id: 'groups.replace-with-nobody',
    title: 'replace of members with [] empties the group',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.3',
    remedy: 'An empty list that is sent is meant.',
    needs: PATCHING,
    async run(s) {
      const { id } = await s.group([(await s.user()).id])
      await patched(s, id, { op: 'replace', path: 'members', value: [] })
      await expectMembers(s, id, [])
    },
  },
  {
    id: 'groups.replace-with-unknown',
    title: 'replace with one id that nobody has does not lose the others',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy: 'Refuse it whole, or keep everybody who exists. Never empty the group.',
    needs: PATCHING,
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      const value = [{ value: user.id }, { value: `${s.mark}-nobody` }]
      const reply = await s.patch(`/Groups/${id}`, { op: 'replace', path: 'members', value })
      must(reply.status < 500, `It answered ${reply.status}.`)
      must(
        membersOf(await s.read(`/Groups/${id}`)).includes(user.id),
        `It answered ${reply.status}, and the member is lost.`,
      )
    },
  },
  {
    id: 'groups.rename-keeps-members',
    title: 'A rename by PATCH keeps the members',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.3',
    remedy: 'Change what the operation names, and nothing else.',
    needs: PATCHING,
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      const { displayName } = s.newGroup()
      await patched(s, id, { op: 'replace', path: 'displayName', value: displayName })
      same((await s.read(`/Groups/${id}`))['displayName'], displayName, 'displayName')
      await expectMembers(s, id, [user.id])
    },
  },
  {
    id: 'groups.rename-without-path',
    title: 'A rename without a path keeps the members',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.3',
    remedy: 'A value without members says nothing about members.',
    needs: PATCHING,
    async run(s) {
      const user = await s.user()
      const { id } = await s.group([user.id])
      const { displayName } = s.newGroup()
      await patched(s, id, { op: 'replace', value: { displayName } })
      same((await s.read(`/Groups/${id}`))['displayName'], displayName, 'displayName')
      await expectMembers(s, id, [user.id])
    },
  },
  {
    id: 'groups.patch-atomic',
    title: 'When one operation fails, no member is added or removed',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy: 'Carry out all operations in one transaction.',
    needs: PATCHING,
    async run(s) {
      const [a, b] = [await s.user(), await s.user()]
      const { id } = await s.group([a.id])
      const reply = await s.patch(
        `/Groups/${id}`,
        { op: 'add', path: 'members', value: [{ value: b.id }] },
        { op: 'remove', path: `members[value eq "${a.id}"]` },
        { op: 'remove' },
      )
      refused(reply, 400)
      await expectMembers(s, id, [a.id])
    },
  },
  {
    id: 'groups.patch-together',
    title: 'Members who are added at one time are all there',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy:
      'Add rows, or lock the group: read, change and write loses members. Okta sends PATCHes of one group side by side.',
    needs: PATCHING,
    async run(s) {
      const ids = await s.crowd(6)
      const { id } = await s.group()
      const replies = await Promise.all(
        ids.map((value) => s.patch(`/Groups/${id}`, { op: 'add', path: 'members', value: [{ value }] })),
      )
      for (const reply of replies) answered(reply, 200, 204)
      await expectMembers(s, id, ids)
    },
  },
  {
    id: 'groups.patch-answer-small',
    title: 'A PATCH of members is answered 204',
    requirement: 'MAY',
    source: 'Entra',
    remedy: 'Answer 204: with 200 every change of a large group sends the whole group back.',
    needs: PATCHING,
    async run(s) {
      const { id } = await s.group()
      const reply = await s.patch(`/Groups/${id}`, {
        op: 'add',
        path: 'members',
        value: [{ value: (await s.user()).id }],
      })
      answered(reply, 200, 204)
      if (reply.status === 200) warn('It answered 200 with the group.')
    },
  },
  ...BATCHES.map(
    (size): Body => ({
      id: `groups.batch-${size}`,
      title: `${size} ${size === 1 ? 'member' : 'members'} can be added and removed in one PATCH`,
      requirement: size === 100 ? 'SHOULD' : 'MUST',
      source: 'RFC 7644 §3.5.2',
      remedy: 'Take a list of members of that size, or say in detail what the limit is.',
      needs: PATCHING,
      async run(s) {
        const ids = await s.crowd(size)
        if (ids.length < size) skip(`There are only ${ids.length} accounts to try it with.`)
        const { id } = await s.group()
        await patched(s, id, { op: 'add', path: 'members', value: ids.map((value) => ({ value })) })
        await expectMembers(s, id, ids)
        await patched(s, id, ...ids.map((value) => ({ op: 'remove', path: `members[value eq "${value}"]` })))
        await expectMembers(s, id, [])
      },
    }),
  ),
]

export const groups = checksOf(
  'Groups',
  [...shape, ...replacing, ...patching].map(
    (check): CheckBody => ({
      ...check,
      needs: ['groups', ...(check.needs ?? [])],
      writes: !READS.has(check.id),
    }),
  ),
)

/** One PATCH of a group that succeeds. */
export async function patched(s: Session, id: string, ...operations: object[]): Promise<void> {
  answered(await s.patch(`/Groups/${id}`, ...operations), 200, 204)
}

/** Reads the group, and compares whom it lists. */
export async function expectMembers(s: Session, id: string, wanted: readonly string[]): Promise<void> {
  const group: JsonObject = await s.read(`/Groups/${id}`)
  const members = membersOf(group)
  const missing = wanted.filter((one) => !members.includes(one))
  if (missing.length > 0)
    fail(`${missing.length} of ${wanted.length} members are missing; the group has ${members.length}.`)
  const extra = members.filter((one) => !wanted.includes(one))
  if (extra.length > 0) fail(`${extra.length} members are there who should not be.`)
  must(new Set(members).size === members.length, 'Somebody is listed twice.')
}
