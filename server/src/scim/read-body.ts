import { type Json, readJson, ScimError } from '@keydesk/scim'
import type { FastifyRequest } from 'fastify'

const ACCEPTED = /^application\/(?:scim\+)?json *(?:; *charset *= *"?utf-?8"? *)?;?$/i

/** The JSON of a request. What it is called decides first: only SCIM and JSON in UTF-8 are read at all. */
export function readBody({ headers, body }: FastifyRequest): Json {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (!ACCEPTED.test(headers['content-type'] ?? '') || encoding !== 'identity')
    throw new ScimError(
      undefined,
      'Send the body as application/scim+json or application/json, in UTF-8 and not compressed.',
      415,
    )
  if (!(body instanceof Uint8Array) || body.length === 0)
    throw new ScimError('invalidSyntax', 'The request has no body.')
  // A group can have tens of thousands of members, each with a few names.
  return readJson(textOf(body), { maxKeys: 200_000 })
}

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new ScimError('invalidSyntax', 'The body is not valid UTF-8.')
  }
}
