/** Fills an organisation: people, groups, rules, apps, and who has what. */
import { oktaId, randomOf } from '../ids.ts'
import { type App, applyWrite, emptyOrg, type Group, type Org, type User, type Write } from '../org.ts'
import { CITIES, DEPARTMENTS } from './names.ts'
import { makePeople } from './people.ts'

const MADE = '2021-03-01T08:00:00.000Z'
const SETTLED = '2025-05-30T08:00:00.000Z'
/** One project group for this many people, so a big organisation has many groups. */
const PEOPLE_PER_PROJECT = 50

const PROVISIONING = [
  'PUSH_NEW_USERS',
  'PUSH_PROFILE_UPDATES',
  'PUSH_USER_DEACTIVATION',
  'REACTIVATE_USERS',
  'GROUP_PUSH',
  'SCIM_PROVISIONING',
]

/** Label, catalogue name, sign-on mode, and the groups whose members get it. */
const APPS: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['Okta Admin Console', 'saasure', 'OPENID_CONNECT', []],
  ['Okta Dashboard', 'okta_enduser', 'OPENID_CONNECT', ['Everyone']],
  ['Keydesk', 'keydesk_1', 'SAML_2_0', []],
  ['Keydesk API Service', 'oidc_client', 'OPENID_CONNECT', []],
  ['Google Workspace', 'google', 'SAML_2_0', ['Everyone']],
  ['Slack', 'slack', 'SAML_2_0', ['Everyone']],
  ['GitHub Enterprise', 'githubcloud', 'SAML_2_0', ['Engineering', 'Security']],
  ['Figma', 'figma', 'SAML_2_0', ['Design', 'Product']],
  ['Salesforce', 'salesforce', 'SAML_2_0', ['Sales']],
  ['HubSpot', 'hubspot_saml', 'SAML_2_0', ['Marketing']],
  ['Zoom', 'zoomus', 'SAML_2_0', ['Everyone']],
  ['AWS Account Access', 'amazon_aws_sso', 'SAML_2_0', []],
  ['Datadog', 'datadog', 'SAML_2_0', ['Engineering']],
  ['Notion', 'notion', 'SAML_2_0', []],
  ['Linear', 'oidc_client', 'OPENID_CONNECT', ['Engineering', 'Product']],
  ['Looker Studio', 'oidc_client', 'OPENID_CONNECT', []],
  ['Travel Portal', 'template_swa', 'BROWSER_PLUGIN', ['Everyone']],
  ['Corporate Bank', 'template_sps', 'SECURE_PASSWORD_STORE', ['Finance']],
  ['Staff Handbook', 'bookmark', 'BOOKMARK', ['Everyone']],
  ['Office Map', 'bookmark', 'BOOKMARK', []],
]

export function seedOrg(seed: string, count: number): Org {
  const org = emptyOrg(seed)
  const people = makePeople(seed, count)
  for (const user of people) applyWrite(org, { t: 'user', id: user.id, row: user })
  const groups = makeGroups(org, people)
  makeRules(org, groups)
  makeApps(org, groups, people)
  org.previous.clear()
  org.version = 0
  return org
}

function makeGroups(org: Org, people: User[]): Map<string, Group> {
  const groups = new Map<string, Group>()
  const add = (name: string, type: Group['type'], description: string | null = null) => {
    const ordinal = groups.size
    const id = oktaId('00g', org.seed, ordinal)
    const stamps = { created: MADE, lastUpdated: MADE, lastMembershipUpdated: SETTLED }
    const row: Group = { id, ordinal, type, ...stamps, name, description, source: null }
    applyWrite(org, { t: 'group', id, row })
    org.members.set(id, new Set())
    groups.set(name, row)
    return row
  }

  org.everyone = add('Everyone', 'BUILT_IN', 'All users in your organization').id
  for (const [department] of DEPARTMENTS) add(department, 'OKTA_GROUP', `Everybody in ${department}`)
  for (const [city] of CITIES) add(`Office ${city}`, 'OKTA_GROUP', `People of the office in ${city}`)
  for (const name of ['Leadership', 'VPN Users', 'AWS Production', 'Keydesk Agents', 'Keydesk Admins'])
    add(name, 'OKTA_GROUP')
  for (const name of ['AD Domain Users', 'AD Printers', 'Slack Guests']) add(name, 'APP_GROUP', 'Imported')
  for (let p = 0; p * PEOPLE_PER_PROJECT < people.length; p += 1)
    add(`Project ${projectName(p)}`, 'OKTA_GROUP')
  fillGroups(org, groups, people)
  return groups
}

