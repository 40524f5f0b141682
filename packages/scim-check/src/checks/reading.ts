/** Reading one account and lists of them (RFC 7644 §3.4, §3.9; RFC 7643 §3). */
import { isRecord } from '@keydesk/scim'
import { checksOf } from '../check.ts'
import {
  answered,
  at,
  isUnset,
  LIST,
  listOf,
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
import { search } from '../session.ts'

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

export const reading = checksOf('Reading', [
  {
    id: 'reading.list',
    title: 'GET /Users answers 200',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2',
    remedy: 'Answer 200 with a ListResponse, also when there is nobody.',
    async run(s) {
      listOf(await s.get('/Users', { startIndex: 1, count: 2 }))
    },
  },
  {
    id: 'reading.list-schemas',
    title: 'A list names the schema of ListResponse',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2',
    remedy: `Put "schemas": ["${LIST}"] into the list.`,
    async run(s) {
      const { body } = listOf(await s.get('/Users', { startIndex: 1, count: 2 }))
      same(body['schemas'], [LIST], 'schemas')
    },
  },
  {
    id: 'reading.list-numbers',
    title: 'totalResults, startIndex and itemsPerPage are JSON numbers',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2',
    remedy: 'Write them as numbers. A client that gets "1" in quotes stops reading.',
    async run(s) {
      const { body } = listOf(await s.get('/Users', { startIndex: 1, count: 2 }))
      for (const name of ['totalResults', 'startIndex', 'itemsPerPage'])
        if (name === 'totalResults' || body[name] !== undefined)
          must(Number.isInteger(body[name]), `${name} is ${show(body[name])}.`)
    },
  },
  {
    id: 'reading.list-resources',
    title: 'Resources is a list, also when it is empty',
    requirement: 'CLIENT',
    source: 'Okta, Entra',
    remedy: 'Write "Resources": [] for nothing, never null, and with a capital R.',
    async run(s) {
      const { body } = listOf(await s.get('/Users', { filter: `userName eq "${s.mark}-nobody"` }))
      must(Array.isArray(body['Resources']), `Resources is ${show(body['Resources'])}.`)
    },
  },
  {
    id: 'reading.user',
    title: 'An account can be read by its id',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.1',
    remedy: 'Answer GET /Users/{id} with 200 and the account.',
    async run(s) {
      const { id } = await s.sample()
      same((await s.read(`/Users/${id}`))['id'], id, 'id')
    },
  },
  {
    id: 'reading.id',
    title: 'An id is a string without "bulkId"',
    requirement: 'MUST',
    source: 'RFC 7643 §3.1',
    remedy: 'Make ids non-empty strings that do not hold the word bulkId.',
    async run(s) {
      const { id } = await s.read(`/Users/${(await s.sample()).id}`)
      must(typeof id === 'string' && id !== '' && !id.includes('bulkId'), `id is ${show(id)}.`)
    },
  },
  {
    id: 'reading.schemas',
    title: 'schemas has the core schema, and nothing twice',
    requirement: 'MUST',
    source: 'RFC 7643 §3',
    remedy: 'Give schemas in every resource: the core URN, and the URN of each extension in it, once.',
    async run(s) {
      const { schemas } = await s.read(`/Users/${(await s.sample()).id}`)
      must(Array.isArray(schemas) && schemas.includes(USER), `schemas is ${show(schemas)}.`)
      must(new Set(schemas).size === schemas.length, `schemas repeats itself: ${show(schemas)}.`)
    },
  },
  {
    id: 'reading.schemas-extensions',
    title: 'schemas names exactly the extensions that are there',
    requirement: 'MUST',
    source: 'RFC 7643 §3.3',
    remedy: 'Add the URN of an extension when it has values, and take it out when it has none.',
    async run(s) {
      const user = await s.read(`/Users/${(await s.sample()).id}`)
      const named = (user['schemas'] as string[]).filter((urn) => urn !== USER)
      const there = Object.keys(user).filter((name) => name.startsWith('urn:'))
      const missing = there.filter((urn) => !named.includes(urn))
      must(missing.length === 0, `schemas does not name ${missing.join(', ')}.`)
      const empty = named.filter((urn) => !there.includes(urn))
      if (empty.length > 0) warn(`schemas names ${empty.join(', ')}, of which nothing is there.`)
    },
  },
  {
    id: 'reading.user-name',
    title: 'userName is a non-empty string',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.1',
    remedy: 'Give every account its userName.',
    async run(s) {
      const { userName } = await s.read(`/Users/${(await s.sample()).id}`)
      must(typeof userName === 'string' && userName !== '', `userName is ${show(userName)}.`)
    },
  },
  {
    id: 'reading.active-boolean',
    title: 'active is a JSON boolean',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.1',
    remedy: 'Write true or false, without quotes.',
    async run(s) {
      const { active } = await s.read(`/Users/${(await s.sample()).id}`)
      if (active === undefined) skip('The account has no active.')
      must(typeof active === 'boolean', `active is ${show(active)}.`)
    },
  },
  {
    id: 'reading.multi-valued',
    title: 'Multi-valued attributes are lists of objects',
    requirement: 'MUST',
    source: 'RFC 7643 §2.4',
    remedy: 'Write emails, phoneNumbers, groups and the like as lists, also with one value.',
    async run(s) {
      const user = await s.read(`/Users/${(await s.sample()).id}`)
      for (const name of [
        'emails',
        'phoneNumbers',
        'ims',
        'photos',
        'addresses',
        'groups',
        'roles',
        'entitlements',
      ])
        if (user[name] !== undefined && user[name] !== null)
          must(Array.isArray(user[name]) && user[name].every(isRecord), `${name} is ${show(user[name])}.`)
    },
  },
  {
    id: 'reading.meta-type',
    title: 'meta.resourceType is User',
    requirement: 'MUST',
    source: 'RFC 7643 §3.1',
    remedy: 'Give meta.resourceType the name of the resource type.',
    async run(s) {
      same(
        at(await s.read(`/Users/${(await s.sample()).id}`), 'meta', 'resourceType'),
        'User',
        'meta.resourceType',
      )
    },
  },
  {
    id: 'reading.meta-times',
    title: 'meta.created and meta.lastModified are times with a zone',
    requirement: 'MUST',
    source: 'RFC 7643 §2.3.5, §3.1',
    remedy: 'Write them as 2026-01-31T12:00:00Z.',
    async run(s) {
      const { meta } = await s.read(`/Users/${(await s.sample()).id}`)
      const given = ['created', 'lastModified'].filter((name) => at(meta, name) !== undefined)
      for (const name of given)
        must(DATE_TIME.test(String(at(meta, name))), `meta.${name} is ${show(at(meta, name))}.`)
      if (given.length < 2) warn('meta.created or meta.lastModified is not there.')
    },
  },
  {
    id: 'reading.meta-untouched',
    title: 'Of an account that nobody changed, created is lastModified',
    requirement: 'SHOULD',
    source: 'RFC 7643 §3.1',
    remedy: 'Set both from one look at the clock.',
    writes: true,
    async run(s) {
      const { id } = await s.user()
      const { meta } = await s.read(`/Users/${id}`)
      if (at(meta, 'created') === undefined) skip('There is no meta.created.')
      same(at(meta, 'lastModified'), at(meta, 'created'), 'meta.lastModified')
    },
  },
  {
    id: 'reading.meta-location',
    title: 'meta.location is a URL that leads back to the account',
    requirement: 'MUST',
    source: 'RFC 7643 §3.1',
    remedy: 'Give the whole URL of the resource, as clients reach it (behind a proxy, the public one).',
    async run(s) {
      const { id } = await s.sample()
      const location = at(await s.read(`/Users/${id}`), 'meta', 'location')
      must(typeof location === 'string', 'There is no meta.location.')
      must(
        location.endsWith(`/Users/${id}`),
        `meta.location is ${show(location)}, which is not /Users/${id}.`,
      )
      if (!URL.canParse(location)) warn(`meta.location is ${show(location)}: relative, not a whole URL.`)
    },
  },
  {
    id: 'reading.content-location',
    title: 'Content-Location is meta.location',
    requirement: 'MUST',
    source: 'RFC 7643 §3.1',
    remedy: 'When Content-Location is sent, send meta.location.',
    async run(s) {
      const reply = await s.get(`/Users/${(await s.sample()).id}`)
      const header = reply.headers['content-location']
      if (header === undefined) skip('Content-Location is not sent.')
      same(header, at(resourceOf(reply), 'meta', 'location'), 'Content-Location')
    },
  },
  {
    id: 'reading.media-type',
    title: 'Answers are application/scim+json',
    requirement: 'MUST',
    source: 'RFC 7644 §3.8',
    remedy: 'Set Content-Type: application/scim+json; charset=utf-8.',
    async run(s) {
      const type = (await s.get('/Users', { count: 1 })).headers['content-type'] ?? ''
      if (type.startsWith('application/json')) warn(`Content-Type is ${type}; most clients take it.`)
      must(type.startsWith('application/scim+json'), `Content-Type is ${show(type)}.`)
    },
  },
  {
    id: 'reading.accept-json',
    title: 'Accept: application/json is served',
    requirement: 'SHOULD',
    source: 'RFC 7644 §3.8',
    remedy: 'Take application/json in Accept, and answer it.',
    async run(s) {
      const reply = await s.send('GET', '/Users?count=1', { headers: { accept: 'application/json' } })
      listOf(reply)
    },
  },
  {
    id: 'reading.accept-any',
    title: 'No Accept is served in JSON',
    requirement: 'SHOULD',
    source: 'RFC 7644 §3.8',
    remedy: 'Answer application/scim+json when the client does not say what it wants.',
    async run(s) {
      listOf(await s.send('GET', '/Users?count=1', { headers: { accept: '*/*' } }))
    },
  },
  {
    id: 'reading.get-with-content-type',
    title: 'A GET with a Content-Type and no body is served',
    requirement: 'CLIENT',
    source: 'Okta',
    remedy: 'Do not parse a body where there is none.',
    async run(s) {
      const headers = { 'content-type': 'application/scim+json; charset=utf-8' }
      listOf(await s.send('GET', '/Users?startIndex=1&count=1', { headers }))
    },
  },
  {
    id: 'reading.double-slash',
    title: 'A base URL with a slash at its end is tolerated',
    requirement: 'MAY',
    source: 'Okta',
    remedy: 'Read //Users as /Users: admins paste base URLs with a slash.',
    async run(s) {
      listOf(await s.get('//Users', { count: 1 }))
    },
  },
  {
    id: 'reading.unknown-user',
    title: 'An id that nobody has answers 404',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12',
    remedy: 'Answer 404 with a SCIM error.',
    async run(s) {
      refused(await s.get(`/Users/${s.mark}-nobody`), 404)
    },
  },
  {
    id: 'reading.password',
    title: 'password is never returned, not even when it is asked for',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.1',
    remedy: 'Leave password out of every answer.',
    async run(s) {
      const { id } = await s.sample()
      for (const query of [{}, { attributes: 'password' }, { attributes: 'userName,password' }])
        must(
          resourceOf(await s.get(`/Users/${id}`, query))['password'] === undefined,
          `GET /Users/{id}${search(query)} returns password.`,
        )
    },
  },
  {
    id: 'reading.attributes',
    title: 'attributes=userName returns userName and id, and leaves out the rest',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2.5',
    remedy: 'Return what attributes names, and what is always returned.',
    async run(s) {
      const one = resourceOf(await s.get(`/Users/${(await s.sample()).id}`, { attributes: 'userName' }))
      must(!isUnset(one['userName']) && !isUnset(one['id']), 'userName or id is missing.')
      must(
        one['displayName'] === undefined && one['emails'] === undefined,
        'displayName or emails is there too.',
      )
    },
  },
  {
    id: 'reading.attributes-list',
    title: 'attributes works on a list',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2.5',
    remedy: 'Cut each resource of a list as well.',
    async run(s) {
      await s.sample()
      const { resources } = listOf(await s.get('/Users', { attributes: 'userName', count: 2 }))
      for (const one of resources)
        must(
          !isUnset(one['userName']) && one['emails'] === undefined && one['name'] === undefined,
          `A row has ${Object.keys(one).join(', ')}.`,
        )
    },
  },
  {
    id: 'reading.attributes-sub',
    title: 'attributes=name.givenName returns that part of the name alone',
    requirement: 'MUST',
    source: 'RFC 7644 §3.10',
    remedy: 'Understand sub-attributes in attributes.',
    async run(s) {
      const { id } = await s.sample()
      const whole = await s.read(`/Users/${id}`)
      if (isUnset(at(whole, 'name', 'givenName'))) skip('The account has no given name.')
      const { name } = resourceOf(await s.get(`/Users/${id}`, { attributes: 'name.givenName' }))
      same(name, { givenName: at(whole, 'name', 'givenName') }, 'name')
    },
  },
  {
    id: 'reading.attributes-case',
    title: 'Names in attributes compare without case',
    requirement: 'MUST',
    source: 'RFC 7643 §2.1',
    remedy: 'Compare attribute names without case.',
    async run(s) {
      const one = resourceOf(await s.get(`/Users/${(await s.sample()).id}`, { attributes: 'USERNAME' }))
      must(!isUnset(one['userName']), 'userName is missing.')
      must(one['emails'] === undefined, 'The whole account was returned.')
    },
  },
  {
    id: 'reading.attributes-urn',
    title: 'attributes takes names with their schema URN',
    requirement: 'MUST',
    source: 'RFC 7644 §3.10',
    remedy: `Read ${USER}:userName as userName.`,
    async run(s) {
      const one = resourceOf(
        await s.get(`/Users/${(await s.sample()).id}`, { attributes: `${USER}:userName` }),
      )
      must(!isUnset(one['userName']), 'userName is missing.')
      must(one['emails'] === undefined, 'The whole account was returned.')
    },
  },
  {
    id: 'reading.attributes-unknown',
    title: 'An unknown name in attributes does no harm',
    requirement: 'SHOULD',
    source: 'RFC 7644 §3.4.2.5',
    remedy: 'Ignore names that the server does not know.',
    async run(s) {
      const { id } = await s.sample()
      same(resourceOf(await s.get(`/Users/${id}`, { attributes: 'userName,noSuchThing' }))['id'], id, 'id')
    },
  },
  {
    id: 'reading.excluded',
    title: 'excludedAttributes leaves out what it names, and nothing else',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2.5',
    remedy: 'Return everything but what excludedAttributes names.',
    async run(s) {
      const one = resourceOf(
        await s.get(`/Users/${(await s.sample()).id}`, { excludedAttributes: 'emails,displayName' }),
      )
      must(
        one['emails'] === undefined && one['displayName'] === undefined,
        'emails or displayName is still there.',
      )
      must(!isUnset(one['userName']), 'userName is gone too.')
    },
  },
  {
    id: 'reading.excluded-always',
    title: 'excludedAttributes cannot take away the id',
    requirement: 'MUST',
    source: 'RFC 7643 §7, RFC 7644 §3.4.2.5',
    remedy: 'Keep what is "returned": "always".',
    async run(s) {
      const { id } = await s.sample()
      const one = resourceOf(await s.get(`/Users/${id}`, { excludedAttributes: 'id,emails' }))
      same(one['id'], id, 'id')
      must(one['emails'] === undefined, 'emails is still there.')
    },
  },
  {
    id: 'reading.excluded-sub',
    title: 'excludedAttributes=name.familyName leaves the rest of the name',
    requirement: 'MUST',
    source: 'RFC 7644 §3.10',
    remedy: 'Understand sub-attributes in excludedAttributes.',
    async run(s) {
      const { id } = await s.sample()
      const whole = await s.read(`/Users/${id}`)
      if (isUnset(at(whole, 'name', 'familyName')) || isUnset(at(whole, 'name', 'givenName')))
        skip('The account has no name in parts.')
      const one = resourceOf(await s.get(`/Users/${id}`, { excludedAttributes: 'name.familyName' }))
      must(isUnset(at(one, 'name', 'familyName')), 'name.familyName is still there.')
      must(!isUnset(at(one, 'name', 'givenName')), 'name.givenName is gone too.')
    },
  },
  {
    id: 'reading.excluded-list',
    title: 'excludedAttributes works on a list',
    requirement: 'MUST',
    source: 'RFC 7644 §3.4.2.5',
    remedy: 'Cut each resource of a list as well.',
    async run(s) {
      await s.sample()
      const { resources } = listOf(await s.get('/Users', { excludedAttributes: 'emails', count: 2 }))
      must(
        resources.every((one) => one['emails'] === undefined),
        'emails is still there.',
      )
    },
  },
  {
    id: 'reading.list-same',
    title: 'A row of a list is what GET by id answers',
    requirement: 'SHOULD',
    source: 'RFC 7644 §3.4.2',
    remedy: 'Build both answers from the same code.',
    async run(s) {
      const { id, userName } = await s.sample()
      const { resources } = await s.find('/Users', `userName eq ${JSON.stringify(userName)}`)
      const row = resources.find((one) => one['id'] === id)
      must(row, 'The filter by userName does not find it.')
      same(
        Object.keys(row).sort(),
        Object.keys(await s.read(`/Users/${id}`)).sort(),
        'The attributes in the row',
      )
    },
  },
  {
    id: 'reading.utf8',
    title: 'Names in any script come back as they were sent',
    requirement: 'MUST',
    source: 'RFC 7644 §3.8',
    remedy: 'Read, keep and write UTF-8.',
    writes: true,
    async run(s) {
      const name = { givenName: 'Žofie 王', familyName: 'O’Brien-Łukasz 😀' }
      const { id } = await s.user({ name })
      const read = at(await s.read(`/Users/${id}`), 'name')
      same([at(read, 'givenName'), at(read, 'familyName')], [name.givenName, name.familyName], 'The name')
    },
  },
  {
    id: 'reading.single-primary',
    title: 'At most one value of a list is primary',
    requirement: 'MUST',
    source: 'RFC 7643 §2.4',
    remedy: 'Make the others false when one becomes primary.',
    async run(s) {
      const { resources } = listOf(await s.get('/Users', { count: 20 }))
      for (const user of resources)
        for (const name of ['emails', 'phoneNumbers', 'addresses'])
          must(
            objects(user[name]).filter(({ primary }) => primary === true).length < 2,
            `Somebody has two primary ${name}.`,
          )
    },
  },
  {
    id: 'reading.fast',
    title: 'A lookup takes less than 600 ms',
    requirement: 'SHOULD',
    source: 'Okta',
    remedy: 'Put an index on userName. Okta looks up before each assignment.',
    async run(s) {
      const times: number[] = []
      for (let n = 0; n < 3; n++) {
        const reply = await s.get('/Users', {
          filter: `userName eq "${s.mark}-nobody"`,
          startIndex: 1,
          count: 100,
        })
        answered(reply, 200)
        times.push(reply.ms)
      }
      const ms = times.toSorted((a, b) => a - b)[1] ?? 0
      s.note('lookupMs', ms)
      must(ms < 600, `The median of three lookups took ${ms} ms.`)
    },
  },
])
