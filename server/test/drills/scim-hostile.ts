/** Requests as attackers and broken clients send them, made by dice: the rows S9 to S15, S22 and S31 of the threats. */
import { connect } from 'node:net'
import type { Body, Dice, Sending } from './scim-fleet.ts'
import { ENTERPRISE, GROUP, USER } from './scim-model.ts'

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const LIST = ['Users', 'Groups', 'Roles', 'Entitlements', 'Schemas', 'ResourceTypes', 'Bulk', 'Me', '.search']

/** Names that objects inherit, or that mean something to JavaScript, SQL or templates. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  '__lookupSetter__',
  'isPrototypeOf',
  'then',
  'toJSON',
  'length',
  'constructor.prototype',
  '__proto__.polluted',
  'constructor.prototype.polluted',
  'name.__proto__',
  'name.constructor.prototype.polluted',
  'emails.__proto__',
  `${ENTERPRISE}:__proto__`,
  `${ENTERPRISE}.constructor`,
  `${USER}:__proto__.polluted`,
  'schemas',
  'id',
  'meta',
  'password',
  'groups',
  'roles',
  'entitlements',
  'x509Certificates',
  'tenantId',
  'tenant_id',
  'userType',
  'active',
  'members',
  '$ref',
  '',
  ' ',
  '.',
  ':',
  'a'.repeat(300),
  "'; drop table members; --",
  '$' + '{7*7}',
  '{{7*7}}',
  'é',
  '\u202e',
  '\u0000',
  '😀',
]
const USUAL = [
  'userName',
  'displayName',
  'name.givenName',
  'emails',
  'emails.value',
  'title',
  'externalId',
  'meta.created',
  'active',
  'phoneNumbers.type',
  `${ENTERPRISE}:department`,
]
const OPERATORS = [
  'eq',
  'ne',
  'co',
  'sw',
  'ew',
  'gt',
  'ge',
  'lt',
  'le',
  'pr',
  'EQ',
  'Pr',
  'like',
  'in',
  '=',
  '==',
  'ＥＱ',
  '',
]
const STRINGS = [
  '',
  'a',
  '%',
  '_',
  '\\',
  '"',
  "'",
  '\\%',
  '\u0000',
  '\ud800',
  '\udfff',
  '\u202e',
  'é',
  'K',
  'ſ',
  '😀',
  '\n',
  '{',
  '[]',
  'null',
  '1e999',
  'NaN',
  'true',
  '../..',
  'a'.repeat(2000),
]
const NUMBERS = [
  '0',
  '-0',
  '1',
  '1e5',
  '1e308',
  '1e309',
  '-1e400',
  '9007199254740993',
  '0.1',
  '01',
  '+1',
  '.5',
  '1.',
  '0x10',
  'NaN',
  'Infinity',
  '1_000',
  `${'9'.repeat(400)}`,
]

/** What to send, and whether it goes over a socket of its own because no HTTP client would send it. */
export type Hostile = ({ raw: Buffer } | Sending) & { kind: string }

interface Around {
  /** `/scim/v2/{workspace}` */
  path: string
  token: string
  users: readonly string[]
  groups: readonly string[]
}

export function hostile(dice: Dice, around: Around): Hostile {
  const [kind, make] = dice.pick(KINDS)
  return { token: around.token, ...make(dice, around), kind }
}

type Made = { raw: Buffer } | (Omit<Sending, 'path' | 'method'> & { path: string; method: string })

