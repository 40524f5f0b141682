/** What happens to approvals, in sentences. */
import { defineEvent } from '#platform'

export const approvalAsked = defineEvent<{
  question: string
  approver: string
  requestNumber: number | null
}>('approval.asked', ({ question, approver }, actor) => `${actor} asked ${approver}: ${question}`)
export const approvalDecided = defineEvent<{
  approvalId: string
  outcome: 'approved' | 'declined'
  question: string
  comment: string | null
  requestNumber: number | null
}>(
  'approval.decided',
  ({ outcome, question, comment }, actor) =>
    `${actor} ${outcome === 'approved' ? 'approved' : 'declined'}: ${question}${comment ? ` “${comment}”` : ''}`,
)
export const approvalVoided = defineEvent<{ question: string; reason: string; requestNumber: number | null }>(
  'approval.voided',
  ({ question, reason }) => `The question “${question}” was withdrawn: ${reason}`,
)
export const approvalHandedOn = defineEvent<{
  question: string
  from: string
  requestNumber: number | null
}>(
  'approval.handed_on',
  ({ question, from }) =>
    `${from} can no longer decide, so any member who may decide approvals is asked: ${question}`,
)
