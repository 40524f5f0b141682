/** People, groups and apps, as the connected sources describe them. */
export { findPerson, findRequester, getGroup, listGroups, managerOf, type PersonRecord } from './people.ts'
export { directoryRoutes } from './routes.ts'
export {
  countSynced,
  finishImport,
  listSourceApps,
  listSourceGroups,
  refreshPerson,
  type Source,
  type SourceApp,
  type SourceGroup,
  type SourcePerson,
  saveApps,
  saveAssignments,
  saveGroupMembers,
  saveGroups,
  savePeople,
} from './sync.ts'
