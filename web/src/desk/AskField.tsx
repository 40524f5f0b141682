import type { FormField } from '@keydesk/server/contract/desk'
import { Select, Textarea, TextInput } from '@mantine/core'
import { helpBelow } from './help-below.ts'
import { RequestableGroupField } from './RequestableGroupField.tsx'

export type AskFieldProps = {
  field: FormField
  value: string
  onChange: (value: string) => void
  onLeave: () => void
  error: string | null
}

/** One question of a service's form, drawn by its kind. */
export function AskField({ field, value, onChange, onLeave, error }: AskFieldProps) {
  const common = {
    name: field.key,
    label: field.label,
    description: field.help || undefined,
    required: field.required,
    ...helpBelow,
    onBlur: onLeave,
    error,
  }

  switch (field.kind) {
    case 'text':
      return (
        <TextInput
          {...common}
          maxLength={5000}
          value={value}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      )
    case 'longtext':
      return (
        <Textarea
          {...common}
          autosize
          minRows={4}
          maxRows={14}
          maxLength={5000}
          value={value}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      )
    case 'choice':
      return (
        <Select
          {...common}
          data={field.choices ?? []}
          value={value || null}
          onChange={(chosen) => onChange(chosen ?? '')}
          searchable={(field.choices?.length ?? 0) > 8}
          clearable={!field.required}
          placeholder="Choose"
        />
      )
    case 'group':
      return <RequestableGroupField {...common} value={value} onChange={onChange} />
  }
}
