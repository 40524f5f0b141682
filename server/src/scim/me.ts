/**
 * `/Me` (RFC 7644 §3.11): the user for whom the caller acts. That is known when a member allowed the
 * connection by OAuth; a token or a password is the connection's own, and there is no such user: 501.
 */
import { ScimError } from '@keydesk/scim'
import type { Answer, Call, Method } from './http.ts'

export function actOnMe(method: Method) {
  return async (call: Call): Promise<Answer> => {
    if (call.memberId === null)
      throw new ScimError(
        undefined,
        'This credential belongs to the connection itself, which is no user. /Me is for tokens that a member allowed by OAuth.',
        501,
      )
    const { query, ifMatch, ifNoneMatch } = call
    const body = method === 'PUT' || method === 'PATCH' ? call.body() : undefined
    const answer = await call.perform(method, ['Users', call.memberId], { body, query, ifMatch, ifNoneMatch })
    return { ...answer, headers: { ...answer.headers, location: `${call.base}/Users/${call.memberId}` } }
  }
}
