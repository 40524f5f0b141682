import type { Request } from '@keydesk/server/contract/desk'
import { Facts, Section } from '../ui/index.ts'

/** What was filled into the service's form. */
export function Answers({ answers }: { answers: Request['answers'] }) {
  if (answers.length === 0) return null
  return (
    <Section title="Asked">
      <Facts
        items={answers.map(({ label, display }) => ({
          label,
          value: <span style={{ whiteSpace: 'pre-line' }}>{display}</span>,
        }))}
      />
    </Section>
  )
}
