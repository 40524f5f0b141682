/** Replacing accounts with PUT (RFC 7644 §3.5.1). */
import { type CheckBody, checksOf } from '../check.ts'
import { answered, at, isUnset, must, objects, refused, resourceOf, same, skip, warn } from '../expect.ts'

const SECTION = 'RFC 7644 §3.5.1'

const checks: Omit<CheckBody, 'writes'>[] = [
  {
    id: 'replacing.user',
    title: 'PUT answers 200 with the new state, and it is kept',
    requirement: 'MUST',
    source: SECTION,
    remedy:
      'Replace the account, and answer it as GET would. Okta’s custom apps change accounts in this way only.',
    async run(s) {
      const body = s.newUser()
      const { id } = await s.user(body)
      const changed = {
        ...body,
        displayName: 'Changed by PUT',
        name: { givenName: 'New', familyName: 'Name' },
      }
      const answer = resourceOf(await s.put(`/Users/${id}`, changed))
      same(answer['displayName'], 'Changed by PUT', 'displayName in the answer')
      const user = await s.read(`/Users/${id}`)
      same(
        [user['displayName'], at(user, 'name', 'familyName')],
        ['Changed by PUT', 'Name'],
        'What is read again',
      )
    },
  },
  {
    id: 'replacing.echo',
    title: 'PUT of what GET answered changes nothing, and is not refused',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Ignore id, meta, groups and everything that is readOnly; clients send back what they read.',
    async run(s) {
      const { id } = await s.user()
      const before = await s.read(`/Users/${id}`)
      answered(await s.put(`/Users/${id}`, before), 200)
      const { meta: _, ...after } = await s.read(`/Users/${id}`)
      const { meta: __, ...was } = before
      same(after, was, 'The account')
    },
  },
  {
    id: 'replacing.read-only',
    title: 'id and meta in the body are ignored',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Take the id from the URL, and write meta yourself.',
    async run(s) {
      const body = s.newUser()
      const { id } = await s.user(body)
      const meta = { resourceType: 'User', created: '2001-01-01T00:00:00Z' }
      resourceOf(await s.put(`/Users/${id}`, { ...body, id: `${s.mark}-other`, meta }), 200)
      const user = await s.read(`/Users/${id}`)
      same(user['id'], id, 'id')
      must(!String(at(user, 'meta', 'created')).startsWith('2001'), 'meta.created is what the client sent.')
    },
  },
  {
    id: 'replacing.no-create',
    title: 'PUT of an id that nobody has creates nothing',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Answer 404.',
    async run(s) {
      const body = s.newUser()
      refused(await s.put(`/Users/${s.mark}-nobody`, body), 404)
      const { total } = await s.find('/Users', `userName eq "${body.userName}"`)
      must(total === 0, 'It answered 404 and created the account all the same.')
    },
  },
  {
    id: 'replacing.required',
    title: 'PUT without userName is refused',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Answer 400 with scimType invalidValue.',
    async run(s) {
      const body = s.newUser()
      const { id } = await s.user(body)
      refused(await s.put(`/Users/${id}`, { ...body, userName: undefined }), 400, 'invalidValue')
    },
  },
  {
    id: 'replacing.uniqueness',
    title: 'PUT of a userName that somebody else has is refused with 409',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12 (uniqueness)',
    remedy: 'Answer 409 with scimType uniqueness.',
    async run(s) {
      const [first, body] = [await s.user(), s.newUser()]
      const { id } = await s.user(body)
      refused(await s.put(`/Users/${id}`, { ...body, userName: first['userName'] }), 409, 'uniqueness')
    },
  },
  {
    id: 'replacing.own-user-name-case',
    title: 'An account may change the case of its own userName',
    requirement: 'SHOULD',
    source: 'RFC 7643 §4.1.1',
    remedy: 'Leave the account itself out when looking whether a userName is taken.',
    async run(s) {
      const body = s.newUser()
      const { id } = await s.user(body)
      const userName = body.userName.replace('keydesk', 'Keydesk')
      same(resourceOf(await s.put(`/Users/${id}`, { ...body, userName }))['userName'], userName, 'userName')
    },
  },
  {
    id: 'replacing.rename',
    title: 'PUT can change userName, and the old one is free again',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Change userName; people marry.',
    async run(s) {
      const [body, other] = [s.newUser(), s.newUser()]
      const { id } = await s.user(body)
      answered(await s.put(`/Users/${id}`, { ...body, userName: other.userName }), 200)
      same((await s.read(`/Users/${id}`))['userName'], other.userName, 'userName')
      const { total } = await s.find('/Users', `userName eq "${body.userName}"`)
      must(total === 0, 'The old userName still finds it.')
    },
  },
  {
    id: 'replacing.null-clears',
    title: 'null and [] clear an attribute',
    requirement: 'MUST',
    source: `${SECTION}, RFC 7643 §2.5`,
    remedy: 'Take null and [] for "no value".',
    async run(s) {
      const body = s.newUser({ title: 'Engineer', phoneNumbers: [{ value: '+15550100', type: 'work' }] })
      const { id } = await s.user(body)
      answered(await s.put(`/Users/${id}`, { ...body, title: null, phoneNumbers: [] }), 200)
      const user = await s.read(`/Users/${id}`)
      must(isUnset(user['title']), 'title is still there.')
      must(isUnset(user['phoneNumbers']), 'phoneNumbers are still there.')
    },
  },
  {
    id: 'replacing.omitted',
    title: 'What PUT leaves out is cleared',
    requirement: 'MAY',
    source: SECTION,
    remedy: 'Clear what is left out, or tell your clients that they must send null.',
    async run(s) {
      const { title, ...body } = s.newUser({ title: 'Engineer' }) as Record<string, unknown>
      const { id } = await s.user({ ...body, title })
      answered(await s.put(`/Users/${id}`, body), 200)
      const cleared = isUnset((await s.read(`/Users/${id}`))['title'])
      s.note('putClearsOmitted', cleared)
      must(cleared, 'title was kept.')
    },
  },
  {
    id: 'replacing.multi-valued',
    title: 'PUT replaces a list as a whole',
    requirement: 'MUST',
    source: SECTION,
    remedy: 'Take the list that was sent, without the values that were there before.',
    async run(s) {
      const body = s.newUser()
      const { id } = await s.user(body)
      const emails = [{ value: `${s.mark}.new@example.com`, type: 'work', primary: true }]
      answered(await s.put(`/Users/${id}`, { ...body, emails }), 200)
      same(
        objects((await s.read(`/Users/${id}`))['emails']).map(({ value }) => value),
        [emails[0]?.value],
        'The addresses',
      )
    },
  },
  {
    id: 'replacing.last-modified',
    title: 'A change moves meta.lastModified on, and leaves meta.created',
    requirement: 'MUST',
    source: 'RFC 7643 §3.1',
    remedy: 'Write lastModified with each change.',
    async run(s) {
      const body = s.newUser()
      const { id } = await s.user(body)
      const before = at(await s.read(`/Users/${id}`), 'meta')
      if (at(before, 'lastModified') === undefined) skip('There is no meta.lastModified.')
      answered(await s.put(`/Users/${id}`, { ...body, displayName: 'Later' }), 200)
      const after = at(await s.read(`/Users/${id}`), 'meta')
      same(at(after, 'created'), at(before, 'created'), 'meta.created')
      const [was, is] = [before, after].map((meta) => Date.parse(String(at(meta, 'lastModified'))))
      must(Number(is) >= Number(was), 'meta.lastModified went back.')
      if (is === was) warn('meta.lastModified is the same: it is coarser than a request takes.')
    },
  },
  {
    id: 'replacing.password',
    title: 'A PUT with a password is taken, and does not return it',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.1',
    remedy: 'Take the password, or ignore it; never return it.',
    async run(s) {
      const body = s.newUser()
      const { id } = await s.user(body)
      const reply = await s.put(`/Users/${id}`, { ...body, password: 'bY8-Another-2026!' })
      must(
        resourceOf(reply)['password'] === undefined && !reply.text.includes('bY8-Another'),
        'The answer holds the password.',
      )
    },
  },
  {
    id: 'replacing.groups-kept',
    title: 'groups: [] in a PUT takes nobody out of a group',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.2',
    remedy: 'groups is readOnly: ignore it. Okta sends [] with every change.',
    needs: ['groups'],
    async run(s) {
      const body = s.newUser()
      const { id } = await s.user(body)
      const group = await s.group([id])
      answered(await s.put(`/Users/${id}`, { ...body, groups: [] }), 200)
      const members = objects((await s.read(`/Groups/${group.id}`))['members'])
      must(
        members.some(({ value }) => value === id),
        'The account is no longer in its group.',
      )
    },
  },
  {
    id: 'replacing.attributes-parameter',
    title: 'attributes cuts the answer of a PUT as well',
    requirement: 'SHOULD',
    source: 'RFC 7644 §3.9',
    remedy: 'Apply attributes to every answer that is a resource.',
    async run(s) {
      const body = s.newUser()
      const { id } = await s.user(body)
      const user = resourceOf(await s.put(`/Users/${id}`, body, { attributes: 'userName' }))
      must(user['emails'] === undefined, 'emails is in the answer.')
    },
  },
  {
    id: 'replacing.junk',
    title: 'PUT of what is not JSON is refused, and changes nothing',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12 (invalidSyntax)',
    remedy: 'Answer 400 with scimType invalidSyntax.',
    async run(s) {
      const { id, displayName } = await s.user()
      refused(await s.send('PUT', `/Users/${id}`, { body: '{"userName"' }), 400, 'invalidSyntax')
      same((await s.read(`/Users/${id}`))['displayName'], displayName, 'displayName')
    },
  },
]

export const replacing = checksOf(
  'Replacing',
  checks.map((check) => ({ ...check, writes: true })),
)
