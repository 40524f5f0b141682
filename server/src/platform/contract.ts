/** Shapes that every folder's contract shares. Imported by the browser too: zod only. */
import * as z from 'zod'

/** An instant as ISO 8601 in UTC, as JSON carries it. */
export const instant = z.iso.datetime({ offset: true })

/** An id of ours: a prefix that says what it names, then 26 characters in time order. */
export function idOf(prefix: string) {
  return z.string().regex(new RegExp(`^${prefix}_[0-9a-z]{26}$`), `This is not an id of the form ${prefix}_…`)
}

/** A page of a list: the items, how many there are in all, and the cursor of the next page (absent on the last). */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), total: z.int(), nextCursor: z.string().optional() })
}

/** What a list endpoint takes: the opaque cursor of the page before, and how many items at most. */
export const paging = {
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}

/** Who did something: a member, a person of the directory, a service user, or Keydesk itself. */
export const Actor = z.object({
  kind: z.enum(['member', 'person', 'service', 'system']),
  id: z.string(),
  name: z.string(),
})
export type Actor = z.infer<typeof Actor>

/** RFC 9457 problem details, as every error of `/api` is answered. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  facts: z.record(z.string(), z.unknown()).optional(),
})
export type Problem = z.infer<typeof Problem>
