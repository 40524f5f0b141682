/** Creating accounts (RFC 7644 §3.3). */
import { isRecord } from '@keydesk/scim'
import { type CheckBody, checksOf } from '../check.ts'
import {
  answered,
  at,
  ENTERPRISE,
  fail,
  isUnset,
  must,
  objects,
  refused,
  resourceOf,
  same,
  show,
  skip,
  USER,
  warn,
} from '../expect.ts'

const SECTION = 'RFC 7644 §3.3'

const checks: Omit<CheckBody, 'writes'>[] = [
  {
    id: 'creating.status',
    title: 'POST /Users answers 201',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Answer 201, not 200: clients tell from it that the account is new.',
    async run(s) {
      answered(await s.post('/Users', s.newUser()), 201)
    },
  },
  {
    id: 'creating.body',
    title: 'The answer is the whole new account',
    requirement: 'MUST',
    source: SECTION,
    remedy:
      'Answer the account as GET would. Okta fails with "Create new user returned empty user" when it is empty.',
    async run(s) {
      const user = resourceOf(await s.post('/Users', s.newUser()), 200, 201)
      for (const name of ['id', 'userName', 'schemas', 'meta'])
        must(!isUnset(user[name]), `${name} is missing.`)
    },
  },
  {
    id: 'creating.location',
    title: 'Location and meta.location are the new account’s URL',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Send the Location header, with the same URL as meta.location.',
    async run(s) {
      const reply = await s.post('/Users', s.newUser())
      answered(reply, 200, 201)
      const location = reply.headers['location']
      must(location, 'There is no Location header.')
      same(at(reply.body, 'meta', 'location'), location, 'meta.location')
    },
  },
  {
    id: 'creating.readable',
    title: 'The new account can be read at once, by id and by filter',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Answer only after the account is written, and read from where it was written.',
    async run(s) {
      const { id, userName } = await s.user()
      same((await s.read(`/Users/${id}`))['userName'], userName, 'userName')
      const { ids } = await s.find('/Users', `userName eq ${JSON.stringify(userName)}`)
      must(ids.includes(id), 'The filter by userName does not find it.')
    },
  },
  {
    id: 'creating.user-name-as-sent',
    title: 'userName comes back exactly as it was sent',
    requirement: 'CLIENT',
    source: 'Okta, Entra',
    remedy: 'Compare without case, but keep and return userName as it was sent.',
    async run(s) {
      const userName = s.newUser().userName.replace('keydesk', 'KeyDesk')
      const user = resourceOf(await s.post('/Users', s.newUser({ userName })), 200, 201)
      same(user['userName'], userName, 'userName')
      same((await s.read(`/Users/${user['id']}`))['userName'], userName, 'userName when it is read again')
    },
  },
  {
    id: 'creating.attributes-kept',
    title: 'Names, addresses and externalId are kept',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Store what the schema says, or leave it out of the schema.',
    async run(s) {
      const body = s.newUser()
      const user = await s.read(`/Users/${resourceOf(await s.post('/Users', body), 200, 201)['id']}`)
      for (const name of ['displayName', 'externalId', 'active']) same(user[name], body[name], name)
      for (const part of ['givenName', 'familyName'])
        same(at(user, 'name', part), at(body, 'name', part), `name.${part}`)
      same(at(user, 'emails', 0, 'value'), at(body, 'emails', 0, 'value'), 'emails[0].value')
    },
  },
  {
    id: 'creating.external-id-not-invented',
    title: 'externalId is not invented',
    requirement: 'MUST',
    source: 'RFC 7643 §3.1',
    remedy: 'Leave externalId to the client.',
    async run(s) {
      const { id } = await s.user({ externalId: undefined })
      must(isUnset((await s.read(`/Users/${id}`))['externalId']), 'externalId has a value that nobody sent.')
    },
  },
  {
    id: 'creating.own-id',
    title: 'An id that the client sends is ignored',
    requirement: 'MUST',
    source: 'RFC 7643 §3.1',
    remedy: 'Choose the id yourself.',
    async run(s) {
      const wanted = `${s.mark}-my-own-id`
      const reply = await s.post('/Users', s.newUser({ id: wanted }))
      must(resourceOf(reply, 200, 201)['id'] !== wanted, 'The id of the client was taken.')
    },
  },
  {
    id: 'creating.own-meta',
    title: 'meta that the client sends is ignored',
    requirement: 'MUST',
    source: 'RFC 7643 §3.1',
    remedy: 'Write meta yourself.',
    async run(s) {
      const meta = {
        resourceType: 'Group',
        created: '2001-01-01T00:00:00Z',
        lastModified: '2001-01-01T00:00:00Z',
      }
      const user = resourceOf(await s.post('/Users', s.newUser({ meta })), 200, 201)
      same(at(user, 'meta', 'resourceType'), 'User', 'meta.resourceType')
      must(!String(at(user, 'meta', 'created')).startsWith('2001'), 'meta.created is what the client sent.')
    },
  },
  {
    id: 'creating.own-groups',
    title: 'groups that the client sends is ignored',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.2',
    remedy: 'Memberships change through the group. Neither refuse nor believe groups in a user.',
    async run(s) {
      const user = resourceOf(
        await s.post('/Users', s.newUser({ groups: [{ value: `${s.mark}-none` }] })),
        200,
        201,
      )
      must(
        !objects(user['groups']).some(({ value }) => value === `${s.mark}-none`),
        'groups has a group that does not exist.',
      )
    },
  },
  {
    id: 'creating.password',
    title: 'The password is not in the answer',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.1, §9.2',
    remedy:
      'Leave password out of every answer. Okta sends a placeholder even when it does not sync passwords.',
    async run(s) {
      const reply = await s.post('/Users', s.newUser({ password: 'aX9-Placeholder-2026!' }))
      const user = resourceOf(reply, 200, 201)
      must(
        user['password'] === undefined && !reply.text.includes('aX9-Placeholder'),
        'The answer holds the password.',
      )
      must((await s.read(`/Users/${user['id']}`))['password'] === undefined, 'GET returns password.')
    },
  },
  {
    id: 'creating.duplicate',
    title: 'A userName that is taken is refused with 409',
    requirement: 'MUST',
    source: SECTION,
    remedy:
      'Answer 409 with scimType uniqueness. With 200 a client takes somebody else’s account for its own.',
    async run(s) {
      const { userName } = await s.user()
      refused(await s.post('/Users', s.newUser({ userName })), 409, 'uniqueness')
    },
  },
  {
    id: 'creating.duplicate-case',
    title: 'A userName that differs in case only is taken, too',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.1',
    remedy: 'Make userName unique without regard to case, by an index in the database.',
    async run(s) {
      const { userName } = await s.user()
      refused(
        await s.post('/Users', s.newUser({ userName: String(userName).toUpperCase() })),
        409,
        'uniqueness',
      )
    },
  },
  {
    id: 'creating.duplicate-race',
    title: 'Of two equal POSTs at one time, one is refused',
    requirement: 'MUST',
    source: 'RFC 7643 §7 (uniqueness)',
    remedy: 'Let the database decide: look up and insert is not enough.',
    async run(s) {
      const body = s.newUser()
      const replies = await Promise.all([1, 2, 3].map(() => s.post('/Users', body)))
      const made = replies.filter(({ status }) => status < 300)
      must(made.length === 1, `${made.length} of 3 were carried out.`)
      must(
        replies.every(({ status }) => status < 500),
        `One answered ${replies.map(({ status }) => status).join(', ')}.`,
      )
    },
  },
  {
    id: 'creating.no-user-name',
    title: 'An account without userName is refused',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.1',
    remedy: 'Answer 400 with scimType invalidValue, and say that userName is missing.',
    async run(s) {
      refused(await s.post('/Users', { ...s.newUser(), userName: undefined }), 400, 'invalidValue')
    },
  },
  {
    id: 'creating.empty-user-name',
    title: 'An empty userName is refused',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.1',
    remedy: 'Treat "" as missing.',
    async run(s) {
      refused(await s.post('/Users', s.newUser({ userName: '' })), 400, 'invalidValue')
    },
  },
  {
    id: 'creating.wrong-type',
    title: 'A value of the wrong type is refused',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12 (invalidValue)',
    remedy: 'Answer 400 invalidValue when name is a number.',
    async run(s) {
      refused(await s.post('/Users', s.newUser({ name: 42 })), 400)
    },
  },
  {
    id: 'creating.junk',
    title: 'What is not JSON is refused with 400',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12 (invalidSyntax)',
    remedy: 'Answer 400 with scimType invalidSyntax, as a SCIM error.',
    async run(s) {
      refused(await s.send('POST', '/Users', { body: '{"userName": ' }), 400, 'invalidSyntax')
    },
  },
  {
    id: 'creating.array',
    title: 'A list instead of an object is refused with 400',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12 (invalidSyntax)',
    remedy: 'Look at the form of the body before reading it.',
    async run(s) {
      refused(await s.send('POST', '/Users', { body: '[]' }), 400, 'invalidSyntax')
    },
  },
  {
    id: 'creating.unknown-attributes',
    title: 'Attributes that the server does not know do not stop it',
    requirement: 'CLIENT',
    source: 'Okta, Entra',
    remedy: 'Ignore what is not in the schema: admins map attributes that you do not have.',
    async run(s) {
      const user = resourceOf(await s.post('/Users', s.newUser({ shoeSize: 43 })), 200, 201)
      if (user['shoeSize'] !== undefined) warn('The unknown attribute was stored.')
    },
  },
  {
    id: 'creating.nulls',
    title: 'null is the same as left out',
    requirement: 'MUST',
    source: 'RFC 7643 §2.5',
    remedy: 'Treat null and [] as not assigned.',
    async run(s) {
      const user = resourceOf(
        await s.post('/Users', s.newUser({ nickName: null, addresses: [], title: null })),
        200,
        201,
      )
      must(isUnset(user['nickName']) && isUnset(user['addresses']), 'nickName or addresses has a value.')
    },
  },
  {
    id: 'creating.json',
    title: 'A body of type application/json is taken',
    requirement: 'SHOULD',
    source: 'RFC 7644 §3.8',
    remedy: 'Take application/json like application/scim+json, with and without a charset.',
    async run(s) {
      const headers = { 'content-type': 'application/json' }
      answered(await s.send('POST', '/Users', { headers, body: s.newUser() }), 200, 201)
    },
  },
  {
    id: 'creating.wrong-media-type',
    title: 'A body of another type is refused, not guessed at',
    requirement: 'SHOULD',
    source: 'RFC 9110 §15.5.16',
    remedy: 'Answer 415 as a SCIM error.',
    async run(s) {
      const headers = { 'content-type': 'text/plain' }
      refused(await s.send('POST', '/Users', { headers, body: JSON.stringify(s.newUser()) }), [415, 400])
    },
  },
  {
    id: 'creating.attributes-parameter',
    title: 'attributes cuts the answer of a POST as well',
    requirement: 'SHOULD',
    source: 'RFC 7644 §3.9',
    remedy: 'Apply attributes and excludedAttributes to every answer that is a resource.',
    async run(s) {
      const user = resourceOf(await s.post('/Users', s.newUser(), { attributes: 'userName' }), 200, 201)
      must(
        !isUnset(user['id']) && user['emails'] === undefined,
        `The answer has ${Object.keys(user).join(', ')}.`,
      )
    },
  },
  {
    id: 'creating.enterprise',
    title: 'The enterprise extension is kept',
    requirement: 'MUST',
    source: 'RFC 7643 §4.3',
    remedy: `Keep what stands under "${ENTERPRISE}", and name it in schemas.`,
    needs: ['enterprise'],
    async run(s) {
      const values = { employeeNumber: '701984', department: 'Tour Operations', costCenter: '4130' }
      const { id } = await s.user({ schemas: [USER, ENTERPRISE], [ENTERPRISE]: values })
      const user = await s.read(`/Users/${id}`)
      for (const [name, value] of Object.entries(values)) same(at(user, ENTERPRISE, name), value, name)
      must((user['schemas'] as unknown[]).includes(ENTERPRISE), 'schemas does not name the extension.')
    },
  },
  {
    id: 'creating.enterprise-unnamed',
    title: 'Without the extension’s values its URN is not in schemas',
    requirement: 'MUST',
    source: 'RFC 7643 §3.3',
    remedy: 'Name an extension only while it has values.',
    needs: ['enterprise'],
    async run(s) {
      const { id } = await s.user()
      const user = await s.read(`/Users/${id}`)
      if (user[ENTERPRISE] !== undefined) skip('The server fills the extension itself.')
      must(
        !(user['schemas'] as unknown[]).includes(ENTERPRISE),
        'schemas names the extension, and nothing is in it.',
      )
    },
  },
  {
    id: 'creating.multi-valued',
    title: 'All values of a multi-valued attribute are kept, with type and primary',
    requirement: 'MUST',
    source: 'RFC 7643 §2.4',
    remedy: 'Keep each value with its type; do not keep the first one only.',
    async run(s) {
      const emails = [
        { value: `${s.mark}.w@example.com`, type: 'work', primary: true },
        { value: `${s.mark}.h@example.com`, type: 'home' },
      ]
      const { id } = await s.user({ emails })
      const kept = objects((await s.read(`/Users/${id}`))['emails'])
      if (kept.length < 2) skip('The server keeps one e-mail address only.')
      for (const email of emails) {
        const found = kept.find(({ value }) => value === email.value) ?? fail(`${email.value} is gone.`)
        same(found['type'], email.type, `The type of ${email.value}`)
      }
      must(kept.find(({ type }) => type === 'work')?.['primary'] === true, 'primary was lost.')
    },
  },
  {
    id: 'creating.two-primaries',
    title: 'Two primary values are refused, or one of them is left',
    requirement: 'MUST',
    source: 'RFC 7643 §2.4',
    remedy: 'Answer 400 invalidValue, or make one of them primary.',
    async run(s) {
      const emails = ['work', 'home'].map((type) => ({
        value: `${s.mark}.${type}@example.com`,
        type,
        primary: true,
      }))
      const reply = await s.post('/Users', s.newUser({ emails }))
      if (reply.status === 400) return
      const primaries = objects(resourceOf(reply, 201)['emails']).filter(({ primary }) => primary === true)
      must(primaries.length < 2, 'Both are primary.')
    },
  },
  {
    id: 'creating.type-and-value-once',
    title: 'The same value of the same type is kept once',
    requirement: 'SHOULD',
    source: 'RFC 7643 §2.4',
    remedy: 'Drop the second of two values with equal type and value.',
    async run(s) {
      const email = { value: `${s.mark}.twice@example.com`, type: 'work' }
      const reply = await s.post('/Users', s.newUser({ emails: [email, email] }))
      if (reply.status === 400) return
      must(objects(resourceOf(reply, 201)['emails']).length === 1, 'It is there twice.')
    },
  },
  {
    id: 'creating.inactive',
    title: 'An account that is created inactive is inactive, and listed',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.1',
    remedy: 'Keep active: false, and do not hide the account.',
    async run(s) {
      const { id, userName } = await s.user({ active: false })
      same((await s.read(`/Users/${id}`))['active'], false, 'active')
      const { ids } = await s.find('/Users', `userName eq ${JSON.stringify(userName)}`)
      must(ids.includes(id), 'The filter does not find inactive accounts.')
    },
  },
  {
    id: 'creating.prototype',
    title: '__proto__ in a body does no harm',
    requirement: 'MUST',
    source: 'RFC 7644 §7',
    remedy: 'Never merge a body into an object by its keys.',
    async run(s) {
      const body = JSON.stringify(s.newUser()).replace('{', '{"__proto__":{"active":false,"polluted":"yes"},')
      const reply = await s.send('POST', '/Users', { body })
      must(reply.status < 500, `It answered ${reply.status}.`)
      if (reply.status > 299 || !isRecord(reply.body)) return
      const other = await s.user()
      must(
        other['polluted'] === undefined && other['active'] === true,
        `Another account has ${show(other['polluted'])}.`,
      )
    },
  },
]

export const creating = checksOf(
  'Creating',
  checks.map((check) => ({ ...check, writes: true })),
)
