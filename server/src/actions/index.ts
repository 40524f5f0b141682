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
