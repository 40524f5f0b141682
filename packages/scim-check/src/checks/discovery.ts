/** What a server says of itself (RFC 7644 §4, RFC 7643 §5 to §7). */
import { isRecord, type JsonObject } from '@keydesk/scim'
import { type CheckBody, checksOf } from '../check.ts'
import {
  answered,
  at,
  fail,
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
import type { Session } from '../session.ts'

const DOORS = ['ServiceProviderConfig', 'ResourceTypes', 'Schemas'] as const
const FEATURES = ['patch', 'bulk', 'filter', 'changePassword', 'sort', 'etag'] as const
const TYPES = ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'binary', 'reference', 'complex']

const reading: CheckBody[] = [
  {
    id: 'discovery.config',
    title: '/ServiceProviderConfig answers 200',
    requirement: 'MUST',
    source: 'RFC 7644 §4',
    remedy: 'Serve /ServiceProviderConfig: clients read there what they may use.',
    async run(s) {
      resourceOf((await s.discovery()).config)
    },
  },
  {
    id: 'discovery.config-features',
    title: 'Each feature says whether it is supported, as a boolean',
    requirement: 'MUST',
    source: 'RFC 7643 §5',
    remedy: 'Give patch, bulk, filter, changePassword, sort and etag, each with "supported": true or false.',
    async run(s) {
      const config = resourceOf((await s.discovery()).config)
      for (const feature of FEATURES)
        must(
          typeof at(config, feature, 'supported') === 'boolean',
          `${feature}.supported is ${show(at(config, feature, 'supported'))}, not a boolean.`,
        )
    },
  },
  {
    id: 'discovery.config-limits',
    title: 'Limits of bulk and filter are JSON numbers',
    requirement: 'MUST',
    source: 'RFC 7643 §5',
    remedy:
      'Write bulk.maxOperations, bulk.maxPayloadSize and filter.maxResults as integers, not as strings.',
    async run(s) {
      const config = resourceOf((await s.discovery()).config)
      for (const [feature, limit] of [
        ['bulk', 'maxOperations'],
        ['bulk', 'maxPayloadSize'],
        ['filter', 'maxResults'],
      ] as const)
        must(
          Number.isInteger(at(config, feature, limit)),
          `${feature}.${limit} is ${show(at(config, feature, limit))}.`,
        )
    },
  },
  {
    id: 'discovery.config-authentication',
    title: 'authenticationSchemes tells how to sign in',
    requirement: 'MUST',
    source: 'RFC 7643 §5',
    remedy: 'List the schemes with type, name and description.',
    async run(s) {
      const config = resourceOf((await s.discovery()).config)
      must(Array.isArray(config['authenticationSchemes']), 'authenticationSchemes is not a list.')
      for (const scheme of objects(config['authenticationSchemes']))
        for (const name of ['type', 'name', 'description'])
          must(typeof scheme[name] === 'string', `A scheme has no ${name}.`)
    },
  },
  {
    id: 'discovery.config-public',
    title: 'The ways to sign in can be read before signing in',
    requirement: 'SHOULD',
    source: 'RFC 7644 §2',
    remedy:
      'Serve /ServiceProviderConfig without credentials, so that a client can learn which ones to send.',
    async run(s) {
      const reply = await s.send('GET', '/ServiceProviderConfig', { headers: { authorization: undefined } })
      answered(reply, 200)
    },
  },
  {
    id: 'discovery.types',
    title: '/ResourceTypes answers a ListResponse',
    requirement: 'MUST',
    source: 'RFC 7644 §4',
    remedy: 'Serve /ResourceTypes as a ListResponse, not as a bare array.',
    async run(s) {
      listOf((await s.discovery()).types)
    },
  },
  {
    id: 'discovery.types-user',
    title: '/ResourceTypes names User at /Users',
    requirement: 'MUST',
    source: 'RFC 7643 §6',
    remedy: `List a resource type with endpoint "/Users" and schema "${USER}".`,
    async run(s) {
      const type = (await typesOf(s)).find(({ schema }) => schema === USER)
      must(type, `No resource type has the schema ${USER}.`)
      must(String(type['endpoint']).endsWith('/Users'), `Its endpoint is ${show(type['endpoint'])}.`)
    },
  },
  {
    id: 'discovery.types-required',
    title: 'Each resource type has name, endpoint and schema',
    requirement: 'MUST',
    source: 'RFC 7643 §6',
    remedy: 'Give each resource type its name, endpoint and schema.',
    async run(s) {
      for (const type of await typesOf(s))
        for (const name of ['name', 'endpoint', 'schema'])
          must(typeof type[name] === 'string', `${show(type['id'])} has no ${name}.`)
    },
  },
  {
    id: 'discovery.types-by-id',
    title: 'Each resource type can be read by its id',
    requirement: 'MUST',
    source: 'RFC 7644 §4',
    remedy: 'Serve /ResourceTypes/{id} for each resource type in the list.',
    async run(s) {
      for (const type of await typesOf(s)) {
        const id = String(type['id'] ?? type['name'])
        const one = resourceOf(await s.get(`/ResourceTypes/${encodeURIComponent(id)}`))
        same(one['name'], type['name'], `The name at /ResourceTypes/${id}`)
      }
    },
  },
  unknownBelow('ResourceTypes'),
  {
    id: 'discovery.types-resolve',
    title: 'The schemas that resource types name can be read',
    requirement: 'MUST',
    source: 'RFC 7643 §6',
    remedy: 'Serve every schema and extension that /ResourceTypes names at /Schemas/{urn}.',
    async run(s) {
      const urns = (await typesOf(s)).flatMap((type) => [
        type['schema'],
        ...objects(type['schemaExtensions']).map(({ schema }) => schema),
      ])
      for (const urn of new Set(urns.filter((one) => typeof one === 'string')))
        same(resourceOf(await s.get(`/Schemas/${urn}`))['id'], urn, `The id at /Schemas/${urn}`)
    },
  },
  {
    id: 'discovery.schemas',
    title: '/Schemas answers a ListResponse',
    requirement: 'MUST',
    source: 'RFC 7644 §4',
    remedy: 'Serve /Schemas as a ListResponse, not as a bare array.',
    async run(s) {
      listOf((await s.discovery()).schemas)
    },
  },
  {
    id: 'discovery.schemas-user',
    title: '/Schemas has the core User',
    requirement: 'MUST',
    source: 'RFC 7643 §7',
    remedy: `List the schema ${USER}.`,
    async run(s) {
      must(
        (await schemasOf(s)).some(({ id }) => id === USER),
        `No schema has the id ${USER}.`,
      )
    },
  },
  {
    id: 'discovery.schemas-attributes',
    title: 'Each schema lists its attributes with name, type and multiValued',
    requirement: 'MUST',
    source: 'RFC 7643 §7',
    remedy: 'Describe each attribute with name, type (one of the eight) and multiValued.',
    async run(s) {
      for (const schema of await schemasOf(s)) {
        must(Array.isArray(schema['attributes']), `${show(schema['id'])} has no attributes.`)
        for (const attribute of everyAttribute(schema)) {
          must(typeof attribute['name'] === 'string', `An attribute of ${show(schema['id'])} has no name.`)
          must(
            TYPES.includes(String(attribute['type'])),
            `${attribute['name']} is of type ${show(attribute['type'])}.`,
          )
          must(
            typeof attribute['multiValued'] === 'boolean',
            `${attribute['name']} does not say whether it is multiValued.`,
          )
        }
      }
    },
  },
  {
    id: 'discovery.schemas-names',
    title: 'Attribute names keep to the grammar',
    requirement: 'MUST',
    source: 'RFC 7643 §2.1',
    remedy:
      'Begin names with a letter, and use letters, digits, "-" and "_" after it. $ref is the exception.',
    async run(s) {
      for (const schema of await schemasOf(s))
        for (const { name } of everyAttribute(schema))
          must(/^(?:\$ref|[a-zA-Z][\w-]*)$/.test(String(name)), `${show(name)} is no attribute name.`)
    },
  },
  {
    id: 'discovery.schemas-flat',
    title: 'No complex attribute is inside another one',
    requirement: 'MUST',
    source: 'RFC 7643 §2.3.8',
    remedy: 'Flatten it: sub-attributes are simple.',
    async run(s) {
      for (const schema of await schemasOf(s)) {
        // The schema of schemas describes itself, and has to break its own rule for it (§7).
        if (String(schema['id']).startsWith('urn:ietf:params:scim:schemas:core:2.0:Schema')) continue
        for (const attribute of objects(schema['attributes']))
          for (const sub of objects(attribute['subAttributes']))
            must(sub['type'] !== 'complex', `${attribute['name']}.${sub['name']} is complex.`)
      }
    },
  },
  {
    id: 'discovery.schemas-by-id',
    title: 'Each schema can be read by its URN',
    requirement: 'MUST',
    source: 'RFC 7644 §4',
    remedy: 'Serve /Schemas/{urn} for each schema in the list.',
    async run(s) {
      for (const { id } of await schemasOf(s))
        same(resourceOf(await s.get(`/Schemas/${id}`))['id'], id, `The id at /Schemas/${id}`)
    },
  },
  unknownBelow('Schemas'),
  {
    id: 'discovery.schemas-messages',
    title: 'Schemas of messages are not listed',
    requirement: 'SHOULD',
    source: 'RFC 7644 §3.1',
    remedy:
      'Leave urn:ietf:params:scim:api:messages:… out of /Schemas: they describe requests, not resources.',
    async run(s) {
      const message = (await schemasOf(s)).find(({ id }) => String(id).includes(':api:messages:'))
      must(!message, `${show(message?.['id'])} is listed.`)
    },
  },
  {
    id: 'discovery.schemas-of-discovery',
    title: '/Schemas also describes Schema, ResourceType and ServiceProviderConfig',
    requirement: 'MAY',
    source: 'RFC 7643 §8.7.2',
    remedy: 'List the three schemas of §8.7.2 as well; test tools look for them.',
    async run(s) {
      const ids = (await schemasOf(s)).map(({ id }) => String(id).split(':').at(-1))
      const absent = ['Schema', 'ResourceType', 'ServiceProviderConfig'].filter((name) => !ids.includes(name))
      must(absent.length === 0, `Not listed: ${absent.join(', ')}.`)
    },
  },
  {
    id: 'discovery.schemas-no-nulls',
    title: '/Schemas has no nulls',
    requirement: 'CLIENT',
    source: 'Entra',
    remedy: 'Leave out what has no value; the schema reader of Entra stops at a null.',
    async run(s) {
      const { schemas } = await s.discovery()
      answered(schemas, 200)
      must(!hasNull(schemas.body), 'There is a null in the answer.')
    },
  },
  {
    id: 'discovery.password-hidden',
    title: 'password is described as writeOnly and never returned',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.1',
    remedy: 'Describe password with "mutability": "writeOnly" and "returned": "never", or leave it out.',
    async run(s) {
      const user = (await schemasOf(s)).find(({ id }) => id === USER)
      const password = objects(user?.['attributes']).find(({ name }) => name === 'password')
      if (!password) skip('password is not in the schema.')
      same(
        [password['mutability'], password['returned']],
        ['writeOnly', 'never'],
        'Of password, mutability and returned',
      )
    },
  },
  {
    id: 'discovery.username-unique',
    title: 'userName is described as required and unique',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.1',
    remedy: 'Describe userName with "required": true and "uniqueness": "server".',
    async run(s) {
      const user = (await schemasOf(s)).find(({ id }) => id === USER)
      const userName = objects(user?.['attributes']).find(({ name }) => name === 'userName')
      must(userName, 'userName is not in the schema of User.')
      same(userName['required'], true, 'required')
      must(
        ['server', 'global'].includes(String(userName['uniqueness'])),
        `uniqueness is ${show(userName['uniqueness'])}.`,
      )
    },
  },
  {
    id: 'discovery.meta',
    title: 'What discovery answers says its resourceType and location',
    requirement: 'SHOULD',
    source: 'RFC 7643 §3.1',
    remedy: 'Give meta.resourceType and meta.location also in discovery.',
    async run(s) {
      const all = [...(await typesOf(s)), ...(await schemasOf(s))]
      for (const one of all)
        for (const name of ['resourceType', 'location'])
          must(typeof at(one, 'meta', name) === 'string', `${show(one['id'])} has no meta.${name}.`)
    },
  },
  ...(['ResourceTypes', 'Schemas'] as const).flatMap((door): CheckBody[] => [
    {
      id: `discovery.${door.toLowerCase()}-filter`,
      title: `A filter on /${door} is refused with 403`,
      requirement: 'SHOULD',
      source: 'RFC 7644 §4',
      remedy: 'Answer 403 when filter is given: it would hide what the server offers.',
      async run(s) {
        refused(await s.get(`/${door}`, { filter: 'name eq "User"' }), 403)
      },
    },
    {
      id: `discovery.${door.toLowerCase()}-whole`,
      title: `/${door} ignores paging and sorting`,
      requirement: 'MUST',
      source: 'RFC 7644 §4',
      remedy: 'Ignore startIndex, count, sortBy and attributes in discovery, and answer everything.',
      async run(s) {
        const all = listOf(await s.get(`/${door}`))
        const asked = listOf(await s.get(`/${door}`, { startIndex: 2, count: 1, sortBy: 'id' }))
        same(asked.ids.toSorted(), all.ids.toSorted(), 'The list with startIndex=2&count=1')
      },
    },
  ]),
  {
    id: 'discovery.media-type',
    title: 'Discovery answers in application/scim+json',
    requirement: 'MUST',
    source: 'RFC 7644 §3.8',
    remedy: 'Set Content-Type: application/scim+json.',
    async run(s) {
      const { config, types, schemas } = await s.discovery()
      for (const reply of [config, types, schemas]) {
        answered(reply, 200)
        const type = reply.headers['content-type'] ?? ''
        if (type.startsWith('application/json')) warn(`${reply.asked} has the Content-Type ${type}.`)
        must(type.startsWith('application/scim+json'), `${reply.asked} has the Content-Type ${show(type)}.`)
      }
    },
  },
]

