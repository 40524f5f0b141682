import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'

/** A page that went away took the focus with it: the new page receives it, so Tab goes on from there. */
export function useFocusAfterNavigation() {
  const router = useRouter()
  useEffect(
    () =>
      router.subscribe('onRendered', ({ pathChanged, fromLocation }) => {
        // The first page leaves the focus at the top, where the skip link is.
        if (!fromLocation || !pathChanged || document.activeElement !== document.body) return
        document.getElementById('main')?.focus({ preventScroll: true })
      }),
    [router],
  )
}
