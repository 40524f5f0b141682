/** The overlay that lists every key, opened from anywhere. */

const listeners = new Set<() => void>()

export function openShortcutHelp() {
  for (const listener of listeners) listener()
}

export function onShortcutHelp(listener: () => void) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
