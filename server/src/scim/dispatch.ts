/** From a path and a method to a handler; and what the brake holds back is kept on the way. */
import { ScimError } from '@keydesk/scim'
import { HeldBack } from './brake.ts'
import { endpoints } from './endpoints.ts'
import { holdCall } from './holds.ts'
import { type Answer, type Call, findEndpoint, type Method, routeOf } from './http.ts'

/** A call before its path is known. */
export type Asked = Omit<Call, 'id' | 'perform'>

/**
 * Does a call.
 * @param path the segments below the workspace; undefined for a path that has no plain form
 * @param held what to keep of it when the brake holds it: the path as it came, with its query
 */
export async function perform(
  asked: Asked,
  path: readonly string[] | undefined,
  held: string,
): Promise<Answer> {
  const segments = path ? [...path] : undefined
  const found = findEndpoint(endpoints, { slug: undefined, segments })
  const route = routeOf({ slug: undefined, segments })
  if (!found) throw new ScimError(undefined, `There is no endpoint ${route}. /ResourceTypes lists them.`, 404)
  const handler = found.endpoint.methods[asked.method]
  if (!handler) throw new MethodNotAllowed(route, asked.method, Object.keys(found.endpoint.methods))
  const call: Call = {
    ...asked,
    id: found.id,
    perform: (method, below, { body, ifMatch, ifNoneMatch, query = {} } = {}) =>
      perform(
        { ...asked, method, query, body: () => bodyOf(body), ifMatch, ifNoneMatch },
        below,
        `/${below.map(encodeURIComponent).join('/')}`,
      ),
  }
  try {
    return await handler(call)
  } catch (error) {
    // `/Me` and a bulk's operations come through here twice; the inner one knows what is held.
    if (error instanceof HeldBack && !kept.has(error)) {
      kept.add(error)
      const body = call.method === 'DELETE' ? undefined : call.body()
      await holdCall(call.ctx, call.by, { method: call.method, path: held, body }, error)
    }
    throw error
  }
}

const kept = new WeakSet<HeldBack>()

/** RFC 7231 §6.5.5: a 405 names the methods there are. */
export class MethodNotAllowed extends ScimError {
  readonly allow: string

  constructor(route: string, method: Method, allowed: readonly string[]) {
    const allow = allowed.join(', ')
    super(undefined, `${route} does not take ${method}, only ${allow}.`, 405)
    this.allow = allow
  }
}

function bodyOf<T>(body: T | undefined): T {
  if (body === undefined) throw new ScimError('invalidSyntax', 'The operation has no data.')
  return body
}
