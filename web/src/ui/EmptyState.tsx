import { Title } from '@mantine/core'
import type { ReactNode } from 'react'

export interface EmptyStateProps {
  icon?: ReactNode
  /** What will be here. */
  title: string
  /** Why it is empty. */
  body: ReactNode
  /** The one thing to do about it. */
  act?: ReactNode
}

export function EmptyState({ icon, title, body, act }: EmptyStateProps) {
  return (
    <div className="kd-empty">
      {icon && (
        <div className="kd-empty-icon" aria-hidden>
          {icon}
        </div>
      )}
      <Title order={2}>{title}</Title>
      <p>{body}</p>
      {act}
    </div>
  )
}
