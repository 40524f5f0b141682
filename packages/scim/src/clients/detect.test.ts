import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../json.ts'
import { detectClient, type Evidence, noEvidence, noteTraffic, type Traffic } from './detect.ts'
import { clientProfiles, findClientProfile } from './profiles.ts'
import { bodyTraits, describeShape } from './shape.ts'

const OKTA = 'Okta SCIM Client 1.0.0'
const ENTRA = 'Microsoft Azure AD SCIM provisioning 1.0.0'
const user = 'urn:ietf:params:scim:schemas:core:2.0:User'
const group = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager'

const ops = (...Operations: Json[]): Json => ({ Operations })
const ada: Json = { schemas: [user], userName: 'ada', active: true }
const members: Json = [{ value: 'u1' }]

/** A call as it is written in a log, and its body. */
type Line = [string, Json?]

function trafficOf([line, body]: Line, userAgent: string | undefined): Traffic {
  const [method = '', url = ''] = line.split(' ')
  const [path = '', query] = url.split('?')
  const [, resource = '', id] = path.split('/')
  const shape = body === undefined ? undefined : describeShape(body)
  return { method, resource, hasId: id !== undefined, userAgent, query, shape }
}

function seenAfter(agent: string | undefined, lines: readonly Line[], evidence = noEvidence): Evidence {
  return lines.reduce((so, line) => noteTraffic(so, trafficOf(line, agent)), evidence)
}

const probe: Line = ['GET /Users?startIndex=1&count=2']
const lookUp: Line = ['GET /Users?filter=userName%20eq%20%22ada%22&startIndex=1&count=100']
const create: Line = ['POST /Users', ada]

