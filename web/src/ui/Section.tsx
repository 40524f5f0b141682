import { Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'

export interface SectionProps {
  title: string
  hint?: ReactNode
  acts?: ReactNode
  children: ReactNode
}

/** A titled part of a page. */
export function Section({ title, hint, acts, children }: SectionProps) {
  const id = useId()
  return (
    <section className="kd-section" aria-labelledby={id}>
      <div className="kd-section-header">
        <div>
          <Title order={2} id={id}>
            {title}
          </Title>
          {hint && <p className="kd-hint">{hint}</p>}
        </div>
        {acts && <div className="kd-acts">{acts}</div>}
      </div>
      {children}
    </section>
  )
}
