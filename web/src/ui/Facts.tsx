import type { ReactNode } from 'react'

export interface Fact {
  label: string
  value: ReactNode
  hint?: string
}

/** Labels and their values. What is not known shows as a dash. */
export function Facts({ items }: { items: readonly Fact[] }) {
  return (
    <dl className="kd-facts">
      {items.map((item) => (
        <div key={item.label}>
          <dt title={item.hint}>{item.label}</dt>
          <dd>
            {item.value === null || item.value === undefined || item.value === '' ? <Unknown /> : item.value}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Unknown() {
  return (
    <span className="kd-dim" title="Not known">
      —
    </span>
  )
}