/** What is sent for one thing an admin does, by client; the key and how sure one may be after it. */
const sequences: [string, string | undefined, Line[], string, string][] = [
  ['Okta tests the connection', OKTA, [probe], 'okta-aiw', 'likely'],
  ['Okta assigns a person', OKTA, [lookUp, create], 'okta-aiw', 'likely'],
  [
    'Okta’s custom app links or updates',
    OKTA,
    [lookUp, ['GET /Users/u1'], ['PUT /Users/u1', ada]],
    'okta-aiw',
    'likely',
  ],
  [
    'Okta’s custom app deactivates',
    OKTA,
    [['GET /Users/u1'], ['PUT /Users/u1', { ...ada, active: false }]],
    'okta-aiw',
    'certain',
  ],
  [
    'Okta’s custom app pushes a group',
    OKTA,
    [
      ['GET /Groups?filter=displayName+eq+%22Eng%22&startIndex=1&count=100'],
      ['POST /Groups', { schemas: [group], displayName: 'Eng' }],
      ['GET /Groups/g1'],
      ['PUT /Groups/g1', { schemas: [group], displayName: 'Eng', members }],
    ],
    'okta-aiw',
    'certain',
  ],
  [
    'Okta’s catalogue app deactivates',
    OKTA,
    [['PATCH /Users/u1', ops({ op: 'replace', value: { active: false } })]],
    'okta-oin',
    'certain',
  ],
  [
    'Okta’s catalogue app updates by PUT and activates by PATCH',
    OKTA,
    [
      ['PUT /Users/u1', ada],
      ['PATCH /Users/u1', ops({ op: 'replace', value: { active: true } })],
    ],
    'okta-oin',
    'certain',
  ],
  [
    'Okta’s catalogue app sets a password',
    OKTA,
    [['PATCH /Users/u1', ops({ op: 'replace', value: { password: 'x' } })]],
    'okta-oin',
    'certain',
  ],
  [
    'Okta’s catalogue app renames a group and changes members',
    OKTA,
    [
      ['PATCH /Groups/g1', ops({ op: 'replace', value: { id: 'g1', displayName: 'Eng' } })],
      [
        'PATCH /Groups/g1',
        ops({ op: 'remove', path: 'members[value eq "u1"]' }, { op: 'add', path: 'members', value: members }),
      ],
    ],
    'okta-oin',
    'certain',
  ],
  [
    'Okta’s catalogue app pushes now',
    OKTA,
    [['PATCH /Groups/g1', ops({ op: 'replace', path: 'members', value: [] })]],
    'okta-oin',
    'certain',
  ],
  [
    'Okta imports',
    OKTA,
    [['GET /Users?startIndex=1&count=100'], ['GET /Users?startIndex=101&count=100'], ['DELETE /Groups/g1']],
    'okta-aiw',
    'likely',
  ],
  [
    'something like Okta, behind a proxy',
    'proxy/1.0',
    [probe, ['PATCH /Users/u1', ops({ op: 'replace', value: { active: false } })]],
    'okta-oin',
    'likely',
  ],
  ['a test of the connection like Okta’s', 'proxy/1.0', [probe], 'okta-aiw', 'likely'],
  [
    'Entra tests the connection',
    ENTRA,
    [['GET /Users?filter=userName+eq+%225c1c1b1e%22']],
    'entra',
    'likely',
  ],
  [
    'Entra disables',
    ENTRA,
    [['PATCH /Users/u1', ops({ op: 'Replace', path: 'active', value: 'False' })]],
    'entra',
    'certain',
  ],
  [
    'Entra makes a group without a user agent',
    undefined,
    [
      ['GET /Groups?excludedAttributes=members&filter=displayName+eq+%22Eng%22'],
      ['POST /Groups', { schemas: [group, 'http://schemas.microsoft.com/2006/11/ADSCIM/2.0/Group'] }],
    ],
    'entra',
    'likely',
  ],
  [
    'Entra removes a member without a user agent',
    undefined,
    [['PATCH /Groups/g1', ops({ op: 'Remove', path: 'members', value: members })]],
    'entra',
    'likely',
  ],
  [
    'Entra in its standard dialect',
    ENTRA,
    [['PATCH /Users/u1', ops({ op: 'replace', value: { 'name.givenName': 'Ada', [manager]: '' } })]],
    'entra-compliant',
    'certain',
  ],
  [
    'Entra in its standard dialect without a user agent',
    undefined,
    [['PATCH /Users/u1', ops({ op: 'replace', value: { displayName: 'Ada', [manager]: '' } })]],
    'entra-compliant',
    'likely',
  ],
  ['OneLogin by its name', 'OneLogin/1.0', [lookUp], 'onelogin', 'certain'],
  [
    'OneLogin without a user agent',
    undefined,
    [
      ['GET /Users?filter=userName+eq+%22ada%22&'],
      ['PUT /Users/u1?', { schemas: ['urn:scim:schemas:core:2.0'], active: 'true' }],
    ],
    'onelogin',
    'likely',
  ],
  ['JumpCloud by its name', 'JumpCloud SCIM', [create, ['DELETE /Users/u1']], 'jumpcloud', 'certain'],
  [
    'JumpCloud by its removal of members',
    'Go-http-client/2.0',
    [create, ['PATCH /Groups/g1', ops({ op: 'remove', path: 'members', value: members })]],
    'jumpcloud',
    'likely',
  ],
  ['Ping by its library', 'Apache-HttpClient/4.5.13 (Java/11.0.20)', [create], 'ping', 'likely'],
  ['Ping by its name', 'PingFederate', [create], 'ping', 'certain'],
  ['Ping by its filter', undefined, [['GET /Users?filter=emails+eq+%22ada%22']], 'ping', 'likely'],
  [
    'Google',
    'Google-Auto-Provisioning',
    [['GET /Users?filter=userName+eq+%22ada%22'], create],
    'google',
    'certain',
  ],
  [
    'a script',
    'curl/8.5.0',
    [['GET /Users?startIndex=1&count=50'], create, ['PUT /Users/u1', ada]],
    'generic',
    'none',
  ],
  ['a script that reads pages', undefined, [['GET /Users?startIndex=1&count=100']], 'generic', 'none'],
  ['nobody', undefined, [], 'generic', 'none'],
]

