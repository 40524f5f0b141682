import type { LogEvent } from '@keydesk/server/contract/accounts'
import { Group, Text } from '@mantine/core'
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconBolt,
  IconCircleCheck,
  IconCircleDot,
  IconCirclePlus,
  IconCircleX,
  IconHourglass,
  IconUserCheck,
} from '@tabler/icons-react'
import { Ago } from '../ui/index.ts'

/** The icon of an event by what its type begins with: the first that fits. */
const ICONS = [
  { begins: 'request.submitted', Icon: IconCirclePlus },
  { begins: 'request.assigned', Icon: IconUserCheck },
  { begins: 'request.closed', Icon: IconCircleCheck },
  { begins: 'request.reopened', Icon: IconArrowBackUp },
  { begins: 'approval.decided', Icon: IconUserCheck },
  { begins: 'approval.', Icon: IconHourglass },
  { begins: 'action.failed', Icon: IconCircleX },
  { begins: 'action.declined', Icon: IconCircleX },
  { begins: 'action.unknown', Icon: IconAlertTriangle },
  { begins: 'action.unclear', Icon: IconAlertTriangle },
  { begins: 'action.undone', Icon: IconArrowBackUp },
  { begins: 'action.', Icon: IconBolt },
]

export function EventLine({ event }: { event: LogEvent }) {
  const Icon = ICONS.find(({ begins }) => event.type.startsWith(begins))?.Icon ?? IconCircleDot
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start" c="dimmed">
      <Group w={28} h={20} justify="center" flex="none">
        <Icon size={16} stroke={1.5} aria-hidden />
      </Group>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {event.sentence}{' '}
        <Text span size="xs">
          · <Ago at={event.at} />
        </Text>
      </Text>
    </Group>
  )
}
