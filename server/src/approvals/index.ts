/** Questions with one answer, bound to exactly what was shown. */
export {
  approverFor,
  askApproval,
  decideApproval,
  digestOf,
  endApprovals,
  findDecision,
  listApprovalsOf,
  type Shown,
  voidApproval,
} from './approvals.ts'
export { approvalRoutes } from './routes.ts'
