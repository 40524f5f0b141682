/** The whole site on one page: each address, what it needs, and the page that answers. */
import type { Permission } from '@keydesk/server/contract/accounts'
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent as lazy,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import * as z from 'zod'
import { problemOf } from './api/problem.ts'
import { FailedPage } from './frame/FailedPage.tsx'
import { Frame } from './frame/Frame.tsx'
import { Needs } from './frame/Needs.tsx'
import { NotFoundPage } from './frame/NotFoundPage.tsx'
import { PendingPage } from './frame/PendingPage.tsx'
import { viewOf } from './frame/view.ts'
import { paths } from './paths.ts'
import { sessionQuery } from './session/session.ts'

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
})

const word = z.string().max(200).optional().catch(undefined)

// Before anybody is known.

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  // The way back to a program that asks to come in carries all that it asked.
  validateSearch: z.object({ to: z.string().max(4000).optional().catch(undefined) }),
  component: lazy(() => import('./session/SignInPage.tsx'), 'SignInPage'),
})
const signInLink = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/link',
  component: lazy(() => import('./session/SignInLinkPage.tsx'), 'SignInLinkPage'),
})

// With a session.

const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery).catch((error: unknown) => {
      if (problemOf(error).status === 401) throw redirect({ href: paths.signIn(location.href) })
      throw error
    })
    return { session }
  },
  component: Frame,
  errorComponent: FailedPage,
})

const home = createRoute({
  getParentRoute: () => frame,
  path: '/',
  beforeLoad: ({ context }) => {
    if (viewOf(context.session) === 'console') throw redirect({ href: paths.inbox() })
  },
  component: lazy(() => import('./desk/PortalHomePage.tsx'), 'PortalHomePage'),
})
const ask = createRoute({
  getParentRoute: () => frame,
  path: '/ask/$serviceKey',
  component: lazy(() => import('./desk/AskPage.tsx'), 'AskPage'),
})
const myRequests = createRoute({
  getParentRoute: () => frame,
  path: '/my/requests',
  component: lazy(() => import('./desk/MyRequestsPage.tsx'), 'MyRequestsPage'),
})
const myRequest = createRoute({
  getParentRoute: () => frame,
  path: '/my/requests/$number',
  component: lazy(() => import('./desk/RequestPage.tsx'), 'RequestPage'),
})
const inbox = createRoute({
  getParentRoute: () => frame,
  path: '/inbox',
  validateSearch: z.object({ tab: word, view: word }),
  component: lazy(() => import('./inbox/InboxPage.tsx'), 'InboxPage'),
})

const requestsReader = needs('requests.read')
const requests = createRoute({
  getParentRoute: () => requestsReader,
  path: '/requests',
  validateSearch: z.object({ view: word, status: word, assignee: word, search: word }),
  component: lazy(() => import('./desk/RequestsPage.tsx'), 'RequestsPage'),
})
const request = createRoute({
  getParentRoute: () => requestsReader,
  path: '/requests/$number',
  component: lazy(() => import('./desk/RequestPage.tsx'), 'RequestPage'),
})
const members = createRoute({
  getParentRoute: () => requestsReader,
  path: '/settings/members',
  validateSearch: z.object({ search: word, member: word }),
  component: lazy(() => import('./settings/MembersPage.tsx'), 'MembersPage'),
})
const roles = createRoute({
  getParentRoute: () => requestsReader,
  path: '/settings/roles',
  component: lazy(() => import('./settings/RolesPage.tsx'), 'RolesPage'),
})
const services = createRoute({
  getParentRoute: () => requestsReader,
  path: '/settings/services',
  component: lazy(() => import('./settings/ServicesPage.tsx'), 'ServicesPage'),
})

