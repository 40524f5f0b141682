/** Who is signed in, as every page below the frame may ask. */
import type { Permission, Session } from '@keydesk/server/contract/accounts'
import { useSuspenseQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'

export const sessionQuery = api.accounts.getSession.queryOptions({ staleTime: 5 * 60_000 })

export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data
}

/** Whether the one signed in holds a permission. The server decides again; this only spares dead ends. */
export function useCan(permission: Permission): boolean {
  return useSession().permissions.includes(permission)
}
