import type { LogEvent } from '@keydesk/server/contract/accounts'
import { Code, Group, Stack, Text, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { Ago } from '../ui/index.ts'

type Props = { event: LogEvent; onSubject: (id: string) => void; onType: (type: string) => void }

/** One event as a sentence; its facts open below it. */
export function AuditLine({ event, onSubject, onType }: Props) {
  const [opened, setOpened] = useState(false)
  return (
    <Stack component="li" gap={2} py="xs" style={{ borderTop: '1px solid var(--kd-line)' }}>
      <Group justify="space-between" wrap="nowrap" gap="md" align="flex-start">
        <UnstyledButton
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
          style={{ overflowWrap: 'anywhere' }}
        >
          <Text size="sm">{event.sentence}</Text>
        </UnstyledButton>
        <Text size="xs" c="dimmed">
          <Ago at={event.at} />
        </Text>
      </Group>
      <Group gap="xs">
        <Text size="xs" c="dimmed">
          {event.seq} · {event.actor.name}
        </Text>
        <Filter label={event.type} onClick={() => onType(event.type)} />
        {opened && event.subjects.map((id) => <Filter key={id} label={id} onClick={() => onSubject(id)} />)}
      </Group>
      {opened && (
        <Code block mt={4} style={{ whiteSpace: 'pre-wrap', wordBreak: 'break-word' }}>
          {JSON.stringify({ id: event.id, at: event.at, actor: event.actor, facts: event.facts }, null, 2)}
        </Code>
      )}
    </Stack>
  )
}

function Filter({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <UnstyledButton className="kd-mono kd-dim" onClick={onClick} title="Show only events like this">
      {label}
    </UnstyledButton>
  )
}
