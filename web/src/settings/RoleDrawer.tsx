import type { Permission, Role } from '@keydesk/server/contract/accounts'
import { Button, Drawer, Group, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { notifyDone, ProblemAlert } from '../ui/index.ts'
import { PermissionPicker } from './PermissionPicker.tsx'

type Props = { role: Role | undefined; opened: boolean; onClose: () => void }

/** Makes a role, or changes one that is not built in. */
export function RoleDrawer({ role, opened, onClose }: Props) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      title={role ? `Edit ${role.name}` : 'Create role'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <RoleForm role={role} onClose={onClose} />
    </Drawer>
  )
}

function RoleForm({ role, onClose }: Omit<Props, 'opened'>) {
  const queryClient = useQueryClient()
  const form = useForm({
    initialValues: {
      name: role?.name ?? '',
      description: role?.description ?? '',
      permissions: role?.permissions ?? ([] as Permission[]),
    },
    validateInputOnBlur: ['name'],
    validate: { name: (typed) => (typed.trim() === '' ? 'Enter a name.' : null) },
  })
  const onSuccess = async (saved: Role) => {
    await queryClient.invalidateQueries({ queryKey: api.accounts.key() })
    notifyDone(`${saved.name} is saved`)
    onClose()
  }
  const create = useMutation(api.accounts.createRole.mutationOptions({ onSuccess }))
  const update = useMutation(api.accounts.updateRole.mutationOptions({ onSuccess }))
  const error = create.error ?? update.error

  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) =>
        role ? update.mutate({ roleId: role.id, ...values }) : create.mutate(values),
      )}
    >
      <Stack gap="md">
        <TextInput
          {...helpBelow}
          label="Name"
          description="Okta shows it when a group is linked to a role."
          required
          maxLength={80}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <TextInput label="Description" maxLength={200} {...form.getInputProps('description')} />
        <PermissionPicker
          label="What it allows"
          value={form.values.permissions}
          onChange={(permissions) => form.setFieldValue('permissions', permissions)}
        />
        {error && <ProblemAlert error={error} title="The role was not saved" />}
        <Group gap="xs">
          <Button type="submit" loading={create.isPending || update.isPending}>
            {role ? 'Save role' : 'Create role'}
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
