import type { Request } from '@keydesk/server/contract/desk'
import { Facts, Section } from '../ui/index.ts'

/** For the one who asked: who has it, and whose word it waits for. */
export function WhereItStands({ request }: { request: Request }) {
  const waiting = request.approvals.find(({ state }) => state === 'waiting')
  const approver = waiting ? (waiting.approver?.displayName ?? 'the desk') : null
  return (
    <Section title="Where it stands">
      <Facts
        items={[
          { label: 'Service', value: request.service.name },
          { label: 'Assigned to', value: request.assignee?.displayName ?? 'Nobody yet' },
          {
            label: 'Approval',
            value: approver ? `Waits for ${approver}` : approvalOf(request),
          },
        ]}
      />
    </Section>
  )
}

function approvalOf({ approvals, service }: Request): string {
  const last = approvals.at(-1)
  if (last?.state === 'approved') return `Given by ${last.decidedBy?.name}`
  if (last?.state === 'declined') return `Declined by ${last.decidedBy?.name}`
  return service.asks ? `${service.asks} will be asked` : 'Not needed'
}
