/** The schemas of the discovery resources themselves (RFC 7643 §5 to §7 and §8.7.2, RFC 9865 §4). */
import { type Attribute, attribute, complex, type Schema } from './attribute.ts'

const readOnly = { mutability: 'readOnly' } as const
const needed = { mutability: 'readOnly', required: true } as const
const flag = { ...needed, type: 'boolean' } as const
const url = { ...readOnly, type: 'reference', referenceTypes: ['external'], caseExact: true } as const
const urn = { ...needed, type: 'reference', referenceTypes: ['uri'], caseExact: true } as const
const size = { ...readOnly, type: 'integer' } as const
const list = { ...needed, multiValued: true } as const

export const serviceProviderConfigSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  name: 'ServiceProviderConfig',
  description: 'What this service offers of SCIM.',
  attributes: [
    attribute('documentationUri', 'Where people read how to use the service.', url),
    feature('patch', 'PATCH requests.'),
    feature('bulk', 'Many operations in one request.', [
      attribute('maxOperations', 'How many operations a request may have.', { ...needed, type: 'integer' }),
      attribute('maxPayloadSize', 'How many bytes a request may have.', { ...needed, type: 'integer' }),
    ]),
    feature('filter', 'Filters on queries.', [
      attribute('maxResults', 'How many resources an answer can have.', { ...needed, type: 'integer' }),
    ]),
    feature('changePassword', 'Changes of a password.'),
    feature('sort', 'Sorted answers.'),
    feature('etag', 'Versions of resources.'),
    complex(
      'pagination',
      'How long lists are read page by page.',
      [
        attribute('cursor', 'Whether by a cursor.', flag),
        attribute('index', 'Whether by the index of the first result.', flag),
        attribute('defaultPaginationMethod', 'Which of the two, when the client does not say.', {
          ...readOnly,
          canonicalValues: ['cursor', 'index'],
        }),
        attribute('defaultPageSize', 'How many results a page has, when the client does not say.', size),
        attribute('maxPageSize', 'How many results a page can have.', size),
        attribute('cursorTimeout', 'How many seconds a cursor is good for.', size),
      ],
      readOnly,
    ),
    complex(
      'authenticationSchemes',
      'How a client proves who it is.',
      [
        attribute('type', 'The kind of scheme.', {
          ...needed,
          canonicalValues: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'],
        }),
        attribute('name', 'The scheme’s usual name.', needed),
        attribute('description', 'What the scheme is.', needed),
        attribute('specUri', 'Where the scheme is specified.', url),
        attribute('documentationUri', 'Where people read how to use it.', url),
        attribute('primary', 'Whether this is the preferred scheme.', { ...readOnly, type: 'boolean' }),
      ],
      list,
    ),
  ],
}

export const resourceTypeSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  name: 'ResourceType',
  description: 'A kind of resource, where it is served, and by which schemas.',
  attributes: [
    attribute('id', 'The same as the name.', readOnly),
    attribute('name', 'The name, which meta.resourceType repeats.', needed),
    attribute('description', 'What resources of this kind are.', readOnly),
    attribute('endpoint', 'The path below the base URL.', {
      ...needed,
      type: 'reference',
      referenceTypes: ['uri'],
    }),
    attribute('schema', 'The URN of the base schema.', urn),
    complex(
      'schemaExtensions',
      'What may be added to the base schema.',
      [
        attribute('schema', 'The URN of the extension.', urn),
        attribute('required', 'Whether every resource has it.', flag),
      ],
      { ...readOnly, multiValued: true },
    ),
  ],
}

export const schemaSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
  name: 'Schema',
  description: 'The attributes of a resource or an extension.',
  attributes: [
    attribute('id', 'The URN of the schema.', needed),
    attribute('name', 'The name people use.', readOnly),
    attribute('description', 'What the schema describes.', readOnly),
    complex(
      'attributes',
      'The attributes.',
      [
        ...traits(),
        complex('subAttributes', 'The parts of a complex attribute.', traits(), {
          ...readOnly,
          multiValued: true,
        }),
      ],
      list,
    ),
  ],
}

export const discoverySchemas: readonly Schema[] = [
  serviceProviderConfigSchema,
  resourceTypeSchema,
  schemaSchema,
]

function feature(name: string, description: string, more: Attribute[] = []): Attribute {
  const supported = attribute('supported', 'Whether the service offers it.', flag)
  return complex(name, description, [supported, ...more], needed)
}

function traits(): Attribute[] {
  const exact = { caseExact: true } as const
  return [
    attribute('name', 'The name.', { ...needed, ...exact }),
    attribute('type', 'The data type.', {
      ...needed,
      canonicalValues: [
        'string',
        'boolean',
        'decimal',
        'integer',
        'dateTime',
        'binary',
        'reference',
        'complex',
      ],
    }),
    attribute('multiValued', 'Whether there can be several values.', flag),
    attribute('description', 'What the attribute holds.', readOnly),
    attribute('required', 'Whether there must be a value.', flag),
    attribute('canonicalValues', 'Values that are suggested.', { ...readOnly, ...exact, multiValued: true }),
    attribute('caseExact', 'Whether upper and lower case differ.', { ...readOnly, type: 'boolean' }),
    attribute('mutability', 'Who may write it, and when.', {
      ...readOnly,
      ...exact,
      canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
    }),
    attribute('returned', 'When it is in an answer.', {
      ...readOnly,
      ...exact,
      canonicalValues: ['always', 'never', 'default', 'request'],
    }),
    attribute('uniqueness', 'Where a value may occur only once.', {
      ...readOnly,
      ...exact,
      canonicalValues: ['none', 'server', 'global'],
    }),
    attribute('referenceTypes', 'What a reference may lead to.', {
      ...readOnly,
      ...exact,
      multiValued: true,
    }),
  ]
}
