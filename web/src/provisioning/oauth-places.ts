/** Where OAuth clients of a connection go. */
import type { OauthEndpoints } from '@keydesk/server/contract/accounts'
import { useQuery } from '@tanstack/react-query'
import type * as z from 'zod'
import { api } from '../api/index.ts'

export type OauthPlaces = z.infer<typeof OauthEndpoints>

/** The clients there are, and their addresses; asked for only where OAuth is chosen. */
export function useOauth(connectionId: string, isAsked: boolean) {
  return useQuery(
    api.accounts.listOauthClients.queryOptions({
      input: { serviceUserId: connectionId },
      enabled: isAsked,
    }),
  )
}
