import type { Member } from '@keydesk/server/contract/accounts'
import { Button, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { longLabel } from '../desk/long-label.ts'
import { useSession } from '../session/index.ts'
import { confirmAct, notifyDone, ProblemAlert } from '../ui/index.ts'

/** Lets a member out at once, or in again, and says beforehand what that means. */
export function MemberLock({ member }: { member: Member }) {
  const isMe = useSession().member?.id === member.id
  const queryClient = useQueryClient()
  const refresh = () => queryClient.invalidateQueries({ queryKey: api.accounts.key() })
  const { displayName: name, id: memberId } = member

  const reactivate = useMutation(
    api.accounts.reactivateMember.mutationOptions({
      onSuccess: async () => {
        await refresh()
        notifyDone(`${name} may sign in again`)
      },
    }),
  )
  const deactivate = useMutation(
    api.accounts.deactivateMember.mutationOptions({
      onSuccess: async () => {
        await refresh()
        notifyDone(`${name} is locked out`, () => reactivate.mutate({ memberId }))
      },
    }),
  )

  async function ask() {
    const sure = await confirmAct({
      title: `Deactivate ${name}?`,
      body: `${name} is signed out everywhere at once and cannot sign in. Requests stay assigned to them, and everything they did stays in the audit log.`,
      verb: `Deactivate ${name}`,
      danger: true,
    })
    if (sure) deactivate.mutate({ memberId })
  }

  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm" c="dimmed">
        {sentenceFor(member, isMe)}
      </Text>
      {(deactivate.error ?? reactivate.error) && (
        <ProblemAlert error={deactivate.error ?? reactivate.error} title="Nothing was changed" />
      )}
      {member.active && !isMe && (
        <Button
          {...longLabel}
          variant="default"
          c="var(--kd-failed)"
          loading={deactivate.isPending}
          onClick={ask}
        >
          Deactivate {name}…
        </Button>
      )}
      {!member.active && (
        <Button
          variant="default"
          loading={reactivate.isPending}
          onClick={() => reactivate.mutate({ memberId })}
        >
          Reactivate {name}
        </Button>
      )}
    </Stack>
  )
}

function sentenceFor({ active, source }: Member, isMe: boolean) {
  if (isMe) return 'This is you. Another admin can deactivate you.'
  if (active && source === 'scim')
    return 'Okta pushed this account. Deactivate it there, or here at once; Okta may activate it again with its next push.'
  if (active) return 'Deactivating ends every session and token at once.'
  return 'Cannot sign in. Reactivating gives back the roles shown above.'
}
