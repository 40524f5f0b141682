import { Button, Group, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { notifyDone, ProblemAlert, Section } from '../ui/index.ts'

/** The form stands open while there is no connection; a second one is rare, so it hides behind a button. */
export function CreateScimConnection({ isFirst }: { isFirst: boolean }) {
  const [opened, setOpened] = useState(false)
  if (!isFirst && !opened)
    return (
      <Button variant="default" onClick={() => setOpened(true)} style={{ alignSelf: 'flex-start' }}>
        Create another connection
      </Button>
    )
  return (
    <Section
      title="Create a connection"
      hint={isFirst ? 'Nothing is provisioned yet. Begin here, then follow the steps in Okta.' : undefined}
    >
      <ConnectionForm onDone={() => setOpened(false)} />
    </Section>
  )
}

function ConnectionForm({ onDone }: { onDone: () => void }) {
  const queryClient = useQueryClient()
  const roles = useQuery(api.accounts.listRoles.queryOptions())
  const form = useForm({
    initialValues: { name: 'Okta', defaultRoleId: '' },
    validateInputOnBlur: true,
    validate: {
      name: (typed) => (typed.trim() === '' ? 'Enter a name.' : null),
      defaultRoleId: (chosen) =>
        chosen ? null : 'Choose the role people get when no pushed group gives one.',
    },
  })
  const create = useMutation(
    api.accounts.createServiceUser.mutationOptions({
      onSuccess: async ({ name }) => {
        await queryClient.invalidateQueries({ queryKey: api.accounts.key() })
        notifyDone(`${name} may push now; create its token`)
        onDone()
      },
    }),
  )

  return (
    <form noValidate onSubmit={form.onSubmit((values) => create.mutate({ ...values, kind: 'scim' }))}>
      <Stack gap="md">
        <TextInput label="Name" required maxLength={80} {...form.getInputProps('name')} />
        <Select
          {...helpBelow}
          label="Default role"
          description="For people whom no pushed group maps to a role. Take the one that may do least."
          required
          allowDeselect={false}
          placeholder="Choose a role"
          data={roles.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
          {...form.getInputProps('defaultRoleId')}
        />
        {create.error && <ProblemAlert error={create.error} title="The connection was not created" />}
        <Group>
          <Button type="submit" loading={create.isPending}>
            Create connection
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
