import { createSpotlight } from '@mantine/spotlight'

/** The command palette's state, and what opens it. */
export const [paletteStore, palette] = createSpotlight()

/** Selects its first entry unless one is selected. Mantine marks the chosen one in the page itself. */
export function selectFirstEntry() {
  const entries = [...document.querySelectorAll('[data-action]')]
  if (entries.some((entry) => entry.hasAttribute('data-selected'))) return
  entries[0]?.setAttribute('data-selected', 'true')
  paletteStore.updateState((state) => ({ ...state, selected: 0 }))
}
