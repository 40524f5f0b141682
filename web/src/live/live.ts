/** The live feed: the server says what changed, and the queries that show it are read again. */
import { LiveHint } from '@keydesk/server/contract/accounts'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api, apiBase } from '../api/client.ts'
import { keysOf, type Part } from './keys.ts'

const restMs = 150
const retryMs = 5_000
const hiddenMs = 30_000

/** Listens as long as the frame is on the page. The browser reconnects with Last-Event-ID by itself. */
export function useLive() {
  const queryClient = useQueryClient()
  useEffect(() => listen(queryClient), [queryClient])
}

function listen(queryClient: QueryClient) {
  const hints = collectHints(queryClient)
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function open() {
    const next = new EventSource(`${apiBase}/events/stream`)
    next.addEventListener('message', ({ data }) => hints.add(data))
    next.addEventListener('error', () => next.readyState === EventSource.CLOSED && again())
    source = next
  }

  // After an answer other than 200 the browser gives up for good. Either the server restarts, or the session
  // ended: reading the session again finds that out.
  function again() {
    void queryClient.invalidateQueries({ queryKey: api.accounts.getSession.key() })
    timer = setTimeout(catchUp, retryMs)
  }

  function catchUp() {
    open()
    void queryClient.invalidateQueries()
  }

  // A browser keeps six connections to a server for all its tabs, so a tab nobody looks at gives its own back.
  function onVisibility() {
    clearTimeout(timer)
    if (document.hidden) timer = setTimeout(() => source?.close(), hiddenMs)
    else if (source?.readyState === EventSource.CLOSED) catchUp()
  }

  open()
  document.addEventListener('visibilitychange', onVisibility)
  return () => {
    document.removeEventListener('visibilitychange', onVisibility)
    clearTimeout(timer)
    source?.close()
    hints.stop()
  }
}

/** An import writes many lines in a second; the pages are read again once for all of them. */
function collectHints(queryClient: QueryClient) {
  const stale = new Set<Part>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function flush() {
    timer = undefined
    for (const part of stale) void queryClient.invalidateQueries({ queryKey: api[part].key() })
    stale.clear()
  }

  return {
    add(data: unknown) {
      const hint = readHint(data)
      if (!hint) return
      for (const part of keysOf(hint.type)) stale.add(part)
      timer ??= setTimeout(flush, restMs)
    },
    stop: () => clearTimeout(timer),
  }
}

function readHint(data: unknown) {
  try {
    return LiveHint.parse(JSON.parse(String(data)))
  } catch {
    return undefined
  }
}
