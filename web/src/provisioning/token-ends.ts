/** When credentials end, in words. */
import type { Token } from '@keydesk/server/contract/accounts'

const DAY_MS = 86_400_000

/** How many days a token has left (negative once it has none, null without an end), and the words for it. */
export function endOf({ expiresAt }: Pick<Token, 'expiresAt'>, nowMs = Date.now()) {
  if (!expiresAt) return { days: null, words: 'Works, no end' }
  const end = Date.parse(expiresAt)
  const days = Math.floor((end - nowMs) / DAY_MS)
  if (days < 0) return { days, words: 'Expired' }
  if (days === 0) return { days, words: 'Ends today' }
  return {
    days,
    words: days <= 30 ? `Ends in ${days} ${days === 1 ? 'day' : 'days'}` : `Works until ${day.format(end)}`,
  }
}

/** The same for the tokens of a connection: of those that work, the one that works longest; none is undefined. */
export function longestOf(tokens: readonly Token[], nowMs = Date.now()) {
  return tokens
    .filter(({ revokedAt }) => !revokedAt)
    .map((token) => endOf(token, nowMs))
    .filter(({ days }) => days === null || days >= 0)
    .toSorted((a, b) => (b.days ?? Infinity) - (a.days ?? Infinity))[0]
}

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })
