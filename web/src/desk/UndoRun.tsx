import type { ActionRun } from '@keydesk/server/contract/actions'
import { Button } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { confirmAct, notifyDone, notifyProblem } from '../ui/index.ts'

export function UndoRun({ run }: { run: ActionRun }) {
  const undo = useMutation(
    api.actions.undoActionRun.mutationOptions({
      onSuccess: () => notifyDone(`${run.label}: taken back`),
      onError: notifyProblem,
    }),
  )

  async function ask() {
    const sure = await confirmAct({
      title: `Undo “${run.label}” for ${run.target.name}?`,
      body: `Keydesk puts back exactly what this run changed: ${run.summary}`,
      verb: `Undo ${run.label}`,
    })
    if (sure) undo.mutate({ runId: run.id })
  }

  return (
    <Button
      size="compact-xs"
      variant="subtle"
      leftSection={<IconArrowBackUp size={14} stroke={1.5} />}
      loading={undo.isPending}
      onClick={ask}
      aria-label={`Undo ${run.label} for ${run.target.name}`}
    >
      Undo
    </Button>
  )
}
