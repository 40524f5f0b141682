/**
 * One identity provider at work: it changes people and groups that nobody else changes, takes part with its
 * own people in groups that all share, and compares after each step what it is told, what another process
 * says, what a list finds and what the database holds with the model.
 */
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import { transact } from '#platform'
import { type Dialect, dialects, membersAfter, patchOf, type TeamChange } from './scim-dialects.ts'
import { type Body, type Connection, type Dice, type Fleet, type Reply, send } from './scim-fleet.ts'
import {
  applyTo,
  type Change,
  columnsExpected,
  ENTERPRISE,
  groupExpected,
  groupSeen,
  newPerson,
  type Person,
  resourceOf,
  type Team,
  type TextChange,
  userExpected,
  userSeen,
} from './scim-model.ts'

/** What all writers of a run found out. */
export interface Ledger {
  /** Writes that were asked for, refused ones too. */
  operations: number
  comparisons: number
  differences: string[]
  /** Answers of 2xx whose effect was not there. */
  lies: number
  serverErrors: number
  /** Which kinds of step were taken, and how often. */
  steps: Map<string, number>
}

export function newLedger(): Ledger {
  return { operations: 0, comparisons: 0, differences: [], lies: 0, serverErrors: 0, steps: new Map() }
}

/** Thrown at the first difference of a writer: what it would find after it means nothing. */
export class Difference extends Error {}

export interface Writer {
  number: number
  dialect: Dialect
  people: Person[]
  teams: Team[]
  call(method: string, path: string, body?: Body, headers?: Record<string, string>): Promise<Reply>
  /** One thing that an admin does, compared. */
  step(): Promise<void>
  checkPerson(person: Person): Promise<void>
  checkTeam(team: Team): Promise<void>
  expectStatus(reply: Reply, ...expected: number[]): void
  expectEqual(what: string, actual: unknown, expected: unknown): void
}

/** What all writers have in common. */
export interface Shared {
  /** Their members come and go, each by the writer they belong to. */
  teams: Team[]
  /** One user of whom each writer owns one attribute. */
  person: Person
}

/** The attribute of the shared user that belongs to each writer. */
export const OWN_ATTRIBUTE: readonly TextChange[] = [
  { of: 'plain', name: 'nickName', value: null },
  { of: 'plain', name: 'title', value: null },
  { of: 'plain', name: 'userType', value: null },
  { of: 'work', name: 'department', value: null },
  { of: 'name', name: 'middleName', value: null },
  { of: 'work', name: 'employeeNumber', value: null },
  { of: 'work', name: 'costCenter', value: null },
  { of: 'name', name: 'honorificPrefix', value: null },
]

const WORDS = [
  'Ada',
  'Noor',
  'Zoë',
  'O’Neil',
  'Œuvre',
  '100% "sure"',
  'back\\slash',
  'under_score',
  '田中',
  '😀 face',
  "Robert'); --",
]
const MOST_PEOPLE = 14
const MOST_TEAMS = 5