const peopleReader = needs('people.read')
const people = createRoute({
  getParentRoute: () => peopleReader,
  path: '/people',
  validateSearch: z.object({ status: word, department: word, search: word }),
  component: lazy(() => import('./people/PeoplePage.tsx'), 'PeoplePage'),
})
const person = createRoute({
  getParentRoute: () => peopleReader,
  path: '/people/$personId',
  component: lazy(() => import('./people/PersonPage.tsx'), 'PersonPage'),
})
const groups = createRoute({
  getParentRoute: () => peopleReader,
  path: '/groups',
  validateSearch: z.object({ type: word, search: word }),
  component: lazy(() => import('./people/GroupsPage.tsx'), 'GroupsPage'),
})
const group = createRoute({
  getParentRoute: () => peopleReader,
  path: '/groups/$groupId',
  validateSearch: z.object({ search: word }),
  component: lazy(() => import('./people/GroupPage.tsx'), 'GroupPage'),
})
const apps = createRoute({
  getParentRoute: () => peopleReader,
  path: '/apps',
  validateSearch: z.object({ search: word }),
  component: lazy(() => import('./people/AppsPage.tsx'), 'AppsPage'),
})
const app = createRoute({
  getParentRoute: () => peopleReader,
  path: '/apps/$appId',
  validateSearch: z.object({ search: word }),
  component: lazy(() => import('./people/AppPage.tsx'), 'AppPage'),
})
const okta = createRoute({
  getParentRoute: () => peopleReader,
  path: '/settings/okta',
  component: lazy(() => import('./settings/OktaPage.tsx'), 'OktaPage'),
})

const tokenKeeper = needs('tokens.manage')
const provisioning = createRoute({
  getParentRoute: () => tokenKeeper,
  path: '/settings/provisioning',
  component: lazy(() => import('./provisioning/ConnectionsPage.tsx'), 'ConnectionsPage'),
})
const newConnection = createRoute({
  getParentRoute: () => tokenKeeper,
  path: '/settings/provisioning/new',
  component: lazy(() => import('./provisioning/NewConnectionPage.tsx'), 'NewConnectionPage'),
})
const connection = createRoute({
  getParentRoute: () => tokenKeeper,
  path: '/settings/provisioning/$connectionId',
  validateSearch: z.object({
    tab: word,
    outcome: word,
    method: word,
    member: word,
    search: word,
    call: word,
  }),
  component: lazy(() => import('./provisioning/ConnectionPage.tsx'), 'ConnectionPage'),
})
const connectionSetUp = createRoute({
  getParentRoute: () => tokenKeeper,
  path: '/settings/provisioning/$connectionId/set-up',
  component: lazy(() => import('./provisioning/SetUpPage.tsx'), 'SetUpPage'),
})
const tokens = createRoute({
  getParentRoute: () => tokenKeeper,
  path: '/settings/tokens',
  component: lazy(() => import('./settings/TokensPage.tsx'), 'TokensPage'),
})

const auditor = needs('audit.read')
const audit = createRoute({
  getParentRoute: () => auditor,
  path: '/settings/audit',
  validateSearch: z.object({ subject: word, type: word }),
  component: lazy(() => import('./settings/AuditPage.tsx'), 'AuditPage'),
})

const settings = createRoute({
  getParentRoute: () => frame,
  path: '/settings',
  component: lazy(() => import('./settings/SettingsHomePage.tsx'), 'SettingsHomePage'),
})
const profile = createRoute({
  getParentRoute: () => frame,
  path: '/settings/profile',
  component: lazy(() => import('./settings/ProfilePage.tsx'), 'ProfilePage'),
})

const unknown = createRoute({ getParentRoute: () => frame, path: '/$', component: NotFoundPage })

const routeTree = root.addChildren([
  signIn,
  signInLink,
  frame.addChildren([
    home,
    ask,
    myRequests,
    myRequest,
    inbox,
    settings,
    profile,
    unknown,
    requestsReader.addChildren([requests, request, members, roles, services]),
    peopleReader.addChildren([people, person, groups, group, apps, app, okta]),
    tokenKeeper.addChildren([provisioning, newConnection, connection, connectionSetUp, tokens]),
    auditor.addChildren([audit]),
  ]),
])

/** Pages below it open only for those who hold the permission; others are told what it is. */
function needs<P extends Permission>(permission: P) {
  return createRoute({
    getParentRoute: () => frame,
    id: permission,
    component: () => (
      <Needs permission={permission}>
        <Outlet />
      </Needs>
    ),
  })
}

export function createConsoleRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    scrollRestoration: true,
    defaultPendingComponent: PendingPage,
    defaultPendingMs: 200,
    defaultPendingMinMs: 0,
    defaultErrorComponent: FailedPage,
    defaultNotFoundComponent: NotFoundPage,
    // Search parameters are plain words, so that a URL reads well and can be typed.
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch: (search) => {
      const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
      const params = new URLSearchParams(given.map(([key, value]) => [key, String(value)]))
      return params.size === 0 ? '' : `?${params}`
    },
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}
