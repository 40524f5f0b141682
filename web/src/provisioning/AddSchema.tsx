import { ActionIcon, Button, Checkbox, Group, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconX } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { notifyDone, ProblemAlert } from '../ui/index.ts'
import { useRefreshConnections } from './connections.ts'

interface Attribute {
  name: string
  type: string
  multiValued: boolean
}

const empty: Attribute = { name: '', type: 'string', multiValued: false }

const TYPES = [
  { value: 'string', label: 'Text' },
  { value: 'boolean', label: 'Yes or no' },
  { value: 'integer', label: 'Whole number' },
  { value: 'decimal', label: 'Number' },
  { value: 'dateTime', label: 'Time' },
]

/** A schema of the workspace's own: its URN, and the attributes in it. */
export function AddSchema({ onDone }: { onDone: () => void }) {
  const refresh = useRefreshConnections()
  const form = useForm({
    initialValues: {
      name: '',
      id: 'urn:ietf:params:scim:schemas:extension:',
      description: '',
      attributes: [empty],
    },
    validateInputOnBlur: true,
    validate: {
      name: (typed) => (typed.trim() === '' ? 'Enter a name.' : null),
      id: (typed) =>
        /^urn:[a-z0-9][a-z0-9-]{1,31}:.+[^:]$/i.test(typed.trim())
          ? null
          : 'Write a URN that ends in your words, such as urn:ietf:params:scim:schemas:extension:acme:2.0:User.',
      attributes: {
        // RFC 7643 §2.1: a letter, then letters, digits, hyphens and underscores.
        name: (typed: string) =>
          /^[a-z][\w-]*$/i.test(typed.trim()) ? null : 'Begin with a letter; then letters, digits, - and _.',
      },
    },
  })
  const add = useMutation(
    api.scim.addSchema.mutationOptions({
      onSuccess: async ({ name }) => {
        await refresh()
        notifyDone(`Providers can send ${name} from now on`)
        onDone()
      },
    }),
  )

  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ attributes, ...rest }) =>
        add.mutate({ ...rest, attributes: attributes.map(inTheStandard) }),
      )}
    >
      <Stack gap="md">
        <TextInput label="Name" required maxLength={80} data-autofocus {...form.getInputProps('name')} />
        <TextInput
          {...helpBelow}
          label="URN"
          description="The name by which providers send it. Okta calls it “External namespace”."
          required
          maxLength={300}
          {...form.getInputProps('id')}
        />
        <TextInput label="What it is for" maxLength={200} {...form.getInputProps('description')} />
        <Stack gap="xs" role="group" aria-label="Attributes">
          {form.values.attributes.map((_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line has no identity but its place
            <div className="kd-attribute" key={at}>
              <TextInput
                label="Attribute"
                placeholder="badgeNumber"
                required
                {...form.getInputProps(`attributes.${at}.name`)}
              />
              <Select
                label="Holds"
                data={TYPES}
                allowDeselect={false}
                {...form.getInputProps(`attributes.${at}.type`)}
              />
              <Checkbox
                label="Several"
                mb={8}
                {...form.getInputProps(`attributes.${at}.multiValued`, { type: 'checkbox' })}
              />
              <ActionIcon
                size="lg"
                aria-label={`Take attribute ${at + 1} away`}
                disabled={form.values.attributes.length === 1}
                onClick={() => form.removeListItem('attributes', at)}
              >
                <IconX size={16} stroke={1.5} />
              </ActionIcon>
            </div>
          ))}
          <Button
            variant="subtle"
            size="compact-sm"
            style={{ alignSelf: 'flex-start' }}
            onClick={() => form.insertListItem('attributes', empty)}
          >
            Another attribute
          </Button>
        </Stack>
        {add.error && <ProblemAlert error={add.error} title="The attributes were not added" />}
        <Group gap="xs">
          <Button type="submit" loading={add.isPending}>
            Add attributes
          </Button>
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

// RFC 7643 §7: every characteristic is written out.
function inTheStandard({ name, type, multiValued }: Attribute) {
  return {
    name: name.trim(),
    type,
    multiValued,
    description: '',
    required: false,
    ...(type === 'string' ? { caseExact: false } : {}),
    mutability: 'readWrite',
    returned: 'default',
    ...(type === 'string' ? { uniqueness: 'none' } : {}),
  }
}
