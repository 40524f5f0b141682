const DATE_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/

/** Milliseconds since 1970 of a dateTime (RFC 7643 §2.3.5), read as UTC when it has no zone. */
export function readInstant(text: string): number | undefined {
  const match = DATE_TIME.exec(text)
  if (!match) return undefined
  const instant = Date.parse(text.includes('T') && match[1] === undefined ? `${text}Z` : text)
  return Number.isNaN(instant) ? undefined : instant
}