function fillGroups(org: Org, groups: Map<string, Group>, people: User[]): void {
  const sets = new Map([...groups].map(([name, { id }]) => [name, org.members.get(id)]))
  const join = (name: string, user: User) => sets.get(name)?.add(user.id)
  for (const user of people) {
    if (user.status === 'DEPROVISIONED') continue
    const n = user.ordinal
    const random = randomOf(`${org.seed}/groups/${n}`)
    join(String(user.profile['department']), user)
    join(`Office ${user.profile['city']}`, user)
    join(`Project ${projectName(Math.floor(random() * (Math.floor(n / PEOPLE_PER_PROJECT) + 1)))}`, user)
    if (random() < 0.3) join('VPN Users', user)
    if (user.provider === 'ACTIVE_DIRECTORY') join('AD Domain Users', user)
    if (n > 3 && random() < 0.02) join('AD Printers', user)
    if (n > 3 && random() < 0.02) join('Slack Guests', user)
    if (n > 3 && user.profile['department'] === 'Engineering' && random() < 0.1) join('AWS Production', user)
    if (n === 0 || n === 4 || n === 5) join('Leadership', user)
  }
}

const BIRDS = [
  'Falcon',
  'Heron',
  'Kestrel',
  'Lapwing',
  'Merlin',
  'Nightjar',
  'Osprey',
  'Plover',
  'Redstart',
  'Swift',
]

function projectName(p: number): string {
  const bird = BIRDS[p % BIRDS.length] ?? ''
  const round = Math.floor(p / BIRDS.length)
  return round === 0 ? bird : `${bird} ${round + 1}`
}

function makeRules(org: Org, groups: Map<string, Group>): void {
  for (const [ordinal, [department]] of DEPARTMENTS.entries()) {
    const id = oktaId('0pr', org.seed, ordinal)
    const groupId = groups.get(department)?.id ?? ''
    const rule = { name: `${department} by department`, attribute: 'department', value: department, groupId }
    const row = {
      id,
      ordinal,
      ...rule,
      status: 'ACTIVE' as const,
      exclude: [],
      created: MADE,
      lastUpdated: MADE,
    }
    applyWrite(org, { t: 'rule', id, row })
  }
}

function makeApps(org: Org, groups: Map<string, Group>, people: User[]): void {
  for (const [ordinal, [label, name, signOnMode, granted]] of APPS.entries()) {
    const id = oktaId('0oa', org.seed, ordinal)
    const url = `https://${label.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.example/`
    const stamps = { created: MADE, lastUpdated: MADE }
    const features = name === 'keydesk_1' ? PROVISIONING : []
    const kind = { name, label, status: 'ACTIVE' as const, signOnMode, implicitAssignment: false }
    const app: App = { id, ordinal, ...kind, ...stamps, features, url }
    applyWrite(org, { t: 'app', id, row: app })
    if (name === 'keydesk_1') org.keydeskApp = id
    for (const [priority, group] of granted.entries()) {
      const row = { lastUpdated: MADE, priority, profile: {} }
      applyWrite(org, { t: 'appGroup', app: id, group: groups.get(group)?.id ?? '', row })
    }
    if (label === 'Okta Admin Console') assign(org, app, people[2])
    if (['AWS Account Access', 'Notion', 'Looker Studio', 'GitHub Enterprise'].includes(label))
      assignSome(org, app, people)
  }
  for (const [name, label] of [
    ['Slack Guests', 'Slack'],
    ['AD Domain Users', 'Google Workspace'],
    ['AD Printers', 'Google Workspace'],
  ] as const) {
    const group = groups.get(name)
    const source = org.apps.order.find((app) => app?.label === label)?.id ?? null
    if (group) applyWrite(org, { t: 'group', id: group.id, row: { ...group, source } })
  }
}

function assignSome(org: Org, app: App, people: User[]): void {
  for (const user of people) {
    const drawn = randomOf(`${org.seed}/${app.label}/${user.ordinal}`)() < 0.12
    if (user.ordinal > 3 && user.status === 'ACTIVE' && drawn) assign(org, app, user)
  }
}

function assign(org: Org, app: App, user: User | undefined): void {
  if (!user) return
  const row = { created: SETTLED, lastUpdated: SETTLED, userName: String(user.profile['login']), profile: {} }
  const write: Write = { t: 'appUser', app: app.id, user: user.id, row }
  applyWrite(org, write)
}
