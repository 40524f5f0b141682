import type { Import } from '@keydesk/server/contract/okta'
import { SimpleGrid, Text } from '@mantine/core'

const LABELS = {
  users: 'People',
  groups: 'Groups',
  memberships: 'Memberships',
  apps: 'Apps',
  assignments: 'App assignments',
} satisfies Record<keyof Import['counts'], string>

export function ImportCounts({ counts }: { counts: Import['counts'] }) {
  return (
    <SimpleGrid component="dl" cols={{ base: 2, xs: 3, sm: 5 }} spacing="sm" m={0}>
      {Object.entries(LABELS).map(([key, label]) => (
        <div key={key}>
          <Text component="dt" size="xs" c="dimmed">
            {label}
          </Text>
          <Text component="dd" m={0} fw={600} style={{ fontVariantNumeric: 'tabular-nums' }}>
            {(counts[key as keyof Import['counts']] ?? 0).toLocaleString()}
          </Text>
        </div>
      ))}
    </SimpleGrid>
  )
}
