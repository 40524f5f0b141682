import { Tooltip } from '@mantine/core'
import { useLocation } from '@tanstack/react-router'
import { AppLink } from '../ui/index.ts'
import { type Entry, isHere } from './entries.ts'
import { useWaitingCount } from './use-waiting-count.ts'

/** One entry of the navigation; `bare` shows its icon alone, with the word on hover. */
export function NavLink({ entry, bare = false }: { entry: Entry; bare?: boolean }) {
  const pathname = useLocation({ select: (location) => location.pathname })
  const waiting = useWaitingCount()
  const count = entry.counted && waiting > 0 ? waiting : undefined
  const Icon = entry.icon

  const link = (
    <AppLink
      to={entry.to}
      className="kd-nav-link"
      aria-current={isHere(entry, pathname) ? 'page' : undefined}
      aria-label={bare ? nameOf(entry, count) : undefined}
    >
      <Icon size={bare ? 20 : 16} stroke={1.5} aria-hidden />
      {!bare && <span>{entry.label}</span>}
      {count !== undefined && (
        <span className="kd-nav-count" title={`${count} waiting for you`}>
          {count}
        </span>
      )}
    </AppLink>
  )
  return bare ? (
    <Tooltip label={entry.label} position="right">
      {link}
    </Tooltip>
  ) : (
    link
  )
}

function nameOf({ label }: Entry, count: number | undefined) {
  return count === undefined ? label : `${label}, ${count} waiting for you`
}
