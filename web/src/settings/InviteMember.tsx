import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { notifyDone, ProblemAlert } from '../ui/index.ts'
import { RolePicker } from './RolePicker.tsx'

export function InviteMember({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Invite member"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <InviteForm onDone={onClose} />
    </Modal>
  )
}

function InviteForm({ onDone }: { onDone: () => void }) {
  const queryClient = useQueryClient()
  const form = useForm({
    initialValues: { email: '', displayName: '', roleIds: [] as string[] },
    validateInputOnBlur: true,
    validate: {
      email: (typed) =>
        /^\S+@\S+\.\S+$/.test(typed.trim()) ? null : 'Enter an e-mail address, such as ada@acme.com.',
      displayName: (typed) => (typed.trim() === '' ? 'Enter the name colleagues know.' : null),
      roleIds: (chosen) => (chosen.length === 0 ? 'Choose at least one role.' : null),
    },
  })
  const invite = useMutation(
    api.accounts.inviteMember.mutationOptions({
      onSuccess: async (member) => {
        await queryClient.invalidateQueries({ queryKey: api.accounts.key() })
        notifyDone(`A sign-in link is on its way to ${member.email}`)
        onDone()
      },
    }),
  )

  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ email, ...rest }) => invite.mutate({ email: email.trim(), ...rest }))}
    >
      <Stack gap="md">
        <TextInput
          {...helpBelow}
          label="E-mail"
          type="email"
          description="The sign-in link goes there."
          required
          data-autofocus
          {...form.getInputProps('email')}
        />
        <TextInput label="Name" required maxLength={200} {...form.getInputProps('displayName')} />
        <RolePicker
          label="Roles"
          help="What they may do from the first sign-in; change it at any time."
          required
          value={form.values.roleIds}
          onChange={(roleIds) => form.setFieldValue('roleIds', roleIds)}
          onBlur={() => form.validateField('roleIds')}
          error={form.errors['roleIds']}
        />
        {invite.error && <ProblemAlert error={invite.error} title="The invitation was not sent" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={invite.isPending}>
            Send invitation
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
