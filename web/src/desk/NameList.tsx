import { Box, Text, UnstyledButton } from '@mantine/core'
import { IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'

type Props = { title: string; items: readonly { id: string; name: string; note?: string }[] }

/** A counted list that stays closed until somebody wants it: forty groups must not push the actions away. */
export function NameList({ title, items }: Props) {
  const [opened, setOpened] = useState(false)
  return (
    <Box>
      <UnstyledButton
        aria-expanded={opened}
        disabled={items.length === 0}
        onClick={() => setOpened(!opened)}
        style={{ display: 'flex', alignItems: 'center', gap: 4, minHeight: 28 }}
      >
        <IconChevronRight
          size={14}
          stroke={1.5}
          aria-hidden
          style={{ rotate: opened ? '90deg' : '0deg', visibility: items.length === 0 ? 'hidden' : 'visible' }}
        />
        <Text size="sm">
          {title}{' '}
          <Text span c="dimmed">
            {items.length}
          </Text>
        </Text>
      </UnstyledButton>
      {opened && (
        <Box component="ul" m={0} pl={18} style={{ listStyle: 'none' }}>
          {items.map(({ id, name, note }) => (
            <Text component="li" key={id} size="sm" style={{ overflowWrap: 'anywhere' }}>
              {name}
              {note && (
                <Text span size="xs" c="dimmed">
                  {' '}
                  {note}
                </Text>
              )}
            </Text>
          ))}
        </Box>
      )}
    </Box>
  )
}
