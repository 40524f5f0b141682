/** Okta's states of a person, in words. A state we do not know is shown as Okta writes it. */
import type { StateTone } from '../ui/index.ts'

interface PersonState {
  label: string
  tone: StateTone
  /** What it means for the person. */
  hint: string
}

const states: Record<string, PersonState> = {
  ACTIVE: { label: 'Active', tone: 'done', hint: 'Can sign in.' },
  PROVISIONED: {
    label: 'Provisioned',
    tone: 'waiting',
    hint: 'The account is activated; the person has yet to set it up.',
  },
  STAGED: { label: 'Staged', tone: 'off', hint: 'The account exists and is not activated yet.' },
  PASSWORD_EXPIRED: {
    label: 'Password expired',
    tone: 'waiting',
    hint: 'Must choose a new password at the next sign-in.',
  },
  RECOVERY: {
    label: 'Recovery',
    tone: 'waiting',
    hint: 'A password reset was sent; the person has yet to finish it.',
  },
  LOCKED_OUT: {
    label: 'Locked out',
    tone: 'failed',
    hint: 'Too many wrong passwords. Cannot sign in until unlocked.',
  },
  SUSPENDED: {
    label: 'Suspended',
    tone: 'off',
    hint: 'Cannot sign in; groups and apps are kept and return with the person.',
  },
  DEPROVISIONED: {
    label: 'Deprovisioned',
    tone: 'off',
    hint: 'Deactivated: cannot sign in, and app assignments are gone.',
  },
}

export function personState(status: string): PersonState {
  return states[status] ?? { label: sentenceCase(status), tone: 'off', hint: `Okta says ${status}.` }
}

function sentenceCase(status: string) {
  const words = status.replaceAll('_', ' ').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
