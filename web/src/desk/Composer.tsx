import type { Request } from '@keydesk/server/contract/desk'
import { Button, Group, Kbd, SegmentedControl, Stack, Text, Textarea } from '@mantine/core'
import { getHotkeyHandler } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { useCan } from '../session/index.ts'
import { ProblemAlert, useDraft } from '../ui/index.ts'

/** Where one writes: to the requester, or, for members, a note that the requester never sees. */
export function Composer({ request }: { request: Request }) {
  const mayNote = useCan('requests.work')
  const [kind, setKind] = useState<'reply' | 'note'>('reply')
  const internal = mayNote && kind === 'note'
  const [draft, keep, forget] = useDraft(`request.${request.number}`, '')
  const queryClient = useQueryClient()
  const post = useMutation(
    api.desk.postMessage.mutationOptions({
      onSuccess: (next) => {
        forget()
        queryClient.setQueryData(api.desk.getRequest.queryKey({ input: { number: next.number } }), next)
      },
    }),
  )

  function send() {
    if (draft.trim() !== '' && !post.isPending) post.mutate({ number: request.number, body: draft, internal })
  }

  return (
    <Stack gap="xs">
      {mayNote && (
        <SegmentedControl
          aria-label="Who will see it"
          size="xs"
          value={kind}
          onChange={(next) => setKind(next === 'note' ? 'note' : 'reply')}
          data={[
            { value: 'reply', label: 'Reply' },
            { value: 'note', label: 'Internal note' },
          ]}
          style={{ alignSelf: 'flex-start' }}
        />
      )}
      <Textarea
        aria-label={internal ? 'Internal note' : 'Reply'}
        placeholder={
          internal
            ? 'A note for members of the desk'
            : `Write ${mayNote ? `to ${request.requester.displayName}` : 'to the desk'}`
        }
        autosize
        minRows={3}
        maxRows={16}
        maxLength={20_000}
        value={draft}
        onChange={(event) => keep(event.currentTarget.value)}
        onKeyDown={getHotkeyHandler([['mod+Enter', send]])}
        {...(internal ? { styles: { input: { background: 'var(--kd-waiting-soft)' } } } : {})}
      />
      {post.error && <ProblemAlert error={post.error} title="It was not sent; your text is still here" />}
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {internal
            ? 'Only members see notes.'
            : `${mayNote ? request.requester.displayName : 'You'} and the desk see replies.`}
        </Text>
        <Group gap="xs">
          <Kbd size="xs" visibleFrom="sm">
            Ctrl Enter
          </Kbd>
          <Button onClick={send} loading={post.isPending} disabled={draft.trim() === ''}>
            {internal ? 'Add note' : 'Send reply'}
          </Button>
        </Group>
      </Group>
    </Stack>
  )
}
