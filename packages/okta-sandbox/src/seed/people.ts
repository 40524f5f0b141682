/**
 * The people of the sandbox. Person n depends on the seed and on the people before, never on how many
 * follow, so an organisation of 500 is the beginning of one of 100,000.
 */
import { oktaId, pick, type Random, randomOf } from '../ids.ts'
import type { FactorKind, ProviderType, Status, User } from '../org.ts'
import { CITIES, DEPARTMENTS, FIRST_NAMES, LAST_NAMES, shown, spelled } from './names.ts'

/** Seeded times lie before this, whatever the clock of the machine says. */
const SEEDED_BEFORE = Date.UTC(2025, 5, 1, 8)
const DAY = 86_400_000

const SOME_FACTORS: readonly (readonly FactorKind[])[] = [
  ['push', 'totp'],
  ['push'],
  ['push', 'totp', 'sms'],
  ['totp', 'question'],
  ['sms', 'question'],
  ['push', 'totp', 'sms', 'question'],
]
const NONE: readonly never[] = []

/** The people that journeys call by name. Everybody else is drawn. */
const CAST = [
  { first: 'Grace', last: 'Moreau', department: 'Engineering', title: 'VP Engineering', city: 10 },
  { first: 'Ada', last: 'Kingsley', department: 'Engineering', title: 'Senior Software Engineer', city: 7 },
  { first: 'Sam', last: 'Okafor', department: 'IT', title: 'IT Administrator', city: 7 },
  { first: 'Noor', last: 'Haddad', department: 'IT', title: 'IT Support Engineer', city: 0 },
] as const

// One person of each status early on, so that a small sandbox has them all.
const EARLY: Partial<Record<number, Status>> = {
  10: 'STAGED',
  11: 'PROVISIONED',
  12: 'SUSPENDED',
  13: 'DEPROVISIONED',
  14: 'PASSWORD_EXPIRED',
  15: 'LOCKED_OUT',
  16: 'RECOVERY',
}

export function makePeople(seed: string, count: number): User[] {
  const taken = new Map<string, number>()
  const people: User[] = []
  for (let n = 0; n < count; n += 1) people.push(makePerson(seed, n, people, taken))
  return people
}

function makePerson(seed: string, n: number, earlier: User[], taken: Map<string, number>): User {
  const random = randomOf(`${seed}/person/${n}`)
  const named = CAST[n]
  const first = named?.first ?? pick(random, FIRST_NAMES)
  const last = named?.last ?? pick(random, LAST_NAMES)
  const status = named ? 'ACTIVE' : (EARLY[n] ?? drawStatus(n, random))
  const times = drawTimes(random, status)
  const provider = n < 20 ? 'OKTA' : drawProvider(random)
  const signsIn = status !== 'STAGED' && status !== 'PROVISIONED' && status !== 'DEPROVISIONED'
  const hasPassword = signsIn && provider === 'OKTA'
  return {
    id: oktaId('00u', seed, n),
    ordinal: n,
    status,
    ...times,
    passwordChanged: hasPassword ? times.activated : null,
    provider,
    hasPassword,
    recoveryQuestion: hasPassword && (n < 20 || random() < 0.9),
    blocked: false,
    profile: makeProfile(seed, n, random, { first, last, earlier, taken }),
    factors: n === 1 ? ['push', 'totp', 'sms'] : drawFactors(n, status, random),
    roles: n === 2 ? ['SUPER_ADMIN'] : NONE,
  }
}

type Naming = { first: string; last: string; earlier: User[]; taken: Map<string, number> }

