import { expect, test } from 'vitest'
import { explain } from './explain.ts'
import type { ExplainedCall } from './explain-done.ts'

function call(
  given: Partial<Omit<ExplainedCall, 'request' | 'answer'>> & { request?: object; answer?: object },
): ExplainedCall {
  const { request, answer, ...rest } = given
  return {
    method: 'GET',
    path: '/Users',
    status: 200,
    subject: null,
    times: 1,
    held: false,
    shadow: false,
    ...rest,
    request: request ? JSON.stringify(request) : null,
    answer: answer ? JSON.stringify(answer) : null,
  }
}

const told = (given: Parameters<typeof call>[0]) => explain(call(given), 'Okta')
const ADA = 'ada@acme.example'
const lookUp = `/Users?filter=userName+eq+%22ada%40acme.example%22&startIndex=1&count=100`
const patch = (...Operations: object[]) => ({ Operations })

test.for([
  [
    { path: lookUp, answer: { totalResults: 0 } },
    `Okta asked whether the user ${ADA} is here; no. This is how an identity provider tests the connection and begins an assignment.`,
  ],
  [{ path: lookUp, answer: { totalResults: 1 } }, `Okta asked whether the user ${ADA} is here; yes.`],
  [{ path: lookUp }, `Okta asked whether the user ${ADA} is here.`],
  [
    {
      method: 'POST',
      path: '/Users/.search',
      request: { filter: `userName eq "${ADA}"` },
      answer: { totalResults: 1 },
    },
    `Okta asked whether the user ${ADA} is here; yes.`,
  ],
  [
    { path: '/Groups?filter=displayName eq "IT"', answer: { totalResults: 0 } },
    'Okta asked whether the group IT is here; no. This is how an identity provider begins to push a group.',
  ],
  [
    { path: '/Groups?filter=members.value eq "m"', answer: { totalResults: 3 } },
    'Okta searched groups by members.value eq "m"; found: 3.',
  ],
  [
    { path: '/Users?startIndex=1&count=2' },
    'Okta read the first few users: this is how a connection is tested.',
  ],
  [{ path: '/Users?startIndex=101&count=100' }, 'Okta read users from number 101, up to 100 of them.'],
  [{ path: '/Users?count=100&cursor=x' }, 'Okta read the next page of users.'],
  [{ path: '/Groups' }, 'Okta read the list of groups.'],
  [
    { method: 'POST', path: '/Users', status: 201, request: { userName: ADA, active: true } },
    `Okta added ${ADA}.`,
  ],
  [
    { method: 'POST', path: '/Users', status: 201, subject: 'Ada Kingsley', request: { active: 'False' } },
    'Okta added Ada Kingsley, without letting them in yet.',
  ],
  [{ path: '/Users/mem_1', subject: 'Ada' }, 'Okta read the profile of Ada.'],
  [{ path: '/Users/mem_1', subject: 'Ada', status: 304 }, 'Okta asked whether Ada has changed; nothing has.'],
  [
    { method: 'PUT', path: '/Users/mem_1', subject: 'Ada', request: {} },
    'Okta sent the whole profile of Ada.',
  ],
  [
    { method: 'PUT', path: '/Users/mem_1', subject: 'Ada', request: { active: false } },
    'Okta deactivated Ada, with the whole profile as it is there.',
  ],
  [
    {
      method: 'PATCH',
      path: '/Users/mem_1',
      subject: 'Ada',
      request: patch({ op: 'replace', value: { active: false } }),
    },
    'Okta deactivated Ada.',
  ],
  [
    {
      method: 'PATCH',
      path: '/Users/mem_1',
      subject: 'Ada',
      request: patch(
        { op: 'Replace', path: 'title', value: 'x' },
        { op: 'Add', path: 'phoneNumbers[type eq "a.b:c"].value', value: '1' },
        {
          op: 'Add',
          path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
          value: '1',
        },
        { op: 'Replace', value: { id: '1', 'name.givenName': 'A', 'urn:x:2.0:User': { badge: 7 } } },
      ),
    },
    'Okta changed Ada: job title, phone numbers, department, name, badge.',
  ],
  [
    {
      method: 'PATCH',
      path: '/Users/mem_1',
      subject: 'Ada',
      request: patch({ op: 'replace', path: 'active', value: 'True' }),
    },
    'Okta activated Ada.',
  ],
  [{ method: 'DELETE', path: '/Users/mem_1', subject: 'Ada', status: 204 }, 'Okta removed Ada.'],
  [
    {
      method: 'POST',
      path: '/Groups',
      status: 201,
      request: { displayName: 'IT', members: [{ value: '1' }] },
    },
    'Okta made the group IT, with 1 person.',
  ],
  [{ path: '/Groups/rol_1', subject: 'IT' }, 'Okta read the group IT and who is in it.'],
  [
    { path: '/Groups/rol_1', subject: 'IT', status: 304 },
    'Okta asked whether the group IT has changed; nothing has.',
  ],
  [
    { method: 'PUT', path: '/Groups/rol_1', subject: 'IT', request: { members: [] } },
    'Okta sent the group IT with all its members: 0 people.',
  ],
  [{ method: 'PUT', path: '/Groups/rol_1', subject: 'IT', request: {} }, 'Okta sent the group IT.'],
  [
    {
      method: 'PATCH',
      path: '/Groups/rol_1',
      status: 204,
      subject: 'IT',
      request: patch(
        { op: 'remove', path: 'members[value eq "1"]' },
        { op: 'Remove', path: 'members', value: [{ value: '2' }] },
        { op: 'add', path: 'members', value: [{ value: '3' }] },
        { op: 'replace', value: { id: 'g', displayName: 'Help' } },
      ),
    },
    'Okta changed the group IT: named it Help, added 1 person, took out 2 people.',
  ],
  [
    {
      method: 'PATCH',
      path: '/Groups/rol_1',
      subject: 'IT',
      request: patch({ op: 'replace', path: 'members', value: [] }),
    },
    'Okta changed the group IT: set its members: 0 people.',
  ],
  [
    { method: 'DELETE', path: '/Groups/rol_1', subject: 'IT', status: 204 },
    'Okta deleted the group IT: whoever had the role by it has it no more.',
  ],
  [
    { method: 'POST', path: '/Bulk', request: { Operations: [{}, {}] }, answer: { Operations: [{}] } },
    'Okta sent 2 calls in one, of which 1 were answered.',
  ],
  [{ path: '/ServiceProviderConfig' }, 'Okta asked what this service can do.'],
  [{ path: '/ResourceTypes/User' }, 'Okta asked about one kind of thing.'],
  [{ path: '/Schemas' }, 'Okta asked which attributes there are.'],
  [{ path: '/Roles?count=10' }, 'Okta read the roles that can be assigned.'],
  [{ path: '/Entitlements' }, 'Okta read the entitlements that can be assigned.'],
  [{ method: 'PATCH', path: '/Me' }, 'Okta called PATCH /Me.'],
  [
    { path: '/Schemas', shadow: true, times: 40 },
    'Okta asked which attributes there are. This was done on the shadow copy only. This line stands for 40 calls of the same kind within a second.',
  ],
] as const)('%j is told as it was', ([given, sentence]) => {
  expect(told(given as Parameters<typeof call>[0])).toEqual({
    outcome: 'done',
    explanation: sentence,
    remedy: null,
  })
})

