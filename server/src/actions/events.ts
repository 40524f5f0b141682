/** What happens to actions, in sentences. None of them holds more than a timeline may show. */
import { defineEvent } from '#platform'

interface About extends Record<string, unknown> {
  label: string
  target: string
}

export const actionPlanned = defineEvent<About & { summary: string; asks: string | null }>(
  'action.planned',
  ({ label, target, asks }, actor) =>
    `${actor} wants to do “${label}” for ${target}${asks ? `; ${asks} has to approve` : ''}`,
)
export const actionSent = defineEvent<About>(
  'action.sent',
  ({ label, target }) => `“${label}” for ${target} is on its way to Okta`,
)
export const actionDone = defineEvent<About & { summary: string; evidence: string | null }>(
  'action.done',
  ({ label, target, evidence }) => `“${label}” for ${target} is done${evidence ? `. ${evidence}` : ''}`,
)
export const actionNotNeeded = defineEvent<About & { summary: string }>(
  'action.not_needed',
  ({ label, target, summary }) => `“${label}” for ${target} was not needed: ${summary}`,
)
export const actionFailed = defineEvent<
  About & { message: string; code: string | null; status: number | null; remedy: string }
>(
  'action.failed',
  ({ label, target, message, code }) =>
    `“${label}” for ${target} was not done: ${message}${code ? ` (${code})` : ''}`,
)
export const actionDeclined = defineEvent<About>(
  'action.declined',
  ({ label, target }) => `“${label}” for ${target} was declined and is not done`,
)
export const actionUnknown = defineEvent<About>(
  'action.unknown',
  ({ label, target }) =>
    `“${label}” for ${target} was sent, and no answer came. Keydesk looks in Okta whether it took effect`,
)
export const actionUnclear = defineEvent<About & { evidence: string }>(
  'action.unclear',
  ({ label, target, evidence }) =>
    `Whether “${label}” for ${target} took effect could not be told. ${evidence} Somebody has to look`,
)
export const actionSettled = defineEvent<About & { outcome: string; note: string }>(
  'action.settled',
  ({ label, target, outcome, note }, actor) =>
    `${actor} looked and says that “${label}” for ${target} was ${outcome === 'done' ? 'done' : 'not done'}${note ? `: ${note}` : ''}`,
)
export const actionUndone = defineEvent<About>(
  'action.undone',
  ({ label, target }, actor) => `${actor} took “${label}” for ${target} back`,
)
export const gateChanged = defineEvent<{ label: string; gate: string }>(
  'action.gate_changed',
  ({ label, gate }, actor) =>
    gate === 'manager'
      ? `${actor} made “${label}” wait for the manager's approval`
      : `${actor} let “${label}” run without approval`,
)
