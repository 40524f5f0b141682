/** The server's own contracts, called. `api.people.…` does not exist: names are the server's. */
import './zod-config.ts'

import { accounts } from '@keydesk/server/contract/accounts'
import { actions } from '@keydesk/server/contract/actions'
import { approvals } from '@keydesk/server/contract/approvals'
import { desk } from '@keydesk/server/contract/desk'
import { directory } from '@keydesk/server/contract/directory'
import { okta } from '@keydesk/server/contract/okta'
import { scim } from '@keydesk/server/contract/scim'
import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { createTanstackQueryUtils } from '@orpc/tanstack-query'
import { readProblem, unreachable } from './problem.ts'

export const contract = { accounts, directory, okta, actions, approvals, desk, scim }

export const apiBase = `${location.origin}/api/v1`

const link = new OpenAPILink(contract, {
  url: apiBase,
  // One key for each attempt of a person's act: what the network repeats, the server does once.
  headers: (_options, _path, _input) => ({ 'idempotency-key': newKey() }),
  fetch: call,
})

/** Calls by name: `await client.desk.closeRequest({ number: 12 })`. Throws `ProblemError`. */
const client: ContractRouterClient<typeof contract> = createORPCClient(link)

/** Query and mutation options by name: `useQuery(api.directory.getPerson.queryOptions({ input }))`. */
export const api = createTanstackQueryUtils(client)

async function call(request: Request, init: RequestInit): Promise<Response> {
  if (request.method !== 'POST') request.headers.delete('idempotency-key')

  const response = await fetch(request, { ...init, credentials: 'same-origin' }).catch((error: unknown) => {
    throw isAbort(error) ? error : unreachable()
  })
  if (!response.ok) throw await readProblem(response)
  return response
}

// `crypto.randomUUID` exists in secure contexts only, and a desk may be served by plain HTTP inside a house.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const hex = Array.from(bytes, (byte, at) => versioned(byte, at).toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

// RFC 9562 §5.4: version 4 in the seventh byte, the variant in the ninth.
function versioned(byte: number, at: number) {
  if (at === 6) return (byte & 0x0f) | 0x40
  if (at === 8) return (byte & 0x3f) | 0x80
  return byte
}

function isAbort(error: unknown) {
  return error instanceof DOMException && error.name === 'AbortError'
}
