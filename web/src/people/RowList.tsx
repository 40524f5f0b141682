import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'

export interface RowListProps<T> {
  label: string
  items: readonly T[]
  itemKey: (item: T) => string
  children: (item: T) => ReactNode
  /** Said when there are none. */
  none: string
}

const atFirst = 8

/** A short list in a record; the long ones open on demand. */
export function RowList<T>({ label, items, itemKey, children, none }: RowListProps<T>) {
  const [all, setAll] = useState(false)
  if (items.length === 0) return <p className="kd-hint">{none}</p>

  const shown = all ? items : items.slice(0, atFirst)
  return (
    <div>
      <ul className="kd-rows" aria-label={label}>
        {shown.map((item) => (
          <li key={itemKey(item)}>{children(item)}</li>
        ))}
      </ul>
      {items.length > atFirst && (
        <Button variant="subtle" size="compact-sm" mt="xs" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${items.length.toLocaleString()}`}
        </Button>
      )}
    </div>
  )
}
