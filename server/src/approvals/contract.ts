/** Questions with one answer, put to one person and bound to exactly what that person was shown. */
import * as z from 'zod'
import { route } from '../accounts/contract.ts'
import { PersonRef } from '../directory/contract.ts'
import { Actor, idOf, instant } from '../platform/contract.ts'

export const APPROVAL_STATES = ['waiting', 'approved', 'declined', 'void'] as const

export const Approval = z.object({
  id: idOf('apr'),
  state: z.enum(APPROVAL_STATES),
  /** What is asked, in a sentence that names the person and the act. */
  question: z.string(),
  /** Everything the approver is shown; the digest covers it. */
  shown: z.object({
    action: z.string(),
    target: z.string(),
    summary: z.string(),
    effects: z.array(z.string()),
    reason: z.string().nullable(),
    requestNumber: z.int().nullable(),
  }),
  digest: z.string(),
  /** The manager; or null when anyone who may decide such approvals is asked. */
  approver: PersonRef.nullable(),
  askedBy: Actor,
  decidedBy: Actor.nullable(),
  comment: z.string().nullable(),
  /** Whether the reader of this answer may decide it, and if not, why. */
  mayDecide: z.boolean(),
  mayNotReason: z.string().nullable(),
  createdAt: instant,
  decidedAt: instant.nullable(),
})
export type Approval = z.infer<typeof Approval>

export const approvals = {
  listMyApprovals: route('GET', '/approvals', {
    summary: 'Approvals that wait for me, or that I decided',
    needs: 'session',
  })
    .input(z.object({ state: z.enum(['waiting', 'decided']).default('waiting') }))
    .output(z.object({ items: z.array(Approval) })),
  getApproval: route('GET', '/approvals/{approvalId}', { summary: 'One approval', needs: 'session' })
    .input(z.object({ approvalId: idOf('apr') }))
    .output(Approval),
  decideApproval: route('PUT', '/approvals/{approvalId}/decision', {
    summary: 'Approve or decline what was shown, named by its digest',
    needs: 'session',
  })
    .input(
      z.object({
        approvalId: idOf('apr'),
        decision: z.enum(['approved', 'declined']),
        digest: z.string(),
        comment: z.string().trim().max(1000).optional(),
      }),
    )
    .output(Approval),
}