export function openWriter(
  number: number,
  fleet: Fleet,
  { token }: Connection,
  shared: Shared,
  dice: Dice,
  ledger: Ledger,
): Writer {
  const dialect = dialects[number % dialects.length] as Dialect
  const people: Person[] = []
  const teams: Team[] = []
  const deleted: string[] = []
  let counter = 0
  let last = ''

  const server = (at: number) => fleet.servers[at % fleet.servers.length]?.url ?? ''

  async function call(method: string, path: string, body?: Body, headers: Record<string, string> = {}) {
    if (method !== 'GET') ledger.operations++
    const reply = await send(server(method === 'GET' ? number + 1 : number), {
      method,
      path: `${fleet.path}${path}`,
      token,
      body,
      headers: { 'user-agent': dialect.userAgent, ...headers },
    })
    if (method !== 'GET') last = `${method} ${path} ${JSON.stringify(body)} → ${reply.status} ${reply.text}`
    if (reply.status >= 500) ledger.serverErrors++
    return reply
  }

  function differ(what: string, actual: unknown, expected: unknown): never {
    const sentence = `${dialect.name} (${number}): ${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}, after ${last}`
    ledger.differences.push(sentence.slice(0, 3000))
    throw new Difference(sentence)
  }

  function expectStatus(reply: Reply, ...expected: number[]): void {
    ledger.comparisons++
    if (!expected.includes(reply.status)) differ('the status', `${reply.status} ${reply.text}`, expected)
    const { body } = reply
    if (reply.status >= 400)
      expectEqual(
        'the error',
        [body?.schemas, body?.status],
        [['urn:ietf:params:scim:api:messages:2.0:Error'], String(reply.status)],
      )
  }

  function expectEqual(what: string, actual: unknown, expected: unknown): void {
    ledger.comparisons++
    if (isDeepStrictEqual(actual, expected)) return
    if (/→ 2\d\d /.test(last)) ledger.lies++
    differ(what, actual, expected)
  }

  function expectUser(reply: Reply, person: Person): void {
    expectEqual('the answered user', userSeen(reply.body), userExpected(person))
    expectEqual('the ETag', reply.headers['etag'], reply.body.meta.version)
  }

  async function checkPerson(person: Person): Promise<void> {
    const path = `/Users/${person.id}`
    expectEqual('the user read', userSeen((await call('GET', path)).body), userExpected(person))
    const upper = person.userName.replace(/[a-z]/g, (letter) => letter.toUpperCase())
    const [filter, count] = dice.pick([
      [`userName eq ${JSON.stringify(dice.pick([person.userName, upper]))}`, 1],
      [`id eq "${person.id}"`, 1],
      [`id eq "${person.id}" and active eq ${person.active}`, 1],
      [`id eq "${person.id}" and not (active eq ${person.active})`, 0],
      [`userName eq ${JSON.stringify(person.userName)} and title pr`, person.plain.has('title') ? 1 : 0],
    ] as [string, number][])
    const list = await call('GET', `/Users?startIndex=1&count=10&filter=${encodeURIComponent(filter)}`)
    expectEqual(
      `the list by ${filter}`,
      [list.body.totalResults, list.body.Resources.map(userSeen)],
      [count, count === 1 ? [userExpected(person)] : []],
    )
    const row = await rowOf(fleet, person.id)
    const { kept, rendered, ...columns } = row ?? {}
    expectEqual('the row', columns, columnsExpected(person))
    const { active: _, ...resource } = userSeen(resourceOf(person))
    expectEqual('the kept resource', userSeen(kept), resource)
    // The text stands after a mark of the schemas it was made with.
    if (rendered !== null)
      expectEqual(
        'the rendered resource',
        userSeen(JSON.parse(rendered.slice(rendered.indexOf('{')))),
        userSeen(resourceOf(person)),
      )
  }

  async function checkGone(path: string, filter: string): Promise<void> {
    expectStatus(await call('GET', path), 404)
    const kind = path.split('/')[1]
    const list = await call('GET', `/${kind}?filter=${encodeURIComponent(filter)}`)
    expectEqual('the list without it', list.body.totalResults, 0)
  }

  async function checkTeam(team: Team): Promise<void> {
    const reply = await call('GET', `/Groups/${team.id}`)
    expectEqual('the group read', groupSeen(reply.body), groupExpected(team))
    const filter = `displayName eq ${JSON.stringify(team.displayName)}`
    const list = await call('GET', `/Groups?filter=${encodeURIComponent(filter)}&startIndex=1&count=100`)
    expectEqual('the list of groups', list.body.Resources.map(groupSeen), [groupExpected(team)])
    const holders = await transact(fleet.ctx, (tx) =>
      tx.db
        .selectFrom('memberRoles')
        .select('memberId')
        .where('roleId', '=', team.id)
        .where('source', '=', 'scim_group')
        .execute(),
    )
    const ids = [...team.members].map(({ id }) => id).sort()
    expectEqual('the rows of the group', holders.map(({ memberId }) => memberId).sort(), ids)
    for (const person of dice.some([...team.members], 2)) await checkPerson(person)
  }

  const name = (what: string) => `${what}.${number}.${++counter}.${dice.below(1000)}`

  function changesFor(person: Person): Change[] {
    const word = () => `${dice.pick(WORDS)} ${dice.below(1000)}`
    const maybe = (isThere: boolean) => (isThere && dice.chance(0.3) ? null : word())
    const { plain, name: names, emails, phones, work } = person
    const texts = ['displayName', 'nickName', 'title', 'userType', 'externalId', 'profileUrl']
    const all: Change[] = [
      ...texts.map((at): Change => {
        const value = maybe(plain.has(at))
        const url = value && `https://people.acme.example/${dice.below(1000)}`
        return { of: 'plain', name: at, value: at === 'profileUrl' ? url : value }
      }),
      { of: 'plain', name: 'locale', value: dice.pick(['en-US', 'fr-FR', 'de-CH']) },
      { of: 'plain', name: 'timezone', value: dice.pick(['Europe/Paris', 'America/Los_Angeles']) },
      { of: 'name', name: 'givenName', value: maybe(names.has('givenName')) },
      { of: 'name', name: 'familyName', value: maybe(names.has('familyName')) },
      {
        of: 'emails',
        type: 'work',
        value: emails.has('work') && dice.chance(0.3) ? null : `${name('w')}@acme.example`,
      },
      {
        of: 'emails',
        type: 'home',
        value: emails.has('home') && dice.chance(0.3) ? null : `${name('h')}@home.example`,
      },
      {
        of: 'phones',
        type: 'mobile',
        value: phones.has('mobile') && dice.chance(0.3) ? null : `+33${dice.below(1e9)}`,
      },
      { of: 'work', name: 'department', value: maybe(work.has('department')) },
      { of: 'work', name: 'employeeNumber', value: maybe(work.has('employeeNumber')) },
      {
        of: 'work',
        name: 'manager',
        value: work.has('manager') && dice.chance(0.3) ? null : dice.pick(people).id,
      },
      { of: 'active', value: dice.chance(0.5) },
    ]
    const chosen = dice.shuffled(all).slice(0, 1 + dice.below(3))
    return chosen
  }

  async function create(userName = `${name('Person')}@acme.example`): Promise<void> {
    const person = newPerson(userName)
    if (people.length > 0)
      for (const change of changesFor(person)) if (change.of !== 'active') applyTo(person, change, true)
    const body = dialect.createUser(person, dice)
    const reply = await call('POST', '/Users', body)
    expectStatus(reply, 201)
    person.id = reply.body.id
    people.push(person)
    expectUser(reply, person)
    await checkPerson(person)
  }

  /** Asks for changes as the client does, with what it reads first. */
  async function ask(person: Person, changes: readonly Change[], headers = {}): Promise<Reply> {
    const seen = (await call('GET', `/Users/${person.id}`)).body
    const { method, body } = dialect.changeUser(person, changes, seen, dice)
    return call(method, `/Users/${person.id}`, body, headers)
  }

  async function change(person: Person, changes: readonly Change[], headers = {}): Promise<void> {
    const before = (await call('GET', `/Users/${person.id}`)).body.meta
    const reply = await ask(person, changes, headers)
    expectStatus(reply, 200)
    const was = userExpected(person)
    for (const one of changes) applyTo(person, one, dialect.marksPrimary)
    expectUser(reply, person)
    const isSame = isDeepStrictEqual(was, userExpected(person))
    expectEqual('whether the version moved', before.version !== reply.body.meta.version, !isSame)
    if (isSame) expectEqual('lastModified', reply.body.meta.lastModified, before.lastModified)
    await checkPerson(person)
  }

  async function changeTeam(team: Team, wish: TeamChange): Promise<void> {
    const seen = (await call('GET', `/Groups/${team.id}`)).body
    const { method, body } = dialect.changeGroup(team, wish, seen, dice)
    const reply = await call(method, `/Groups/${team.id}`, body)
    expectStatus(reply, method === 'PUT' ? 200 : 204)
    const after = membersAfter(team, wish)
    for (const person of team.members) person.teams.delete(team)
    for (const person of after) person.teams.add(team)
    team.members = new Set(after)
    if (wish.rename !== undefined) team.displayName = wish.rename
    if (method === 'PUT') expectEqual('the answered group', groupSeen(reply.body), groupExpected(team))
    await checkTeam(team)
  }

  const steps: Record<string, { weight: number; isPossible?: () => boolean; do: () => Promise<void> }> = {
    'a user is created': { weight: 6, isPossible: () => people.length < MOST_PEOPLE, do: () => create() },
    'a deleted user comes back new': {
      weight: 3,
      isPossible: () => deleted.length > 0 && people.length < MOST_PEOPLE,
      do: () => create(deleted.pop()),
    },
    'a user name is taken': {
      weight: 2,
      async do() {
        const taken = dice.pick(people)
        const other = newPerson(taken.userName.replace('Person', dice.pick(['Person', 'PERSON', 'person'])))
        expectStatus(await call('POST', '/Users', dialect.createUser(other, dice)), 409)
        await checkPerson(taken)
      },
    },
    'a user changes': {
      weight: 16,
      async do() {
        const person = dice.pick(people)
        await change(person, changesFor(person))
      },
    },
    'a user is deactivated or comes back': {
      weight: 6,
      async do() {
        const person = dice.pick(people)
        await change(person, [{ of: 'active', value: dice.chance(0.8) ? !person.active : person.active }])
      },
    },
    'nothing changes': {
      weight: 3,
      async do() {
        const person = dice.pick(people)
        const title = person.plain.get('title')
        await change(person, [
          { of: 'active', value: person.active },
          { of: 'userName', value: person.userName },
          ...(title ? [{ of: 'plain', name: 'title', value: title } as const] : []),
        ])
      },
    },
    'a user is renamed': {
      weight: 3,
      async do() {
        const person = dice.pick(people)
        const old = person.userName
        await change(person, [{ of: 'userName', value: `${name('Renamed')}@acme.example` }])
        const list = await call('GET', `/Users?filter=${encodeURIComponent(`userName eq "${old}"`)}`)
        expectEqual('who has the old name', list.body.totalResults, 0)
      },
    },
    'a user is renamed to another’s name': {
      weight: 2,
      isPossible: () => people.length > 1,
      async do() {
        const [one, other] = dice.shuffled(people) as [Person, Person]
        const wish: Change[] = [
          { of: 'plain', name: 'nickName', value: 'not kept' },
          { of: 'userName', value: other.userName.toUpperCase() },
        ]
        expectStatus(await ask(one, wish), 409)
        await checkPerson(one)
        await checkPerson(other)
      },
    },
    'a version decides': {
      weight: 3,
      async do() {
        const person = dice.pick(people)
        const { version } = (await call('GET', `/Users/${person.id}`)).body.meta
        await change(person, changesFor(person), { 'if-match': version })
        const now = (await call('GET', `/Users/${person.id}`)).body.meta.version
        const unchanged = await call('GET', `/Users/${person.id}`, undefined, { 'if-none-match': now })
        expectStatus(unchanged, 304)
        const wish: Change[] = [{ of: 'plain', name: 'title', value: `late ${dice.below(1e6)}` }]
        if (now !== version) expectStatus(await ask(person, wish, { 'if-match': version }), 412)
        await checkPerson(person)
      },
    },
    'half of a change is impossible': {
      weight: 2,
      async do() {
        const person = dice.pick(people)
        const bad = dice.pick([
          { op: 'remove', path: 'userName' },
          { op: 'replace', path: 'title[', value: 'x' },
          { op: 'remove' },
          { op: 'replace', path: 'phoneNumbers[value gt].type', value: 'x' },
          { op: 'move', path: 'title', value: 'x' },
          { op: 'replace', path: 'active', value: 'perhaps' },
        ])
        const body = patchOf([{ op: 'replace', path: 'title', value: 'not kept' }, bad])
        expectStatus(await call('PATCH', `/Users/${person.id}`, body), 400)
        await checkPerson(person)
      },
    },
    'a user is deleted': {
      weight: 3,
      isPossible: () => people.length > 3,
      async do() {
        const person = dice.pick(people)
        expectStatus(await call('DELETE', `/Users/${person.id}`), 204)
        people.splice(people.indexOf(person), 1)
        deleted.push(person.userName)
        for (const team of person.teams) team.members.delete(person)
        await checkGone(`/Users/${person.id}`, `userName eq ${JSON.stringify(person.userName)}`)
        expectStatus(await call('PUT', `/Users/${person.id}`, resourceOf(person)), 404)
        expectStatus(await call('DELETE', `/Users/${person.id}`), 404)
        for (const team of person.teams) if (teams.includes(team)) await checkTeam(team)
      },
    },
    'a group is created': {
      weight: 3,
      isPossible: () => teams.length < MOST_TEAMS,
      async do() {
        const members = new Set(dice.some(people, 4))
        const externalId = dice.chance(0.4) ? name('ext') : null
        const team: Team = { id: '', displayName: name(dice.pick(WORDS)), externalId, members }
        const body = dialect.createGroup(team)
        if (!body.members) team.members = new Set()
        if (!body.externalId) team.externalId = null
        const reply = await call('POST', '/Groups', body)
        expectStatus(reply, 201)
        team.id = reply.body.id
        teams.push(team)
        for (const person of team.members) person.teams.add(team)
        expectEqual('the answered group', groupSeen(reply.body), groupExpected(team))
        await checkTeam(team)
      },
    },
    'a group’s name is taken': {
      weight: 1,
      isPossible: () => teams.length > 0,
      async do() {
        const team = dice.pick(teams)
        expectStatus(await call('POST', '/Groups', dialect.createGroup({ ...team, members: new Set() })), 409)
        await checkTeam(team)
      },
    },
    'members come and go': {
      weight: 10,
      isPossible: () => teams.length > 0,
      async do() {
        const team = dice.pick(teams)
        const add = dice.some(people, 3)
        // Mostly members, and now and then somebody who is none, or who joins by the same call.
        const remove = dice.some(dice.chance(0.7) ? [...team.members] : people, 3)
        if (add.length + remove.length > 0) await changeTeam(team, { add, remove })
      },
    },
    'all members are named': {
      weight: 4,
      isPossible: () => teams.length > 0,
      do: () => changeTeam(dice.pick(teams), { setTo: dice.some(people, 6) }),
    },
    'a group is emptied': {
      weight: 2,
      isPossible: () => teams.length > 0,
      do: () => changeTeam(dice.pick(teams), { setTo: [] }),
    },
    'a group is renamed': {
      weight: 3,
      isPossible: () => teams.length > 0,
      async do() {
        const add = dice.chance(0.5) ? dice.some(people, 2) : []
        const rename = name('Group')
        await changeTeam(dice.pick(teams), add.length > 0 ? { rename, add } : { rename })
      },
    },
    'a member is unknown': {
      weight: 2,
      isPossible: () => teams.length > 0,
      async do() {
        const team = dice.pick(teams)
        const nobody = {
          ...newPerson('nobody'),
          id: dice.pick(['mem_nobody', people[0]?.id.slice(0, -1) ?? '', '1']),
        }
        const { method, body } = dialect.changeGroup(
          team,
          dice.pick<TeamChange>([
            { add: [...dice.some(people, 2), nobody] },
            { setTo: [nobody, ...dice.some(people, 2)] },
          ]),
          (await call('GET', `/Groups/${team.id}`)).body,
          dice,
        )
        expectStatus(await call(method, `/Groups/${team.id}`, body), 400)
        await checkTeam(team)
      },
    },
    'a group is deleted': {
      weight: 1,
      isPossible: () => teams.length > 1,
      async do() {
        const team = dice.pick(teams)
        expectStatus(await call('DELETE', `/Groups/${team.id}`), 204)
        teams.splice(teams.indexOf(team), 1)
        for (const person of team.members) person.teams.delete(team)
        await checkGone(`/Groups/${team.id}`, `displayName eq ${JSON.stringify(team.displayName)}`)
        for (const person of team.members) await checkPerson(person)
      },
    },
    'own people join and leave a shared group': {
      weight: 10,
      async do() {
        const team = dice.pick(shared.teams)
        const add = dice.some(people, 3)
        const mineThere = people.filter(({ teams: of }) => of.has(team))
        const remove = dice.some(mineThere, 3).filter((person) => !add.includes(person))
        if (add.length + remove.length === 0) return
        // Only a change of a set goes together with those of the others, and Okta's custom app has none.
        const words = dialect.name === 'Okta AIW' ? (dialects[1] as Dialect) : dialect
        const { method, body } = words.changeGroup(team, { add, remove }, {}, dice)
        expectStatus(await call(method, `/Groups/${team.id}`, body), 204)
        for (const person of remove) {
          person.teams.delete(team)
          team.members.delete(person)
        }
        for (const person of add) {
          person.teams.add(team)
          team.members.add(person)
        }
        const now = groupSeen((await call('GET', `/Groups/${team.id}`)).body)
        const mine = new Set(people.map(({ id }) => id))
        expectEqual(
          'own people in the shared group',
          now.members.filter(({ value }: Body) => mine.has(value)),
          groupExpected({ ...team, members: new Set(people.filter(({ teams: of }) => of.has(team))) })
            .members,
        )
        for (const person of [...add, ...remove].slice(0, 2)) await checkPerson(person)
      },
    },
    'the own attribute of the shared user changes': {
      weight: 4,
      async do() {
        const { person } = shared
        const mine: Change = {
          ...(OWN_ATTRIBUTE[number] as TextChange),
          value: `${dice.below(1e6)}`,
        }
        const words = ['Okta AIW', 'OneLogin'].includes(dialect.name) ? (dialects[1] as Dialect) : dialect
        const { method, body } = words.changeUser(person, [mine], {}, dice)
        const reply = await call(method, `/Users/${person.id}`, body)
        expectStatus(reply, 200)
        applyTo(person, mine, false)
        for (const seen of [reply.body, (await call('GET', `/Users/${person.id}`)).body])
          expectEqual('the own attribute', attributeOf(seen, mine), mine.value)
      },
    },
  }

  return {
    number,
    dialect,
    people,
    teams,
    call,
    checkPerson,
    checkTeam,
    expectStatus,
    expectEqual,
    async step() {
      if (people.length === 0) return create()
      const possible = Object.entries(steps).filter(([, { isPossible }]) => isPossible?.() ?? true)
      const weighted = possible.flatMap(([title, { weight }]) => Array<string>(weight).fill(title))
      const title = dice.pick(weighted)
      ledger.steps.set(title, (ledger.steps.get(title) ?? 0) + 1)
      await steps[title]?.do()
    },
  }
}

function attributeOf(seen: Body, change: Change): unknown {
  if (change.of === 'plain') return seen[change.name]
  if (change.of === 'name') return seen.name?.[change.name]
  return change.of === 'work' ? seen[ENTERPRISE]?.[change.name] : undefined
}

/** What the database holds of a member. */
async function rowOf(fleet: Fleet, id: string): Promise<Body> {
  const [row] = await transact(fleet.ctx, async (tx) => {
    const { rows } = await sql<Body>`
      select user_name as "userName", active, external_id as "externalId", title, display_name as "displayName",
        email, scim as kept, rendered,
        coalesce((select json_agg(r.name || ' (' || g.source || ')')
          from member_roles g join roles r on r.tenant_id = g.tenant_id and r.id = g.role_id
          where g.member_id = members.id), '[]') as roles
      from members where id = ${id}`.execute(tx.db)
    return rows
  })
  row?.roles.sort()
  return row
}
