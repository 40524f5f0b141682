import { expect } from 'vitest'
import {
  type Body,
  create,
  createGroup,
  find,
  memberIds,
  oktaUser,
  patchOf,
  rolesOf,
  test,
} from './test-client.ts'

test('of 32 equal creates at once, one is answered 201 and the others 409', async ({ scim }) => {
  const replies = await Promise.all(
    Array.from({ length: 32 }, (_, n) =>
      scim.send('POST', '/Users', oktaUser(n % 2 ? 'ada@acme.example' : 'ADA@acme.example')),
    ),
  )
  const statuses = replies.map((reply) => reply.status).sort()
  expect(statuses).toEqual([201, ...Array(31).fill(409)])
  expect((await find(scim, 'Users', 'userName eq "ada@acme.example"')).body.totalResults).toBe(1)
})

test('of 16 equal groups at once, one is made', async ({ scim }) => {
  const replies = await Promise.all(
    Array.from({ length: 16 }, () => scim.send('POST', '/Groups', { displayName: 'Eng' })),
  )
  expect(replies.map((reply) => reply.status).sort()).toEqual([201, ...Array(15).fill(409)])
})

test('members added to one group at once are all in it', async ({ scim, ctx }) => {
  const people: Body[] = []
  for (let n = 0; n < 24; n++) people.push(await create(scim, `user.${n}@acme.example`))
  const { id } = await createGroup(
    scim,
    'Eng',
    people.slice(0, 8).map((one) => one.id),
  )

  const replies = await Promise.all(
    people.map((one, n) =>
      scim.send(
        'PATCH',
        `/Groups/${id}`,
        n < 8
          ? patchOf({ op: 'remove', path: `members[value eq "${one.id}"]` })
          : patchOf({ op: 'add', path: 'members', value: [{ value: one.id }] }),
      ),
    ),
  )

  expect(replies.map((reply) => reply.status)).toEqual(Array(24).fill(204))
  expect(await memberIds(scim, id)).toEqual(
    people
      .slice(8)
      .map((one) => one.id)
      .sort(),
  )
  expect(await rolesOf(ctx, people[0].id)).toEqual(['Auditor (scim_default)'])
  expect(await rolesOf(ctx, people[9].id)).toEqual(['Eng (scim_group)'])
})

test('groups, changes and deletions of the same people at once never fail', async ({ scim }) => {
  const people: Body[] = []
  for (let n = 0; n < 6; n++) people.push(await create(scim, `user.${n}@acme.example`))
  const ids = people.map((one) => one.id)
  const groups = [
    await createGroup(scim, 'A', ids),
    await createGroup(scim, 'B'),
    await createGroup(scim, 'C', ids),
  ]
  const lists = [[...ids], [...ids].reverse(), []]

  const replies = await Promise.all([
    ...groups.flatMap((group, n) =>
      [0, 1].map((turn) =>
        scim.send(
          'PATCH',
          `/Groups/${group.id}`,
          patchOf({
            op: 'replace',
            path: 'members',
            value: (lists[(n + turn) % 3] ?? []).slice(0, 3).map((value) => ({ value })),
          }),
        ),
      ),
    ),
    ...people
      .slice(0, 3)
      .map((one, n) =>
        scim.send(
          'PATCH',
          `/Users/${one.id}`,
          patchOf({ op: 'replace', value: { active: n % 2 === 0, title: 'x' } }),
        ),
      ),
    ...people.slice(5).map((one) => scim.send('DELETE', `/Users/${one.id}`)),
  ])

  // A list may name somebody who was deleted a moment before: that is a refusal, and no failure.
  for (const { status, body } of replies)
    expect([[200, 204, 400], status, body]).toEqual([expect.arrayContaining([status]), status, body])
})
