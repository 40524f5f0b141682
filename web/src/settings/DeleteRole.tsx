import type { Role } from '@keydesk/server/contract/accounts'
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { confirmAct, notifyDone, notifyProblem } from '../ui/index.ts'

/** Only a role that nobody has can go; so the button says why when it cannot. */
export function DeleteRole({ role }: { role: Role }) {
  const queryClient = useQueryClient()
  const remove = useMutation(
    api.accounts.deleteRole.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: api.accounts.key() })
        notifyDone(`${role.name} is deleted`)
      },
      onError: notifyProblem,
    }),
  )

  async function ask() {
    const sure = await confirmAct({
      title: `Delete ${role.name}?`,
      body: 'Nobody has this role. A group in Okta that is linked to it loses the link.',
      verb: `Delete ${role.name}`,
      danger: true,
    })
    if (sure) remove.mutate({ roleId: role.id })
  }

  return (
    <Button
      size="xs"
      variant="default"
      disabled={role.memberCount > 0}
      loading={remove.isPending}
      onClick={ask}
      aria-label={`Delete role ${role.name}`}
      title={role.memberCount > 0 ? 'Take it from its members first' : undefined}
    >
      Delete role
    </Button>
  )
}