describe('detectClient', () => {
  test.for(sequences)('%s', ([, agent, lines, key, confidence]) => {
    const found = detectClient(seenAfter(agent, lines))
    expect(found).toMatchObject({ key, confidence })
    expect(found.because).toMatch(/^[A-Z].+\.$/)
    expect(findClientProfile(found.key)?.name).toBeTruthy()
  })

  test('says why', () => {
    const put = seenAfter(OKTA, [['PUT /Users/u1', ada]])
    expect(detectClient(put).because).toBe('The user agent is Okta’s, and users are changed by PUT.')
    const library = seenAfter('Apache-HttpClient/5.2', [create])
    expect(detectClient(library).because).toContain('the user agent names no client')
  })

  test('a library’s name says less than the shape of what it sends', () => {
    const lines: Line[] = [...Array.from({ length: 50 }, () => create), ['PUT /Users/u1', { active: 'true' }]]
    expect(detectClient(seenAfter('Apache-HttpClient/5.2', lines)).key).toBe('onelogin')
  })

  test('many reads do not make it forget how a group was changed', () => {
    const change: Line = ['PATCH /Groups/g1', ops({ op: 'replace', path: 'members', value: [] })]
    const stray: Line = ['PUT /Groups/g1', { displayName: 'Eng' }]
    const changed = seenAfter(OKTA, [change, change, change, stray])
    const reads: Line[] = Array.from({ length: 1_000 }, () => lookUp)
    expect(detectClient(seenAfter(OKTA, reads, changed)).key).toBe('okta-oin')
  })

  test('a connection that was given to another client is that client’s after a while', () => {
    const before = seenAfter(
      OKTA,
      Array.from({ length: 500 }, (): Line => ['PATCH /Groups/g1', ops()]),
    )
    const removal: Line = ['PATCH /Users/u1', ops({ op: 'Replace', path: 'active', value: 'False' })]
    const after = seenAfter(
      ENTRA,
      Array.from({ length: 100 }, () => removal),
      before,
    )
    expect(detectClient(after).key).toBe('entra')
    expect(after.agent).toBe(ENTRA)
  })

  test('one stray call changes nothing', () => {
    const calls = Array.from({ length: 10 }, (): Line => ['PUT /Users/u1', { ...ada, active: false }])
    const stray = seenAfter('JumpCloud', [create], seenAfter(OKTA, calls))
    expect(detectClient(stray)).toMatchObject({ key: 'okta-aiw', confidence: 'certain' })
  })
})

