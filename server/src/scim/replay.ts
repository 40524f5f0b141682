/** Doing a call that the safety brake held back, because an owner released it: as it would have been done. */
import { type Json, ScimError } from '@keydesk/scim'
import { provisionerOf } from '#accounts'
import { type Context, systemContext, transact } from '#platform'
import { recordCall } from './calls.ts'
import { baseUrlOf, existing } from './connections.ts'
import { type Asked, perform } from './dispatch.ts'
import { answerOf } from './errors.ts'
import { userTypeOf } from './extension-schemas.ts'
import type { HeldCall, Replay } from './holds.ts'
import { type Answer, type Method, readPath, readQuery } from './http.ts'

/** Does released calls of a connection, in its name and with the brake off. Each has its line in the log. */
export function replayFor(ctx: Context, connectionId: string): Replay {
  return async (call) => {
    const at = new Date()
    const deviations: string[] = []
    const asked = await askedFor(ctx, connectionId, call, deviations)
    const { status, body, text, about } = await answerTo(asked, call)
    recordCall(ctx.platform, {
      tenantId: ctx.tenantId,
      serviceUserId: connectionId,
      at,
      method: call.method,
      path: call.path,
      status,
      milliseconds: Date.now() - at.getTime(),
      memberId: about?.memberId ?? null,
      roleId: about?.roleId ?? null,
      subject: about?.name ?? null,
      request: call.body === undefined ? null : JSON.stringify(call.body),
      answer: text ?? (body === undefined ? null : JSON.stringify(body)),
      deviations,
      shadow: false,
      held: false,
      ip: null,
      userAgent: `Keydesk, released by ${ctx.actor.name}`,
    })
    return { status, detail: detailOf(status, body) }
  }
}

async function askedFor(
  ctx: Context,
  connectionId: string,
  { method, path, body }: HeldCall,
  deviations: string[],
): Promise<Asked> {
  const { platform, tenantId } = ctx
  const [row, base] = await transact(
    ctx,
    async (tx) => [await existing(tx, connectionId), await baseUrlOf(tx)] as const,
  )
  return {
    ctx: {
      ...systemContext(platform, tenantId),
      actor: { kind: 'service', id: row.id, name: row.name },
      beganAt: Date.now(),
    },
    by: provisionerOf(row),
    base,
    memberId: null,
    homeTenantId: tenantId,
    shadow: false,
    method: method as Method,
    query: readQuery(Object.fromEntries(new URLSearchParams(path.split('?', 2)[1] ?? ''))),
    body: () => given(body),
    userType: await userTypeOf(platform, tenantId),
    // The version it was meant for is a thing of the past: what is there now is what the owner saw.
    foreseen: undefined,
    ifMatch: undefined,
    ifNoneMatch: undefined,
    userAgent: undefined,
    isReleased: true,
    tolerated: (found) => deviations.push(...found),
  }
}

async function answerTo(asked: Asked, { path }: HeldCall): Promise<Answer> {
  const { segments } = readPath('', `/workspace${path}`)
  try {
    return await perform(asked, segments, path)
  } catch (error) {
    return answerOf(error, asked.ctx.platform)
  }
}

function given(body: Json | undefined): Json {
  if (body === undefined) throw new ScimError('invalidSyntax', 'The request has no body.')
  return body
}

function detailOf(status: number, body: object | undefined): string | null {
  const detail: unknown = status < 400 ? undefined : (body as { detail?: unknown } | undefined)?.detail
  return typeof detail === 'string' ? detail : null
}
