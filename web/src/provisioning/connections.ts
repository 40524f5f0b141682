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
  waiting: { tone: 'progress', word: 'Waiting for the first call' },
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
  refused: { tone: 'waiting', word: 'Refused', hint: 'The call could not be done as it came' },
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

/** "1 person", "12 people". */
export function counted(count: number, one: string, many: string) {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`
}

/** "Ada, Grace and 3 more". */
export function someOf(names: readonly string[], most = 5) {
  const shown = names.slice(0, most)
  const rest = names.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${rest.toLocaleString()} more`
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

/** How long a call took. */
export function tookOf(milliseconds: number) {
  return milliseconds < 10
    ? `${milliseconds.toFixed(1)} ms`
    : `${Math.round(milliseconds).toLocaleString()} ms`
}

/** A path as people read it: `filter=userName eq "ada"` instead of its percent signs. */
export function readablePath(path: string) {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '))
  } catch {
    return path
  }
}
