import { StateBadge } from '../ui/index.ts'

/** Whether an app is in use in Okta. */
export function AppStatus({ status }: { status: string }) {
  if (status === 'ACTIVE')
    return (
      <StateBadge tone="done" hint="Those assigned can open it.">
        Active
      </StateBadge>
    )
  return (
    <StateBadge tone="off" hint="Switched off in Okta: nobody can open it.">
      {status === 'INACTIVE' ? 'Inactive' : status}
    </StateBadge>
  )
}
