import { useQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'

/** How many approvals wait for me. */
export function useWaitingCount(): number {
  const waiting = useQuery(api.approvals.listMyApprovals.queryOptions({ input: { state: 'waiting' } }))
  return waiting.data?.items.length ?? 0
}
