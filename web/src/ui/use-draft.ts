/** What somebody typed, kept in the tab until it is sent: a lost session loses no words. */
import { useEffect, useState } from 'react'

/** Like `useState`, but a reload and a new sign-in keep the value. `clear` when it was sent. */
export function useDraft<T>(key: string, initial: T): [T, (next: T) => void, () => void] {
  const name = `keydesk.draft.${key}`
  const [value, setValue] = useState<T>(() => read(name) ?? initial)

  useEffect(() => {
    try {
      if (JSON.stringify(value) === JSON.stringify(initial)) sessionStorage.removeItem(name)
      else sessionStorage.setItem(name, JSON.stringify(value))
    } catch {
      // Without storage the draft lasts as long as the page.
    }
  }, [name, value, initial])

  return [value, setValue, () => setValue(initial)]
}

function read<T>(name: string): T | undefined {
  try {
    const stored = sessionStorage.getItem(name)
    return stored === null ? undefined : (JSON.parse(stored) as T)
  } catch {
    return undefined
  }
}
