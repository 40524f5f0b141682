import { List } from '@mantine/core'

/** Each consequence of an action in a sentence, worst first. */
export function Effects({ effects }: { effects: readonly string[] }) {
  if (effects.length === 0) return null
  return (
    <List size="sm" spacing={2} aria-label="What it leads to">
      {effects.map((effect) => (
        <List.Item key={effect}>{effect}</List.Item>
      ))}
    </List>
  )
}
