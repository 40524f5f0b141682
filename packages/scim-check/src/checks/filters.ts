/** Filters (RFC 7644 §3.4.2.2). */
import { type CheckBody, checksOf } from '../check.ts'
import { at, ENTERPRISE, isUnset, listOf, must, objects, refused, show, skip, USER } from '../expect.ts'
import type { Made, Session } from '../session.ts'

const SECTION = 'RFC 7644 §3.4.2.2'

/** Finds the account with one filter and not with the other. */
interface Pair {
  id: string
  title: string
  finds: (user: Made) => string
  misses?: (user: Made) => string
  /** Skipped when the account has none. */
  about?: (string | number)[]
  source?: string
  remedy?: string
}

const q = (value: unknown) => JSON.stringify(value)
const isUser = (user: Made) => `userName eq ${q(user['userName'])}`
const mail = (user: Made) => at(user, 'emails', 0, 'value')
const middle = (user: Made) => String(user['userName']).slice(3, -3)

const PAIRS: Pair[] = [
  {
    id: 'eq',
    title: 'eq finds exactly that value',
    finds: isUser,
    misses: (u) => `userName eq ${q(middle(u))}`,
  },
  {
    id: 'ne',
    title: 'ne finds what is different',
    finds: (u) => `${isUser(u)} and displayName ne "nothing of the kind"`,
    misses: (u) => `${isUser(u)} and userName ne ${q(u['userName'])}`,
  },
  {
    id: 'co',
    title: 'co finds a part',
    finds: (u) => `userName co ${q(middle(u))}`,
    misses: (u) => `${isUser(u)} and userName co "no%such_part"`,
  },
  {
    id: 'sw',
    title: 'sw finds a beginning',
    finds: (u) => `userName sw ${q(String(u['userName']).slice(0, -3))}`,
    misses: (u) => `userName sw ${q(middle(u))}`,
  },
  {
    id: 'ew',
    title: 'ew finds an end',
    finds: (u) => `userName ew ${q(String(u['userName']).slice(3))}`,
    misses: (u) => `userName ew ${q(middle(u))}`,
  },
  {
    id: 'pr',
    title: 'pr finds what has a value',
    finds: (u) => `${isUser(u)} and userName pr`,
    misses: (u) => `${isUser(u)} and honorificSuffix pr`.replace('honorificSuffix', 'name.honorificSuffix'),
  },
  {
    id: 'gt',
    title: 'gt compares times',
    finds: (u) => `${isUser(u)} and meta.created gt "2000-01-01T00:00:00Z"`,
    misses: (u) => `${isUser(u)} and meta.created gt "2999-01-01T00:00:00Z"`,
    about: ['meta', 'created'],
  },
  {
    id: 'ge',
    title: 'ge finds the same time',
    finds: (u) => `${isUser(u)} and meta.created ge ${q(at(u, 'meta', 'created'))}`,
    misses: (u) => `${isUser(u)} and meta.created ge "2999-01-01T00:00:00Z"`,
    about: ['meta', 'created'],
  },
  {
    id: 'lt',
    title: 'lt compares times',
    finds: (u) => `${isUser(u)} and meta.created lt "2999-01-01T00:00:00Z"`,
    misses: (u) => `${isUser(u)} and meta.created lt "2000-01-01T00:00:00Z"`,
    about: ['meta', 'created'],
  },
  {
    id: 'le',
    title: 'le finds the same time',
    finds: (u) => `${isUser(u)} and meta.created le ${q(at(u, 'meta', 'created'))}`,
    misses: (u) => `${isUser(u)} and meta.created le "2000-01-01T00:00:00Z"`,
    about: ['meta', 'created'],
  },
  {
    id: 'time-zone',
    title: 'Times compare as times, not as text',
    finds: (u) => `${isUser(u)} and meta.created gt "2000-01-01T00:00:00+14:00"`,
    misses: (u) => `${isUser(u)} and meta.created eq "2000-01-01T00:00:00Z"`,
    about: ['meta', 'created'],
  },
  {
    id: 'and',
    title: 'and needs both',
    finds: (u) => `${isUser(u)} and active eq true`,
    misses: (u) => `${isUser(u)} and active eq false`,
    about: ['active'],
  },
  {
    id: 'or',
    title: 'or needs one',
    finds: (u) => `userName eq "nobody-at-all" or ${isUser(u)}`,
    misses: () => 'userName eq "nobody-at-all" or userName eq "nobody-else"',
  },
  {
    id: 'not',
    title: 'not turns a filter round',
    finds: (u) => `${isUser(u)} and not (active eq false)`,
    misses: (u) => `${isUser(u)} and not (active eq true)`,
    about: ['active'],
  },
  {
    id: 'precedence',
    title: 'and binds tighter than or',
    finds: (u) => `${isUser(u)} or userName eq "a" and userName eq "b"`,
    misses: (u) => `userName eq "a" and userName eq "b" or ${isUser(u)} and userName eq "c"`,
  },
  {
    id: 'brackets',
    title: 'Brackets come first',
    finds: (u) => `(userName eq "a" or ${isUser(u)}) and active eq true`,
    misses: (u) => `(${isUser(u)} or userName eq "a") and active eq false`,
    about: ['active'],
  },
  {
    id: 'operator-case',
    title: 'Operators compare without case',
    finds: (u) => `userName EQ ${q(u['userName'])} AND active Eq true`,
    about: ['active'],
    remedy: 'Read EQ, Eq and eq as the same; AND and OR as well.',
  },
  {
    id: 'name-case',
    title: 'Attribute names compare without case',
    finds: (u) => `USERNAME eq ${q(u['userName'])}`,
    source: 'RFC 7643 §2.1',
    remedy: 'Compare attribute names without case.',
  },
  {
    id: 'urn',
    title: 'A name may carry its schema URN',
    finds: (u) => `${USER}:userName eq ${q(u['userName'])}`,
    misses: () => `${USER}:userName eq "nobody-at-all"`,
    source: 'RFC 7644 §3.10',
    remedy: 'Match the URN with the schemas that are known; it holds dots and colons itself.',
  },
  {
    id: 'user-name-case',
    title: 'userName compares without case',
    finds: (u) => `userName eq ${q(String(u['userName']).toUpperCase())}`,
    source: 'RFC 7643 §4.1.1',
    remedy: 'Compare userName without case: Okta sends what the admin typed.',
  },
  {
    id: 'id',
    title: 'id can be filtered',
    finds: (u) => `id eq ${q(u.id)}`,
    misses: (u) => `id eq ${q(`${u.id}x`)}`,
  },
  {
    id: 'external-id',
    title: 'externalId can be filtered',
    finds: (u) => `externalId eq ${q(u['externalId'])}`,
    misses: (u) => `externalId eq ${q(`${u['externalId']}x`)}`,
    about: ['externalId'],
  },
  {
    id: 'external-id-case',
    title: 'externalId compares with case',
    finds: (u) => `externalId eq ${q(u['externalId'])}`,
    misses: (u) => `externalId eq ${q(String(u['externalId']).toUpperCase())}`,
    about: ['externalId'],
    source: 'RFC 7643 §3.1',
    remedy: 'Compare externalId exactly: two ids that differ in case are two people.',
  },
  {
    id: 'sub-attribute',
    title: 'A sub-attribute can be filtered',
    finds: (u) => `name.familyName eq ${q(at(u, 'name', 'familyName'))} and ${isUser(u)}`,
    misses: (u) => `name.familyName eq "Nobody" and ${isUser(u)}`,
    about: ['name', 'familyName'],
  },
  {
    id: 'multi-valued',
    title: 'A multi-valued attribute matches by any of its values',
    finds: (u) => `emails.value eq ${q(mail(u))}`,
    misses: () => 'emails.value eq "nobody@nowhere.invalid"',
    about: ['emails', 0, 'value'],
  },
  {
    id: 'multi-valued-default',
    title: 'emails alone means emails.value',
    finds: (u) => `emails co ${q(mail(u))}`,
    misses: () => 'emails co "nobody@nowhere.invalid"',
    about: ['emails', 0, 'value'],
  },
  {
    id: 'value-path',
    title: 'emails[type eq … and value eq …] finds one value that is both',
    finds: (u) => `emails[type eq ${q(at(u, 'emails', 0, 'type'))} and value eq ${q(mail(u))}]`,
    misses: (u) => `emails[type eq "other" and value eq ${q(mail(u))}]`,
    about: ['emails', 0, 'type'],
  },
  {
    id: 'boolean',
    title: 'A boolean is compared as a boolean',
    finds: (u) => `active eq true and ${isUser(u)}`,
    misses: (u) => `active ne true and ${isUser(u)}`,
    about: ['active'],
  },
  {
    id: 'null',
    title: 'eq null finds what has no value',
    finds: (u) => `${isUser(u)} and name.honorificSuffix eq null`,
    misses: (u) => `${isUser(u)} and userName eq null`,
    source: 'RFC 7643 §2.5',
  },
  {
    id: 'resource-type',
    title: 'meta.resourceType can be filtered',
    finds: (u) => `meta.resourceType eq "User" and ${isUser(u)}`,
    misses: (u) => `meta.resourceType eq "Group" and ${isUser(u)}`,
  },
  {
    id: 'schemas',
    title: 'schemas can be filtered',
    finds: (u) => `schemas eq "${USER}" and ${isUser(u)}`,
    misses: (u) => `schemas eq "urn:keydesk-check:none" and ${isUser(u)}`,
  },
  {
    id: 'escapes',
    title: 'Escapes in a value are JSON’s',
    finds: (u) =>
      `userName eq "${[...String(u['userName'])].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`,
    remedy: 'Read a value as JSON: \\u0061 is a, \\" is a quotation mark.',
  },
]

