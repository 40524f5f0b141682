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
  /** Parts of the record, each with a URL: see `ViewTabs`. The facts then stand below where there is one column. */
  tabs?: ReactNode
  main: ReactNode
  side?: ReactNode
  sideLabel?: string
  /** What the main column is called where the columns become tabs. */
  mainLabel?: string
}

/** One thing: identity, state and acts above; its story, and its facts beside it. */
export function RecordPage(props: RecordPageProps) {
  const { crumbs, mark, title, badge, meta, acts, tabs, ...columns } = props

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
      {tabs}
      <Columns {...columns} stacked={tabs !== undefined} />
    </div>
  )
}

type ColumnsProps = Pick<RecordPageProps, 'main' | 'side' | 'sideLabel' | 'mainLabel'> & { stacked: boolean }

function Columns({ main, side, sideLabel, mainLabel = 'Overview', stacked }: ColumnsProps) {
  const narrow = useNarrow()
  if (!side) return <div className="kd-record-main">{main}</div>
  if (narrow && !stacked)
    return (
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
    )
  return (
    <div className={narrow ? 'kd-record-main' : 'kd-record-columns'}>
      <div className="kd-record-main">{main}</div>
      <aside className="kd-record-side" aria-label={sideLabel}>
        {side}
      </aside>
    </div>
  )
}