const methods = DOORS.flatMap((door) =>
  ['POST', 'PUT', 'PATCH', 'DELETE'].map(
    (method): CheckBody => ({
      id: `discovery.${door.toLowerCase()}-${method.toLowerCase()}`,
      title: `${method} /${door} is refused with 405`,
      requirement: 'SHOULD',
      source: 'RFC 7644 §4, RFC 9110 §15.5.6',
      remedy: 'Answer 405 with Allow: GET, as a SCIM error.',
      writes: true,
      async run(s) {
        refused(await s.send(method, `/${door}`, method === 'DELETE' ? {} : { body: {} }), [405, 501])
      },
    }),
  ),
)

export const discovery = checksOf('Discovery', [...reading, ...methods])

function unknownBelow(door: 'ResourceTypes' | 'Schemas'): CheckBody {
  return {
    id: `discovery.${door.toLowerCase()}-unknown`,
    title: `/${door}/{unknown} answers 404`,
    requirement: 'MUST',
    source: 'RFC 7644 §3.12',
    remedy: `Answer 404 with a SCIM error for an id that /${door} does not have.`,
    async run(s) {
      refused(await s.get(`/${door}/urn:keydesk-check:nothing`), 404)
    },
  }
}

async function typesOf(s: Session): Promise<JsonObject[]> {
  const { resources } = listOf((await s.discovery()).types)
  return resources.length > 0 ? resources : fail('/ResourceTypes is empty.')
}

async function schemasOf(s: Session): Promise<JsonObject[]> {
  const { resources } = listOf((await s.discovery()).schemas)
  return resources.length > 0 ? resources : fail('/Schemas is empty.')
}

function everyAttribute(schema: JsonObject): JsonObject[] {
  const own = objects(schema['attributes'])
  return [...own, ...own.flatMap((attribute) => objects(attribute['subAttributes']))]
}

function hasNull(value: unknown): boolean {
  if (value === null) return true
  if (Array.isArray(value)) return value.some(hasNull)
  return isRecord(value) && Object.values(value).some(hasNull)
}
