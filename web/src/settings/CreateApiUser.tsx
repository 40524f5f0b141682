import type { Permission } from '@keydesk/server/contract/accounts'
import { Button, Drawer, Group, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { notifyDone, ProblemAlert } from '../ui/index.ts'
import { PermissionPicker } from './PermissionPicker.tsx'

export function CreateApiUser() {
  const [opened, setOpened] = useState(false)
  return (
    <>
      <Button onClick={() => setOpened(true)}>Create service user</Button>
      <Drawer
        opened={opened}
        onClose={() => setOpened(false)}
        position="right"
        title="Create service user"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <ServiceUserForm onDone={() => setOpened(false)} />
      </Drawer>
    </>
  )
}

function ServiceUserForm({ onDone }: { onDone: () => void }) {
  const queryClient = useQueryClient()
  const form = useForm({
    initialValues: { name: '', permissions: [] as Permission[] },
    validateInputOnBlur: ['name'],
    validate: {
      name: (typed) => (typed.trim() === '' ? 'Enter a name that says what the program does.' : null),
      permissions: (chosen) => (chosen.length === 0 ? 'Choose at least one.' : null),
    },
  })
  const create = useMutation(
    api.accounts.createServiceUser.mutationOptions({
      onSuccess: async ({ name }) => {
        await queryClient.invalidateQueries({ queryKey: api.accounts.key() })
        notifyDone(`${name} exists; create its token`)
        onDone()
      },
    }),
  )

  return (
    <form noValidate onSubmit={form.onSubmit((values) => create.mutate({ ...values, kind: 'api' }))}>
      <Stack gap="md">
        <TextInput
          {...helpBelow}
          label="Name"
          description="It stands in the audit log beside everything the program does."
          required
          maxLength={80}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <PermissionPicker
          label="What it may do"
          value={form.values.permissions}
          onChange={(permissions) => form.setFieldValue('permissions', permissions)}
          error={form.errors['permissions']}
        />
        {create.error && <ProblemAlert error={create.error} title="The service user was not created" />}
        <Group gap="xs">
          <Button type="submit" loading={create.isPending}>
            Create service user
          </Button>
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
