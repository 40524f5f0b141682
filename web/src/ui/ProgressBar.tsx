import { Progress } from '@mantine/core'
import type { ReactNode } from 'react'

export interface ProgressBarProps {
  label: string
  done: number
  /** Null while nobody knows. */
  total: number | null
  detail?: ReactNode
}

export function ProgressBar({ label, done, total, detail }: ProgressBarProps) {
  const known = total !== null && total > 0
  const percent = known ? Math.min(100, (done / total) * 100) : 100

  return (
    <div className="kd-progress">
      <div className="kd-progress-line">
        <span>{label}</span>
        <span className="kd-dim">
          {known ? `${done.toLocaleString()} of ${total.toLocaleString()}` : done.toLocaleString()}
        </span>
      </div>
      <Progress.Root size={6} radius="xl">
        <Progress.Section
          value={percent}
          striped={!known}
          animated={!known}
          withAria={known}
          aria-label={label}
        />
      </Progress.Root>
      {detail && <div className="kd-hint">{detail}</div>}
    </div>
  )
}
