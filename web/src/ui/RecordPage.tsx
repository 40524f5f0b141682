import { Tabs, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { type Crumb, Crumbs, useNarrow } from './page-parts.tsx'

export interface RecordPageProps {
  crumbs?: readonly Crumb[] | undefined
  /** An avatar or the mark of a system. */
  mark?: ReactNode
  title: string
  badge?: ReactNode
  meta?: ReactNode
  /** The two or three acts. */
  acts?: ReactNode
  main: ReactNode
  side: ReactNode
  sideLabel: string
  /** What the main column is called where the columns become tabs. */
  mainLabel?: string
}

/** One thing: identity, state and acts above; its story, and its facts beside it. */
export function RecordPage(props: RecordPageProps) {
  const { crumbs, mark, title, badge, meta, acts, main, side, sideLabel, mainLabel = 'Overview' } = props
  const narrow = useNarrow()

  return (
    <div className="kd-page">
      <Crumbs crumbs={crumbs} title={title} />
      <div className="kd-record-header">
        {mark}
        <div className="kd-record-identity">
          <div className="kd-record-title">
            <Title order={1}>{title}</Title>
            {badge}
          </div>
          {meta && <div className="kd-record-meta">{meta}</div>}
        </div>
        {acts && <div className="kd-acts">{acts}</div>}
      </div>
      {narrow ? (
        <Tabs defaultValue="main" keepMounted={false}>
          <Tabs.List grow>
            <Tabs.Tab value="main">{mainLabel}</Tabs.Tab>
            <Tabs.Tab value="side">{sideLabel}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="main" pt="md" className="kd-record-main">
            {main}
          </Tabs.Panel>
          <Tabs.Panel value="side" pt="md" className="kd-record-side">
            {side}
          </Tabs.Panel>
        </Tabs>
      ) : (
        <div className="kd-record-columns">
          <div className="kd-record-main">{main}</div>
          <aside className="kd-record-side" aria-label={sideLabel}>
            {side}
          </aside>
        </div>
      )}
    </div>
  )
}
