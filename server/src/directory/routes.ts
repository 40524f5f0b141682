/** Contract to verbs, a line each. */
import { implement } from '@orpc/server'
import { authorized } from '#accounts'
import type { CallContext } from '#platform'
import { directory } from './contract.ts'
import * as people from './people.ts'

export function directoryRoutes() {
  const os = implement(directory).$context<CallContext>().use(authorized)
  return os.router({
    listPeople: os.listPeople.handler(({ context, input }) => people.listPeople(context.ctx, input)),
    getPeopleFacets: os.getPeopleFacets.handler(({ context }) => people.getPeopleFacets(context.ctx)),
    getPerson: os.getPerson.handler(({ context, input }) => people.getPerson(context.ctx, input.personId)),
    listGroups: os.listGroups.handler(({ context, input }) => people.listGroups(context.ctx, input)),
    getGroup: os.getGroup.handler(({ context, input }) => people.getGroup(context.ctx, input.groupId)),
    listApps: os.listApps.handler(({ context, input }) => people.listApps(context.ctx, input)),
    getApp: os.getApp.handler(({ context, input }) => people.getApp(context.ctx, input.appId)),
  })
}
