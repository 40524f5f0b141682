/** The live feed: the server says what changed, and the queries that show it are read again. */
import { LiveHint } from '@keydesk/server/contract/accounts'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api, apiBase } from '../api/client.ts'
import { keysOf, type Part } from './keys.ts'

const restMs = 150

/** Listens as long as the frame is on the page. The browser reconnects with Last-Event-ID by itself. */
export function useLive() {
  const queryClient = useQueryClient()
  useEffect(() => listen(queryClient), [queryClient])
}

function listen(queryClient: QueryClient) {
  const stale = new Set<Part>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let source = open()

  // An import writes many lines in a second; the pages are read again once for all of them.
  function flush() {
    timer = undefined
    for (const part of stale) void queryClient.invalidateQueries({ queryKey: api[part].key() })
    stale.clear()
  }

  function open() {
    const next = new EventSource(`${apiBase}/events/stream`)
    next.addEventListener('message', (message) => {
      const hint = readHint(message.data)
      if (!hint) return
      for (const part of keysOf(hint.type)) stale.add(part)
      timer ??= setTimeout(flush, restMs)
    })
    // After an answer other than 200 the browser gives up for good; the server may only be restarting.
    next.addEventListener('error', () => {
      if (next.readyState !== EventSource.CLOSED) return
      retry = setTimeout(() => {
        source = open()
        void queryClient.invalidateQueries()
      }, 5_000)
    })
    return next
  }

  return () => {
    source.close()
    clearTimeout(timer)
    clearTimeout(retry)
  }
}

function readHint(data: unknown) {
  try {
    return LiveHint.parse(JSON.parse(String(data)))
  } catch {
    return undefined
  }
}
