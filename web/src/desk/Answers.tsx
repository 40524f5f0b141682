import type { Request } from '@keydesk/server/contract/desk'
import { Box, Group, Stack, Text } from '@mantine/core'
import { Ago, Initials } from '../ui/index.ts'

/** What the requester wrote into the form: the first thing that was said. */
export function Answers({ request }: { request: Request }) {
  const { answers, requester, createdAt } = request
  if (answers.length === 0) return null
  return (
    <Group
      component="article"
      align="flex-start"
      wrap="nowrap"
      gap="sm"
      aria-label={`What ${requester.displayName} asked for`}
    >
      <Initials name={requester.displayName} size={28} />
      <Stack gap={4} miw={0} flex={1}>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {requester.displayName}
          </Text>
          <Text size="xs" c="dimmed">
            <Ago at={createdAt} />
          </Text>
        </Group>
        <Stack
          component="dl"
          gap="xs"
          m={0}
          px="sm"
          py="xs"
          bg="var(--kd-surface-sunken)"
          style={{ borderRadius: 'var(--mantine-radius-md)', overflowWrap: 'anywhere' }}
        >
          {answers.map(({ key, label, display }) => (
            <div key={key}>
              <Text component="dt" size="xs" c="dimmed">
                {label}
              </Text>
              <Box component="dd" m={0} style={{ whiteSpace: 'pre-line' }}>
                {display}
              </Box>
            </div>
          ))}
        </Stack>
      </Stack>
    </Group>
  )
}
