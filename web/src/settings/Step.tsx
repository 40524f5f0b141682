import { Group, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { type ReactNode, useId } from 'react'

type Props = { number: number; title: string; done?: boolean; children: ReactNode }

/** One numbered step of a set-up, with its number in the margin. */
export function Step({ number, title, done = false, children }: Props) {
  const id = useId()
  return (
    <Group component="section" align="flex-start" wrap="nowrap" gap="sm" aria-labelledby={id}>
      <ThemeIcon size={26} radius="xl" variant={done ? 'filled' : 'default'} aria-hidden>
        {done ? <IconCheck size={14} stroke={2} /> : <Text size="sm">{number}</Text>}
      </ThemeIcon>
      <Stack gap="xs" flex={1} miw={0}>
        <Title order={2} size="h3" id={id} lh="26px">
          {title}
        </Title>
        {children}
      </Stack>
    </Group>
  )
}
