/** Counts, names, durations and paths, as people read them. */

/** "1 person", "12 people". */
export function counted(count: number, one: string, many: string) {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`
}

/** "Ada, Grace and 3 more". */
export function someOf(names: readonly string[], most = 5) {
  const shown = names.slice(0, most)
  const rest = names.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${rest.toLocaleString()} more`
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

/** How long a call took. */
export function tookOf(milliseconds: number) {
  return milliseconds < 10
    ? `${milliseconds.toFixed(1)} ms`
    : `${Math.round(milliseconds).toLocaleString()} ms`
}

/** A path as people read it: `filter=userName eq "ada"` instead of its percent signs. */
export function readablePath(path: string) {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '))
  } catch {
    return path
  }
}
