/**
 * Eight identity providers write at once, over HTTP, to two servers on one database, and everything they
 * are told, read, find and leave in the database is what a model in memory says.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BRAKE_OFF } from '#accounts'
import { patchOf } from './scim-dialects.ts'
import {
  diceOf,
  type Fleet,
  figure,
  isNightly,
  LIMIT_MS,
  openConnection,
  openFleet,
  type Reply,
  seed,
} from './scim-fleet.ts'
import {
  GROUP,
  newPerson,
  type Person,
  resourceOf,
  type Team,
  USER,
  userExpected,
  userSeen,
} from './scim-model.ts'
import { Difference, newLedger, openWriter, type Shared, type Writer } from './scim-writer.ts'

const WRITERS = 8
const OPERATIONS = isNightly ? 21_000 : 500
const STEPS_BETWEEN_RACES = isNightly ? 12 : 8

let fleet: Fleet

beforeAll(async () => {
  fleet = await openFleet(2)
})
afterAll(() => fleet.close())

test('eight writers in the words of five clients leave exactly what the model says', {
  timeout: LIMIT_MS,
}, async () => {
  const began = performance.now()
  const ledger = newLedger()
  // One connection, because its writes of one moment are done together.
  const connection = await openConnection(fleet.ctx, {
    brake: { minutes: 1440, ...BRAKE_OFF },
  })
  const shared: Shared = { teams: [], person: newPerson('shared@acme.example') }
  const writers = Array.from({ length: WRITERS }, (_, number) =>
    openWriter(number, fleet, connection, shared, diceOf(seed + number), ledger),
  )
  const [first] = writers as [Writer]
  try {
    shared.person.id = (await first.call('POST', '/Users', resourceOf(shared.person))).body.id
    for (const displayName of ['Everyone', 'Some']) {
      const { body } = await first.call('POST', '/Groups', { schemas: [GROUP], displayName })
      shared.teams.push({ id: body.id, displayName, externalId: null, members: new Set() })
    }
    for (let round = 0; ledger.operations < OPERATIONS; round++) {
      await all(writers, async (writer) => {
        for (let step = 0; step < STEPS_BETWEEN_RACES; step++) await writer.step()
      })
      await race(writers, round)
    }
    for (const team of shared.teams) await first.checkTeam(team)
    await first.checkPerson(shared.person)
    await all(writers, async (writer) => {
      for (const person of writer.people) await writer.checkPerson(person)
      for (const team of writer.teams) await writer.checkTeam(team)
    })
  } catch (error) {
    if (!(error instanceof Difference)) throw error
  }
  const { operations, comparisons, differences, lies, serverErrors, steps } = ledger
  figure('model', 'operations', operations)
  figure('model', 'comparisons', comparisons)
  figure('model', 'differences', differences.length)
  figure('model', 'answers of 2xx without the effect', lies)
  figure('model', 'answers of 5xx', serverErrors)
  figure('model', 'operations a second', Math.round((operations * 1000) / (performance.now() - began)), '/s')
  expect({ differences, lies, serverErrors }).toEqual({ differences: [], lies: 0, serverErrors: 0 })
  expect(operations).toBeGreaterThanOrEqual(OPERATIONS)
  expect(steps.size).toBeGreaterThanOrEqual(isNightly ? 21 : 12)
})

/** All of them at once; the first that fails fails it, after the others have come to an end. */
async function all<T>(
  writers: readonly Writer[],
  work: (writer: Writer, at: number) => Promise<T>,
): Promise<T[]> {
  const settled = await Promise.allSettled(writers.map(work))
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
}

const statuses = (replies: readonly Reply[]) => replies.map(({ status }) => status).sort()
const oneOf = (winner: number, others: number) => [winner, ...Array<number>(WRITERS - 1).fill(others)].sort()

