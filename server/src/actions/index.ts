/** What can be done in other systems, and the journal of what was. */
export {
  type Action,
  ActionFailure,
  type Catalogue,
  defineAction,
  type Failure,
  type Finding,
  type Plan,
  type Target,
} from './catalogue.ts'
export {
  endRuns,
  execute,
  installCatalogue,
  lookInto,
  onApprovalDecided,
  reconcile,
  runApproved,
  sweepRuns,
} from './journal.ts'
export { actionRoutes } from './routes.ts'
export { approverOf, type DescribeRequest, listRuns } from './runs.ts'
