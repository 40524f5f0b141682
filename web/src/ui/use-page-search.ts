/** The state of a page that its URL holds. */
import { useLocation, useRouter } from '@tanstack/react-router'
import { useCallback } from 'react'
import type * as z from 'zod'

type Given<T> = { [K in keyof T]?: T[K] | undefined }

/**
 * Reads the URL's search through a schema, and changes it. Typing replaces the entry of the history; a choice
 * adds one. What the schema refuses counts as not given.
 */
export function usePageSearch<S extends z.ZodObject>(schema: S) {
  const router = useRouter()
  const given = useLocation({ select: (location) => location.search as Record<string, unknown> })
  const parsed = schema.partial().safeParse(given)
  const search = (parsed.success ? parsed.data : {}) as Given<z.infer<S>>

  const setSearch = useCallback(
    (change: Given<z.infer<S>>, how: { replace?: boolean } = {}) => {
      const url = new URL(window.location.href)
      for (const [key, value] of Object.entries(change)) {
        if (value === undefined || value === '' || value === null) url.searchParams.delete(key)
        else url.searchParams.set(key, String(value))
      }
      const to = url.pathname + url.search
      if (how.replace) router.history.replace(to)
      else router.history.push(to)
    },
    [router],
  )

  return [search, setSearch] as const
}
