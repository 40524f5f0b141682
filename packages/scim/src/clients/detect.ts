/**
 * Tells a connection's client from its traffic. The user agent names the vendor, the shapes name the
 * dialect, and shapes alone must do where no user agent is sent, as OneLogin and sometimes Entra ID do.
 *
 * Anybody can send any user agent, so what comes out is only shown and chooses tolerance: it never
 * decides who gets in.
 */
import type { ClientKey } from './profiles.ts'
import { type BodyTrait, bodyTraits } from './shape.ts'

/** One call, as detection needs it. */
export type Traffic = {
  method: string
  /** `Users`, `Groups`, or whatever else stood in the path. */
  resource: string
  /** Whether the path went on with an id. */
  hasId: boolean
  userAgent?: string | undefined
  /** What stood behind the question mark, as it came. */
  query?: string | undefined
  /** Of the body, by `describeShape`. */
  shape?: readonly BodyTrait[] | undefined
}

/** What was seen of a client so far: small, and JSON. A connection keeps it and hands it in again. */
export type Evidence = {
  /** How often, lately: a family of traits that is full is halved, so old traffic fades. */
  readonly seen: { readonly [trait in Trait]?: number }
  /** The last user agent, cut. It is a stranger's text. */
  readonly agent?: string
}

export const noEvidence: Evidence = { seen: {} }

export type Detection = {
  key: ClientKey
  confidence: 'certain' | 'likely' | 'none'
  /** A sentence for the admin. */
  because: string
}

type Vendor = 'okta' | 'microsoft' | 'onelogin' | 'jumpcloud' | 'ping' | 'google'

const AGENTS = [
  { trait: 'agent-okta', sign: /okta/i, vendor: 'okta', owner: 'Okta’s' },
  { trait: 'agent-microsoft', sign: /microsoft|azure|entra/i, vendor: 'microsoft', owner: 'Microsoft’s' },
  { trait: 'agent-onelogin', sign: /onelogin/i, vendor: 'onelogin', owner: 'OneLogin’s' },
  { trait: 'agent-jumpcloud', sign: /jumpcloud/i, vendor: 'jumpcloud', owner: 'JumpCloud’s' },
  { trait: 'agent-google', sign: /^google-/i, vendor: 'google', owner: 'Google’s' },
  { trait: 'agent-ping', sign: /\bping ?(?:one|federate|identity)/i, vendor: 'ping', owner: 'Ping’s' },
] as const

const agentTraits = [
  ...AGENTS.map(({ trait }) => trait),
  'agent-apache',
  'agent-other',
  'agent-none',
] as const
const writeTraits = ['put-users', 'put-inactive', 'patch-users', 'put-groups', 'patch-groups'] as const
const queryTraits = ['okta-page', 'emails-filter', 'open-query', 'without-members'] as const
const opTraits = ['capital-ops', 'small-ops'] as const

type Trait =
  | (typeof agentTraits)[number]
  | (typeof writeTraits)[number]
  | (typeof queryTraits)[number]
  | BodyTrait

// Each family fades on its own: ten thousand reads must not make us forget how a user was changed.
const FAMILIES: readonly (readonly Trait[])[] = [
  agentTraits,
  writeTraits,
  opTraits,
  [...queryTraits, ...bodyTraits.filter((trait) => !opTraits.some((op) => op === trait))],
]

const FULL = 64

/** The evidence with one more call in it. Never throws, whatever the call holds. */
export function noteTraffic(evidence: Evidence, call: Traffic): Evidence {
  const noted = new Set<Trait>([agentTrait(call), ...writesOf(call), ...queryOf(call), ...(call.shape ?? [])])
  const seen: { [trait in Trait]?: number } = {}
  for (const family of FAMILIES) {
    const counts = family.map((trait) => countOf(evidence, trait) + (noted.has(trait) ? 1 : 0))
    const isFull = counts.reduce((sum, count) => sum + count, 0) > FULL
    for (const [index, trait] of family.entries()) {
      const count = counts[index] ?? 0
      // Rounded up: what was seen once stays known, and loses to what is seen often.
      if (count > 0) seen[trait] = isFull ? Math.ceil(count / 2) : count
    }
  }
  const agent = call.userAgent ? shownAgent(call.userAgent) : evidence.agent
  return agent === undefined ? { seen } : { seen, agent }
}

// It comes back from a store, so it is not believed to be a count.
function countOf({ seen }: Evidence, trait: Trait): number {
  const count = seen[trait]
  return Number.isSafeInteger(count) ? Math.min(Math.max(count ?? 0, 0), FULL) : 0
}

function shownAgent(agent: string): string {
  return agent
    .slice(0, 100)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
}

function agentTrait({ userAgent }: Traffic): Trait {
  if (!userAgent) return 'agent-none'
  const agent = userAgent.slice(0, 200)
  if (/^apache-httpclient/i.test(agent)) return 'agent-apache'
  return AGENTS.find(({ sign }) => sign.test(agent))?.trait ?? 'agent-other'
}

function writesOf({ method, resource, hasId, shape }: Traffic): Trait[] {
  const of = resource.toLowerCase()
  if (!hasId || (of !== 'users' && of !== 'groups')) return []
  if (method === 'PATCH') return [`patch-${of}`]
  if (method !== 'PUT') return []
  return of === 'users' && shape?.includes('inactive') ? ['put-users', 'put-inactive'] : [`put-${of}`]
}

