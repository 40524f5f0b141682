import { type Json, type JsonLimits, readJson, ScimError, tooLarge } from '@keydesk/scim'
import type { FastifyRequest } from 'fastify'

const ACCEPTED = /^application\/(?:scim\+)?json *(?:; *charset *= *"?utf-?8"? *)?;?$/i

export const MAX_PAYLOAD = 1024 * 1024

/** How large a body may be, by the first segment of its path, and how much JSON may be in it. */
const LIMITS: Record<string, { bytes: number } & JsonLimits> = {
  Groups: { bytes: 6 * MAX_PAYLOAD, maxKeys: 300_000 },
  Bulk: { bytes: MAX_PAYLOAD, maxKeys: 100_000, maxDepth: 14 },
}
const OTHERS: { bytes: number } & JsonLimits = { bytes: MAX_PAYLOAD / 4 }

/** More than any endpoint takes. @param resource the first segment of the path */
export function tooLargeFor(resource = ''): ScimError {
  return tooLarge('maxPayloadSize', (LIMITS[resource] ?? OTHERS).bytes)
}

/** The JSON of a request. What it is called decides first: only SCIM and JSON in UTF-8 are read at all. */
export function readBody({ headers, body }: FastifyRequest, resource = ''): Json {
  const { bytes, ...limits } = LIMITS[resource] ?? OTHERS
  const encoding = headers['content-encoding'] ?? 'identity'
  if (!ACCEPTED.test(headers['content-type'] ?? '') || encoding !== 'identity')
    throw new ScimError(
      undefined,
      'Send the body as application/scim+json or application/json, in UTF-8 and not compressed.',
      415,
    )
  if (!(body instanceof Uint8Array) || body.length === 0)
    throw new ScimError('invalidSyntax', 'The request has no body.')
  if (body.length > bytes) throw tooLargeFor(resource)
  return readJson(textOf(body), limits)
}

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new ScimError('invalidSyntax', 'The body is not valid UTF-8.')
  }
}
