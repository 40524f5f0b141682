import type { CatalogueEntry } from '@keydesk/server/contract/actions'
import type { Group, Person } from '@keydesk/server/contract/directory'
import { Checkbox, NumberInput, Select, TextInput } from '@mantine/core'
import type { InputField, InputValue } from './action-input.ts'
import { AppPicker, GroupPicker, OwnGroupPicker } from './pickers.tsx'

type Props = {
  entry: CatalogueEntry
  person: Person
  fields: readonly InputField[]
  values: Readonly<Record<string, InputValue>>
  onChange: (key: string, value: InputValue) => void
  wantedGroup?: Group | undefined
}

/** The inputs of an action beside the person it is done to. */
export function ActionInputs({ entry, person, fields, values, onChange, wantedGroup }: Props) {
  return fields.map((field) => (
    <Input
      key={field.key}
      field={field}
      value={values[field.key]}
      onChange={(value) => onChange(field.key, value)}
      wantedGroup={wantedGroup}
      // Only a group the person is in can be taken away.
      ownGroupsOf={entry.id.endsWith('.remove_member') ? person.id : undefined}
    />
  ))
}

type InputProps = {
  field: InputField
  value: InputValue | undefined
  onChange: (value: InputValue) => void
  ownGroupsOf: string | undefined
  wantedGroup: Group | undefined
}

function Input({ field, value, onChange, ownGroupsOf, wantedGroup }: InputProps) {
  const label = { label: field.title, description: field.help, required: field.required }
  const text = value === undefined ? '' : String(value)

  switch (field.kind) {
    case 'person':
      return null
    case 'group':
      return ownGroupsOf ? (
        <OwnGroupPicker {...label} personId={ownGroupsOf} value={text} onChange={onChange} />
      ) : (
        <GroupPicker {...label} wanted={wantedGroup} value={text} onChange={onChange} />
      )
    case 'app':
      return <AppPicker {...label} value={text} onChange={onChange} />
    case 'choice':
      return (
        <Select
          {...label}
          data={field.choices}
          value={text || null}
          onChange={(next) => onChange(next ?? '')}
        />
      )
    case 'flag':
      return (
        <Checkbox
          label={field.title}
          description={field.help}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )
    case 'number':
      return (
        <NumberInput {...label} value={text} onChange={(next) => onChange(next === '' ? '' : Number(next))} />
      )
    case 'text':
      return <TextInput {...label} value={text} onChange={(event) => onChange(event.currentTarget.value)} />
  }
}
