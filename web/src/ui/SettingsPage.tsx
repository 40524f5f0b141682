import type { ReactNode } from 'react'
import { type Crumb, Crumbs, Heading, TopActs } from './page-parts.tsx'

export interface SettingsPageProps {
  title: string
  /** What this page is for, in a sentence or two. */
  lead?: ReactNode
  crumbs?: readonly Crumb[] | undefined
  acts?: ReactNode
  /** For pages whose matter is a table. */
  wide?: boolean
  children: ReactNode
}

/** One narrow column of sections. */
export function SettingsPage({ title, lead, crumbs, acts, wide = false, children }: SettingsPageProps) {
  return (
    <div className={wide ? 'kd-page' : 'kd-page kd-page-narrow'}>
      <Crumbs crumbs={crumbs} title={title} />
      <TopActs acts={acts} />
      <Heading title={title} acts={acts} />
      {lead && <p className="kd-lead">{lead}</p>}
      {children}
    </div>
  )
}
