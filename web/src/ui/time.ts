/** Times as people say them. */

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' })
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export function agoOf(at: string, nowMs: number): string {
  const seconds = Math.round((Date.parse(at) - nowMs) / 1000)
  const size = Math.abs(seconds)
  if (size < 45) return seconds > 5 ? 'in a moment' : 'just now'
  if (size < HOUR) return relative.format(Math.trunc(seconds / MINUTE) || Math.sign(seconds), 'minute')
  if (size < DAY) return relative.format(Math.trunc(seconds / HOUR), 'hour')
  if (size < 30 * DAY) return relative.format(Math.trunc(seconds / DAY), 'day')
  return day.format(new Date(at))
}

/** Seconds as "40 s", "3 min", "1 h 20 min". */
export function durationOf(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const rest = minutes % 60
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`
}
