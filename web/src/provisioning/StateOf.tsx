import { StateBadge, type StateTone } from '../ui/index.ts'

/** A state by its word and tone; the sentence behind it on hover. */
export function StateOf({
  of,
  hint,
}: {
  of: { tone: StateTone; word: string; hint?: string }
  hint?: string
}) {
  return (
    <StateBadge tone={of.tone} hint={hint ?? of.hint}>
      {of.word}
    </StateBadge>
  )
}
