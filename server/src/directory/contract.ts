/** People, groups and apps, as the connected sources describe them. */
import * as z from 'zod'
import { route } from '../accounts/contract.ts'
import { idOf, instant, page, paging } from '../platform/contract.ts'

/** Okta's own words, kept as they are. A status unknown to us is shown as Okta writes it. */
export const PERSON_STATUSES = [
  'ACTIVE',
  'PROVISIONED',
  'STAGED',
  'PASSWORD_EXPIRED',
  'RECOVERY',
  'LOCKED_OUT',
  'SUSPENDED',
  'DEPROVISIONED',
] as const

export const PersonRef = z.object({ id: idOf('per'), displayName: z.string(), email: z.string().nullable() })

export const PersonSummary = z.object({
  id: idOf('per'),
  displayName: z.string(),
  email: z.string().nullable(),
  title: z.string().nullable(),
  department: z.string().nullable(),
  location: z.string().nullable(),
  status: z.string(),
  managerName: z.string().nullable(),
})
export type PersonSummary = z.infer<typeof PersonSummary>

export const Person = PersonSummary.extend({
  login: z.string(),
  oktaUserId: z.string(),
  employeeNumber: z.string().nullable(),
  manager: PersonRef.nullable(),
  /** What the source says of the manager when it names nobody we know, or more than one. */
  managerText: z.string().nullable(),
  reports: z.array(PersonRef),
  attributes: z.record(z.string(), z.unknown()),
  groups: z.array(z.object({ id: idOf('grp'), name: z.string(), type: z.string() })),
  apps: z.array(
    z.object({
      id: idOf('app'),
      name: z.string(),
      signOn: z.string(),
      /** `USER` when assigned directly, `GROUP` when a group gives it. */
      scope: z.string(),
    }),
  ),
  statusChangedAt: instant.nullable(),
  lastLoginAt: instant.nullable(),
  syncedAt: instant,
})
export type Person = z.infer<typeof Person>

export const Group = z.object({
  id: idOf('grp'),
  oktaGroupId: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  /** `OKTA_GROUP`, `APP_GROUP` (fed by an app) or `BUILT_IN`. Only the first can be changed from here. */
  type: z.string(),
  memberCount: z.int(),
})
export type Group = z.infer<typeof Group>

export const App = z.object({
  id: idOf('app'),
  oktaAppId: z.string(),
  name: z.string(),
  signOn: z.string(),
  status: z.string(),
  assignedCount: z.int(),
})
export type App = z.infer<typeof App>

const search = { search: z.string().max(200).optional() }

export const directory = {
  listPeople: route('GET', '/people', { summary: 'People, by name', needs: 'people.read' })
    .input(
      z.object({
        ...search,
        status: z.string().max(40).optional(),
        department: z.string().max(200).optional(),
        groupId: idOf('grp').optional(),
        appId: idOf('app').optional(),
        ...paging,
      }),
    )
    .output(page(PersonSummary)),
  getPeopleFacets: route('GET', '/people-facets', {
    summary: 'How many people there are by status and by department',
    needs: 'people.read',
  }).output(
    z.object({
      total: z.int(),
      byStatus: z.array(z.object({ status: z.string(), count: z.int() })),
      byDepartment: z.array(z.object({ department: z.string(), count: z.int() })),
    }),
  ),
  getPerson: route('GET', '/people/{personId}', { summary: 'One person', needs: 'people.read' })
    .input(z.object({ personId: idOf('per') }))
    .output(Person),

  listGroups: route('GET', '/groups', { summary: 'Groups, by name', needs: 'people.read' })
    .input(z.object({ ...search, type: z.string().max(40).optional(), ...paging }))
    .output(page(Group)),
  getGroup: route('GET', '/groups/{groupId}', { summary: 'One group', needs: 'people.read' })
    .input(z.object({ groupId: idOf('grp') }))
    .output(Group),

  listApps: route('GET', '/apps', { summary: 'Apps, by name', needs: 'people.read' })
    .input(z.object({ ...search, ...paging }))
    .output(page(App)),
  getApp: route('GET', '/apps/{appId}', { summary: 'One app', needs: 'people.read' })
    .input(z.object({ appId: idOf('app') }))
    .output(App),
}
