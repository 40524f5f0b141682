/** The log of calls as its reader sees it: with what each call did, or why it was refused. */
import { AppError, type Context, notFound, transact } from '#platform'
import { type CallQuery, type CallRow, findCall, listCalls as readCalls } from './calls.store.ts'
import { baseUrlOf, clientNames, existing } from './connections.ts'
import type { ScimCall, ScimCallDetail } from './contract.ts'
import { explain } from './explain.ts'

interface Page {
  items: ScimCall[]
  total: number
  nextCursor?: string
}

/** Newest first. @throws AppError `not_found` for a connection that is not here */
export function listCalls(
  ctx: Context,
  query: Omit<CallQuery, 'serviceUserId' | 'before'> & { connectionId: string; cursor?: string | undefined },
): Promise<Page> {
  const { connectionId, cursor, ...rest } = query
  if (cursor !== undefined && !/^cal_[0-9a-z]{26}$/.test(cursor))
    throw new AppError('invalid_input', 'The cursor is not one that this list gave. Begin again without it.')
  return transact(ctx, async (tx) => {
    await existing(tx, connectionId)
    const { rows, total } = await readCalls(tx, { ...rest, serviceUserId: connectionId, before: cursor })
    const names = await clientNames(tx)
    const items = rows.map((row) => viewOf(row, names(row.serviceUserId).client))
    const last = rows.length === query.limit ? rows.at(-1) : undefined
    return last ? { items, total, nextCursor: last.id } : { items, total }
  })
}

/** One call with its bodies. @throws AppError `not_found` */
export function getCall(ctx: Context, id: string): Promise<ScimCallDetail> {
  return transact(ctx, async (tx) => {
    const row = await findCall(tx, id)
    if (!row) throw notFound('call')
    const { client } = (await clientNames(tx))(row.serviceUserId)
    return {
      ...viewOf(row, client),
      request: row.request,
      answer: row.answer,
      tolerated: row.deviations,
      ip: row.ip,
      userAgent: row.userAgent,
      curl: curlFor(row, await baseUrlOf(tx)),
    }
  })
}

function viewOf(row: CallRow, client: string): ScimCall {
  const { id, method, path, status, milliseconds, subject, memberId, roleId, times, shadow } = row
  return {
    id,
    at: row.at.toISOString(),
    method,
    path,
    status,
    milliseconds,
    subject,
    memberId,
    roleId,
    times,
    shadow,
    ...explain(row, client),
  }
}

/** The same call for a shell. What was redacted is left to fill in, as the token is. */
function curlFor({ method, path, request }: CallRow, baseUrl: string): string {
  const parts = [
    `curl --globoff -X ${/^[A-Z]+$/.test(method) ? method : quoted(method)} ${quoted(`${baseUrl}${path}`)}`,
    `-H 'Authorization: Bearer <token>'`,
    `-H 'Accept: application/scim+json'`,
    ...(request === null
      ? []
      : [`-H 'Content-Type: application/scim+json'`, `--data-raw ${quoted(request)}`]),
  ]
  return parts.join(' \\\n  ')
}

/** Between single quotes a shell takes everything as it is, but for those quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