function queryOf({ method, query }: Traffic): Trait[] {
  if (method !== 'GET' || !query) return []
  const asked = new URLSearchParams(query.slice(0, 2048))
  const traits: Trait[] = []
  // The test of a connection, and the look-up of a user or a group.
  const isOktas = asked.get('count') === (asked.has('filter') ? '100' : '2')
  if (isOktas && asked.get('startIndex') === '1') traits.push('okta-page')
  if (/^\s*emails\s+(?:eq|co)\s/i.test(asked.get('filter') ?? '')) traits.push('emails-filter')
  if (asked.get('excludedAttributes') === 'members') traits.push('without-members')
  if (query.endsWith('&')) traits.push('open-query')
  return traits
}

/** Which client it is, as far as the evidence goes. */
export function detectClient(evidence: Evidence): Detection {
  const known = mostSeen(evidence, AGENTS)
  if (known) {
    const { key, isSure, because } = dialectOf(known.vendor, evidence)
    const confidence = isSure ? 'certain' : 'likely'
    return { key, confidence, because: `The user agent is ${known.owner}${because}.` }
  }
  const sign = mostSeen(evidence, SIGNS) ?? mostSeen(evidence, [APACHE])
  if (!sign)
    return {
      key: 'generic',
      confidence: 'none',
      because: 'Nothing that was seen so far belongs to a known client.',
    }
  const { key, because } = dialectOf(sign.vendor, evidence)
  return {
    key,
    confidence: 'likely',
    because: `${sign.says}${because}; the user agent names no client.`,
  }
}

/** What a client does that no other is known to do; it counts when the user agent says nothing. */
const SIGNS: readonly { trait: Trait; vendor: Vendor; says: string }[] = [
  { trait: 'microsoft-schema', vendor: 'microsoft', says: 'Groups name a schema of Microsoft’s' },
  { trait: 'capital-booleans', vendor: 'microsoft', says: 'Booleans are sent as "True" and "False"' },
  { trait: 'capital-ops', vendor: 'microsoft', says: 'Changes come in the form of Entra ID' },
  { trait: 'path-keys', vendor: 'microsoft', says: 'Keys of a change are paths, as Entra ID writes them' },
  { trait: 'without-members', vendor: 'microsoft', says: 'Groups are read without members, as by Entra ID' },
  { trait: 'okta-schema', vendor: 'okta', says: 'Groups name a schema of Okta’s' },
  { trait: 'pathless-active', vendor: 'okta', says: 'Users are switched on and off as Okta does it' },
  { trait: 'okta-page', vendor: 'okta', says: 'Users are looked up in the form of Okta' },
  { trait: 'old-urns', vendor: 'onelogin', says: 'The schemas are those of OneLogin’s templates' },
  { trait: 'open-query', vendor: 'onelogin', says: 'Queries end in "&", as OneLogin’s do' },
  {
    trait: 'small-booleans',
    vendor: 'onelogin',
    says: 'Booleans are sent as "true" and "false", as in OneLogin’s templates',
  },
  {
    trait: 'members-in-value',
    vendor: 'jumpcloud',
    says: 'Members to remove are named in the value, as by JumpCloud',
  },
  { trait: 'emails-filter', vendor: 'ping', says: 'Users are looked up by "emails", as by Ping' },
]

const APACHE = {
  trait: 'agent-apache',
  vendor: 'ping',
  says: 'Calls are made by Apache-HttpClient, as Ping’s are',
} as const

/** The sign of the vendor for whom most was seen: the one of its signs that was seen most. */
function mostSeen<Sign extends { trait: Trait; vendor: Vendor }>(
  evidence: Evidence,
  signs: readonly Sign[],
): Sign | undefined {
  const votes = new Map<Vendor, number>()
  for (const { trait, vendor } of signs)
    votes.set(vendor, (votes.get(vendor) ?? 0) + countOf(evidence, trait))
  const rank = (sign: Sign) => [votes.get(sign.vendor) ?? 0, countOf(evidence, sign.trait)] as const
  let best: Sign | undefined
  for (const sign of signs) {
    if (countOf(evidence, sign.trait) === 0) continue
    const [vote, count] = rank(sign)
    const [bestVote, bestCount] = best ? rank(best) : [0, 0]
    if (vote > bestVote || (vote === bestVote && count > bestCount)) best = sign
  }
  return best
}

type Dialect = { key: ClientKey; isSure: boolean; because: string }

function dialectOf(vendor: Vendor, evidence: Evidence): Dialect {
  if (vendor === 'okta') return oktaDialect(evidence)
  if (vendor === 'microsoft') return entraDialect(evidence)
  return { key: vendor, isSure: true, because: '' }
}

// Apps from the catalogue may update profiles by PUT, but they never deactivate or change a group so.
function oktaDialect(evidence: Evidence): Dialect {
  const count = (trait: Trait) => countOf(evidence, trait)
  const groups = count('patch-groups') - count('put-groups')
  const is = (key: ClientKey, because: string, isSure = true) => ({ key, isSure, because })
  if (groups > 0) return is('okta-oin', ', and groups are changed by PATCH')
  if (groups < 0) return is('okta-aiw', ', and groups are changed by PUT')
  if (count('patch-users') > count('put-inactive')) return is('okta-oin', ', and users are changed by PATCH')
  if (count('put-inactive') > 0) return is('okta-aiw', ', and users are deactivated by PUT')
  if (count('put-users') > 0) return is('okta-aiw', ', and users are changed by PUT', false)
  return is('okta-aiw', '; whether it changes users by PUT or by PATCH was not seen yet', false)
}

function entraDialect(evidence: Evidence): Dialect {
  const capital = countOf(evidence, 'capital-ops')
  const small = countOf(evidence, 'small-ops')
  if (small > capital)
    return { key: 'entra-compliant', isSure: true, because: ', and operations are in small letters' }
  if (capital > 0)
    return { key: 'entra', isSure: true, because: ', and operations have a capital, as in "Replace"' }
  return { key: 'entra', isSure: false, because: '; which of its two dialects it speaks was not seen yet' }
}
