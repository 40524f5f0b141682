import { AppLink } from './AppLink.tsx'

export interface View {
  key: string
  label: string
  to: string
  count?: number | undefined
}

/** Saved views of a list: each is a URL. */
export function ViewTabs({
  label,
  views,
  active,
}: {
  label: string
  views: readonly View[]
  active: string
}) {
  return (
    <nav className="kd-views" aria-label={label}>
      {views.map((view) => (
        <AppLink key={view.key} to={view.to} aria-current={view.key === active ? 'page' : undefined}>
          {view.label}
          {view.count !== undefined && <span className="kd-count">{view.count.toLocaleString()}</span>}
        </AppLink>
      ))}
    </nav>
  )
}
