/**
 * Cursors (RFC 9865): where a walk goes on, signed. A cursor belongs to one workspace, one connection and
 * one query; it holds no state here, so it outlives restarts and works in every process.
 */
import { ScimError } from '@keydesk/scim'
import { macOf, sameMac } from '#platform'
import type { Call } from './http.ts'

/** A walk may rest this long between two pages. */
export const CURSOR_SECONDS = 24 * 3600

/** The last resource of a page: the key that the list is ordered by, and its id. */
export interface Place {
  key: string | null
  id: string
}

/** The cursor after a place in a list. Its characters need no escaping in a URL. */
export function cursorAfter(place: Place, list: string, call: Call): string {
  const body = Buffer.from(JSON.stringify([place.key, place.id, Date.now()])).toString('base64url')
  return `${body}.${signatureOf(body, list, call)}`
}

/** @throws ScimError `invalidCursor` for one that is not of this query, `expiredCursor` for one that rested too long */
export function readCursor(text: string, list: string, call: Call): Place {
  const [body = '', signature = ''] = text.split('.')
  if (!sameMac(Buffer.from(signature), Buffer.from(signatureOf(body, list, call))))
    throw new ScimError(
      'invalidCursor',
      'This cursor is not one of this query. Send the same parameters with each page, or begin again.',
    )
  const [key, id, at] = JSON.parse(Buffer.from(body, 'base64url').toString()) as [
    string | null,
    string,
    number,
  ]
  if (Date.now() - at > CURSOR_SECONDS * 1000)
    throw new ScimError('expiredCursor', 'This cursor is more than a day old. Begin again without it.')
  return { key, id }
}

function signatureOf(body: string, list: string, { ctx, by, query }: Call): string {
  const { filter, sortBy, sortOrder } = query
  const signed = JSON.stringify([body, ctx.tenantId, by.serviceUserId, list, filter, sortBy, sortOrder])
  return macOf(ctx.platform.keys, 'cursor', signed).toString('base64url')
}