const refusal = (detail: string, scimType?: string) => ({ detail, ...(scimType ? { scimType } : {}) })

test.for([
  [
    'POST',
    '/Groups',
    400,
    refusal('These members are no users here, so nothing was changed: x.', 'invalidValue'),
    /names people who are no users here/,
    /assign these people to the app first/,
  ],
  [
    'GET',
    '/Users?filter=x',
    400,
    refusal('No such operator.', 'invalidFilter'),
    /search cannot be answered\. No such operator/,
    /emails\.value/,
  ],
  [
    'POST',
    '/Users',
    400,
    refusal('The body is not valid JSON.', 'invalidSyntax'),
    /cannot be read\. The body is not valid JSON/,
    /template/,
  ],
  [
    'PATCH',
    '/Users/1',
    400,
    refusal('No shoeSize.', 'invalidPath'),
    /does not have|do not have/,
    /schema of this workspace/,
  ],
  ['PATCH', '/Users/1', 400, refusal('Nothing there.', 'noTarget'), /Nothing there/, /mappings/],
  [
    'PATCH',
    '/Users/1',
    400,
    refusal('id is readOnly.', 'mutability'),
    /only Keydesk decides/,
    /take this attribute out/,
  ],
  ['GET', '/Users', 400, refusal('Too many.', 'tooMany'), /more than one answer/, /smaller pages/],
  ['GET', '/Users', 400, refusal('Bad cursor.', 'invalidCursor'), /next page/, /import again/],
  ['GET', '/Users', 400, refusal('Old cursor.', 'expiredCursor'), /next page/, /import again/],
  ['GET', '/Users', 400, refusal('Bad count.', 'invalidCount'), /next page/, /import again/],
  ['POST', '/Users', 400, refusal('SCIM 1.', 'invalidVers'), /another version/, /SCIM 2\.0/],
  ['GET', '/Users', 400, refusal('In the URL.', 'sensitive'), /secret/, /\.search/],
  [
    'POST',
    '/Users',
    400,
    refusal('userName is too long.', 'invalidValue'),
    /value cannot be used\. userName is too long/,
    /correct this value of Ada/,
  ],
  ['POST', '/Users', 400, refusal('Something else.'), /Something else/, /request below/],
  ['GET', '/Users', 401, refusal('Send a valid bearer token.'), /no valid token/, /whole and without spaces/],
  ['GET', '/Schemas', 403, refusal('This list cannot be filtered.'), /not a list to search/, null],
  ['GET', '/Users', 403, refusal('Not this role.'), /Not this role/, /settings/],
  ['GET', '/Usres', 404, refusal('There is no endpoint /Usres.'), /nothing at \/Usres/, /base URL/],
  [
    'GET',
    '/Users/1',
    404,
    refusal('This user does not exist.'),
    /Ada is not here/,
    /assign them in Okta once more/,
  ],
  ['PUT', '/Groups/1', 404, refusal('This group does not exist.'), /group Ada is not here/, /push it again/],
  ['GET', '/Roles/1', 404, refusal('This role does not exist.'), /\/Roles\/1 does not exist/, /base URL/],
  ['TRACE', '/Users', 405, refusal('No.'), /TRACE cannot be done/, /PUT and PATCH/],
  [
    'POST',
    '/Users',
    409,
    refusal('userName "a" is taken already.', 'uniqueness'),
    /belongs to another member\. userName "a" is taken/,
    /another user name/,
  ],
  ['POST', '/Groups', 409, refusal('Taken.', 'uniqueness'), /role of this name already/, /link the group/],
  ['POST', '/Bulk', 409, refusal('Taken.'), /Taken/, /stand for the same/],
  ['PUT', '/Users/1', 412, refusal('Changed.'), /changed by somebody else/, /reads it again/],
  ['PUT', '/Groups/1', 413, refusal('The body is larger than 1 MiB.'), /too large/, /PATCH/],
  ['GET', '/Users', 414, refusal('Long.'), /too long/, /\.search/],
  ['POST', '/Users', 415, refusal('Send JSON.'), /kind that SCIM does not have/, /application\/scim\+json/],
  ['PUT', '/Users/1', 428, refusal('Version.'), /version/, /If-Match/],
  ['GET', '/Users', 429, refusal('Wrong.'), /too many wrong tokens/, /waits and goes on|token/],
  [
    'GET',
    '/Users?access_token=x',
    400,
    refusal('A token in the address can be read by others.', 'invalidValue'),
    /token stood in the address/,
    /Revoke/,
  ],
  ['GET', '/Users', 431, refusal('Headers.'), /headers/, /by hand/],
  ['GET', '/Users', 418, refusal('Tea.'), /Tea/, /between Okta and Keydesk/],
] as const)('%s %s refused with %d, %j', ([method, path, status, answer, explanation, remedy]) => {
  const given = told({ method, path, status, answer, subject: 'Ada' })

  expect(given.outcome).toBe('refused')
  expect(given.explanation).toMatch(/^Refused: /)
  expect(given.explanation).toMatch(explanation)
  if (remedy === null) expect(given.remedy).toBeNull()
  else expect(given.remedy).toMatch(remedy)
})