/** What only one of all can have, or what nobody may see half of. */
async function race(writers: readonly Writer[], round: number): Promise<void> {
  const [judge] = writers as [Writer]
  const userName = `Race.${round}@acme.example`

  const created = await all(writers, ({ call, number }) =>
    call('POST', '/Users', {
      schemas: [USER],
      userName: number % 2 ? userName : userName.toUpperCase(),
      nickName: `n${number}`,
    }),
  )
  judge.expectEqual('the race for a user name', statuses(created), oneOf(201, 409))
  const made = created.find(({ status }) => status === 201)?.body
  const prize: Person = {
    ...newPerson(made.userName),
    id: made.id,
    plain: new Map([['nickName', made.nickName]]),
  }
  await judge.checkPerson(prize)

  // Each sends a whole of its own; what is left is one of them, whole.
  const wholes = writers.map(({ number }) => ({
    ...prize,
    plain: new Map([
      ['nickName', `whole ${number}`],
      ['title', `title ${number}`],
      ...(number % 2 ? [['displayName', `name ${number}`] as const] : []),
    ]),
  }))
  const replaced = await all(writers, ({ call, number }) =>
    call('PUT', `/Users/${prize.id}`, resourceOf(wholes[number] ?? prize)),
  )
  for (const [at, reply] of replaced.entries())
    judge.expectEqual(
      'the answer to one of many',
      [reply.status, userSeen(reply.body)],
      [200, userExpected(wholes[at] ?? prize)],
    )
  const seen = (await judge.call('GET', `/Users/${prize.id}`)).body
  const left = wholes.find(({ plain }) => plain.get('nickName') === seen.nickName) ?? prize
  await judge.checkPerson(left)

  // All saw the same version; only one may change it.
  const matched = await all(writers, ({ call, number }) =>
    call(
      'PATCH',
      `/Users/${prize.id}`,
      patchOf([{ op: 'replace', path: 'title', value: `matched ${number}` }]),
      {
        'if-match': seen.meta.version,
      },
    ),
  )
  judge.expectEqual('the race for a version', statuses(matched), oneOf(200, 412))
  left.plain.set('title', `matched ${matched.findIndex(({ status }) => status === 200)}`)
  await judge.checkPerson(left)

  await raceForNames(writers, round)
  await raceForMembers(writers, round)

  const gone = await all(writers, ({ call }) => call('DELETE', `/Users/${prize.id}`))
  judge.expectEqual('the race to delete', statuses(gone), oneOf(204, 404))
}

async function raceForNames(writers: readonly Writer[], round: number): Promise<void> {
  const [judge] = writers as [Writer]
  const wanted = `Wanted.${round}@acme.example`
  const renamed = await all(writers, ({ call, people }) =>
    call('PATCH', `/Users/${people[0]?.id}`, patchOf([{ op: 'replace', value: { userName: wanted } }])),
  )
  judge.expectEqual('the race to be called so', statuses(renamed), oneOf(200, 409))
  await all(writers, async ({ people, checkPerson }, at) => {
    const [person] = people as [Person]
    if (renamed[at]?.status === 200) person.userName = wanted
    await checkPerson(person)
  })
}

async function raceForMembers(writers: readonly Writer[], round: number): Promise<void> {
  const [judge] = writers as [Writer]
  const displayName = `Race ${round}`
  const created = await all(writers, ({ call, number }) =>
    call('POST', '/Groups', {
      schemas: [GROUP],
      displayName: number % 2 ? displayName : displayName.toUpperCase(),
    }),
  )
  judge.expectEqual('the race for a group', statuses(created), oneOf(201, 409))
  const { id, displayName: name } = created.find(({ status }) => status === 201)?.body ?? {}
  const team: Team = { id, displayName: name, externalId: null, members: new Set() }

  // Whole lists: the last one stands, and none is mixed with another.
  const lists = writers.map(({ people }) => people.slice(0, 3))
  const listed = await all(writers, ({ call, number }) => {
    const members = (lists[number] ?? []).map((person) => ({ value: person.id }))
    return number % 2
      ? call('PUT', `/Groups/${id}`, { schemas: [GROUP], displayName: name, members })
      : call('PATCH', `/Groups/${id}`, patchOf([{ op: 'replace', path: 'members', value: members }]))
  })
  judge.expectEqual(
    'the answers to whole lists',
    statuses(listed),
    writers.map((_, at) => (at < 4 ? 200 : 204)),
  )
  const [someone] = (await judge.call('GET', `/Groups/${id}`)).body.members
  const winners = lists.find((list) => list.some((person) => person.id === someone.value)) ?? []
  for (const person of winners) {
    team.members.add(person)
    person.teams.add(team)
  }
  await judge.checkTeam(team)

  // The rest joins while the winners leave.
  const others = lists.filter((list) => list !== winners).flat()
  const moved = await all(writers, ({ call, number }) => {
    const mine = lists[number] ?? []
    const isWinner = mine === winners
    const ops = isWinner
      ? mine.map((person) => ({ op: 'remove', path: `members[value eq "${person.id}"]` }))
      : [{ op: 'add', path: 'members', value: mine.map((person) => ({ value: person.id })) }]
    return call('PATCH', `/Groups/${id}`, patchOf(ops))
  })
  judge.expectEqual('the answers to joining and leaving', statuses(moved), Array(WRITERS).fill(204))
  for (const person of winners) person.teams.delete(team)
  for (const person of others) person.teams.add(team)
  team.members = new Set(others)
  await judge.checkTeam(team)

  const gone = await all(writers, ({ call }) => call('DELETE', `/Groups/${id}`))
  judge.expectEqual('the race to delete a group', statuses(gone), oneOf(204, 404))
  for (const person of others) person.teams.delete(team)
}
