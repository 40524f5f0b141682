/** `/Bulk` (RFC 7644 §3.7): each operation goes through the same handlers as a request of its own. */
import { readBulk, runBulk, ScimError } from '@keydesk/scim'
import type { Answer, Call } from './http.ts'

export const MAX_OPERATIONS = 1000

export async function runAll(call: Call): Promise<Answer> {
  const request = readBulk(call.body(), { maxOperations: MAX_OPERATIONS })
  call.tolerated(request.deviations)
  const { status, body } = await runBulk(
    request,
    async ({ method, path, data, version }) => {
      if (!['Users', 'Groups'].includes(path[0] ?? ''))
        throw new ScimError(undefined, 'Bulk operations are for /Users and /Groups.', 404)
      const answer = await call.perform(method, path, { body: data, ifMatch: version })
      return {
        status: answer.status,
        location: answer.headers?.['location'] ?? answer.headers?.['content-location'],
        version: answer.headers?.['etag'],
        body: answer.body ?? (answer.text === undefined ? undefined : JSON.parse(answer.text)),
      }
    },
    { base: call.base },
  )
  return { status, body }
}
