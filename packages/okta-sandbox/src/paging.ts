/** Listings: limits with caps, opaque cursors bound to one listing, `Link` lines as Okta sends them. */
import { createHmac } from 'node:crypto'
import { OktaError } from './errors.ts'
import type { Answer, Call } from './world.ts'

export type Listing<T> = {
  limit: { normal: number; most: number; least?: number }
  /** All rows of the listing, in order. Called again only after something changed. */
  rows: () => readonly T[]
  ordinal: (row: T) => number
  /** What the rows are sorted by before their ordinal. */
  key?: (row: T) => string
  descending?: boolean
  view: (row: T) => unknown
}

type Cursor = { key: string; ordinal: number } | null

const CURSOR_FREE = new Set(['after', 'limit'])

/** Answers one page of a listing. */
export function page<T>(call: Call, listing: Listing<T>): Answer {
  const limit = limitOf(call.query.get('limit'), listing.limit)
  const name = nameOf(call)
  const cursor = readCursor(call, name)
  if (call.fault?.kind === 'empty-list') return { body: [], headers: links(call, limit) }
  if (call.fault?.kind === 'empty-page-with-next')
    return { body: [], headers: links(call, limit, writeCursor(call, name, cursor)) }

  const rows = keptRows(call, name, listing.rows)
  const start = cursor ? firstAfter(rows, listing, cursor) : 0
  const items = rows.slice(start, start + limit)
  const last = items.at(-1)
  const more = start + limit < rows.length && last !== undefined
  const next = more
    ? writeCursor(call, name, { key: listing.key?.(last) ?? '', ordinal: listing.ordinal(last) })
    : undefined
  return { body: items.map(listing.view), headers: links(call, limit, next) }
}

function limitOf(text: string | null, { normal, most, least = 1 }: Listing<unknown>['limit']): number {
  const asked = Number(text ?? normal)
  return Number.isInteger(asked) && asked > 0 ? Math.max(least, Math.min(asked, most)) : normal
}

/** What makes two requests pages of one listing: path and query, without cursor and page size. */
function nameOf(call: Call): string {
  const query = [...call.query].filter(([key]) => !CURSOR_FREE.has(key)).sort()
  return `${call.path}?${new URLSearchParams(query)}`
}

function keptRows<T>(call: Call, name: string, compute: () => readonly T[]): readonly T[] {
  const { listings, org } = call.world
  if (listings.version !== org.version || listings.kept.size > 64) listings.kept.clear()
  listings.version = org.version
  const kept = (listings.kept.get(name) as readonly T[] | undefined) ?? compute()
  listings.kept.set(name, kept)
  return kept
}

function firstAfter<T>(
  rows: readonly T[],
  listing: Listing<T>,
  cursor: { key: string; ordinal: number },
): number {
  const isAfter = (row: T) => {
    const key = listing.key?.(row) ?? ''
    if (key !== cursor.key) return listing.descending ? key < cursor.key : key > cursor.key
    return listing.ordinal(row) > cursor.ordinal
  }
  let low = 0
  for (let high = rows.length; low < high; ) {
    const middle = (low + high) >> 1
    if (isAfter(rows[middle] as T)) high = middle
    else low = middle + 1
  }
  return low
}

function writeCursor(call: Call, name: string, cursor: Cursor): string {
  const text = Buffer.from(JSON.stringify(cursor)).toString('base64url')
  return `${text}.${seal(call, name, text)}`
}

function readCursor(call: Call, name: string): Cursor {
  const after = call.query.get('after')
  if (after === null) return null
  const [text = '', mark] = after.split('.')
  if (call.fault?.kind === 'stale' || mark !== seal(call, name, text))
    throw new OktaError('E0000029', { causes: ['Invalid cursor.'] })
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as Cursor
}

function seal(call: Call, name: string, text: string): string {
  const key = call.world.secrets.cursorKey
  return createHmac('sha256', key).update(`${name}\n${text}`).digest('base64url').slice(0, 12)
}

/** Two header lines, `self` and `next`, never one line with a comma. */
export function links(call: Call, limit: number, next?: string): Record<string, string[]> {
  const url = (after: string | undefined, own: string | null) => {
    const query = new URLSearchParams(call.query)
    query.delete('after')
    query.set('limit', String(limit))
    const cursor = after ?? own
    return `<${call.base}${call.path}?${cursor === null ? '' : `after=${encodeURIComponent(cursor)}&`}${query}>`
  }
  const lines = [`${url(undefined, call.query.get('after'))}; rel="self"`]
  if (next !== undefined) lines.push(`${url(next, null)}; rel="next"`)
  return { link: lines }
}
