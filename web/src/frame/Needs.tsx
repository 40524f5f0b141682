import { PERMISSIONS, type Permission } from '@keydesk/server/contract/accounts'
import { IconLock } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useCan, useSession } from '../session/index.ts'
import { EmptyState, Page } from '../ui/index.ts'

/** Its children for those who hold the permission; for others, what they would need and from whom. */
export function Needs({ permission, children }: { permission: Permission; children: ReactNode }) {
  const session = useSession()
  if (useCan(permission)) return children

  return (
    <Page title="Not for your role">
      <EmptyState
        icon={<IconLock size={32} stroke={1.25} />}
        title="Your roles do not open this page"
        body={`It takes a role that says “${PERMISSIONS[permission]}”. Whoever manages members of ${session.workspace.name} can give you one.`}
      />
    </Page>
  )
}
