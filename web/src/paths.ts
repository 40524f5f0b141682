/** The only place where a URL of the console is written. */

/** What the page of a SCIM connection keeps in its URL. */
export interface ConnectionSearch {
  tab?: string | undefined
  outcome?: string | undefined
  method?: string | undefined
  member?: string | undefined
  search?: string | undefined
  call?: string | undefined
}

export const paths = {
  home: () => '/',
  signIn: (to?: string) => query('/sign-in', { to }),
  signInLink: () => '/sign-in/link',

  inbox: (search: { tab?: string } = {}) => query('/inbox', search),

  requests: (search: { status?: string; assignee?: string; search?: string } = {}) =>
    query('/requests', search),
  request: (number: number) => `/requests/${number}`,

  ask: (serviceKey: string) => `/ask/${encodeURIComponent(serviceKey)}`,
  myRequests: () => '/my/requests',
  myRequest: (number: number) => `/my/requests/${number}`,

  people: (search: { status?: string; department?: string; search?: string } = {}) =>
    query('/people', search),
  person: (personId: string) => `/people/${personId}`,
  groups: (search: { type?: string; search?: string } = {}) => query('/groups', search),
  group: (groupId: string) => `/groups/${groupId}`,
  apps: (search: { search?: string } = {}) => query('/apps', search),
  app: (appId: string) => `/apps/${appId}`,

  settings: () => '/settings',
  okta: () => '/settings/okta',
  members: (search: { member?: string } = {}) => query('/settings/members', search),
  roles: () => '/settings/roles',
  provisioning: () => '/settings/provisioning',
  newConnection: () => '/settings/provisioning/new',
  connection: (connectionId: string, search: ConnectionSearch = {}) =>
    query(`/settings/provisioning/${connectionId}`, { ...search }),
  connectionSetUp: (connectionId: string) => `/settings/provisioning/${connectionId}/set-up`,
  tokens: () => '/settings/tokens',
  services: () => '/settings/services',
  audit: (search: { subject?: string; type?: string } = {}) => query('/settings/audit', search),
  profile: () => '/settings/profile',
}

function query(path: string, search: Record<string, string | undefined>) {
  const given = Object.entries(search).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}
