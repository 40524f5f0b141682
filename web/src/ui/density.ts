/** How tall a table row is: a setting of the person, kept in the browser. */
import { useMediaQuery } from '@mantine/hooks'
import { useSyncExternalStore } from 'react'

export type Density = 'compact' | 'comfortable'

const key = 'keydesk.density'
const listeners = new Set<() => void>()
let current: Density =
  document.documentElement.dataset['density'] === 'comfortable' ? 'comfortable' : 'compact'

export function useDensity(): Density {
  return useSyncExternalStore(subscribe, () => current)
}

export function setDensity(density: Density) {
  current = density
  document.documentElement.dataset['density'] = density
  try {
    localStorage.setItem(key, density)
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  for (const listener of listeners) listener()
}

/** A finger needs 44 px whatever was chosen. */
export function useRowHeight() {
  const phone = usePhone()
  return useDensity() === 'comfortable' || phone ? 44 : 36
}

export function usePhone() {
  return useMediaQuery('(max-width: 47.99em)', undefined, { getInitialValueInEffect: false }) ?? false
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
