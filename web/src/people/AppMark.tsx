/** An app's mark: its first letter in a square, so that apps and people look different at a glance. */
export function AppMark({ name, size = 24 }: { name: string; size?: number }) {
  return (
    <span
      className="kd-app-mark"
      style={{ width: size, height: size, fontSize: Math.round(size * 0.5) }}
      aria-hidden
    >
      {Array.from(name.trim())[0]?.toUpperCase() ?? '?'}
    </span>
  )
}