describe('noteTraffic', () => {
  test('any calls leave little behind, that survives as JSON, and are never an error', () => {
    const call: fc.Arbitrary<Traffic> = fc.record(
      {
        method: fc.oneof(fc.constantFrom('GET', 'PUT', 'PATCH', 'POST'), fc.string()),
        resource: fc.oneof(fc.constantFrom('Users', 'Groups', '__proto__'), fc.string()),
        hasId: fc.boolean(),
        userAgent: fc.option(
          fc.oneof(fc.constantFrom(OKTA, ENTRA), fc.string({ unit: 'binary', maxLength: 300 })),
          { nil: undefined },
        ),
        query: fc.option(fc.oneof(fc.constant('filter=emails+eq+%22a&'), fc.string({ unit: 'binary' })), {
          nil: undefined,
        }),
        shape: fc.uniqueArray(fc.constantFrom(...bodyTraits)),
      },
      { requiredKeys: ['method', 'resource', 'hasId'] },
    )
    const keys: string[] = clientProfiles.map(({ key }) => key)
    fc.assert(
      fc.property(fc.array(call, { maxLength: 20 }), fc.integer({ min: 1, max: 30 }), (calls, times) => {
        let evidence = noEvidence
        for (let round = 0; round < times; round++)
          for (const each of calls) evidence = noteTraffic(evidence, each)
        const text = JSON.stringify(evidence)
        expect(text.length).toBeLessThan(1_500)
        expect(JSON.parse(text)).toEqual(evidence)
        expect(text.isWellFormed()).toBe(true)
        expect(Math.max(0, ...Object.values(evidence.seen))).toBeLessThanOrEqual(64)
        expect(keys).toContain(detectClient(evidence).key)
      }),
    )
  })

  test('counts that make no sense are none', () => {
    const odd = JSON.parse(
      '{"seen":{"agent-okta":"9","agent-google":1e9,"agent-ping":-4,"more":7}}',
    ) as Evidence
    const { seen } = noteTraffic(odd, { method: 'GET', resource: 'Users', hasId: false, userAgent: 'x' })
    // Too much is cut to what a full family can hold, and halved by the call that fills it.
    expect(seen).toEqual({ 'agent-google': 32, 'agent-other': 1 })
  })

  test('what is kept of a user agent can be shown and stored', () => {
    const userAgent = `a\u0000b\nc${'\u{1F600}'.repeat(100)}`
    const { agent } = noteTraffic(noEvidence, { method: 'GET', resource: 'Users', hasId: false, userAgent })
    expect(agent).toMatch(/^a b c/)
    expect(agent?.length).toBeLessThanOrEqual(100)
    expect(agent?.isWellFormed()).toBe(true)
  })
})

describe('describeShape', () => {
  test.for<[string, Json, string[]]>([
    ['a list', [], []],
    ['text', 'x', []],
    ['nothing peculiar', ada, []],
    [
      'capitals',
      ops({ op: 'Replace', path: 'active', value: 'False' }),
      ['capital-ops', 'capital-booleans', 'inactive'],
    ],
    [
      'a template',
      { schemas: ['urn:scim:schemas:core:1.0'], active: 'true' },
      ['small-booleans', 'old-urns'],
    ],
    ['active alone', ops({ op: 'replace', value: { active: true } }), ['small-ops', 'pathless-active']],
    [
      'members in the value',
      ops({ op: 'remove', path: 'members', value: members }),
      ['small-ops', 'members-in-value'],
    ],
    [
      'members in the value, with a capital',
      ops({ op: 'Remove', path: 'members', value: members }),
      ['capital-ops'],
    ],
    ['members to add', ops({ op: 'add', path: 'members', value: members }), ['small-ops']],
    ['active and more', ops({ op: 'replace', value: { active: true, title: 'x' } }), ['small-ops']],
    ['members in the path', ops({ op: 'remove', path: 'members[value eq "x"]' }), ['small-ops']],
    ['an extension that is no path', ops({ op: 'add', value: { [`${user}`]: {} } }), ['small-ops']],
    ['dots', ops({ op: 'replace', value: { 'name.givenName': 'x' } }), ['small-ops', 'path-keys']],
    ['Okta’s description', { schemas: 'urn:okta:custom:group:1.0' }, ['okta-schema']],
  ])('%s', ([, body, traits]) => {
    expect(describeShape(body).toSorted()).toEqual(traits.toSorted())
  })

  test('no body is an error', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (json, operation) => {
        for (const body of [json, { Operations: [operation], schemas: json }])
          for (const trait of describeShape(body as Json)) expect(bodyTraits).toContain(trait)
      }),
    )
  })
})

test('only Entra ID gets values made that a replace does not find', () => {
  const keys = clientProfiles.filter(({ patch }) => patch.createOnNoMatch).map(({ key }) => key)
  expect(keys).toEqual(['entra', 'entra-compliant'])
  expect(findClientProfile('okta')).toBeUndefined()
  expect(new Set(clientProfiles.map(({ key }) => key)).size).toBe(9)
})