const INVALID: [id: string, filter: string, title: string][] = [
  ['no-operator', 'userName "x"', 'no operator'],
  ['unknown-operator', 'userName is "x"', 'an operator that does not exist'],
  ['no-value', 'userName eq', 'no value'],
  ['open-bracket', '(userName eq "x"', 'a bracket that is not closed'],
  ['open-quote', 'userName eq "x', 'a quotation mark that is not closed'],
  ['trailing', 'userName eq "x" userName', 'words after its end'],
  ['boolean-order', 'active gt true', 'an order of booleans'],
]

const others: CheckBody[] = [
  {
    id: 'filters.nothing',
    title: 'A filter that finds nobody answers 200 and an empty list',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2',
    remedy: 'Answer 200 with totalResults 0. Entra stops a provisioning job on a 404.',
    async run(s) {
      const { total, resources } = await s.find('/Users', `userName eq "${s.mark}-nobody"`)
      must(total === 0 && resources.length === 0, `It found ${total}.`)
    },
  },
  {
    id: 'filters.total',
    title: 'totalResults counts what the filter finds, not everybody',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2',
    remedy: 'Count with the same condition that finds.',
    needs: ['filter'],
    async run(s) {
      const user = await s.sample()
      // On a server that has nobody else, one could not tell the two.
      if (!s.readOnly) await s.crowd(1)
      const { total } = await s.find('/Users', isUser(user))
      must(total === 1, `totalResults is ${total}; one account has this userName.`)
    },
  },
  {
    id: 'filters.unknown-attribute',
    title: 'A filter on an unknown attribute does not answer everybody',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2.1',
    remedy:
      'Refuse it with 400 invalidFilter, or treat it as without a value. A typing error must not link the wrong person.',
    needs: ['filter'],
    async run(s) {
      await s.sample()
      const reply = await s.get('/Users', { filter: 'noSuchAttribute eq "x"' })
      if (reply.status === 400) return
      must(listOf(reply).total === 0, `It found ${listOf(reply).total}.`)
    },
  },
  {
    id: 'filters.password',
    title: 'password cannot be guessed by filters',
    requirement: 'MUST',
    source: 'RFC 7643 §7 (returned)',
    remedy: 'Refuse filters on password, or find nothing.',
    needs: ['filter'],
    writes: true,
    async run(s) {
      const user = await s.user({ password: 'Kx7-guess-me-2026' })
      const reply = await s.get('/Users', { filter: `password sw "Kx7" and ${isUser(user)}` })
      if (reply.status === 400 || reply.status === 403) return
      must(listOf(reply).total === 0, 'password sw "Kx7" found the account that has this password.')
    },
  },
  {
    id: 'filters.quotes',
    title: 'A value with quotation marks and backslashes can be filtered',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Read the value as a JSON string, and bind it: never join it into a query.',
    needs: ['filter'],
    writes: true,
    async run(s) {
      const displayName = `Dr "Q" \\ O'Neil ${s.mark}`
      const { id } = await s.user({ displayName })
      const { ids } = await s.find('/Users', `displayName eq ${q(displayName)}`)
      must(ids.length === 1 && ids[0] === id, `It found ${ids.length}.`)
    },
  },
  {
    id: 'filters.wildcards',
    title: '% and _ in a value mean themselves',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Escape % and _ when co, sw and ew become LIKE.',
    needs: ['filter'],
    async run(s) {
      const user = await s.sample()
      const { ids } = await s.find('/Users', `userName co "%" and ${isUser(user)}`)
      must(!ids.includes(user.id), 'userName co "%" found a userName without a % in it.')
    },
  },
  {
    id: 'filters.value-path-same-element',
    title: 'Conditions in brackets hold for one and the same value',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Test each value of the list with the whole bracket.',
    needs: ['filter'],
    writes: true,
    async run(s) {
      const [work, home] = ['work', 'home'].map((type) => ({ type, value: `${s.mark}.${type}@example.com` }))
      const user = await s.user({ emails: [{ ...work, primary: true }, home] })
      if (objects(user['emails']).length < 2) skip('The server keeps one e-mail address only.')
      const yes = await s.find('/Users', `emails[type eq "home" and value eq "${home?.value}"]`)
      must(yes.ids.includes(user.id), 'The address was not found with its own type.')
      const no = await s.find('/Users', `emails[type eq "home" and value eq "${work?.value}"]`)
      must(!no.ids.includes(user.id), 'The type of one address and the value of another were taken together.')
    },
  },
  {
    id: 'filters.enterprise',
    title: 'Attributes of the enterprise extension can be filtered',
    requirement: 'MUST',
    source: 'RFC 7644 §3.10',
    remedy: `Read ${ENTERPRISE}:department.`,
    needs: ['filter', 'enterprise'],
    writes: true,
    async run(s) {
      const department = `Dept ${s.mark}`
      const { id } = await s.user({ schemas: [USER, ENTERPRISE], [ENTERPRISE]: { department } })
      const { ids } = await s.find('/Users', `${ENTERPRISE}:department eq ${q(department)}`)
      must(ids.includes(id), `It found ${ids.length}.`)
    },
  },
  {
    id: 'filters.plus',
    title: 'A filter with + for spaces is understood',
    requirement: 'CLIENT',
    source: 'Okta',
    remedy: 'Decode the query as a form is: + and %20 are both a space.',
    async run(s) {
      const user = await s.sample()
      const filter = encodeURIComponent(isUser(user)).replaceAll('%20', '+')
      const { ids } = listOf(await s.get(`/Users?filter=${filter}&startIndex=1&count=100`))
      must(ids.length === 1 && ids[0] === user.id, `It found ${ids.length}.`)
    },
  },
  {
    id: 'filters.deep',
    title: 'A filter of 200 brackets does no harm',
    requirement: 'MUST',
    source: 'RFC 7644 §7',
    remedy: 'Limit the depth and length of filters, and answer 400.',
    needs: ['filter'],
    async run(s) {
      const reply = await s.get('/Users', { filter: `${'('.repeat(200)}userName eq "x"${')'.repeat(200)}` })
      must(reply.status < 500, `It answered ${reply.status}.`)
    },
  },
  {
    id: 'filters.attributes',
    title: 'A filter may use what attributes leaves out',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2.5',
    remedy: 'Filter first, cut afterwards.',
    needs: ['filter'],
    async run(s) {
      const user = await s.sample()
      const { resources } = await s.find('/Users', isUser(user), { attributes: 'displayName' })
      must(resources[0]?.['id'] === user.id, 'It did not find the account.')
      must(
        resources[0]['userName'] === undefined,
        'userName was returned though only displayName was asked for.',
      )
    },
  },
]

