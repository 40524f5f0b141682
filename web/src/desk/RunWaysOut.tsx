import type { ActionRun } from '@keydesk/server/contract/actions'
import { Box, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { ProblemAlert } from '../ui/index.ts'
import { helpBelow } from './help-below.ts'

/** Sent, and no answer came: Keydesk looks again, or a person says what they found. Nothing is sent twice. */
export function RunWaysOut({ run }: { run: ActionRun }) {
  const [note, setNote] = useState('')
  const [checking, setChecking] = useState(false)
  const look = useMutation(api.actions.checkActionRun.mutationOptions())
  const settle = useMutation(api.actions.settleActionRun.mutationOptions())
  const error = look.error ?? settle.error

  return (
    <Box px="sm" py="xs" bg="var(--kd-waiting-soft)" style={{ borderRadius: 'var(--mantine-radius-md)' }}>
      <Stack gap="xs">
        <Text size="sm">
          It was sent and Okta did not answer, so it may or may not have happened. Keydesk does not send it
          again by itself.
        </Text>
        <Group gap="xs">
          <Button size="xs" loading={look.isPending} onClick={() => look.mutate({ runId: run.id })}>
            Look in Okta again
          </Button>
          <Button size="xs" variant="default" aria-expanded={checking} onClick={() => setChecking(!checking)}>
            I checked it myself…
          </Button>
        </Group>
        {checking && (
          <Stack gap="xs">
            <TextInput
              label="What did you see in Okta?"
              description="One line for the audit log, such as “System log shows the reset at 10:42”."
              {...helpBelow}
              maxLength={500}
              value={note}
              onChange={(event) => setNote(event.currentTarget.value)}
            />
            <Group gap="xs">
              <Button
                size="xs"
                variant="default"
                loading={settle.isPending}
                onClick={() => settle.mutate({ runId: run.id, outcome: 'done', note })}
              >
                I checked: it was done
              </Button>
              <Button
                size="xs"
                variant="default"
                loading={settle.isPending}
                onClick={() => settle.mutate({ runId: run.id, outcome: 'not_done', note })}
              >
                I checked: it was not done
              </Button>
            </Group>
          </Stack>
        )}
        {error && <ProblemAlert error={error} title="That did not work" />}
      </Stack>
    </Box>
  )
}
