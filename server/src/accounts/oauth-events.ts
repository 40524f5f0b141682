/** What happens to the credentials of programs, in sentences. */
import { defineEvent } from '#platform'

type Named = { name: string }

export const tokenRotated = defineEvent<Named & { hint: string; replaced: string }>(
  'token.rotated',
  ({ name, hint, replaced }) =>
    `${name} used its new token that ends in ${hint}, so the one that ends in ${replaced} was revoked`,
)
export const tokenExpiring = defineEvent<Named & { hint: string; days: number }>(
  'token.expiring',
  ({ name, hint, days }) =>
    `The token of ${name} that ends in ${hint} expires in ${days === 1 ? 'a day' : `${days} days`}`,
)
export const oauthClientCreated = defineEvent<Named>(
  'oauth_client.created',
  ({ name }, actor) => `${actor} created an OAuth client of ${name}`,
)
export const oauthClientDeleted = defineEvent<Named>(
  'oauth_client.deleted',
  ({ name }, actor) => `${actor} deleted an OAuth client of ${name}; its tokens ended at once`,
)
export const oauthAllowed = defineEvent<Named>(
  'oauth_grant.allowed',
  ({ name }, actor) => `${actor} allowed ${name} to provision members`,
)
export const oauthGrantEnded = defineEvent<Named & { because: string }>(
  'oauth_grant.ended',
  ({ name, because }) => `What ${name} was allowed by OAuth ended: ${because}`,
)
