/** Sentences and button labels of the desk that are put together from names. */
import type { CatalogueEntry } from '@keydesk/server/contract/actions'

/** "Reset MFA" and Ada make "Reset MFA for Ada"; "Suspend user" and Ada make "Suspend Ada". */
export function actFor(label: string, name: string) {
  return /\buser\b/i.test(label) ? label.replace(/\buser\b/i, name) : `${label} for ${name}`
}

const KINDS = [
  { prefix: 'okta.user.', title: 'Account' },
  { prefix: 'okta.group.', title: 'Groups' },
  { prefix: 'okta.app.', title: 'Apps' },
]

/** The catalogue by what the actions change, those that do harm last. */
export function byKind(entries: readonly CatalogueEntry[]) {
  const titled = KINDS.map(({ prefix, title }) => ({
    title,
    entries: entries.filter((entry) => entry.id.startsWith(prefix)),
  }))
  const rest = entries.filter((entry) => !KINDS.some(({ prefix }) => entry.id.startsWith(prefix)))

  return [...titled, { title: 'More', entries: rest }]
    .filter((kind) => kind.entries.length > 0)
    .map((kind) => ({
      ...kind,
      entries: kind.entries.toSorted((a, b) => Number(a.dangerous) - Number(b.dangerous)),
    }))
}

/** A label inside a sentence: "Reset MFA" begins small, "MFA reset" keeps its capitals. */
export function inSentence(label: string) {
  return /^\p{Lu}\p{Ll}/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label
}

/** Okta's `LOCKED_OUT` as "Locked out". A status unknown to us reads the same way. */
export function inWords(status: string) {
  const words = status.replaceAll('_', ' ').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
