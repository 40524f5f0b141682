import { expect, test } from 'vitest'
import { notFound, preconditionFailed, ScimError, unauthorized, uniqueness } from './error.ts'

const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error']

test.for([
  [
    new ScimError('invalidFilter', 'No.'),
    { schemas, status: '400', detail: 'No.', scimType: 'invalidFilter' },
  ],
  [new ScimError(undefined, 'Slow down.', 429), { schemas, status: '429', detail: 'Slow down.' }],
  [notFound('User u1'), { schemas, status: '404', detail: 'User u1 does not exist.' }],
  [
    uniqueness('userName', 'a"b'),
    { schemas, status: '409', detail: 'userName "a\\"b" is taken already.', scimType: 'uniqueness' },
  ],
  [unauthorized(), { schemas, status: '401', detail: 'Send a valid bearer token.' }],
  [
    preconditionFailed(),
    { schemas, status: '412', detail: 'The resource has changed since it was read. Read it again.' },
  ],
] as const)('%s is answered as a SCIM error', ([error, body]) => {
  expect(JSON.parse(JSON.stringify(error))).toEqual(body)
})