export const filters = checksOf('Filters', [...PAIRS.map(pairCheck), ...INVALID.map(invalidCheck), ...others])

/** Operators and forms, for the capability profile. */
export const FILTER_IDS = PAIRS.map(({ id }) => `filters.${id}`)

function pairCheck({ id, title, finds, misses, about, source, remedy }: Pair): CheckBody {
  return {
    id: `filters.${id}`,
    title,
    requirement: 'MUST',
    source: source ?? SECTION,
    remedy: remedy ?? 'Evaluate it as the grammar says, in the database as in memory.',
    needs: ['filter'],
    async run(s) {
      const user = await sampleWith(s, about)
      await expectFound(s, user, finds(user))
      if (!misses) return
      const reply = await s.get('/Users', { filter: misses(user) })
      const { ids } = listOf(reply)
      must(!ids.includes(user.id), `${misses(user)} found the account, though it should not.`)
    },
  }
}

async function sampleWith(s: Session, about: (string | number)[] | undefined): Promise<Made> {
  const user = await s.sample()
  if (about && isUnset(at(user, ...about)))
    skip(`The account has no ${about.filter((step) => step !== 0).join('.')}.`)
  return user
}

async function expectFound(s: Session, user: Made, filter: string): Promise<void> {
  const { ids, total } = await s.find('/Users', filter)
  must(ids.includes(user.id), `${filter} did not find the account; it found ${total}.`)
  // People who were there may well have a part of their userName in common.
  if (!s.readOnly)
    must(total < 2 || ids.length === 1, `${filter} found ${total}, not only the account that is meant.`)
}

function invalidCheck([id, filter, title]: (typeof INVALID)[number]): CheckBody {
  return {
    id: `filters.invalid-${id}`,
    title: `A filter with ${title} is refused`,
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Answer 400 with scimType invalidFilter: never everybody, and never 500.',
    needs: ['filter'],
    async run(s) {
      const reply = await s.get('/Users', { filter })
      if (reply.status === 200)
        must(false, `${filter} answered 200 with totalResults ${show(at(reply.body, 'totalResults'))}.`)
      refused(reply, 400, 'invalidFilter')
    },
  }
}
