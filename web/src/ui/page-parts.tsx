/** What the three kinds of page share: breadcrumb, heading, acts. */
import { Title } from '@mantine/core'
import { useDocumentTitle, useMediaQuery } from '@mantine/hooks'
import { IconChevronRight } from '@tabler/icons-react'
import { Fragment, type ReactNode, useContext } from 'react'
import { createPortal } from 'react-dom'
import { AppLink } from './AppLink.tsx'
import { FrameSlotsContext } from './frame-slots.ts'

export interface Crumb {
  label: string
  to: string
}

export function useNarrow() {
  return useMediaQuery('(max-width: 61.99em)', undefined, { getInitialValueInEffect: false }) ?? false
}

/** The trail to this page, in the top bar. The page itself is its last, unlinked part. */
export function Crumbs({ crumbs = [], title }: { crumbs?: readonly Crumb[] | undefined; title: string }) {
  const { crumbs: slot } = useContext(FrameSlotsContext)
  useDocumentTitle(`${title} · Keydesk`)
  if (!slot) return null

  return createPortal(
    <nav aria-label="Breadcrumb" className="kd-crumbs">
      {crumbs.map((crumb) => (
        <Fragment key={crumb.to}>
          <AppLink to={crumb.to}>{crumb.label}</AppLink>
          <IconChevronRight size={14} stroke={1.5} aria-hidden />
        </Fragment>
      ))}
      <span aria-current="page">{title}</span>
    </nav>,
    slot,
  )
}

/** A page's acts: in the top bar where there is room, else under the title. */
export function TopActs({ acts }: { acts: ReactNode }) {
  const { acts: slot } = useContext(FrameSlotsContext)
  const narrow = useNarrow()
  if (!acts) return null
  return slot && !narrow ? createPortal(<div className="kd-acts">{acts}</div>, slot) : null
}

export function Heading(props: { title: string; count?: number | undefined; acts?: ReactNode }) {
  const narrow = useNarrow()
  const { acts: slot } = useContext(FrameSlotsContext)

  return (
    <div className="kd-heading">
      <Title order={1}>
        {props.title}
        {props.count !== undefined && <span className="kd-count">{props.count.toLocaleString()}</span>}
      </Title>
      {props.acts && (narrow || !slot) && <div className="kd-acts">{props.acts}</div>}
    </div>
  )
}
