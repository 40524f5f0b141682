import { Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'

/** One place of the provider's console within a step: its name as a small heading, then what to do there. */
export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="xs">
      <Text component="h3" size="sm" fw={600} m={0}>
        {title}
      </Text>
      {children}
    </Stack>
  )
}
