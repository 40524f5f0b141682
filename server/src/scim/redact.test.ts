/** The canary: a password comes in every way that SCIM and its clients know, and nothing of it may be kept. */
import { expect, test } from 'vitest'
import { KEPT_BYTES, redactTexts, type Texts } from './redact.ts'

const CANARY = 'kanarien"Vogel\\9é'
const inJson = JSON.stringify(CANARY)

function redacted(texts: Partial<Texts>): string {
  const line = { path: '/Users', subject: null, request: null, answer: null, deviations: [], userAgent: null }
  return JSON.stringify(redactTexts({ ...line, ...texts }))
}

const patch = (operation: string) => `{"schemas":["x"],"Operations":[${operation}]}`

test.for([
  ['an attribute', `{"userName":"ada","password":${inJson}}`],
  ['another case', `{"userName":"ada","PassWord":${inJson}}`],
  ['letters as escapes', `{"p\\u0061ssw\\u006frd":${inJson}}`],
  ['its whole name', `{"urn:ietf:params:scim:schemas:core:2.0:User:password":${inJson}}`],
  ['an object', `{"password":{"value":${inJson},"more":[${inJson}]}}`],
  ['a list', `{"password":[${inJson}]}`],
  ['twice', `{"password":${inJson},"password":"x"}`],
  ['the value of a patch', patch(`{"op":"replace","path":"password","value":${inJson}}`)],
  ['a path in capitals', patch(`{"OP":"Replace","PATH":"PASSWORD","VALUE":${inJson}}`)],
  ['a path that comes last', patch(`{"op":"replace","value":${inJson},"path":"password"}`)],
  ['two paths of one name', patch(`{"path":"password","value":${inJson},"path":"title"}`)],
  ['a patch without path', patch(`{"op":"replace","value":{"password":${inJson}}}`)],
  ['a dotted key', patch(`{"op":"replace","value":{"password.value":${inJson}}}`)],
  ['a filter in a path', patch(`{"op":"remove","path":${JSON.stringify(`password[value eq ${inJson}]`)}}`)],
  ['a filter in a key', patch(`{"op":"add","value":{${JSON.stringify(`password[value eq ${inJson}]`)}:1}}`)],
  [
    'JSON in a text',
    patch(`{"op":"add","path":"roles","value":${JSON.stringify(`{"password":${inJson}}`)}}`),
  ],
  [
    'bulk data',
    `{"Operations":[{"method":"PUT","path":"/Users/1","data":{"password":${inJson}}},
     {"method":"PATCH","path":"/Users/1","data":${patch(`{"op":"add","path":"password","value":${inJson}}`)}}]}`,
  ],
  ['a search', `{"filter":${JSON.stringify(`password eq ${inJson}`)}}`],
  ['a name and a value', `{"attributes":[{"name":"password","value":${inJson}}]}`],
  ['what is not JSON', `{"password":${inJson}`],
  ['a form', `grant_type=password&password=${encodeURIComponent(CANARY)}`],
])('as %s, a password is not kept', ([, request]) => {
  expect(request).toMatch(/kanarien/)
  expect(redacted({ request: request ?? '' })).not.toMatch(/kanarien/)
})

test.for([
  `/Users?filter=${encodeURIComponent(`password eq ${inJson}`)}`,
  '/Users?filter=%70assword+eq+%22kanarien%22&count=1',
  '/Users?filter=userName+sw+%22a%22+and+PASSWORD+eq+%22kanarien%22',
  '/Users?filter=password eq kanarien',
  '/Users?filter=%2570assword eq "kanarien"',
  '/Users?password=kanarien',
  '/Users?filter=password+eq+%22kanarien%22%zz',
])('in the address %s, a password is not kept', (path) => {
  expect(redacted({ path })).not.toMatch(/kanarien/)
})

test('what an answer, a name or a note quotes of a password is not kept either', () => {
  const request = `{"password":${inJson},"title":"kanarien"}`
  const answer = JSON.stringify({ detail: `The value ${inJson} is refused.`, also: CANARY })
  const line = redacted({
    request: `{"password":"kanarienvogel"}`,
    answer: '{"detail":"kanarienvogel"}',
    subject: 'kanarienvogel',
    deviations: ['kanarienvogel ignored'],
    userAgent: 'kanarienvogel',
  })

  expect(redacted({ request, answer })).not.toMatch(/Vogel/)
  expect(line).not.toMatch(/kanarien/)
})

test('a token of ours is not kept, wherever it stands', () => {
  const token = `kd_scim_${'a'.repeat(26)}_${'b'.repeat(26)}_${'c'.repeat(43)}_01234567`
  const line = redacted({
    path: `/Users?access=${token}`,
    request: `{"title":"Bearer ${token}","nick":"${token}"}`,
    answer: `{"detail":"no ${token}"}`,
    subject: token,
    userAgent: `curl ${token}`,
  })

  expect(line).not.toMatch(/b{26}|c{43}/)
})

test('what is no secret stays as it came, letter for letter', () => {
  const texts: Texts = {
    path: '/Users?filter=userName%20eq%20%22ada%40acme.example%22&attributes=userName,password',
    subject: 'Ada Kingsley',
    request: '{"userName" : "ada@acme.example","title":"Keeper of the keys"}',
    answer: '{"userName":"ada@acme.example"}',
    deviations: ['Operations[0].op'],
    userAgent: 'Okta SCIM Client 1.0.0',
  }

  expect(redactTexts(texts)).toEqual(texts)
})

test('a long body ends with a whole character and says how long it was', () => {
  for (let shift = 0; shift < 5; shift++) {
    const body = `"${'x'.repeat(shift)}${'é😀'.repeat(6000)}"`
    const { request } = redactTexts({
      path: '/Users',
      subject: null,
      request: body,
      answer: null,
      deviations: [],
      userAgent: null,
    })
    const [kept = '', note] = (request ?? '').split('…')

    expect(body.startsWith(kept)).toBe(true)
    expect(Buffer.byteLength(kept)).toBeGreaterThan(KEPT_BYTES - 6)
    expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(KEPT_BYTES)
    expect(note).toBe(` [cut here: ${Buffer.byteLength(body)} bytes in all]`)
  }
})
