import { Skeleton, VisuallyHidden } from '@mantine/core'
import { useEffect, useState } from 'react'

export interface SkeletonsProps {
  /** What is on its way, for those who hear the page. */
  label?: string
  rows?: number
}

/** Grey bars where text will be. They keep their place at once, and show only after 200 ms. */
export function Skeletons({ label = 'Loading', rows = 4 }: SkeletonsProps) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200)
    return () => clearTimeout(timer)
  }, [])

  return (
    <div className="kd-skeletons" role="status" data-late={late || undefined}>
      <VisuallyHidden>{label}</VisuallyHidden>
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike
        <Skeleton key={at} height={12} width={`${[72, 54, 64, 48][at % 4]}%`} radius="sm" />
      ))}
    </div>
  )
}
