import { useEffect, useRef } from 'react'
import { AppLink } from './AppLink.tsx'

export interface View {
  key: string
  label: string
  to: string
  count?: number | undefined
}

/** Saved views of a list: each is a URL. The chosen one is always in sight, however many there are. */
export function ViewTabs({
  label,
  views,
  active,
}: {
  label: string
  views: readonly View[]
  active: string
}) {
  const nav = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the mark is in the page only once it was drawn
  useEffect(() => {
    const chosen = nav.current?.querySelector('[aria-current]')
    chosen?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [active, views.length])

  return (
    <nav className="kd-views" aria-label={label} ref={nav}>
      {views.map((view) => (
        <AppLink key={view.key} to={view.to} aria-current={view.key === active ? 'page' : undefined}>
          {view.label}
          {view.count !== undefined && <span className="kd-count">{view.count.toLocaleString()}</span>}
        </AppLink>
      ))}
    </nav>
  )
}
