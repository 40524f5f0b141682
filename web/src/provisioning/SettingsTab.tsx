import type { ScimConnection } from '@keydesk/server/contract/scim'
import {
  Button,
  Group,
  MultiSelect,
  NumberInput,
  Radio,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { notifyDone, ProblemAlert, Section } from '../ui/index.ts'
import { ConnectionEnds } from './ConnectionEnds.tsx'
import { useGrantableRoles, useRefreshConnections } from './connections.ts'
import { PROVIDERS } from './providers.ts'

type Settings = ScimConnection['settings']

interface Form {
  name: string
  defaultRoleId: string
  client: string
  severalGroups: Settings['severalGroups']
  allRoles: boolean
  roleIds: string[]
  unknownMembers: Settings['unknownMembers']
  strict: boolean
  bareToken: boolean
  allowedNetworks: string[]
  isLimited: boolean
  requestsPerMinute: number
  brakePeople: number
  brakeShare: number
  brakeMinutes: number
}

const SEVERAL = [
  { value: 'union', label: 'All of them', hint: 'They may do what any of their roles allows.' },
  { value: 'highest', label: 'The highest', hint: 'Only the role that allows most counts.' },
  {
    value: 'first',
    label: 'The first',
    hint: 'Only the role they got first counts, until they leave that group.',
  },
] as const

/** Everything that an admin chooses for a connection, in the order in which it matters. */
export function SettingsTab({ connection }: { connection: ScimConnection }) {
  const roles = useGrantableRoles()
  const roleOptions = roles.map(({ id, name }) => ({ value: id, label: name }))
  const refresh = useRefreshConnections()
  const form = useForm<Form>({
    initialValues: valuesOf(connection),
    validateInputOnBlur: true,
    validate: {
      name: (typed) => (typed.trim() === '' ? 'Enter a name.' : null),
      roleIds: (chosen, { allRoles }) =>
        !allRoles && chosen.length === 0 ? 'Choose at least one role, or all of them.' : null,
      allowedNetworks: (networks) =>
        networks.some((network) => !looksLikeNetwork(network))
          ? 'Write addresses such as 203.0.113.7, or networks such as 203.0.113.0/24.'
          : null,
    },
  })
  const save = useMutation(
    api.scim.updateConnection.mutationOptions({
      onSuccess: async (saved) => {
        await refresh()
        form.setInitialValues(valuesOf(saved))
        form.reset()
        notifyDone(`The settings of ${saved.name} are changed`)
      },
    }),
  )

  return (
    <div className="kd-page-narrow kd-record-main">
      <form noValidate onSubmit={form.onSubmit((values) => save.mutate(inputOf(connection, values)))}>
        <Stack gap="xl">
          <Section title="Connection">
            <TextInput label="Name" required maxLength={80} {...form.getInputProps('name')} />
            <Select
              {...helpBelow}
              label="Identity provider"
              description="“By its traffic” recognises it by itself; choose one when it is recognised wrongly."
              allowDeselect={false}
              data={[
                { value: 'auto', label: 'By its traffic' },
                ...PROVIDERS.map(({ key, choice }) => ({ value: key, label: choice })),
              ]}
              {...form.getInputProps('client')}
            />
          </Section>
          <Section title="Roles">
            <Select
              {...helpBelow}
              label="Default role"
              description="For people whom no pushed group gives a role. Empty means the most restrictive one."
              placeholder="The most restrictive role"
              clearable
              clearButtonProps={{ 'aria-label': 'Clear the default role' }}
              data={roleOptions}
              value={form.values.defaultRoleId || null}
              onChange={(next) => form.setFieldValue('defaultRoleId', next ?? '')}
            />
            <Radio.Group
              label="When several groups give a role"
              value={form.values.severalGroups}
              onChange={(next) => form.setFieldValue('severalGroups', next as Settings['severalGroups'])}
            >
              <Stack gap="xs" mt={4}>
                {SEVERAL.map(({ value, label, hint }) => (
                  <Radio key={value} value={value} label={label} description={hint} />
                ))}
              </Stack>
            </Radio.Group>
            <Switch
              label="It may see and give every role but Owner"
              {...form.getInputProps('allRoles', { type: 'checkbox' })}
            />
            {!form.values.allRoles && (
              <MultiSelect
                {...helpBelow}
                label="Roles it may see and give"
                description="A pushed group with the name of another role is refused."
                data={roleOptions}
                searchable
                hidePickedOptions
                nothingFoundMessage="No role by this name"
                {...form.getInputProps('roleIds')}
              />
            )}
          </Section>
          <Section
            title="Safety brake"
            hint="When more people than this would lose access in so short a time, the rest waits for an owner. Three always may, so that a small workspace can work."
          >
            <Group gap="md" align="flex-start">
              <NumberInput
                label="People"
                min={3}
                max={1_000_000}
                allowDecimal={false}
                w={120}
                {...form.getInputProps('brakePeople')}
              />
              <NumberInput
                label="Or share"
                min={1}
                max={100}
                suffix=" %"
                allowDecimal={false}
                w={120}
                {...form.getInputProps('brakeShare')}
              />
              <NumberInput
                label="Within"
                min={1}
                max={1440}
                suffix=" min"
                allowDecimal={false}
                w={120}
                {...form.getInputProps('brakeMinutes')}
              />
            </Group>
          </Section>
          <Section title="Who may call">
            <TagsInput
              {...helpBelow}
              label="Allowed addresses"
              description="Addresses or networks, such as 203.0.113.0/24. None means from anywhere. A call from elsewhere is refused, and its credential goes on working."
              placeholder={form.values.allowedNetworks.length === 0 ? 'From anywhere' : ''}
              maxTags={100}
              {...form.getInputProps('allowedNetworks')}
            />
            <Switch
              label="Limit the number of calls"
              description="Above it the provider is told when to come again; Okta and Entra then wait by themselves."
              {...form.getInputProps('isLimited', { type: 'checkbox' })}
            />
            {form.values.isLimited && (
              <NumberInput
                label="Calls per minute"
                min={10}
                max={1_000_000}
                allowDecimal={false}
                thousandSeparator=","
                w={160}
                {...form.getInputProps('requestsPerMinute')}
              />
            )}
            <Switch
              label="Take a token without the word Bearer"
              description="Some of Okta’s apps send it so."
              {...form.getInputProps('bareToken', { type: 'checkbox' })}
            />
          </Section>
          <Section title="How exact">
            <Select
              {...helpBelow}
              label="A group holds somebody who is no user here"
              description="Refused, the provider shows an error, and nobody is forgotten unnoticed."
              allowDeselect={false}
              data={[
                { value: 'refuse', label: 'Refuse the push' },
                { value: 'skip', label: 'Leave them out' },
              ]}
              {...form.getInputProps('unknownMembers')}
            />
            <Switch
              label="Refuse attributes that no schema has"
              description="Off, they are left aside, and the call says so."
              {...form.getInputProps('strict', { type: 'checkbox' })}
            />
          </Section>
          {save.error && <ProblemAlert error={save.error} title="The settings were not changed" />}
          <Group gap="xs">
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              Save settings
            </Button>
            {form.isDirty() ? (
              <Button variant="default" onClick={form.reset}>
                Keep as they are
              </Button>
            ) : (
              <Text size="sm" c="dimmed">
                Nothing is changed.
              </Text>
            )}
          </Group>
        </Stack>
      </form>
      <ConnectionEnds connection={connection} />
    </div>
  )
}

function valuesOf({ name, defaultRoleId, settings }: ScimConnection): Form {
  return {
    name,
    defaultRoleId: defaultRoleId ?? '',
    client: settings.client,
    severalGroups: settings.severalGroups,
    allRoles: settings.roleIds === null,
    roleIds: settings.roleIds ?? [],
    unknownMembers: settings.unknownMembers,
    strict: settings.strict,
    bareToken: settings.bareToken,
    allowedNetworks: settings.allowedNetworks,
    isLimited: settings.requestsPerMinute !== null,
    requestsPerMinute: settings.requestsPerMinute ?? 6000,
    brakePeople: settings.brake.people,
    brakeShare: Math.round(settings.brake.share * 100),
    brakeMinutes: settings.brake.minutes,
  }
}

// What the form does not show goes back as it came.
function inputOf({ id, settings }: ScimConnection, values: Form) {
  return {
    connectionId: id,
    name: values.name,
    defaultRoleId: values.defaultRoleId || null,
    settings: {
      ...settings,
      client: values.client,
      severalGroups: values.severalGroups,
      roleIds: values.allRoles ? null : values.roleIds,
      unknownMembers: values.unknownMembers,
      strict: values.strict,
      bareToken: values.bareToken,
      allowedNetworks: values.allowedNetworks,
      requestsPerMinute: values.isLimited ? values.requestsPerMinute : null,
      brake: {
        people: values.brakePeople,
        share: values.brakeShare / 100,
        minutes: values.brakeMinutes,
      },
    },
  }
}

// The server looks closely; this is for what was mistyped.
function looksLikeNetwork(text: string) {
  return /^(\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?|[0-9a-f:]*:[0-9a-f:.]*(\/\d{1,3})?)$/i.test(text.trim())
}
