/** The live feed of one reader: which things changed, for as long as he may know it. */
import { withEventMeta } from '@orpc/server'
import { type CallContext, type Context, follow, type Hint, lastSeq } from '#platform'
import { identify } from './authenticate.ts'
import type { LiveHint } from './contract.ts'

/**
 * Members who may see requests hear of everything; others of what names them.
 * The session is looked at again before each batch, so the feed of a deactivated member ends at once.
 */
export async function* streamEvents(
  call: CallContext & { ctx: Context },
  lastEventId: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<LiveHint> {
  const { ctx } = call
  const seesAll = ctx.principal?.permissions.has('requests.read') === true
  const personId = ctx.principal?.personId
  const sees = (hint: Hint) => seesAll || (!!personId && hint.subjects.includes(personId))
  const stillMay = async () => (await identify(call.platform, call.httpRequest)) !== null
  const after = Number(lastEventId ?? Number.NaN)
  const from = Number.isSafeInteger(after) ? after : await lastSeq(ctx)

  for await (const hint of follow(ctx, from, sees, stillMay, signal ?? new AbortController().signal)) {
    if (!hint) continue
    yield hint.seq === undefined ? hint : withEventMeta(hint, { id: String(hint.seq) })
  }
}
