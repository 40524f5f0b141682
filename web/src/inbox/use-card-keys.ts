/** Walks the cards of a list by keyboard: `j`, `k`, and `a` for the first button of the card in focus. */
import { useEffect, useRef } from 'react'
import { isTyping } from '../ui/index.ts'

export function useCardKeys() {
  const list = useRef<HTMLDivElement>(null)

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const cards = Array.from(list.current?.querySelectorAll<HTMLElement>('article') ?? [])
      const at = cards.findIndex((card) => card.contains(document.activeElement))

      if (event.key === 'j') focus(cards[Math.min(at + 1, cards.length - 1)])
      else if (event.key === 'k') focus(cards[Math.max(at - 1, 0)])
      else if (event.key === 'a' && at >= 0) {
        event.preventDefault()
        cards[at]?.querySelector<HTMLElement>('button[data-approve]')?.click()
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])

  return list
}

function focus(card: HTMLElement | undefined) {
  if (!card) return
  card.tabIndex = -1
  card.focus()
  card.scrollIntoView({ block: 'nearest' })
}
