import type { ActionRun } from '@keydesk/server/contract/actions'
import { Box, Group, Text } from '@mantine/core'
import { CopyText } from '../ui/index.ts'

/** Why it failed and what mends it; Okta's code and request id stay small, for a ticket with Okta. */
export function RunFailure({ failure }: { failure: NonNullable<ActionRun['failure']> }) {
  return (
    <Box
      px="sm"
      py="xs"
      bg="var(--kd-failed-soft)"
      style={{ borderRadius: 'var(--mantine-radius-md)', overflowWrap: 'anywhere' }}
    >
      <Text size="sm" c="var(--kd-failed)" fw={500}>
        {failure.message}
      </Text>
      <Text size="sm">{failure.remedy}</Text>
      {(failure.code || failure.remoteRequestId || failure.status) && (
        <Group gap="sm" mt={4}>
          {failure.status && (
            <Text size="xs" c="dimmed">
              HTTP {failure.status}
            </Text>
          )}
          {failure.code && <Code label="Okta's code" value={failure.code} />}
          {failure.remoteRequestId && <Code label="Okta's request id" value={failure.remoteRequestId} />}
        </Group>
      )}
    </Box>
  )
}

function Code({ label, value }: { label: string; value: string }) {
  return (
    <Group gap={6} c="dimmed" fz="xs">
      {label} <CopyText value={value} mono />
    </Group>
  )
}
