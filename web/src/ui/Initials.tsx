/** A person's mark: initials on a soft colour that is theirs for good. The name stands beside it, so it is silent. */
export function Initials({ name, size = 24 }: { name: string; size?: number }) {
  return (
    <span
      className="kd-initials"
      data-hue={hueOf(name)}
      style={{ width: size, height: size, fontSize: Math.round(size * 0.42) }}
      data-initials={initialsOf(name)}
      aria-hidden
    />
  )
}

function initialsOf(name: string) {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => Array.from(word ?? '')[0] ?? '',
  )
  return letters.join('').toUpperCase() || '?'
}

function hueOf(name: string) {
  let hash = 0
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0
  return hash % 8
}
