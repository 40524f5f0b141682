/** What the pages of provisioning ask the server for, and what they call what it answers. */
import type { ConnectionHealth, ScimCall, ScimConnection } from '@keydesk/server/contract/scim'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type * as z from 'zod'
import { api } from '../api/index.ts'
import type { StateTone } from '../ui/index.ts'

type Health = z.infer<typeof ConnectionHealth>

interface Word {
  tone: StateTone
  word: string
}

export const HEALTH: Record<Health['state'], Word> = {
  waiting: { tone: 'progress', word: 'Waiting' },
  ok: { tone: 'done', word: 'Healthy' },
  quiet: { tone: 'waiting', word: 'Quiet' },
  failing: { tone: 'failed', word: 'Failing' },
  no_credential: { tone: 'off', word: 'No credential' },
}

export const MODE: Record<ScimConnection['mode'], Word & { hint: string }> = {
  live: { tone: 'done', word: 'Live', hint: 'What the provider sends changes this workspace at once' },
  shadow: {
    tone: 'waiting',
    word: 'Watching',
    hint: 'What the provider sends changes a copy that nobody sees, until somebody goes live',
  },
}

export const OUTCOME: Record<ScimCall['outcome'], Word & { hint: string }> = {
  done: { tone: 'done', word: 'Done', hint: 'It was answered, and did what it asked for' },
  refused: { tone: 'failed', word: 'Refused', hint: 'The call could not be done as it came' },
  held: { tone: 'waiting', word: 'Held', hint: 'The safety brake waits for an owner' },
  failed: { tone: 'failed', word: 'Failed', hint: 'Keydesk could not do it; providers try such calls again' },
}

export function useConnection(connectionId: string) {
  return useQuery(api.scim.getConnection.queryOptions({ input: { connectionId } }))
}

/** Reads everything again that shows a connection: after an act on it, not after each call it gets. */
export function useRefreshConnections() {
  const queryClient = useQueryClient()
  return () =>
    Promise.all(
      [api.scim.key(), api.accounts.key()].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
    )
}

/** Roles that a connection may give: all but the one that may do everything. */
export function useGrantableRoles() {
  const roles = useQuery(api.accounts.listRoles.queryOptions())
  return (roles.data?.items ?? []).filter((role) => !(role.system && role.name === 'Owner'))
}
