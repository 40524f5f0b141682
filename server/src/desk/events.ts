/** What happens to requests, in sentences. */
import { defineEvent } from '#platform'

interface Numbered extends Record<string, unknown> {
  number: number
}

export const requestSubmitted = defineEvent<Numbered & { service: string; title: string }>(
  'request.submitted',
  ({ number, service }, actor) => `${actor} submitted request ${number}: ${service}`,
)
export const requestReplied = defineEvent<Numbered>(
  'request.replied',
  ({ number }, actor) => `${actor} replied on request ${number}`,
)
export const requestNoted = defineEvent<Numbered>(
  'request.noted',
  ({ number }, actor) => `${actor} left an internal note on request ${number}`,
)
export const requestAssigned = defineEvent<Numbered & { to: string | null; toSelf: boolean }>(
  'request.assigned',
  ({ number, to, toSelf }, actor) =>
    toSelf
      ? `${actor} took request ${number}`
      : to
        ? `${actor} gave request ${number} to ${to}`
        : `${actor} took request ${number} from its assignee`,
)
export const requestWaits = defineEvent<Numbered & { for: string }>(
  'request.waiting',
  (facts) => `Request ${facts.number} waits for ${facts.for}`,
)
export const requestGoesOn = defineEvent<Numbered>(
  'request.resumed',
  ({ number }) => `Request ${number} goes on`,
)
export const requestClosed = defineEvent<Numbered>(
  'request.closed',
  ({ number }, actor) => `${actor} closed request ${number}`,
)
export const requestReopened = defineEvent<Numbered>(
  'request.reopened',
  ({ number }, actor) => `${actor} opened request ${number} again`,
)
