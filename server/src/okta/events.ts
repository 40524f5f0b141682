/** What happens to connections and imports, in sentences. */
import { defineEvent } from '#platform'

type Connected = { domain: string }

export const oktaConnected = defineEvent<Connected>(
  'okta.connected',
  ({ domain }, actor) => `${actor} connected Okta at ${domain}`,
)
export const oktaCredentialsSet = defineEvent<Connected>(
  'okta.credentials_set',
  ({ domain }, actor) => `${actor} gave new credentials for Okta at ${domain}`,
)
export const oktaBroken = defineEvent<Connected & { reason: string }>(
  'okta.connection_broken',
  ({ domain, reason }) => `The connection to Okta at ${domain} no longer works: ${reason}`,
)
export const oktaDisconnected = defineEvent<Connected>(
  'okta.disconnected',
  ({ domain }, actor) => `${actor} disconnected Okta at ${domain}; what was imported stays readable`,
)
export const importStarted = defineEvent<Connected>(
  'okta.import.started',
  ({ domain }, actor) => `${actor} began to import the directory of ${domain}`,
)
export const importCompleted = defineEvent<
  Connected & { users: number; groups: number; apps: number; seconds: number; gone: number }
>(
  'okta.import.completed',
  ({ domain, users, groups, apps, seconds, gone }) =>
    `The import of ${domain} is complete: ${users} people, ${groups} groups and ${apps} apps in ${seconds} s` +
    (gone > 0 ? `; ${gone} that were there before are gone` : ''),
)
export const importFailed = defineEvent<Connected & { message: string }>(
  'okta.import.failed',
  ({ domain, message }) => `The import of ${domain} failed: ${message}`,
)
