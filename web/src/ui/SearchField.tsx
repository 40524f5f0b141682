import { CloseButton, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'

export interface SearchFieldProps {
  value: string
  onChange: (value: string) => void
  placeholder?: string
  label: string
}

/** What is typed shows at once, however slowly `value` follows: it may live in the URL. */
export function SearchField({ value, onChange, placeholder, label }: SearchFieldProps) {
  const [typed, setTyped] = useState(value)
  const told = useRef(value)

  useEffect(() => {
    if (value === told.current) return
    told.current = value
    setTyped(value)
  }, [value])

  function tell(next: string) {
    setTyped(next)
    told.current = next
    onChange(next)
  }

  return (
    <TextInput
      className="kd-search"
      type="search"
      value={typed}
      onChange={(event) => tell(event.currentTarget.value)}
      placeholder={placeholder ?? label}
      aria-label={label}
      autoComplete="off"
      leftSection={<IconSearch size={16} stroke={1.5} aria-hidden />}
      rightSection={
        typed !== '' && <CloseButton size="sm" aria-label="Clear the search" onClick={() => tell('')} />
      }
    />
  )
}
