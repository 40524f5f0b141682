import type { ReactNode } from 'react'

/** The line above a table: search, then filters. */
export function Toolbar({ children }: { children: ReactNode }) {
  return <div className="kd-toolbar">{children}</div>
}