const KINDS: readonly (readonly [string, (dice: Dice, around: Around) => Made])[] = [
  ['filter', (dice, around) => listed(dice, around, { filter: filterOf(dice) })],
  ['filter', (dice, around) => listed(dice, around, { filter: nestedFilter(dice) })],
  ['filter', (dice, around) => listed(dice, around, { filter: scrambled(dice, filterOf(dice)) })],
  ['paging', (dice, around) => listed(dice, around, pagingOf(dice))],
  [
    'search',
    (dice, around) => ({
      method: 'POST',
      path: `${around.path}/${dice.pick(['.search', 'Users/.search', 'Groups/.search'])}`,
      body: searchOf(dice),
    }),
  ],
  ['patch path', patched],
  ['patch path', patched],
  ['patch value', patchedValue],
  ['user body', (dice, around) => bodied(dice, around, userOf(dice))],
  ['group body', groupBodied],
  ['json', (dice, around) => bodied(dice, around, jsonOf(dice))],
  ['json', (dice, around) => bodied(dice, around, scrambled(dice, JSON.stringify(userOf(dice))))],
  ['nesting', (dice, around) => bodied(dice, around, deepJson(dice))],
  ['bulk', bulked],
  ['path', (dice, { path }) => ({ method: methodOf(dice), path: pathOf(dice, path) })],
  ['content type', typed],
  ['headers', headed],
  ['socket', (dice, around) => ({ raw: rawOf(dice, around) })],
]

const methodOf = (dice: Dice) =>
  dice.pick([
    'GET',
    'GET',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'HEAD',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'SEARCH',
    'QUERY',
    'REPORT',
    'LINK',
  ])

function attribute(dice: Dice): string {
  return dice.chance(0.75) ? dice.pick(USUAL) : dice.pick(NAMES)
}

function valueOfFilter(dice: Dice): string {
  return dice.pick([
    () => JSON.stringify(dice.pick(STRINGS)),
    () => dice.pick(NUMBERS),
    () => `"${dice.pick(STRINGS)}"`,
    () =>
      dice.pick([
        'true',
        'false',
        'null',
        'TRUE',
        'undefined',
        '"\\u00"',
        '"\\ud800"',
        '"\\x"',
        '[1]',
        '{}',
        '"open',
        "'a'",
        '2026-13-45',
        '"2026-02-30T25:00:00Z"',
        '',
      ]),
  ])()
}

function filterOf(dice: Dice, depth = 3): string {
  const compare = () =>
    dice.chance(0.6)
      ? `${dice.pick(USUAL)} ${dice.pick(OPERATORS.slice(0, 6))} ${JSON.stringify(dice.pick(STRINGS.slice(0, 8)))}`
      : `${attribute(dice)} ${dice.pick(OPERATORS)} ${valueOfFilter(dice)}`
  if (depth === 0) return compare()
  const inner = () => filterOf(dice, depth - 1)
  return dice.pick([
    compare,
    compare,
    () => `${inner()} ${dice.pick(['and', 'or', 'AND', 'xor', ''])} ${inner()}`,
    () => `not (${inner()})`,
    () => `(${inner()})`,
    () => `${attribute(dice)}[${inner()}]${dice.pick(['', '.value', '.type eq "work"', '[x pr]'])}`,
  ])()
}

/** Many of the same thing, open or closed. */
function nestedFilter(dice: Dice): string {
  const times = dice.pick([3, 9, 10, 11, 19, 20, 21, 40, 100, 1000])
  const [open, close] = dice.pick([
    ['(', ')'],
    ['not (', ')'],
    ['emails[', ']'],
    ['not ', ''],
    ['userName pr and ', ''],
    ['userName pr or (', ')'],
    ['"', ''],
    ['\\', ''],
    ['[', ']'],
    [' ', ' '],
    ['urn:', ''],
    ['a.', ''],
  ] as const)
  return `${open.repeat(times)}userName pr${dice.chance(0.7) ? close.repeat(times) : ''}`
}

/** A text with some of its characters lost, doubled or replaced. */
function scrambled(dice: Dice, text: string): string {
  let now = text
  for (let times = 1 + dice.below(3); times > 0; times--) {
    const at = dice.below(now.length + 1)
    const put = dice.pick([
      '',
      '',
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '(',
      ')',
      '\u0000',
      '\ufeff',
      '\u2028',
      '1',
      ' ',
      '\\u',
      '\\ud800',
      now.slice(at, at + 20),
    ])
    now = now.slice(0, at) + put + now.slice(at + dice.below(3))
  }
  return now
}

