import { useQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { useCan } from '../session/index.ts'

/** Why a member has their roles, and all that the provider says of them. */
export function useMemberAccess(memberId: string) {
  const mayManage = useCan('members.manage')
  return useQuery(api.scim.getMemberAccess.queryOptions({ input: { memberId }, enabled: mayManage }))
}
