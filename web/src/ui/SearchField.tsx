import { CloseButton, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'

export interface SearchFieldProps {
  value: string
  onChange: (value: string) => void
  placeholder?: string
  label: string
}

export function SearchField({ value, onChange, placeholder, label }: SearchFieldProps) {
  return (
    <TextInput
      className="kd-search"
      type="search"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      placeholder={placeholder ?? label}
      aria-label={label}
      autoComplete="off"
      leftSection={<IconSearch size={16} stroke={1.5} aria-hidden />}
      rightSection={
        value !== '' && <CloseButton size="sm" aria-label="Clear the search" onClick={() => onChange('')} />
      }
    />
  )
}
