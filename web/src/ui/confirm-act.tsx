import { Button, Group, Stack, TextInput } from '@mantine/core'
import { modals } from '@mantine/modals'
import { type ReactNode, type SyntheticEvent, useState } from 'react'

export interface ConfirmActInput {
  /** The act as a question: "Suspend Ada King?" */
  title: string
  /** Who or what is touched, and what follows. */
  body: ReactNode
  /** The button: a verb with its object. */
  verb: string
  danger?: boolean
  /** What must be typed first; for acts that cannot be taken back. */
  typeToConfirm?: string
}

/** Asks before an act. Closing the dialog is a no. */
export function confirmAct(input: ConfirmActInput): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = false
    const id = modals.open({
      title: input.title,
      closeButtonProps: { 'aria-label': 'Close' },
      onClose: () => resolve(answer),
      children: (
        <Question
          {...input}
          onAnswer={(yes) => {
            answer = yes
            modals.close(id)
          }}
        />
      ),
    })
  })
}

function Question(props: ConfirmActInput & { onAnswer: (yes: boolean) => void }) {
  const { body, verb, danger = false, typeToConfirm, onAnswer } = props
  const [typed, setTyped] = useState('')
  const matches = typeToConfirm === undefined || typed.trim() === typeToConfirm.trim()

  function submit(event: SyntheticEvent) {
    event.preventDefault()
    if (matches) onAnswer(true)
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <div>{body}</div>
        {typeToConfirm !== undefined && (
          <TextInput
            data-autofocus
            label={`Type "${typeToConfirm}" to go on`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => onAnswer(false)}>
            Cancel
          </Button>
          <Button
            type="submit"
            {...(danger ? { color: 'red' } : {})}
            disabled={!matches}
            data-autofocus={typeToConfirm === undefined && !danger ? true : undefined}
          >
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
