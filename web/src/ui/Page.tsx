import type { ReactNode } from 'react'
import { type Crumb, Crumbs, Heading, TopActs } from './page-parts.tsx'

export interface PageProps {
  title: string
  /** How many there are in all, beside the title. */
  count?: number | undefined
  crumbs?: readonly Crumb[] | undefined
  acts?: ReactNode
  /** Saved views; see `ViewTabs`. */
  tabs?: ReactNode
  children: ReactNode
}

/** A list: title with count, saved views, filters, table. */
export function Page({ title, count, crumbs, acts, tabs, children }: PageProps) {
  return (
    <div className="kd-page">
      <Crumbs crumbs={crumbs} title={title} />
      <TopActs acts={acts} />
      <Heading title={title} count={count} acts={acts} />
      {tabs}
      {children}
    </div>
  )
}