/** A query, escaped as a client would or not quite. */
function listed(dice: Dice, { path }: Around, query: Record<string, string>): Made {
  const escaped = dice.chance(0.9)
    ? (text: string) => encodeURIComponent(text.toWellFormed())
    : (text: string) =>
        text.replace(/[^!$&-;=?-Z_a-z~]/gu, (letter) =>
          dice.chance(0.5) ? '+' : `%${letter.charCodeAt(0).toString(16)}`,
        )
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${escaped(value)}`)
  if (dice.chance(0.1)) pairs.push(...pairs)
  return { method: 'GET', path: `${path}/${dice.pick(LIST.slice(0, 4))}?${pairs.join('&')}` }
}

function pagingOf(dice: Dice): Record<string, string> {
  const odd = () =>
    dice.pick([...NUMBERS, '-1', '1e9', '2147483648', '99999999999999999999', '', ' 1', 'x', '1;select 1'])
  const some: [string, () => string][] = [
    ['startIndex', odd],
    ['count', odd],
    ['cursor', () => dice.pick(['', 'x', '.', 'a.b', `${'a'.repeat(3000)}.b`, 'W10.', 'bnVsbA.x', '\u0000'])],
    ['sortBy', () => attribute(dice)],
    ['sortOrder', () => dice.pick(['ascending', 'descending', 'DESC', '', 'x'])],
    ['attributes', () => `${attribute(dice)},${attribute(dice)}`],
    ['excludedAttributes', () => attribute(dice)],
    ['filter', () => filterOf(dice, 1)],
  ]
  return Object.fromEntries(
    dice
      .shuffled(some)
      .slice(0, 1 + dice.below(4))
      .map(([name, make]) => [name, make()]),
  )
}

function searchOf(dice: Dice): Body {
  const body: Body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] }
  for (const [name, value] of Object.entries(pagingOf(dice)))
    body[name] = dice.pick<unknown>([value, [value], Number(value), { value }, null])
  if (dice.chance(0.2)) body.filter = nestedFilter(dice)
  return body
}

function odd(dice: Dice, depth = 3): unknown {
  const one = () => odd(dice, depth - 1)
  const leaves = [
    () => dice.pick<unknown>([null, true, false, 0, -1, 1e308, 2 ** 53, 0.1, 'True', 'false']),
    () => dice.pick(STRINGS),
    () => dice.pick(NAMES),
  ]
  if (depth === 0) return dice.pick(leaves)()
  return dice.pick<() => unknown>([
    ...leaves,
    () => Array.from({ length: dice.below(4) }, one),
    () => named(Array.from({ length: 1 + dice.below(3) }, () => [dice.pick(NAMES), one()])),
    () => ({ value: one(), type: one(), primary: one() }),
  ])()
}

/** An object with names of its own, `__proto__` among them. */
function named(entries: [string, unknown][]): object {
  const object: object = Object.create(null)
  for (const [name, value] of entries)
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  return object
}

function userOf(dice: Dice): object {
  const entries: [string, unknown][] = [
    ['schemas', dice.chance(0.95) ? [USER] : odd(dice)],
    ['userName', dice.chance(0.8) ? `hostile.${dice.below(1e9)}@acme.example` : odd(dice)],
  ]
  const count = dice.below(4)
  for (let at = 0; at < count; at++)
    entries.push([dice.chance(0.5) ? (dice.pick(USUAL).split('.')[0] ?? '') : dice.pick(NAMES), odd(dice)])
  return named(entries)
}

function target(dice: Dice, { users }: Around): string {
  return dice.chance(0.8)
    ? dice.pick(users)
    : dice.pick([...NAMES.slice(0, 10), 'mem_0', '%00', '..%2f', 'x'.repeat(600)].map(encodeURIComponent))
}

function bodied(dice: Dice, around: Around, body: string | object): Made {
  const { path } = around
  const spot = dice.pick([
    ['POST', '/Users'],
    ['PUT', `/Users/${target(dice, around)}`],
    ['PATCH', `/Users/${target(dice, around)}`],
    ['POST', '/Bulk'],
    ['POST', '/.search'],
    ['DELETE', `/Users/${dice.pick(['nobody', '__proto__'])}`],
  ] as const)
  return { method: spot[0], path: `${path}${spot[1]}`, body }
}

function groupBodied(dice: Dice, { path, groups, users }: Around): Made {
  const members = dice.pick<() => unknown>([
    () => odd(dice),
    () => Array.from({ length: dice.below(2000) }, (_, at) => ({ value: `mem_${at}` })),
    () => dice.some(users, 5).map((value) => ({ value, $ref: odd(dice, 1), display: odd(dice, 1) })),
    () => ({ value: dice.pick(users) }),
  ])()
  const body = named([
    ['schemas', [GROUP]],
    ['displayName', dice.chance(0.7) ? `hostile ${dice.below(500)}` : odd(dice)],
    ['members', members],
    [dice.pick(NAMES), odd(dice)],
  ])
  const [method, below] = dice.pick([
    ['PUT', `/${dice.pick(groups)}`],
    ['POST', ''],
  ] as const)
  // Groups that are made stay; a few hundred are enough.
  return method === 'POST' && dice.chance(0.8)
    ? { method: 'PUT', path: `${path}/Groups/${dice.pick(groups)}`, body }
    : { method, path: `${path}/Groups${below}`, body }
}

function pathInPatch(dice: Dice): string {
  return dice.pick([
    () => dice.pick(NAMES),
    () => `${attribute(dice)}[${filterOf(dice, 1)}]`,
    () => `${attribute(dice)}[${filterOf(dice, 1)}].${dice.pick(NAMES)}`,
    () => `${attribute(dice)}.${dice.pick(NAMES)}`,
    () => nestedFilter(dice),
    () => scrambled(dice, `emails[type eq "work"].value`),
    () => `${dice.pick([USER, ENTERPRISE, GROUP, 'urn:x'])}:${attribute(dice)}`,
    () => `emails[${dice.below(10)}]`,
  ])()
}

function patched(dice: Dice, around: Around): Made {
  const Operations = Array.from({ length: 1 + dice.below(3) }, () => ({
    op: dice.pick(
      dice.chance(0.9) ? ['add', 'replace', 'remove', 'Add', 'REPLACE'] : ['move', 'test', '__proto__', ''],
    ),
    path: pathInPatch(dice),
    ...(dice.chance(0.8) ? { value: odd(dice) } : {}),
  }))
  return patchAt(dice, around, { schemas: [PATCH], Operations })
}

function patchedValue(dice: Dice, around: Around): Made {
  const bag = () =>
    named(
      Array.from({ length: 1 + dice.below(3) }, () => [
        dice.chance(0.6) ? dice.pick(NAMES) : pathInPatch(dice),
        odd(dice),
      ]),
    )
  const value = dice.pick<() => unknown>([bag, () => [bag()], () => odd(dice), () => JSON.stringify(bag())])()
  const operation = { op: dice.pick(['add', 'replace', 'Replace', 'remove']), value }
  const Operations = dice.pick<() => unknown>([
    () => [operation],
    () => operation,
    () => [[operation]],
    () => odd(dice),
    () => Array(dice.below(3000)).fill(operation),
  ])()
  return patchAt(
    dice,
    around,
    named([
      [dice.pick(['Operations', 'operations', 'OPERATIONS']), Operations],
      ['schemas', dice.pick<unknown>([[PATCH], PATCH, null, odd(dice)])],
    ]),
  )
}

function patchAt(dice: Dice, around: Around, body: object): Made {
  const at = dice.chance(0.7) ? `Users/${target(dice, around)}` : `Groups/${dice.pick(around.groups)}`
  return { method: 'PATCH', path: `${around.path}/${at}`, body }
}

function jsonOf(dice: Dice): string | Buffer {
  const name = dice.pick(NAMES.slice(0, 12))
  return dice.pick<() => string | Buffer>([
    () => `{"userName":"a","userName":"b"}`,
    () => `{"userName":"a","\\u0075serName":"b"}`,
    () => `{"schemas":["${USER}"],"userName":"a\\u0000b"}`,
    () => `{"schemas":["${USER}"],"userName":"\\ud800"}`,
    () => `{"schemas":["${USER}"],"userName":"x${dice.below(1e6)}","active":${dice.pick(NUMBERS)}}`,
    () => `{"${name}":{"polluted":true},"schemas":["${USER}"],"userName":"y${dice.below(1e6)}"}`,
    () => `{"schemas":["${USER}"],"name":{"${name}":{"${dice.pick(NAMES.slice(0, 6))}":1}},"userName":"z"}`,
    () => Buffer.from([0x7b, 0x22, dice.below(256), dice.below(256), 0x22, 0x3a, 0x31, 0x7d]),
    () => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('{"a":1}', 'utf16le')]),
    () => Buffer.from('\ufeff{"schemas":[]}'),
    () =>
      dice.pick([
        '',
        ' ',
        'null',
        'true',
        '1',
        '"x"',
        '[]',
        '[[]]',
        '{',
        '}',
        '{"a"}',
        '{,}',
        '[1,]',
        '{"a":1,}',
        "{'a':1}",
        '{"a":1}{"b":2}',
        '/**/{}',
        'undefined',
        '\u0000',
      ]),
    () =>
      `{"schemas":["${USER}"],"userName":"w","x":"${'a'.repeat(dice.pick([8191, 8192, 8193, 70_000, 300_000]))}"}`,
    () =>
      `{${Array.from({ length: dice.pick([100, 2000, 2001, 5000, 20_000]) }, (_, at) => `"k${at}":1`).join(',')}}`,
    () =>
      `{"schemas":["${USER}"],"userName":"v","emails":[${Array(dice.pick([10, 500, 3000]))
        .fill('{"value":"a@b.example","primary":true}')
        .join(',')}]}`,
  ])()
}

function deepJson(dice: Dice): string {
  const depth = dice.pick([5, 11, 12, 13, 14, 15, 100, 5000, 50_000])
  const [open, close] = dice.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['{"__proto__":', '}'],
    ['{"name":', '}'],
    ['[{"x":', '}]'],
  ] as const)
  return `${open.repeat(depth)}1${dice.chance(0.8) ? close.repeat(depth) : ''}`
}

function bulked(dice: Dice, { path, users, groups }: Around): Made {
  const operation = () =>
    named([
      ['method', dice.pick<unknown>(['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'post', 1, null])],
      [
        'path',
        dice.pick<unknown>([
          '/Users',
          '/Groups',
          `/Users/${dice.pick(users)}`,
          `/Groups/${dice.pick(groups)}`,
          '/Bulk',
          '/Me',
          '/Users/bulkId:a',
          '/Users/../Groups',
          'Users',
          '/Users/__proto__',
          7,
        ]),
      ],
      ['bulkId', dice.pick<unknown>(['a', 'b', 'bulkId:a', '__proto__', '', 1, null])],
      ['version', dice.pick<unknown>(['W/"1"', '*', 1, null])],
      [
        'data',
        dice.pick<() => unknown>([
          () => userOf(dice),
          () => ({
            schemas: [GROUP],
            displayName: 'bulk',
            members: [{ value: dice.pick(['bulkId:a', 'bulkId:b', 'bulkId:__proto__', 'bulkId:']) }],
          }),
          () => odd(dice),
          () => ({
            schemas: [PATCH],
            Operations: [{ op: 'replace', path: pathInPatch(dice), value: odd(dice) }],
          }),
        ])(),
      ],
    ])
  const count = dice.pick([0, 1, 2, 3, 8, dice.chance(0.02) ? 1001 : 4])
  const body = named([
    ['schemas', ['urn:ietf:params:scim:api:messages:2.0:BulkRequest']],
    ['failOnErrors', dice.pick<unknown>([undefined, 0, 1, -1, '1', 1e9])],
    ['Operations', dice.chance(0.9) ? Array.from({ length: count }, operation) : odd(dice)],
  ])
  return { method: 'POST', path: `${path}/Bulk`, body }
}

function pathOf(dice: Dice, path: string): string {
  const bits = [
    '%',
    '%2',
    '%zz',
    '%00',
    '%2f',
    '%2F',
    '%5c',
    '%c0%af',
    '%e0%80',
    '%ff',
    '..',
    '.',
    '%2e%2e',
    '',
    ';x',
    'Users',
    'users',
    'USERS',
    'Groups',
    '__proto__',
    'constructor',
    '?',
    '#',
    '?filter=%',
    '?filter=%zz',
    '?%',
    '?&&&',
    '?a[b]=c',
    '?filter[]=x',
    '?__proto__=x',
    'a'.repeat(600),
    '*',
    '~',
    '@',
    ':id',
    '%25',
    '\\',
    '|',
    '"',
    '<x>',
  ]
  const made = Array.from({ length: 1 + dice.below(4) }, () => dice.pick(bits)).join(
    dice.pick(['/', '', '//']),
  )
  return dice.pick([
    () => `${path}/${made}`,
    () => `${path}/Users/${made}`,
    () => `/scim/v2/${made}`,
    () => `/scim/v2//acme/${made}`,
    () => `${path}${made}`,
    () => `/scim/${made}`,
  ])()
}

