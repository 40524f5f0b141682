/** Listings, page by page. The end is a page without a next link, and nothing else: a page may be empty. */
import * as z from 'zod'
import { OktaError, OktaNoAnswer } from './error.ts'
import type { Transport } from './transport.ts'

export interface Page<T> {
  items: T[]
  /** Path and query of the next page, without its origin; null at the end. */
  next: string | null
}

/** How often one address may give an empty page that leads to itself before Keydesk stops asking. */
const MOST_CIRCLES = 20

export async function readPage<T>(transport: Transport, path: string, item: z.ZodType<T>): Promise<Page<T>> {
  const { headers, json } = await transport.get(path)
  return { items: readAs(z.array(item), json, path), next: nextOf(headers, transport.origin, path) }
}

/** All items of a listing that is short: a person's groups, apps, factors. */
export async function readAll<T>(transport: Transport, path: string, item: z.ZodType<T>): Promise<T[]> {
  const items: T[] = []
  let [next, circles]: [string | null, number] = [path, 0]
  while (next !== null) {
    const page: Page<T> = await readPage(transport, next, item)
    items.push(...page.items)
    if (page.items.length === 0 && ++circles > MOST_CIRCLES) throw inCircles(next)
    next = page.next
  }
  return items
}

export function inCircles(path: string): OktaError {
  return new OktaError({
    status: 200,
    errorCode: null,
    errorSummary: `It gave empty pages of ${path.split('?')[0]} without an end.`,
  })
}

/** Checks an answer against what Keydesk reads of it. */
export function readAs<T>(shape: z.ZodType<T>, json: unknown, path: string): T {
  const read = shape.safeParse(json)
  if (read.success) return read.data
  const issue = read.error.issues[0]
  throw new OktaNoAnswer(
    `Okta's answer for ${path.split('?')[0]} is not of the form it documents (${issue?.path.join('.') || 'body'}: ${issue?.message}).`,
    { sent: true },
  )
}

/**
 * The next page, from the `Link` header. The token goes with the call, so a link to another origin,
 * or to another listing, is an error and not an address (threats O2).
 */
function nextOf(headers: Headers, origin: string, path: string): string | null {
  const link = /<([^>]*)>\s*;\s*rel="next"/.exec(headers.get('link') ?? '')?.[1]
  if (link === undefined) return null
  const url = URL.canParse(link, origin) ? new URL(link, origin) : undefined
  if (url?.origin === origin && url.pathname === path.split('?')[0]) return `${url.pathname}${url.search}`
  throw new OktaError({
    status: 200,
    errorCode: null,
    errorSummary: `Its next page of ${path.split('?')[0]} is at another address, and Keydesk does not send its token there.`,
  })
}