function makeProfile(seed: string, n: number, random: Random, { first, last, earlier, taken }: Naming) {
  const named = CAST[n]
  const address = `${spelled(first)}.${spelled(last)}`
  const times = taken.get(address) ?? 0
  taken.set(address, times + 1)
  const login = `${address}${times === 0 ? '' : times + 1}@${seed}.example`
  const drawn = pick(random, DEPARTMENTS)
  const [city, countryCode, timezone, locale] =
    CITIES[named?.city ?? Math.floor(random() * CITIES.length)] ?? CITIES[0]
  return {
    login,
    email: login,
    secondEmail: null,
    mobilePhone: random() < 0.6 ? `+3165${String(1_000_000 + (n % 8_999_999)).padStart(7, '0')}` : null,
    firstName: shown(first),
    lastName: shown(last),
    displayName: `${shown(first)} ${shown(last)}`,
    title: named?.title ?? pick(random, drawn[1]),
    department: named?.department ?? drawn[0],
    city,
    countryCode,
    timezone,
    locale,
    userType: random() < 0.06 ? 'Contractor' : 'Employee',
    employeeNumber: String(1000 + n),
    costCenter: `CC-${100 + Math.floor(random() * 40)}`,
    laptopSerial: `KD${(n * 7919 + 104_729).toString(36).toUpperCase().padStart(8, '0')}`,
    costCentreOwner: random() < 0.04,
    ...managerOf(n, random, earlier),
  }
}

// Okta says managerId is an id; customers write logins and addresses there too.
function managerOf(n: number, random: Random, earlier: User[]) {
  if (n === 0 || (n > 3 && random() < 0.03)) return {}
  const above = n < 8 ? 0 : Math.floor(n / 8)
  const manager = earlier[above === 1 || above === 3 ? 0 : above]
  if (!manager) return {}
  const form = n < 4 ? 0 : Math.floor(random() * 3)
  const managerId = [manager.id, manager.profile['login'], manager.profile['email']][form]
  return { managerId, manager: manager.profile['displayName'] }
}

function drawStatus(n: number, random: Random): Status {
  const r = random()
  if (n < 10 || r < 0.86) return 'ACTIVE'
  if (r < 0.88) return 'STAGED'
  if (r < 0.9) return 'PROVISIONED'
  if (r < 0.925) return 'SUSPENDED'
  if (r < 0.965) return 'DEPROVISIONED'
  if (r < 0.98) return 'PASSWORD_EXPIRED'
  return r < 0.99 ? 'LOCKED_OUT' : 'RECOVERY'
}

function drawProvider(random: Random): ProviderType {
  const r = random()
  if (r < 0.9) return 'OKTA'
  if (r < 0.96) return 'ACTIVE_DIRECTORY'
  return r < 0.99 ? 'FEDERATION' : 'IMPORT'
}

function drawFactors(n: number, status: Status, random: Random): readonly FactorKind[] {
  const enrolled = status !== 'STAGED' && status !== 'PROVISIONED' && status !== 'DEPROVISIONED'
  return enrolled && (n < 4 || random() < 0.92) ? pick(random, SOME_FACTORS) : NONE
}

function drawTimes(random: Random, status: Status) {
  const created = SEEDED_BEFORE - Math.floor(30 * DAY + random() * 1800 * DAY)
  const changed = created + Math.floor(random() * (SEEDED_BEFORE - created))
  const activated = status === 'STAGED' ? null : at(created + 60_000)
  return {
    created: at(created),
    activated,
    statusChanged: status === 'ACTIVE' ? activated : at(changed),
    lastLogin: status === 'ACTIVE' ? at(SEEDED_BEFORE - Math.floor(random() * 20 * DAY)) : null,
    lastUpdated: at(changed),
  }
}

const days = new Map<number, string>()

/** Whole seconds, like Okta; with the days kept, since 100,000 people have half a million times. */
function at(ms: number): string {
  const day = Math.floor(ms / DAY)
  const date = days.get(day) ?? new Date(ms).toISOString().slice(0, 11)
  days.set(day, date)
  const second = Math.floor((ms - day * DAY) / 1000)
  const two = (n: number) => (n < 10 ? `0${n}` : n)
  return `${date}${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}.000Z`
}
