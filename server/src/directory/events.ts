/** What happens to people, in sentences. */
import { defineEvent } from '#platform'

export const personSynced = defineEvent<{ name: string; from: string; to: string }>(
  'person.status_changed',
  ({ name, from, to }) => `Okta says that ${name} is ${to} now, and no longer ${from}`,
)
