import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import { problemOf } from '../api/problem.ts'

/** A short word that it is done; with a way back where there is one. */
export function notifyDone(text: string, undo?: () => unknown) {
  const id = notifications.show({
    message: (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <span>{text}</span>
        {undo && (
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={() => {
              notifications.hide(id)
              undo()
            }}
          >
            Undo
          </Button>
        )}
      </Group>
    ),
    color: 'tide',
    icon: <IconCheck size={16} stroke={2} />,
    autoClose: undo ? 10_000 : 4_000,
    withBorder: true,
  })
}

/** For acts that have no place on the page where their failure could stand. */
export function notifyProblem(error: unknown) {
  const problem = problemOf(error)
  notifications.show({
    message: problem.detail,
    color: 'red',
    icon: <IconAlertTriangle size={16} stroke={2} />,
    autoClose: 12_000,
    withBorder: true,
  })
}