function typed(dice: Dice, around: Around): Made {
  const type = dice.pick([
    '',
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/json;charset=utf-8;x=y',
    'application/scim+json, text/html',
    ' application/json',
    'application/json\t;charset=utf-8',
    'application/scim+jsonx',
    'APPLICATION/SCIM+JSON',
    'application/json;',
    'a/b;'.repeat(400),
    '*/*',
    'application/vnd.api+json',
    '{}',
    '/',
  ])
  const encoding = dice.pick([undefined, undefined, 'gzip', 'deflate', 'br', 'identity', 'chunked', 'x'])
  const headers = { 'content-type': type, ...(encoding ? { 'content-encoding': encoding } : {}) }
  return { ...bodied(dice, around, dice.chance(0.5) ? userOf(dice) : jsonOf(dice)), headers } as Made
}

function headed(dice: Dice, around: Around): Made {
  const { path, token, users } = around
  const name = dice.pick([
    'if-match',
    'if-none-match',
    'accept',
    'authorization',
    'x-http-method-override',
    'x-forwarded-for',
    'x-forwarded-host',
    'host',
    'forwarded',
    'range',
    'expect',
    'accept-encoding',
    'cookie',
    'prefer',
    'user-agent',
    'x-request-id',
    'content-location',
    'origin',
    'upgrade',
    'te',
    'trailer',
    'date',
    'idempotency-key',
  ])
  const value = dice.pick([
    '',
    '*',
    'W/"1"',
    '"',
    'W/',
    'a, b',
    '100-continue',
    'x'.repeat(dice.pick([10, 4000])),
    'DELETE',
    '127.0.0.1',
    'evil.example',
    `Bearer ${token}x`,
    `Basic ${token}`,
    'Bearer',
    `Bearer  ${token}`,
    token.slice(0, -1),
    '__proto__',
    '%00',
    'é'.normalize('NFD').replace(/\p{M}/gu, ''),
    'bytes=0-1',
    '(){:;};',
  ])
  // `connection: upgrade` and `expect` are for the socket below; a client library keeps them to itself.
  const kept = ['upgrade', 'te', 'trailer', 'expect'].includes(name) ? 'x-other' : name
  return {
    method: dice.pick(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']),
    path: `${path}/Users/${dice.chance(0.3) ? 'nobody' : `${dice.pick(users)}x`}`,
    headers: { [kept]: value },
  }
}

/** What no client library lets anybody send. */
function rawOf(dice: Dice, { path, token }: Around): Buffer {
  const auth = `Host: x\r\nAuthorization: Bearer ${token}\r\n`
  const line = dice.pick([
    () => `GET ${path}/Users/\u0001 HTTP/1.1\r\n${auth}\r\n`,
    () => `GET ${path}/Users?filter=a b HTTP/1.1\r\n${auth}\r\n`,
    () => `GET ${path}/Users/é HTTP/1.1\r\n${auth}\r\n`,
    () => `GET ${path}/${'a'.repeat(dice.pick([1000, 20_000]))} HTTP/1.1\r\n${auth}\r\n`,
    () => `GET ${path}/Users HTTP/1.1\r\n${auth}X: ${'a'.repeat(dice.pick([1000, 20_000]))}\r\n\r\n`,
    () => `GET ${path}/Users HTTP/1.1\r\n${auth}${'X: a\r\n'.repeat(dice.pick([50, 3000]))}\r\n`,
    () => `GET ${path}/Users HTTP/${dice.pick(['0.9', '1.0', '2.0', '9.9', 'x'])}\r\n${auth}\r\n`,
    () =>
      `${dice.pick(['FOO', 'get', 'G\u0000T', 'GET'.repeat(50), ''])} ${path}/Users HTTP/1.1\r\n${auth}\r\n`,
    () =>
      `POST ${path}/Users HTTP/1.1\r\n${auth}Content-Type: application/scim+json\r\nContent-Length: ${dice.pick(['-1', '1x', '99999999999', '0x5', '5, 5', '7000000'])}\r\n\r\n{}`,
    () =>
      `POST ${path}/Users HTTP/1.1\r\n${auth}Content-Type: application/scim+json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    () =>
      `POST ${path}/Users HTTP/1.1\r\n${auth}Content-Type: application/scim+json\r\nTransfer-Encoding: chunked\r\n\r\n${dice.pick(['zz\r\n{}\r\n', '2\r\n{}', '2\r\n{}\r\n0\r\n\r\n', 'ffffffffffffffff\r\n'])}`,
    () => `GET http://evil.example${path}/Users HTTP/1.1\r\n${auth}\r\n`,
    () => `GET //evil.example${path}/Users HTTP/1.1\r\n${auth}\r\n`,
    () => `OPTIONS * HTTP/1.1\r\n${auth}\r\n`,
    () => `CONNECT x:1 HTTP/1.1\r\n${auth}\r\n`,
    () => `GET ${path}/Users HTTP/1.1\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    () => `GET ${path}/Users HTTP/1.1\r\nHost: a\r\nHost: b\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    () => `GET ${path}/Users HTTP/1.1\r\n${auth}Authorization: Bearer other\r\n\r\n`,
    () => `GET ${path}/Users HTTP/1.1\r\n${auth}Upgrade: websocket\r\nConnection: upgrade\r\n\r\n`,
    () => `GET ${path}/Users HTTP/1.1\r\n${auth}Expect: ${dice.pick(['100-continue', 'x'])}\r\n\r\n`,
    () => `GET ${path}/Users HTTP/1.1\n${auth.replaceAll('\r', '')}\n`,
    () => `GET ${path}/Users HTTP/1.1\r\n${auth} folded: x\r\n\r\n`,
    () => `GET ${path}/Users HTTP/1.1\r\n${auth}Bad Header: x\r\n\r\n`,
    () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    () => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000',
  ])()
  return Buffer.from(line.replace('HTTP/1.1\r\n', 'HTTP/1.1\r\nConnection: close\r\n'), 'latin1')
}

export interface RawReply {
  status: number
  text: string
}

/** Sends bytes as they are. @returns the first answer; status 0 when the server closed without one */
export function sendRaw(port: number, bytes: Buffer): Promise<RawReply> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    const done = () => {
      socket.destroy()
      const all = Buffer.concat(chunks).toString('utf8')
      const status = Number(/^HTTP\/1\.1 (?!100)(\d{3})/m.exec(all)?.[1] ?? 0)
      resolve({ status, text: all.slice(all.lastIndexOf('\r\n\r\n') + 4) })
    }
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', done)
    socket.on('end', done)
    // A request that promised more than it sends is ended by us.
    socket.setTimeout(300, done)
    socket.end(bytes)
  })
}
