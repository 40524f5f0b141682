/** Sorting (RFC 7644 §3.4.2.3). Three accounts are told apart by title, nickName and userType. */
import type { JsonObject } from '@keydesk/scim'
import { type CheckBody, checksOf } from '../check.ts'
import { listOf, same } from '../expect.ts'
import type { Session } from '../session.ts'

const SECTION = 'RFC 7644 §3.4.2.3'

const checks: Omit<CheckBody, 'needs' | 'writes'>[] = [
  {
    id: 'sorting.ascending',
    title: 'sortBy sorts ascending when no order is asked for',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Make ascending the default.',
    run: (s) => sorts(s, { sortBy: 'name.familyName' }, ['a', 'B', 'c']),
  },
  {
    id: 'sorting.descending',
    title: 'sortOrder=descending turns it round',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Honour sortOrder.',
    run: (s) => sorts(s, { sortBy: 'name.familyName', sortOrder: 'descending' }, ['c', 'B', 'a']),
  },
  {
    id: 'sorting.case',
    title: 'What compares without case sorts without case',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Sort by the folded text where caseExact is false: a, B, c and not B, a, c.',
    run: (s) => sorts(s, { sortBy: 'displayName' }, ['a', 'B', 'c']),
  },
  {
    id: 'sorting.name-case',
    title: 'The name in sortBy compares without case',
    requirement: 'MUST',
    source: 'RFC 7643 §2.1',
    remedy: 'Compare attribute names without case.',
    run: (s) => sorts(s, { sortBy: 'DISPLAYNAME', sortOrder: 'descending' }, ['c', 'B', 'a']),
  },
  {
    id: 'sorting.multi-valued',
    title: 'A multi-valued attribute sorts by its primary value',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Take the primary value, or the first.',
    run: (s) => sorts(s, { sortBy: 'emails.value' }, ['a', 'B', 'c']),
  },
  {
    id: 'sorting.missing-last',
    title: 'Who has no value comes last',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Ascending: nulls last.',
    run: (s) => sorts(s, { sortBy: 'title' }, ['c', 'B', 'a']),
  },
  {
    id: 'sorting.missing-first',
    title: 'Descending, who has no value comes first',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Descending: nulls first.',
    run: (s) => sorts(s, { sortBy: 'title', sortOrder: 'descending' }, ['a', 'B', 'c']),
  },
  {
    id: 'sorting.pages',
    title: 'Sorting goes over all pages, not inside each',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Sort first, cut into pages afterwards.',
    async run(s) {
      const { filter, letters } = await trio(s)
      const seen: JsonObject[] = []
      for (const startIndex of [1, 2, 3])
        seen.push(
          ...listOf(await s.get('/Users', { filter, sortBy: 'displayName', startIndex, count: 1 })).resources,
        )
      same(seen.map(letters), ['a', 'B', 'c'], 'The order over three pages')
    },
  },
]

export const sorting = checksOf(
  'Sorting',
  checks.map((check): CheckBody => ({ ...check, needs: ['sort'], writes: true })),
)

async function sorts(
  s: Session,
  query: { sortBy: string; sortOrder?: string },
  wanted: string[],
): Promise<void> {
  const { filter, letters } = await trio(s)
  const { resources } = listOf(await s.get('/Users', { filter, ...query, startIndex: 1, count: 10 }))
  same(resources.map(letters), wanted, `The order by ${query.sortBy}`)
}

// c has the first title and a has none, so that the order by title is another one than that by name.
const TITLES: Record<string, string | undefined> = { a: undefined, B: 'two', c: 'one' }

async function trio(s: Session): Promise<{ filter: string; letters: (one: JsonObject) => string }> {
  const tag = s.newUser().userName.split('@')[0] ?? ''
  for (const letter of ['B', 'c', 'a']) {
    const userName = `${tag}-${letter}@example.com`
    const name = { givenName: 'Sort', familyName: `${letter} ${tag}` }
    const emails = [
      { value: `zz-${userName}`, type: 'home' },
      { value: `${letter}-${tag}@example.com`, type: 'work', primary: true },
    ]
    await s.user({ userName, name, emails, displayName: `${letter} ${tag}`, title: TITLES[letter] })
  }
  const letters = ({ displayName }: JsonObject) => String(displayName).slice(0, 1)
  return { filter: `userName sw "${tag}-"`, letters }
}
