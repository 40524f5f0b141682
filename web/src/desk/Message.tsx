import type { TimelineEntry } from '@keydesk/server/contract/desk'
import { Box, Group, Stack, Text } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { Ago, Initials } from '../ui/index.ts'

type Props = { message: Extract<TimelineEntry, { kind: 'message' }>; fromRequester: boolean }

/** What somebody wrote. Text only: line breaks are kept, nothing in it is read as markup. */
export function Message({ message, fromRequester }: Props) {
  return (
    <Group component="article" align="flex-start" wrap="nowrap" gap="sm" aria-label={labelOf(message)}>
      <Initials name={message.author.name} size={28} />
      <Stack gap={4} miw={0} flex={1}>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {message.author.name}
          </Text>
          <Text size="xs" c="dimmed">
            <Ago at={message.at} />
          </Text>
          {message.internal && (
            <Group gap={4} c="var(--kd-waiting)">
              <IconLock size={14} stroke={1.5} aria-hidden />
              <Text size="xs" fw={500}>
                Internal note: {fromRequester ? 'members only' : 'the requester does not see it'}
              </Text>
            </Group>
          )}
        </Group>
        <Box
          px="sm"
          py="xs"
          bg={message.internal ? 'var(--kd-waiting-soft)' : 'var(--kd-surface-sunken)'}
          style={{
            borderRadius: 'var(--mantine-radius-md)',
            overflowWrap: 'anywhere',
            whiteSpace: 'pre-wrap',
          }}
        >
          {message.body}
        </Box>
      </Stack>
    </Group>
  )
}

function labelOf({ internal, author }: Props['message']) {
  return internal ? `Internal note by ${author.name}` : `Message by ${author.name}`
}
