import { useSyncExternalStore } from 'react'
import { agoOf } from './time.ts'

/** How long ago, ticking; the exact time on hover. */
export function Ago({ at }: { at: string | null | undefined }) {
  const now = useSyncExternalStore(subscribe, () => minute)
  if (!at) return <span className="kd-dim">Never</span>

  const exact = exactTime.format(new Date(at))
  return (
    <time className="kd-ago" dateTime={at} title={exact}>
      {agoOf(at, Math.max(now, Date.now()))}
    </time>
  )
}

const exactTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })

let minute = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

// One timer for all the times of a page, and none when there are none.
function subscribe(listener: () => void) {
  listeners.add(listener)
  timer ??= setInterval(() => {
    minute = Date.now()
    for (const each of listeners) each()
  }, 15_000)

  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
