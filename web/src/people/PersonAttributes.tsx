import { Section } from '../ui/index.ts'
import { RowList } from './RowList.tsx'

/** Everything the source says of a person, as it says it. */
export function PersonAttributes({ attributes }: { attributes: Record<string, unknown> }) {
  const entries = Object.entries(attributes).sort(([a], [b]) => a.localeCompare(b))

  return (
    <Section title="Attributes" hint="As Okta's profile has them.">
      <RowList
        label="Attributes"
        items={entries}
        itemKey={([name]) => name}
        none="Okta's profile holds nothing more."
      >
        {([name, value]) => (
          <>
            <span className="kd-mono">{name}</span>
            <span>{inWords(value)}</span>
          </>
        )}
      </RowList>
    </Section>
  )
}

function inWords(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—'
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (Array.isArray(value)) return value.map(inWords).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
