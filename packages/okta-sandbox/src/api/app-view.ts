/** Apps, and a person's or a group's hold on one, as Okta prints them. */
import { type App, type AppUser, findAppUser, type GroupAssignment, rows, type User } from '../org.ts'
import { linkOf } from '../provisioner/links.ts'
import type { Call } from '../world.ts'

export function viewApp(call: Call, app: App) {
  const self = `${call.base}/api/v1/apps/${app.id}`
  const allow = (...methods: string[]) => ({ hints: { allow: methods } })
  return {
    id: app.id,
    orn: `orn:okta:idp:${call.org.id}:apps:${app.name}:${app.id}`,
    name: app.name,
    label: app.label,
    status: app.status,
    lastUpdated: app.lastUpdated,
    created: app.created,
    accessibility: { selfService: false, errorRedirectUrl: null, loginRedirectUrl: null },
    visibility: {
      autoLaunch: false,
      autoSubmitToolbar: false,
      hide: { iOS: false, web: false },
      appLinks: { [`${app.name}_link`]: true },
    },
    features: app.features,
    signOnMode: app.signOnMode,
    credentials: credentialsOf(app),
    settings: settingsOf(app),
    _links: {
      self: { href: self },
      logo: [{ name: 'medium', href: `${call.base}/assets/${app.name}.png`, type: 'image/png' }],
      appLinks: [
        { name: `${app.name}_link`, href: `${call.base}/home/${app.name}/${app.id}/aln`, type: 'text/html' },
      ],
      users: { href: `${self}/users`, ...allow('GET') },
      groups: { href: `${self}/groups`, ...allow('GET') },
      deactivate: { href: `${self}/lifecycle/deactivate`, ...allow('POST') },
    },
  }
}

function credentialsOf(app: App) {
  const shared = {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Okta's own expression language.
    userNameTemplate: { template: '${source.login}', type: 'BUILT_IN' },
    signing: { kid: `kid-${app.id.slice(3, 13)}` },
  }
  if (app.signOnMode === 'OPENID_CONNECT')
    return {
      ...shared,
      oauthClient: {
        autoKeyRotation: true,
        client_id: app.id,
        token_endpoint_auth_method: 'client_secret_basic',
      },
    }
  const byUser = app.signOnMode === 'BROWSER_PLUGIN' || app.signOnMode === 'SECURE_PASSWORD_STORE'
  return byUser ? { ...shared, scheme: 'EDIT_USERNAME_AND_PASSWORD', revealPassword: false } : shared
}

function settingsOf(app: App) {
  const shared = {
    app: formOf(app),
    implicitAssignment: app.implicitAssignment,
    notifications: { vpn: { network: { connection: 'DISABLED' }, message: null, helpUrl: null } },
    notes: { admin: null, enduser: null },
  }
  if (app.signOnMode !== 'OPENID_CONNECT') return shared
  const oauthClient = {
    client_uri: app.url,
    redirect_uris: [`${app.url}callback`],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    application_type: 'web',
  }
  return { ...shared, oauthClient }
}

/** Where a bookmark leads, or which fields of a page are filled in. */
function formOf(app: App): object {
  const fields = { url: app.url, usernameField: '#user', passwordField: '#password' }
  if (app.signOnMode === 'BOOKMARK') return { requestIntegration: false, url: app.url }
  if (app.signOnMode === 'BROWSER_PLUGIN') return { ...fields, buttonField: '#submit' }
  return app.signOnMode === 'SECURE_PASSWORD_STORE' ? fields : {}
}

/** One person's hold on an app. For the provisioned app the state of provisioning shines through. */
export function viewAppUser(call: Call, app: App, held: AppUser) {
  const { user, direct } = held
  const link = app.id === call.org.keydeskApp ? linkOf(call.org, user.id) : undefined
  const provisioned = link && {
    status: link.error ? 'STAGED' : 'PROVISIONED',
    syncState: link.error ? 'ERROR' : 'SYNCHRONIZED',
  }
  const href = (path: string) => ({ href: `${call.base}/api/v1/${path}` })
  return {
    id: user.id,
    externalId: link?.externalId ?? null,
    created: held.created,
    lastUpdated: direct?.lastUpdated ?? held.created,
    scope: held.scope,
    status: provisioned?.status ?? 'ACTIVE',
    statusChanged: held.created,
    passwordChanged: null,
    syncState: provisioned?.syncState ?? 'DISABLED',
    ...(link?.lastSync && { lastSync: link.lastSync }),
    credentials: { userName: direct?.userName ?? user.profile['login'] },
    profile: direct?.profile ?? {},
    _links: { app: href(`apps/${app.id}`), user: href(`users/${user.id}`) },
  }
}

export function viewAppGroup(call: Call, appId: string, groupId: string, held: GroupAssignment) {
  const href = (path: string) => ({ href: `${call.base}/api/v1/${path}` })
  return {
    id: groupId,
    lastUpdated: held.lastUpdated,
    priority: held.priority,
    profile: held.profile,
    _links: {
      app: href(`apps/${appId}`),
      self: href(`apps/${appId}/groups/${groupId}`),
      group: href(`groups/${groupId}`),
    },
  }
}

/** The tiles of a person's dashboard: one per app held, with no word about why. */
export function viewAppLinks(call: Call, user: User) {
  return rows(call.org.apps)
    .filter((app) => app.status === 'ACTIVE' && findAppUser(call.org, app.id, user))
    .map((app, sortOrder) => ({
      id: `${app.id.replace('0oa', '00l')}`,
      label: app.label,
      linkUrl: `${call.base}/home/${app.name}/${app.id}/aln`,
      logoUrl: `${call.base}/assets/${app.name}.png`,
      appName: app.name,
      appInstanceId: app.id,
      appAssignmentId: `0ua${user.id.slice(3, 13)}${app.id.slice(13)}`,
      credentialsSetup: false,
      hidden: app.name === 'saasure' || app.name === 'okta_enduser',
      sortOrder,
    }))
}