test.for([
  ['expired', 401, /token has expired/, /Create a token/],
  ['revoked', 401, /token was revoked/, /Create a token/],
  ['removed', 401, /connection that was removed/, /another connection/],
  ['bare_token', 401, /without the word Bearer/, /send it without/],
  ['address_not_allowed', 403, /may not be used from there/, /networks of this connection/],
  ['over_limit', 429, /more calls came/, /raise the limit/],
] as const)('a refusal for the reason %s is told with it', ([reason, status, explanation, remedy]) => {
  const given = told({ status, reason, answer: refusal('Send valid credentials.') })

  expect(given.explanation).toMatch(explanation)
  expect(given.remedy).toMatch(remedy)
})

test.for([
  [500, /Nothing was changed/],
  [501, /not offered\. No Bulk/],
  [503, /busy/],
  [502, /No Bulk/],
] as const)('a failure with %d says so and what to do', ([status, explanation]) => {
  const given = told({ status, answer: refusal('No Bulk.') })

  expect(given).toMatchObject({ outcome: 'failed', remedy: expect.stringMatching(/\w/) })
  expect(given.explanation).toMatch(explanation)
})

test('no status is without a sentence, whatever the answer was', () => {
  for (let status = 400; status < 600; status++)
    for (const answer of [null, '', '[]', '{"detail":7}'])
      expect(explain({ ...call({ status }), answer }, 'Okta').explanation).toMatch(
        /^(?:Refused|Failed): \S.{8}/,
      )
})

test('a call that the brake holds is neither done nor lost', () => {
  const detail =
    'Nothing was changed: the safety brake of Keydesk holds this back. It would deactivate Ada. 3 people lost access by Okta. ' +
    'The owners of this workspace were asked, and decide at https://desk.example.com. Do not send it again.'
  const held = { method: 'PATCH', path: '/Users/1', status: 403, held: true }

  expect(told({ ...held, answer: refusal(detail) })).toEqual({
    outcome: 'held',
    explanation: 'Would deactivate Ada: held back by the safety brake. 3 people lost access by Okta.',
    remedy: 'Look at what is held back, and release or drop it. Only an owner may.',
  })
  expect(told(held).explanation).toMatch(/^Would cost too many people their access/)
})

test('a body that was cut makes the sentence shorter and nothing else', () => {
  const cut = {
    ...call({ method: 'PATCH', path: '/Groups/1', subject: 'IT' }),
    request: '{"Operations":[{"op":"a… [cut',
  }

  expect(explain(cut, 'Okta').explanation).toBe('Okta changed the group IT.')
})
